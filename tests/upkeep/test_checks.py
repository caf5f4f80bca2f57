"""Each mistake that an operator can make without Discord: made here, found, and told with its cure."""

import json
import os
import sqlite3
import sys
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest

from bot.embed_server import Served
from retrieval.embed import fingerprint
from retrieval.settings import BackupSettings, ModelSettings
from retrieval.store.homes import library_path
from retrieval.upkeep import Check, back_up_if_due, checks, examine
from tests.articles import BRIDGE
from tests.conftest import Opener, add_text
from tests.embedding import serving
from tests.store.test_migrating import FIRST
from tests.toy import ToyEncoder

_YESTERDAY_BEFORE = 3 * 86_400


@pytest.fixture(autouse=True)
def _default_model_is_the_toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the settings name by default is what the libraries of these tests were made with."""
    names = {ModelSettings().name: "toy"}
    monkeypatch.setattr(checks, "fingerprint", lambda name: names.get(name) or fingerprint(name))


def _checks(home: Path) -> dict[str, Check]:
    return {check.name: check for check in examine(home)}


def _problem(home: Path, name: str) -> Check:
    """The check of that name, which must have found something, and say what to do."""
    check = _checks(home)[name]
    assert not check.well
    assert len(check.advice) > 10
    return check


def _set(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "quoth.toml").write_text(text, encoding="utf-8")


def test_a_new_home_is_well(home: Path) -> None:
    """It is made, and every check says what it found."""
    found = _checks(home)
    assert home.is_dir()
    assert found["libraries"].well
    assert found["settings"] == Check("settings", True, "all at their defaults")
    assert found["packages"] == Check("packages", True, "as they were tested", found["packages"].advice)
    assert {name for name, check in found.items() if not check.well} == set()
    assert all(check.finding for check in found.values())


# The machine


def test_another_python_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older or newer than what was tested."""
    for version in ((3, 10, 1), (3, 14, 0)):
        monkeypatch.setattr(sys, "version_info", version)
        assert "3.11" in _problem(home, "Python").advice
        monkeypatch.undo()


def test_a_missing_package_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named."""
    wanted = ["quoth-needs-this==1.0", "numpy==2.4.6 ; extra == 'bench'"]
    monkeypatch.setattr(metadata, "requires", lambda name: wanted)
    assert _problem(home, "packages").finding == "quoth-needs-this is missing"


def test_another_torch_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU build of the right one is none."""
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "2.9.0" if name == "torch" else version(name))
    assert _problem(home, "packages").finding.startswith("torch is 2.9.0 instead of ")


@pytest.mark.parametrize("place", ["_MEMORY_INFO", "_MEMORY_LIMITS"])
def test_too_little_memory_is_a_problem(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Of the machine, or as the limit of a container."""
    file = tmp_path / "memory"
    file.write_text("536870912\n" if place == "_MEMORY_LIMITS" else "MemTotal:  524288 kB\n", encoding="ascii")
    monkeypatch.setattr(checks, place, (file,) if place == "_MEMORY_LIMITS" else file)
    assert _problem(home, "memory").finding.startswith("0.5 GB")


# The home


def test_a_home_that_cannot_be_written_to_is_a_problem(tmp_path: Path) -> None:
    """Here a file stands in its place."""
    (tmp_path / "home").write_text("", encoding="utf-8")
    assert "cannot be written to" in _problem(tmp_path / "home", "home").finding


def test_too_little_space_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is a full disk."""
    monkeypatch.setattr(checks, "_LEAST_FREE", 10**18)
    assert "Free some space" in _problem(home, "home").advice


def test_a_home_that_anybody_may_write_to_is_a_problem(home: Path) -> None:
    """Somebody else's article would be quoted."""
    home.mkdir()
    home.chmod(0o777)
    assert _problem(home, "file rights").advice == f"Run chmod o-w {home}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_a_problem(open_library: Opener, home: Path) -> None:
    """As when an article was added as root."""
    add_text(open_library(), BRIDGE)
    os.chown(library_path(home, "default"), 10_001, 10_001)
    assert "libraries/default/library.sqlite3" in _problem(home, "file rights").finding


def test_wrong_settings_are_a_problem(home: Path) -> None:
    """Of the settings and of what they would have named."""
    _set(home, "[model]\nnmae = 'x'\n")
    assert "model.nmae" in _problem(home, "settings").finding
    assert not _checks(home)["model"].well


def test_a_model_that_is_not_there_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when its package was not installed."""
    monkeypatch.setattr("retrieval.embed._DEFAULT_PACKAGE", "no_such_package")
    assert "is not installed" in _problem(home, "model").finding


def test_a_model_server_that_is_not_there_is_a_problem(home: Path) -> None:
    """And one that is there is named, with what it has."""
    with serving(Served("toy", ToyEncoder())) as server:
        _set(home, f"[model]\nname = 'toy'\nurl = '{server.url}'\ntimeout = 0.2\n")
        assert _checks(home)["model"].finding == f"toy: at {server.url}, 64 dimensions"
    assert "cannot be reached" in _problem(home, "model").finding


def test_other_weights_are_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their hash is not the published one."""
    monkeypatch.setattr("retrieval.embed._DEFAULT_SHA256", "0" * 64)
    assert "not the published ones" in _problem(home, "model").finding


# Backups


def test_a_backup_that_is_too_old_is_a_problem(open_library: Opener, home: Path) -> None:
    """Twice the time that may lie between two of them; without that setting there is nothing to check."""
    add_text(open_library(), BRIDGE)
    file = back_up_if_due(home, BackupSettings())
    assert file
    assert _checks(home)["backups"].finding == "1 backup, the newest 0 hours old"
    os.utime(file, (file.stat().st_mtime - _YESTERDAY_BEFORE,) * 2)
    assert _problem(home, "backups").finding == "1 backup, the newest 72 hours old"
    _set(home, "[backup]\nevery_hours = 0\n")
    assert "backups" not in _checks(home)


# Libraries


def test_each_library_is_checked(open_library: Opener, home: Path) -> None:
    """Its articles are counted; a file that is no library is a problem with advice."""
    add_text(open_library("guild-1"), BRIDGE)
    library_path(home, "guild-2").parent.mkdir(parents=True)
    library_path(home, "guild-2").write_bytes(b"Dear diary, " * 99)
    assert _checks(home)["library guild-1"] == Check("library guild-1", True, "1 article")
    assert "quoth restore" in _problem(home, "library guild-2").advice


def _change(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(library_path(home, "default"))) as connection, connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE articles SET characters = 1", "characters instead of 1"),
        ("UPDATE articles SET text = replace(text, 'two', 'ten')", "is not the one that was stored"),
        ("UPDATE articles SET source = 'The Honest Post'", "what is known of article"),
        ("UPDATE passages SET vector = x'00000000' WHERE id = 1", "not as many vectors as sentences"),
        ("UPDATE passages SET sentences = x'0000000000FF0000'", "sentences that its text has not"),
        ("UPDATE terms SET passages = passages + 1 WHERE id = 3", "1 words are counted in more or fewer"),
        ("DELETE FROM terms WHERE id IN (3, 4)", "2 words are counted in more or fewer"),
    ],
)
def test_a_library_that_contradicts_itself_is_a_problem(
    open_library: Opener, home: Path, statement: str, said: str
) -> None:
    """Text, passages, vectors and words are held against each other."""
    add_text(open_library(), BRIDGE)
    _change(home, statement)
    assert said in _problem(home, "library default").finding


