"""What a person names becomes documents: addresses of pages and feeds beside files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.loaders.documents import Document, Unread
from retrieval.loaders.reading import Reader
from tests.articles import BRIDGE
from tests.sites import ROBOTS, Reply, Site, item, newspaper, page, rss, served, web_for

LONG = " ".join(f"Engineers closed bridge number {number} over the river." for number in range(40))


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        newspaper(site, "/a", "/b", "/c")
        yield site


@pytest.fixture
def reader(site: Site) -> Iterator[Reader]:
    with Reader(web_for(site), entries=2) as reader:
        yield reader


def _documents(reader: Reader, *sources: str | Path) -> list[Document]:
    found = list(reader.documents(sources))
    assert not [f for f in found if isinstance(f, Unread)]
    return [f for f in found if isinstance(f, Document)]


def _error(reader: Reader, source: str) -> str:
    (unread,) = reader.documents([source])
    assert isinstance(unread, Unread)
    assert unread.name == source
    return str(unread.error)


def test_a_page_becomes_a_document_known_by_its_address(reader: Reader, site: Site) -> None:
    """Not by how somebody came there."""
    (document,) = _documents(reader, site.url("/a") + "#comments")
    assert (document.url, document.doc_id, document.is_file) == (site.url("/a"), None, False)
    assert (document.title, document.source) == ("Story a", "The Gazette")
    assert (document.published, document.published_from) == ("2024-05-01", "json-ld")
    assert "cracks in two of its pillars" in document.text
    assert "Imprint" not in document.text


def test_a_page_that_a_person_names_needs_no_leave_of_robots(reader: Reader, site: Site) -> None:
    """It is as if they opened it."""
    site.pages["/robots.txt"] = Reply("User-agent: *\nDisallow: /", kind="text/plain")
    assert len(_documents(reader, site.url("/a"))) == 1


def test_a_plain_text_is_an_article_of_its_address(reader: Reader, site: Site) -> None:
    """Its front matter is a stranger's, and cannot name another page."""
    text = f"---\ntitle: Bridge\nurl: https://other.example/\n---\n{BRIDGE}"
    site.pages["/a.txt"] = Reply(text, kind="text/plain; charset=utf-8")
    (document,) = _documents(reader, site.url("/a.txt"))
    assert (document.text, document.title, document.url) == (text, "Bridge", site.url("/a.txt"))
    assert document.doc_id is None


def test_the_entries_of_a_feed_are_read(reader: Reader, site: Site) -> None:
    """As many as are wanted at once."""
    assert [d.title for d in _documents(reader, site.url("/feed"))] == ["Story a", "Story b"]


def test_files_and_documents_are_read_as_ever(reader: Reader, tmp_path: Path) -> None:
    """Pages that were saved go through the process apart, too."""
    (tmp_path / "a.txt").write_text(BRIDGE, encoding="utf-8")
    (tmp_path / "b.html").write_text(page("Bridge closed", BRIDGE), encoding="utf-8")
    first, second = _documents(reader, str(tmp_path))
    assert (first.text, second.title, second.published_from) == (BRIDGE, "Bridge closed", "json-ld")
    assert second.doc_id == str(tmp_path / "b.html")
    given = Document("A sentence.")
    assert list(reader.documents([given])) == [given]


def test_what_cannot_be_had_is_told_and_the_rest_goes_on(reader: Reader, site: Site) -> None:
    """Under the address that was given."""
    site.pages["/empty"] = Reply("<html></html>")
    site.pages["/nothing"] = Reply(rss(""), kind="application/rss+xml")
    site.pages["/broken"] = Reply('<?xml version="1.0"?><rss ><chan', kind="application/rss+xml")
    for path, said in (
        ("/gone", "has no page"),
        ("/empty", "holds no article"),
        ("/nothing", "names no articles"),
        ("/broken", "names no articles"),
    ):
        assert said in _error(reader, site.url(path))
    assert "is no web address" in _error(reader, "file:///etc/passwd")
    assert "no public address" in _error(reader, "http://10.0.0.1:80/") or "port" in _error(reader, "http://10.0.0.1/")
    results = list(reader.documents([site.url("/gone"), site.url("/a")]))
    assert [type(r) for r in results] == [Unread, Document]


def _one_entry(site: Site, link: str, *, text: str = "", more: str = "") -> str:
    description = f"<description>{text}</description>{more}"
    site.pages["/feed"] = Reply(rss(item(link, "From the feed", more=description)), kind="application/rss+xml")
    return site.url("/feed")


def test_the_feeds_own_text_stands_in_for_a_page_that_cannot_be_had(reader: Reader, site: Site) -> None:
    """If it is more than a teaser; and that is said."""
    (document,) = _documents(reader, _one_entry(site, site.url("/gone"), text=LONG))
    assert (document.text, document.title, document.url) == (LONG, "From the feed", site.url("/gone"))
    assert document.note == "the text is the feed's own, because news.example has no page /gone (status 404)"


@pytest.mark.parametrize("link", ["/gone", "/feed", "/private/x"])
def test_a_teaser_is_no_article(reader: Reader, site: Site, link: str) -> None:
    """Nor is a feed within a feed, or a page that robots.txt keeps for people."""
    site.pages["/robots.txt"] = Reply(ROBOTS, kind="text/plain")
    site.pages["/private/x"] = Reply(page("X", BRIDGE))
    (unread,) = reader.documents([_one_entry(site, site.url(link), text="Read more!")])
    assert isinstance(unread, Unread)
    assert unread.name == site.url(link)
    assert "/private/x" not in site.paths


def test_an_entry_without_a_page_is_known_by_its_id(reader: Reader, site: Site) -> None:
    """Its text is the feed's."""
    items = f"<item><title>A</title><guid isPermaLink='false'>urn:7</guid><description>{LONG}</description></item>"
    site.pages["/feed"] = Reply(rss(items), kind="application/rss+xml")
    (document,) = _documents(reader, site.url("/feed"))
    assert (document.url, document.text) == (None, LONG)
    assert str(document.doc_id).endswith(" urn:7")  # after the address of the feed, which alone gives such ids


def test_the_feed_gives_what_the_page_does_not_say(reader: Reader, site: Site) -> None:
    """Title, author and date; a date that is no whole day is left out."""
    site.pages["/bare"] = Reply(f"<html><body><article><p>{LONG}</p></article></body></html>")
    dated = "<pubDate>Wed, 01 May 2024 23:30:00 -0500</pubDate><dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Ann</dc:creator>"
    (document,) = _documents(reader, _one_entry(site, site.url("/bare"), more=dated))
    assert (document.title, document.author) == ("From the feed", "Ann")
    assert (document.published, document.published_from) == ("2024-05-01", "feed")
    (document,) = _documents(reader, _one_entry(site, site.url("/bare"), more="<pubDate>May</pubDate>"))
    assert (document.published, document.published_from) == (None, "unknown")
    (document,) = _documents(reader, _one_entry(site, site.url("/a"), more=dated))
    assert (document.title, document.published_from) == ("Story a", "json-ld")
