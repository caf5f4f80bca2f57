"""The command line: what is printed, where, and with which exit code."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retrieval.cli import COULD_NOT, DONE, WRONG_USAGE, main
from retrieval.cli.shared import Command
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import ROOT
from tests.toy import ToyEncoder

pytestmark = pytest.mark.usefixtures("toy_everywhere")

ARTICLE = ["id", "doc_id", "title", "source", "author", "published", "published_from", "url", "added", "characters"]
QUOTE = ["article", "start", "end", "text", "focus", "score", "link"]
ANSWER = ["question", "answered", "confidence", "quotes", "nearest", "reason", "ms"]
COMMANDS = "add list show summarise remove ask verify evaluate doctor backup restore".split()

Quoth = Callable[..., tuple[int, str, str]]


@pytest.fixture
def quoth(home: Path, capfd: pytest.CaptureFixture[str]) -> Quoth:
    """Runs a sub-command in this process: exit code, standard output, standard error."""
    home.mkdir()
    (home / "quoth.toml").write_text("[answers]\nconfidence = 0.0\n", encoding="utf-8")

    def run(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        try:
            code = main([str(arguments[0]), "--home", str(home), *map(str, arguments[1:])])
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed, complained = capfd.readouterr()
        return code, printed, complained

    return run


@pytest.fixture
def bridge(tmp_path: Path) -> Path:
    """A text file."""
    path = tmp_path / "bridge.txt"
    path.write_text(BRIDGE, encoding="utf-8")
    return path


def _json(printed: str) -> list[Any]:
    return [json.loads(line) for line in printed.split("\n") if line]


def _is_one_sentence(complained: str) -> bool:
    return complained.count("\n") == 1 and complained.startswith("quoth") and "Traceback" not in complained


# Usage


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(quoth: Quoth, command: str) -> None:
    """What it does, every option with its help, and where things are kept."""
    code, printed, complained = quoth(command, "--help")
    assert (code, complained) == (DONE, "")
    assert printed.startswith(f"usage: quoth {command}")
    assert "--home DIR" in printed
    assert "--library NAME" in printed


def test_the_list_of_commands_is_complete(capfd: pytest.CaptureFixture[str]) -> None:
    """``quoth --help`` names each."""
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == DONE
    assert set(COMMANDS) <= {line.split()[0] for line in capfd.readouterr().out.split("\n") if line.startswith("    ")}


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("ask",),
        ("ask", "Who?", "--batch", "q.jsonl"),
        ("ask", "Who?", "--quotes", "0"),
        ("ask", "Who?", "--quotes", "11"),
        ("ask", "Who?", "--quotes", "x"),
        ("add",),
        ("list", "--nonsense"),
        ("summarise", "x", "--length", "huge"),
        ("show", "x", "--text", "--json"),
        ("evaluate", "--docs", "x"),
        ("backup",),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(quoth: Quoth, arguments: tuple[str, ...]) -> None:
    """Exit code 2, and where to read on."""
    code, printed, complained = quoth(*arguments)
    assert (code, printed) == (WRONG_USAGE, "")
    assert _is_one_sentence(complained)
    assert "--help" in complained


def test_wrong_settings_are_wrong_usage(quoth: Quoth, home: Path) -> None:
    """Exit code 2, naming the key."""
    (home / "quoth.toml").write_text("[answers]\nqoutes = 3\n", encoding="utf-8")
    code, _, complained = quoth("list")
    assert code == WRONG_USAGE
    assert _is_one_sentence(complained)
    assert "answers.qoutes" in complained


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "gone"),
        ("summarise", "gone"),
        ("remove", "gone"),
        ("ask", ""),
        ("ask", "Who?", "--article", "gone"),
        ("ask", "--batch", "gone.jsonl"),
        ("verify", ""),
        ("evaluate", "--docs", "gone.txt", "--questions", "gone.jsonl"),
        ("backup", "nowhere/b.zip"),
        ("restore", "gone.zip"),
        ("list", "--library", "../x"),
    ],
)
def test_what_could_not_be_done_is_told_in_a_sentence(quoth: Quoth, arguments: tuple[str, ...]) -> None:
    """Exit code 1, nothing on standard output."""
    code, printed, complained = quoth(*arguments)
    assert (code, printed) == (COULD_NOT, "")
    assert _is_one_sentence(complained)


def test_a_further_command_can_be_added(capsys: pytest.CaptureFixture[str]) -> None:
    """As the bot does."""
    command = Command("greet", "Say hello", lambda parser: None, lambda arguments: sys.stdout.write("hello") - 5)
    assert main(["greet"], [command]) == DONE
    assert capsys.readouterr().out == "hello"


def test_an_interrupted_command_says_that_it_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is no traceback."""

    def run(_arguments: object) -> int:
        raise KeyboardInterrupt

    assert main(["wait"], [Command("wait", "Wait", lambda parser: None, run)]) == 130
    assert _is_one_sentence(capsys.readouterr().err)


