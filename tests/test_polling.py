"""Feeds: subscribed to, polled politely, and what is new is added."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retrieval.errors import AddressRefused, InvalidInput, NotFound, ServerRefused, WrongContent
from retrieval.library import Library
from retrieval.models import Models
from retrieval.polling import pause, retry_after
from retrieval.records import Added, Feed
from retrieval.settings import Settings
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.upkeep import backup, examine, restore
from tests.articles import BRIDGE
from tests.sites import ROBOTS, Reply, Site, item, newspaper, page, rss, served, web_for
from tests.toy import ToyEncoder

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        newspaper(site, "/a", "/b")
        yield site


@pytest.fixture
def reading(site: Site, home: Path, toy: ToyEncoder) -> Iterator[Library]:
    """A library that may visit the site; three new articles of a feed at once."""
    with Library(
        SqliteStore(library_path(home, "default")),
        settings=Settings.from_tables({"web": {"feed_entries": 3}}),
        models=Models(lambda _settings: toy),
        now=lambda: NOON,
        web=web_for(site),
    ) as library:
        yield library


def _poll(library: Library, *, at: datetime = NOON, everything: bool = False) -> list[Added]:
    return list(library.poll(now=at, everything=everything, chance=lambda: 0.0))


def _statuses(results: list[Added]) -> list[str]:
    return [result.status for result in results]


def _feed(library: Library) -> Feed:
    (feed,) = library.feeds()
    return feed


# Subscriptions


def test_a_feed_is_subscribed_to_by_its_address(reading: Library, site: Site) -> None:
    """Its title is read; nothing is added before the first poll."""
    feed = reading.subscribe(site.url("/feed", host="News.Example"))
    assert feed == Feed(site.url("/feed"), "The Gazette", NOON.isoformat(), None, None, 0, None, 0)
    assert reading.feeds() == (feed,)
    assert reading.articles() == ()


def test_a_subscription_is_made_once(reading: Library, site: Site) -> None:
    """However the address is written."""
    reading.subscribe(site.url("/feed"))
    with pytest.raises(InvalidInput, match="already"):
        reading.subscribe(site.url("/feed", host="NEWS.example"))


@pytest.mark.parametrize(("path", "error"), [("/a", WrongContent), ("/gone", ServerRefused), ("/broken", WrongContent)])
def test_what_is_no_feed_is_not_subscribed_to(
    reading: Library, site: Site, path: str, error: type[InvalidInput]
) -> None:
    """And is not kept."""
    site.pages["/broken"] = Reply('<x:RDF xmlns:x="y"></x:RDF>', kind="text/xml")
    with pytest.raises(error):
        reading.subscribe(site.url(path))
    with pytest.raises(AddressRefused):
        reading.subscribe("ftp://news.example/feed")
    assert reading.feeds() == ()


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
        reading.subscribe(site.url("/"))
    assert refused.value.hint == f"It names {site.url('/feed')} and https://other.example/atom"
    with pytest.raises(WrongContent, match="Look for an RSS or Atom address"):
        reading.subscribe(site.url("/a"))
    site.pages["/a.txt"] = Reply(BRIDGE, kind="text/plain")
    with pytest.raises(WrongContent, match="Look for an RSS or Atom address"):
        reading.subscribe(site.url("/a.txt"))


def test_a_subscription_ends_and_its_articles_stay(reading: Library, site: Site) -> None:
    """What is unknown is not found."""
    feed = reading.subscribe(site.url("/feed"))
    _poll(reading)
    assert reading.unsubscribe(feed.url).articles == 2
    assert (reading.feeds(), len(reading.articles())) == ((), 2)
    for unknown in (feed.url, "https://other.example/feed"):
        with pytest.raises(NotFound):
            reading.unsubscribe(unknown)


def test_the_number_of_feeds_has_a_bound(reading: Library, site: Site) -> None:
    """So that a poll ends."""
    for number in range(200):
        reading._store.subscriptions.add(f"https://news.example/{number}", title="x", added="x")
    with pytest.raises(InvalidInput, match="200 feeds"):
        reading.subscribe(site.url("/feed"))


def test_subscriptions_are_backed_up_restored_and_forgotten(reading: Library, site: Site, home: Path) -> None:
    """They are in the library's own file."""
    reading.subscribe(site.url("/feed"))
    _poll(reading)
    backup(home, home / "b.zip")
    before = reading.feeds()
    reading.unsubscribe(site.url("/feed"))
    restore(home, home / "b.zip")
    assert reading.feeds() == before
    assert reading.problems() == []
    reading.forget()
    assert not library_path(home, "default").exists()


