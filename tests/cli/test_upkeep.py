"""``doctor``, ``backup`` and ``restore``."""

from pathlib import Path

from retrieval.cli import COULD_NOT, DONE
from tests.cli.conftest import Quoth


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


def test_the_doctor_says_what_is_well_and_what_is_not(quoth: Quoth, home: Path, bridge: Path) -> None:
    """A line each, with advice, and exit code 1 where anything is wrong."""
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
