"""Sitemaps: what they name, and when it changed."""

import pytest

from retrieval.errors import WrongContent
from retrieval.extraction.apart import Worker
from retrieval.extraction.sitemaps import Listed, Sitemap, parse_sitemap

HERE = "https://news.example/sitemap.xml"
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<!-- made at noon -->
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> https://news.example/a </loc><lastmod>2024-05-01T10:00:00+02:00</lastmod><news:news>
    <news:publication><news:name>The Gazette</news:name><news:language>en</news:language></news:publication>
    <news:publication_date>2024-05-01</news:publication_date><news:title>Bridge &amp; river</news:title></news:news>
    <image:image><image:loc>https://news.example/a.jpg</image:loc><image:title>A bridge</image:title></image:image>
  </url>
  <url><loc>https://news.example/b</loc></url>
  <url><loc>https://news.example/b</loc></url>
  <url><loc>ftp://news.example/c</loc></url>
  <url><lastmod>2024-05-01</lastmod></url>
</urlset>"""


def test_pages_are_read_with_what_news_sitemaps_say_of_them() -> None:
    """Each once, only those on the web, and without its pictures."""
    assert parse_sitemap(NEWS.encode(), address=HERE) == Sitemap(
        False,
        (
            Listed("https://news.example/a", "2024-05-01T10:00:00+02:00", "Bridge & river", "2024-05-01"),
            Listed("https://news.example/b"),
        ),
    )


def test_an_index_names_further_sitemaps() -> None:
    index = "<sitemapindex><sitemap><loc>https://news.example/1.xml</loc></sitemap></sitemapindex>"
    assert parse_sitemap(index.encode(), address=HERE) == Sitemap(True, (Listed("https://news.example/1.xml"),))


def test_one_that_is_broken_off_names_what_stands_before() -> None:
    """A server may have been interrupted."""
    half = NEWS.encode()[: NEWS.index("<url><loc>https://news.example/b")]
    assert [listed.url for listed in parse_sitemap(half, address=HERE).listed] == ["https://news.example/a"]


@pytest.mark.parametrize("content", [b"", b"<html/>", b"hello", b"\x00\xff", b"<rss><urlset/></rss>"])
def test_what_is_no_sitemap_is_refused(content: bytes) -> None:
    with pytest.raises(WrongContent, match="no sitemap"):
        parse_sitemap(content, address=HERE)


def test_entities_stay_what_they_are() -> None:
    """Neither a file of this machine nor a gigabyte comes out of one."""
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    hostile = (
        f'<!DOCTYPE urlset [{bomb}<!ENTITY file SYSTEM "file:///etc/passwd">]>'
        "<urlset><url><loc>https://news.example/&e11;&file;</loc><lastmod>&e11;</lastmod></url></urlset>"
    )
    assert len(str(parse_sitemap(hostile.encode(), address=HERE))) < 500


def test_a_sitemap_is_read_in_the_process_apart_as_here() -> None:
    """Fifty thousand pages, too; an error is the same one."""
    many = "".join(f"<url><loc>https://news.example/{n}</loc></url>" for n in range(60_000))
    with Worker() as worker:
        assert worker.sitemap(NEWS.encode(), address=HERE) == parse_sitemap(NEWS.encode(), address=HERE)
        assert len(worker.sitemap(f"<urlset>{many}</urlset>".encode(), address=HERE).listed) == 50_000
        with pytest.raises(WrongContent, match="no sitemap"):
            worker.sitemap(b"<html/>", address=HERE)
        with pytest.raises(WrongContent, match="no sitemap"):
            worker.sitemap(b"<a>" * 3_000_000, address=HERE)