# Polls


def test_what_is_new_is_added_and_what_is_known_is_not_fetched_again(reading: Library, site: Site) -> None:
    """One result an article."""
    reading.subscribe(site.url("/feed"))
    assert _statuses(_poll(reading)) == ["added", "added"]
    assert (_feed(reading).articles, _feed(reading).polled) == (2, NOON.isoformat())
    site.asked.clear()
    assert _poll(reading, at=NOON + HOUR) == []
    assert site.paths == ["/feed"]
    newspaper(site, "/c", "/a", "/b")
    (added,) = _poll(reading, at=NOON + 2 * HOUR)
    assert added.article
    assert (added.status, added.article.title) == ("added", "Story c")
    assert _feed(reading).articles == 3


def test_a_feed_is_polled_when_it_is_due(reading: Library, site: Site) -> None:
    """Or when all are asked for."""
    reading.subscribe(site.url("/feed"))
    _poll(reading)
    site.asked.clear()
    assert _poll(reading, at=NOON + HOUR - timedelta(seconds=1)) == []
    assert site.asked == []
    _poll(reading, everything=True)
    assert site.paths == ["/feed"]


def test_a_feed_is_polled_although_the_clock_was_ahead_for_a_while(reading: Library, site: Site) -> None:
    """A poll that was put off to a day in the next year is not waited for."""
    reading.subscribe(site.url("/feed"))
    assert _statuses(_poll(reading, at=NOON + 365 * 24 * HOUR)) == ["added", "added"]
    assert _feed(reading).next_poll == (NOON + (365 * 24 + 1) * HOUR).isoformat()
    _poll(reading)
    assert _feed(reading).next_poll == (NOON + HOUR).isoformat()


def test_a_server_is_asked_only_for_what_has_changed(reading: Library, site: Site) -> None:
    """With what it said the last time; "unchanged" is no failure."""
    body = site.pages["/feed"]
    assert isinstance(body, Reply)
    site.pages["/feed"] = Reply(body.body, kind=body.kind, headers={"ETag": '"1"', "Last-Modified": "then"})
    reading.subscribe(site.url("/feed"))
    _poll(reading)
    site.pages["/feed"] = Reply(status=304)
    site.asked.clear()
    for hours in (1, 2):
        assert _poll(reading, at=NOON + hours * HOUR) == []
    headers = [asked for path, asked in site.asked if path == "/feed"]
    assert [(h["If-None-Match"], h["If-Modified-Since"]) for h in headers] == [('"1"', "then")] * 2
    assert (_feed(reading).failures, _feed(reading).polled) == (0, (NOON + 2 * HOUR).isoformat())


def test_a_long_feed_is_taken_in_parts(reading: Library, site: Site) -> None:
    """What is still lacking comes with the next poll, although the feed has not changed."""
    newspaper(site, *(f"/{number}" for number in range(5)))
    body = site.pages["/feed"]
    assert isinstance(body, Reply)
    site.pages["/feed"] = Reply(body.body, kind=body.kind, headers={"ETag": '"1"'})
    reading.subscribe(site.url("/feed"))
    assert len(_poll(reading)) == 3
    site.asked.clear()
    assert len(_poll(reading, at=NOON + HOUR)) == 2
    assert "If-None-Match" not in dict(site.asked)["/feed"]
    _poll(reading, at=NOON + 2 * HOUR)
    assert site.asked[-1][1]["If-None-Match"] == '"1"'


