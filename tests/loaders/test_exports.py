"""What other programs wrote is added as it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from retrieval.loaders.documents import Document, Unread
from retrieval.loaders.exports import article_fields, channel_of, may_hold_articles
from retrieval.loaders.files import load
from retrieval.loaders.json_files import from_json
from tests.articles import BRIDGE, ORCHESTRA
from tests.made import zipped

URL = "https://gazette.example/bridge"
KNOWN = {
    "newspaper4k": {
        "text": BRIDGE,
        "title": "Bridge closed",
        "authors": ["Jane Roe", "Max Doe"],
        "publish_date": "2024-05-01 10:00:00",
        "source_url": "https://www.gazette.example",
        "url": URL,
        "summary": "",
    },
    "news-please": {
        "maintext": BRIDGE,
        "title": "Bridge closed",
        "authors": ["Jane Roe", "Max Doe"],
        "date_publish": "2024-05-01 10:00:00",
        "date_download": "2024-06-01 10:00:00",
        "source_domain": "gazette.example",
        "url": URL,
    },
    "trafilatura": {
        "text": BRIDGE,
        "title": "Bridge closed",
        "author": "Jane Roe, Max Doe",
        "date": "2024-05-01",
        "hostname": "gazette.example",
        "source": URL,
    },
    "CC-News": {
        "text": BRIDGE,
        "title": "Bridge closed",
        "authors": "Jane Roe, Max Doe",
        "date": "2024-05-01 00:00:00",
        "domain": "gazette.example",
        "url": URL,
    },
}


def _read(given: object) -> list[Document | Unread]:
    return list(from_json(json.dumps(given), name="export.json"))


def _message(content: str, **more: Any) -> dict[str, Any]:
    author = {"name": "jane", "nickname": "Jane Roe"}
    return {"id": "30", "timestamp": "2024-05-01T23:30:00+02:00", "content": content, "author": author, **more}


def _channel(*messages: object, guild: str = "10") -> dict[str, Any]:
    return {"guild": {"id": guild}, "channel": {"id": "20", "name": "news"}, "messages": list(messages)}


@pytest.mark.parametrize("program", KNOWN)
def test_what_others_call_the_fields_is_understood(program: str) -> None:
    """Each says the same in words of its own."""
    assert _read(KNOWN[program]) == [
        Document(
            BRIDGE,
            title="Bridge closed",
            source="gazette.example",
            author="Jane Roe, Max Doe",
            published="2024-05-01",
            published_from="user",
            url=URL,
        )
    ]


def test_our_own_names_come_first() -> None:
    found = article_fields({"text": "A", "maintext": "B", "source": "Gazette", "domain": "x", "doc_id": "7"})
    assert (found["text"], found["source"], found["doc_id"]) == ("A", "Gazette", "7")
    assert article_fields({"source_url": "http://[x"})["source"] is None


def test_a_list_is_read_one_by_one() -> None:
    """What is no article is told by its number."""
    first, bad, last = _read([{"text": BRIDGE}, {"title": "No text"}, {"text": ORCHESTRA}])
    assert (isinstance(first, Document), isinstance(last, Document)) == (True, True)
    assert isinstance(bad, Unread)
    assert bad.name == "article 2 of export.json"
    assert "has no text" in str(bad.error)


def test_messages_that_are_articles_are_taken_and_talk_is_counted() -> None:
    (document,) = _read(_channel(_message("Good morning!"), _message(BRIDGE), _message("Thanks. " * 9), "no message"))
    assert isinstance(document, Document)
    assert (document.text, document.source, document.author) == (BRIDGE, "news", "Jane Roe")
    assert (document.published, document.published_from) == ("2024-05-01", "header")
    assert (document.doc_id, document.url) == ("discord 20/30", "https://discord.com/channels/10/20/30")
    assert document.note == "2 shorter messages were left out"


def test_a_first_line_is_a_messages_title_if_it_is_short() -> None:
    titles = [
        a["title"]
        for text in (f"**Bridge closed**\n{BRIDGE}", BRIDGE.replace("\n", " "))
        for a in _articles(_message(text))
    ]
    assert titles == ["Bridge closed", None]


def _articles(*messages: object) -> tuple[dict[str, Any], ...]:
    found = channel_of(_channel(*messages))
    assert found
    return found.articles


def test_an_embed_speaks_for_a_message_that_is_short() -> None:
    """The first that is an article."""
    embeds = [{"description": "Teaser."}, {"title": "Bridge", "description": BRIDGE, "author": {"name": "The Gazette"}}]
    (found,) = _articles(_message("Look:", embeds=embeds))
    assert (found["text"], found["title"], found["author"]) == (BRIDGE, "Bridge", "The Gazette")


def test_a_private_message_has_no_address() -> None:
    (document,) = _read(_channel(_message(BRIDGE), guild="0"))
    assert isinstance(document, Document)
    assert (document.url, document.note) == (None, None)


def test_a_channel_of_talk_holds_no_article() -> None:
    (unread,) = _read(_channel(_message("Good morning!", embeds=None, author=None)))
    assert isinstance(unread, Unread)
    assert "holds no article" in str(unread.error)


def test_a_message_that_cannot_be_stored_is_told() -> None:
    (unread,) = _read(_channel(_message(f"{BRIDGE} \ud800")))
    assert isinstance(unread, Unread)
    assert "half a character" in str(unread.error)


@pytest.mark.parametrize("given", [[], {}, {"messages": "none"}, 5, None])
def test_other_json_is_no_channel(given: object) -> None:
    assert channel_of(given) is None


def test_what_a_program_keeps_for_itself_is_passed_over_in_a_folder(tmp_path: Path) -> None:
    """In an archive, too; a file that is named itself is not."""
    settings, article = json.dumps({"colour": "red"}), json.dumps({"text": BRIDGE})
    (tmp_path / "package.json").write_text(settings, encoding="utf-8")
    (tmp_path / "story.json").write_text(article, encoding="utf-8")
    (tmp_path / "z.zip").write_bytes(zipped({"package.json": settings, "story.json": article}))
    assert [type(found) for found in load(tmp_path)] == [Document, Document]
    (unread,) = load(tmp_path / "package.json")
    assert isinstance(unread, Unread)
    assert not may_hold_articles(settings.encode())


def test_what_is_no_json_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"text": "cut', encoding="utf-8")
    (unread,) = load(tmp_path / "a.json")
    assert isinstance(unread, Unread)
    assert "a.json is not JSON" in str(unread.error)
