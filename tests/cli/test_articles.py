"""``add``, ``list``, ``show`` and ``remove``."""

import io
import json
import sys
from pathlib import Path

import pytest

from retrieval.cli import COULD_NOT, DONE, main
from tests.articles import BRIDGE
from tests.cli.conftest import ARTICLE, Quoth, is_one_sentence, parsed


def test_adding_prints_a_line_an_article(quoth: Quoth, bridge: Path) -> None:
    """And how many there were of each kind; a failure makes the exit code 1, and the rest is added."""
    code, printed, _ = quoth("add", bridge)
    assert code == DONE
    assert printed.startswith("added: Engineers closed")
    assert printed.endswith("1 added\n")
    code, printed, complained = quoth("add", "gone.txt", bridge)
    assert code == COULD_NOT
    assert complained == "failed: gone.txt does not exist. Check its name and permissions.\n"
    assert printed.endswith("1 failed, 1 unchanged\n")


def test_adding_says_what_was_set_aside(quoth: Quoth, tmp_path: Path) -> None:
    """So that nobody wonders where a line went."""
    (tmp_path / "a.txt").write_text(f"ADVERTISEMENT\n\n{BRIDGE}\n\nADVERTISEMENT", encoding="utf-8")
    assert "(set aside: 2 furniture)" in quoth("add", tmp_path / "a.txt")[1]
    assert quoth("add", tmp_path / "a.txt")[1].endswith("set aside, and never quoted: 2 furniture\n")


def test_added_articles_asparsed(quoth: Quoth, bridge: Path) -> None:
    """The contract's keys, in their order."""
    code, printed, complained = quoth("add", "--json", bridge, "gone.txt")
    added, failed = parsed(printed)
    assert (code, complained) == (COULD_NOT, "")
    assert list(added) == list(failed) == ["status", "article", "error"]
    assert (added["status"], added["error"]) == ("added", None)
    assert list(added["article"]) == ARTICLE
    assert added["article"]["doc_id"] == str(bridge)
    assert (failed["status"], failed["article"]) == ("failed", None)
    assert "does not exist" in failed["error"]


@pytest.mark.parametrize(
    "given",
    [BRIDGE, json.dumps({"doc_id": "b", "text": BRIDGE}), f'\n{{"text": {json.dumps(BRIDGE)}}}'],
    ids=["text", "JSON", "JSON below an empty line"],
)
def test_standard_input_is_a_text_or_json_lines(quoth: Quoth, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """``add -`` tells one from the other."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    code, printed, _ = quoth("add", "-", "--json")
    assert code == DONE
    assert parsed(printed)[0]["article"]["characters"] == len(BRIDGE)


def test_standard_input_that_is_no_text_fails_like_a_file(quoth: Quoth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named as what it is."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"PK\x00\x00")))
    code, printed, _ = quoth("add", "-", "--json")
    assert code == COULD_NOT
    assert "standard input is not a text file" in parsed(printed)[0]["error"]


def test_an_address_that_is_not_fetched_is_a_failure(quoth: Quoth, bridge: Path) -> None:
    """What else was named is added."""
    code, printed, complained = quoth("add", "http://127.0.0.1/story", bridge)
    assert code == COULD_NOT
    assert "127.0.0.1, which is no public address" in complained
    assert printed.endswith("1 added, 1 failed\n")


class _Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_shows_how_far_it_is(quoth: Quoth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a line for the first articles and for every failure."""
    for number in range(14):
        (tmp_path / f"{number}.txt").write_text(f"Engineers closed bridge number {number}.", encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", terminal := _Terminal())
    code, printed, _ = quoth("add", tmp_path, "gone.txt")
    assert code == COULD_NOT
    assert printed == "14 added, 1 failed\n"
    assert terminal.getvalue().count("added: Engineers closed") == 10
    assert "failed: gone.txt does not exist" in terminal.getvalue()


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
