"""The command line: what is printed, where, and with which exit code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retrieval.cli import main
from tests.articles import BRIDGE
from tests.toy import ToyEncoder

ARTICLE = ["id", "doc_id", "title", "source", "author", "published", "published_from", "url", "added", "characters"]
QUOTE = ["article", "start", "end", "text", "focus", "score", "link", "also_in"]
ANSWER = ["question", "answered", "confidence", "quotes", "nearest", "reason", "ms"]
COMMANDS = "add feed list show summarise remove ask verify evaluate doctor reindex migrate backup restore".split()

Quoth = Callable[..., tuple[int, str, str]]


@pytest.fixture
def quoth(home: Path, toy_everywhere: ToyEncoder, capfd: pytest.CaptureFixture[str]) -> Quoth:
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


def parsed(printed: str) -> list[Any]:
    """The records of JSON lines."""
    return [json.loads(line) for line in printed.split("\n") if line]


def is_one_sentence(complained: str) -> bool:
    return complained.count("\n") == 1 and complained.startswith("quoth") and "Traceback" not in complained
