"""Pages: the article's text, and what the page says of it."""

import time

import pytest

from retrieval.errors import UnreadableFile
from retrieval.extraction.pages import Page, extract, flattened, plain_text
from retrieval.loaders.documents import Document, from_page, from_pages
from tests.articles import BRIDGE

BODY = "".join(f"<p>{part}</p>" for part in BRIDGE.split("\n\n"))
URL = "https://news.example/story"


def _page(head: str = "", *, body: str = f"<article>{BODY}</article>", address: str | None = URL) -> Page:
    return extract(f"<html><head>{head}</head><body>{body}</body></html>".encode(), name="page", address=address)


def _linked(data: str) -> str:
    return f'<script type="application/ld+json">{data}</script>'


NEWS = '"headline": "Bridge &amp; river closed", "datePublished": "2024-05-01T23:30:00-05:00"'


@pytest.mark.parametrize(
    "data",
    [
        f'{{"@type": "NewsArticle", {NEWS}}}',
        f'{{"@type": ["Thing", "ReportageNewsArticle"], {NEWS}}}',
        f'{{"@type": "https://schema.org/OpinionNewsArticle", {NEWS}}}',
        f'[{{"@type": "Organization", "name": "X"}}, {{"@type": "NewsArticle", {NEWS}}}]',
        f'{{"@graph": [{{"@type": "WebPage", "name": "X"}}, {{"@type": "NewsArticle", {NEWS}}}]}}',
        f'{{"@graph": [{{"@type": "Article", "headline": "X"}}, {{"@type": "NewsArticle", {NEWS}}}]}}',
        f'{{"@type": "BlogPosting", {NEWS}}}',
        f'{{"@type": "NewsArticle", {NEWS}, "articleBody": "with a raw\nline break"}}',
    ],
)
def test_linked_data_goes_before_everything_else(data: str) -> None:
    """NewsArticle and its kin, alone, in a list or a graph; the day as its writer counts days."""
    head = '<title>Other</title><meta property="article:published_time" content="2023-01-01">' + _linked(data)
    document = from_page(_page(head), name="page")
    assert document.title == "Bridge & river closed"
    assert (document.published, document.published_from) == ("2024-05-01", "json-ld")


def test_names_are_followed_through_a_graph() -> None:
    """Authors in a list, as texts, objects or references; the publisher by its name."""
    data = (
        '{"@graph": [{"@type": "NewsArticle", "headline": "A", "author": [{"@id": "#ann"}, "Ben Moe",'
        '{"name": "Cy Poe"}, 7],'
        '"publisher": {"@id": "#g"}}, {"@id": "#ann", "name": "Ann Roe"}, {"@id": "#g", "name": "The Gazette"}]}'
    )
    page = _page(_linked(data))
    assert (page.author, page.source) == ("Ann Roe, Ben Moe, Cy Poe", "The Gazette")


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[" * 5_000,
        "null",
        '"NewsArticle"',
        '{"@type": "Product", "name": "Shoe"}',
        '{"@type": {"a": 1}}',
        "[[[[[[1]]]]]]",
    ],
)
def test_linked_data_that_is_none_is_passed_over(data: str) -> None:
    """Pages often break it."""
    page = _page("<title>Bridge closed</title>" + _linked(data))
    assert page.title == "Bridge closed"
    assert "json-ld" not in dict(page.dates).values()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta property="article:published_time" content="2024-05-01T10:00:00Z">', ("2024-05-01", "meta")),
        ('<meta name="DC.Date" content="May 2, 2024">', ("2024-05-02", "meta")),
        ('<meta itemprop="datePublished" content="2024-05-03">', ("2024-05-03", "meta")),
        (
            _linked('{"@type": "NewsArticle", "datePublished": "soon"}') + '<meta name="date" content="2024-05-04">',
            ("2024-05-04", "meta"),
        ),
        ("", (None, "unknown")),
    ],
)
def test_where_a_date_came_from_is_told(head: str, expected: tuple[str | None, str]) -> None:
    """A value that is no whole date does not count."""
    document = from_page(_page(head), name="page")
    assert (document.published, document.published_from) == expected


def test_a_date_that_only_the_text_has_is_said_to_be_from_there() -> None:
    """The least certain of all."""
    body = f"<article><p>Published on <time>1 May 2024</time></p>{BODY}</article>"
    document = from_page(_page(body=body), name="page")
    assert document.published_from in {"text", "unknown"}
    assert document.published in {"2024-05-01", None}


@pytest.mark.parametrize(
    "line",
    [
        "Last updated: 3 June 2024. First published: 1 May 2024",
        "Last updated on June 3, 2024 · First published on May 1, 2024",
        "First published on Wed 1 May 2024 06.00 BST. Last modified on Mon 3 Jun 2024",
        "UPDATED Jun. 3rd, 2024 | PUBLISHED May 1st, 2024 at 9:30 pm",
        "Published 1 May 2024 Updated 3 June 2024",
        "Updated 2024-06-03, published 2024-05-01",
    ],
)
@pytest.mark.parametrize("tag", ["p", "time", "div"])
def test_where_the_text_has_the_first_day_and_the_last_the_first_counts(line: str, tag: str) -> None:
    """In either order; it is as uncertain as any that only the text has."""
    document = from_page(_page(body=f"<article><{tag}>{line}</{tag}>{BODY}</article>"), name="page")
    assert (document.published, document.published_from) == ("2024-05-01", "text")


