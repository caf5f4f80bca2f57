"""Files and lines → documents: the given text and what the file itself says about it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from retrieval.archives import members
from retrieval.errors import InvalidInput, QuothError, UnreadableFile
from retrieval.exports import Channel, article_fields, channel_of, may_hold_articles
from retrieval.extraction import kinds
from retrieval.extraction.pages import Page
from retrieval.messages import Message, say, say_count
from retrieval.records import Mark

TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown"})
SUFFIXES = TEXT_SUFFIXES | kinds.SUFFIXES | {".json", ".jsonl"}
ARCHIVE = ".zip"
_ABOUT = frozenset({"readme.md", "readme.txt"})  # what a collection says of itself is no article

Extract = Callable[..., kinds.Extracted]  # kinds.extract_file, here or in a process apart
DATE_ORIGINS = frozenset({"json-ld", "meta", "text", "feed", "user", "header", "file"})

LARGEST_FILE = 50_000_000  # bytes; a year of a daily newspaper has about 40 million characters
LARGEST_TEXT = 2_000_000  # characters of one article; a long novel has about 1 million

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.S)
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


def load(path: Path, *, read: Extract = kinds.extract_file) -> Iterator[Document | Unread]:
    """The documents of a file, or of every readable file below a directory, in the order of their names.

    ``read`` finds the articles of a web page, a PDF, a Word document or an EPUB. A file that cannot be
    read comes as ``Unread``, so that the rest goes on. In a directory, files of other kinds and labelled
    sets are passed over; a file that is named itself is not.
    """
    if _is_folder(path):
        files = sorted(f for f in path.rglob("*") if f.is_file() and _is_article_file(f, below=path))
        if not files:
            yield Unread(str(path), _no_articles(str(path)))
        for file in files:
            yield from load(file, read=read)
        return
    try:
        yield from _documents(path, read)
    except QuothError as error:
        yield Unread(str(path), error)


def _is_folder(path: Path) -> bool:
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
        return path.stat().st_size > LARGEST_FILE or may_hold_articles(path.read_bytes())
    return path.name.lower() not in _ABOUT


def is_labelled_set(path: Path) -> bool:
    """Whether a JSON Lines file holds labels without articles; False where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            first = next((line for line in lines if line.strip()), "")
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
    for member, unpacked in members(content, name=name):
        path = PurePosixPath(member)
        is_other = path.suffix.lower() == ".json" and not may_hold_articles(unpacked)
        if path.suffix.lower() in SUFFIXES and path.name.lower() not in _ABOUT and not is_other:
            holds_any = True
            try:
                yield from _of_kind(path.suffix.lower(), unpacked, name=f"{name}/{member}", read=read)
            except QuothError as error:
                yield Unread(f"{name}/{member}", error)
    if not holds_any:
        yield Unread(name, _no_articles(name))


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
    try:
        if path.stat().st_size > LARGEST_FILE:
            happened = say("{path} is larger than {size} MB", path=str(path), size=LARGEST_FILE // 1_000_000)
            raise UnreadableFile(happened, hint=say("Split it and add the parts"))
        content = path.read_bytes()
    except OSError as error:
        happened = say("{path} cannot be read", path=str(path))
        if isinstance(error, FileNotFoundError):
            happened = say("{path} does not exist", path=str(path))
        raise UnreadableFile(happened, hint=say("Check its name and permissions")) from error
    return content


def decode(content: bytes, *, name: str) -> str:
    """Bytes → text, without changing a character of it: UTF-8, or what the bytes most likely are.

    Raises UnreadableFile for bytes that are no text.
    """
    if b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        happened = say("{path} is not a text file", path=name)
        raise UnreadableFile(happened, hint=say("Save the article as plain text and add that"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(content).best()
        if best is None:
            happened = say("{path} is in an unknown character set", path=name)
            raise UnreadableFile(happened, hint=say("Save it as UTF-8")) from None
        return str(best)


def from_text(text: str, *, name: str | None = None) -> Document:
    """A plain text or Markdown article, with or without front matter; the text stays as it is."""
    front = _FRONT_MATTER.match(text)
    known_as = name or say("the text")
    fields: Mapping[str, Any] = _front_matter(front[1], name=known_as) if front else {}
    begin = front.end() if front and fields else 0
    marks = [Mark(0, begin, "front matter")] if begin else []
    marks += [Mark(m.start(), m.end(), "heading sign") for m in _HEADING.finditer(text, begin)]
    if text.startswith("\ufeff") and not any(mark.start == 0 for mark in marks):
        marks.insert(0, Mark(0, 1, "byte order mark"))
    if not text[begin:].removeprefix("\ufeff").strip():
        happened = say("{name} holds no article", name=known_as)
        raise UnreadableFile(happened, hint=say("Add a text of at least one sentence"))
    return replace(_document(text, fields, doc_id=name), marks=tuple(marks), is_file=True)


def _front_matter(block: str, *, name: str) -> Mapping[str, Any]:
    import yaml

    try:
        fields = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: 2018-13-45 is no date
        fields = None
    if fields is None or not isinstance(fields, dict):
        # A text may begin with a rule of dashes; then there is no front matter to obey.
        if re.search(r"^\w+:", block, re.M):
            happened = say("the front matter of {name} is not valid YAML", name=name)
            raise UnreadableFile(happened, hint=say("Correct it, or remove it"))
        return {}
    return fields


def from_json_lines(text: str, *, name: str) -> Iterator[Document | Unread]:
    """One article a line; a bad line is reported by its number and the rest goes on."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        where = say("line {number} of {name}", number=str(number), name=name)
        try:
            yield _from_json(line, where=where)
        except QuothError as error:
            yield Unread(where, error)


def _from_json(line: str, *, where: str) -> Document:
    return _from_record(_parsed(line, where=where, hint=say("Write one JSON object a line")), where=where)


def _parsed(text: str, *, where: str, hint: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers of thousands of digits, and deep nesting
        raise InvalidInput(say("{line} is not JSON", line=where), hint=hint) from error


def _from_record(record: object, *, where: str) -> Document:
    fields = article_fields(record) if isinstance(record, dict) else {}
    if not isinstance(fields.get("text"), str) or not fields["text"].strip():
        hint = say('Give each line a "doc_id", a "title" and a "text"')
        raise InvalidInput(say("{line} has no text", line=where), hint=hint)
    doc_id = fields.get("doc_id")
    return _document(fields["text"], fields, doc_id=None if doc_id is None else str(doc_id))


def from_json(text: str, *, name: str) -> Iterator[Document | Unread]:
    """One article, a list of them, or an exported Discord channel. Raises InvalidInput for what is no JSON."""
    given = _parsed(text.removeprefix("\ufeff"), where=name, hint=say("Save it again"))
    if channel := channel_of(given):
        yield from _from_channel(channel, name=name)
        return
    records = given if isinstance(given, list) else [given]
    for number, record in enumerate(records, start=1):
        where = say("article {number} of {name}", number=str(number), name=name) if len(records) > 1 else name
        try:
            yield _from_record(record, where=where)
        except QuothError as error:
            yield Unread(where, error)


def _from_channel(channel: Channel, *, name: str) -> Iterator[Document | Unread]:
    """The articles in a channel's messages; the first one's note says how much talk there was beside them."""
    left_out = say_count("{n} shorter message was left out", "{n} shorter messages were left out", channel.others)
    if not channel.articles:
        hint = say("Messages of three sentences and 200 characters are taken")
        yield Unread(name, UnreadableFile(say("{name} holds no article", name=name), hint=hint))
    for number, fields in enumerate(channel.articles):
        note = left_out if channel.others and not number else None
        try:
            yield replace(_document(fields["text"], fields, doc_id=fields.get("doc_id"), name=name), note=note)
        except QuothError as error:
            yield Unread(name, error)


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
    return replace(_document(page.text, fields, doc_id=None, name=name), published=published, published_from=origin)


def _document(text: str, fields: Mapping[str, Any], *, doc_id: str | None, name: str | None = None) -> Document:
    name = name or doc_id or say("the article")
    if len(text) > LARGEST_TEXT:
        happened = say("{name} has over {number} characters", name=name, number=LARGEST_TEXT)
        raise InvalidInput(happened, hint=say("Add it in parts"))
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
    if not isinstance(value, str) or not value.strip():
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
        early, late = (parser.parse(value, default=datetime(2000, m, m), dayfirst=m == 2) for m in (1, 2))
    except (ValueError, OverflowError):
        return None
    return early.date().isoformat() if early.date() == late.date() else None
