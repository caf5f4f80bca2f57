"""Files of older versions become like new ones, and a copy stays as they were."""

import logging
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.errors import StoreError
from retrieval.library import Library
from retrieval.models import Models
from retrieval.store import schema
from retrieval.store.database import sha256
from retrieval.store.schema import MIGRATIONS
from retrieval.store.sqlite import SqliteStore
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import add_text
from tests.toy import ToyEncoder

FIRST = Path(__file__).with_name("first.sql")
BRIDGE_ID = "5a3ab62b919d"
_VERSIONS_SINCE = 6  # the schema that first kept what articles were
KEPT = "library.sqlite3.before-update-1"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A library as the first version of Quoth left it, in a volume of that time."""
    path = tmp_path / "library.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    return path


def _opened(path: Path) -> Library:
    return Library(SqliteStore(path), models=Models(lambda _settings: ToyEncoder()))


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_library_of_the_first_version_goes_on(old: Path) -> None:
    """With all that it had: it answers, takes articles, is reindexed, and nothing in it contradicts itself."""
    with _opened(old) as library:
        assert [a.doc_id for a in library.articles()] == ["orchestra", "bridge"]
        assert [library.text(a.id) for a in library.articles()] == [ORCHESTRA, BRIDGE]
        answer = library.ask("In how many pillars were cracks found?")
        assert (answer.quotes or answer.nearest)[0].article.doc_id == "bridge"
        assert library.problems() == []
        add_text(library, "A lighthouse keeper retired after forty years.", doc_id="lighthouse")
        library.remove("bridge")
        assert [step.done for step in library.reindex()] == [0, 1, 2]
        assert library.problems() == []
    assert _version(old) == len(MIGRATIONS)


@pytest.mark.parametrize("version", range(2, len(MIGRATIONS)))
def test_a_library_of_every_version_between_goes_on(old: Path, version: int) -> None:
    """With the same answer as from the first, an earlier version of an article, and a copy of its own age."""
    with closing(sqlite3.connect(old)) as connection:
        connection.create_function("sha256", 1, sha256, deterministic=True)
        for script in MIGRATIONS[1:version]:
            connection.executescript(script)
        if version >= _VERSIONS_SINCE:
            earlier = (BRIDGE_ID, "2026-11-24T08:00:00+00:00", "Old bridge", zlib.compress(ORCHESTRA.encode()))
            connection.execute("INSERT INTO versions VALUES (?, ?, ?, ?)", earlier)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    with _opened(old) as library:
        answer = library.ask("In how many pillars were cracks found?")
        assert (answer.quotes or answer.nearest)[0].article.doc_id == "bridge"
        assert library.problems() == []
        assert [v.text for v in library.versions(BRIDGE_ID)] == [ORCHESTRA] * (version >= _VERSIONS_SINCE)
    assert _version(old) == len(MIGRATIONS)
    assert _version(old.with_name(f"library.sqlite3.before-update-{version}")) == version


def test_a_copy_is_kept_of_what_is_updated(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whole, of the old version, once, and the log says where it is; a new file needs none."""
    before = _dump(old)
    with caplog.at_level(logging.INFO):
        _opened(old).close()
        _opened(old).close()
    kept = old.with_name(KEPT)
    assert _version(kept) == 1
    assert _dump(kept) == before
    assert [r.getMessage() for r in caplog.records] == [
        f"Updated {old} from schema 1 to {len(MIGRATIONS)}; as it was before: {kept}"
    ]
    assert sorted(p.name for p in old.parent.iterdir()) == ["library.sqlite3", KEPT]
    with _opened(old.with_name("new.sqlite3")):
        assert list(old.parent.glob("new*before*")) == []


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_the_copy_can_be_put_back_in_place(old: Path) -> None:
    """As after a downgrade: the older version finds its own file."""
    _opened(old).close()
    old.with_name(KEPT).replace(old)
    assert _version(old) == 1
    with _opened(old) as library:
        assert len(library.articles()) == 2


def test_an_update_that_fails_leaves_the_file_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next one does not stumble over what is left of it."""
    before = _dump(old)
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "CREATE NONSENSE"))
    with pytest.raises(StoreError):
        SqliteStore(old)
    monkeypatch.undo()
    assert _dump(old) == before
    old.with_name(f"{KEPT}.part").write_bytes(b"half a copy")
    _opened(old).close()
    assert _version(old) == len(MIGRATIONS)
    assert not old.with_name(f"{KEPT}.part").exists()
