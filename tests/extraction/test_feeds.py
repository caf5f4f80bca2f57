"""Feeds: RSS, Atom and RDF, from bytes alone."""

import pytest

from retrieval.errors import WrongContent
from retrieval.extraction.feeds import Entry, parse
from tests.sites import item, rss

URL = "https://news.example/feed"
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/">
<title>Atom</title>
<entry><id>urn:1</id><title>A</title><link rel="alternate" href="/a"/><link rel="self" href="/self"/>
<updated>2024-05-02T08:00:00Z</updated><author><name>Ann Roe</name></author>
<summary>Short.</summary>
<content type="html">&lt;p&gt;The whole &lt;b&gt;story&lt;/b&gt;.&lt;/p&gt;</content></entry></feed>"""
RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://news.example/"><title>RDF</title></channel>
<item rdf:about="https://news.example/a"><title>A</title><link>https://news.example/a</link><dc:creator>Ann</dc:creator>
<dc:date>2024-05-01</dc:date></item></rdf:RDF>"""


def test_an_rss_entry_has_what_it_says() -> None:
    """The date as it is written; the text without tags."""
    more = (
        "<pubDate>Wed, 01 May 2024 23:30:00 -0500</pubDate><author>ann@news.example (Ann Roe)</author>"
        "<description>&lt;p&gt;Hello &lt;b&gt;you&lt;/b&gt;.&lt;/p&gt;</description>"
    )
    feed = parse(rss(item("https://news.example/a", " A  story ", more=more)).encode(), address=URL)
    assert feed.title == "The Gazette"
    (entry,) = feed.entries
    assert entry == Entry(
        "https://news.example/a", "https://news.example/a", "A story", "ann@news.example (Ann Roe)",
        "Wed, 01 May 2024 23:30:00 -0500", "Hello you.", URL,
    )  # fmt: skip


def test_an_atom_entry_takes_the_longest_text_and_no_other_date() -> None:
    """The day of an update is not that of publication."""
    feed = parse(ATOM.encode(), address=URL)
    assert feed.title == "Atom"
    assert feed.entries == (Entry("urn:1", "https://news.example/a", "A", "Ann Roe", None, "The whole story.", URL),)


def test_an_rdf_entry_is_read() -> None:
    """As old papers and wikis still send it."""
    (entry,) = parse(RDF.encode(), address=URL).entries
    assert (entry.link, entry.title, entry.author) == ("https://news.example/a", "A", "Ann")


def test_links_are_relative_to_the_feed() -> None:
    """Entries without an id are known by their links; those with neither are passed over."""
    items = "<item><title>A</title><link>/a</link></item><item><title>B</title></item>"
    (entry,) = parse(rss(items).encode(), address=URL).entries
    assert entry.key == entry.link == "https://news.example/a"


def test_the_headers_character_set_counts() -> None:
    """Where the document names none."""
    content = rss(item("https://news.example/a", "Café")).replace('<?xml version="1.0"?>', "").encode("latin-1")
    assert parse(content, address=URL, charset="iso-8859-1").entries[0].title == "Café"


def test_the_length_of_a_feed_has_a_bound() -> None:
    """So has that of a title."""
    items = "".join(item(f"https://news.example/{n}", "x" * 9_000) for n in range(600))
    feed = parse(rss(items).encode(), address=URL)
    assert len(feed.entries) == 500
    assert len(feed.entries[0].title) == 2_000


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<html><body>Hello.</body></html>", b'<x:RDF xmlns:x="y"/>', b"\x00\x01"]
)
def test_what_is_no_feed_is_refused(content: bytes) -> None:
    """Naming where it came from."""
    with pytest.raises(WrongContent, match=URL):
        parse(content, address=URL)


def test_bytes_are_never_taken_for_an_address_or_a_file() -> None:
    """feedparser would open either."""
    for content in (b"/etc/passwd", b"http://127.0.0.1/feed", b"file:///etc/passwd"):
        with pytest.raises(WrongContent):
            parse(content, address=URL)


def test_entities_of_a_feed_are_neither_fetched_nor_blown_up() -> None:
    """A billion laughs, and a file of this machine."""
    entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    laughs = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">{entities}]>'
    file = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY j SYSTEM "file:///etc/passwd">]>'
    for declared in (laughs, file):
        content = declared + rss(item("https://news.example/a", "&j;")).partition("?>")[2]
        feed = parse(content.encode(), address=URL)
        assert sum(len(entry.title) for entry in feed.entries) < 100
        assert "root:" not in str(feed)
