"""A site with a feed, and a library that may visit it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.models import Models
from retrieval.settings import Settings
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from tests.feeds.reading import NOON
from tests.sites import Site, newspaper, served, web_for
from tests.toy import ToyEncoder


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
