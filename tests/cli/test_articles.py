"""``list``, ``show``, ``history`` and ``remove``."""

import sys
from pathlib import Path

import pytest

from retrieval.cli import COULD_NOT, DONE, main
from tests.articles import BRIDGE
from tests.cli.conftest import ARTICLE, Quoth, is_one_sentence, parsed


@pytest.mark.parametrize(
    "content",
    ["\ufeffOne sentence.\r\nTwo 🦉 “é”.\r\n\r\n", "No end of line. \u2028 None.", "\tTabs and a tale.\n\n\n"],
)
def test_the_stored_text_is_printed_byte_for_byte(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], content: str
) -> None:
    """Line ends, byte order mark and characters beyond the basic plane."""
    (tmp_path / "a.txt").write_bytes(content.encode())
    home = str(tmp_path / "home")
    assert main(["add", "--home", home, str(tmp_path / "a.txt")]) == DONE
    capfdbinary.readouterr()
    assert main(["show", "--home", home, "--text", str(tmp_path / "a.txt")]) == DONE
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == content.encode()


def test_an_article_is_shown(quoth: Quoth, tmp_path: Path) -> None:
    """With what is known of it and what was set aside."""
    (tmp_path / "a.txt").write_text(f"ADVERTISEMENT\n\n{BRIDGE}", encoding="utf-8")
    quoth("add", tmp_path / "a.txt")
    code, printed, _ = quoth("show", tmp_path / "a.txt")
    assert code == DONE
    assert "set aside  furniture: ADVERTISEMENT" in printed
    assert "published  —" in printed
    assert list(parsed(quoth("show", "--json", tmp_path / "a.txt")[1])[0]) == ARTICLE


def test_articles_are_listed(quoth: Quoth, bridge: Path) -> None:
    """One a line; an empty library says how to fill it, and prints no JSON."""
    assert "quoth add" in quoth("list")[1]
    assert quoth("list", "--json")[:2] == (DONE, "")
    quoth("add", bridge)
    assert quoth("list")[1].endswith("(date unknown)\n")
    assert [list(article) for article in parsed(quoth("list", "--json")[1])] == [ARTICLE]


def test_articles_are_removed(quoth: Quoth, bridge: Path) -> None:
    """Those that are there, whatever else is named."""
    quoth("add", bridge)
    code, printed, complained = quoth("remove", "gone", bridge)
    assert code == COULD_NOT
    assert printed.startswith("removed: Engineers closed")
    assert is_one_sentence(complained)
    assert quoth("list", "--json")[1] == ""


def test_libraries_are_apart(quoth: Quoth, bridge: Path) -> None:
    """``--library`` names another set of articles."""
    quoth("add", "--library", "other", bridge)
    assert quoth("list", "--json")[1] == ""
    assert len(parsed(quoth("list", "--library", "other", "--json")[1])) == 1


def test_the_history_of_an_article_shows_what_changed(quoth: Quoth, bridge: Path) -> None:
    """Nothing at first; afterwards what went and what came, and how much of it had to be embedded again."""
    quoth("add", bridge)
    assert quoth("history", bridge)[1] == "It was never updated.\n"
    bridge.write_text(f"{BRIDGE} Correction: the bridge is older.", encoding="utf-8")
    assert quoth("add", bridge)[1].count("updated") == 2
    code, printed, _ = quoth("history", bridge)
    assert code == DONE
    assert printed.startswith("updated 20")
    assert "  ! Correction: the bridge is older.\n  + Correction: the bridge is older.\n" in printed
    (revision,) = parsed(quoth("history", bridge, "--json")[1])
    assert revision["changes"] == [{"before": "", "after": "Correction: the bridge is older."}]
    code, _, complained = quoth("history", "nobody")
    assert code == COULD_NOT
    assert is_one_sentence(complained)
