"""The index beside a library's file: it follows the file, and whatever happens to it, answers stay the same."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from retrieval.store import indexing
from retrieval.store.sqlite import SqliteStore
from tests.store.conftest import put, search

TOPICS = "harbour budget glacier orchestra election vaccine stadium museum railway drought".split()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library" / "library.sqlite3"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty passages are many: what else happens at thousands happens at once."""
    monkeypatch.setattr(indexing, "_IN_MEMORY", 20)
    monkeypatch.setattr(indexing, "_AT_A_TIME", 50)


def _text(number: int) -> str:
    topic, other = TOPICS[number % 10], TOPICS[number // 10 % 10]
    return " ".join(f"The {topic} had {number * 7 + n} visitors and a new {other} plan{n}." for n in range(8))


def _fill(store: SqliteStore, numbers: range) -> None:
    for number in numbers:
        put(store, f"{number:04}", _text(number))


def _answers(store: SqliteStore) -> list[set[tuple[int, str, float, float, float, float]]]:
    """What is found for some questions, with every score to the last bit."""
    found = [search(store, f"new {topic} plan3 visitors") for topic in TOPICS]
    return [
        {
            (c.passage.id, c.passage.article_id, c.cosine, c.bm25, c.article_cosine, c.article_covered)
            for c in f.candidates
        }
        for f in found
    ]


def _anew(path: Path, tmp_path: Path) -> list[set[tuple[int, str, float, float, float, float]]]:
    """The answers of the same file without an index beside it."""
    copy = tmp_path / "copy" / path.name
    with SqliteStore(path) as store:
        copy.parent.mkdir(exist_ok=True)
        copy.unlink(missing_ok=True)
        shutil.rmtree(copy.with_name("index"), ignore_errors=True)
        store.copy_to(copy)
    with SqliteStore(copy) as store:
        return _answers(store)


def _segments(path: Path) -> list[Path]:
    return sorted(path.with_name("index").glob("*.segment"))


def test_an_index_that_followed_is_one_that_is_made_anew(path: Path, tmp_path: Path) -> None:
    """Through additions, updates and removals, with questions in between or not, to the last bit of each score."""
    with SqliteStore(path) as store:
        _fill(store, range(30))
        _answers(store)
        _fill(store, range(25, 45))
        for number in (0, 7, 31, 44):
            store.remove(f"{number:04}")
        put(store, "0003", _text(77))
        assert _segments(path)
        assert _answers(store) == _anew(path, tmp_path)
        assert store.check() == []


def test_few_segments_are_left_of_many_additions(path: Path) -> None:
    """They are joined, and files that nothing needs are removed."""
    with SqliteStore(path) as store:
        _fill(store, range(100))
        search(store, "budget")
        assert len(_segments(path)) <= 3 * indexing._JOINED
        snapshot = store._index._snapshot
        assert snapshot
        assert {part.segment.path for part in snapshot.parts if part.segment.path} == set(_segments(path))


def test_an_index_is_opened_and_not_made_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what came since is read from the file."""
    with SqliteStore(path) as store:
        _fill(store, range(30))
        expected = _answers(store)
    read: list[int] = []
    since = indexing.Indexing._rows_since

    def counted(self: indexing.Indexing, last: int) -> object:
        for rows in since(self, last):
            read.append(len(rows))
            yield rows

    monkeypatch.setattr(indexing.Indexing, "_rows_since", counted)
    with SqliteStore(path) as store:
        assert _answers(store) == expected
    assert sum(read) <= 20


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for at in range(len(content) // 7, len(content), len(content) // 7):
        content[at] ^= 4
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [Path.unlink, _truncate, _empty, _flip])
@pytest.mark.parametrize("name", ["*.segment", "manifest.json"])
def test_a_damaged_index_is_made_anew(path: Path, damage: Callable[[Path], None], name: str) -> None:
    """Whichever file it is, and the answers are the same."""
    with SqliteStore(path) as store:
        _fill(store, range(40))
        expected = _answers(store)
    for file in path.with_name("index").glob(name):
        damage(file)
    with SqliteStore(path) as store:
        assert _answers(store) == expected
        assert store.check() == []


def test_a_lost_folder_is_made_anew(path: Path) -> None:
    """Also under a library that is open."""
    with SqliteStore(path) as store:
        _fill(store, range(40))
        expected = _answers(store)
        shutil.rmtree(path.with_name("index"))
        assert _answers(store) == expected
        _fill(store, range(100, 140))
        assert _segments(path)
    shutil.rmtree(path.with_name("index"))
    with SqliteStore(path) as store:
        assert store.check() == []


def test_vectors_that_nobody_compared_when_it_was_opened_are_compared_by_the_check(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file is not read whole at the start; the check says what is wrong, and the next question is right."""
    monkeypatch.setattr("retrieval.index.segment._VERIFIED_AT_ONCE", 0)
    with SqliteStore(path) as store:
        _fill(store, range(40))
        expected = _answers(store)
        (segment, *_) = _segments(path)
        content = bytearray(segment.read_bytes())
        content[-4] ^= 64
        segment.write_bytes(content)
    with SqliteStore(path) as store:
        assert any("index" in problem for problem in store.check())
        assert _answers(store) == expected
        assert store.check() == []


def test_an_index_of_another_file_is_not_believed(path: Path, tmp_path: Path) -> None:
    """A backup that is put back, with articles of its own since, has passages with the same numbers."""
    backup = tmp_path / "backup.sqlite3"
    with SqliteStore(path) as store:
        _fill(store, range(20))
        store.copy_to(backup)
        _fill(store, range(20, 50))
        _answers(store)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(backup, path)
    with SqliteStore(path) as store:
        _fill(store, range(60, 95))
        assert _answers(store) == _anew(path, tmp_path)
        assert store.check() == []


def test_what_another_process_wrote_is_taken_over(path: Path) -> None:
    """Each reads what the other has added, and both go on with the same files."""
    with SqliteStore(path) as one, SqliteStore(path) as other:
        for start in range(0, 80, 20):
            _fill(one, range(start, start + 10))
            _answers(other)
            _fill(other, range(start + 10, start + 20))
            assert _answers(one) == _answers(other)
        assert one.check() == other.check() == []


def test_an_index_that_cannot_be_written_stops_no_answer(path: Path) -> None:
    """A file stands where its folder should; everything is held in memory then."""
    path.parent.mkdir()
    path.with_name("index").write_text("not a folder", encoding="utf-8")
    with SqliteStore(path) as store:
        _fill(store, range(30))
        assert any(_answers(store))
        assert store.check() == []


def test_questions_are_answered_while_segments_are_joined(path: Path) -> None:
    """Many readers, one writer: every answer is of some moment, and none fails."""
    failed: list[BaseException] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                for candidate in search(store, "new harbour plan2").candidates:
                    assert np.isfinite(candidate.cosine)
        except BaseException as error:
            failed.append(error)

    with SqliteStore(path) as store:
        _fill(store, range(10))
        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        _fill(store, range(10, 60))
        for number in range(0, 60, 3):
            store.remove(f"{number:04}")
        done.set()
        for thread in threads:
            thread.join()
        assert not failed
        assert store.check() == []


def test_the_words_of_a_removed_article_are_not_in_the_folder(path: Path) -> None:
    """It knows words by their numbers."""
    with SqliteStore(path) as store:
        _fill(store, range(30))
        assert all(b"harbour" not in file.read_bytes() for file in path.with_name("index").iterdir())
