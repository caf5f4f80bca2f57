"""Feeds that move, and feeds that end."""

import pytest

from retrieval.library import Library
from tests.feeds.reading import only_feed, poll, statuses
from tests.sites import Reply, Site


def _moved(site: Site, *, status: int = 301, to: str = "/new") -> None:
    site.pages["/new"] = site.pages["/feed"]
    site.pages["/feed"] = Reply(status=status, headers={"Location": to})


@pytest.mark.parametrize("status", [301, 308])
def test_a_feed_that_moved_for_good_is_asked_at_its_new_address(reading: Library, site: Site, status: int) -> None:
    """The result says so once; what is known of it goes along, so no article comes again."""
    reading.feeds.subscribe(site.url("/feed"))
    poll(reading)
    _moved(site, status=status)
    (moved,) = poll(reading, everything=True)
    assert (moved.status, moved.article, moved.error) == ("moved", None, None)
    assert str(moved.note) == f"the feed The Gazette has moved for good, to {site.url('/new')}"
    assert (only_feed(reading).url, only_feed(reading).articles) == (site.url("/new"), 2)
    asked = len(site.asked)
    assert poll(reading, everything=True) == []
    assert "/feed" not in [path for path, _ in site.asked[asked:]]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_feed_that_is_elsewhere_for_now_keeps_its_address(reading: Library, site: Site, status: int) -> None:
    """Its owner says that it comes back."""
    reading.feeds.subscribe(site.url("/feed"))
    _moved(site, status=status)
    assert statuses(poll(reading)) == ["added", "added"]
    assert only_feed(reading).url == site.url("/feed")


def test_only_the_lasting_part_of_a_way_is_remembered(reading: Library, site: Site) -> None:
    """Moved for good to an address that is elsewhere for now."""
    reading.feeds.subscribe(site.url("/feed"))
    site.pages["/there"] = site.pages["/feed"]
    site.pages["/feed"] = Reply(status=301, headers={"Location": "/new"})
    site.pages["/new"] = Reply(status=302, headers={"Location": "/there"})
    assert statuses(poll(reading)) == ["moved", "added", "added"]
    assert only_feed(reading).url == site.url("/new")


def test_a_move_to_something_that_is_no_feed_is_a_failure(reading: Library, site: Site) -> None:
    """A parked domain does not take a subscription with it."""
    reading.feeds.subscribe(site.url("/feed"))
    _moved(site, to="/a")
    assert statuses(poll(reading)) == ["failed"]
    assert only_feed(reading).url == site.url("/feed")


def test_a_feed_that_moves_to_one_that_is_there_becomes_one_with_it(reading: Library, site: Site) -> None:
    site.pages["/new"] = site.pages["/feed"]
    reading.feeds.subscribe(site.url("/feed"))
    reading.feeds.subscribe(site.url("/new"))
    poll(reading)
    _moved(site)
    assert statuses(poll(reading, everything=True)) == ["moved"]
    assert only_feed(reading).url == site.url("/new")
    assert only_feed(reading).articles == 2


def test_a_feed_is_subscribed_to_where_it_lasts(reading: Library, site: Site) -> None:
    _moved(site)
    assert reading.feeds.subscribe(site.url("/feed")).url == site.url("/new")


def test_a_feed_that_is_gone_for_good_ends_the_subscription(reading: Library, site: Site) -> None:
    """With a sentence; its articles stay."""
    reading.feeds.subscribe(site.url("/feed"))
    poll(reading)
    site.pages["/feed"] = Reply(status=410)
    (gone,) = poll(reading, everything=True)
    assert (gone.status, gone.name) == ("failed", site.url("/feed"))
    assert "gone for good" in str(gone.error)
    assert reading.feeds.all() == ()
    assert len(reading.articles()) == 2
