"""The seam to the engine: slots, a queue, deadlines, and libraries that are opened and closed."""

import asyncio
import threading
from typing import Any

import pytest

from bot.cooldown import Cooldown
from bot.readers import keeper
from bot.words import Busy, TookTooLong
from bot.worker import Lane, Libraries, Worker


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


async def test_more_work_than_may_wait_is_refused() -> None:
    """One at a time and one waiting: the third is told that the bot is busy."""
    lane = Lane(1, queue=1, deadline=5.0)
    gate = threading.Event()
    waiting = [asyncio.create_task(lane.run(gate.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await lane.run(lambda: None)
    gate.set()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await lane.run(lambda: "free again") == "free again"


async def test_work_past_its_deadline_is_given_up_but_keeps_its_slot() -> None:
    """A thread cannot be stopped; what waits behind it never begins."""
    lane = Lane(1, queue=1, deadline=0.05)
    gate = threading.Event()
    begun = []
    first = asyncio.create_task(lane.run(gate.wait))
    second = asyncio.create_task(lane.run(lambda: begun.append(1)))
    for task in (first, second):
        with pytest.raises(TookTooLong):
            await task
    gate.set()
    await asyncio.sleep(0.05)
    assert begun == []
    assert await lane.run(lambda: "free again") == "free again"


async def test_errors_of_work_reach_whoever_waits() -> None:
    def fail() -> None:
        raise ValueError("as it was raised")

    with pytest.raises(ValueError, match="as it was raised"):
        await Lane(1, queue=0, deadline=5.0).run(fail)


async def test_long_work_waits_for_that_of_its_own_server_only(opened: list[Any]) -> None:
    """And no question waits for any of it."""
    worker = _worker(opened, deadline=0.2)
    gate = threading.Event()
    begun: list[int] = []
    both = threading.Barrier(3)

    def add(_: Any, number: int) -> None:
        begun.append(number)
        if not gate.is_set():
            both.wait(5.0)
            gate.wait(5.0)

    adding = [asyncio.create_task(worker.at_length(keeper(server), add, server)) for server in (1, 1, 2)]
    await asyncio.to_thread(both.wait, 5.0)
    assert await worker.within(keeper(1), lambda _: "an answer") == "an answer"
    await asyncio.sleep(0.3)  # longer than a question may take
    assert sorted(begun) == [1, 2]
    gate.set()
    await asyncio.gather(*adding)
    assert sorted(begun) == [1, 1, 2]


async def test_visits_that_wait_for_slow_sites_let_questions_pass(opened: list[Any]) -> None:
    """So many at the same time; one more is told that the bot is busy."""
    worker = _worker(opened)
    gate = threading.Event()
    visits = [asyncio.create_task(worker.visiting(keeper(1), lambda _: gate.wait(5.0))) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await worker.visiting(keeper(2), lambda _: None)
    assert await worker.within(keeper(1), lambda _: "an answer") == "an answer"
    gate.set()
    assert all(await asyncio.gather(*visits))


async def test_after_closing_nothing_is_taken(opened: list[Any]) -> None:
    worker = _worker(opened)
    worker.refuse()
    assert worker.is_stopping()
    for take in (worker.within, worker.visiting, worker.at_length):
        with pytest.raises(Busy, match="restarting"):
            await take(keeper(1), lambda _: None)


def test_a_library_in_use_is_closed_when_its_work_has_ended(opened: list[Any]) -> None:
    """The bot may end while articles are being added."""
    libraries = _libraries(opened)
    with libraries.using(1):
        libraries.close()
        assert opened[0].is_open
    assert not opened[0].is_open


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
    now = [1000.0]
    cooldown = Cooldown(1, seconds=10.0, clock=lambda: now[0])
    assert cooldown.take(1, 1) == 0
    now[0] += 4.0
    assert cooldown.take(1, 1) == 6.0
    assert cooldown.take(1, 2) == 0
    assert cooldown.take(2, 1) == 0
    now[0] += 6.1
    assert cooldown.take(1, 1) == 0
    for person in range(20_000):
        cooldown.take(3, person)
    assert len(cooldown._begun) <= 10_000
    now[0] += 10.0
    assert cooldown.take(1, 1) == 0
    assert len(cooldown._begun) == 1


def test_something_may_be_done_so_many_times_in_a_while() -> None:
    """And then again when the while is over."""
    now = [1000.0]
    cooldown = Cooldown(3, seconds=60.0, clock=lambda: now[0])
    assert [cooldown.take(1) for _ in range(3)] == [0, 0, 0]
    now[0] += 20.0
    assert cooldown.take(1) == 40.0
    assert cooldown.take(2) == 0
    now[0] += 41.0
    assert cooldown.take(1) == 0


def test_without_a_pause_nobody_waits() -> None:
    cooldown = Cooldown(1, seconds=0.0, clock=lambda: 5.0)
    assert [cooldown.take(1) for _ in range(3)] == [0, 0, 0]
