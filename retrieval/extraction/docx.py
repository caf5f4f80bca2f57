"""A Word document (Office Open XML, ECMA-376) → its text, a paragraph a line block.

What was deleted under review, comments, notes, page heads and feet are other parts or marked, and left out.
"""

from collections.abc import Iterator
from typing import Any

from retrieval.extraction.pages import Page, no_article
from retrieval.extraction.parts import Parts, attribute, damaged, first_text, local, locked

_MAIN = "officeDocument"  # the relationship that leads to the text ends in this
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # what Word makes of a document with a password is a file of its old format
_SKIPPED = frozenset({"del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr", "sdtPr"})
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}


def read_docx(content: bytes, *, name: str) -> tuple[Page, ...]:
    """The one article of a document. Raises UnreadableFile, in one of its kinds."""
    if content.startswith(_OLD_OFFICE):
        raise locked(name)
    parts = Parts(content, name=name)
    blocks = [block for block in _blocks(parts.tree(_main_part(parts, name=name))) if block]
    if not blocks:
        raise no_article(name)
    return (_described("\n\n".join(blocks), parts),)


def _main_part(parts: Parts, *, name: str) -> str:
    for relation in parts.tree("_rels/.rels"):
        if attribute(relation, "Type").endswith(f"/{_MAIN}"):
            return attribute(relation, "Target").removeprefix("/")
    raise damaged(name)


def _described(text: str, parts: Parts) -> Page:
    """The text with the document's own properties; the date is when the file was made, not when it was printed."""
    path = "docProps/core.xml"
    if parts.read(path) is None:
        return Page(text)
    properties = parts.tree(path)
    made = first_text(properties, "created")
    return Page(
        text,
        title=first_text(properties, "title"),
        author=first_text(properties, "creator"),
        dates=((made, "file"),) if made else (),
    )


def _blocks(element: Any) -> Iterator[str]:
    """Paragraphs in their order, and each row of a table as one."""
    for child in element:
        kind = local(child)
        if kind in _SKIPPED:
            continue
        if kind == "p":
            yield _words(child).strip()
        elif kind == "tr":
            yield "\t".join(" ".join(filter(None, _blocks(cell))) for cell in child).strip()
        else:
            yield from _blocks(child)


def _words(element: Any) -> str:
    """The text within a paragraph."""
    pieces = []
    for child in element:
        kind = local(child)
        if kind == "t":
            pieces.append(child.text or "")
        elif kind in _SIGNS:
            pieces.append(_SIGNS[kind])
        elif kind not in _SKIPPED:
            pieces.append(_words(child))
    return "".join(pieces)