def test_where_a_page_states_its_day_its_text_does_not_count() -> None:
    head = '<meta property="article:published_time" content="2024-05-02">'
    both = "<p>Last updated: 3 June 2024. First published: 1 May 2024</p>"
    stated = from_page(_page(head, body=f"<article>{both}{BODY}</article>"), name="page")
    assert (stated.published, stated.published_from) == ("2024-05-02", "meta")


@pytest.mark.parametrize(
    ("link", "address", "expected"),
    [
        ("/story?id=7&utm_source=x", f"{URL}?id=7&ref=home", f"{URL}?id=7"),
        ("https://www.news.example/story", "https://m.news.example/story", "https://www.news.example/story"),
        ("https://evil.example/story", f"{URL}?utm_medium=chat#top", URL),
        ("javascript:alert(1)", URL, URL),
        ("https://[x", URL, URL),
        ("", f"{URL}?id=7&fbclid=x", f"{URL}?id=7"),
        ("http://news.example.evil.example/", URL, URL),
    ],
)
def test_a_page_names_its_own_address_on_its_own_site_only(link: str, address: str, expected: str) -> None:
    """Another site's article cannot be replaced by naming its address."""
    assert _page(f'<link rel="canonical" href="{link}">', address=address).url == expected


def test_a_page_without_a_canonical_link_has_the_address_it_was_fetched_from() -> None:
    """Without what says how one came there."""
    assert _page(address="https://News.example/story?utm_source=a#comments").url == "https://news.example/story"


def test_a_saved_page_says_itself_where_it_was() -> None:
    """Nobody else knows."""
    saved = f'<html><head><link rel="canonical" href="{URL}"></head><body><article>{BODY}</article>'
    (document,) = from_pages([extract(saved.encode(), name="a.html")], name="a.html")
    assert isinstance(document, Document)
    assert (document.url, document.doc_id, document.is_file) == (URL, "a.html", True)


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "latin1"])
def test_the_headers_character_set_counts(charset: str) -> None:
    """A page need not name it again."""
    content = f"<html><body><article>{BODY}<p>A café in Gruyères burnt.</p></article></body></html>".encode("latin-1")
    assert "café in Gruyères" in extract(content, name="page", charset=charset).text
    assert "café in Gruyères" in extract(content, name="page", charset="no such set").text


def test_a_page_without_an_article_is_refused() -> None:
    """Under the name that the user knows."""
    with pytest.raises(UnreadableFile, match=r"^page holds no article"):
        _page(body="")


@pytest.mark.parametrize("depth", [1_200, 20_000])
def test_a_deeply_nested_page_gives_its_text_in_little_time(depth: int) -> None:
    """What lies too deep is lifted out."""
    begin = time.monotonic()
    page = _page(body=f"{'<div>' * depth}<article>{BODY}</article>{'</div>' * depth}")
    assert "cracks in two of its pillars" in page.text
    assert time.monotonic() - begin < 30


def test_only_what_lies_too_deep_is_changed() -> None:
    """Paragraphs and cells that are never closed are not deep, nor is what stands in a script or comment."""
    for page in (
        "<p>One." * 2_000,
        "<table>" + "<tr><td>1" * 2_000 + "</table>",
        f"<script>{'<div>' * 2_000}</script><p>x",
        f"<!-- {'<div>' * 2_000} --><p>x",
        "<div><br></div>" * 2_000,
        "</div>" * 2_000,
        "<div />" * 2_000,
    ):
        assert flattened(page) == page
    assert flattened("<div>" * 600 + "x" + "</div>" * 600) == "<div>" * 512 + "x" + "</div>" * 512


def test_a_fragment_has_a_text() -> None:
    """Without its tags."""
    assert plain_text("<p>Hello <b>you</b> &amp; me.</p>") == "Hello you & me."
    assert plain_text("") == ""


@pytest.mark.parametrize(
    ("title", "shown", "expected"),
    [
        ("Bridge closed | The Gazette", "Bridge closed", "Bridge closed"),
        ("Bridge closed – news.example", "Bridge\n closed", "Bridge closed"),
        ("Bridge closed - and open", "Bridge", "Bridge closed - and open"),
        ("Bridge closed: a town waits", "Bridge closed", "Bridge closed: a town waits"),
        ("Bridge closed | Gazette", "Another story", "Bridge closed | Gazette"),
    ],
)
def test_the_outlet_behind_a_title_is_left_out_where_the_page_does(title: str, shown: str, expected: str) -> None:
    """Only where the rest is set apart by a sign with spaces: a headline may go on."""
    page = _page(f'<meta property="og:title" content="{title}">', body=f"<article><h1>{shown}</h1>{BODY}</article>")
    assert page.title == expected
