"""What a bot in many servers holds open: python -m benchmarks.servers

A thousand servers with a small library each are asked a question in turn, through the bot's own list of open
libraries: the time of the first question to a library that was closed, files held open, memory. Fills a section of
docs/performance.md.
"""

import os
import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.report import PERFORMANCE, ROOT, conditions, put, table
from bot.settings import DiscordSettings
from bot.worker import Libraries
from retrieval import Library
from retrieval.models import PACKAGED
from retrieval.rerank import NONE
from retrieval.settings import AnswerSettings, Settings
from retrieval.store.homes import library_path

_SERVERS = 1000
_ARTICLES = 6
_QUESTION = "Who is Russia's ambassador to North Korea?"
_SETTINGS = Settings(answers=replace(AnswerSettings(), reranker=NONE))


def main() -> None:
    """Measure, and write the table."""
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        passages = _make(home)
        rows = _measure(home)
    put(
        "servers",
        f"{table(('', 'measured', 'aim'), rows)}\n\n{_SERVERS:,} libraries of {_ARTICLES} articles, {passages} passages"
        f" each, of which {DiscordSettings().open_libraries} stay open (`discord.open_libraries`). {conditions()}",
        PERFORMANCE,
    )


def _make(home: Path) -> int:
    """One library with the first of the demo articles, and its copies; returns how many passages each has."""
    with Library.open(home, "guild-1", settings=_SETTINGS) as library:
        library.add(*sorted(Path("seeds").glob("*.md"))[1:_ARTICLES], "seeds/helsinki-russia-north-korea.md")
        library.ask(_QUESTION)
        count = library.passage_count()
    first = library_path(home, "guild-1").parent
    for number in range(2, _SERVERS + 1):
        shutil.copytree(first, library_path(home, f"guild-{number}").parent)
    return count


def _measure(home: Path) -> list[tuple[str, ...]]:
    encoder = PACKAGED.encoder(_SETTINGS)
    libraries = Libraries(
        lambda name: Library.open(home, name, settings=_SETTINGS), limit=DiscordSettings().open_libraries
    )
    beside, again, files, memory = [], [], [], []
    for number in range(1, _SERVERS + 1):
        begin = time.perf_counter()
        encoder.encode([_QUESTION])
        embedded = time.perf_counter()
        with libraries.using(number) as library:
            library.ask(_QUESTION)
            cold = time.perf_counter()
            library.ask(_QUESTION)
        warm = time.perf_counter()
        model = embedded - begin
        beside.append(1000 * (cold - embedded - model))
        again.append(1000 * (warm - cold - model))
        files.append(len(list(Path("/proc/self/fd").iterdir())))
        memory.append(_resident())
    libraries.close()
    settled = _SERVERS // 10
    return [
        ("first question to a closed library, beside its embedding", _spread(beside), "≤ 30 ms"),
        ("the same once it is open", _spread(again), ""),
        ("files held open, at most", f"{max(files)}", "bounded"),
        (
            f"memory, from the {settled}th server to the {_SERVERS}th",
            f"{memory[-1] - memory[settled]:+.1f} MB".replace("-", "−"),
            "bounded",
        ),
    ]


def _spread(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    return f"**{statistics.median(ordered):.1f} ms** (p99 {ordered[len(ordered) * 99 // 100]:.1f})"


def _resident() -> float:
    """The process's resident memory, MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
