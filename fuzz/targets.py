"""One target a parser: bytes in, and nothing out but an error of ours (``fuzz/seeds.py``: what each begins with)."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from urllib.parse import urljoin

from bot import forms, keys, markdown, views
from retrieval.answers import operators
from retrieval.chunk import split
from retrieval.clean import clean
from retrieval.errors import QuothError
from retrieval.extraction.feeds import parse
from retrieval.extraction.kinds import extract_file
from retrieval.extraction.pages import Page, extract, named_feeds
from retrieval.extraction.sitemaps import parse_sitemap
from retrieval.loaders.documents import Document, Unread, decode, from_page, from_pages, from_text, iso_date
from retrieval.loaders.json_files import from_json, from_json_lines
from retrieval.loaders.sitemaps import moment
from retrieval.settings import Settings
from retrieval.web.addresses import canonical, host_of, is_same_site, target_of
from retrieval.web.content import Unpacker, kind_of, sitemap_in
from retrieval.web.robots import is_allowed
from tests.made import zipped

BETWEEN = b"\x00\x00"  # between the parts of an archive, which a mutation would only break
_TODAY = date(2024, 5, 1)
_ADDRESS = "https://news.example/a"
_MOST = 1_000_000  # bytes that may be unpacked


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _keep(found: Iterable[Document | Unread]) -> None:
    """What is read of a document can be written."""
    for one in found:
        if isinstance(one, Document):
            repr(one).encode()
            one.text.encode()


def _pages(content: bytes) -> None:
    with suppress(QuothError):
        _keep([from_page(extract(content, name="a.html", address=_ADDRESS), name="a.html")])
    named_feeds(content, address=_ADDRESS)


def _feeds(content: bytes) -> None:
    with suppress(QuothError):
        for entry in parse(content, address="https://news.example/feed").entries:
            _keep([from_page(Page(entry.text, title=entry.title, dates=((entry.published or "", "feed"),)), name="a")])


def _sitemaps(content: bytes) -> None:
    with suppress(QuothError):
        for listed in parse_sitemap(content, address=_ADDRESS).listed:
            moment(listed.changed)
            host_of(listed.url)


def _file(suffix: str, parts: dict[str, str | bytes] | None = None) -> Callable[[bytes], None]:
    """A file of a kind. Of an archive also its ``parts`` one by one, as mutations of it are mostly no archive any more.

    Those that an input does not give are as they are named here.
    """

    def read(content: bytes) -> None:
        if parts and not content.startswith(b"PK"):
            given = dict(zip(parts, content.split(BETWEEN), strict=False))
            content = zipped({path: part for path, part in (parts | given).items() if part})
        with suppress(QuothError):
            _keep(from_pages(extract_file(content, name="a", suffix=suffix).pages, name="a"))

    return read


def _json(content: bytes) -> None:
    text = _text(content)
    _keep(from_json_lines(text, name="a.jsonl"))
    with suppress(QuothError):
        _keep(from_json(text, name="a.json"))


def _dates(content: bytes) -> None:
    found = iso_date(_text(content))
    if found and date.fromisoformat(found).isoformat() != found:
        raise AssertionError("a date is no date")


def _robots(content: bytes) -> None:
    robots, _, path = _text(content).rpartition("\n")
    is_allowed(robots, f"/{path}")


def _packed(content: bytes) -> None:
    """Unpacked in one piece and in two it is the same."""
    encoding, _, body = content.partition(BETWEEN)
    with suppress(QuothError):
        whole = _unpacked(encoding, body)
        if _unpacked(encoding, body[: len(body) // 2], body[len(body) // 2 :]) != whole or len(whole) > _MOST:
            raise AssertionError("it depends on how it came")
    with suppress(QuothError):
        sitemap_in(body, host="news.example", most=_MOST)


def _unpacked(encoding: bytes, *pieces: bytes) -> bytes:
    unpacker, found = Unpacker(_text(encoding), host="news.example", most=_MOST), b""
    for piece in pieces:
        found += unpacker.unpacked(piece, so_far=len(found))
    unpacker.check_end()
    return found


def _texts(content: bytes) -> None:
    """What is kept is in one passage, whatever the text is."""
    with suppress(QuothError):
        document = from_text(decode(content, name="a.md"), name="a.md")
        cleaned = clean(document.text, marks=document.marks)
        passages = split(document.text, cleaned.marks, count=lambda texts: [len(t.split()) for t in texts], room=50)
        spans = sorted([s for p in passages for s in p.sentences] + [(m.start, m.end) for m in cleaned.marks])
        left, at = "", 0
        for start, end in spans:
            if start < at:
                raise AssertionError("two hold one character")
            left, at = left + document.text[at:start], end
        if (left + document.text[at:]).strip():
            raise AssertionError("a character is lost")


def _operators(content: bytes) -> None:
    with suppress(QuothError):
        request = operators.read(_text(content), today=_TODAY)
        request.holds("a text")


def _markdown(content: bytes) -> None:
    """Shown as it is; nothing leaves its quote or its line, or ends its link."""
    text = _text(content)
    if markdown.unescape(markdown.escape(text)) != text:
        raise AssertionError("another text is shown")
    quoted = markdown.block_quote(text, (len(text) // 3, len(text) // 2))
    lines = (markdown.heading(text, 80), markdown.small(text, 80), markdown.link(text, _ADDRESS, 80))
    if not all(line.startswith("> ") for line in quoted.split("\n")) or any("\n" in line for line in lines):
        raise AssertionError("it leaves its place")
    address = markdown.address(text, 500)
    if address and (not address.isascii() or set(address) & set(" \n<>()")):
        raise AssertionError("it ends its link")


def _custom_ids(content: bytes) -> None:
    """What is pressed leads to one thing, and a code that is read is written again as the same."""
    for text in (_text(content), _nearly_a_code(content)):
        _custom_id(text)


def _nearly_a_code(content: bytes) -> str:
    """The form of a code with these bytes in it: no chance leads through the patterns of codes otherwise."""
    kind, page, *_ = (*content[:2], 0, 0)
    rows = [content[at : at + 12] for at in range(2, len(content), 12)] or [b""]
    spans = [f"{row[:6].hex()}.{_letters(row[6:8])}.{_letters(row[8:10])}.{row[10:].hex()}" for row in rows]
    bodies = {"a": ",".join(spans), "v": ",".join(spans), "c": spans[0], "i": rows[0][:8].hex(), "m": rows[0][:6].hex()}
    bodies |= {"s": f"{rows[0][:8].hex()}.short", "t": f"long.{_text(content[2:])}", "l": _text(content[2:])}
    letter = sorted(bodies)[kind % len(bodies)]
    return f"q1:{page}:{letter}:{bodies[letter]}"


def _letters(content: bytes) -> str:
    return "".join(chr(ord("a") + byte % 26) if byte % 36 > 9 else str(byte % 10) for byte in content)


def _custom_id(text: str) -> None:
    codes = [forms.CODE, *(item.__discord_ui_compiled_template__ for item in views.dynamic_items())]
    if sum(code.fullmatch(text) is not None for code in codes) > 1:
        raise AssertionError("two answer one press")
    with suppress(ValueError):
        key, page = keys.decode(text)
        again = keys.encode(key, page)
        if again is not None and keys.decode(again) != (key, page):
            raise AssertionError("a code leads elsewhere")


def _settings(content: bytes) -> None:
    with suppress(QuothError, tomllib.TOMLDecodeError):
        tables = tomllib.loads(_text(content))
        Settings.from_tables({name: table for name, table in tables.items() if isinstance(table, dict)})


def _addresses(content: bytes) -> None:
    text = _text(content)
    for address in (text, _joined(text)):
        with suppress(QuothError):
            target = target_of(address)
            if target_of(target.url) != target or not target.url.isascii():
                raise AssertionError("an address is read in two ways")
            canonical(target.url)
            is_same_site(target.url, text)
    if not host_of(text).isascii():
        raise AssertionError("a host looks like another")
    with suppress(QuothError):
        kind_of(content, text[:60], host="news.example")


def _joined(text: str) -> str:
    """As the place that a redirect names."""
    try:
        return urljoin(_ADDRESS, text)
    except ValueError:
        return ""


_DOCX: dict[str, str | bytes] = {
    "word/document.xml": "",
    "docProps/core.xml": "",
    "_rels/.rels": '<Relationships><Relationship Type="/officeDocument" Target="word/document.xml"/></Relationships>',
}
_EPUB: dict[str, str | bytes] = {
    "OPS/a.xhtml": "",
    "OPS/book.opf": "",
    "META-INF/container.xml": '<container><rootfile full-path="OPS/book.opf"/></container>',
    "META-INF/encryption.xml": "",
}

TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "pages": _pages,
    "feeds": _feeds,
    "sitemaps": _sitemaps,
    "pdf": _file(".pdf"),
    "docx": _file(".docx", _DOCX),
    "epub": _file(".epub", _EPUB),
    "json": _json,
    "texts": _texts,
    "dates": _dates,
    "robots": _robots,
    "packed": _packed,
    "operators": _operators,
    "markdown": _markdown,
    "custom-ids": _custom_ids,
    "settings": _settings,
    "addresses": _addresses,
}
