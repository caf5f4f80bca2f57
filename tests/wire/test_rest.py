"""Requests fail in every way that Discord's can; whoever asked gets one answer, or one honest failure."""

import asyncio
import time

import pytest
from discord.http import MultipartParameters, handle_message_parameters

from bot import sending
from bot.leadership import Alone
from bot.shards import Shards
from tests.standin import Asked
from tests.standin.faults import Effect, broken, cut, late, limited, refused, slow
from tests.wire.conftest import QUESTION, Wire

CALLBACK = "POST .*/callback"
EDIT = "PATCH .*/messages/@original"
POST = "POST /api/channels/[0-9]*/messages$"
CHANGE = "PATCH /api/channels/"


async def _answered(wire: Wire, *asked: Asked) -> None:
    await wire.discord.until(lambda: all(one.answered for one in asked))
    assert {one.outcome for one in asked} == {"answer"}


@pytest.mark.parametrize(
    "fault",
    [
        limited(0.3),
        limited(0.3, scope="shared"),
        limited(0.3, scope="global"),
        broken(500),
        broken(503),
        slow(1.0),
        late(1.0),
        cut(is_done=False),
        cut(is_done=True),
    ],
    ids="limited shared global 500 503 slow late cut cut-after".split(),
)
@pytest.mark.parametrize("where", [CALLBACK, POST, CHANGE])
async def test_an_answer_arrives_once_although_a_request_fails(wire: Wire, where: str, fault: Effect) -> None:
    async with wire.running():
        wire.discord.faults.add(where, fault)
        asked = await (wire.server.ask(QUESTION) if where == CALLBACK else wire.server.mention(QUESTION))
        await _answered(wire, asked)
        assert "Matsegora" in asked.text
        await _answered(wire, await wire.server.mention(QUESTION))  # and nothing is held up from then on


@pytest.mark.parametrize("fault", [broken(502), cut(is_done=True), limited(0.2)], ids="502 cut-after limited".split())
async def test_an_answer_that_was_thought_about_arrives_once_although_the_edit_fails(wire: Wire, fault: Effect) -> None:
    async with wire.but(defer_after=0.0).running():
        wire.discord.faults.add(EDIT, fault)
        await _answered(wire, await wire.server.ask(QUESTION))


