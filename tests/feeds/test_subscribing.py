"""Feeds that a library is subscribed to."""

from pathlib import Path

import pytest

from retrieval.errors import AddressRefused, InvalidInput, NotFound, ServerRefused, WrongContent
from retrieval.library import Library
from retrieval.records import Feed
from retrieval.store.homes import library_path
from retrieval.upkeep import backup, restore
from tests.articles import BRIDGE
from tests.feeds.reading import NOON, poll
from tests.sites import Reply, Site


def test_a_feed_is_subscribed_to_by_its_address(reading: Library, site: Site) -> None:
    """Its title is read; nothing is added before the first poll."""
    feed = reading.feeds.subscribe(site.url("/feed", host="News.Example"))
    assert feed == Feed(site.url("/feed"), "The Gazette", NOON.isoformat(), None, None, 0, None, 0)
    assert reading.feeds.all() == (feed,)
    assert reading.articles() == ()


def test_a_subscription_is_made_once(reading: Library, site: Site) -> None:
    """However the address is written."""
    reading.feeds.subscribe(site.url("/feed"))
    with pytest.raises(InvalidInput, match="already"):
        reading.feeds.subscribe(site.url("/feed", host="NEWS.example"))


@pytest.mark.parametrize(("path", "error"), [("/a", WrongContent), ("/gone", ServerRefused), ("/broken", WrongContent)])
def test_what_is_no_feed_is_not_subscribed_to(
    reading: Library, site: Site, path: str, error: type[InvalidInput]
) -> None:
    """And is not kept."""
    site.pages["/broken"] = Reply('<x:RDF xmlns:x="y"></x:RDF>', kind="text/xml")
    with pytest.raises(error):
        reading.feeds.subscribe(site.url(path))
    with pytest.raises(AddressRefused):
        reading.feeds.subscribe("ftp://news.example/feed")
    assert reading.feeds.all() == ()


def test_a_page_that_names_its_feeds_helps(reading: Library, site: Site) -> None:
    """Few people know a feed's address."""
    links = "".join(
        f'<link rel="alternate" type="{kind}" href="{href}">'
        for kind, href in (
            ("application/rss+xml", "/feed"),
            ("application/rss+xml", "feed"),
            ("application/atom+xml", "https://other.example/atom"),
            ("application/rss+xml", "javascript:alert(1)"),
            ("application/rss+xml", "https://[x"),
            ("text/html", "/print"),
        )
    )
    site.pages["/"] = Reply(f"<!doctype html><html><head>{links}</head></html>")
    with pytest.raises(WrongContent) as refused:
        reading.feeds.subscribe(site.url("/"))
    assert refused.value.hint == f"It names {site.url('/feed')} and https://other.example/atom"
    with pytest.raises(WrongContent, match="Look for an RSS or Atom address"):
        reading.feeds.subscribe(site.url("/a"))
    site.pages["/a.txt"] = Reply(BRIDGE, kind="text/plain")
    with pytest.raises(WrongContent, match="Look for an RSS or Atom address"):
        reading.feeds.subscribe(site.url("/a.txt"))


def test_a_subscription_ends_and_its_articles_stay(reading: Library, site: Site) -> None:
    """What is unknown is not found."""
    feed = reading.feeds.subscribe(site.url("/feed"))
    poll(reading)
    assert reading.feeds.unsubscribe(feed.url).articles == 2
    assert (reading.feeds.all(), len(reading.articles())) == ((), 2)
    for unknown in (feed.url, "https://other.example/feed"):
        with pytest.raises(NotFound):
            reading.feeds.unsubscribe(unknown)


def test_the_number_of_feeds_has_a_bound(reading: Library, site: Site) -> None:
    """So that a poll ends."""
    for number in range(200):
        reading._store.subscriptions.add(f"https://news.example/{number}", title="x", added="x")
    with pytest.raises(InvalidInput, match="200 feeds"):
        reading.feeds.subscribe(site.url("/feed"))


def test_subscriptions_are_backed_up_restored_and_forgotten(reading: Library, site: Site, home: Path) -> None:
    """They are in the library's own file."""
    reading.feeds.subscribe(site.url("/feed"))
    poll(reading)
    backup(home, home / "b.zip")
    before = reading.feeds.all()
    reading.feeds.unsubscribe(site.url("/feed"))
    restore(home, home / "b.zip")
    assert reading.feeds.all() == before
    assert reading.problems() == []
    reading.forget()
    assert not library_path(home, "default").exists()
