"""Each line of JSON Lines is an article; a bad one is reported, and the rest goes on."""

import json

import pytest

from retrieval.errors import InvalidInput
from retrieval.loaders import documents
from retrieval.loaders.documents import Document, Unread
from retrieval.loaders.json_files import from_json_lines


def _lines(text: str) -> list[Document | Unread]:
    return list(from_json_lines(text, name="docs.jsonl"))


def test_each_line_is_a_document() -> None:
    """Known by its own id; optional fields may be missing; blank lines are passed over."""
    line = '{"doc_id": 7, "title": "A", "text": "One.\\r\\n", "published": "2024-05-01", "author": null}'
    first, second = _lines(f'{line}\n\n{{"text": "Two."}}')
    assert first == Document(
        "One.\r\n", doc_id="7", title="A", published="2024-05-01", published_from="user", is_file=False
    )
    assert second == Document("Two.")


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '"text"',
        "{}",
        '{"text": ""}',
        '{"text": 5}',
        '{"text": "half \\ud800"}',
        '{"text": "A.", "title": "half \\udfff"}',
        '{"text": "A.", "doc_id": "\\ud83e"}',
        "[" * 100_000,
        f'{{"doc_id": {"9" * 5_000}, "text": "A."}}',
    ],
)
def test_a_bad_line_is_reported_by_its_number(line: str) -> None:
    """And the lines around it are read."""
    before, bad, after = _lines(f'{{"text": "One."}}\n{line}\n{{"text": "Two."}}')
    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert isinstance(bad, Unread)
    assert bad.name == "line 2 of docs.jsonl"
    str(bad.error).encode()


def test_a_byte_order_mark_before_json_is_no_error() -> None:
    """Windows programs put it there."""
    assert _lines('\ufeff{"text": "One."}') == [Document("One.")]


def test_a_line_separator_inside_a_text_does_not_end_the_line() -> None:
    """U+2028 is a character of the text."""
    text = "One.\u2028Two.\x85"
    assert _lines(json.dumps({"text": text}, ensure_ascii=False)) == [Document(text)]


def test_an_article_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts characters."""
    monkeypatch.setattr(documents, "LARGEST_TEXT", 4)
    (found,) = _lines('{"text": "12345"}')
    assert isinstance(found, Unread)
    assert isinstance(found.error, InvalidInput)
