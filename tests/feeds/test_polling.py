"""Feeds are polled politely, and what is new in them is added."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from retrieval.errors import InvalidInput, ServerRefused
from retrieval.library import Library
from retrieval.polling import pause, retry_after
from retrieval.records import Feed
from retrieval.upkeep import examine
from tests.articles import BRIDGE
from tests.feeds.reading import HOUR, NOON, only_feed, poll, statuses
from tests.sites import ROBOTS, Reply, Site, item, newspaper, page, rss


def test_what_is_new_is_added_and_what_is_known_is_not_fetched_again(reading: Library, site: Site) -> None:
    """One result an article."""
    reading.feeds.subscribe(site.url("/feed"))
    assert statuses(poll(reading)) == ["added", "added"]
    assert (only_feed(reading).articles, only_feed(reading).polled) == (2, NOON.isoformat())
    site.asked.clear()
    assert poll(reading, at=NOON + HOUR) == []
    assert site.paths == ["/feed"]
    newspaper(site, "/c", "/a", "/b")
    (added,) = poll(reading, at=NOON + 2 * HOUR)
    assert added.article
    assert (added.status, added.article.title) == ("added", "Story c")
    assert only_feed(reading).articles == 3


def test_a_feed_is_polled_when_it_is_due(reading: Library, site: Site) -> None:
    """Or when all are asked for."""
    reading.feeds.subscribe(site.url("/feed"))
    poll(reading)
    site.asked.clear()
    assert poll(reading, at=NOON + HOUR - timedelta(seconds=1)) == []
    assert site.asked == []
    poll(reading, everything=True)
    assert site.paths == ["/feed"]


def test_a_feed_is_polled_although_the_clock_was_ahead_for_a_while(reading: Library, site: Site) -> None:
    """A poll that was put off to a day in the next year is not waited for."""
    reading.feeds.subscribe(site.url("/feed"))
    assert statuses(poll(reading, at=NOON + 365 * 24 * HOUR)) == ["added", "added"]
    assert only_feed(reading).next_poll == (NOON + (365 * 24 + 1) * HOUR).isoformat()
    poll(reading)
    assert only_feed(reading).next_poll == (NOON + HOUR).isoformat()


def test_a_server_is_asked_only_for_what_has_changed(reading: Library, site: Site) -> None:
    """With what it said the last time; "unchanged" is no failure."""
    body = site.pages["/feed"]
    assert isinstance(body, Reply)
    site.pages["/feed"] = Reply(body.body, kind=body.kind, headers={"ETag": '"1"', "Last-Modified": "then"})
    reading.feeds.subscribe(site.url("/feed"))
    poll(reading)
    site.pages["/feed"] = Reply(status=304)
    site.asked.clear()
    for hours in (1, 2):
        assert poll(reading, at=NOON + hours * HOUR) == []
    headers = [asked for path, asked in site.asked if path == "/feed"]
    assert [(h["If-None-Match"], h["If-Modified-Since"]) for h in headers] == [('"1"', "then")] * 2
    assert (only_feed(reading).failures, only_feed(reading).polled) == (0, (NOON + 2 * HOUR).isoformat())


def test_a_long_feed_is_taken_in_parts(reading: Library, site: Site) -> None:
    """What is still lacking comes with the next poll, although the feed has not changed."""
    newspaper(site, *(f"/{number}" for number in range(5)))
    body = site.pages["/feed"]
    assert isinstance(body, Reply)
    site.pages["/feed"] = Reply(body.body, kind=body.kind, headers={"ETag": '"1"'})
    reading.feeds.subscribe(site.url("/feed"))
    assert len(poll(reading)) == 3
    site.asked.clear()
    assert len(poll(reading, at=NOON + HOUR)) == 2
    assert "If-None-Match" not in dict(site.asked)["/feed"]
    poll(reading, at=NOON + 2 * HOUR)
    assert site.asked[-1][1]["If-None-Match"] == '"1"'


def test_an_entry_that_fails_is_tried_three_times(reading: Library, site: Site) -> None:
    """Then it is left alone; the others are not held up."""
    site.pages["/feed"] = Reply(
        rss(item(site.url("/gone"), "Gone") + item(site.url("/a"), "A")), kind="application/rss+xml"
    )
    reading.feeds.subscribe(site.url("/feed"))
    found = [statuses(poll(reading, at=NOON + hours * HOUR)) for hours in range(5)]
    assert found == [["failed", "added"], ["failed"], ["failed"], [], []]
    assert only_feed(reading).failures == 0


@pytest.mark.parametrize("status", [429, 503])
def test_a_site_that_is_asked_for_too_much_is_left_alone(reading: Library, site: Site, status: int) -> None:
    """For the rest of the poll; that counts as no try, so nothing is missed in the end."""
    pages = {path: site.pages[path] for path in ("/a", "/b")}
    site.pages |= dict.fromkeys(pages, Reply(status=status))
    reading.feeds.subscribe(site.url("/feed"))
    for hours in range(4):
        site.asked.clear()
        assert statuses(poll(reading, at=NOON + hours * HOUR)) == ["failed"]
        assert site.paths == ["/feed", "/a"]
    site.pages |= pages
    assert statuses(poll(reading, at=NOON + 4 * HOUR)) == ["added", "added"]


def test_an_entry_without_an_address_is_not_held_up_by_a_busy_site(reading: Library, site: Site) -> None:
    """It has its own text."""
    site.pages["/a"] = Reply(status=429)
    own = f"<item><title>Own</title><guid isPermaLink='false'>1</guid><description>{BRIDGE * 5}</description></item>"
    site.pages["/feed"] = Reply(rss(item(site.url("/a"), "A") + own), kind="application/rss+xml")
    reading.feeds.subscribe(site.url("/feed"))
    assert statuses(poll(reading)) == ["failed", "added"]


def test_a_removed_article_does_not_come_back(reading: Library, site: Site) -> None:
    """Somebody did not want it."""
    reading.feeds.subscribe(site.url("/feed"))
    poll(reading)
    reading.remove("Story a")
    assert poll(reading, at=NOON + HOUR) == []
    assert only_feed(reading).articles == 1


def test_the_feeds_own_text_is_said_to_be_that(reading: Library, site: Site) -> None:
    """In the result of the poll."""
    text = f"<description>{BRIDGE * 5}</description>"
    site.pages["/feed"] = Reply(rss(item(site.url("/gone"), "Bridge", more=text)), kind="application/rss+xml")
    reading.feeds.subscribe(site.url("/feed"))
    (added,) = poll(reading)
    assert (added.status, added.error) == ("added", None)
    assert added.note
    assert added.note.startswith("the text is the feed's own, because news.example")


def test_robots_are_asked_about_the_feed_and_its_pages(reading: Library, site: Site) -> None:
    """Once a poll for each site."""
    site.pages["/robots.txt"] = Reply(ROBOTS, kind="text/plain")
    site.pages["/private"] = Reply(page("Private", BRIDGE))
    site.pages["/feed"] = Reply(rss(item(site.url("/private"), "P") + item(site.url("/a"), "A")), kind="text/xml")
    reading.feeds.subscribe(site.url("/feed"))
    refused, added = poll(reading)
    assert (refused.status, added.status) == ("failed", "added")
    assert "robots.txt" in (refused.error or "")
    assert site.paths == ["/feed", "/feed", "/a"]
    assert len(site.asked) == 4
    site.pages["/robots.txt"] = Reply("User-agent: Quoth\nDisallow: /feed", kind="text/plain")
    (refused,) = poll(reading, at=NOON + HOUR)
    assert "robots.txt" in (refused.error or "")


def test_a_feed_that_fails_is_asked_less_and_less(reading: Library, site: Site) -> None:
    """Twice the pause after each failure, up to a day; the first success starts anew."""
    reading.feeds.subscribe(site.url("/feed"))
    feed, good = site.url("/feed"), site.pages["/feed"]
    site.pages["/feed"] = Reply(status=500)
    at, pauses = NOON, []
    for _ in range(7):
        (failed,) = poll(reading, at=at)
        assert (failed.status, failed.article) == ("failed", None)
        assert "The Gazette" in (failed.error or "")
        after = datetime.fromisoformat(only_feed(reading).next_poll or "")
        pauses.append((after - at) / HOUR)
        at = after
    assert pauses == [2, 4, 8, 16, 24, 24, 24]
    assert only_feed(reading).failures == 7
    assert "status 500" in (only_feed(reading).error or "")
    site.pages["/feed"] = good
    assert statuses(poll(reading, at=at)) == ["added", "added"]
    assert only_feed(reading) == Feed(
        feed, "The Gazette", NOON.isoformat(), at.isoformat(), (at + HOUR).isoformat(), 0, None, 2
    )


def test_a_feed_that_became_a_page_has_failed(reading: Library, site: Site) -> None:
    """And so has one that cannot be read any more."""
    reading.feeds.subscribe(site.url("/feed"))
    site.pages["/feed"] = Reply(page("Gone", BRIDGE))
    (failed,) = poll(reading)
    assert "no feed any more" in (failed.error or "")


def test_a_server_says_when_it_wants_to_be_asked_again(reading: Library, site: Site) -> None:
    """Retry-After counts where it is longer than our own pause."""
    reading.feeds.subscribe(site.url("/feed"))
    site.pages["/feed"] = Reply(status=503, headers={"Retry-After": "36000"})
    poll(reading)
    assert only_feed(reading).next_poll == (NOON + 10 * HOUR).isoformat()


def test_two_polls_do_not_fetch_the_same(reading: Library, site: Site) -> None:
    """The second, of another process, finds the feed claimed by the first."""
    reading.feeds.subscribe(site.url("/feed"))
    first = reading.feeds.poll(now=NOON)
    assert next(first).status == "added"
    assert poll(reading) == []
    assert statuses(list(first)) == ["added"]


def test_a_feed_that_is_removed_while_it_is_polled_stays_removed(reading: Library, site: Site) -> None:
    """What was under way comes to its end."""
    reading.feeds.subscribe(site.url("/feed"))
    poll = reading.feeds.poll(now=NOON)
    next(poll)
    reading.feeds.unsubscribe(site.url("/feed"))
    list(poll)
    assert reading.feeds.all() == ()


def test_the_doctor_names_the_feeds_that_fail(reading: Library, site: Site, home: Path) -> None:
    """Once they failed three times in a row: the first fault is often a passing one, and never here."""
    reading.feeds.subscribe(site.url("/feed"))
    site.pages["/feed"] = Reply(status=500)
    checks = []
    for _ in range(3):
        poll(reading, everything=True)
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
    reading.feeds.subscribe(site.url("/feed"))
    list(reading.feeds.poll(now=NOON, chance=chances))
    assert only_feed(reading).next_poll == (NOON + HOUR * 1.05).isoformat()
