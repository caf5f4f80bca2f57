"""The seam to the engine: slots, a queue, deadlines, and libraries that are opened and closed."""

import asyncio
import threading
from typing import Any

import pytest

from bot.cooldown import Cooldown
from bot.readers import keeper
from bot.words import Busy, TookTooLong
from bot.worker import Libraries, Worker


class FakeLibrary:
    """Knows whether it is open."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_open = True

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def opened() -> list[Any]:
    """Every library that was opened."""
    return []


def _libraries(opened: list[Any], limit: int = 2) -> Libraries:
    def opener(name: str) -> Any:
        opened.append(FakeLibrary(name))
        return opened[-1]

    return Libraries(opener, limit=limit)


def _worker(opened: list[Any], **options: Any) -> Worker:
    return Worker(_libraries(opened), **({"slots": 1, "queue": 1, "deadline": 5.0} | options))


async def test_work_gets_the_library_of_its_server(opened: list[Any]) -> None:
    """Each server has its own, opened once and closed at the end."""
    worker = _worker(opened)
    assert await worker.within(keeper(1), lambda library: library.name) == "guild-1"  # type: ignore[attr-defined]
    assert await worker.within(keeper(2), lambda library: library.name) == "guild-2"  # type: ignore[attr-defined]
    assert await worker.within(keeper(1), lambda library, more: more, 7) == 7
    assert [library.name for library in opened] == ["guild-1", "guild-2"]
    await worker.close()
    assert not any(library.is_open for library in opened)


async def test_more_work_than_may_wait_is_refused(opened: list[Any]) -> None:
    """One at a time and one waiting: the third is told that the bot is busy."""
    worker = _worker(opened)
    gate = threading.Event()
    waiting = [asyncio.create_task(worker.run(gate.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await worker.run(lambda: None)
    gate.set()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await worker.run(lambda: "free again") == "free again"


async def test_work_past_its_deadline_is_given_up_but_keeps_its_slot(opened: list[Any]) -> None:
    """A thread cannot be stopped; what waits behind it never begins."""
    worker = _worker(opened, deadline=0.05)
    gate = threading.Event()
    begun = []
    first = asyncio.create_task(worker.run(gate.wait))
    second = asyncio.create_task(worker.run(lambda: begun.append(1)))
    for task in (first, second):
        with pytest.raises(TookTooLong):
            await task
    gate.set()
    await asyncio.sleep(0.05)
    assert begun == []
    assert await worker.run(lambda: "free again") == "free again"


async def test_errors_of_work_reach_whoever_waits(opened: list[Any]) -> None:
    worker = _worker(opened)

    def fail() -> None:
        raise ValueError("as it was raised")

    with pytest.raises(ValueError, match="as it was raised"):
        await worker.run(fail)


async def test_after_closing_nothing_is_taken(opened: list[Any]) -> None:
    worker = _worker(opened)
    worker.refuse()
    with pytest.raises(Busy, match="restarting"):
        await worker.run(lambda: None)


def test_the_library_that_was_used_longest_ago_is_closed_first(opened: list[Any]) -> None:
    """But never one that is in use."""
    libraries = _libraries(opened)
    with libraries.using(1):
        for server in (2, 3, 4):
            with libraries.using(server):
                pass
        states = {library.name: library.is_open for library in opened}
        assert states["guild-1"]
        assert not states["guild-2"]
    libraries.close()
    assert not any(library.is_open for library in opened)


def test_a_person_may_ask_again_after_the_pause() -> None:
    """In each server and for each person by itself; nobody is remembered for ever."""
    now = [0.0]
    cooldown = Cooldown(10.0, clock=lambda: now[0])
    assert cooldown.take(1, 1) == 0
    now[0] = 4.0
    assert cooldown.take(1, 1) == 6.0
    assert cooldown.take(1, 2) == 0
    assert cooldown.take(2, 1) == 0
    now[0] = 10.0
    assert cooldown.take(1, 1) == 0
    for person in range(20_000):
        cooldown.take(3, person)
    assert len(cooldown._last) <= 10_000
