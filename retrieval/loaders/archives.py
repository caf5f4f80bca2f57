"""Zip archives → the files in them, however they were made."""

import stat
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from retrieval.errors import UnreadableFile
from retrieval.messages import say

_MOST_FILES = 10_000
_LARGEST = 500_000_000  # bytes of all files, unpacked


def members(
    content: bytes, *, name: str, largest: int = _LARGEST, is_read: Callable[[str], bool] = lambda path: True
) -> Iterator[tuple[str, bytes | UnreadableFile]]:
    """The path and the bytes of each file in an archive that ``is_read``, by path; hidden ones are passed over.

    Of a file with more than ``largest`` bytes the error comes in their place. Sizes are counted while unpacking, as
    an archive may lie about them. Raises UnreadableFile where it is none, needs a password or is too large.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            files = [f for f in archive.infolist() if _is_wanted(f) and is_read(f.filename)]
            files.sort(key=lambda f: f.filename)
            if len(files) > _MOST_FILES:
                raise UnreadableFile(
                    say("{name} holds more than {count} files", name=name, count=_MOST_FILES),
                    hint=say("Split it and add the parts"),
                )
            room = _LARGEST
            for file in files:
                with archive.open(file) as packed:
                    unpacked = packed.read(min(largest, room) + 1)
                room -= len(unpacked)
                if room < 0:
                    raise _too_large(name, _LARGEST)
                inside = f"{name}/{file.filename}"
                yield file.filename, unpacked if len(unpacked) <= largest else _too_large(inside, largest)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        # RuntimeError: it needs a password; NotImplementedError: a rare way of packing
        raise UnreadableFile(
            say("{name} cannot be unpacked", name=name), hint=say("Unpack it and add the files")
        ) from error


def _too_large(name: str, most: int) -> UnreadableFile:
    happened = say("{name} unpacks to more than {size} MB", name=name, size=most // 1_000_000)
    return UnreadableFile(happened, hint=say("Split it and add the parts"))


def _is_wanted(file: ZipInfo) -> bool:
    parts = PurePosixPath(file.filename).parts
    is_link = stat.S_ISLNK(file.external_attr >> 16)  # its bytes are the name of another file
    return not file.is_dir() and not is_link and not any(part.startswith((".", "__MACOSX")) for part in parts)
