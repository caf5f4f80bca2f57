"""A process that changes a library until it is killed, and what must be true of the library then.

The child tells before each deed what it is about to do, and after it that it is done: what it said was done
must be there, and of what it was about to do all or nothing.
"""

import contextlib
import itertools
import multiprocessing
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.store import indexing
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.upkeep import backup, restore
from tests.toy import ToyEncoder

FIRST = Path(__file__).parent / "store" / "first.sql"
_DOCUMENTS = 12
_SENTENCES = 25
# Passages from which the index is written to files, and these are joined: low, so that kills come there, too.
_IN_MEMORY = 6
# A deed takes 5 to 50 ms, so that most kills come in the middle of one.
_LONGEST_LIFE = 0.35

# What the deeds import when they need it, which would otherwise be most of a short life.
_PRELOADED = (
    "numpy.random",
    "retrieval.adding",
    "retrieval.answers.answering",
    "retrieval.layout",
    "retrieval.loaders.reading",
    "retrieval.reindex",
    "retrieval.store.indexing",
    "retrieval.web.client",
)

# What is done, to which document or file, and the number of its text.
Deed = tuple[str, str, int]


class _OtherModel(ToyEncoder):
    fingerprint = "other toy"


_ENCODERS = {encoder.fingerprint: encoder for encoder in (ToyEncoder(), _OtherModel())}


def text_of(doc_id: str, number: int) -> str:
    """The text that a document has after its change of that number."""
    return " ".join(f"Bridge {doc_id} was closed on day {day} of year {number}." for day in range(_SENTENCES))


def opened(home: Path, name: str = "default", *, model: str | None = None) -> Library:
    """A library with the model that made it, or with this one."""
    store = SqliteStore(library_path(home, name))
    encoder = _ENCODERS[model or store.model() or ToyEncoder.fingerprint]
    return Library(store, models=Models(lambda _settings: encoder))


def change(home: Path, seed: int, count: int, teller: Connection) -> None:
    """The child: changes after changes; ``count`` goes on from that of the one before."""
    indexing._IN_MEMORY = _IN_MEMORY  # in this process alone
    rng = random.Random(seed)
    for number in itertools.count(count):
        kind = rng.choices(("add", "remove", "backup", "reindex", "migrate"), weights=(6, 4, 2, 2, 2))[0]
        deed = (kind, f"d{rng.randrange(_DOCUMENTS)}", number)
        teller.send(("begins", deed))
        _do(home, deed)
        teller.send(("done", deed))


def _do(home: Path, deed: Deed) -> None:
    kind, doc_id, number = deed
    if kind == "backup":
        backup(home, home / f"{number}.zip", only="default")
    elif kind == "migrate":
        path = library_path(home, f"old-{number}")
        path.parent.mkdir(parents=True)
        shutil.copyfile(home / "first.sqlite3", path)
        opened(home, path.parent.name).close()
    elif kind == "reindex":
        with opened(home) as library:
            was = library.model()
        with opened(home, model=next(f for f in _ENCODERS if f != was)) as library:
            list(library.reindex())
    else:
        with opened(home) as library:
            if kind == "add":
                results = library.add(Document(text=text_of(doc_id, number), doc_id=doc_id, title=doc_id))
                assert [r.error for r in results] == [None]
            elif any(a.doc_id == doc_id for a in library.articles()):
                library.remove(doc_id)


@dataclass(slots=True)
class Ordeal:
    """A home that children change and are killed in, and what is known to be in it."""

    home: Path
    known: dict[str, int] = field(default_factory=dict)
    changes: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    slowest: float = 0.0

    def begin(self) -> None:
        """Make the home, with a library of the first version to be migrated."""
        multiprocessing.get_context("forkserver").set_forkserver_preload([__name__, *_PRELOADED])
        self.home.mkdir()
        with contextlib.closing(sqlite3.connect(self.home / "first.sqlite3")) as connection:
            connection.executescript(FIRST.read_text(encoding="utf-8"))
        opened(self.home).close()

    def kill_one(self, seed: int) -> None:
        """Let a child live for a random time, kill it, and look at what it left. Raises AssertionError."""
        said = self._life(seed)
        done = [deed for word, deed in said if word == "done"]
        for deed in done:
            self._happened(deed)
        self.changes += len(said)
        broken_off = said[-1][1] if said and said[-1][0] == "begins" else None
        key = broken_off[0] if broken_off else "between"
        self.kills[key] = self.kills.get(key, 0) + 1
        self._look(broken_off)
        self._look_at_copies(done, broken_off)

    def _life(self, seed: int) -> list[tuple[str, Deed]]:
        context = multiprocessing.get_context("forkserver")
        listener, teller = context.Pipe(duplex=False)
        child = context.Process(target=change, args=(self.home, seed, self.changes, teller))
        child.start()
        teller.close()
        said = [listener.recv()] if listener.poll(30) else []
        time.sleep(random.Random(seed).uniform(0, _LONGEST_LIFE))
        child.kill()
        child.join()
        with listener, contextlib.suppress(EOFError):
            while True:
                said.append(listener.recv())
        assert child.exitcode == -9, f"the child ended by itself: {child.exitcode}"
        return said

    def _happened(self, deed: Deed) -> None:
        kind, doc_id, number = deed
        if kind == "add":
            self.known[doc_id] = number
        elif kind == "remove":
            self.known.pop(doc_id, None)

    def _look(self, broken_off: Deed | None) -> None:
        start = time.perf_counter()
        with opened(self.home) as library:
            found = _contents(library)
            answer = library.ask("Which bridge was closed on day 3?")
            self.slowest = max(self.slowest, time.perf_counter() - start)
            assert bool(answer.quotes or answer.nearest) == bool(found)
            assert library.problems() == []
        if broken_off and broken_off[0] in {"add", "remove"} and found != self.known:
            self._happened(broken_off)  # it was done, and not yet said
        assert found == self.known

    def _look_at_copies(self, done: list[Deed], broken_off: Deed | None) -> None:
        whole = [self.home / f"{number}.zip" for kind, _, number in done if kind == "backup"]
        assert all(file.exists() for file in whole)
        for file in self.home.glob("*.zip"):  # also one that was not yet said to be done
            restore(self.home / "restored", file)
            with opened(self.home / "restored") as library:
                assert library.problems() == []
            shutil.rmtree(self.home / "restored")
            file.unlink()
        migrated = [number for kind, _, number in done if kind == "migrate"]
        if broken_off and broken_off[0] == "migrate" and _is_whole(library_path(self.home, f"old-{broken_off[2]}")):
            migrated.append(broken_off[2])
        for number in migrated:
            with opened(self.home, f"old-{number}") as library:
                assert len(library.articles()) == 2
                assert library.problems() == []
        for folder in (self.home / "libraries").glob("old-*"):
            shutil.rmtree(folder)


def _is_whole(path: Path) -> bool:
    """Whether the child had come as far as to migrate, and was not still copying the old library into place."""
    return path.exists() and path.stat().st_size >= (path.parents[2] / "first.sqlite3").stat().st_size


def _contents(library: Library) -> dict[str, int]:
    """The number of each document's text; every text must be one that was given, to the letter."""
    return dict(_numbers(library))


def _numbers(library: Library) -> Iterator[tuple[str, int]]:
    for article in library.articles():
        text, doc_id = library.text(article.id), str(article.doc_id)
        number = int(text.rsplit(" ", 1)[1].rstrip("."))
        assert text == text_of(doc_id, number)
        yield doc_id, number
