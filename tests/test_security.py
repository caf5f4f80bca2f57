"""The threat model names what stops each threat, and the test that would fail; every one of these is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
THREATS = PAGE.partition("\n## Fuzzing\n")[0]
ROWS = [line for line in THREATS.splitlines() if line.startswith("| ") and not re.match(r"\| (?:-|They|It )", line)]
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)


@pytest.mark.parametrize(("path", "test"), sorted(set(NAMED)))
def test_every_test_that_the_threat_model_names_is_there(path: str, test: str) -> None:
    """In that file, under that name."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert test in tests if test else any(name.startswith("test_") for name in tests)


def test_every_threat_has_what_stops_it_and_a_test() -> None:
    """Three cells a row, the last one a test."""
    assert len(ROWS) > 25
    for row in ROWS:
        threat, stopped, shown = (cell.strip() for cell in row.strip("| ").split(" | "))
        assert threat, row
        assert stopped, row
        assert re.fullmatch(r"`tests/[\w/]+\.py(?:::\w+)?`", shown), row


def test_every_side_that_may_attack_has_a_section() -> None:
    headings = set(re.findall(r"^## (.+)", PAGE, re.MULTILINE))
    assert headings >= {
        "Members of a server",
        "Those who manage one server",
        "Authors of articles",
        "A malicious site",
        "Mistakes of the operator",
        "The supply chain",
    }


@pytest.mark.parametrize("lock", sorted((ROOT / "config" / "locks").glob("*.txt")), ids=lambda path: path.name)
def test_every_locked_package_has_its_hashes(lock: Path) -> None:
    """One exact version, and what its files must hash to."""
    text = lock.read_text(encoding="utf-8")
    packages = re.findall(r"^([\w.\[\]-]+)==\S+(.*(?:\n[ \t]+.*)*)", text, re.MULTILINE)
    assert packages
    assert [name for name, rest in packages if "--hash=sha256:" not in rest] == []
