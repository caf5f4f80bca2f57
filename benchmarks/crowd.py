"""Many questions at once, and a busy machine: python -m benchmarks.crowd

64 questions go through the bot's worker, one after another and all at once, with the reader and without it; then one
after another beside two programs that use all they can get. Fills a section of docs/performance.md.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from benchmarks.report import PERFORMANCE, ROOT, conditions, put, table
from bot.readers import keeper
from bot.settings import DiscordSettings
from bot.worker import Libraries, Worker
from retrieval import Library
from retrieval.rerank import BUILT_IN, NONE
from retrieval.settings import AnswerSettings, Settings

_AT_ONCE = 64
_ROUNDS = 3
_TICK = 0.005  # seconds between two looks at the event loop
_SUBJECTS = ("the bridge", "the minister", "the strike", "the ambassador", "the election", "the storm", "the team")
_FORMS = ("What happened to {}?", "When was {} in the news?", "Who spoke about {}?", "How much did {} cost?")


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Seconds until each question was answered, and for all; how late the event loop looked up each time."""

    each: list[float]
    total: float
    lags: list[float]


def main() -> None:
    """Measure, and write the table."""
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as home:
        with Library.open(home, "guild-1") as library:
            library.add("seeds")
        rows = asyncio.run(_measure(home))
    put("threads", f"{table(('', 'measured', 'aim'), rows)}\n\n{conditions()}", PERFORMANCE)


async def _measure(home: str) -> list[tuple[str, ...]]:
    async with _working(home, BUILT_IN) as worker:
        gains, crowds = await _crowded(worker)
        quiet, busy = await _beside_others(worker)
    async with _working(home, NONE) as worker:
        unread, _ = await _crowded(worker)
    slowest = [_percentile(c.each, 99) / statistics.median(c.each) for c in crowds]
    lags = [1000 * _percentile(c.lags, 99) for c in crowds]
    times = [1000 * statistics.median(spent) for spent in (quiet, busy)]
    return [
        ("64 questions at once, throughput against one after another", _spread(gains, "×"), "≥ 1.8 ×"),
        (f'the same with `answers.reranker = "{NONE}"`', _spread(unread, "×"), "≥ 1.8 ×"),
        ("of those with the reader the slowest in a hundred, against the median", _spread(slowest, "×"), "≤ 4 ×"),
        ("how late the event loop is meanwhile, 99th percentile", _spread(lags, "ms"), "≤ 50 ms"),
        ("one question at a time, median", f"{times[0]:.1f} ms", ""),
        (
            "the same beside two spinning programs",
            f"{times[1]:.1f} ms, **{times[1] / times[0]:.2f} ×**",
            "≤ 3 ×",
        ),
    ]


@asynccontextmanager
async def _working(home: str, reranker: str) -> AsyncIterator[Worker]:
    """The bot's worker over the library in ``home``, warm."""
    settings, bot = Settings(answers=AnswerSettings(reranker=reranker)), DiscordSettings()
    libraries = Libraries(lambda name: Library.open(home, name, settings=settings), limit=2)
    worker = Worker(libraries, slots=bot.slots, queue=bot.queue, deadline=600)
    await _in_turn(worker, _questions()[:8])
    yield worker
    await worker.close()


def _questions() -> list[str]:
    everything = [form.format(subject) for form in _FORMS for subject in _SUBJECTS]
    return [everything[number % len(everything)] for number in range(_AT_ONCE)]


async def _crowded(worker: Worker) -> tuple[list[float], list[_Crowd]]:
    """For each round, how much sooner all are answered if they ask at once, and how that went."""
    gains, crowds = [], []
    for _ in range(_ROUNDS):
        alone = await _in_turn(worker, _questions())
        crowds.append(await _at_once(worker, _questions()))
        gains.append(alone.total / crowds[-1].total)
    return gains, crowds


async def _beside_others(worker: Worker) -> tuple[list[float], list[float]]:
    """The seconds of each question, one after another: on a quiet machine, and beside spinning programs."""
    quiet, busy = [], []
    for _ in range(_ROUNDS):
        quiet += (await _in_turn(worker, _questions())).each
        with _spinning():
            busy += (await _in_turn(worker, _questions())).each
    return quiet, busy


@contextmanager
def _spinning() -> Iterator[None]:
    """Two programs that use all the processor they get."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


async def _in_turn(worker: Worker, questions: Sequence[str]) -> _Crowd:
    begin = time.perf_counter()
    each = [await _timed(_asked(worker, question)) for question in questions]
    return _Crowd(each, time.perf_counter() - begin, [])


async def _at_once(worker: Worker, questions: Sequence[str]) -> _Crowd:
    lags: list[float] = []
    watching = asyncio.create_task(_watch(lags))
    begin = time.perf_counter()
    each = await asyncio.gather(*(_timed(_asked(worker, question)) for question in questions))
    total = time.perf_counter() - begin
    watching.cancel()
    return _Crowd(list(each), total, lags)


async def _watch(lags: list[float]) -> None:
    while True:
        begin = time.perf_counter()
        await asyncio.sleep(_TICK)
        lags.append(time.perf_counter() - begin - _TICK)


async def _asked(worker: Worker, question: str) -> object:
    return await worker.within(keeper(1), Library.ask, question)


async def _timed(work: Awaitable[object]) -> float:
    begin = time.perf_counter()
    await work
    return time.perf_counter() - begin


def _percentile(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _spread(values: Sequence[float], unit: str) -> str:
    return f"**{statistics.median(values):.1f} {unit}** ({min(values):.1f}–{max(values):.1f})"


if __name__ == "__main__":
    main()
