"""The small tables of servers, in a database that several processes share."""

import re
from typing import Any

from retrieval.settings import StoreSettings
from retrieval.store.postgres.server import SERVERS

_NAMED = re.compile(r":(\w+)")


class PostgresLedger:
    """``Ledger`` in the database that the settings name; its tables are part of the schema."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._server = SERVERS.take(settings)
        self._is_closed = False

    def rows(self, guild: int, statement: str, **values: object) -> list[Any]:
        with self._server.moment(guild) as tx:
            return tx.rows(_translated(statement), **values)

    def change(self, guild: int, table: str, statement: str, **values: object) -> int:
        with self._server.transaction(guild) as tx:
            # Which guilds have something in a table is asked of a list, and never of the table.
            tx.run(
                "INSERT INTO servers (guild_id, kept) VALUES (%(guild)s, %(table)s) "
                "ON CONFLICT (guild_id, kept) DO NOTHING",
                table=table,
            )
            count = tx.changed(_translated(statement), **values)
            if not tx.rows(f"SELECT 1 FROM {table} WHERE guild_id = %(guild)s LIMIT 1"):
                tx.run("DELETE FROM servers WHERE guild_id = %(guild)s AND kept = %(table)s", table=table)
            return count

    def erase(self, guild: int, table: str, statement: str, **values: object) -> int:
        return self.change(guild, table, statement, **values)

    def guilds(self, table: str) -> tuple[int, ...]:
        with self._server.moment(0) as tx:
            rows = tx.rows("SELECT guild_id FROM servers WHERE kept = %(table)s ORDER BY guild_id", table=table)
        return tuple(row[0] for row in rows)

    def secret(self, name: str, new: bytes) -> bytes:
        with self._server.transaction(0) as tx:
            tx.run(
                "INSERT INTO secrets (name, value) VALUES (%(name)s, %(value)s) ON CONFLICT (name) DO NOTHING",
                name=name,
                value=new,
            )
            kept: bytes = tx.value("SELECT value FROM secrets WHERE name = %(name)s", name=name)
        return kept

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            SERVERS.give_back(self._settings)


def _translated(statement: str) -> str:
    return _NAMED.sub(r"%(\1)s", statement)
