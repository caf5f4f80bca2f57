"""A PDF → its text: lines as they stand on the pages, joined to paragraphs (``retrieval/extraction/lines.py``)."""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from retrieval.errors import PicturesOnly
from retrieval.extraction.lines import Line, headline, paragraphs, without_furniture
from retrieval.extraction.pages import Page, no_article
from retrieval.extraction.parts import damaged, locked
from retrieval.messages import say

_LONGEST_PAGE = 200_000  # characters; a page of a broadsheet newspaper has about 30,000
_ENOUGH = 3_000_000  # characters: no article may have so many, so the pages after them need no reading
_DIVIDES = frozenset({0x02, 0xFFFE})  # PDFium's signs for a hyphen at the end of a line; no line break follows
_LINE_FEED = 10
_LINE_ENDS = frozenset({_LINE_FEED, 13})
_HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-", "\u00ad": "-"})
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\ufffe\uffff]")
# "Microsoft Word - draft.docx", "untitled", "cover.indd": what programs call a file is no headline
_NO_TITLE = re.compile(r"^microsoft |^untitled|^(?:slide|page) ?\d*$|\.\w{2,5}$", re.I)
_DATE = re.compile(r"^D:(\d{4})(\d\d)(\d\d)")


def only_pictures(name: str) -> PicturesOnly:
    """The error of a file of scanned pages."""
    happened = say("{name} holds pictures of pages, and no text", name=name)
    return PicturesOnly(happened, hint=say("Let a text recognition (OCR) go through it first"))


def read_pdf(content: bytes, *, name: str) -> tuple[Page, ...]:
    """The one article of a PDF. Raises UnreadableFile, in one of its kinds."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise (locked(name) if error.err_code == raw.FPDF_ERR_PASSWORD else damaged(name)) from error
    with document:
        pages = list(_pages(document, name=name))
        known = document.get_metadata_dict()
    lines = [line for page in without_furniture(pages) for line in page]
    text = "\n\n".join(paragraphs(lines))
    if not text:
        raise only_pictures(name) if pages else no_article(name)
    stated = known.get("Title", "").strip()
    date = _DATE.match(known.get("CreationDate", ""))
    return (
        Page(
            text,
            title=stated if stated and not _NO_TITLE.search(stated) else headline(lines),
            author=known.get("Author", "").strip() or None,
            dates=(("-".join(date.groups()), "file"),) if date else (),
        ),
    )


def _pages(document: Any, *, name: str) -> Iterator[list[Line]]:
    """The lines of each page; a page that is damaged ends the file."""
    import pypdfium2

    characters = 0
    for number in range(len(document)):
        try:
            page = document[number]
            text = page.get_textpage()
        except pypdfium2.PdfiumError as error:
            raise damaged(name) from error
        if text.count_chars() > _LONGEST_PAGE:
            raise damaged(name)
        lines = list(_lines(text))
        yield lines
        text.close()
        page.close()
        characters += sum(len(line.text) for line in lines)
        if characters > _ENOUGH:
            return


def _lines(page: Any) -> Iterator[Line]:
    """The lines of a page in the order in which they were written on it."""
    from pypdfium2 import raw

    begin = 0
    codes = [raw.FPDFText_GetUnicode(page, at) for at in range(page.count_chars())]
    for at, code in enumerate([*codes, _LINE_FEED]):
        if code in _DIVIDES or code in _LINE_ENDS:
            end = at + (code in _DIVIDES)
            if line := _line(page, codes[begin:end], begin):
                yield line
            begin = at + 1


def _line(page: Any, codes: list[int], begin: int) -> Line | None:
    """The line of these characters, the first of which is the page's ``begin``-th; None where it is blank."""
    from pypdfium2 import raw

    # Codes may be halves of characters beyond the first plane, in pairs.
    text = "".join(map(chr, codes)).encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="ignore")
    text = " ".join(_CONTROL.sub("", text.translate(_HYPHENS)).split())
    seen = [at for at, code in enumerate(codes, start=begin) if not chr(code).isspace()]
    if not text or not seen:
        return None
    left, bottom, _, top = map(_finite, page.get_charbox(seen[0], loose=True))
    right = _finite(page.get_charbox(seen[-1], loose=True)[2])
    # A size below zero stands text on its head.
    size = abs(_finite(raw.FPDFText_GetFontSize(page, seen[0])) or top - bottom)
    return Line(text, left=left, right=right, bottom=bottom, size=size or 1.0)


def _finite(number: float) -> float:
    """The number; zero for what is none or has no end, as a file may have it that means harm."""
    return number if isfinite(number) else 0.0
