"""Files and folders → documents, by the ends of their names."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from retrieval.errors import QuothError, UnreadableFile
from retrieval.extraction import kinds
from retrieval.loaders.archives import members
from retrieval.loaders.documents import Document, Unread, decode, from_pages, from_text
from retrieval.loaders.exports import may_hold_articles
from retrieval.loaders.json_files import from_json, from_json_lines
from retrieval.messages import say

TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown"})
SUFFIXES = TEXT_SUFFIXES | kinds.SUFFIXES | {".json", ".jsonl"}
ARCHIVE = ".zip"
_ABOUT = frozenset({"readme.md", "readme.txt"})  # what a collection says of itself is no article

_HEAD = 1_000_000  # characters of a JSON Lines file in which its first line is looked for

Extract = Callable[..., kinds.Extracted]  # kinds.extract_file, here or in a process apart

LARGEST_FILE = 50_000_000  # bytes; a year of a daily newspaper has about 40 million characters


def load(path: Path, *, read: Extract = kinds.extract_file) -> Iterator[Document | Unread]:
    """The documents of a file, or of every readable file below a directory, in the order of their names.

    ``read`` finds the articles of a web page, a PDF, a Word document or an EPUB. A file that cannot be
    read comes as ``Unread``, so that the rest goes on. In a directory, files of other kinds and labelled
    sets are passed over; a file that is named itself is not.
    """
    if is_folder(path):
        files = article_files(path)
        if not files:
            yield Unread(str(path), _no_articles(str(path)))
        for file in files:
            yield from load(file, read=read)
        return
    try:
        yield from _documents(path, read)
    except QuothError as error:
        yield Unread(str(path), error)


def article_files(folder: Path) -> list[Path]:
    """The files below a folder that may hold articles, by path."""
    return sorted(f for f in folder.rglob("*") if f.is_file() and _is_article_file(f, below=folder))


def is_folder(path: Path) -> bool:
    """Whether a folder is there; False for a name that no file can have."""
    try:
        return path.is_dir()
    except OSError:  # a name longer than the system allows; reading it says so
        return False


def _is_article_file(path: Path, *, below: Path) -> bool:
    if path.suffix.lower() not in SUFFIXES | {ARCHIVE} or any(
        part.startswith(".") for part in path.relative_to(below).parts
    ):
        return False
    if path.suffix.lower() == ".jsonl":
        return not is_labelled_set(path)
    if path.suffix.lower() == ".json":
        try:
            return path.stat().st_size > LARGEST_FILE or may_hold_articles(path.read_bytes())
        except OSError:  # reading it says so
            return True
    return path.name.lower() not in _ABOUT


def is_labelled_set(path: Path) -> bool:
    """Whether a JSON Lines file holds labels without articles; False where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            first = next((line for line in file.read(_HEAD).split("\n") if line.strip()), "")
    except OSError:
        return False
    is_labelled = '"question"' in first or '"summary"' in first
    return is_labelled and '"text"' not in first.split('"answers"')[0]


def _documents(path: Path, read: Extract) -> Iterator[Document | Unread]:
    suffix = path.suffix.lower()
    if suffix and suffix not in SUFFIXES | {ARCHIVE}:
        happened = say("{path} is of a kind that is not read", path=str(path))
        raise UnreadableFile(happened, hint=say("Files that are read: {kinds}", kinds=_kinds()))
    content = _bytes(path)
    if suffix == ARCHIVE:
        yield from _unpacked(content, name=str(path), read=read)
    else:
        yield from _of_kind(suffix, content, name=str(path), read=read)


def _unpacked(content: bytes, *, name: str, read: Extract) -> Iterator[Document | Unread]:
    """The documents of the files in an archive that are of a kind that is read."""
    holds_any = False
    for member, unpacked in members(content, name=name, largest=LARGEST_FILE, is_read=_is_read_in_archive):
        suffix = PurePosixPath(member).suffix.lower()
        if isinstance(unpacked, bytes) and suffix == ".json" and not may_hold_articles(unpacked):
            continue
        holds_any = True
        try:
            if isinstance(unpacked, QuothError):
                raise unpacked
            yield from _of_kind(suffix, unpacked, name=f"{name}/{member}", read=read)
        except QuothError as error:
            yield Unread(f"{name}/{member}", error)
    if not holds_any:
        yield Unread(name, _no_articles(name))


def _is_read_in_archive(member: str) -> bool:
    path = PurePosixPath(member)
    return path.suffix.lower() in SUFFIXES and path.name.lower() not in _ABOUT


def _of_kind(suffix: str, content: bytes, *, name: str, read: Extract) -> Iterator[Document | Unread]:
    if not content.strip():
        raise UnreadableFile(say("{path} is empty", path=name), hint=say("Add a file that holds an article"))
    if suffix == ".jsonl":
        yield from from_json_lines(decode(content, name=name), name=name)
    elif suffix == ".json":
        yield from from_json(decode(content, name=name), name=name)
    elif suffix in kinds.SUFFIXES:
        yield from from_pages(read(content, name=name, suffix=suffix).pages, name=name)
    else:
        yield from_text(decode(content, name=name), name=name)


def _no_articles(name: str) -> UnreadableFile:
    happened = say("{path} holds no article files", path=name)
    return UnreadableFile(happened, hint=say("Files that are read: {kinds}", kinds=_kinds()))


def _kinds() -> str:
    return " ".join(sorted(SUFFIXES | {ARCHIVE}))


def _bytes(path: Path) -> bytes:
    """What is in the file. Counted while it is read: a file may grow meanwhile, and a pipe or device has no end."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                happened = say("{path} is no file, but a pipe or a device", path=str(path))
                raise UnreadableFile(happened, hint=say("Save the article as plain text and add that"))
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        happened = say("{path} cannot be read", path=str(path))
        if isinstance(error, FileNotFoundError):
            happened = say("{path} does not exist", path=str(path))
        raise UnreadableFile(happened, hint=say("Check its name and permissions")) from error
    if len(content) > LARGEST_FILE:
        happened = say("{path} is larger than {size} MB", path=str(path), size=LARGEST_FILE // 1_000_000)
        raise UnreadableFile(happened, hint=say("Split it and add the parts"))
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe, too, though nobody writes into it."""
    return os.open(path, flags | os.O_NONBLOCK)
