"""PDF, Word and EPUB files for tests, made here, with sentences of our own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

WIDTH, HEIGHT = 420, 595  # points: A5
LEFT, TOP = 50, 520
LEADING = 14.0
SIZE = 11.0


@dataclass(frozen=True)
class Drawn:
    """Words on a page: where they begin, and how large they are."""

    text: str
    left: float = LEFT
    bottom: float = TOP
    size: float = SIZE


def column(*lines: str, left: float = LEFT, top: float = TOP, size: float = SIZE) -> list[Drawn]:
    """Lines one below the other; one that begins with a tab is set in, an empty one is a gap."""
    return [
        Drawn(line.lstrip("\t"), left + 18 * line.startswith("\t"), top - number * LEADING, size)
        for number, line in enumerate(lines)
        if line
    ]


def pdf(pages: Sequence[Iterable[Drawn]], *, info: Mapping[str, str] | None = None, is_locked: bool = False) -> bytes:
    """A PDF of these pages; a locked one names a password that nobody knows."""
    first = 5 if is_locked else 4
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    known = "".join(f"/{key} ({value})" for key, value in (info or {}).items())
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    if is_locked:
        objects.append(f"<</Filter/Standard/V 1/R 2/O<{'00' * 32}>/U<{'11' * 32}>/P -4>>")
    for number, page in enumerate(pages):
        drawn = "\n".join(map(_operators, page)) or "0 0 100 100 re f"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]"
            f"/Resources<</Font<</F1 3 0 R>>>>/Contents {first + 2 * number + 1} 0 R>>"
        )
        objects.append(f"<</Length {len(drawn.encode('cp1252'))}>>\nstream\n{drawn}\nendstream")
    objects.append(f"<<{known}>>")
    trailer = f"/Root 1 0 R/Info {len(objects)} 0 R" + ("/Encrypt 4 0 R/ID[<00><00>]" if is_locked else "")
    return _numbered(objects, trailer)


def _operators(drawn: Drawn) -> str:
    text = drawn.text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F1 {drawn.size} Tf {drawn.left} {drawn.bottom} Td ({text}) Tj ET"


def _numbered(objects: Sequence[str], trailer: str) -> bytes:
    made = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    begin = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    made += f"trailer\n<</Size {len(objects) + 1}{trailer}>>\nstartxref\n{begin}\n%%EOF\n".encode()
    return bytes(made)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of these parts."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for path, part in parts.items():
            archive.writestr(ZipInfo(path), part, ZIP_DEFLATED)  # of no day: the same bytes each time
    return packed.getvalue()


_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def docx(body: str, *, properties: str = "") -> bytes:
    """A Word document whose body is this XML; ``paragraph`` makes some."""
    parts = {
        "_rels/.rels": f'<Relationships><Relationship Type="{_OFFICE}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {_WORD}><w:body>{body}<w:sectPr/></w:body></w:document>",
    }
    if properties:
        named = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        parts["docProps/core.xml"] = f"<coreProperties {named}>{properties}</coreProperties>"
    return zipped(parts)


def paragraph(*runs: str) -> str:
    """A paragraph of these runs of text."""
    return "<w:p><w:pPr/>" + "".join(f"<w:r><w:t>{escape(run)}</w:t></w:r>" for run in runs) + "</w:p>"


@dataclass(frozen=True)
class Chapter:
    """A part of an EPUB: the body of its page, and what the package file says of it."""

    path: str
    body: str
    item: str = ""
    reference: str = ""


def epub(*chapters: Chapter, metadata: str = "", more: Mapping[str, str] | None = None) -> bytes:
    """An EPUB of these chapters, in this order."""
    items = "".join(f'<item id="c{n}" href="{c.path}" {c.item}/>' for n, c in enumerate(chapters))
    spine = "".join(f'<itemref idref="c{n}" {c.reference}/>' for n, c in enumerate(chapters))
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": (
            '<package xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<metadata>{metadata}</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
        ),
    }
    for chapter in chapters:
        parts[f"OPS/{chapter.path}"] = (
            '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" '
            f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head>{chapter.body}</html>'
        )
    return zipped(parts | dict(more or {}))
