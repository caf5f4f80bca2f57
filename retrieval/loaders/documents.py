"""One article as it was given: from a text, from a page; and how its dates and addresses are written."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from retrieval.errors import InvalidInput, QuothError, UnreadableFile
from retrieval.extraction.pages import Page
from retrieval.messages import Message, say
from retrieval.records import Mark

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

DATE_ORIGINS = frozenset({"json-ld", "meta", "text", "feed", "user", "header", "file"})
LARGEST_TEXT = 2_000_000  # characters of one article; a long novel has about 1 million

# What is longer is no front matter: YAML's parser takes a kilobyte a word, and hours for a long number in base 60.
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.{0,20000}?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.S)
_LONGEST_DATE = 100  # characters in which a date is written
_HEADING = re.compile(r"^\ufeff?#{1,6}[ \t]+", re.M)


@dataclass(frozen=True, slots=True)
class Document:
    """One article as it was given: ``text`` unchanged, the rest as far as the input says it.

    ``marks`` are the spans that the format itself sets aside (front matter, heading signs).
    ``is_file`` tells a path that was given from an id that the input chose. ``note`` says what is not as
    one would expect.
    """

    text: str
    doc_id: str | None = None
    title: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    published_from: str = "unknown"
    url: str | None = None
    marks: tuple[Mark, ...] = ()
    is_file: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read, under the name the user knows it by."""

    name: str
    error: QuothError


