"""What SQLite adds to a store's promises: one file, its versions, and what can happen to it."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.errors import StoreBusy, StoreDamaged, StoreError
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.records import Quote
from retrieval.store import database, schema
from retrieval.store.schema import MIGRATIONS
from retrieval.store.sqlite import SqliteStore
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import ROOT, Opener, add_text
from tests.store.conftest import search
from tests.toy import ToyEncoder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a library may be made."""
    return tmp_path / "folder" / "library.sqlite3"


@pytest.fixture
def library(path: Path, toy: ToyEncoder) -> Iterator[Library]:
    """An empty library at ``path``."""
    with Library(SqliteStore(path), models=Models(lambda _settings: toy)) as library:
        yield library


def _run(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def _first(library: Library, question: str) -> Quote:
    answer = library.ask(question)
    return (answer.quotes or answer.nearest)[0]


# Versions


def test_a_new_file_has_the_newest_schema(path: Path) -> None:
    """The folder is made too."""
    SqliteStore(path).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()


def test_each_migration_is_run_once_and_in_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of an older version keeps its articles."""
    with Library(SqliteStore(path), models=Models(lambda _settings: ToyEncoder())) as library:
        article = add_text(library, BRIDGE)
    later = (*MIGRATIONS, "CREATE TABLE later (n INTEGER); INSERT INTO later VALUES (1)")
    monkeypatch.setattr(schema, "MIGRATIONS", later)
    for _ in range(2):
        with SqliteStore(path) as store:
            assert store._file.rows("SELECT n FROM later") == [(1,)]
            assert store.articles() == (article,)


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of a migration or nothing of it."""
    SqliteStore(path).close()
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE later (n); CREATE NONSENSE"))
    with pytest.raises(StoreError):
        SqliteStore(path)
    monkeypatch.undo()
    with SqliteStore(path) as store:
        assert store._file.rows("SELECT name FROM sqlite_schema WHERE name = 'later'") == []


def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    """And is not touched."""
    SqliteStore(path).close()
    _run(path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer Quoth"):
        SqliteStore(path)
    assert path.read_bytes() == before


# Files that are none


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    """It stays what it is."""
    path.parent.mkdir()
    path.write_bytes(b"Dear diary, " * 100)
    with pytest.raises(StoreDamaged, match="damaged or is no library"):
        SqliteStore(path)
    assert path.read_bytes() == b"Dear diary, " * 100


def test_a_damaged_file_is_noticed(path: Path, library: Library) -> None:
    """Either SQLite refuses to read it, or the check says what is wrong."""
    for number in range(20):
        add_text(library, f"{BRIDGE} Number {number}.", doc_id=str(number))
    library.close()
    content = bytearray(path.read_bytes())
    content[8_192:20_480] = os.urandom(12_288)
    path.write_bytes(content)
    with SqliteStore(path) as store:
        try:
            assert store.check() != []
        except StoreDamaged as error:
            assert "restore" in error.hint  # noqa: PT017 - either is right


def test_a_folder_is_no_library(tmp_path: Path) -> None:
    """Nor is a place where nothing can be made."""
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path / "file" / "library.sqlite3")


def test_a_closed_library_is_not_called_damaged(path: Path) -> None:
    """A question that comes too late must not send the operator to the backups."""
    store = SqliteStore(path)
    store.close()
    with pytest.raises(StoreError, match="closed") as error:
        store.articles()
    assert not isinstance(error.value, StoreDamaged)


def test_a_full_disk_is_said_in_words(path: Path) -> None:
    """What SQLite cannot do is a StoreError with advice."""
    with SqliteStore(path) as store, Library(store, models=Models(lambda _settings: ToyEncoder())) as library:
        add_text(library, BRIDGE)
        store._file.rows("PRAGMA max_page_count = 1")
        with pytest.raises(StoreError, match="cannot be used") as error:
            add_text(library, ORCHESTRA * 500)
        assert "free space" in error.value.hint
        assert len(library.articles()) == 1
        assert library.problems() == []


def test_another_writer_is_waited_for_and_then_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that does not go away is a StoreBusy; reading goes on meanwhile."""
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    with Library(SqliteStore(path), models=Models(lambda _settings: ToyEncoder())) as library:
        add_text(library, BRIDGE)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another process is writing"):
            add_text(library, ORCHESTRA)
        assert library.ask("Where were cracks found?").question
        other.execute("ROLLBACK")
        other.close()
        add_text(library, ORCHESTRA)


# What the check finds


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE articles SET characters = 1", "characters instead of 1"),
        ("UPDATE passages SET vector = x'0000' WHERE id = 1", "vectors of different lengths"),
        ("DELETE FROM articles", "belong to no article"),
    ],
)
def test_the_check_finds_what_contradicts_itself(path: Path, library: Library, statement: str, said: str) -> None:
    """Text of another length, vectors of another model, passages without an article."""
    add_text(library, BRIDGE, doc_id="1")
    add_text(library, ORCHESTRA, doc_id="2")
    assert library.problems() == []
    _run(path, "PRAGMA foreign_keys = OFF", statement)
    assert any(said in problem for problem in library.problems())


# Removal


def test_a_removed_word_is_in_no_byte_of_the_folder(path: Path, library: Library) -> None:
    """Neither in the file, nor in its log, whether it was text, title, term or an earlier version."""
    canary = "quetzalcoatlus"
    for number in range(30):
        add_text(library, f"{BRIDGE} Number {number}.", doc_id=str(number))
    add_text(library, f"The {canary} flew over the bridge. {BRIDGE * 30}", doc_id="secret", title=f"A {canary} seen")
    add_text(library, f"Another {canary} flew by. {ORCHESTRA * 30}", doc_id="secret", title=f"The {canary} again")
    assert any(canary.encode() in f.read_bytes().lower() for f in path.parent.iterdir())
    assert canary in library.ask(f"Who is the {canary} that flew by?").quotes[0].text
    library.remove("secret")
    assert [f.name for f in path.parent.iterdir() if canary.encode() in f.read_bytes().lower()] == []
    library.close()
    assert [f.name for f in path.parent.iterdir() if canary.encode() in f.read_bytes().lower()] == []


def test_a_forgotten_library_leaves_no_file(path: Path, library: Library) -> None:
    """Nor its log."""
    add_text(library, BRIDGE)
    library.forget()
    assert list(path.parent.iterdir()) == []


# Several processes

_ADDER = """
import sys
from pathlib import Path
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.store.sqlite import SqliteStore
from tests.toy import ToyEncoder

sentence = "Engineers closed bridge number {} over the river on day {}. "
with Library(SqliteStore(Path(sys.argv[1])), models=Models(lambda _settings: ToyEncoder())) as library:
    for n in range(int(sys.argv[2])):
        text = "".join(sentence.format(n, day) for day in range(60))
        added = library.add(Document(text=text, doc_id=str(n % 40)))
        print(n, flush=True)
"""


def _adder(path: Path, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _ADDER, str(path), str(count)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("after", [1, 7, 45])
def test_a_killed_process_leaves_whole_articles(path: Path, after: int) -> None:
    """kill -9 between any two additions: each article is there with all passages and vectors, or not at all."""
    with _adder(path, 1_000_000) as child:
        assert child.stdout
        for _ in range(after):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        said = after + len(child.stdout.readlines())
    with SqliteStore(path) as store:
        articles = store.articles()
        assert store.check() == []
        assert min(said, 40) <= len(articles) <= min(said + 1, 40)
        for article in articles:
            stored = store.passages(article.id)
            text = store.text(article.id) or ""
            assert len(text) == article.characters
            assert sum(len(p.sentences) for p in stored) == 60
            assert all(len(p.sentence_vectors) == len(p.sentences) for p in stored)
        counted = store._file.rows("SELECT count(*), sum(length(vector)) FROM passages")[0]
        assert counted[1] == counted[0] * ToyEncoder.dimensions * 4
        held = {row[0] for row in store._file.rows("SELECT term FROM terms")}
        assert {"bridg", "river"} <= held


def test_another_process_is_seen_by_an_open_library(path: Path, library: Library) -> None:
    """Its articles can be asked for without opening anything again."""
    add_text(library, ORCHESTRA)
    assert len(library.articles()) == 1
    library.ask("Who is the new conductor?")
    with _adder(path, 3) as child:
        child.communicate(timeout=60)
    answer = library.ask("Which bridge did engineers close on day 59?")
    assert len(library.articles()) == 4
    assert "bridge" in (answer.quotes or answer.nearest)[0].text


def test_a_snapshot_outlives_what_is_built_beside_its_index(path: Path, library: Library) -> None:
    """While a library is reindexed, questions do not wait for its vectors to be read again and again."""
    add_text(library, BRIDGE, doc_id="1")
    add_text(library, ORCHESTRA, doc_id="2")
    with SqliteStore(path) as bot:
        search(bot, "bridge")
        snapshot = bot._index._snapshot
        steps = library.reindex()
        for _ in range(3):
            next(steps)
            search(bot, "bridge")
            assert bot._index._snapshot is snapshot
        list(steps)
        search(bot, "bridge")
        assert bot._index._snapshot is not snapshot


# Threads


def test_questions_are_answered_while_articles_are_added(open_library: Opener) -> None:
    """Every quote is a slice of its article as it stands, whatever happens meanwhile."""
    library = open_library()
    add_text(library, BRIDGE, doc_id="bridge")
    faults: list[object] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                answer = library.ask("What will repairs of the bridge cost?")
                for quote in answer.quotes:
                    library.check(quote)
            except Exception as error:
                faults.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(30):
        library.add(Document(text=f"{BRIDGE} Number {number}.", doc_id=f"n{number}"))
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(library.articles()) == 31


# Copies


def test_a_copy_is_one_file_with_everything(path: Path, library: Library, tmp_path: Path) -> None:
    """Made while the library is open, opened like any other."""
    article = add_text(library, BRIDGE)
    assert isinstance(library._store, SqliteStore)
    library._store.copy_to(tmp_path / "copy.sqlite3")
    assert [f.name for f in tmp_path.iterdir() if f.name.startswith("copy")] == ["copy.sqlite3"]
    with SqliteStore(tmp_path / "copy.sqlite3") as copy:
        assert copy.articles() == (article,)
        assert copy.check() == []
    assert path.exists()
