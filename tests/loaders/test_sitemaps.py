"""Sitemaps as a source: their pages are read, newest first, politely and within bounds."""

import gzip
from collections.abc import Iterator

import pytest

from retrieval.loaders.documents import Document, Unread
from retrieval.loaders.reading import Reader
from retrieval.loaders.sitemaps import moment
from tests.articles import BRIDGE
from tests.sites import Reply, Site, newspaper, page, served, web_for

XML = "application/xml"


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        newspaper(site, "/a", "/b", "/c", "/d")
        yield site


@pytest.fixture
def added() -> dict[str, str]:
    """What the library has, with the moments at which it was added."""
    return {}


@pytest.fixture
def reader(site: Site, added: dict[str, str]) -> Iterator[Reader]:
    with Reader(web_for(site), entries=3, added=added.get) as reader:
        yield reader


def _sitemap(*pages: str) -> str:
    return f"<urlset>{''.join(f'<url>{page}</url>' for page in pages)}</urlset>"


def _index(*urls: str) -> str:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{url}</loc></sitemap>' for url in urls)}</sitemapindex>"


def _at(site: Site, path: str, changed: str = "") -> str:
    return f"<loc>{site.url(path)}</loc>" + (f"<lastmod>{changed}</lastmod>" if changed else "")


def _titles(reader: Reader, address: str) -> list[str | None]:
    found = list(reader.documents([address]))
    assert not [f for f in found if isinstance(f, Unread)], found
    return [f.title for f in found if isinstance(f, Document)]


def _error(reader: Reader, address: str) -> str:
    (unread,) = reader.documents([address])
    assert isinstance(unread, Unread)
    return str(unread.error)


def test_the_pages_of_a_sitemap_are_read_newest_first(reader: Reader, site: Site) -> None:
    """As many as are wanted at once, and it says how many are left; those without a date come last."""
    pages = [_at(site, "/a", "2024-05-01"), _at(site, "/b"), _at(site, "/c", "2024-05-03T10:00:00Z")]
    site.pages["/sitemap.xml"] = Reply(_sitemap(*pages, _at(site, "/d", "2024-05-02")), kind=XML)
    found = list(reader.documents([site.url("/sitemap.xml")]))
    assert [f.title for f in found if isinstance(f, Document)] == ["Story c", "Story d", "Story a"]
    assert [f.note for f in found if isinstance(f, Document)] == [
        "the sitemap names 1 more; add it again for the next",
        None,
        None,
    ]


def test_what_the_library_has_is_not_fetched_again_unless_it_changed(
    reader: Reader, site: Site, added: dict[str, str]
) -> None:
    """So the same command goes on with the rest."""
    pages = [_at(site, path, f"2024-05-0{n}") for n, path in enumerate(("/a", "/b", "/c", "/d"), start=1)]
    site.pages["/sitemap.xml"] = Reply(_sitemap(*pages), kind=XML)
    added.update({site.url(path): "2024-05-03T12:00:00+00:00" for path in ("/b", "/c", "/d")})
    assert _titles(reader, site.url("/sitemap.xml")) == ["Story d", "Story a"]
    assert site.paths == ["/sitemap.xml", "/d", "/a"]


@pytest.mark.parametrize("kind", ["application/gzip", "application/octet-stream", XML, "text/html"])
def test_a_packed_sitemap_is_unpacked(reader: Reader, site: Site, kind: str) -> None:
    """Whatever its header calls it."""
    site.pages["/sitemap.xml.gz"] = Reply(gzip.compress(_sitemap(_at(site, "/a")).encode()), kind=kind)
    assert _titles(reader, site.url("/sitemap.xml.gz")) == ["Story a"]


def test_nothing_else_is_taken_packed(reader: Reader, site: Site) -> None:
    """A page that is a gzip file is no page, and a bomb ends at ten megabytes."""
    site.pages["/a.gz"] = Reply(gzip.compress(page("A", BRIDGE).encode()), kind="application/gzip")
    assert "something else than text" in _error(reader, site.url("/a.gz"))
    site.pages["/bomb.gz"] = Reply(gzip.compress(b"<urlset>" + b" " * 30_000_000), kind="application/gzip")
    assert "over 10,000,000 bytes when it is unpacked" in _error(reader, site.url("/bomb.gz"))
    site.pages["/half.gz"] = Reply(gzip.compress(_sitemap(_at(site, "/a")).encode())[:-9], kind="application/gzip")
    assert "damaged" in _error(reader, site.url("/half.gz"))


