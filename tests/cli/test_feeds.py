"""``quoth feed``, and ``quoth add`` with addresses."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from retrieval.cli import COULD_NOT, DONE, WRONG_USAGE
from retrieval.web import client as web
from tests.articles import BRIDGE
from tests.cli.conftest import ARTICLE, Quoth, is_one_sentence, parsed
from tests.sites import Reply, Site, item, newspaper, page, rss, served, web_for

FEED = ["url", "title", "added", "polled", "next_poll", "failures", "error", "articles"]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The one site that commands may visit."""
    with served() as site:
        newspaper(site, "/a", "/b")
        monkeypatch.setattr(web, "PUBLIC_WEB", web_for(site))
        yield site


def test_a_page_is_added_by_its_address(quoth: Quoth, site: Site) -> None:
    """Again, it is unchanged; changed, it is updated; it can be named by its address."""
    url = site.url("/a")
    code, printed, complained = quoth("add", url, "--json")
    assert (code, complained) == (DONE, "")
    (added,) = parsed(printed)
    assert list(added) == ["status", "article", "error"]
    assert list(added["article"]) == ARTICLE
    assert (added["article"]["url"], added["article"]["published_from"]) == (url, "json-ld")
    assert parsed(quoth("add", f"{url}?utm_source=chat", "--json")[1])[0]["status"] == "unchanged"
    site.pages["/a"] = Reply(page("Story a", f"{BRIDGE} It will reopen in May."))
    assert parsed(quoth("add", url, "--json")[1])[0]["status"] == "updated"
    assert "Story a" in quoth("show", f"{url}?utm_source=chat#top")[1]
    assert quoth("list")[1].count("\n") == 1


def test_the_articles_of_a_feed_are_added_by_its_address(quoth: Quoth, site: Site) -> None:
    """Without a subscription."""
    code, printed, _ = quoth("add", site.url("/feed"))
    assert code == DONE
    assert "\n2 added\n" in printed
    assert quoth("feed", "list")[1] == "No feeds yet. Subscribe to one with: quoth feed add URL\n"


def test_a_page_that_cannot_be_fetched_is_a_failure(quoth: Quoth, site: Site, bridge: Path) -> None:
    """What else was named is added."""
    code, printed, complained = quoth("add", site.url("/gone"), "file:///etc/passwd", bridge)
    assert (code, printed.splitlines()[-1]) == (COULD_NOT, "1 added, 2 failed")
    assert "status 404" in complained
    assert "is no web address" in complained


def test_what_is_said_of_a_text_is_printed(quoth: Quoth, site: Site) -> None:
    """In words, and as a key of its own with --json."""
    text = f"<description>{BRIDGE * 5}</description>"
    site.pages["/feed"] = Reply(rss(item(site.url("/gone"), "Bridge", more=text)), kind="application/rss+xml")
    assert "(the text is the feed's own, because" in quoth("add", site.url("/feed"))[1]
    (added,) = parsed(quoth("add", site.url("/feed"), "--json")[1])
    assert (added["status"], added["note"][:11]) == ("unchanged", "the text is")


def test_a_subscription_from_beginning_to_end(quoth: Quoth, site: Site) -> None:
    """Subscribe, list, poll, list, remove; the articles stay."""
    url = site.url("/feed")
    assert quoth("feed", "add", url) == (DONE, f"subscribed: The Gazette  ({url})\n", "")
    assert quoth("feed", "list")[1] == f"The Gazette  ({url}; 0 articles, not polled yet)\n"
    assert "\n2 added\n" in quoth("feed", "poll")[1]
    assert quoth("feed", "poll")[1] == "nothing new\n"
    assert quoth("feed", "poll", "--all")[1] == "nothing new\n"
    assert f"({url}; 2 articles, polled 20" in quoth("feed", "list")[1]
    assert quoth("feed", "remove", url)[1] == f"removed: The Gazette  ({url})\n"
    assert quoth("list")[1].count("\n") == 2


def test_subscriptions_are_records(quoth: Quoth, site: Site) -> None:
    """With --json: a Feed a line; with poll, a line an article."""
    url = site.url("/feed")
    for action, arguments in (("add", [url]), ("list", []), ("remove", [url])):
        (feed,) = parsed(quoth("feed", action, *arguments, "--json")[1])
        assert list(feed) == FEED
        assert feed["url"] == url
    assert quoth("feed", "list", "--json")[1] == ""
    quoth("feed", "add", url)
    assert [a["status"] for a in parsed(quoth("feed", "poll", "--json")[1])] == ["added", "added"]
    (feed,) = parsed(quoth("feed", "list", "--json")[1])
    assert datetime.fromisoformat(feed["next_poll"]) > datetime.fromisoformat(feed["polled"])


def test_what_fails_is_told_and_the_rest_goes_on(quoth: Quoth, site: Site) -> None:
    """Exit code 1, one sentence for each."""
    code, printed, complained = quoth("feed", "add", site.url("/gone"), site.url("/feed"))
    assert (code, printed[:10]) == (COULD_NOT, "subscribed")
    assert is_one_sentence(complained)
    code, printed, complained = quoth("feed", "remove", "https://other.example/", site.url("/feed"))
    assert (code, printed[:7]) == (COULD_NOT, "removed")
    assert is_one_sentence(complained)


def test_a_feed_that_fails_is_listed_with_its_error(quoth: Quoth, site: Site) -> None:
    """And makes the poll fail."""
    quoth("feed", "add", site.url("/feed"))
    site.pages["/feed"] = Reply(status=500)
    code, printed, complained = quoth("feed", "poll")
    assert (code, printed) == (COULD_NOT, "1 failed\n")
    assert "The Gazette cannot be read" in complained
    assert "1 failure, the last: news.example failed to give /feed (status 500)" in quoth("feed", "list")[1]


@pytest.mark.parametrize(
    "arguments", [("add",), ("remove",), ("list", "x"), ("poll", "x"), ("list", "--all"), ("sing",), ()]
)
def test_wrong_usage_is_told_in_a_sentence(quoth: Quoth, arguments: tuple[str, ...]) -> None:
    """Exit code 2, and where to read on."""
    code, printed, complained = quoth("feed", *arguments)
    assert (code, printed) == (WRONG_USAGE, "")
    assert is_one_sentence(complained)
    assert "quoth feed --help" in complained
