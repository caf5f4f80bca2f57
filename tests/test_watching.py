"""A library in step with a folder."""

import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.errors import InvalidInput
from retrieval.library import Library
from retrieval.watching import changes
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import ROOT

HARBOUR = "The harbour of the island froze in January. Ferries waited for the ice to break."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two articles, one of them further down."""
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "bridge.txt").write_text(BRIDGE, encoding="utf-8")
    (folder / "deep" / "orchestra.md").write_text(ORCHESTRA, encoding="utf-8")
    return folder


def _sync(library: Library, folder: Path) -> list[str]:
    return [added.status for added in library.sync_folder(folder)]


def _texts(library: Library) -> set[str]:
    return {library.text(article.id) for article in library.articles()}


def test_what_comes_changes_and_goes_is_followed(library: Library, folder: Path) -> None:
    """Files that are as they were are not read again."""
    assert _sync(library, folder) == ["added", "added"]
    assert _sync(library, folder) == []
    (folder / "bridge.txt").write_text(f"{BRIDGE} It is open again.", encoding="utf-8")
    (folder / "deep" / "orchestra.md").unlink()
    (folder / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    assert sorted(_sync(library, folder)) == ["added", "removed", "updated"]
    assert _texts(library) == {f"{BRIDGE} It is open again.", HARBOUR}
    assert len(library.history(str(folder / "bridge.txt"))) == 1


def test_a_renamed_file_is_the_same_article(library: Library, folder: Path) -> None:
    """Its id stays, and so do links to it; so does a file that was moved to another folder."""
    _sync(library, folder)
    ids = {article.id for article in library.articles()}
    (folder / "bridge.txt").rename(folder / "deep" / "closed.txt")
    assert _sync(library, folder) == ["unchanged"]
    assert {article.id for article in library.articles()} == ids
    (folder / "deep" / "closed.txt").unlink()
    assert _sync(library, folder) == ["removed"]
    assert _texts(library) == {ORCHESTRA}


def test_an_article_goes_with_the_last_file_that_holds_it(library: Library, folder: Path, tmp_path: Path) -> None:
    """Also where the other is in another folder."""
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    shutil.copy(folder / "bridge.txt", folder / "copy.txt")
    _sync(library, folder)
    assert _sync(library, other) == ["unchanged", "unchanged"]
    (folder / "bridge.txt").unlink()
    assert _sync(library, folder) == []
    (folder / "copy.txt").unlink()
    assert _sync(library, folder) == []
    (other / "bridge.txt").unlink()
    assert _sync(library, other) == ["removed"]


def test_articles_that_leave_a_file_of_several_leave_the_library(library: Library, folder: Path) -> None:
    lines = [f'{{"doc_id": "{n}", "text": "Engineers closed bridge number {n} over the river."}}' for n in range(4)]
    (folder / "lines.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert _sync(library, folder) == ["added"] * 6
    (folder / "lines.jsonl").write_text("\n".join(lines[:2]), encoding="utf-8")
    assert _sync(library, folder) == ["unchanged", "unchanged", "removed", "removed"]


def test_a_file_that_cannot_be_read_for_now_keeps_its_article(library: Library, folder: Path) -> None:
    """It may be half written; when it is whole it is read again."""
    _sync(library, folder)
    (folder / "bridge.txt").write_text("", encoding="utf-8")
    assert _sync(library, folder) == ["failed"]
    assert BRIDGE in _texts(library)
    assert _sync(library, folder) == []
    (folder / "bridge.txt").write_text(HARBOUR, encoding="utf-8")
    assert _sync(library, folder) == ["updated"]


def test_what_was_removed_by_hand_stays_away(library: Library, folder: Path) -> None:
    """Until its file changes."""
    _sync(library, folder)
    library.remove(str(folder / "bridge.txt"))
    assert _sync(library, folder) == []
    (folder / "bridge.txt").write_text(f"{BRIDGE} Indeed.", encoding="utf-8")
    assert _sync(library, folder) == ["added"]


def test_a_folder_that_is_not_there_removes_nothing(library: Library, folder: Path) -> None:
    """Nor does one whose files are all gone at once: a drive that is not connected looks like that."""
    _sync(library, folder)
    shutil.move(folder, folder.with_name("away"))
    with pytest.raises(InvalidInput, match="there is no folder"):
        _sync(library, folder)
    folder.mkdir()
    with pytest.raises(InvalidInput, match="Nothing was removed"):
        _sync(library, folder)
    assert len(library.articles()) == 2


def test_an_interrupted_start_goes_on_where_it_was(library: Library, tmp_path: Path) -> None:
    """Files that were read are not read again."""
    for number in range(40):
        (tmp_path / f"{number:02}.txt").write_text(f"Engineers closed bridge number {number}.", encoding="utf-8")
    started = library.sync_folder(tmp_path)
    for _ in range(35):
        next(started)
    started.close()  # type: ignore[attr-defined]
    rest = _sync(library, tmp_path)
    assert "removed" not in rest
    assert rest.count("added") + rest.count("unchanged") == len(rest) < 20
    assert len(library.articles()) == 40


def test_names_of_files_are_nowhere_in_the_library(library: Library, folder: Path, home: Path) -> None:
    """A removed article's name may say what was in it."""
    (folder / "zyxomma.txt").write_text(HARBOUR, encoding="utf-8")
    _sync(library, folder)
    library.remove(str(folder / "zyxomma.txt"))
    assert b"zyxomma" not in b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


# While it is watched


def _until(is_so: Callable[[], bool], *, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
    return is_so()


def test_changes_are_seen_as_they_happen(library: Library, folder: Path) -> None:
    """An editor's way of saving, a new file in its place, is one change; other files make none."""
    stop, looks = threading.Event(), list[list[str]]()

    def watch() -> None:
        for _ in changes(folder, stop=stop):
            looks.append(_sync(library, folder))

    _sync(library, folder)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        time.sleep(0.3)  # until the system tells of changes
        (folder / "notes.sqlite3").write_text("no article", encoding="utf-8")
        aside = folder / ".bridge.txt.swp"
        aside.write_text(f"{BRIDGE} It is open again.", encoding="utf-8")
        aside.replace(folder / "bridge.txt")
        assert _until(lambda: f"{BRIDGE} It is open again." in _texts(library))
        (folder / "deep" / "orchestra.md").rename(folder / "orchestra.md")
        assert _until(lambda: len([look for look in looks if look]) >= 2)
        shutil.rmtree(folder / "deep")
        (folder / "orchestra.md").unlink()
        assert _until(lambda: ["removed"] in looks)
        assert [look for look in looks if look] == [["updated"], ["unchanged"], ["removed"]]
    finally:
        stop.set()
        thread.join(timeout=20)
    assert not thread.is_alive()


def test_the_command_ends_cleanly_at_ctrl_c(tmp_path: Path) -> None:
    """Without a word of Python's, and as something that is done."""
    (tmp_path / "folder").mkdir()
    command = [sys.executable, "-m", "bot", "watch-folder", "--home", str(tmp_path / "home"), str(tmp_path / "folder")]
    # What a shell runs in the background does not hear Ctrl-C, and hands that on.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    finally:
        signal.signal(signal.SIGINT, heard)
    with process:
        assert process.stderr is not None
        first = process.stderr.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        printed, complained = process.communicate(timeout=60)
    assert first == f"watching {tmp_path / 'folder'}; Ctrl-C ends it\n"
    assert (process.returncode, printed, complained) == (0, "nothing has changed\n", "")
