"""How soon titles are suggested while a person types: python -m benchmarks.suggestions

Ten thousand titles, made of words of the demo articles, and what people type of them. Discord waits three
seconds; a person who types waits for none, so 150 ms is the aim, also while the engine answers two questions at
once. Each is timed in turn with a plain scan for the typed text in titles that are in lower case already.
"""

import asyncio
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.report import ROOT, conditions, put, table
from bot.articles import suggest
from bot.titles import Title, Titles, fold
from retrieval import Article, Audience, Library

_TITLES = 10_000
_RUNS = 200
_AT_ONCE = 2  # questions, as `discord.slots` has it
_QUESTION = "who is Russia's ambassador to North Korea?"


class _Shelf:
    """Stands in for the worker: gives the titles that a library's file would hold."""

    def __init__(self, titles: tuple[Title, ...]) -> None:
        self._titles = titles

    async def within(self, _guild_id: int, _read: Callable[[Library], object]) -> tuple[Title, ...]:
        return self._titles


@dataclass
class _Client:
    titles: Titles


@dataclass
class _Typing:
    """What the suggestions need of an interaction."""

    client: _Client
    guild_id: int = 1


def main() -> None:
    """Measure, and write the table into docs/quality.md."""
    titles = _titles()
    typed = _typed(titles)
    with _engine() as busy:
        idle = asyncio.run(_measure(titles, typed))
        with busy():
            beside = asyncio.run(_measure(titles, typed))
    rows = [_row("nothing else", *idle), _row(f"{_AT_ONCE} questions at once", *beside)]
    head = ("beside", "median", "range of 9 in 10", "slowest", "plain scan", "ratio")
    put("suggestions", f"{table(head, rows)}\n\n{conditions()}")


def _titles() -> tuple[Title, ...]:
    """Titles of four to twelve words that the demo articles use."""
    chance = random.Random(1)
    words = [word for path in sorted((ROOT / "seeds").glob("*.md")) for word in path.read_text("utf-8").split()]
    names = (" ".join(chance.sample(words, chance.randint(4, 12))) for _ in range(_TITLES))
    return tuple(Title(fold(name), _article(number, name), Audience()) for number, name in enumerate(names))


def _article(number: int, title: str) -> Article:
    return Article(f"{number:012x}", None, title, "", "", None, "", None, "", 0)


def _typed(titles: Sequence[Title]) -> list[str]:
    """Beginnings of titles, words out of their middle, one letter, nothing, and what no title has."""
    chance = random.Random(2)
    texts = ["", "e", "the", "zzzz", "no such title anywhere"]
    for title in chance.sample(titles, 50):
        words = title.article.title.split()
        texts += [title.article.title[: chance.randint(2, 20)], " ".join(chance.sample(words, 2))]
    return texts


async def _measure(titles: tuple[Title, ...], typed: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of each suggestion, and of a plain scan for the same text."""
    worker: Any = _Shelf(titles)
    interaction: Any = _Typing(_Client(Titles(worker)))
    await suggest(interaction, "")
    lowered = [title.article.title.casefold() for title in titles]
    ours, plain = [], []
    for run in range(_RUNS):
        text = typed[run % len(typed)]
        begin = time.perf_counter()
        choices = await suggest(interaction, text)
        middle = time.perf_counter()
        found = [name for name in lowered if text in name]
        ours.append(1000 * (middle - begin))
        plain.append(1000 * (time.perf_counter() - middle))
        assert len(choices) <= 25
        assert len(found) <= _TITLES
    return ours, plain


@contextmanager
def _engine() -> Iterator[Callable[[], Any]]:
    """What keeps the engine busy with questions about the demo articles."""
    with tempfile.TemporaryDirectory() as home, Library.open(home) as library:
        library.add(*sorted(path for path in (ROOT / "seeds").glob("*.md") if path.stem != "README"))
        library.ask(_QUESTION)

        @contextmanager
        def busy() -> Iterator[None]:
            ended = threading.Event()

            def ask() -> None:
                while not ended.is_set():
                    library.ask(_QUESTION)

            threads = [threading.Thread(target=ask) for _ in range(_AT_ONCE)]
            for thread in threads:
                thread.start()
            try:
                yield
            finally:
                ended.set()
                for thread in threads:
                    thread.join()

        yield busy


def _row(beside: str, ours: Sequence[float], plain: Sequence[float]) -> tuple[str, ...]:
    median, base = statistics.median(ours), statistics.median(plain)
    low, *_, high = statistics.quantiles(ours, n=20)
    return (
        beside,
        f"{median:.1f} ms",
        f"{low:.1f}–{high:.1f} ms",
        f"{max(ours):.1f} ms",
        f"{base:.1f} ms",
        f"{median / base:.1f}",
    )


if __name__ == "__main__":
    main()
