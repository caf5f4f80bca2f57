"""JSON → documents: one article a line, one or several a file, or an exported Discord channel."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from retrieval.errors import InvalidInput, QuothError, UnreadableFile
from retrieval.loaders.documents import Document, Unread, made
from retrieval.loaders.exports import Channel, article_fields, channel_of
from retrieval.messages import say, say_count

_LINE = re.compile(r"[^\n]+")
_MOST_VALUES = 2_000_000  # of one JSON text; a few bytes each, they take a hundred in memory
_MOST_UNREAD = 1_000  # lines or records of a file that are reported; what has more holds something else


def from_json_lines(text: str, *, name: str) -> Iterator[Document | Unread]:
    """One article a line; a bad line is reported by its number and the rest goes on."""
    return _while_any_is_read(_of_lines(text.removeprefix("\ufeff"), name=name), name=name)


def _of_lines(text: str, *, name: str) -> Iterator[Document | Unread]:
    for number, line in _lines(text):
        if not line.strip():
            continue
        where = say("line {number} of {name}", number=str(number), name=name)
        try:
            yield _from_json(line, where=where)
        except QuothError as error:
            yield Unread(where, error)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Those that are not empty, with their numbers: a list of millions of empty ones would be longer than the text."""
    number, counted = 1, 0
    for line in _LINE.finditer(text):
        number += text.count("\n", counted, line.start())
        counted = line.start()
        yield number, line[0]


def _while_any_is_read(found: Iterable[Document | Unread], *, name: str) -> Iterator[Document | Unread]:
    """What is found, until too much of it cannot be read: each report takes a kilobyte, and a line two bytes."""
    unread = 0
    for one in found:
        yield one
        unread += isinstance(one, Unread)
        if unread == _MOST_UNREAD:
            happened = say("more than {count} parts of {name} are no articles", name=name, count=_MOST_UNREAD)
            yield Unread(name, InvalidInput(happened, hint=say("Correct it, and add it again")))
            return


def _from_json(line: str, *, where: str) -> Document:
    return _from_record(_parsed(line, where=where, hint=say("Write one JSON object a line")), where=where)


def _parsed(text: str, *, where: str, hint: str) -> Any:
    if sum(map(text.count, ",[{")) > _MOST_VALUES:
        happened = say("{name} holds more than {count} values", name=where, count=_MOST_VALUES)
        raise InvalidInput(happened, hint=say("Split it and add the parts"))
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
    return made(fields["text"], fields, doc_id=str(doc_id) if isinstance(doc_id, str | int | float) else None)


def from_json(text: str, *, name: str) -> Iterator[Document | Unread]:
    """One article, a list of them, or an exported Discord channel. Raises InvalidInput for what is no JSON."""
    given = _parsed(text.removeprefix("\ufeff"), where=name, hint=say("Save it again"))
    if channel := channel_of(given):
        yield from _from_channel(channel, name=name)
        return
    records = given if isinstance(given, list) else [given]
    yield from _while_any_is_read(_from_records(records, name=name), name=name)


def _from_records(records: Sequence[object], *, name: str) -> Iterator[Document | Unread]:
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
            yield replace(made(fields["text"], fields, doc_id=fields.get("doc_id"), name=name), note=note)
        except QuothError as error:
            yield Unread(name, error)
