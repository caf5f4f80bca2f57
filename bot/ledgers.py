"""The tables of what is remembered of servers, in files: of a database they are part of its schema."""

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
