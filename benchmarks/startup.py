"""What the commands that need no model cost: python -m benchmarks.startup

Each is timed as a whole process, in turn with a bare Python that imports only the standard library's
argparse, json and sqlite3; the ratio of the medians is the figure.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_RUNS = 15
_BARE = [sys.executable, "-c", "import argparse, json, sqlite3"]
_QUOTH = [sys.executable, "-m", "bot"]


def main() -> None:
    """Print the medians and ratios."""
    with tempfile.TemporaryDirectory() as home:
        article = Path(home) / "article.txt"
        article.write_text("A headline\n\nThe mayor opened the bridge on Monday.\n", encoding="utf-8")
        subprocess.run([*_QUOTH, "add", "--home", home, str(article)], check=True, stdout=subprocess.DEVNULL)
        commands = {
            "quoth --help": [*_QUOTH, "--help"],
            "quoth list": [*_QUOTH, "list", "--home", home],
            "quoth show": [*_QUOTH, "show", "A headline", "--home", home],
        }
        for name, command in commands.items():
            ours, bare = [], []
            for _ in range(_RUNS):
                ours.append(_seconds(command))
                bare.append(_seconds(_BARE))
            median, base = statistics.median(ours), statistics.median(bare)
            print(f"{name:<14} {median:.3f} s ({min(ours):.3f} to {max(ours):.3f}), {median / base:.1f} x bare Python")


def _seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
