"""Connections break in every way that Discord's can; each question is answered once."""

import asyncio
from itertools import pairwise

import pytest

from bot import gateway, starts
from tests.standin import Asked, payloads
from tests.wire.conftest import QUESTION, Running, Wire


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds between sessions are tenths here."""
    monkeypatch.setattr(starts, "_SPACING", 0.1)
    monkeypatch.setattr(starts, "_FIRST_PAUSE", 0.05)


async def _answered(wire: Wire, *asked: Asked) -> None:
    await wire.discord.until(lambda: all(one.answered for one in asked))
    assert {one.outcome for one in asked} == {"answer"}


async def test_a_question_is_answered_once_and_in_time(wire: Wire) -> None:
    async with wire.running():
        asked = await wire.server.ask(QUESTION)
        mentioned = await wire.server.mention(QUESTION)
        await _answered(wire, asked, mentioned)
        assert "Matsegora" in asked.text
        assert "Matsegora" in mentioned.text
        pressed = await wire.server.press(asked, "q1:yes")
        await wire.discord.until(lambda: pressed.answered)
        assert "Thank you" in pressed.text
        typed = await wire.server.type_article("hels")
        await wire.discord.until(lambda: typed.choices is not None)
        assert typed.choices
        assert typed.choices[0]["name"] == "Helsinki summit"
    assert len(wire.discord.ledger.identifies) == 1


@pytest.mark.parametrize("way", ["op 7", "close 4000", "close 1000", "cut", "resumable", "before the greeting"])
async def test_what_is_asked_while_the_connection_is_away_is_answered_after_a_resume(wire: Wire, way: str) -> None:
    """A session goes on where it was, and no new one is begun."""
    gateway = wire.discord.gateway
    async with wire.running():
        if way == "op 7":
            await gateway.ask_to_reconnect()
        elif way.startswith("close"):
            await gateway.close(int(way.split()[1]))
        elif way == "cut":
            gateway.cut()
        elif way == "resumable":
            await gateway.invalidate(can_resume=True)
        else:
            gateway.refused_connections = 2
            gateway.cut()
        asked = [await wire.server.ask(QUESTION) for _ in range(3)]
        await _answered(wire, *asked)
    assert wire.discord.ledger.resumes >= 1
    assert len(wire.discord.ledger.identifies) == 1


async def test_a_lost_session_is_begun_anew(wire: Wire) -> None:
    async with wire.running():
        await wire.discord.gateway.invalidate(can_resume=False)
        await wire.discord.until(lambda: wire.discord.gateway.sessions)
        await _answered(wire, await wire.server.ask(QUESTION))
    assert len(wire.discord.ledger.identifies) == 2


async def test_a_connection_that_falls_silent_is_left(wire: Wire) -> None:
    """Nothing tells that it is dead but that nothing comes: no event, and no answer to a heartbeat."""
    wire.discord.gateway.interval = 0.2
    async with wire.running() as running:
        running.client._connection.heartbeat_timeout = 0.6
        await wire.discord.gateway.close(4000)  # the next connection knows the shorter time
        await wire.discord.until(lambda: wire.discord.ledger.resumes == 1)
        wire.discord.gateway.fall_silent()
        asked = await wire.server.ask(QUESTION)
        await _answered(wire, asked)
    assert wire.discord.ledger.resumes == 2
    assert wire.discord.ledger.heartbeats > 1


async def test_events_that_come_twice_or_in_another_order_are_answered_once(wire: Wire) -> None:
    async with wire.running():
        asked = [await wire.server.ask(QUESTION), await wire.server.mention(QUESTION)]
        await wire.discord.gateway.repeat(10)
        await _answered(wire, *asked)
        await wire.discord.gateway.repeat(10)
        last = await wire.server.mention(QUESTION)
        await _answered(wire, last)
    assert wire.discord.ledger.requests["POST /interactions/{id}/{token}/callback"] == 1
    assert wire.discord.ledger.requests["POST /channels/{channel}/messages"] == 2


async def test_a_mention_that_comes_before_its_server_is_answered(wire: Wire) -> None:
    """After a READY servers come one by one, and people do not wait for theirs."""
    message = payloads.message(
        wire.server.channel,
        wire.server.id,
        payloads.user(7, "alice"),
        f"<@{payloads.BOT}> {QUESTION}",
        mentions=[payloads.bot_user()],
    )
    asked = wire.discord.ledger.begin(Asked(message["id"], "m", 0, message["channel_id"], acknowledged=True))
    wire.discord.gateway.before_servers = [("MESSAGE_CREATE", message)]
    async with wire.running():
        await _answered(wire, asked)


async def test_sessions_that_are_refused_again_and_again_are_begun_ever_more_slowly(wire: Wire) -> None:
    """A thousand a day cost the token. Each pause is twice the one before."""
    async with wire.running():
        wire.discord.gateway.invalid_sessions = 3
        await wire.discord.gateway.invalidate(can_resume=False)
        await wire.discord.until(lambda: len(wire.discord.ledger.identifies) == 5)
        await _answered(wire, await wire.server.ask(QUESTION))
    times = [at for at, _ in wire.discord.ledger.identifies[1:]]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(gap >= 0.05 * 2 ** (number + 1) for number, gap in enumerate(gaps)), gaps


async def test_a_gateway_that_does_not_greet_is_left_and_costs_no_session(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was begun there, so that nobody waits once it greets again."""
    monkeypatch.setattr(gateway, "_CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(starts, "_FIRST_PAUSE", 3600.0)
    wire.discord.gateway.hello_comes = False
    async with wire.starting() as running:
        await wire.discord.until(lambda: wire.discord.ledger.connections >= 3)
        assert wire.discord.ledger.identifies == []
        wire.discord.gateway.hello_comes = True
        await wire.discord.until(lambda: running.knows(wire.server))
        await _answered(wire, await wire.server.ask(QUESTION))
    assert len(wire.discord.ledger.identifies) == 1


async def test_a_session_waits_when_none_is_left_today(wire: Wire) -> None:
    """Also in a process that has only just been started: it may have been started a thousand times."""
    wire.discord.gateway.starts = 0
    task = asyncio.create_task(_run_for(wire, seconds=1.0))
    await task
    assert wire.discord.ledger.connections == 0
    assert wire.discord.ledger.identifies == []


async def _run_for(wire: Wire, *, seconds: float) -> None:
    async with wire.starting():
        await wire.discord.until(lambda: wire.discord.ledger.requests["GET /gateway/bot"])
        await asyncio.sleep(seconds)


async def test_sixty_four_people_are_answered_while_connections_break(wire: Wire) -> None:
    """Every second one ends; whoever is told nothing in three seconds was asked while it was away."""
    async with wire.running() as running:
        breaking = asyncio.create_task(_break_connections(wire))
        asked = [await _ask(wire, number) for number in range(64)]
        try:
            await wire.discord.until(lambda: all(one.answered for one in asked), seconds=60)
        finally:
            breaking.cancel()
        assert not running.life.done()
    outcomes = wire.discord.ledger.outcomes(asked)
    assert outcomes["nothing"] == 0
    assert outcomes["answer"] >= 60
    assert len(wire.discord.ledger.identifies) == 1


async def _ask(wire: Wire, number: int) -> Asked:
    await asyncio.sleep(0.05)
    return await (wire.server.ask(QUESTION) if number % 2 else wire.server.mention(QUESTION))


async def _break_connections(wire: Wire) -> None:
    gateway = wire.discord.gateway
    while True:
        for end in (gateway.ask_to_reconnect, lambda: gateway.close(4000), lambda: gateway.close(1000)):
            await asyncio.sleep(1.0)
            await end()
        await asyncio.sleep(1.0)
        gateway.cut()


async def test_a_closed_client_says_goodbye(wire: Wire) -> None:
    """And is gone at once, also where the other side does not answer."""

    async def end(running: Running) -> float:
        began = asyncio.get_running_loop().time()
        running.stop.set()
        assert await running.life == 0
        return asyncio.get_running_loop().time() - began

    async with wire.running() as running:
        wire.discord.gateway.fall_silent()
        assert await end(running) < 5
