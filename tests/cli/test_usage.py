"""What holds for every command: help, usage, errors, exit codes, and a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.cli import COULD_NOT, DONE, WRONG_USAGE, main
from retrieval.cli.shared import Command
from tests.articles import BRIDGE
from tests.cli.conftest import COMMANDS, Quoth, is_one_sentence
from tests.conftest import ROOT
from tests.toy import ToyEncoder


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
        ("summarise",),
        ("summarise", "x", "--about", "y"),
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
    assert is_one_sentence(complained)
    assert "--help" in complained


def test_wrong_settings_are_wrong_usage(quoth: Quoth, home: Path) -> None:
    """Exit code 2, naming the key."""
    (home / "quoth.toml").write_text("[answers]\nqoutes = 3\n", encoding="utf-8")
    code, _, complained = quoth("list")
    assert code == WRONG_USAGE
    assert is_one_sentence(complained)
    assert "answers.qoutes" in complained


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "gone"),
        ("summarise", "gone"),
        ("summarise", "--about", "?"),
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
    assert is_one_sentence(complained)


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
    assert is_one_sentence(capsys.readouterr().err)


def test_a_closed_pipe_is_the_end_of_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written from then on goes nowhere, so that Python does not complain while it ends."""

    def run(_arguments: object) -> int:
        raise BrokenPipeError

    with (tmp_path / "out").open("w", encoding="utf-8") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["pour"], [Command("pour", "Pour", lambda parser: None, run)]) == DONE
        out.write("too late")
    assert (tmp_path / "out").read_bytes() == b""


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
    assert all(is_one_sentence(p.stderr.decode()) for p in (could_not, wrong))


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
