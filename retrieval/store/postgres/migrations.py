"""The schema's numbered scripts, each run once and whole, by one process at a time."""

from importlib.resources import files
from typing import TYPE_CHECKING

from retrieval.errors import StoreError
from retrieval.messages import say

if TYPE_CHECKING:
    from psycopg import Connection

# Taken while the schema is changed, so that of many processes that start at once one changes it.
_LOCK = 7_381_240_173


def scripts() -> tuple[str, ...]:
    """One script a version, oldest first. Never change one that was released."""
    folder = files("retrieval.store.postgres") / "schema"
    return tuple(f.read_text("utf-8") for f in sorted(folder.iterdir(), key=lambda f: f.name) if f.name[:3].isdigit())


def version(connection: "Connection") -> int:
    """The version of the schema; 0 where there is none. Raises StoreError for one of a newer Quoth."""
    found = 0
    if _one(connection, "SELECT to_regclass('quoth.schema_version') IS NOT NULL"):
        found = _one(connection, "SELECT version FROM quoth.schema_version")
    if found > len(scripts()):
        raise StoreError(
            say("the database was written by a newer Quoth"),
            hint=say("Install that version, or restore a backup"),
        )
    return found


def migrate(connection: "Connection") -> None:
    """Bring the schema to the newest version, in one transaction; ``connection`` is that of the schema's owner."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute("SELECT set_config('search_path', 'quoth, public', true)")
        reached = version(connection)
        for script in scripts()[reached:]:
            connection.execute(script)
        if not reached:
            connection.execute("CREATE TABLE quoth.schema_version (version integer NOT NULL)")
            connection.execute("INSERT INTO quoth.schema_version VALUES (0)")
            connection.execute("GRANT SELECT ON quoth.schema_version TO quoth_app")
        connection.execute("UPDATE quoth.schema_version SET version = %s", (len(scripts()),))


def is_distributed(connection: "Connection") -> bool:
    """Whether Citus distributes the tables: only there the articles have no partitions by hash."""
    return bool(_one(connection, "SELECT relkind = 'r' FROM pg_class WHERE oid = 'quoth.articles'::regclass"))


def _one(connection: "Connection", statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