def test_vectors_of_two_models_are_a_problem(open_library: Opener, home: Path) -> None:
    """No search can compare them."""
    library = open_library()
    add_text(library, BRIDGE, doc_id="1")
    add_text(library, BRIDGE + " Again.", doc_id="2")
    _change(home, "UPDATE passages SET vector = x'00000000' WHERE id = 1")
    assert "vectors of different lengths" in _problem(home, "library default").finding


def test_a_library_of_another_model_is_a_problem(open_library: Opener, home: Path) -> None:
    """Until it is reindexed."""
    add_text(open_library(), BRIDGE)
    _set(home, "[model]\nname = 'someone/another'\n")
    check = _problem(home, "library default")
    assert check.finding == "1 article; made with the model toy, and the settings name someone/another"
    assert check.advice == "Run quoth reindex, or name that model in the settings"


def test_an_unfinished_reindex_is_a_problem(open_library: Opener, home: Path) -> None:
    """How far it is, is said; the old index answers."""
    library = open_library()
    add_text(library, BRIDGE)
    library._store.rebuild("other")
    check = _problem(home, "library default")
    assert check.finding == "1 article; a reindex for the model other is at 0 of 1"
    assert "goes on where it stopped" in check.advice


def test_a_library_of_an_older_quoth_is_a_problem_and_stays_as_it_is(home: Path) -> None:
    """Whoever looks does not update: the doctor may be a newer one than the bot that runs."""
    path = library_path(home, "default")
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    before = path.read_bytes()
    check = _problem(home, "library default")
    assert check.finding.startswith("its schema is 1, and this Quoth's is ")
    assert "keeps a copy" in check.advice
    assert path.read_bytes() == before


def test_a_library_of_a_newer_quoth_is_a_problem(open_library: Opener, home: Path) -> None:
    """As after a downgrade."""
    open_library().close()
    _change(home, "PRAGMA user_version = 999")
    assert "newer Quoth" in _problem(home, "library default").finding


def test_a_feed_that_is_blocked_is_a_problem(open_library: Opener, home: Path) -> None:
    """With the reason, once it failed several times in a row."""
    subscriptions = open_library()._store.subscriptions
    subscriptions.add("https://news.example/feed", title="News", added="2024-05-01T12:00:00+00:00")
    assert _checks(home)["feeds of default"].finding == "1 feed"
    for _ in range(3):
        at = "2024-05-01T12:00:00+00:00"
        subscriptions.failed("https://news.example/feed", at=at, next_poll=at, error="The server answered with 403.")
    check = _problem(home, "feeds of default")
    assert check.finding == "News failed 3 times in a row: The server answered with 403"
    assert "quoth feed remove https://news.example/feed --library default" in check.advice


def test_a_model_that_cannot_be_had_is_said_once(open_library: Opener, home: Path) -> None:
    """Of the model, not of each library."""
    add_text(open_library(), BRIDGE)
    _set(home, "[model]\nnmae = 'x'\n")
    found = _checks(home)
    assert not found["model"].well
    assert found["library default"].well


def test_a_heartbeat_that_a_killed_bot_left_is_a_problem(home: Path) -> None:
    """Nobody holds the lock."""
    home.mkdir()
    (home / "heartbeat").write_text(json.dumps({"clock": 1.0, "state": "ready"}), encoding="utf-8")
    assert "was killed" in _problem(home, "bot").finding
