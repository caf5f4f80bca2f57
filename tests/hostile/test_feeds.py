"""Feeds and sitemaps that were made to do harm: each ends soon, in articles or a sentence, and reads nothing else."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.models import Models
from retrieval.settings import Settings
from retrieval.store.sqlite import SqliteStore
from tests.conftest import ROOT
from tests.hostile.files import STORY
from tests.sites import Reply, Site, item, newspaper, page, rss, served, web_for
from tests.toy import ToyEncoder

_LONGEST = 15.0  # seconds that one of them may take
_DEEP = 5_000
_FLOOD = 10_000
_AT_ONCE = 5
_SECRET = (ROOT / "LICENSE").read_text(encoding="utf-8")[:40]


def _laughs(root: str) -> str:
    """Ten entities, each ten times the one before: a billion laughs."""
    named = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 11))
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY e0 "ha ">{named}]>'


def _long(root: str) -> str:
    """One entity of a million characters, for many uses."""
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY e10 "{"ha" * 500_000}">]>'


def _file(root: str) -> str:
    """An entity that names a file of this machine."""
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY e10 SYSTEM "{(ROOT / "LICENSE").as_uri()}">]>'


def _elsewhere(root: str) -> str:
    """A document type, and an entity, that another server is to give."""
    there = "http://evil.example/x.dtd"
    return f'<?xml version="1.0"?><!DOCTYPE {root} SYSTEM "{there}" [<!ENTITY e10 SYSTEM "{there}">]>'


_BEFORE = {"laughs": _laughs, "long": _long, "file": _file, "elsewhere": _elsewhere}


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        newspaper(site, "/a")
        yield site


@pytest.fixture
def library(site: Site, tmp_path: Path) -> Iterator[Library]:
    models = Models(lambda _settings: ToyEncoder())
    few = Settings.from_tables({"web": {"feed_entries": _AT_ONCE}})
    store = SqliteStore(tmp_path / "library.sqlite3")
    with Library(store, settings=few, models=models, web=web_for(site)) as library:
        yield library


def _feed(site: Site, before: str, inside: str) -> str:
    entry = item(site.url("/a"), inside, more=f"<description>{inside}</description>")
    return f'{before}<rss version="2.0"><channel><title>{inside}</title>{entry}</channel></rss>'


def _sitemap(site: Site, before: str, inside: str) -> str:
    return f"{before}<urlset><url><loc>{site.url('/a')}</loc><lastmod>{inside}</lastmod></url></urlset>"


@pytest.mark.parametrize("how", [*_BEFORE, "deep"])
@pytest.mark.parametrize("kind", ["rss", "urlset"])
def test_what_xml_can_do_harm_with_it_does_not(site: Site, library: Library, kind: str, how: str) -> None:
    """Entities are not replaced, no file is read and no other server asked; what is good in it may be added."""
    before = _BEFORE[how](kind) if how in _BEFORE else '<?xml version="1.0"?>'
    inside = "&e10;" * 500 if how in _BEFORE else "<b>" * _DEEP + "x" + "</b>" * _DEEP
    made = _feed(site, before, inside) if kind == "rss" else _sitemap(site, before, inside)
    site.pages["/x.xml"] = Reply(made, kind="application/xml")
    began = time.monotonic()
    results = library.add(site.url("/x.xml"))
    assert time.monotonic() - began < _LONGEST
    assert {added.status for added in results} <= {"added", "failed"}
    assert all(added.error.endswith(".") and "Traceback" not in added.error for added in results if added.error)
    assert set(site.paths) <= {"/x.xml", "/a"}
    for article in library.articles():
        stored = f"{article.title} {library.text(article.id)}"
        assert len(stored) < 100_000
        assert _SECRET not in stored


def test_a_feed_that_names_ten_thousand_at_each_poll_brings_in_so_many(site: Site, library: Library) -> None:
    """As many as the settings have it, each time; nothing grows with what it names besides."""
    flooded = 0

    def flood() -> None:
        """Names that no poll before this one had."""
        nonlocal flooded
        flooded += 1
        names = [f"/{flooded}-{number}" for number in range(_FLOOD)]
        site.pages["/feed"] = Reply(
            rss("".join(item(site.url(name), f"Story {name}") for name in names)), kind="application/rss+xml"
        )
        for number, name in enumerate(names[: _AT_ONCE + 1]):
            site.pages[name] = Reply(page(f"Story {name}", f"{STORY} It was the story {flooded}, {number}."))

    library.feeds.subscribe(site.url("/feed"))
    for polls in (1, 2):
        flood()
        began = time.monotonic()
        added = list(library.feeds.poll(everything=True))
        assert time.monotonic() - began < _LONGEST
        assert [one.status for one in added] == ["added"] * _AT_ONCE
        assert len(library.articles()) == _AT_ONCE * polls
    store: SqliteStore = library._store  # type: ignore[assignment]
    (kept,) = store._file.execute("SELECT count(*) FROM feed_entries").fetchone()
    assert kept == 2 * _AT_ONCE


def test_a_sitemap_of_more_than_its_protocol_allows_ends_soon(site: Site, library: Library) -> None:
    """Of 100,000 names the first 50,000 are read, and the newest few visited."""
    listed = "".join(f"<url><loc>{site.url(f'/{number}')}</loc></url>" for number in range(100_000))
    site.pages["/sitemap.xml"] = Reply(f"<urlset>{listed}</urlset>", kind="application/xml")
    began = time.monotonic()
    results = library.add(site.url("/sitemap.xml"))
    assert time.monotonic() - began < _LONGEST
    assert 0 < len(results) < 200
    assert len(site.asked) < 200
