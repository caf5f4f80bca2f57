"""Pages and feeds that were written to deceive: what is hidden is not quoted, and nobody speaks for another site."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.cards import Card, Passage, answer_card, article_card, articles_card
from retrieval.cards.wording import origin_of
from retrieval.extraction.hidden import without_hidden
from retrieval.extraction.pages import extract, plain_text
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.records import Article
from retrieval.store.sqlite import SqliteStore
from tests.hostile.files import STORY
from tests.sites import Reply, Site, item, page, rss, served, web_for
from tests.toy import ToyEncoder

_SECRET = "The mayor has resigned and will be charged with bribery on Friday."
_LONG = " ".join([STORY] * 5)

HIDDEN = {
    "display": '<p style="display:none">{}</p>',
    "shouted": '<div style="color:red; DISPLAY : none !important"><p>{}</p></div>',
    "visibility": '<p style="visibility: hidden;">{}</p>',
    "attribute": "<p hidden>{}</p>",
    "until found": '<p hidden="until-found">{}</p>',
    "aria": '<p aria-hidden="true">{}</p>',
    "no size": '<p style="font-size:0">{}</p>',
    "a pixel": '<p style="font-size: 1px">{}</p>',
    "a percent": '<p style="font-size:1%">{}</p>',
    "white on white": '<p style="color:#fff;background:#ffffff">{}</p>',
    "white on white by name": '<p style="background-color: white; color: rgb(255, 255, 255)">{}</p>',
    "transparent": '<p style="color:transparent">{}</p>',
    "no opacity": '<p style="opacity:0.0">{}</p>',
    "beside the screen": '<p style="position:absolute;left:-9999px">{}</p>',
    "set out": '<p style="text-indent:-1000em">{}</p>',
    "clipped": '<p style="clip-path: inset(100%)">{}</p>',
    "flat": '<div style="height:0;overflow:hidden"><p>{}</p></div>',
    "comment": "<!-- <p>{}</p> -->",
    "template": "<template><p>{}</p></template>",
    "script": '<script type="text/plain">{}</script>',
    "hidden twice": '<div hidden><p style="display:none">{}</p></div>',
}


def _page(more: str) -> bytes:
    article = f"<h1>The bridge</h1><p>{STORY}</p>{more}<p>{STORY[::-1]}</p>"
    return f"<!doctype html><title>The bridge</title><body><article>{article}</article>".encode()


@pytest.mark.parametrize("how", HIDDEN)
def test_what_a_page_hides_is_not_read(how: str) -> None:
    """By whichever of the two extractors; what its readers see is."""
    text = extract(_page(HIDDEN[how].format(_SECRET)), name="page").text
    assert "bribery" not in text
    assert STORY in text
    copied = plain_text(f"<p>{STORY}</p>{HIDDEN[how].format(_SECRET)}")
    assert "bribery" not in copied
    assert STORY in copied


@pytest.mark.parametrize(
    "style",
    [
        "",
        "color:#fff",
        "color:white;background:black",
        "font-size:12px",
        "opacity:0.8",
        "left:-10px",
        "display:block",
        "height:0",
    ],
)
def test_what_a_page_shows_is_read(style: str) -> None:
    """Whatever it looks like: white letters often stand on something dark."""
    assert "bribery" in extract(_page(f'<p style="{style}">{_SECRET}</p>'), name="page").text


def test_a_page_that_hides_most_of_itself_is_read_as_it_is() -> None:
    """Some wait for a script before they show the article."""
    whole = f'<html><body><div style="opacity:0"><p>{STORY}</p></div><p>Loading</p></body></html>'
    assert without_hidden(whole) == whole


def test_what_is_said_of_a_page_may_stand_where_nobody_sees_it() -> None:
    """A title and a date are for programs."""
    linked = '{"@type": "NewsArticle", "headline": "Cracks found", "datePublished": "2024-05-01"}'
    found = extract(_page(f'<div hidden><script type="application/ld+json">{linked}</script></div>'), name="page")
    assert (found.title, found.dates[0]) == ("Cracks found", ("2024-05-01", "json-ld"))


def test_thousands_of_hidden_pieces_are_found_in_bounded_time() -> None:
    """One within the other, and side by side."""
    pieces = '<span hidden style="display:none">bribery</span>' * 5_000 + "<div hidden>" * 500
    begin = time.monotonic()
    assert "bribery" not in without_hidden(f"<html><body><p>{STORY * 300}</p>{pieces}</body></html>")
    assert time.monotonic() - begin < 5


# Who speaks


def _article(source: str, url: str | None) -> Article:
    return Article("a" * 12, None, "Title", source, "", None, "unknown", url, "2024-05-01T12:00:00+00:00", 10)


@pytest.mark.parametrize(
    ("source", "url", "shown"),
    [
        ("nytimes.com", "https://evil.example/a", "nytimes.com (evil.example)"),
        ("The New York Times", "https://evil.example/a", "The New York Times (evil.example)"),
        ("nytimes", "https://nytimes.evil.example/a", "nytimes (nytimes.evil.example)"),
        ("nytimes.com", "https://nytimes.com.evil.example/", "nytimes.com (nytimes.com.evil.example)"),
        ("nytimes.com", "https://nytimes.com@evil.example/", "nytimes.com (evil.example)"),
        ("nytimes.com", "https://nуtimes.com/a", "nytimes.com (xn--ntimes-wrf.com)"),
        ("", "https://nуtimes.com/a", "xn--ntimes-wrf.com"),
        ("", "https://www.evil.example/", "evil.example"),
        ("The Lantern Post", "https://lanternpost.example/a", "The Lantern Post"),
        ("Lantern-Post", "https://www.lantern-post.example/a", "Lantern-Post"),
        ("nytimes.com", "https://www.nytimes.com/a", "nytimes.com"),
        ("Gazette", None, "Gazette"),
        ("", None, ""),
        ("\u202emoc.semityn", "https://evil.example/", "moc.semityn (evil.example)"),
        ("Times (nytimes.com)" + " " * 300, "https://evil.example/", "Times (nytimes.com) (evil.example)"),
        ("Gazette", "https://[x", "Gazette"),
    ],
)
def test_a_page_cannot_pass_for_another_site(source: str, url: str | None, shown: str) -> None:
    """What it calls itself is shown with its host, unless that is plainly the same."""
    assert origin_of(_article(source, url)) == shown


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


@pytest.fixture
def evil(site: Site) -> Iterator[Library]:
    """A library for which every name leads to the site: news.example, evil.example …"""
    store = SqliteStore(Path(":memory:"))
    with Library(store, models=Models(lambda _settings: ToyEncoder()), web=web_for(site)) as library:
        yield library


def _details(card: Card) -> str:
    return " ".join(
        " ".join(block.source.details) for block in card.blocks if isinstance(block, Passage) and block.source
    )


def test_a_page_that_calls_itself_another_paper_is_shown_with_its_host(site: Site, evil: Library) -> None:
    """On every card that names it; its canonical address, which is elsewhere, is not believed."""
    canonical = '<link rel="canonical" href="https://www.nytimes.com/story">'
    made = page("The bridge", _LONG, head=canonical).replace("The Gazette", "nytimes.com")
    site.pages["/story"] = Reply(made)
    (added,) = evil.add(site.url("/story", host="evil.example"))
    assert added.article is not None, added.error
    assert added.article.url == site.url("/story", host="evil.example")
    answer = evil.ask("who said that repairs would take six weeks?")
    summary = evil.summarise(added.article.id)
    listed = articles_card([added.article]).blocks[0]
    shown = (
        _details(answer_card(answer, articles=1)),
        repr(article_card(summary, ())),
        repr(listed),
    )
    assert all("nytimes.com (evil.example)" in card for card in shown)


def test_a_feed_does_not_speak_for_the_pages_of_another_site(site: Site, evil: Library) -> None:
    """Its own words for a page that cannot be had stand below its own name, and replace nothing that is there."""
    site.pages["/real"] = Reply(page("The bridge", _LONG))
    real = evil.add(site.url("/real", host="news.example"))[0].article
    assert real is not None
    site.pages["/real"] = Reply(status=403)
    forged = f"<description>&lt;p&gt;{_SECRET} {_LONG}&lt;/p&gt;</description>"
    site.pages["/feed"] = Reply(
        rss(item(site.url("/real", host="news.example"), "The bridge", more=forged)), kind="application/rss+xml"
    )
    (added,) = evil.add(site.url("/feed", host="evil.example"))
    assert added.status == "added"
    assert added.article is not None
    assert (added.article.source, added.article.url) == ("evil.example", None)
    assert "bribery" not in evil.text(real.id)


def test_a_feed_takes_no_article_by_its_id(site: Site, evil: Library) -> None:
    """An entry without a page may call itself as a file is called."""
    (mine,) = evil.add(Document(STORY, doc_id="docs/report.txt"))
    assert mine.article is not None
    forged = f"<guid isPermaLink='false'>docs/report.txt</guid><description>{_SECRET} {_LONG}</description>"
    site.pages["/feed"] = Reply(rss(f"<item><title>T</title>{forged}</item>"), kind="application/rss+xml")
    evil.add(site.url("/feed", host="evil.example"))
    assert evil.text(mine.article.id) == STORY
    assert len(evil.articles()) == 2


def test_a_text_that_is_fetched_does_not_say_which_page_it_is(site: Site, evil: Library) -> None:
    """Its front matter may name a title, and no address."""
    site.pages["/a.txt"] = Reply(
        f"---\nurl: https://www.nytimes.com/a\nsource: nytimes.com\n---\n{_LONG}", kind="text/plain"
    )
    (added,) = evil.add(site.url("/a.txt", host="evil.example"))
    assert added.article is not None
    assert origin_of(added.article) == "nytimes.com (evil.example)"


def test_huge_titles_and_names_are_cut(site: Site, evil: Library) -> None:
    """As they are stored, and so wherever they are shown."""
    made = page("Bridge " * 20_000, _LONG).replace("The Gazette", "G" * 100_000)
    site.pages["/story"] = Reply(made)
    (added,) = evil.add(site.url("/story"))
    assert added.article is not None
    assert len(added.article.title) <= 300
    assert len(added.article.source) <= 300
