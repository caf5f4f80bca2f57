"""What is remembered of servers, from one store to another: what ``quoth migrate`` adds to the libraries."""

import secrets
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bot.ledgers import COLUMNS, PEOPLE, TURNS, questions, records
from retrieval import InvalidInput, Ledger, StoreSettings


def move_memory(home: Path, here: StoreSettings, there: StoreSettings, *, days: int) -> tuple[int, int]:
    """Make what is remembered of each server the same in another store; how many rows that are, and were copied.

    ``days`` is how long questions are kept. Raises InvalidInput where people are known by another key there.
    """
    if not here.url and not (home / "servers.sqlite3").exists():
        return 0, 0
    with closing(records(home, here)) as source, closing(records(home, there)) as target:
        key = source.secret(PEOPLE, secrets.token_bytes(32))
        if target.secret(PEOPLE, key) != key:
            raise InvalidInput(
                "what is remembered of servers there belongs to another bot",
                hint="Name a store that no bot has run on",
            )
        counts = [_move(source, target, table, columns) for table, columns in COLUMNS.items()]
    if days:
        with closing(questions(home, here, days=days)) as source, closing(questions(home, there, days=days)) as target:
            counts.append(_move(source, target, "turns", TURNS))
    return sum(total for total, _ in counts), sum(copied for _, copied in counts)


def _move(source: Ledger, target: Ledger, table: str, columns: Sequence[str]) -> tuple[int, int]:
    """The rows of a table, and those of servers whose rows were not the same."""
    total = copied = 0
    read = f"SELECT {', '.join(columns)} FROM {table} WHERE guild_id = :guild"
    write = (
        f"INSERT INTO {table} (guild_id, {', '.join(columns)}) "
        f"VALUES (:guild, {', '.join(f':{column}' for column in columns)})"
    )
    for guild_id in sorted({*source.guilds(table), *target.guilds(table)}):
        rows, others = (sorted(ledger.rows(guild_id, read), key=repr) for ledger in (source, target))
        total += len(rows)
        if rows != others:
            copied += len(rows)
            target.erase(guild_id, table, f"DELETE FROM {table} WHERE guild_id = :guild")
            for row in rows:
                target.change(guild_id, table, write, **dict(zip(columns, row, strict=True)))
    return total, copied
