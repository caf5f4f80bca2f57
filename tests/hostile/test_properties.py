"""What holds for every text and every sequence of bytes, whoever made it."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import keys, markdown
from retrieval.answers import operators
from retrieval.chunk import passage_text, split
from retrieval.clean import clean, kept
from retrieval.errors import InvalidInput, InvalidQuestion, InvalidSettings, QuothError
from retrieval.extraction.feeds import parse
from retrieval.extraction.hidden import without_hidden
from retrieval.extraction.kinds import SUFFIXES, extract_file
from retrieval.layout import Page
from retrieval.loaders.documents import Document, Unread, decode, from_text
from retrieval.loaders.exports import article_fields, channel_of
from retrieval.loaders.files import load
from retrieval.loaders.json_files import from_json, from_json_lines
from retrieval.settings import AnswerSettings, ModelSettings, Settings, WebSettings
from retrieval.text import Span, folded, lines, paragraphs, sentences, words
from retrieval.web.addresses import Target, canonical, host_of, target_of

_KEYS = st.sampled_from([f.name for kind in (ModelSettings, AnswerSettings, WebSettings) for f in fields(kind)])
_TODAY = date(2024, 5, 1)
_PIECES = st.sampled_from(
    [
        *(
            "ADVERTISEMENT",
            "By Jane Roe",
            "PARIS (Reuters) - ",
            "Read more: another story",
            "(Source: Getty)",
            "Most read",
        ),
        *("The bridge was closed on Monday after engineers had found cracks in two of its cables.", "“No,” she said."),
        *(
            "\n",
            "\n\n",
            "\r\n",
            "\t",
            " ",
            "\u200b",
            "\u202e",
            "\ufeff",
            "\u2028",
            "# ",
            "## Heading",
            "---",
            "—",
            "1,000",
        ),
        *("To contact the reporter on this story: Jane Roe", "Related", "U.S. ", "9 a.m.", "© 2024 Gazette", "«", "“"),
        *(
            "source:news",
            'after:"2018-07"',
            "before:",
            '"exact words"',
            "latest",
            "July 2018",
            "[a](b)",
            "@everyone",
            "*",
            "||",
        ),
    ]
)
ANY = st.text(max_size=300)
TEXTS = ANY | st.lists(_PIECES | st.text(max_size=12), max_size=30).map("".join)
WHOLE = TEXTS.filter(lambda text: text == text.encode(errors="ignore").decode())  # what can be stored
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from("text title author source url published messages embeds content id doc_id".split()) | ANY,
            inside,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def _count(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


@given(WHOLE)
@settings(max_examples=80)
def test_every_character_that_is_kept_is_in_one_passage_at_its_place(text: str) -> None:
    """Marks and passages together are the whole text, but for white space; no two share a character."""
    marks = clean(text).marks
    passages = split(text, marks, count=_count, room=40)
    spans = [sentence for passage in passages for sentence in passage.sentences]
    owners = [0] * len(text)
    for start, end in [*spans, *((mark.start, mark.end) for mark in marks)]:
        assert 0 <= start < end <= len(text)
        for at in range(start, end):
            owners[at] += 1
    assert all(
        count == (0 if character.isspace() else 1) or (character.isspace() and count <= 1)
        for count, character in zip(owners, text, strict=True)
    )
    for passage in passages:
        read, inside = passage_text(text, passage)
        assert [read[s:e] for s, e in inside] == [text[s:e] for s, e in passage.sentences]


@given(WHOLE)
@settings(max_examples=80)
def test_cleaning_twice_marks_no_more(text: str) -> None:
    """With what it found given back to it; and the same text always gives the same."""
    found = clean(text)
    assert clean(text) == found
    assert clean(text, title=found.title, marks=found.marks).marks == found.marks


@given(WHOLE)
def test_every_line_and_paragraph_is_a_slice(text: str) -> None:
    """In order, and without a character lost between them but white space."""
    whole = Span(0, len(text))
    for parts in (list(lines(text, whole)), list(paragraphs(text, whole)), sentences(text)):
        assert all(a.end <= b.start for a, b in pairwise(parts))
        assert "".join("".join(text[s:e].split()) for s, e in parts) == "".join(text.split())
    page = Page(text, (), kept(text, ()))
    assert all(page.slice(line) == text[line.start : line.end] for line in page.every)
    assert words(folded(text)) == words(text)


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_an_error_in_words(content: bytes) -> None:
    """Never an exception that nobody wrote a sentence for."""
    try:
        text = decode(content, name="a.txt")
        document = from_text(text, name="a.txt")
    except QuothError:
        return
    assert document.text == text
    assert all(0 <= mark.start < mark.end <= len(text) for mark in document.marks)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@given(content=st.binary(max_size=200) | TEXTS.map(lambda text: text.encode(errors="replace")))
@settings(max_examples=30)
def test_any_bytes_are_a_file_or_an_error_in_words(suffix: str, content: bytes) -> None:
    """Also where they are nothing of the kind that the name says."""
    try:
        pages = extract_file(content, name="a", suffix=suffix).pages
    except QuothError:
        return
    assert all(page.text.strip() for page in pages)


@given(
    st.binary(max_size=300) | ANY.map(lambda text: f'<rss version="2.0"><channel><item>{text}'.encode(errors="replace"))
)
@settings(max_examples=100)
def test_any_bytes_are_a_feed_or_an_error_in_words(content: bytes) -> None:
    try:
        feed = parse(content, address="https://news.example/feed")
    except QuothError:
        return
    assert all(entry.key and entry.feed == "https://news.example/feed" for entry in feed.entries)


@given(JSON)
def test_any_json_is_articles_or_errors_in_words(value: object) -> None:
    """Whatever stands where a text should."""
    written = json.dumps(value)
    for found in (*_found(written), *from_json_lines(written, name="a.jsonl")):
        assert isinstance(found, Document | Unread)
        if isinstance(found, Document):
            assert found.text.strip()
    if isinstance(value, dict):
        article_fields(value)
    channel_of(value)


def _found(written: str) -> list[Document | Unread]:
    try:
        return list(from_json(written, name="a.json"))
    except InvalidInput as error:
        return [Unread("a.json", error)]


@given(ANY)
def test_any_name_of_a_file_is_looked_for_and_no_more(name: str) -> None:
    """Names with NUL, too long or with half characters included."""
    for found in load(Path("/nowhere/at/all") / name.lstrip("/.") / "a.txt"):
        assert isinstance(found, Unread)


@given(TEXTS)
@settings(max_examples=80)
def test_any_question_is_read_or_refused_in_words(question: str) -> None:
    """Its limits and phrases are words of it."""
    try:
        request = operators.read(question, today=_TODAY)
    except InvalidQuestion:
        return
    assert all(name in {"source", "after", "before", "on"} and value for name, value in request.limits)
    assert operators.read(question, today=_TODAY) == request
    request.holds(question)
    assert all(0 <= start < end <= len(question) for start, end in request.places(question))


@given(TEXTS)
def test_any_text_is_shown_as_it_is(text: str) -> None:
    """Escaped and read back; cut to any length, it stays within it."""
    assert markdown.unescape(markdown.escape(text)) == text
    for limit in (1, 2, 10, 100):
        assert len(markdown.shorten(text, limit)) <= limit


@given(ANY | st.from_regex(keys.CODE, fullmatch=True))
@settings(max_examples=80)
def test_any_custom_id_is_a_code_or_is_none(custom_id: str) -> None:
    """What is pressed comes from outside: a code that is read is written again as the same."""
    try:
        key, page = keys.decode(custom_id)
    except ValueError:
        return
    again = keys.encode(key, page)
    assert again is None or keys.decode(again) == (key, page)


@given(ANY | st.builds(lambda host, path: f"https://{host}/{path}", ANY, ANY))
def test_any_address_is_taken_apart_or_refused_in_words(address: str) -> None:
    """And its host is ASCII, whatever it is written in."""
    try:
        target = target_of(address)
    except QuothError:
        pass
    else:
        assert isinstance(target, Target)
        assert target_of(target.url) == target
    assert host_of(address).isascii()


@given(st.builds(lambda host, path: f"https://{host}.example/{path}", st.from_regex("[a-z]{1,9}", fullmatch=True), ANY))
def test_the_address_a_page_is_known_by_stays_the_same(address: str) -> None:
    try:
        once = canonical(address)
    except ValueError:
        return
    assert canonical(once) == once


@given(TEXTS.map(lambda text: f"<html><body>{text}<p hidden>gone</p><i style='{text}'>x</i></body></html>"))
@settings(max_examples=60)
def test_hidden_text_is_taken_out_of_any_page(page: str) -> None:
    found = without_hidden(page)
    assert without_hidden(found) == found


@given(st.dictionaries(st.sampled_from(["model", "answers", "web"]), st.dictionaries(_KEYS | ANY, JSON), max_size=3))
def test_any_settings_are_read_or_refused_in_words(tables: dict[str, Any]) -> None:
    """Naming the key."""
    with contextlib.suppress(InvalidSettings):
        Settings.from_tables(tables)
