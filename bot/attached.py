"""Files that people attach: read if they are not too large, and for a moment on the disk."""

import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

import discord

from bot import words
from retrieval import with_values

_log = logging.getLogger(__name__)

_UNSAFE = re.compile(r"[^\w. -]")  # of a file's name
_LONGEST_NAME = 100


async def content_of(file: discord.Attachment, *, most: int) -> bytes:
    """What is in the file; raises InvalidInput where that is more than ``most`` bytes."""
    if file.size > most:
        raise words.file_too_large(file.filename, most)
    return await file.read()


@contextmanager
def on_disk(name: str, content: bytes) -> Iterator[Path]:
    """A file with this content and, as far as that is safe, of this name; it is gone afterwards.

    Raises Busy where the disk for such files is full: other servers' may be there at the moment.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(TemporaryDirectory())
            path = Path(folder) / (_UNSAFE.sub("_", name)[-_LONGEST_NAME:].lstrip(".") or "article")
            path.write_bytes(content)
        except OSError as error:
            _log.error("A file that was attached cannot be put on the disk: %s", error)
            raise words.no_room(name) from error
        yield path


def zipped(name: str, content: bytes) -> bytes:
    """An archive of one file."""
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return archive.getvalue()


def without_folder(sentence: str, path: Path) -> str:
    """A sentence about the file without where it lay: that is no business of its sender's."""
    return with_values(sentence, lambda words_of_others: words_of_others.replace(f"{path.parent}/", ""))