def test_an_entry_that_fails_is_tried_three_times(reading: Library, site: Site) -> None:
    """Then it is left alone; the others are not held up."""
    site.pages["/feed"] = Reply(
        rss(item(site.url("/gone"), "Gone") + item(site.url("/a"), "A")), kind="application/rss+xml"
    )
    reading.subscribe(site.url("/feed"))
    found = [_statuses(_poll(reading, at=NOON + hours * HOUR)) for hours in range(5)]
    assert found == [["failed", "added"], ["failed"], ["failed"], [], []]
    assert _feed(reading).failures == 0


@pytest.mark.parametrize("status", [429, 503])
def test_a_site_that_is_asked_for_too_much_is_left_alone(reading: Library, site: Site, status: int) -> None:
    """For the rest of the poll; that counts as no try, so nothing is missed in the end."""
    pages = {path: site.pages[path] for path in ("/a", "/b")}
    site.pages |= dict.fromkeys(pages, Reply(status=status))
    reading.subscribe(site.url("/feed"))
    for hours in range(4):
        site.asked.clear()
        assert _statuses(_poll(reading, at=NOON + hours * HOUR)) == ["failed"]
        assert site.paths == ["/feed", "/a"]
    site.pages |= pages
    assert _statuses(_poll(reading, at=NOON + 4 * HOUR)) == ["added", "added"]


def test_an_entry_without_an_address_is_not_held_up_by_a_busy_site(reading: Library, site: Site) -> None:
    """It has its own text."""
    site.pages["/a"] = Reply(status=429)
    own = f"<item><title>Own</title><guid isPermaLink='false'>1</guid><description>{BRIDGE * 5}</description></item>"
    site.pages["/feed"] = Reply(rss(item(site.url("/a"), "A") + own), kind="application/rss+xml")
    reading.subscribe(site.url("/feed"))
    assert _statuses(_poll(reading)) == ["failed", "added"]


def test_a_removed_article_does_not_come_back(reading: Library, site: Site) -> None:
    """Somebody did not want it."""
    reading.subscribe(site.url("/feed"))
    _poll(reading)
    reading.remove("Story a")
    assert _poll(reading, at=NOON + HOUR) == []
    assert _feed(reading).articles == 1


def test_the_feeds_own_text_is_said_to_be_that(reading: Library, site: Site) -> None:
    """In the result of the poll."""
    text = f"<description>{BRIDGE * 5}</description>"
    site.pages["/feed"] = Reply(rss(item(site.url("/gone"), "Bridge", more=text)), kind="application/rss+xml")
    reading.subscribe(site.url("/feed"))
    (added,) = _poll(reading)
    assert (added.status, added.error) == ("added", None)
    assert added.note
    assert added.note.startswith("the text is the feed's own, because news.example")


def test_robots_are_asked_about_the_feed_and_its_pages(reading: Library, site: Site) -> None:
    """Once a poll for each site."""
    site.pages["/robots.txt"] = Reply(ROBOTS, kind="text/plain")
    site.pages["/private"] = Reply(page("Private", BRIDGE))
    site.pages["/feed"] = Reply(rss(item(site.url("/private"), "P") + item(site.url("/a"), "A")), kind="text/xml")
    reading.subscribe(site.url("/feed"))
    refused, added = _poll(reading)
    assert (refused.status, added.status) == ("failed", "added")
    assert "robots.txt" in (refused.error or "")
    assert site.paths == ["/feed", "/feed", "/a"]
    assert len(site.asked) == 4
    site.pages["/robots.txt"] = Reply("User-agent: Quoth\nDisallow: /feed", kind="text/plain")
    (refused,) = _poll(reading, at=NOON + HOUR)
    assert "robots.txt" in (refused.error or "")


def test_a_feed_that_fails_is_asked_less_and_less(reading: Library, site: Site) -> None:
    """Twice the pause after each failure, up to a day; the first success starts anew."""
    reading.subscribe(site.url("/feed"))
    feed, good = site.url("/feed"), site.pages["/feed"]
    site.pages["/feed"] = Reply(status=500)
    at, pauses = NOON, []
    for _ in range(7):
        (failed,) = _poll(reading, at=at)
        assert (failed.status, failed.article) == ("failed", None)
        assert "The Gazette" in (failed.error or "")
        after = datetime.fromisoformat(_feed(reading).next_poll or "")
        pauses.append((after - at) / HOUR)
        at = after
    assert pauses == [2, 4, 8, 16, 24, 24, 24]
    assert _feed(reading).failures == 7
    assert "status 500" in (_feed(reading).error or "")
    site.pages["/feed"] = good
    assert _statuses(_poll(reading, at=at)) == ["added", "added"]
    assert _feed(reading) == Feed(
        feed, "The Gazette", NOON.isoformat(), at.isoformat(), (at + HOUR).isoformat(), 0, None, 2
    )


