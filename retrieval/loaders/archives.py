"""Zip archives → the files in them, however they were made."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from retrieval.errors import UnreadableFile
from retrieval.messages import say

_MOST_FILES = 10_000
_LARGEST = 500_000_000  # bytes of all files, unpacked


def members(content: bytes, *, name: str) -> Iterator[tuple[str, bytes]]:
    """The path and the bytes of each file in an archive, by path; hidden ones are passed over.

    Sizes are counted while unpacking, as an archive may lie about them. Raises UnreadableFile where it is none,
    needs a password or is too large.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            files = sorted((f for f in archive.infolist() if _is_wanted(f)), key=lambda f: f.filename)
            if len(files) > _MOST_FILES:
                raise UnreadableFile(
                    say("{name} holds more than {count} files", name=name, count=_MOST_FILES),
                    hint=say("Split it and add the parts"),
                )
            room = _LARGEST
            for file in files:
                with archive.open(file) as packed:
                    unpacked = packed.read(room + 1)
                if len(unpacked) > room:
                    raise UnreadableFile(
                        say("{name} unpacks to more than {size} MB", name=name, size=_LARGEST // 1_000_000),
                        hint=say("Split it and add the parts"),
                    )
                room -= len(unpacked)
                yield file.filename, unpacked
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        # RuntimeError: it needs a password; NotImplementedError: a rare way of packing
        raise UnreadableFile(
            say("{name} cannot be unpacked", name=name), hint=say("Unpack it and add the files")
        ) from error


def _is_wanted(file: ZipInfo) -> bool:
    parts = PurePosixPath(file.filename).parts
    return not file.is_dir() and not any(part.startswith((".", "__MACOSX")) for part in parts)
