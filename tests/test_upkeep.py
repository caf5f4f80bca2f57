"""Looking a home directory over, copying it, bringing it back."""

import json
import time
import zipfile
from pathlib import Path

import pytest

from retrieval import upkeep
from retrieval.embed import fingerprint
from retrieval.errors import InvalidInput, NotFound, StoreError, UnreadableFile
from retrieval.library import Library
from retrieval.settings import ModelSettings
from retrieval.store.homes import FILE_NAME, library_names, library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.upkeep import Check, backup, examine, heartbeat, restore
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import Opener, add_text


@pytest.fixture(autouse=True)
def _default_model_is_the_toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the settings name by default is what the libraries of these tests were made with."""
    names = {ModelSettings().name: "toy"}
    monkeypatch.setattr(upkeep, "fingerprint", lambda name: names.get(name) or fingerprint(name))


def _checks(home: Path) -> dict[str, Check]:
    return {check.name: check for check in examine(home)}


def test_a_new_home_is_well(home: Path) -> None:
    """It is made, and every check says what it found."""
    checks = _checks(home)
    assert home.is_dir()
    assert checks["libraries"].well
    assert checks["settings"] == Check("settings", True, "all at their defaults")
    assert checks["Python"].well
    assert all(check.finding for check in checks.values())


def test_each_library_is_checked(open_library: Opener, home: Path) -> None:
    """Its articles are counted; a file that is no library is a problem with advice."""
    add_text(open_library("guild-1"), BRIDGE)
    library_path(home, "guild-2").parent.mkdir(parents=True)
    library_path(home, "guild-2").write_bytes(b"Dear diary, " * 99)
    checks = _checks(home)
    assert checks["library guild-1"] == Check("library guild-1", True, "1 article")
    assert not checks["library guild-2"].well
    assert "quoth restore" in checks["library guild-2"].advice


def test_a_library_that_contradicts_itself_is_a_problem(open_library: Opener, home: Path) -> None:
    """What the store's own check found is said."""
    library = open_library()
    add_text(library, BRIDGE)
    library._store._file.rows("UPDATE articles SET characters = 1")  # type: ignore[attr-defined]
    check = _checks(home)["library default"]
    assert not check.well
    assert "characters instead of 1" in check.finding


def test_wrong_settings_are_a_problem(home: Path) -> None:
    """Of the settings and of what they would have named."""
    home.mkdir()
    (home / "quoth.toml").write_text("[model]\nnmae = 'x'\n", encoding="utf-8")
    checks = _checks(home)
    assert not checks["settings"].well
    assert not checks["model"].well
    assert "model.nmae" in checks["settings"].finding


def test_a_home_that_cannot_be_written_to_is_a_problem(tmp_path: Path) -> None:
    """Here a file stands in its place."""
    (tmp_path / "home").write_text("", encoding="utf-8")
    check = _checks(tmp_path / "home")["home"]
    assert not check.well
    assert "cannot be written to" in check.finding


def test_too_little_space_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is a full disk."""
    monkeypatch.setattr(upkeep, "_LEAST_FREE", 10**18)
    assert not _checks(home)["home"].well


def test_a_token_is_found_and_never_shown(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment or in a file."""
    assert "none" in _checks(home)["Discord token"].finding
    (tmp_path / "token").write_text("s3cret", encoding="utf-8")
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(tmp_path / "token"))
    assert _checks(home)["Discord token"].finding == f"in {tmp_path / 'token'}"
    monkeypatch.setenv("DISCORD_TOKEN", "s3cret")
    assert all("s3cret" not in str(check) for check in examine(home))


@pytest.mark.parametrize(("age", "well"), [(0, True), (3_600, False)])
def test_a_heartbeat_says_whether_the_bot_is_alive(home: Path, age: int, well: bool) -> None:
    """A fresh one does, an old one does not."""
    home.mkdir()
    (home / upkeep.HEARTBEAT).write_text(json.dumps({"at": time.time() - age, "state": "ready"}), encoding="utf-8")
    assert heartbeat(home).well is well


@pytest.mark.parametrize("content", ["{}", "[]", "not json", '{"at": "noon", "state": "ready"}', None])
def test_without_a_heartbeat_no_bot_is_alive(home: Path, content: str | None) -> None:
    """Nor with one that cannot be read."""
    home.mkdir()
    if content is not None:
        (home / upkeep.HEARTBEAT).write_text(content, encoding="utf-8")
    assert not heartbeat(home).well


# Backups


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
        restore(home, _zip(tmp_path / "b.zip", **{upkeep._MANIFEST: manifest}))


def test_a_backup_cannot_write_outside_of_home(home: Path, tmp_path: Path) -> None:
    """A name in it is held to the same rule as any other."""
    members = {upkeep._MANIFEST: b'{"libraries": ["../../x"]}', f"../../x/{FILE_NAME}": b"x"}
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


# The model


def test_a_library_of_another_model_is_a_problem(open_library: Opener, home: Path) -> None:
    """Until it is reindexed; how far that is, is said."""
    library = open_library()
    add_text(library, BRIDGE)
    (home / "quoth.toml").write_text("[model]\nname = 'someone/another'\n", encoding="utf-8")
    check = _checks(home)["library default"]
    assert check.finding == "1 article; made with the model toy, and the settings name someone/another"
    assert (check.well, check.advice) == (False, "Run quoth reindex, or name that model in the settings")
    library._store.rebuild("someone/another")
    finding = _checks(home)["library default"].finding
    assert finding.startswith("1 article; a reindex for the model someone/another is at 0 of 1; made with")


def test_an_unfinished_reindex_is_said_and_no_problem(open_library: Opener, home: Path) -> None:
    """The old index answers."""
    library = open_library()
    add_text(library, BRIDGE)
    library._store.rebuild("other")
    finding = "1 article; a reindex for the model other is at 0 of 1"
    assert _checks(home)["library default"] == Check("library default", True, finding)


def test_a_model_that_cannot_be_had_is_said_once(open_library: Opener, home: Path) -> None:
    """Of the model, not of each library."""
    add_text(open_library(), BRIDGE)
    (home / "quoth.toml").write_text("[model]\nnmae = 'x'\n", encoding="utf-8")
    checks = _checks(home)
    assert not checks["model"].well
    assert checks["library default"].well
