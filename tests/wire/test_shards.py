"""Several shards in one process, each with a connection of its own; and servers that another process hears of."""

from dataclasses import replace

import discord
import pytest

from bot import starts
from bot.leadership import Alone
from bot.library.feeds import announce, show_reported
from bot.preferences import Preferences
from bot.shards import Shards
from tests.wire.conftest import QUESTION, Wire


async def test_each_shard_begins_its_session_in_its_turn_and_answers_its_servers(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that are begun at once would be refused; one that is lost leaves the others alone."""
    monkeypatch.setattr(starts, "_SPACING", 0.5)
    monkeypatch.setattr(starts, "_FIRST_PAUSE", 0.1)
    standin = wire.discord
    standin.gateway.spacing = 0.1
    standin.servers.clear()
    servers = [standin.add_server(shard=shard, count=4) for shard in (0, 1, 2)]
    for server in servers:
        wire.add(server)
    async with wire.but_with(part=(Shards((0, 1, 2), 4), Alone())).starting() as running:
        await standin.until(lambda: all(running.knows(server) for server in servers))
        assert sorted(shard for _, shard in standin.ledger.identifies) == [0, 1, 2]
        assert [shard for shard, _ in running.client.latencies] == [0, 1, 2]
        lost = next(session for session in standin.gateway.sessions.values() if session.shard == 1)
        assert lost.socket is not None
        del standin.gateway.sessions[lost.id]
        await lost.socket.close(code=4000)
        await standin.until(lambda: len(standin.gateway.sessions) == 3)
        asked = [await ask(QUESTION) for server in servers for ask in (server.ask, server.mention)]
        await standin.until(lambda: all(one.answered for one in asked))
    assert standin.ledger.outcomes(asked) == {"answer": 6}
    assert len(standin.ledger.identifies) == 4


async def test_a_leader_reaches_the_servers_of_other_processes(wire: Wire) -> None:
    """It asks their feeds and tells in their channels what is new, though it hears nothing of them."""
    standin = wire.discord
    elsewhere = standin.add_server(shard=1, count=2)
    wire.add(elsewhere)
    async with wire.but_with(part=(Shards((0,), 2), Alone())).starting() as running:
        client = running.client
        await standin.until(lambda: standin.gateway.sessions)
        assert elsewhere.id in await client.served()
        guild = await client.server(elsewhere.id)
        assert guild is not None
        channel = await client.place(guild, elsewhere.channel)
        assert isinstance(channel, discord.TextChannel)
        assert channel.id == elsewhere.channel
        assert await client.place(guild, 12345) is None
        assert await client.server((1 << 22) * 3) is None


class Follower:
    """Of a process that another one leads."""

    def take(self) -> bool:
        return False

    def resign(self) -> None:
        """There is nothing to let go of."""


@pytest.mark.parametrize("store", ["files", "database"])
async def test_new_articles_are_shown_once_by_the_process_that_hears_of_the_server(
    wire: Wire, store: str, request: pytest.FixtureRequest
) -> None:
    """Those that the leader finds for its own servers it shows itself."""
    standin = wire.discord
    if store == "database":
        wire = replace(wire, store=request.getfixturevalue("fresh"))
    standin.servers.clear()
    servers = [standin.add_server(shard=shard, count=2) for shard in (0, 1)]
    for server in servers:
        wire.add(server)
    leading = wire.but_with(part=(Shards((0,), 2), Alone()))
    following = wire.but_with(part=(Shards((1,), 2), Follower()))
    async with leading.starting() as leader, following.starting() as follower:
        await standin.until(lambda: leader.knows(servers[0]) and follower.knows(servers[1]))
        for server in servers:
            leader.client.memory.prefer(server.id, Preferences(announcements=server.channel))
            with wire.open(f"guild-{server.id}") as library:
                (article,) = library.articles()
            await announce(leader.client, server.id, [article.id, "gone"])
        assert _shown(wire) == [servers[0].channel]
        for _ in range(2):
            await show_reported(leader.client)
        assert _shown(wire) == [servers[0].channel]
        for _ in range(2):
            await show_reported(follower.client)
        assert _shown(wire) == [server.channel for server in servers]
        assert follower.client.memory.reported_servers() == ()


def _shown(wire: Wire) -> list[int]:
    """The channels that new articles were shown in."""
    messages = wire.discord.channels.messages.values()
    return [int(message["channel_id"]) for message in messages if "Matsegora" in str(message)]