async def test_a_request_that_hangs_is_left_and_made_again(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where all wait for a global limit, which a request that is cancelled would never end."""
    monkeypatch.setattr(sending, "_ONE_TRY_SECONDS", 0.5)
    async with wire.running():
        for where in (CALLBACK, CHANGE):
            wire.discord.faults.add(where, late(1.2))
            asked = await (wire.server.ask(QUESTION) if where == CALLBACK else wire.server.mention(QUESTION))
            await _answered(wire, asked)
        wire.discord.faults.add(POST, limited(1.0, scope="global"))
        await _answered(wire, await wire.server.mention(QUESTION))
        await _answered(wire, await wire.server.mention(QUESTION))


async def test_discord_away_for_longer_is_given_up_in_the_log(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The next question is answered again."""
    monkeypatch.setattr(sending, "_GIVE_UP_SECONDS", 0.5)
    async with wire.running():
        wire.discord.faults.add(POST, cut(is_done=False), times=None)
        lost = await wire.server.mention(QUESTION)
        await wire.discord.until(lambda: "could not be answered" in caplog.text)
        wire.discord.faults.clear()
        await _answered(wire, await wire.server.mention(QUESTION))
        assert lost.outcome == "nothing"


async def test_who_was_told_that_it_is_too_late_is_not_told_more(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """10062: three seconds are over. The log says how late the event loop was, as that is the usual cause."""
    async with wire.running():
        asked = await wire.server.ask(QUESTION)
        asked.heard -= 5
        await wire.discord.until(lambda: "came too late" in caplog.text)
        assert "the loop was late by" in caplog.text
        assert asked.outcome == "nothing"
    refused_requests = wire.discord.ledger.refusals
    assert refused_requests == {"404 POST /interactions/{id}/{token}/callback": 1}


async def test_a_deferral_that_comes_too_late_ends_the_matter(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    async with wire.but(defer_after=0.0).running():
        wire.discord.faults.add(CALLBACK, refused(404, 10062))
        asked = await wire.server.ask(QUESTION)
        await wire.discord.until(lambda: "could not be acknowledged" in caplog.text)
        assert asked.outcome == "nothing"
    assert sum(wire.discord.ledger.requests[r] for r in wire.discord.ledger.requests if "@original" in r) == 0


@pytest.mark.parametrize("defer_after", [0.0, 1.5])
async def test_who_was_answered_already_sees_that_answer_changed(wire: Wire, defer_after: float) -> None:
    """40060: the library, or the network, repeated a request that had arrived."""
    async with wire.but(defer_after=defer_after).running():
        wire.discord.faults.add(CALLBACK, cut(is_done=True))
        asked = await wire.server.ask(QUESTION)
        await _answered(wire, asked)
    assert wire.discord.ledger.refusals == {"400 POST /interactions/{id}/{token}/callback": 1}


@pytest.mark.parametrize("code", [10003, 10008, 30046, 50083])
async def test_what_can_no_longer_be_changed_is_left(wire: Wire, code: int, caplog: pytest.LogCaptureFixture) -> None:
    """The message or channel is gone, the thread archived, or too much was edited."""
    async with wire.running():
        wire.discord.faults.add(CHANGE, refused(404 if code < 20000 else 400, code))
        await wire.server.mention(QUESTION)
        await wire.discord.until(lambda: "Nobody is left to answer" in caplog.text)
    assert wire.discord.ledger.requests["PATCH /channels/{channel}/messages/{message}"] == 1


async def test_a_token_past_its_minutes_is_not_needed_for_what_all_see(wire: Wire) -> None:
    """50027: the public answer is changed as a message of the bot's own."""
    async with wire.but(defer_after=0.0).running():
        wire.discord.faults.add(EDIT, refused(401, 50027))
        asked = await wire.server.ask(QUESTION)
        await wire.discord.until(lambda: wire.discord.channels.changed_by_bot)
        assert "Matsegora" in str(wire.discord.channels.changed_by_bot)
        assert asked.acknowledged


async def test_a_private_answer_ends_with_its_token(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    async with wire.but(defer_after=0.0).running():
        wire.discord.faults.add(EDIT, refused(401, 50027))
        await wire.server.command("articles")
        await wire.discord.until(lambda: "Nobody is left to answer" in caplog.text)


@pytest.mark.parametrize("code", [200000, 240000])
async def test_a_server_whose_filter_stops_the_answer_is_told_so(wire: Wire, code: int) -> None:
    async with wire.running():
        wire.discord.faults.add(CHANGE, refused(400, code))
        asked = await wire.server.mention(QUESTION)
        await wire.discord.until(lambda: asked.answered)
        assert "own filter stopped the answer" in asked.text


async def test_a_card_that_discord_will_not_have_is_sent_plain(wire: Wire) -> None:
    """50035: a defect of ours costs the look, not the answer."""
    async with wire.running():
        wire.discord.faults.add(CALLBACK, refused(400, 50035))
        asked = await wire.server.ask(QUESTION)
        await _answered(wire, asked)
        assert "Matsegora" in next(iter(asked.shown.values()))["content"]


@pytest.mark.parametrize("code", [50001, 50013])
async def test_a_channel_that_is_closed_to_the_bot_is_left_alone(
    wire: Wire, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Ten thousand refused requests in ten minutes shut out everyone on the machine's address."""
    async with wire.running():
        wire.discord.faults.add(POST, refused(403, code), times=None)
        for _ in range(5):
            await wire.server.mention(QUESTION)
        await wire.discord.until(lambda: "may not send messages" in caplog.text)
        await asyncio.sleep(0.3)
        wire.discord.faults.clear()
        await _answered(wire, await wire.server.ask(QUESTION))
    assert wire.discord.ledger.refusals["403 POST /channels/{channel}/messages"] <= 5
    assert caplog.text.count("may not send messages") == 1


async def test_a_person_is_told_which_permissions_are_missing(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """A response reaches them where a message of the bot's may not."""
    async with wire.running() as running:

        async def forbidden(*_: object, **__: object) -> None:
            await running.client.http.send_message(1, params=_nothing())

        monkeypatch.setattr(running.client.worker, "within", forbidden)
        wire.discord.faults.add(POST, refused(403, 50013))
        asked = await wire.server.ask(QUESTION)
        await wire.discord.until(lambda: asked.shown)
        assert "Send Messages in Threads" in asked.text


def _nothing() -> MultipartParameters:
    return handle_message_parameters("x")


async def test_commands_that_cannot_be_sent_are_sent_later(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot whose commands are there already answers meanwhile."""
    monkeypatch.setattr("bot.client._ELECTION_SECONDS", 0.1)
    wire.discord.faults.add("PUT .*/commands", refused(400, 50035), times=2)
    async with wire.running():
        await _answered(wire, await wire.server.ask(QUESTION))
        await wire.discord.until(lambda: wire.discord.application.syncs == 1)


async def test_commands_that_discord_never_takes_are_sent_ever_more_rarely(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever leads is asked again every few seconds; Discord is not."""
    asked: list[bool] = []

    class Leading(Alone):
        def take(self) -> bool:
            asked.append(True)
            return True

    monkeypatch.setattr("bot.client._ELECTION_SECONDS", 0.02)
    wire.discord.faults.add("PUT .*/commands", refused(400, 50035), times=None)
    async with wire.but_with(part=(Shards(), Leading())).running():
        await wire.discord.until(lambda: len(asked) > 60)
        await _answered(wire, await wire.server.ask(QUESTION))
    assert 1 < wire.discord.ledger.requests["PUT /applications/{application}/commands"] < 12


async def test_a_late_loop_is_measured_and_logged(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    async with wire.running() as running:
        await asyncio.sleep(0.1)
        time.sleep(1.0)  # noqa: ASYNC251 - what must never happen
        await wire.discord.until(lambda: running.client.lag.worst > 0.4)
        assert "The event loop was late" in caplog.text
        assert running.client.lag.last <= running.client.lag.worst
