"""JSON → documents: one article a line, one or several a file, or an exported Discord channel."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from retrieval.errors import InvalidInput, QuothError, UnreadableFile
from retrieval.loaders.documents import Document, Unread, made
from retrieval.loaders.exports import Channel, article_fields, channel_of
from retrieval.messages import say, say_count


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
    return made(fields["text"], fields, doc_id=None if doc_id is None else str(doc_id))


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
            yield replace(made(fields["text"], fields, doc_id=fields.get("doc_id"), name=name), note=note)
        except QuothError as error:
            yield Unread(name, error)