def test_a_closed_pipe_is_the_end_of_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written from then on goes nowhere, so that Python does not complain while it ends."""

    def run(_arguments: object) -> int:
        raise BrokenPipeError

    with (tmp_path / "out").open("w", encoding="utf-8") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["pour"], [Command("pour", "Pour", lambda parser: None, run)]) == DONE
        out.write("too late")
    assert (tmp_path / "out").read_bytes() == b""


# add, list, show, remove


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


def test_added_articles_as_json(quoth: Quoth, bridge: Path) -> None:
    """The contract's keys, in their order."""
    code, printed, complained = quoth("add", "--json", bridge, "gone.txt")
    added, failed = _json(printed)
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
    assert _json(printed)[0]["article"]["characters"] == len(BRIDGE)


def test_standard_input_that_is_no_text_fails_like_a_file(quoth: Quoth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named as what it is."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"PK\x00\x00")))
    code, printed, _ = quoth("add", "-", "--json")
    assert code == COULD_NOT
    assert "standard input is not a text file" in _json(printed)[0]["error"]


def test_an_address_that_is_not_fetched_is_a_failure(quoth: Quoth, bridge: Path) -> None:
    """What else was named is added."""
    code, printed, complained = quoth("add", "https://news.example/story", bridge)
    assert code == COULD_NOT
    assert "pages are not fetched" in complained
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
    assert list(_json(quoth("show", "--json", tmp_path / "a.txt")[1])[0]) == ARTICLE


def test_articles_are_listed(quoth: Quoth, bridge: Path) -> None:
    """One a line; an empty library says how to fill it, and prints no JSON."""
    assert "quoth add" in quoth("list")[1]
    assert quoth("list", "--json")[:2] == (DONE, "")
    quoth("add", bridge)
    assert quoth("list")[1].endswith("(date unknown)\n")
    assert [list(article) for article in _json(quoth("list", "--json")[1])] == [ARTICLE]


def test_articles_are_removed(quoth: Quoth, bridge: Path) -> None:
    """Those that are there, whatever else is named."""
    quoth("add", bridge)
    code, printed, complained = quoth("remove", "gone", bridge)
    assert code == COULD_NOT
    assert printed.startswith("removed: Engineers closed")
    assert _is_one_sentence(complained)
    assert quoth("list", "--json")[1] == ""


def test_libraries_are_apart(quoth: Quoth, bridge: Path) -> None:
    """``--library`` names another set of articles."""
    quoth("add", "--library", "other", bridge)
    assert quoth("list", "--json")[1] == ""
    assert len(_json(quoth("list", "--library", "other", "--json")[1])) == 1


# ask, summarise, verify


def test_an_answer_as_json(quoth: Quoth, bridge: Path) -> None:
    """The contract's keys, and quotes that are slices of the given text."""
    quoth("add", bridge)
    code, printed, complained = quoth("ask", "--json", "How long will repairs take?")
    (answer,) = _json(printed)
    assert (code, complained) == (DONE, "")
    assert list(answer) == ANSWER
    assert list(answer["ms"]) == ["embed", "search", "quote", "total"]
    assert list(answer["quotes"][0]) == QUOTE
    assert list(answer["quotes"][0]["article"]) == ARTICLE
    for quote in answer["quotes"]:
        assert BRIDGE[quote["start"] : quote["end"]] == quote["text"]
        assert quote["start"] <= quote["focus"][0] < quote["focus"][1] <= quote["end"]


def test_an_answer_as_a_card(quoth: Quoth, bridge: Path) -> None:
    """The words of the article, for a person."""
    quoth("add", bridge)
    code, printed, _ = quoth("ask", "How long will repairs take?")
    assert code == DONE
    assert "eleven months" in " ".join(printed.split())
    assert "\x1b" not in printed


def test_the_number_of_quotes_can_be_chosen(quoth: Quoth, tmp_path: Path) -> None:
    """``--quotes N``."""
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text(f"Engineers closed bridge number {number}.", encoding="utf-8")
    quoth("add", tmp_path)
    for count in (1, 2, 4):
        (answer,) = _json(quoth("ask", "--json", "--quotes", count, "Which bridge did engineers close?")[1])
        assert len(answer["quotes"]) == count


def test_questions_can_be_asked_in_a_batch(quoth: Quoth, bridge: Path, tmp_path: Path) -> None:
    """One Answer a line under its id; a bad line is named, and the rest goes on."""
    (tmp_path / "o.txt").write_text(ORCHESTRA, encoding="utf-8")
    quoth("add", bridge, tmp_path / "o.txt")
    lines = [
        '\ufeff{"id": "q1", "question": "How long will repairs take?"}',
        "",
        "not json",
        '{"id": 7, "question": "And when?", "history": ["Who is the new conductor?"]}',
        json.dumps({"id": "q3", "question": "How long will repairs take?", "article": str(tmp_path / "o.txt")}),
        '{"id": "q4"}',
        '{"id": "q5", "question": "Who?", "history": "x"}',
        '{"id": "q6", "question": "Who?", "article": 5}',
        '{"id": "q7", "question": "?"}',
        "[" * 100_000,
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(lines), encoding="utf-8")
    code, printed, complained = quoth("ask", "--batch", tmp_path / "q.jsonl")
    answers = _json(printed)
    assert code == COULD_NOT
    assert [a["id"] for a in answers] == ["q1", 7, "q3"]
    assert all(list(a) == ["id", *ANSWER] for a in answers)
    assert {q["article"]["doc_id"] for q in answers[2]["quotes"]} == {str(tmp_path / "o.txt")}
    assert [c.split(":")[1] for c in complained.splitlines()] == [f" line {n}" for n in (3, 6, 7, 8, 9, 10)]


def test_a_summary_as_json(quoth: Quoth, bridge: Path) -> None:
    """The contract's keys; sentences that are slices."""
    quoth("add", bridge)
    code, printed, _ = quoth("summarise", "--json", bridge)
    (summary,) = _json(printed)
    assert code == DONE
    assert list(summary) == ["article", "sentences", "facts"]
    assert list(summary["facts"]) == ["who", "where", "when", "numbers"]
    assert summary["sentences"]
    for sentence in summary["sentences"]:
        assert list(sentence) == ["start", "end", "text"]
        assert BRIDGE[sentence["start"] : sentence["end"]] == sentence["text"]


def test_a_summary_as_a_card(quoth: Quoth, bridge: Path) -> None:
    """At each length."""
    quoth("add", bridge)
    for length in ("short", "medium", "long"):
        code, printed, _ = quoth("summarise", "--length", length, bridge)
        assert code == DONE
        assert "Engineers closed the old bridge" in " ".join(printed.split())


@pytest.mark.parametrize(
    ("quoted", "standing", "code"),
    [
        ("found cracks in two of its pillars", "found", DONE),
        ("Inspectors had found holes in two of its pillars.", "altered", COULD_NOT),
        ("The glacier melted in Patagonia last summer", "not found", COULD_NOT),
    ],
)
def test_a_quote_is_verified(quoth: Quoth, bridge: Path, quoted: str, standing: str, code: int) -> None:
    """The exit code tells a script; the line tells a person."""
    quoth("add", bridge)
    assert quoth("verify", quoted)[:1] == (code,)
    assert quoth("verify", quoted)[1].startswith(standing)
    (found,) = _json(quoth("verify", "--json", quoted)[1])
    assert list(found) == ["standing", "quote", "others"]
    assert found["standing"] == standing


def test_every_article_with_the_words_is_named(quoth: Quoth, bridge: Path, tmp_path: Path) -> None:
    """The first one in full, the others below it."""
    (tmp_path / "z.txt").write_text(f"Zebras. {BRIDGE}", encoding="utf-8")
    quoth("add", bridge, tmp_path / "z.txt")
    code, printed, _ = quoth("verify", "found cracks in two of its pillars", "--article", tmp_path / "z.txt")
    assert code == DONE
    assert printed.startswith("found: Zebras.")
    assert "also in: Engineers closed" in printed


# evaluate, doctor, backup, restore


def test_figures_are_printed(quoth: Quoth, bridge: Path, tmp_path: Path) -> None:
    """As a table or as JSON."""
    at = BRIDGE.index("eleven months")
    line = {"id": "1", "question": "How long will repairs take?", "doc_id": str(bridge)}
    labelled = {**line, "answers": [{"text": "eleven months", "start": at}], "answerable": True}
    (tmp_path / "q.jsonl").write_text(json.dumps(labelled), encoding="utf-8")
    asked = ("evaluate", "--docs", bridge, "--questions", tmp_path / "q.jsonl")
    code, printed, _ = quoth(*asked)
    assert code == DONE
    assert "exact quotes" in printed
    (figures,) = _json(quoth(*asked, "--json")[1])
    assert figures["quote@3"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert figures["exact quotes"] == 1.0
    assert figures["answered wrongly"] is None


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


# In a process of its own


def _process(*arguments: str, home: Path, code: str = "", given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    program = code or "import sys; from retrieval.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program, arguments[0], "--home", str(home), *arguments[1:]],
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "PATH": os.environ["PATH"]},
        input=given,
        capture_output=True,
        check=False,
        timeout=120,
    )


def test_exit_codes_and_streams_of_a_real_process(home: Path) -> None:
    """0, 1 and 2; errors on standard error alone."""
    done, could_not, wrong = (_process(*a, home=home) for a in (("list",), ("show", "gone"), ("lsit",)))
    assert (done.returncode, could_not.returncode, wrong.returncode) == (DONE, COULD_NOT, WRONG_USAGE)
    assert done.stderr == could_not.stdout == wrong.stdout == b""
    assert all(_is_one_sentence(p.stderr.decode()) for p in (could_not, wrong))


def test_listing_loads_neither_a_model_nor_numpy(home: Path, quoth: Quoth, bridge: Path) -> None:
    """What a title costs is reading it."""
    quoth("add", bridge)
    code = "import sys; from retrieval.cli import main; main(); print(*sys.modules)"
    listed = _process("list", home=home, code=code).stdout.decode().split()
    assert "sqlite3" in listed
    assert not {"numpy", "torch", "sentence_transformers", "rich"} & set(listed)


def test_a_reader_that_has_seen_enough_is_no_error(home: Path, quoth: Quoth, tmp_path: Path) -> None:
    """``quoth list | head`` ends quietly."""
    for number in range(50):
        (tmp_path / f"{number}.txt").write_text(f"{BRIDGE} Number {number}.", encoding="utf-8")
    quoth("add", tmp_path)
    program = "import sys; from retrieval.cli import main; [main() for _ in range(200)]"
    command = [sys.executable, "-c", program, "list", "--home", str(home), "--json"]
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == DONE


def test_the_toy_stands_in_for_the_default_model(toy_everywhere: ToyEncoder) -> None:
    """Or the tests of this file would not be about the command line alone."""
    assert toy_everywhere.fingerprint == "toy"
