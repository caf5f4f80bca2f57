"""Removing means gone: a word that only the removed article had is in no file of the home any more."""

import os
import sqlite3
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.settings import BackupSettings
from retrieval.store.database import BEFORE_UPDATE
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.upkeep import back_up_if_due, backup, drop_old, restore
from tests.articles import ORCHESTRA
from tests.canary import CANARY, TEXT, holding
from tests.conftest import Opener
from tests.sites import Reply, Site, item, page, rss, served, web_for
from tests.toy import ToyEncoder


class _OtherModel(ToyEncoder):
    fingerprint = "other toy"


def _add(library: Library, text: str, *, title: str = f"A {CANARY} at dusk") -> str:
    (added,) = library.add(
        Document(
            text,
            doc_id=f"{CANARY}.txt",
            title=title,
            source=f"{CANARY} Times",
            author=f"Ann {CANARY}",
            published="2024-05-01",
            url=f"https://news.example/{CANARY}",
        )
    )
    assert added.article is not None, added.error
    return added.article.id


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


def test_nothing_of_a_removed_article_is_in_any_file(home: Path, toy: ToyEncoder) -> None:
    """Neither its text nor its versions, passages, words, title, source, address, audience or half-made index."""
    with Library(SqliteStore(library_path(home, "default")), models=Models(lambda _settings: toy)) as library:
        library.add(Document(ORCHESTRA, title="Orchestra", doc_id="o"))
        article_id, *_ = [_add(library, f"{TEXT} This is version {number}.") for number in range(3)]
        assert len(library.history(article_id)) == 2
        library.ask(f"When does the {CANARY} fly?")
        library.summarise(article_id)
        with Library(
            SqliteStore(library_path(home, "default")), models=Models(lambda _settings: _OtherModel())
        ) as other:
            begun = other.reindex()
            next(begun)
            next(begun)
            next(begun)
            begun.close()  # type: ignore[attr-defined]
        places = holding(home)
        assert any("library.sqlite3" in place for place in places)
        assert any(place.endswith(" versions") for place in places)
        library.remove(article_id)
        assert holding(home) == []
        assert all(CANARY not in quote.text for quote in library.ask("What flies at dusk over the bridge?").nearest)
        assert library.problems() == []
    assert holding(home) == []


def test_nothing_is_left_of_an_article_that_a_feed_brought(home: Path, site: Site, toy: ToyEncoder) -> None:
    """The feed's entry stays known, so that the article does not come again; by a hash alone."""
    site.pages["/feed"] = Reply(rss(item(site.url(f"/{CANARY}"), f"A {CANARY}")), kind="application/rss+xml")
    site.pages[f"/{CANARY}"] = Reply(page(f"A {CANARY} at dusk", TEXT))
    store = SqliteStore(library_path(home, "default"))
    with Library(store, models=Models(lambda _settings: toy), web=web_for(site)) as library:
        library.feeds.subscribe(site.url("/feed"))
        (added,) = library.feeds.poll(everything=True)
        assert added.article is not None
        assert holding(home)
        library.remove(added.article.id)
        assert holding(home) == []
        assert list(library.feeds.poll(everything=True)) == []
        assert holding(home) == []


def test_nothing_is_left_in_another_process_s_log(home: Path, toy: ToyEncoder) -> None:
    """A reader that has the file open, as the bot has, does not keep the old words in the write-ahead log."""
    models = Models(lambda _settings: toy)
    with (
        Library(SqliteStore(library_path(home, "default")), models=models) as bot,
        Library(SqliteStore(library_path(home, "default")), models=models) as admin,
    ):
        article_id = _add(admin, TEXT)
        assert bot.ask(f"When does the {CANARY} fly?").quotes or bot.articles()
        admin.remove(article_id)
        assert holding(home) == []
        assert bot.articles() == ()


def test_copies_forget_it_after_their_days(open_library: Opener, home: Path) -> None:
    """Backups, what a restore replaced, and what was kept before an update; other copies are their owners'."""
    library = open_library()
    article_id = _add(library, TEXT)
    now = time.time()
    made = back_up_if_due(home, BackupSettings(), now=now)
    assert made is not None
    backup(home, home / "backups" / "quoth-by-hand.zip")
    restore(home, made)
    path = library_path(home, "default")
    with SqliteStore(path) as store:
        store.copy_to(path.with_name(f"{path.name}{BEFORE_UPDATE}1"))
    library.remove(article_id)
    kept = holding(home)
    assert {place.split("/")[0] for place in kept} == {"backups", "libraries"}
    assert len({place.split(" ")[0].split(".zip")[0] for place in kept}) >= 4
    days = BackupSettings().days
    assert drop_old(home, BackupSettings(), now=now + (days - 1) * 86_400) == ()
    drop_old(home, BackupSettings(), now=now + (days + 1) * 86_400)
    assert holding(home) == []


def test_the_search_for_the_canary_finds_it(tmp_path: Path) -> None:
    """In each of the forms that it can have; or these tests would prove nothing."""
    with closing(sqlite3.connect(tmp_path / "packed")) as connection, connection:
        connection.execute("CREATE TABLE t (x BLOB)")
        connection.execute("INSERT INTO t VALUES (?)", (zlib.compress(TEXT.encode()),))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", TEXT * 9)
    (tmp_path / "wide").write_bytes(CANARY.upper().encode("utf-16"))
    (tmp_path / f"{CANARY}.txt").write_bytes(b"")
    (tmp_path / "clean").write_bytes(os.urandom(1_000))
    assert holding(tmp_path) == ["a.zip/inside.txt", "packed t", "wide", f"{CANARY}.txt"]
