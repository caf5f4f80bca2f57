"""``add``: what is printed of each article, how far it is, and what failed."""

import io
import json
import re
import sys
from pathlib import Path

import pytest

from retrieval.cli import COULD_NOT, DONE
from tests.articles import BRIDGE, ORCHESTRA
from tests.cli.conftest import ARTICLE, Quoth, parsed


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
    assert "127.0.0.1 leads to no public address" in complained
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


def test_the_bar_tells_files_rate_and_the_time_left(
    quoth: Quoth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a folder it is known how many files it has."""
    for number in range(14):
        (tmp_path / f"{number}.txt").write_text(f"Engineers closed bridge number {number}.", encoding="utf-8")
    (tmp_path / "0.txt").write_text("", encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys, "stderr", terminal := _Terminal())
    assert quoth("add", tmp_path)[0] == COULD_NOT
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", terminal.getvalue())
    assert re.search(r"14/14 files 13 articles.* left", shown)


def test_what_failed_is_summed_up_by_the_reason(quoth: Quoth, tmp_path: Path) -> None:
    """Once there are so many results that nobody looks for it among the lines; the rest is added."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.txt").write_text(f"Engineers closed bridge number {number}.", encoding="utf-8")
    for name in ("empty.txt", "blank.md"):
        (folder / name).write_text(" \n", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 no more")
    code, printed, complained = quoth("add", folder, tmp_path / "gone.txt")
    assert code == COULD_NOT
    assert printed.endswith("12 added, 4 failed\n")
    lines = complained.splitlines()
    table = lines[lines.index(f"4 failures of 16, in {tmp_path}/:") + 1 :]
    assert table[0] == "    2 × it is empty. Add a file that holds an article."
    assert table[1] == "        folder/blank.md, folder/empty.txt"
    assert [line[:8] for line in table[2:]] == ["    1 × "] * 2


def test_few_results_need_no_sum_of_failures(quoth: Quoth, bridge: Path) -> None:
    """They stand right above."""
    assert quoth("add", "gone.txt", bridge)[2].count("gone.txt") == 1


# What would be added


def test_a_dry_run_shows_what_would_be_added_and_stores_nothing(quoth: Quoth, home: Path, tmp_path: Path) -> None:
    """With its first lines, and each line that would be set aside; not even the library's file is made."""
    (tmp_path / "a.txt").write_text(f"The bridge is closed\n\nADVERTISEMENT\n\n{BRIDGE}", encoding="utf-8")
    code, printed, complained = quoth("add", "--dry-run", tmp_path / "a.txt", "gone.txt")
    assert code == COULD_NOT
    first, *rest = printed.splitlines()
    assert first == "would be added: The bridge is closed"
    assert rest[0].startswith("    Engineers closed the old bridge")
    assert "    set aside, furniture: ADVERTISEMENT" in rest
    assert rest[-2:] == ["1 would be added, 1 would fail", "Nothing was stored."]
    assert complained.startswith("would fail: gone.txt does not exist.")
    assert [path.name for path in home.iterdir()] == ["quoth.toml"]


def test_a_dry_run_says_what_adding_says(quoth: Quoth, tmp_path: Path, bridge: Path) -> None:
    """Also of what stands twice in the input, and of what is in the library already."""
    quoth("add", bridge)
    bridge.write_text(f"{BRIDGE} It is open again.", encoding="utf-8")
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(ORCHESTRA, encoding="utf-8")
    lines = tmp_path / "lines.jsonl"
    texts = ("Buses run today.", "Buses run today.", "Buses run no more.")
    lines.write_text("\n".join(json.dumps({"doc_id": "x", "text": text}) for text in texts), encoding="utf-8")
    paths = (bridge, tmp_path / "one.txt", tmp_path / "two.txt", lines)
    would = parsed(quoth("add", "--json", "--dry-run", *paths)[1])
    assert [w["status"] for w in would] == ["updated", "added", "unchanged", "added", "unchanged", "updated"]
    assert all(w["dry_run"] for w in would)
    assert would[1]["opening"][0] in ORCHESTRA
    assert len(parsed(quoth("list", "--json")[1])) == 1
    did = parsed(quoth("add", "--json", *paths)[1])
    assert [d["status"] for d in did] == [w["status"] for w in would]
    assert [d["article"]["id"] for d in did] == [w["article"]["id"] for w in would]
