"""One database for many servers, and none of them sees another's rows, whatever statement is sent."""

import psycopg
import pytest

from retrieval.store.postgres.keys import key_of
from tests.articles import BRIDGE, ORCHESTRA
from tests.databases import Database
from tests.store.conftest import best, put, search
from tests.store.postgres.conftest import OpenNamed

LISTS = {"directory", "schema_version", "servers", "secrets"}
GUARDED = (
    "libraries editions articles outlines passages passages_large terms postings audiences versions feeds "
    "feed_entries folder_files votes gaps departures preferences watches turns news"
).split()


def test_a_library_has_a_servers_own_number() -> None:
    """Other names have numbers that no server has; each name its own, and always the same."""
    assert key_of("guild-700000000000000001") == 700_000_000_000_000_001
    others = [key_of(name) for name in ("default", "test", "guild-", "guild-0", "guild-07", f"guild-{2**63}")]
    assert all(-(2**63) <= key < 0 for key in others)
    assert len(set(others)) == len(others)


def test_libraries_are_strangers(open_named: OpenNamed) -> None:
    """The same ids in both, and neither finds, changes or removes what the other has."""
    here, there = open_named("guild-5001"), open_named("guild-5002")
    put(here, "a", BRIDGE)
    put(there, "a", ORCHESTRA)
    assert best(here, "conductor of the orchestra") == "a"
    assert here.containing("conductor") == ()
    assert set(search(here, "conductor").idf.values()) == set(search(here, "unheard").idf.values())
    assert here.vocabulary("conduct", shortest=0, longest=99) == {}
    assert there.remove("a")
    assert here.text("a") == BRIDGE


def test_a_statement_without_its_filter_finds_nothing(open_named: OpenNamed, database: Database) -> None:
    """The policies hold for the role that does the work: of other guilds, or without naming one, no row."""
    put(open_named("guild-5001"), "a", BRIDGE)
    put(open_named("guild-5002"), "a", ORCHESTRA)
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SET ROLE quoth_app")
        connection.execute("SET search_path = quoth, public")
        for table in GUARDED:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)], table  # noqa: S608
            assert connection.execute(f"DELETE FROM {table}").rowcount == 0  # noqa: S608
        connection.execute("SELECT set_config('quoth.guild', '5001', false)")
        assert connection.execute("SELECT DISTINCT guild_id FROM articles").fetchall() == [(5001,)]
        assert connection.execute("UPDATE articles SET title = 'x' WHERE guild_id = 5002").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute("INSERT INTO libraries (guild_id) VALUES (5002)")


def test_every_table_is_guarded(database: Database) -> None:
    """Also for the owner; and guild_id is the first column of every key."""
    rows = database.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
        "WHERE relnamespace = 'quoth'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
    )
    assert {name for name, is_guarded in rows if is_guarded} == set(GUARDED)
    assert {name for name, is_guarded in rows if not is_guarded} == {
        "directory",
        "schema_version",
        "servers",
        "secrets",
    }
    keys = database.execute(
        "SELECT c.relname, a.attname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid "
        "JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
        "WHERE c.relnamespace = 'quoth'::regnamespace AND i.indisunique AND c.relname <> 'schema_version'"
    )
    assert {column for table, column in keys if table not in ("directory", "secrets")} == {"guild_id"}


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE quoth.x (i integer)", "DROP TABLE quoth.articles", "ALTER TABLE quoth.articles ADD x text",
     "TRUNCATE quoth.articles", "SELECT * FROM quoth.articles_0", "UPDATE quoth.schema_version SET version = 0",
     "CREATE ROLE x", "ALTER TABLE quoth.articles DISABLE ROW LEVEL SECURITY"],
)  # fmt: skip
def test_the_role_that_does_the_work_may_do_no_more(database: Database, statement: str) -> None:
    """Neither change the schema nor go round a table's policies by one of its partitions."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SET ROLE quoth_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
