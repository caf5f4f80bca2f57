"""How good the answers are: python -m benchmarks.answers [DATA]

Runs ``quoth evaluate``'s measurements on ``seeds/`` and on every labelled set in the folder DATA, and
writes what it measured into the table of docs/quality.md.
"""

import argparse
import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

from retrieval.evaluate import Value, measure
from retrieval.settings import Settings

_ROOT = Path(__file__).parent.parent
_PAGE = _ROOT / "docs" / "quality.md"
_TABLE = re.compile(r"(<!-- figures -->\n).*?(<!-- end figures -->)", re.DOTALL)


def main() -> None:
    """Measure, print each set's table, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="a folder of sets: NAME/docs.jsonl, NAME/qa.jsonl")
    arguments = parser.parse_args()
    os.chdir(_ROOT)  # the seeds' labels name articles by their path from here
    measured = {"seeds": measure(["seeds"], Path("seeds/questions.jsonl"), settings=Settings())}
    for folder in sorted(arguments.data.iterdir()) if arguments.data else ():
        if (folder / "qa.jsonl").exists():
            measured[folder.name] = measure([str(folder / "docs.jsonl")], folder / "qa.jsonl", settings=Settings())
    table = _markdown(measured)
    print(table)
    if arguments.data:
        page = _PAGE.read_text(encoding="utf-8")
        _PAGE.write_text(_TABLE.sub(lambda m: f"{m[1]}{table}\n{m[2]}", page), encoding="utf-8")


def _markdown(measured: dict[str, dict[str, Value]]) -> str:
    names = list(measured)
    head = (f"| | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}")
    rows = (
        f"| {figure} | {' | '.join(_cell(measured[name][figure]) for name in names)} |" for figure in measured[names[0]]
    )
    return "\n".join((*head, *rows, "", _conditions()))


def _cell(value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return f"{value['value']:.1%} ({value['low']:.1%} to {value['high']:.1%})"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def _conditions() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("sentence-transformers", "torch", "numpy"))
    return f"Measured on {os.cpu_count()} cores with Python {platform.python_version()}, {versions}."


if __name__ == "__main__":
    main()
