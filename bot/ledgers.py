"""The tables of what is remembered of servers, in two files or in the schema of a database."""

import logging
from pathlib import Path

from retrieval import Ledger, StoreDamaged, StoreSettings, open_ledger

_log = logging.getLogger(__name__)

SERVERS = "servers.sqlite3"
_IN_MEMORY = Path(":memory:")

# One script a version. Never change one that was released.
RECORDS = (
    """
    CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE votes (
        guild_id INTEGER NOT NULL, answer TEXT NOT NULL, voter BLOB NOT NULL, is_helpful INTEGER NOT NULL,
        reason TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (guild_id, answer, voter)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE gaps (
        guild_id INTEGER NOT NULL, question TEXT NOT NULL, times INTEGER NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (guild_id, question)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE departures (guild_id INTEGER PRIMARY KEY, at TEXT NOT NULL) STRICT;
    """,
    """
    CREATE TABLE preferences (guild_id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE watches (
        id INTEGER PRIMARY KEY AUTOINCREMENT, guild_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
        channel_id INTEGER NOT NULL, question TEXT NOT NULL, locale TEXT NOT NULL, since TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX watches_by_server ON watches (guild_id, user_id);
    """,
    """
    CREATE TABLE news (
        guild_id INTEGER NOT NULL, article TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (guild_id, article)
    ) STRICT, WITHOUT ROWID;
    """,
)
QUESTIONS = (
    """
    CREATE TABLE turns (
        guild_id INTEGER NOT NULL, answer TEXT NOT NULL, conversation INTEGER, message INTEGER,
        asker BLOB NOT NULL, question TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (guild_id, answer)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX turns_by_conversation ON turns (guild_id, conversation, at);
    CREATE INDEX turns_by_message ON turns (guild_id, message);
    """,
)

# What stands in each table beside ``guild_id``, and numbers that a store gives by itself.
COLUMNS = {
    "votes": ("answer", "voter", "is_helpful", "reason", "at"),
    "gaps": ("question", "times", "at"),
    "departures": ("at",),
    "preferences": ("value",),
    "watches": ("user_id", "channel_id", "question", "locale", "since", "at"),
    "news": ("article", "at"),
}
TURNS = ("answer", "conversation", "message", "asker", "question", "at")
PEOPLE = "people"  # the secret that people are hashed with


def records(home: Path, store: StoreSettings) -> Ledger:
    """All but the questions. Raises StoreError."""
    return open_ledger(home / SERVERS, RECORDS, store)


def questions(home: Path, store: StoreSettings, *, days: int) -> Ledger:
    """The questions; with 0 days in no file and no database. Raises StoreError.

    A file that is damaged is begun anew: conversations of some days are no reason to answer nobody.
    """
    if not days:
        return open_ledger(_IN_MEMORY, QUESTIONS, StoreSettings())
    path = home / "questions.sqlite3"
    try:
        return open_ledger(path, QUESTIONS, store)
    except StoreDamaged:
        _log.warning("%s is damaged; the questions of the last %d days are forgotten", path, days)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return open_ledger(path, QUESTIONS, store)