def test_a_feed_that_became_a_page_has_failed(reading: Library, site: Site) -> None:
    """And so has one that cannot be read any more."""
    reading.subscribe(site.url("/feed"))
    site.pages["/feed"] = Reply(page("Gone", BRIDGE))
    (failed,) = _poll(reading)
    assert "no feed any more" in (failed.error or "")


def test_a_server_says_when_it_wants_to_be_asked_again(reading: Library, site: Site) -> None:
    """Retry-After counts where it is longer than our own pause."""
    reading.subscribe(site.url("/feed"))
    site.pages["/feed"] = Reply(status=503, headers={"Retry-After": "36000"})
    _poll(reading)
    assert _feed(reading).next_poll == (NOON + 10 * HOUR).isoformat()


def test_two_polls_do_not_fetch_the_same(reading: Library, site: Site) -> None:
    """The second, of another process, finds the feed claimed by the first."""
    reading.subscribe(site.url("/feed"))
    first = reading.poll(now=NOON)
    assert next(first).status == "added"
    assert _poll(reading) == []
    assert _statuses(list(first)) == ["added"]


def test_a_feed_that_is_removed_while_it_is_polled_stays_removed(reading: Library, site: Site) -> None:
    """What was under way comes to its end."""
    reading.subscribe(site.url("/feed"))
    poll = reading.poll(now=NOON)
    next(poll)
    reading.unsubscribe(site.url("/feed"))
    list(poll)
    assert reading.feeds() == ()


def test_the_doctor_names_the_feeds_that_fail(reading: Library, site: Site, home: Path) -> None:
    """Once they failed three times in a row: the first fault is often a passing one, and never here."""
    reading.subscribe(site.url("/feed"))
    site.pages["/feed"] = Reply(status=500)
    checks = []
    for _ in range(3):
        _poll(reading, everything=True)
        checks += [check for check in examine(home) if check.name == "feeds of default"]
    assert [check.well for check in checks] == [True, True, False]
    assert "The Gazette failed 3 times in a row" in checks[-1].finding


def test_a_page_is_summarised_without_coming_into_the_library(reading: Library, site: Site) -> None:
    """By its address; a feed holds several."""
    assert reading.summarise_source(site.url("/a")).article.title == "Story a"
    with pytest.raises(InvalidInput, match="it holds 2 articles"):
        reading.summarise_source(site.url("/feed"))
    with pytest.raises(InvalidInput, match="status 404"):
        reading.summarise_source(site.url("/gone"))
    assert reading.articles() == ()


# Pauses


