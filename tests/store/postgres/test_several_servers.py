"""Libraries on three servers: partitions by hash that PostgreSQL itself keeps elsewhere (``postgres_fdw``).

It stands in for Citus, and shows that each statement is about one guild, on whatever machine that is. Foreign
partitions know neither unique keys above them nor ``ON CONFLICT … DO UPDATE``; so articles, outlines and passages
with their vectors are spread, and the words of all guilds stay on the first server.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from retrieval.errors import StoreBusy
from retrieval.store.postgres.store import PostgresStore
from tests.articles import BRIDGE, ORCHESTRA
from tests.databases import FOREIGN, Database
from tests.store.conftest import best, put, search
from tests.store.postgres.test_statements import do_everything

SPREAD = {"articles": "guild_id, id", "outlines": "guild_id, edition, article_id", "passages": "guild_id, edition, id"}
GUILDS = range(1, 25)


@pytest.fixture(scope="module")
def servers() -> Iterator[list[Database]]:
    """The first one is asked, and has the partitions 0 to 5; 6 to 10 are on the second, 11 to 15 on the third."""
    with contextlib.ExitStack() as stack:
        databases = [stack.enter_context(contextlib.closing(Database(18, wheel=FOREIGN))) for _ in range(3)]
        for database in databases:
            with PostgresStore(database.settings, "default") as store:
                store.articles()
        first, *others = databases
        first.execute("CREATE EXTENSION postgres_fdw")
        for table, key in SPREAD.items():
            first.execute(f"ALTER TABLE quoth.{table} DROP CONSTRAINT {table}_pkey")
            for part in range(6):
                first.execute(f"ALTER TABLE quoth.{table}_{part} ADD PRIMARY KEY ({key})")
        for number, (other, parts) in enumerate(zip(others, (range(6, 11), range(11, 16)), strict=True)):
            _spread(first, other, f"server_{number}", parts)
        yield databases


def _spread(first: Database, other: Database, name: str, parts: range) -> None:
    """Let partitions of the first server be those of another."""
    first.execute(
        f"CREATE SERVER {name} FOREIGN DATA WRAPPER postgres_fdw OPTIONS "
        f"(host '127.0.0.1', port '{other.port}', dbname 'postgres', extensions 'vector')"
    )
    for role in ("quoth_app", "postgres"):
        mapped = "OPTIONS (user 'postgres', password_required 'false')"
        first.execute(f"CREATE USER MAPPING FOR {role} SERVER {name} {mapped}")
    for table in SPREAD:
        for part in parts:
            first.execute(f"DROP TABLE quoth.{table}_{part}")
            first.execute(
                f"CREATE FOREIGN TABLE quoth.{table}_{part} PARTITION OF quoth.{table} "
                f"FOR VALUES WITH (MODULUS 16, REMAINDER {part}) SERVER {name} OPTIONS (schema_name 'quoth')"
            )


@pytest.fixture(scope="module")
def homes(servers: list[Database]) -> dict[int, Database]:
    """Libraries of many guilds; and the server that each was put on."""
    for guild in GUILDS:
        with _opened(servers, guild) as store:
            put(store, "bridge", BRIDGE, title=f"Bridge {guild}")
            put(store, "orchestra", ORCHESTRA)
    on_first = "SELECT DISTINCT guild_id FROM ONLY quoth.articles_{}"
    held = [{guild for part in range(6) for (guild,) in servers[0].execute(on_first.format(part))}]
    held += [{guild for (guild,) in s.execute("SELECT DISTINCT guild_id FROM quoth.articles")} for s in servers[1:]]
    homes = {guild: server for server, guilds in zip(servers, held, strict=True) for guild in guilds}
    assert sum(map(len, held)) == len(homes) == len(GUILDS), "each guild is on one server"
    assert all(len(guilds) >= 3 for guilds in held), held
    return {int(str(guild)): server for guild, server in homes.items()}


def _opened(servers: list[Database], guild: int) -> PostgresStore:
    return PostgresStore(servers[0].settings, f"guild-{guild}")


def _guilds_on(homes: dict[int, Database], server: Database) -> list[int]:
    return [guild for guild, home in homes.items() if home is server]


def test_each_guild_finds_its_own_wherever_it_is(servers: list[Database], homes: dict[int, Database]) -> None:
    """And all find the same, with the same scores."""
    found = set()
    for guild in GUILDS:
        with _opened(servers, guild) as store:
            assert best(store, "cracks in the pillars") == "bridge"
            assert [a.title for a in store.articles()] == [f"Bridge {guild}", "Title"]
            candidates = search(store, "cracks in the pillars").candidates
            found.add(tuple((c.passage.article_id, c.passage.position, c.cosine, c.bm25) for c in candidates))
    assert len(found) == 1
    assert len(found.pop()) > 1


def test_passages_stand_beside_their_articles(servers: list[Database], homes: dict[int, Database]) -> None:
    """No guild is on two servers."""
    for server in servers[1:]:
        for table in SPREAD:
            guilds = {guild for (guild,) in server.execute(f"SELECT DISTINCT guild_id FROM quoth.{table}")}  # noqa: S608
            assert guilds == set(_guilds_on(homes, server)), table


def test_all_that_a_library_can_do_is_done_on_another_server(
    servers: list[Database], homes: dict[int, Database]
) -> None:
    """Adding, updating, asking, reindexing, following, removing."""
    for server in servers[1:]:
        guild = next(guild for guild in range(100, 200) if _part(servers[0], guild) in _parts(servers, server))
        with _opened(servers, guild) as store:
            do_everything(store)
            assert [article.id for article in store.articles()] == ["b"]
            assert store.check() == []
            store.forget()
        assert _passages(server, guild) == 0


def _part(first: Database, guild: int) -> int:
    """The partition that PostgreSQL puts a guild into."""
    rows = first.execute(
        "SELECT part FROM generate_series(0, 15) AS part "
        "WHERE satisfies_hash_partition('quoth.articles'::regclass, 16, part, %s::bigint)",
        guild,
    )
    return int(str(rows[0][0]))


def _passages(server: Database, guild: int) -> int:
    (row,) = server.execute("SELECT count(*) FROM quoth.passages WHERE guild_id = %s", guild)
    return int(str(row[0]))


def _parts(servers: list[Database], server: Database) -> range:
    return (range(6), range(6, 11), range(11, 16))[servers.index(server)]


def test_a_library_that_grows_large_comes_to_the_first_server(
    servers: list[Database], homes: dict[int, Database]
) -> None:
    """Into a partition of its own, with its index, and finds there what it found."""
    guild = _guilds_on(homes, servers[1])[-1]
    with PostgresStore(replace(servers[0].settings, large_from=2), f"guild-{guild}") as store:
        put(store, "orchestra", ORCHESTRA)
        assert best(store, "cracks in the pillars") == "bridge"
        assert _passages(servers[1], guild) == 0
        assert store.check() == []
        store.forget()


def test_a_server_that_is_away_is_felt_by_its_guilds_alone(servers: list[Database], homes: dict[int, Database]) -> None:
    """They are told so, lose nothing, and go on when it is back; the others do not notice."""
    third = servers[2]
    third.stop()
    for server in servers[:2]:
        with _opened(servers, _guilds_on(homes, server)[0]) as store:
            assert best(store, "cracks in the pillars") == "bridge"
    lost = _guilds_on(homes, third)[0]
    with _opened(servers, lost) as store:
        with pytest.raises(StoreBusy, match="the database cannot be reached"):
            search(store, "cracks")
        with pytest.raises(StoreBusy):
            put(store, "late", ORCHESTRA)
        third.start()
        assert best(store, "cracks in the pillars") == "bridge"
        assert store.article("late") is None
        assert store.check() == []
