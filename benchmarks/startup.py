"""What a start costs: python -m benchmarks.startup

Commands that need no model are timed as whole processes, in turn with a bare Python that imports only the standard
library's argparse, json and sqlite3; a question to the demo articles in turn with a script that imports
sentence-transformers, loads the same weights and encodes the question once. Fills a section of docs/performance.md.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from benchmarks.report import PERFORMANCE, ROOT, conditions, put, table
from retrieval.embed import default_folder

_RUNS = 9
_QUESTION = "who is Russia's ambassador to North Korea?"
_BARE = [sys.executable, "-c", "import argparse, json, sqlite3"]
_QUOTH = [sys.executable, "-m", "bot"]
_SCRIPT = """
import sys
from sentence_transformers import SentenceTransformer
SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True).encode([sys.argv[2]], show_progress_bar=False)
"""


def main() -> None:
    """Measure, and write the table."""
    script = [sys.executable, "-c", _SCRIPT, str(default_folder()), _QUESTION]
    with tempfile.TemporaryDirectory() as home:
        _run([*_QUOTH, "add", "--home", home, str(ROOT / "seeds")])
        rows = [
            _row("`quoth --help`", [*_QUOTH, "--help"], "bare Python", _BARE),
            _row("`quoth list`", [*_QUOTH, "list", "--home", home], "bare Python", _BARE),
            _row("`quoth ask`", [*_QUOTH, "ask", "--home", home, _QUESTION], "the script", script),
        ]
    put("start", f"{table(('', 'Quoth', 'against', 'takes', 'ratio'), rows)}\n\n{conditions()}", PERFORMANCE)


def _row(name: str, command: Sequence[str], other_name: str, other: Sequence[str]) -> tuple[str, ...]:
    ours, theirs = [], []
    for _ in range(_RUNS):
        ours.append(_seconds(command))
        theirs.append(_seconds(other))
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    return (name, _spread(ours), other_name, _spread(theirs), f"**{ratio:.2f}**")


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f}–{max(seconds):.2f})"


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _seconds(command: Sequence[str]) -> float:
    begin = time.perf_counter()
    _run(command)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
