"""Files that were made to do harm: each ends soon, as an article or in a sentence that says what to do."""

import gc
import threading
import time
from pathlib import Path

import pytest

from retrieval.library import Library
from tests.hostile.files import FILES, STORY

_LONGEST = 15.0  # seconds that a file may take
_LEFT = 60_000_000  # bytes of memory that may stay: buffers, and what the libraries keep
_LARGE = ("zip of zeros", "overlapping zip", "zip that lies", "one line of 50 MB", "million deep JSON")
_STATUS = Path("/proc/self/statm")


def _memory() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    return int(_STATUS.read_text(encoding="ascii").split()[1]) * 4_096


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_ends_soon_and_in_words(name: str, library: Library, tmp_path: Path) -> None:
    """Typed, with a cure, and without the tail of a stack trace; what is good in it is added all the same."""
    file = FILES[name]
    path = file.put_into(tmp_path)
    begin = time.monotonic()
    results = library.add(path)
    assert time.monotonic() - begin < _LONGEST
    assert {added.status for added in results} == file.ends
    errors = [added.error for added in results if added.error]
    assert all(error.endswith(".") and "\n" not in error and "Traceback" not in error for error in errors)
    assert file.told in " ".join(errors)
    for added in results:
        if added.article:
            assert library.text(added.article.id)


def test_memory_comes_back(library: Library, tmp_path: Path) -> None:
    """After what is packed to burst, or as large as a file may be, again and again."""
    if not _STATUS.exists():
        pytest.skip("this system does not tell how much memory a process has")
    paths = []
    for name in _LARGE:
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        paths.append(FILES[name].put_into(folder))
    held = []
    for _ in range(3):
        library.add(*paths)
        held.append(_memory())
    assert held[2] - held[0] < _LEFT


def test_nothing_is_written_where_an_archive_points(library: Library, tmp_path: Path) -> None:
    """Its paths are names of articles and nothing else; what it calls a link is not followed."""
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    before = set(Path("/").iterdir())
    for name in ("zip with paths", "zip with a link"):
        library.add(FILES[name].put_into(inside))
    assert {path.name for path in tmp_path.rglob("*")} - {"home"} <= {"a", "b", "a.zip", "default"} | {
        path.name for path in (tmp_path / "home").rglob("*")
    }
    assert set(Path("/").iterdir()) == before
    assert not any("root:" in library.text(article.id) for article in library.articles())


def test_a_word_file_brings_in_no_other_file(library: Library, tmp_path: Path) -> None:
    """An entity that names a file of this machine stays empty."""
    (added,) = library.add(FILES["Word that names another file"].put_into(tmp_path))
    assert added.article is not None
    assert library.text(added.article.id).strip() == STORY


def test_a_file_that_changes_while_it_is_read_is_read_as_it_was_at_some_moment(
    library: Library, tmp_path: Path
) -> None:
    """Or refused; a text that is stored is one that can be quoted."""
    path = tmp_path / "live.txt"
    path.write_text(STORY, encoding="utf-8")
    done = threading.Event()

    def change() -> None:
        number = 0
        while not done.is_set():
            number += 1
            path.write_text(f"{STORY} It was changed {number} times. " * (number % 50 + 1), encoding="utf-8")

    writer = threading.Thread(target=change)
    writer.start()
    try:
        results = [added for _ in range(30) for added in library.add(path)]
    finally:
        done.set()
        writer.join()
    assert {added.status for added in results} <= {"added", "updated", "unchanged", "failed"}
    assert library.add(path)[0].status != "failed"
    (article,) = library.articles()
    answer = library.ask("who said that repairs would take six weeks?")
    assert all(library.text(article.id)[q.start : q.end] == q.text for q in answer.quotes)


def test_a_file_that_grows_without_end_is_not_read_to_its_end(library: Library, tmp_path: Path) -> None:
    """What it had when it was looked at is not what it has."""
    path = tmp_path / "log.txt"
    with path.open("wb") as log:
        log.truncate(49_000_000)
    done = threading.Event()

    def grow() -> None:
        with path.open("ab") as log:
            while not done.is_set() and log.tell() < 500_000_000:
                log.write(bytes(5_000_000))

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        (added,) = library.add(path)
    finally:
        done.set()
        writer.join()
    assert added.status == "failed"


def test_a_folder_of_them_all_is_gone_through(library: Library, tmp_path: Path) -> None:
    """One bad file keeps no other from being added; pipes, devices and circles are no articles."""
    for name in ("FIFO", "endless device", "link in a circle", "NUL", "one bad line", "sparse", "million deep JSON"):
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        FILES[name].put_into(folder)
    (tmp_path / "sparse.jsonl").symlink_to(tmp_path / "sparse" / "a.txt")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "good.txt").write_text(STORY * 2, encoding="utf-8")
    begin = time.monotonic()
    results = library.add(tmp_path)
    assert time.monotonic() - begin < _LONGEST
    assert sum(added.status == "added" for added in results) == 3