def test_a_news_sitemap_gives_title_and_day_where_the_page_does_not(reader: Reader, site: Site) -> None:
    site.pages["/bare"] = Reply(f"<html><body><article><p>{BRIDGE}</p></article></body></html>")
    news = "<news><publication_date>2024-05-07T08:00Z</publication_date><title>Closed!</title></news>"
    site.pages["/news.xml"] = Reply(_sitemap(_at(site, "/bare") + news, _at(site, "/a") + news), kind=XML)
    found = [f for f in reader.documents([site.url("/news.xml")]) if isinstance(f, Document)]
    assert [(f.title, f.published, f.published_from) for f in found] == [
        ("Closed!", "2024-05-07", "feed"),
        ("Story a", "2024-05-01", "json-ld"),
    ]


def test_an_index_leads_to_sitemaps_which_lead_to_pages(reader: Reader, site: Site) -> None:
    """One that cannot be had is passed over."""
    site.pages["/index.xml"] = Reply(_index(site.url("/gone.xml"), site.url("/1.xml"), site.url("/2.xml")), kind=XML)
    site.pages["/1.xml"] = Reply(_sitemap(_at(site, "/a")), kind=XML)
    site.pages["/2.xml"] = Reply(_sitemap(_at(site, "/a"), _at(site, "/b")), kind=XML)
    assert _titles(reader, site.url("/index.xml")) == ["Story a", "Story b"]
    site.pages["/only.xml"] = Reply(_index(site.url("/gone.xml")), kind=XML)
    assert "no page /gone.xml" in _error(reader, site.url("/only.xml"))


def test_indexes_that_go_round_or_on_for_ever_end(reader: Reader, site: Site) -> None:
    """No sitemap is fetched twice, none in the third index, and no more than twenty in all."""
    site.pages["/0.xml"] = Reply(_index(site.url("/0.xml"), site.url("/1.xml")), kind=XML)
    for n in range(1, 5):
        site.pages[f"/{n}.xml"] = Reply(_index(site.url("/0.xml"), site.url(f"/{n + 1}.xml")), kind=XML)
    assert "names no pages" in _error(reader, site.url("/0.xml"))
    assert site.paths == ["/0.xml", "/1.xml", "/2.xml"]
    site.pages["/wide.xml"] = Reply(_index(*(site.url(f"/w{n}.xml") for n in range(100))), kind=XML)
    for n in range(100):
        site.pages[f"/w{n}.xml"] = Reply(_sitemap(_at(site, "/a")), kind=XML)
    assert _titles(reader, site.url("/wide.xml")) == ["Story a"]
    assert len([path for path in site.paths if path.startswith("/w")]) == 21


def test_a_site_speaks_for_itself_alone(reader: Reader, site: Site) -> None:
    """A stranger's sitemap sends nobody to other sites."""
    other = f"<loc>{site.url('/b', host='other.example')}</loc>"
    site.pages["/sitemap.xml"] = Reply(_sitemap(other, _at(site, "/a")), kind=XML)
    assert _titles(reader, site.url("/sitemap.xml")) == ["Story a"]
    site.pages["/theirs.xml"] = Reply(_sitemap(other), kind=XML)
    assert "names no pages of its site" in _error(reader, site.url("/theirs.xml"))


def test_robots_txt_is_obeyed_for_what_a_sitemap_names(reader: Reader, site: Site) -> None:
    site.pages["/robots.txt"] = Reply("User-agent: *\nDisallow: /b", kind="text/plain")
    site.pages["/sitemap.xml"] = Reply(_sitemap(_at(site, "/a"), _at(site, "/b")), kind=XML)
    found = list(reader.documents([site.url("/sitemap.xml")]))
    assert [type(f) for f in found] == [Document, Unread]
    assert "robots.txt" in str(found[1].error if isinstance(found[1], Unread) else "")


def test_a_sitemap_is_no_page_of_a_feed(reader: Reader, site: Site) -> None:
    """Nor of another sitemap."""
    site.pages["/sitemap.xml"] = Reply(_sitemap(_at(site, "/sitemap.xml")), kind=XML)
    assert "not an article" in _error(reader, site.url("/sitemap.xml"))


@pytest.mark.parametrize(
    ("written", "is_moment"),
    [
        ("2024-05-01", True),
        ("2024-05-01T10:00:00Z", True),
        ("2024-05-01T10:00+02:00", True),
        ("", False),
        ("5 May", False),
    ],
)
def test_moments_are_read_as_the_protocol_writes_them(written: str, is_moment: bool) -> None:
    """With a time zone, always, so that they can be compared."""
    found = moment(written)
    assert (found is not None) is is_moment
    assert found is None or found.tzinfo is not None