@pytest.mark.parametrize(
    ("failures", "wait", "chance", "hours"),
    [
        (0, 0, 0.0, 1),
        (0, 0, 1.0, 1.1),
        (1, 0, 0.0, 2),
        (5, 0, 0.0, 24),
        (500, 0, 1.0, 26.4),
        (0, 5, 0.0, 5),
        (3, 5, 0.0, 8),
        (0, 5_000, 0.0, 168),
    ],
)
def test_a_pause_doubles_and_waits(failures: int, wait: int, chance: float, hours: float) -> None:
    """Up to a day by itself, a week where a server asks for it; a tenth is left to chance."""
    found = pause(HOUR, failures=failures, wait=timedelta(hours=wait), chance=chance)
    assert found / HOUR == pytest.approx(hours)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("99999999999999999999", 7 * 86_400),
        ("Wed, 01 May 2024 12:02:00 GMT", 120),
        ("Wed, 01 May 2024 12:02:00 -0000", 120),
        ("Wed, 01 May 2024 11:00:00 GMT", 0),
        ("soon", 0),
        ("-5", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_both_forms_of_retry_after_are_understood(header: str | None, seconds: int) -> None:
    """Nonsense and the past ask for nothing."""
    error = ServerRefused("busy", retry_after=header)
    assert retry_after(error, now=NOON).total_seconds() == seconds
    assert retry_after(InvalidInput("other"), now=NOON) == timedelta()


def test_chance_moves_each_poll_a_little(reading: Library, site: Site) -> None:
    """So that feeds added together drift apart."""
    chances: Callable[[], float] = itertools.cycle([0.0, 0.5]).__next__
    reading.subscribe(site.url("/feed"))
    list(reading.poll(now=NOON, chance=chances))
    assert _feed(reading).next_poll == (NOON + HOUR * 1.05).isoformat()


# Feeds that move, and feeds that end


def _moved(site: Site, *, status: int = 301, to: str = "/new") -> None:
    site.pages["/new"] = site.pages["/feed"]
    site.pages["/feed"] = Reply(status=status, headers={"Location": to})


@pytest.mark.parametrize("status", [301, 308])
def test_a_feed_that_moved_for_good_is_asked_at_its_new_address(reading: Library, site: Site, status: int) -> None:
    """The result says so once; what is known of it goes along, so no article comes again."""
    reading.subscribe(site.url("/feed"))
    _poll(reading)
    _moved(site, status=status)
    (moved,) = _poll(reading, everything=True)
    assert (moved.status, moved.article, moved.error) == ("moved", None, None)
    assert str(moved.note) == f"the feed The Gazette has moved for good, to {site.url('/new')}"
    assert (_feed(reading).url, _feed(reading).articles) == (site.url("/new"), 2)
    asked = len(site.asked)
    assert _poll(reading, everything=True) == []
    assert "/feed" not in [path for path, _ in site.asked[asked:]]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_feed_that_is_elsewhere_for_now_keeps_its_address(reading: Library, site: Site, status: int) -> None:
    """Its owner says that it comes back."""
    reading.subscribe(site.url("/feed"))
    _moved(site, status=status)
    assert _statuses(_poll(reading)) == ["added", "added"]
    assert _feed(reading).url == site.url("/feed")


def test_only_the_lasting_part_of_a_way_is_remembered(reading: Library, site: Site) -> None:
    """Moved for good to an address that is elsewhere for now."""
    reading.subscribe(site.url("/feed"))
    site.pages["/there"] = site.pages["/feed"]
    site.pages["/feed"] = Reply(status=301, headers={"Location": "/new"})
    site.pages["/new"] = Reply(status=302, headers={"Location": "/there"})
    assert _statuses(_poll(reading)) == ["moved", "added", "added"]
    assert _feed(reading).url == site.url("/new")


def test_a_move_to_something_that_is_no_feed_is_a_failure(reading: Library, site: Site) -> None:
    """A parked domain does not take a subscription with it."""
    reading.subscribe(site.url("/feed"))
    _moved(site, to="/a")
    assert _statuses(_poll(reading)) == ["failed"]
    assert _feed(reading).url == site.url("/feed")


def test_a_feed_that_moves_to_one_that_is_there_becomes_one_with_it(reading: Library, site: Site) -> None:
    site.pages["/new"] = site.pages["/feed"]
    reading.subscribe(site.url("/feed"))
    reading.subscribe(site.url("/new"))
    _poll(reading)
    _moved(site)
    assert _statuses(_poll(reading, everything=True)) == ["moved"]
    assert _feed(reading).url == site.url("/new")
    assert _feed(reading).articles == 2


def test_a_feed_is_subscribed_to_where_it_lasts(reading: Library, site: Site) -> None:
    _moved(site)
    assert reading.subscribe(site.url("/feed")).url == site.url("/new")


def test_a_feed_that_is_gone_for_good_ends_the_subscription(reading: Library, site: Site) -> None:
    """With a sentence; its articles stay."""
    reading.subscribe(site.url("/feed"))
    _poll(reading)
    site.pages["/feed"] = Reply(status=410)
    (gone,) = _poll(reading, everything=True)
    assert (gone.status, gone.name) == ("failed", site.url("/feed"))
    assert "gone for good" in str(gone.error)
    assert reading.feeds() == ()
    assert len(reading.articles()) == 2
