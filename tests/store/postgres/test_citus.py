"""Where Citus is, tables are distributed by guild; what stands in for it here are its functions alone.

Nothing is really distributed: these tests show what would be asked of Citus, and that it is within its limits.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from retrieval.settings import StoreSettings
from retrieval.store.postgres import migrations
from retrieval.store.postgres.store import PostgresStore
from tests.articles import BRIDGE, ORCHESTRA
from tests.databases import Database
from tests.store.conftest import best, put
from tests.store.postgres.conftest import listening
from tests.store.postgres.test_guilds import GUARDED
from tests.store.postgres.test_statements import do_everything, guilded, remember_everything

STANDIN = Path(__file__).with_name("citus.sql")
CONTROL = "comment = 'what stands in for Citus'\ndefault_version = '1'\nrelocatable = false\n"

Execute = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def execute(fresh: StoreSettings, databases: Callable[[int], Database]) -> Iterator[Execute]:
    """Runs statements as the superuser of a new database that may have the extension ``citus``."""
    server = databases(18)
    folder = server.folder / "extensions" / "extension"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "citus.control").write_text(CONTROL)
    (folder / "citus--1.sql").write_text(STANDIN.read_text())
    server.execute(f"ALTER DATABASE fresh SET extension_control_path = '{folder.parent}:$system'")
    with psycopg.connect(fresh.url, autocommit=True) as connection:

        def run(statement: str) -> list[tuple[object, ...]]:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

        yield run


def _distributed(execute: Execute) -> dict[object, tuple[object, object]]:
    """By which column each table was distributed, and beside which table, in the order in which it was asked for."""
    rows = execute("SELECT name::text, by, colocated_with::text FROM distributed ORDER BY number")
    return {name: (by, beside) for name, by, beside in rows}


def test_all_tables_are_distributed_by_guild(fresh: StoreSettings, execute: Execute) -> None:
    """Beside one another, so that a guild is on one node; what is of no guild on all nodes."""
    execute("CREATE EXTENSION citus")
    with PostgresStore(fresh, "guild-1") as store:
        store.articles()
    asked = _distributed(execute)
    assert asked.pop("quoth.libraries") == ("guild_id", None)
    assert asked.pop("quoth.secrets") == (None, None)
    others = {*GUARDED, "directory", "servers"} - {"libraries", "passages_large"}
    assert asked == {f"quoth.{table}": ("guild_id", "quoth.libraries") for table in others}
    assert execute("SELECT relname FROM pg_class WHERE relnamespace = 'quoth'::regnamespace AND relispartition") == []


def test_distributed_tables_are_guarded_as_others_are(fresh: StoreSettings, execute: Execute) -> None:
    """The same columns, policies and rights, and as many indexes."""
    looks = (
        (
            "SELECT table_name, column_name, data_type, is_nullable, collation_name FROM information_schema.columns "
            "WHERE table_schema = 'quoth' AND table_name !~ '_[0-9]+$' ORDER BY 1, 2"
        ),
        "SELECT tablename, policyname, qual FROM pg_policies ORDER BY 1",
        (
            "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
            "WHERE relnamespace = 'quoth'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1"
        ),
        (
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'quoth_app' "
            "AND table_name !~ '_[0-9]+$' ORDER BY 1, 2"
        ),
        (
            "SELECT tablename, count(*) FROM pg_indexes WHERE schemaname = 'quoth' "
            "AND tablename !~ '_[0-9]+$' AND indexname <> 'directory_name_key' GROUP BY 1 ORDER BY 1"
        ),
    )
    seen = []
    for extension in ("", "CREATE EXTENSION citus"):
        execute(extension or "SELECT")
        with PostgresStore(fresh, "guild-1") as store:
            store.articles()
        seen.append([execute(look) for look in looks])
        execute("DROP SCHEMA quoth CASCADE")
    assert seen[0] == seen[1]


def test_a_library_works_and_names_its_guild(fresh: StoreSettings, execute: Execute) -> None:
    """In every statement; and however large it is, it stays in the tables that are distributed."""
    execute("CREATE EXTENSION citus")
    large = replace(fresh, large_from=2)
    with listening() as statements:
        with PostgresStore(large, "guild-4001") as store:
            do_everything(store)
        with PostgresStore(large, "guild-4002") as store:
            put(store, "bridge", BRIDGE)
            put(store, "orchestra", ORCHESTRA)
            assert best(store, "cracks in the pillars") == "bridge"
            assert execute("SELECT DISTINCT own, nearest FROM quoth.libraries") == [(False, None)]
            store.forget()
        remember_everything(fresh)
    assert [problem for statement in sorted(statements.sent) for problem in guilded(statement)] == []
    assert not [statement for statement in statements.sent if "passages_large" in statement]


def test_citus_passes_on_whose_rows_are_meant(
    fresh: StoreSettings, execute: Execute, databases: Callable[[int], Database]
) -> None:
    """It does that with ``SET LOCAL`` in a message of its own, behind the setting that lets it, in a transaction."""
    execute("CREATE EXTENSION citus")
    execute("ALTER DATABASE fresh SET log_statement = 'all'")
    log = databases(18).folder / "log"
    with PostgresStore(fresh, "guild-77") as store:
        store.articles()
        start = log.stat().st_size
        store.articles()
    sent = re.findall(r"execute <unnamed>: ((?:BEGIN|SET LOCAL|SELECT id).*)", log.read_bytes()[start:].decode())
    assert [statement.split(" FROM ")[0].split(",")[0] for statement in sent][:5] == [
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL role TO quoth_app",
        "SET LOCAL search_path TO quoth",
        "SET LOCAL citus.propagate_set_commands TO 'local'",
        "SET LOCAL quoth.guild TO '77'",
    ]
    assert {s.split()[2] for s in sent[5:-1]} >= {"statement_timeout", "hnsw.iterative_scan", "hnsw.ef_search"}
    assert sent[-1].startswith("SELECT id")


def test_tables_with_rows_in_them_stay_as_they_are(
    fresh: StoreSettings, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the extension comes after the first library, an update distributes nothing and loses nothing."""
    whole = migrations.scripts()
    monkeypatch.setattr(migrations, "scripts", lambda: whole[:4])
    with PostgresStore(fresh, "guild-1") as store:
        put(store, "bridge", BRIDGE)
    monkeypatch.undo()
    execute("CREATE EXTENSION citus")
    with PostgresStore(replace(fresh, connections=5), "guild-1") as store:
        assert best(store, "cracks in the pillars") == "bridge"
    assert _distributed(execute) == {}


@pytest.mark.parametrize(
    ("made", "refused"),
    [
        ("CREATE TABLE t (guild_id bigint, id text PRIMARY KEY)", "distribution column"),
        ("CREATE TABLE t (guild_id bigint, name text REFERENCES other)", "foreign key"),
        ("CREATE TABLE t (guild_id bigint) PARTITION BY HASH (guild_id)", "all shards"),
    ],
)
def test_what_stands_in_refuses_what_citus_refuses(execute: Execute, made: str, refused: str) -> None:
    """So that a new table of this kind is noticed."""
    execute("CREATE EXTENSION citus")
    execute("CREATE TABLE other (name text PRIMARY KEY)")
    execute(made)
    with pytest.raises(psycopg.errors.RaiseException, match=refused):
        execute("SELECT create_distributed_table('t', 'guild_id')")
