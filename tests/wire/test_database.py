"""A database that stops in the middle, on a real wire: Discord's three seconds are kept, and people are told."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from retrieval.store.postgres.store import PostgresStore
from tests.databases import Database
from tests.wire.conftest import QUESTION, Wire


@pytest.fixture
def database() -> Iterator[Database]:
    """A server for this file alone."""
    with closing(Database(18)) as database:
        yield database


async def test_a_database_that_freezes_holds_nobody_up_for_long(wire: Wire, database: Database) -> None:
    """It answers nothing and ends nothing, as where its disk is gone: who asks gets one card, at the deadline."""
    frozen = replace(wire.but(deadline=2.0), store=replace(database.settings, connections=4))
    frozen.add(frozen.server)
    with PostgresStore(frozen.store, f"guild-{frozen.server.id}"):  # connections stay open between two libraries
        async with frozen.running():
            before = await frozen.server.ask(QUESTION)
            await frozen.discord.until(lambda: before.answered)
            assert "Matsegora" in before.text
            database.freeze()
            asked = [await frozen.server.ask(QUESTION), await frozen.server.mention(QUESTION)]
            await frozen.discord.until(lambda: all(one.answered for one in asked))
            assert all(one.acknowledged for one in asked)
            assert ["No answer was ready after 2 seconds" in one.text for one in asked] == [True, True], asked[0].text
            database.thaw()
            after = await frozen.server.ask(QUESTION)
            await frozen.discord.until(lambda: after.answered)
            assert "Matsegora" in after.text
