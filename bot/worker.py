"""The one seam between Discord's event loop and the engine, which is synchronous.

Work runs in threads, in three lanes, so that what takes long never stands in the way of a question.
"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from bot import words
from bot.readers import Reader
from retrieval import Library

P = ParamSpec("P")
T = TypeVar("T")


_PREFIX = "guild-"  # of the library of a server, before its id
_VISITS = 4  # pages that people have fetched at the same time
_LONG = 4  # servers whose libraries are added to at the same time; further ones wait


@dataclass(slots=True)
class _Open:
    library: Library
    users: int = 0


class Libraries:
    """The open libraries of servers, at most ``limit`` while none of them is in use.

    ``opener`` opens the library of that name, ``names`` gives those of all that there are. Thread-safe.
    """

    def __init__(
        self, opener: Callable[[str], Library], names: Callable[[], Iterable[str]] = tuple, *, limit: int
    ) -> None:
        self._opener = opener
        self._names = names
        self._limit = limit
        self._lock = threading.Lock()
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self._is_closed = False

    @contextmanager
    def using(self, guild_id: int) -> Iterator[Library]:
        """The library of a server, kept open for as long as it is used."""
        with self._lock:
            entry = self._open.get(guild_id)
            if entry is None:
                entry = self._open[guild_id] = _Open(self._opener(f"{_PREFIX}{guild_id}"))
            self._open.move_to_end(guild_id)
            entry.users += 1
            self._close_oldest()
        try:
            yield entry.library
        finally:
            with self._lock:
                entry.users -= 1
                if self._is_closed and not entry.users:
                    entry.library.close()

    def servers(self) -> list[int]:
        """The servers that have a library."""
        numbers = (name.removeprefix(_PREFIX) for name in self._names() if name.startswith(_PREFIX))
        return [int(number) for number in numbers if number.isdecimal()]

    def forget(self, guild_id: int) -> bool:
        """Delete the library of a server; False while it is in use."""
        with self._lock:
            entry = self._open.pop(guild_id, None)
            if entry and entry.users:
                self._open[guild_id] = entry
                return False
            library = entry.library if entry else self._opener(f"{_PREFIX}{guild_id}")
            library.forget()
            return True

    def close(self) -> None:
        """Close every library: those in use when their work has ended."""
        with self._lock:
            self._is_closed = True
            for entry in self._open.values():
                if not entry.users:
                    entry.library.close()
            self._open.clear()

    def _close_oldest(self) -> None:
        idle = [guild_id for guild_id, entry in self._open.items() if not entry.users]
        for guild_id in idle[: max(0, len(self._open) - self._limit)]:
            self._open.pop(guild_id).library.close()


class Lane:
    """Threads for one kind of work: ``slots`` of it at a time, ``queue`` waiting, each with a deadline.

    None stands for no bound. A thread cannot be stopped, so work that is given up keeps its slot until it ends.
    """

    def __init__(self, slots: int, *, queue: int | None, deadline: float | None) -> None:
        self._threads = ThreadPoolExecutor(slots)
        self._slots = asyncio.Semaphore(slots)
        self._most = None if queue is None else slots + queue
        self._deadline = deadline
        self._tasks: set[asyncio.Task[object]] = set()

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns or raises; Busy where nothing more may wait, TookTooLong at the deadline."""
        if self._most is not None and len(self._tasks) >= self._most:
            raise words.queue_full()
        started = asyncio.Event()
        task = asyncio.create_task(self._in_slot(work, started))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=self._deadline)
        if done:
            return task.result()
        if not started.is_set():
            task.cancel()
        raise words.took_too_long(self._deadline or 0.0)

    def __len__(self) -> int:
        """How much is worked on or waits."""
        return len(self._tasks)

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_slot(self, work: Callable[[], T], started: asyncio.Event) -> T:
        async with self._slots:
            started.set()
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _ended(self, task: "asyncio.Task[object]") -> None:
        self._tasks.discard(task)
        # Looked at, so that asyncio does not report work that was given up as never retrieved.
        if not task.cancelled():
            task.exception()


class Worker:
    """Runs the engine's work on the libraries of servers: questions, visits to other sites, and what takes long."""

    def __init__(self, libraries: Libraries, *, slots: int, queue: int, deadline: float) -> None:
        self.libraries = libraries
        self._questions = Lane(slots, queue=queue, deadline=deadline)
        self._visits = Lane(_VISITS, queue=0, deadline=deadline)
        self._long = Lane(_LONG, queue=None, deadline=None)
        self._deadline = deadline
        self._changing: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._is_stopping = False

    async def within(
        self, reader: Reader, work: Callable[Concatenate[Library, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``work(library, …)`` for the library of a server as the reader sees it; raises as ``Lane.run`` does."""
        return await self._run(self._questions, reader, work, *args, **kwargs)

    async def visiting(
        self, reader: Reader, work: Callable[Concatenate[Library, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As ``within``, for work that waits for other sites, beside the questions."""
        return await self._run(self._visits, reader, work, *args, **kwargs)

    async def at_length(
        self, reader: Reader, work: Callable[Concatenate[Library, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As ``within``, beside the questions and without a deadline, one after another in each server."""
        async with self._changing.setdefault(reader.guild_id, asyncio.Lock()):
            return await self._run(self._long, reader, work, *args, **kwargs)

    async def _run(
        self, lane: Lane, reader: Reader, work: Callable[Concatenate[Library, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if self._is_stopping:
            raise words.stopping()

        def with_library() -> T:
            with self.libraries.using(reader.guild_id) as library:
                return work(reader.view(library), *args, **kwargs)

        return await lane.run(with_library)

    @staticmethod
    async def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` returns that needs no library (a look into the memory) or that nobody waits for: no queue."""
        return await asyncio.to_thread(work, *args, **kwargs)

    async def soon(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As ``aside``, for somebody who waits for it; raises TookTooLong at the deadline of questions."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self.aside(work, *args, **kwargs)
        except TimeoutError:
            raise words.took_too_long(self._deadline) from None

    def waiting(self) -> int:
        """How many questions are worked on or wait for it."""
        return len(self._questions)

    def is_stopping(self) -> bool:
        """Whether no more work is taken; what takes long asks this now and then. Thread-safe."""
        return self._is_stopping

    def refuse(self) -> None:
        """Take no more work; what has begun goes on."""
        self._is_stopping = True

    async def close(self) -> None:
        """Take no more work and close the libraries; call it when what matters has ended."""
        self.refuse()
        for lane in (self._questions, self._visits, self._long):
            lane.close()
        await asyncio.to_thread(self.libraries.close)
