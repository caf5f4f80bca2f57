"""Copies of libraries: made, brought back."""

import itertools
import os
import shutil
import threading
import time
import zipfile
from pathlib import Path

import pytest

from retrieval.errors import InvalidInput, NotFound, StoreError, UnreadableFile
from retrieval.library import Library
from retrieval.store.homes import FILE_NAME, library_names, library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.upkeep import backup, restore
from retrieval.upkeep.backups import _MANIFEST
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import Opener, add_text


def _ids(library: Library) -> list[str]:
    return [article.id for article in library.articles()]


def test_a_backup_holds_every_library(open_library: Opener, home: Path, tmp_path: Path) -> None:
    """Taken while they are open, and brought back into an empty home."""
    here, there = open_library("guild-1"), open_library("guild-2")
    add_text(here, BRIDGE)
    add_text(there, ORCHESTRA)
    assert backup(home, tmp_path / "b.zip") == ("guild-1", "guild-2")
    other = tmp_path / "other"
    assert restore(other, tmp_path / "b.zip") == ("guild-1", "guild-2")
    assert library_names(other) == ("guild-1", "guild-2")
    with Library.open(other, "guild-1") as restored:
        assert _ids(restored) == _ids(here)
        assert restored.problems() == []


def test_one_library_can_be_copied_and_brought_back(open_library: Opener, home: Path, tmp_path: Path) -> None:
    """The others are left alone."""
    for name in ("guild-1", "guild-2"):
        add_text(open_library(name), BRIDGE)
    assert backup(home, tmp_path / "one.zip", only="guild-1") == ("guild-1",)
    backup(home, tmp_path / "all.zip")
    assert restore(tmp_path / "other", tmp_path / "all.zip", only="guild-2") == ("guild-2",)
    assert library_names(tmp_path / "other") == ("guild-2",)
    with pytest.raises(NotFound, match="no library 'guild-2'"):
        restore(tmp_path / "other", tmp_path / "one.zip", only="guild-2")


def test_a_running_bot_sees_what_was_restored(open_library: Opener, home: Path, tmp_path: Path) -> None:
    """At its next question, without opening anything again; what stood there before is kept."""
    library = open_library()
    article = add_text(library, BRIDGE, doc_id="bridge")
    backup(home, tmp_path / "b.zip")
    library.remove("bridge")
    add_text(library, ORCHESTRA)
    library.ask("Who is the conductor?")
    restore(home, tmp_path / "b.zip")
    assert library.articles() == (article,)
    assert library.ask("What did engineers close?").quotes[0].article == article
    kept = library_path(home, "default").with_name(f"{FILE_NAME}.before-restore")
    assert ORCHESTRA.split()[-1].encode() in kept.read_bytes()


def test_without_a_library_there_is_no_backup(home: Path, tmp_path: Path) -> None:
    """Nor where the named one is not there; no file is left."""
    for only in (None, "gone"):
        with pytest.raises(NotFound):
            backup(home, tmp_path / "b.zip", only=only)
    assert list(tmp_path.glob("*.zip")) == []


def test_a_backup_needs_its_folder(open_library: Opener, home: Path, tmp_path: Path) -> None:
    """It is not made by guessing."""
    open_library()
    with pytest.raises(InvalidInput, match="does not exist"):
        backup(home, tmp_path / "nowhere" / "b.zip")


def _zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_json", ".json"), content)
    return path


@pytest.mark.parametrize(
    "manifest", [b"not json", b"[]", b"{}", b'{"libraries": 5}', b'{"libraries": ["default"]}', b'{"libraries": [5]}']
)
def test_a_zip_that_is_no_backup_is_refused(home: Path, tmp_path: Path, manifest: bytes) -> None:
    """Whatever its list of contents says."""
    with pytest.raises(UnreadableFile, match="is no backup"):
        restore(home, _zip(tmp_path / "b.zip", **{_MANIFEST: manifest}))


def test_a_backup_cannot_write_outside_of_home(home: Path, tmp_path: Path) -> None:
    """A name in it is held to the same rule as any other."""
    members = {_MANIFEST: b'{"libraries": ["../../x"]}', f"../../x/{FILE_NAME}": b"x"}
    with pytest.raises((InvalidInput, StoreError)):
        restore(home, _zip(tmp_path / "b.zip", **members))
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nonsense", b"text"])
def test_a_file_that_is_no_zip_is_refused(home: Path, tmp_path: Path, content: bytes) -> None:
    """So is one that is not there."""
    (tmp_path / "b.zip").write_bytes(content)
    for name in ("b.zip", "gone.zip"):
        with pytest.raises(UnreadableFile, match="is no backup"):
            restore(home, tmp_path / name)