def decode(content: bytes, *, name: str) -> str:
    """Bytes → text, without changing a character of it: UTF-8, or what the bytes most likely are.

    Raises UnreadableFile for bytes that are no text.
    """
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        happened = say("{path} is not a text file", path=name)
        raise UnreadableFile(happened, hint=say("Save the article as plain text and add that"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = _likeliest(list(from_bytes(content)), content)
        if best is None:
            happened = say("{path} is in an unknown character set", path=name)
            raise UnreadableFile(happened, hint=say("Save it as UTF-8")) from None
        return str(best)


def _likeliest(found: "list[CharsetMatch]", content: bytes) -> "CharsetMatch | None":
    """The first of the character sets that fit best; of equal ones the one in which more is written.

    Between 0x80 and 0x9F ISO 8859-2 has nothing that is written, and Windows' own set letters of most sentences.
    """
    if not found:
        return None
    equal = {match.encoding: match for match in found if _fit(match) == _fit(found[0])}
    is_windows = any(0x80 <= byte < 0xA0 for byte in content)
    order = ("cp1252", "cp1250", "iso8859_2") if is_windows else ("cp1252", "iso8859_2", "cp1250")
    return next((equal[name] for name in order if name in equal), found[0])


def _fit(match: "CharsetMatch") -> tuple[float, float]:
    return match.chaos, match.coherence


def from_text(text: str, *, name: str | None = None) -> Document:
    """A plain text or Markdown article, with or without front matter; the text stays as it is."""
    known_as = name or say("the text")
    _check_length(text, name=known_as)
    front = _FRONT_MATTER.match(text)
    fields: Mapping[str, Any] = _front_matter(front[1], name=known_as) if front else {}
    begin = front.end() if front and fields else 0
    marks = [Mark(0, begin, "front matter")] if begin else []
    marks += [Mark(m.start(), m.end(), "heading sign") for m in _HEADING.finditer(text, begin)]
    if text.startswith("\ufeff") and not any(mark.start == 0 for mark in marks):
        marks.insert(0, Mark(0, 1, "byte order mark"))
    if not text[begin:].removeprefix("\ufeff").strip():
        happened = say("{name} holds no article", name=known_as)
        raise UnreadableFile(happened, hint=say("Add a text of at least one sentence"))
    return replace(made(text, fields, doc_id=name), marks=tuple(marks), is_file=True)


def _front_matter(block: str, *, name: str) -> Mapping[str, Any]:
    import yaml

    try:
        fields = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError):
        fields = None  # 2018-13-45 is no date, and of "!!bool maybe" the parser knows no error of its own
    if fields is None or not isinstance(fields, dict):
        # A text may begin with a rule of dashes; then there is no front matter to obey.
        if re.search(r"^\w+:", block, re.M):
            happened = say("the front matter of {name} is not valid YAML", name=name)
            raise UnreadableFile(happened, hint=say("Correct it, or remove it"))
        return {}
    return fields


def from_pages(pages: Iterable[Page], *, name: str) -> Iterator[Document | Unread]:
    """The articles that were found in a file. A chapter is known by the file's name and its path therein."""
    for page in pages:
        own_name = f"{name}/{page.part}" if page.part else name
        try:
            yield replace(from_page(page, name=own_name), doc_id=own_name, is_file=True)
        except QuothError as error:
            yield Unread(own_name, error)


def from_page(page: Page, *, name: str) -> Document:
    """The document of a page's article; ``name`` is what the user knows the page by."""
    fields = {"title": page.title, "author": page.author, "source": page.source, "url": page.url}
    published, origin = next(((iso, o) for d, o in page.dates if (iso := iso_date(d))), (None, "unknown"))
    return replace(made(page.text, fields, doc_id=None, name=name), published=published, published_from=origin)


def made(text: str, fields: Mapping[str, Any], *, doc_id: str | None, name: str | None = None) -> Document:
    name = name or doc_id or say("the article")
    _check_length(text, name=name)
    published = iso_date(fields.get("published") or fields.get("date"))
    document = Document(
        text=text,
        doc_id=doc_id,
        title=_line(fields.get("title")),
        source=_line(fields.get("source")),
        author=_line(fields.get("author")),
        published=published,
        published_from=_origin(fields.get("published_from")) if published else "unknown",
        url=web_address(fields.get("url")),
    )
    given = (document.text, document.doc_id, document.title, document.source, document.author, document.url)
    if not all(_is_whole(value) for value in given if value):
        shown = name if isinstance(name, Message) else name.encode(errors="replace").decode()
        happened = say("{name} holds half a character", name=shown)
        raise InvalidInput(happened, hint=say("Save it, or its file's name, again as UTF-8"))
    return document


def _check_length(text: str, *, name: str) -> None:
    if len(text) > LARGEST_TEXT:
        happened = say("{name} has over {number} characters", name=name, number=LARGEST_TEXT)
        raise InvalidInput(happened, hint=say("Add it in parts"))


def _origin(stated: object) -> str:
    """Where a date came from, if an export says so; else the person who gives it."""
    return stated if isinstance(stated, str) and stated in DATE_ORIGINS else "user"


def _is_whole(value: str) -> bool:
    """Whether a text can be stored: JSON and file names may hold halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def _line(value: object) -> str | None:
    # Nothing deeper than a list of names: YAML's references can make a few bytes a gigabyte.
    values = value if isinstance(value, list) else [value]
    line = " ".join(", ".join(str(v) for v in values if isinstance(v, str | int | float | date)).split())
    return line[:300] or None


def web_address(value: object) -> str | None:
    """The value if it is an http(s) address with a host, else None."""
    if not isinstance(value, str) or any(c.isspace() or ord(c) < 32 for c in value.strip()):
        return None
    try:
        parts = urlsplit(value.strip())
        return value.strip() if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


def iso_date(value: object) -> str | None:
    """A date in ISO 8601, from a date or from the ways people write one; None where it is unclear."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_DATE:
        return None
    try:
        return datetime.fromisoformat(value.strip()).date().isoformat()
    except ValueError:
        return _written_date(value)


def _written_date(value: str) -> str | None:
    from dateutil import parser

    if not re.search(r"\d{4}", value):
        return None  # a date without its year says nothing years later
    try:
        # Parsed with two defaults: a part that follows the default was not written.
        # In 06/07/2018 the month is anybody's guess: read both ways, such a date is two dates.
        early, late = (
            parser.parse(value, default=datetime(2000, m, m), dayfirst=m == 2, ignoretz=True) for m in (1, 2)
        )
    except (ValueError, ArithmeticError):  # of numbers that no calendar has
        return None
    return early.date().isoformat() if early.date() == late.date() else None
