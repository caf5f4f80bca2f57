"""Each line of JSON Lines is an article; a bad one is reported, and the rest goes on."""

import json
from typing import Any

import pytest

from retrieval.errors import InvalidInput
from retrieval.loaders import documents, json_files
from retrieval.loaders.documents import Document, Unread
from retrieval.loaders.json_files import from_json, from_json_lines


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


def test_an_id_that_is_a_nest_of_lists_is_none() -> None:
    """To write it out could go deeper than to read it went."""
    for depth in (1, 900):
        (found,) = _lines(f'{{"text": "One.", "doc_id": {"[" * depth}{"]" * depth}}}')
        assert found == Document("One.")


def test_a_text_of_millions_of_values_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three bytes each, they would take a hundred in memory; commas of a long article are no reason."""
    monkeypatch.setattr(json_files, "_MOST_VALUES", 100)
    many = f'{{"text": [{",".join(["{}"] * 60)}]}}'
    (line,) = _lines(many)
    assert isinstance(line, Unread)
    assert "more than 100 values" in str(line.error)
    with pytest.raises(InvalidInput, match="more than 100 values"):
        list(from_json(many, name="a.json"))
    assert _lines(json.dumps({"text": "One, two. " * 60})) == [Document("One, two. " * 60)]


@pytest.mark.parametrize("read", [from_json, from_json_lines])
def test_a_file_of_something_else_is_not_reported_line_by_line(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some are, and then that there are more; what came before is read."""
    monkeypatch.setattr(json_files, "_MOST_UNREAD", 10)
    records = ['{"text": "One."}', *["0"] * 5_000]
    text = f"[{','.join(records)}]" if read is from_json else "\n".join(records)
    first, *bad = read(text, name="a")
    assert first == Document("One.")
    assert len(bad) == 11
    assert "more than 10 parts of a are no articles" in str(bad[-1].error)
