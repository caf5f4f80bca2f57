"""``doctor``, ``reindex``, ``backup`` and ``restore``."""

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.cli import COULD_NOT, DONE, WRONG_USAGE
from retrieval.library import Library
from retrieval.records import Reindexed
from retrieval.settings import StoreSettings
from retrieval.upkeep import checks
from tests.cli.conftest import Quoth, is_one_sentence, parsed
from tests.databases import Database
from tests.toy import ToyEncoder


def test_a_backup_brings_everything_back(quoth: Quoth, bridge: Path, tmp_path: Path) -> None:
    """After a removal too."""
    quoth("add", bridge)
    listed = quoth("list", "--json")[1]
    code, printed, _ = quoth("backup", tmp_path / "b.zip")
    assert (code, printed) == (DONE, f"backed up to {tmp_path / 'b.zip'}: default\n")
    quoth("remove", bridge)
    code, printed, _ = quoth("restore", tmp_path / "b.zip")
    assert (code, printed) == (DONE, f"restored from {tmp_path / 'b.zip'}: default\n")
    assert quoth("list", "--json")[1] == listed


def test_the_doctor_says_what_is_well_and_what_is_not(
    quoth: Quoth, home: Path, bridge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line each, with advice, and exit code 1 where anything is wrong."""
    monkeypatch.setattr(checks, "fingerprint", lambda name: "toy")
    quoth("add", bridge)
    code, printed, _ = quoth("doctor")
    assert "ok       library default: 1 article" in printed
    assert code == (COULD_NOT if "PROBLEM" in printed else DONE)
    (home / "libraries" / "broken").mkdir()
    (home / "libraries" / "broken" / "library.sqlite3").write_bytes(b"Dear diary, " * 99)
    code, printed, _ = quoth("doctor")
    assert code == COULD_NOT
    assert "PROBLEM  library broken" in printed
    assert "         Restore a backup" in printed
    assert quoth("doctor", "--heartbeat")[0] == COULD_NOT
    code, printed, _ = quoth("doctor", "--json")
    assert code == COULD_NOT
    (broken,) = [check for check in parsed(printed) if check["name"] == "library broken"]
    assert set(broken) == {"name", "well", "finding", "advice"}
    assert broken["well"] is False


def test_reindexing_says_what_it_did(
    quoth: Quoth, bridge: Path, toy_everywhere: ToyEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line a library; all of them, unless one is named."""
    quoth("add", bridge)
    quoth("add", "--library", "other", bridge)
    monkeypatch.setattr(toy_everywhere, "fingerprint", "another")
    code, printed, complained = quoth("ask", "What did engineers close?")
    assert (code, printed) == (WRONG_USAGE, "")
    assert "made with the model toy, and the settings name another. Run quoth reindex" in complained
    assert quoth("reindex", "--library", "other")[:2] == (DONE, "other: 1 article reindexed with another\n")
    code, printed, complained = quoth("reindex", "--json")
    assert (code, complained) == (DONE, "")
    assert parsed(printed) == [
        {"library": "default", "model": "another", "articles": 1, "before": 0},
        {"library": "other", "model": "another", "articles": 1, "before": 0},
    ]
    assert quoth("ask", "What did engineers close?")[0] == DONE


def test_an_interrupted_reindexing_goes_on(quoth: Quoth, home: Path, bridge: Path, tmp_path: Path) -> None:
    """The second run says how much the first had done."""
    (tmp_path / "b.txt").write_text("The lighthouse keeper retired.", encoding="utf-8")
    quoth("add", bridge, tmp_path / "b.txt")
    with Library.open(home) as library:
        steps = library.reindex()
        assert [next(steps), next(steps)] == [Reindexed("toy", done, 2, 0) for done in (0, 1)]
    assert quoth("reindex")[:2] == (DONE, "default: 2 articles reindexed with toy, 1 of them in an earlier run\n")


def test_reindexing_needs_a_library(quoth: Quoth, home: Path) -> None:
    """One that is named must be there; one without articles is left as it is."""
    for arguments in ((), ("--library", "gone")):
        code, printed, complained = quoth("reindex", *arguments)
        assert (code, printed) == (COULD_NOT, "")
        assert is_one_sentence(complained)
    quoth("list")
    assert quoth("reindex")[:2] == (DONE, "default: no articles yet\n")
    assert parsed(quoth("reindex", "--json")[1]) == [{"library": "default", "model": None, "articles": 0, "before": 0}]


def test_a_library_that_cannot_be_reindexed_does_not_stop_the_others(quoth: Quoth, home: Path, bridge: Path) -> None:
    """It is named, and the exit code is 1."""
    quoth("add", bridge)
    (home / "libraries" / "broken").mkdir()
    (home / "libraries" / "broken" / "library.sqlite3").write_bytes(b"Dear diary, " * 99)
    code, printed, complained = quoth("reindex")
    assert (code, printed) == (COULD_NOT, "default: 1 article reindexed with toy\n")
    assert is_one_sentence(complained)
    assert complained.startswith("quoth: broken: the library")


def test_on_a_terminal_a_bar_shows_how_far_a_reindexing_is(
    quoth: Quoth, bridge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the library's name and the numbers; not with --json."""
    quoth("add", bridge)
    monkeypatch.setattr(sys, "stderr", terminal := io.StringIO())
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    assert quoth("reindex", "--json")[0] == DONE
    assert terminal.getvalue() == ""
    assert quoth("reindex")[0] == DONE
    assert "Reindexing default" in terminal.getvalue()
    assert "1/1" in terminal.getvalue()


def test_libraries_move_to_a_database_and_back(
    quoth: Quoth, home: Path, bridge: Path, fresh: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a further run for what came since; then everything works there, and can come back."""
    for name in ("default", "guild-7"):
        quoth("add", bridge, "--library", name)
    address, kept = bridge.with_name("address"), bridge.with_name("backup.zip")
    address.write_text(f"{fresh.url}\n", encoding="utf-8")
    assert quoth("migrate", "--to", f"@{address}", "--json")[:2] == (
        DONE,
        '{"library": "default", "articles": 1, "copied": 1}\n{"library": "guild-7", "articles": 1, "copied": 1}\n',
    )
    assert quoth("migrate", "--to", fresh.url, "--library", "guild-7")[1] == (
        "guild-7: 1 article there and checked, 0 of them copied now\n"
    )
    monkeypatch.setenv("QUOTH_STORE_URL", fresh.url)
    shutil.rmtree(home / "libraries")
    code, printed, _ = quoth("ask", "What did engineers close?", "--library", "guild-7")
    assert (code, "old bridge" in printed) == (DONE, True)
    assert "library guild-7: 1 article" in quoth("doctor")[1]
    assert quoth("reindex", "--library", "default")[1] == "default: 1 article reindexed with toy\n"
    assert quoth("backup", kept)[0] == DONE
    assert quoth("remove", bridge, "--library", "guild-7")[0] == DONE
    assert quoth("restore", kept)[0] == DONE
    assert quoth("migrate", "--to", "sqlite")[0] == DONE
    code, _, complained = quoth("migrate", "--to", fresh.url)
    assert (code, "are there already" in complained) == (COULD_NOT, True)
    monkeypatch.delenv("QUOTH_STORE_URL")
    assert quoth("ask", "What did engineers close?", "--library", "guild-7")[1] == printed


def test_a_login_that_lacks_the_role_is_told_the_cure(
    quoth: Quoth, fresh: StoreSettings, databases: Callable[[int], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence, by whatever is run first."""
    monkeypatch.setenv("QUOTH_STORE_URL", fresh.url)
    assert quoth("list")[0] == DONE
    databases(18).execute("DROP ROLE IF EXISTS visitor")
    databases(18).execute("CREATE ROLE visitor LOGIN")
    monkeypatch.setenv("QUOTH_STORE_URL", fresh.url.replace("postgres@", "visitor@"))
    for command in (("doctor",), ("ask", "What did engineers close?"), ("list",)):
        code, printed, complained = quoth(*command)
        assert code == (COULD_NOT if command == ("doctor",) else WRONG_USAGE), command
        assert "GRANT quoth_app TO" in printed + complained, command
        assert "visitor" not in printed + complained
        assert command == ("doctor",) or is_one_sentence(complained)


@pytest.mark.parametrize("to", ["mysql://db", "@/nowhere", "sqlite"])
def test_a_move_needs_another_store(quoth: Quoth, bridge: Path, to: str) -> None:
    """That can be one."""
    quoth("add", bridge)
    code, printed, complained = quoth("migrate", "--to", to)
    assert (code in (COULD_NOT, WRONG_USAGE), printed) == (True, "")
    assert is_one_sentence(complained)