def test_a_damaged_backup_changes_nothing(open_library: Opener, home: Path, tmp_path: Path) -> None:
    """Whether the archive or the library in it is broken."""
    library = open_library()
    add_text(library, BRIDGE)
    backup(home, tmp_path / "b.zip")
    content = bytearray((tmp_path / "b.zip").read_bytes())
    content[300:900] = bytes(600)
    (tmp_path / "b.zip").write_bytes(content)
    library._store._file.rows("UPDATE articles SET characters = 1")  # type: ignore[attr-defined]
    backup(home, tmp_path / "c.zip")
    for name in ("b.zip", "c.zip"):
        with pytest.raises(UnreadableFile):
            restore(home, tmp_path / name)
    assert len(library.articles()) == 1


def test_a_damaged_library_is_brought_back(home: Path, open_library: Opener, tmp_path: Path) -> None:
    """The doctor says to restore a backup, so that works; what was there is kept for whoever can read it."""
    with open_library() as library:
        add_text(library, BRIDGE)
    backup(home, tmp_path / "b.zip")
    path = library_path(home, "default")
    path.write_bytes(b"no database any more" * 100)
    assert restore(home, tmp_path / "b.zip") == ("default",)
    with SqliteStore(path) as store:
        assert len(store.articles()) == 1
    assert path.with_name("library.sqlite3.before-restore").read_bytes().startswith(b"no database")


def test_a_library_is_copied_while_it_is_asked_and_added_to(open_library: Opener, home: Path, tmp_path: Path) -> None:
    """Each copy is of one moment, whole, and neither questions nor additions fail."""
    library = open_library()
    add_text(library, BRIDGE, doc_id="bridge")
    done, faults = threading.Event(), []

    def go_on() -> None:
        try:
            for number in itertools.takewhile(lambda _: not done.is_set(), itertools.count()):
                add_text(library, f"{ORCHESTRA} Number {number}.", doc_id=f"n{number % 9}")
                library.ask("In how many pillars were cracks found?")
        except Exception as error:
            faults.append(error)

    thread = threading.Thread(target=go_on)
    thread.start()
    for number in range(5):
        backup(home, tmp_path / f"{number}.zip")
    done.set()
    thread.join()
    assert faults == []
    for number in range(5):
        restore(tmp_path / str(number), tmp_path / f"{number}.zip")
        with Library.open(tmp_path / str(number)) as restored:
            assert restored.problems() == []
            assert "bridge" in {article.doc_id for article in restored.articles()}


def test_a_restored_library_gives_the_same_answers(open_library: Opener, home: Path, tmp_path: Path) -> None:
    """The drill: back up, lose everything, restore; equal counts and equal answers, to the score."""
    library = open_library()
    for number in range(8):
        add_text(library, f"{BRIDGE} Number {number}.", doc_id=f"b{number}")
    add_text(library, ORCHESTRA, doc_id="orchestra")
    questions = ("In how many pillars were cracks found?", "Who is the new conductor?", "What is number 5?")

    def told() -> tuple[object, ...]:
        answers = [(a.answered, a.confidence, a.quotes, a.nearest) for a in map(library.ask, questions)]
        return library.articles(), library.passage_count(), answers, list(library.export())

    before = told()
    backup(home, tmp_path / "b.zip")
    library.close()
    shutil.rmtree(home)
    restore(home, tmp_path / "b.zip")
    library = open_library()
    assert told() == before


def test_what_a_killed_backup_left_is_cleared_away(open_library: Opener, home: Path, tmp_path: Path) -> None:
    """By the next one, once it is surely nobody's; what is being made now is left alone."""
    add_text(open_library(), BRIDGE)
    for name, age in (("old", 7200), ("new", 60)):
        left = tmp_path / f".quoth-copying-{name}"
        left.mkdir()
        os.utime(left, (time.time() - age,) * 2)
    backup(home, tmp_path / "b.zip")
    assert [p.name for p in tmp_path.glob(".quoth*")] == [".quoth-copying-new"]
