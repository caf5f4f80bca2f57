"""Which files are read how: by the ends of their names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from retrieval.extraction.docx import read_docx
from retrieval.extraction.epub import read_epub
from retrieval.extraction.pages import Page, extract
from retrieval.extraction.pdf import read_pdf


@dataclass(frozen=True, slots=True)
class Extracted:
    """The articles of a file: mostly one; of a book as many as it has chapters."""

    pages: tuple[Page, ...]


def _read_page(content: bytes, *, name: str) -> tuple[Page, ...]:
    return (extract(content, name=name),)


_READERS: Mapping[str, Callable[..., tuple[Page, ...]]] = {
    ".html": _read_page,
    ".htm": _read_page,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".epub": read_epub,
}
SUFFIXES = frozenset(_READERS)


def extract_file(content: bytes, *, name: str, suffix: str) -> Extracted:
    """What is in a file of a kind in ``SUFFIXES``. Raises UnreadableFile, in one of its kinds."""
    return Extracted(_READERS[suffix](content, name=name))
