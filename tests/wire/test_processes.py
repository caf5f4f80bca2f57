"""``quoth run`` as processes of their own: several that share the work, and one that is told to end."""

import asyncio
import os
import shutil
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from bot.ledgers import RECORDS
from bot.memory import Memory
from bot.remembered import Watch
from retrieval.store.homes import library_path
from tests.conftest import ROOT
from tests.standin import Server, Standin
from tests.wire.conftest import QUESTION, TOKEN, Wire
from tests.wire.toy_run import HOURGLASS

Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(wire: Wire) -> AsyncIterator[Start]:
    """Starts ``quoth run`` on the wire's home; whatever still runs at the end is killed."""
    (wire.home / "quoth.toml").write_text(
        f'[answers]\nconfidence = 0.2\n[discord]\ncooldown = 0.0\nsync = "always"\napi_url = "{wire.discord.api_url}"\n'
        f'gateway_url = "{wire.discord.gateway_url}"\n',
        encoding="utf-8",
    )
    started: list[Process] = []

    async def start_run(*options: str) -> Process:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("DISCORD_", "QUOTH_"))}
        environment |= {"DISCORD_TOKEN": TOKEN, "QUOTH_HOME": str(wire.home)}
        command = (sys.executable, "-m", "tests.wire.toy_run", "run", *options)
        process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stdout=DEVNULL, stderr=PIPE)
        started.append(process)
        return process

    yield start_run
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _is_there(standin: Standin, shard: int) -> None:
    """Wait until the shard has been told of its servers."""
    await standin.until(
        lambda: any(s.shard == shard and s.sequence > 1 for s in standin.gateway.sessions.values()), seconds=60
    )


def _watch(home: Path, server: Server, question: str) -> None:
    """Somebody waits for an article that answers a question."""
    memory = Memory(home, days=7, departed_days=14)
    memory.watch(Watch(0, server.id, 7, server.channel, question, "en-US"))
    memory.close()


async def test_two_processes_share_the_servers_and_one_takes_over_when_the_other_is_killed(
    wire: Wire, start: Start
) -> None:
    """Each question is answered once, and what is done once for all goes on within half a minute."""
    standin = wire.discord
    standin.servers.clear()
    servers = [standin.add_server(shard=shard, count=2) for shard in (0, 1, 0, 1)]
    for server in servers:
        wire.add(server)
    leader = await start("--shards", "0/2")
    await _is_there(standin, 0)
    await start("--shards", "1/2")
    await _is_there(standin, 1)
    asked = [await ask(QUESTION) for server in servers for ask in (server.ask, server.mention) for _ in range(3)]
    await standin.until(lambda: all(one.answered for one in asked), seconds=60)
    assert standin.ledger.outcomes(asked) == {"answer": 24}
    assert standin.application.syncs == 1

    _watch(wire.home, servers[0], "who tunes the organ of the cathedral?")
    wire.add(
        servers[0], "The organ of the cathedral is tuned by Maria Stein.", title="Organ", url="https://a.example/o"
    )
    leader.kill()
    killed = monotonic()
    await standin.until(lambda: "Maria Stein" in str(standin.channels.messages), seconds=30)
    assert monotonic() - killed < 30
    assert standin.application.syncs == 2
    assert str(standin.channels.messages).count("You asked to be told") == 1
    last = await servers[1].ask(QUESTION)
    await standin.until(lambda: last.answered)
    assert last.outcome == "answer"


async def test_two_processes_with_one_shard_refuse_each_other(wire: Wire, start: Start) -> None:
    await start("--shards", "0-1/4")
    await wire.discord.until(lambda: wire.discord.ledger.requests, seconds=60)
    second = await start("--shards", "1-2/4")
    _, err = await asyncio.wait_for(second.communicate(), timeout=60)
    assert second.returncode == 1
    assert "another Quoth already runs" in err.decode()


async def test_a_volume_of_the_first_version_is_brought_up_to_date_by_running_it(wire: Wire, start: Start) -> None:
    """Libraries and what is remembered of people, after a copy of each library; the first question is answered."""
    library = library_path(wire.home, f"guild-{wire.server.id}")
    shutil.rmtree(library.parent)
    library.parent.mkdir()
    with closing(sqlite3.connect(library)) as old:
        old.executescript((ROOT / "tests" / "store" / "first.sql").read_text(encoding="utf-8"))
    with closing(sqlite3.connect(wire.home / "servers.sqlite3")) as old:
        old.executescript(f"{RECORDS[0]} PRAGMA user_version = 1")
        old.execute(
            "INSERT INTO votes VALUES (?, 'a', x'00', 1, '', ?)", (wire.server.id, datetime.now(UTC).isoformat())
        )
        old.commit()
    process = await start()
    await _is_there(wire.discord, 0)
    asked = await wire.server.ask("in how many pillars were cracks found?")
    await wire.discord.until(lambda: asked.answered)
    assert "cracks in two of its pillars" in asked.text.replace("*", "")
    process.terminate()
    _, err = await asyncio.wait_for(process.communicate(), timeout=30)
    kept = library.with_name(f"{library.name}.before-update-1")
    assert f"as it was before: {kept}" in err.decode()
    with closing(sqlite3.connect(kept)) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT count(*) FROM articles").fetchone() == (2,)
    memory = Memory(wire.home, days=7, departed_days=14)
    assert memory.votes(wire.server.id).helpful == 1
    memory.close()


async def test_a_signal_ends_the_process_in_ten_seconds_whatever_its_threads_do(wire: Wire, start: Start) -> None:
    """A container is killed after its grace period, and threads cannot be stopped."""
    process = await start()
    await _is_there(wire.discord, 0)
    quick = await wire.server.ask(QUESTION)
    await wire.discord.until(lambda: quick.answered)
    await wire.server.ask(f"who turns the {HOURGLASS}?")
    await asyncio.sleep(0.5)
    process.terminate()
    began = monotonic()
    _, err = await asyncio.wait_for(process.communicate(), timeout=30)
    assert process.returncode == 0, err.decode()
    assert monotonic() - began < 10
    assert TOKEN not in err.decode()
