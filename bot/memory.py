"""What is remembered of each server beside its articles: its answers, votes on them, gaps and conversations.

Whoever asked or voted is known by a keyed hash only; who wants to be told of an answer, by their id until
they are. Questions, which people wrote, stand in a file of
their own and only for some days; or in no file at all, and then for the time that a conversation lasts.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.preferences import Preferences
from retrieval import Database

CONVERSATION_MINUTES = 30
TURNS = 10
_RECORD_DAYS = 90
_IN_MEMORY = Path(":memory:")

# One script a version. Never change one that was released.
_RECORDS = (
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
)
_QUESTIONS = (
    """
    CREATE TABLE turns (
        guild_id INTEGER NOT NULL, answer TEXT NOT NULL, conversation INTEGER, message INTEGER,
        asker BLOB NOT NULL, question TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (guild_id, answer)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX turns_by_conversation ON turns (guild_id, conversation, at);
    CREATE INDEX turns_by_message ON turns (guild_id, message);
    """,
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that nothing answered and that the admins were told of, how often, and when last."""

    question: str
    times: int
    at: str


@dataclass(frozen=True, slots=True)
class Votes:
    """How many found an answer helpful, how many did not, and the reasons that were given, the most frequent first."""

    helpful: int
    not_helpful: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """A standing question, who asked it where, and their language; articles later than ``since`` may answer it."""

    id: int
    guild_id: int
    user_id: int
    channel_id: int
    question: str
    locale: str
    since: str = ""


class Memory:
    """Kept in two files in ``home``; may be used from several threads.

    ``days`` is how long questions are kept; with 0 they are in no file. ``departed_days`` is how long a
    server is kept that removed the bot. Every method that takes a server sees what is of that server only.
    What is past its time is never given out, and ``forget_old`` deletes it, as long as the time of day
    ``is_steady``. Raises StoreError where a file
    cannot be used.
    """

    def __init__(
        self,
        home: Path,
        *,
        days: int,
        departed_days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        is_steady: Callable[[], bool] = lambda: True,
    ) -> None:
        self.days = days
        self.departed_days = departed_days
        self._now = now
        self._is_steady = is_steady
        self._kept = timedelta(days=days) if days else timedelta(minutes=CONVERSATION_MINUTES)
        self._records = Database(home / "servers.sqlite3", _RECORDS)
        self._questions = Database(home / "questions.sqlite3" if days else _IN_MEMORY, _QUESTIONS)
        _write(self._records, "INSERT OR IGNORE INTO secrets VALUES ('people', ?)", secrets.token_bytes(32))
        self._secret: bytes = self._records.value("SELECT value FROM secrets WHERE name = 'people'")

    # Questions

    def asked(self, guild_id: int, user_id: int, question: str, *, conversation: int | None = None) -> str:
        """Remember a question; the id of its answer. A ``conversation`` is a thread's id, or that of an answer."""
        answer = secrets.token_hex(6)
        _write(
            self._questions,
            "INSERT INTO turns VALUES (?, ?, ?, NULL, ?, ?, ?)",
            guild_id,
            answer,
            conversation,
            self._person(guild_id, user_id),
            question,
            self._now().isoformat(),
        )
        return answer

    def shown(self, guild_id: int, answer: str, message_id: int) -> None:
        """The message that the answer stands in, so that a reply to it goes on with the conversation."""
        _write(
            self._questions,
            "UPDATE turns SET message = ?, conversation = coalesce(conversation, ?) WHERE guild_id = ? AND answer = ?",
            message_id,
            message_id,
            guild_id,
            answer,
        )

    def conversation_of(self, guild_id: int, message_id: int) -> int | None:
        """The conversation that a message of Quoth's belongs to, if it is remembered."""
        found: int | None = self._questions.value(
            "SELECT conversation FROM turns WHERE guild_id = ? AND message = ? AND at >= ?",
            guild_id,
            message_id,
            self._oldest_question(),
        )
        return found

    def history(self, guild_id: int, conversation: int) -> tuple[str, ...]:
        """The last questions of a conversation, oldest first."""
        return self._before(guild_id, conversation, self._now())

    def _before(self, guild_id: int, conversation: int, moment: datetime) -> tuple[str, ...]:
        rows = self._questions.rows(
            "SELECT question FROM turns WHERE guild_id = ? AND conversation = ? AND at >= ? AND at < ? "
            "ORDER BY at DESC LIMIT ?",
            guild_id,
            conversation,
            (moment - timedelta(minutes=CONVERSATION_MINUTES)).isoformat(),
            moment.isoformat(),
            TURNS,
        )
        return tuple(question for (question,) in reversed(rows))

    def recalled(self, guild_id: int, answer: str) -> tuple[str, tuple[str, ...]] | None:
        """What was asked, and the questions before it in its conversation; None where it is forgotten."""
        rows = self._questions.rows(
            "SELECT question, conversation, at FROM turns WHERE guild_id = ? AND answer = ? AND at >= ?",
            guild_id,
            answer,
            self._oldest_question(),
        )
        if not rows:
            return None
        question, conversation, at = rows[0]
        before = self._before(guild_id, conversation, datetime.fromisoformat(at)) if conversation else ()
        return question, before

    # What people think of the answers

    def vote(self, guild_id: int, answer: str, user_id: int, *, is_helpful: bool, reason: str = "") -> None:
        """Remember a person's vote in place of an earlier one."""
        _write(
            self._records,
            "INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?, ?, ?)",
            guild_id,
            answer,
            self._person(guild_id, user_id),
            is_helpful,
            reason,
            self._now().isoformat(),
        )

    def votes(self, guild_id: int) -> Votes:
        """How many found an answer helpful, how many did not, and why."""
        rows = self._records.rows(
            "SELECT is_helpful, reason, count(*) FROM votes WHERE guild_id = ? AND at >= ? "
            "GROUP BY 1, 2 ORDER BY 3 DESC, 2",
            guild_id,
            self._oldest_record(),
        )
        return Votes(
            helpful=sum(count for is_helpful, _, count in rows if is_helpful),
            not_helpful=sum(count for is_helpful, _, count in rows if not is_helpful),
            reasons=tuple((reason, count) for is_helpful, reason, count in rows if reason and not is_helpful),
        )

    def tell(self, guild_id: int, question: str) -> None:
        """Remember for the admins that nothing answered a question."""
        _write(
            self._records,
            "INSERT INTO gaps VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET times = times + 1, at = excluded.at",
            guild_id,
            question,
            self._now().isoformat(),
        )

    def gaps(self, guild_id: int) -> tuple[Gap, ...]:
        """What the admins were told of, the most often asked first."""
        rows = self._records.rows(
            "SELECT question, times, at FROM gaps WHERE guild_id = ? AND at >= ? "
            "ORDER BY times DESC, at DESC, question",
            guild_id,
            self._oldest_record(),
        )
        return tuple(Gap(*row) for row in rows)

    # What admins have set

    def preferences(self, guild_id: int) -> Preferences:
        """What a server's admins have set."""
        return Preferences.from_json(self._records.value("SELECT value FROM preferences WHERE guild_id = ?", guild_id))

    def prefer(self, guild_id: int, preferences: Preferences) -> None:
        """Set what a server's admins have chosen."""
        _write(self._records, "INSERT OR REPLACE INTO preferences VALUES (?, ?)", guild_id, preferences.to_json())

    # Standing questions

    def watch(self, watch: Watch) -> None:
        """Keep a standing question; its id and ``since`` are given here."""
        _write(
            self._records,
            "INSERT INTO watches (guild_id, user_id, channel_id, question, locale, since, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            watch.guild_id,
            watch.user_id,
            watch.channel_id,
            watch.question,
            watch.locale,
            self._before_this_second(),
            self._now().isoformat(),
        )

    def watches(self, guild_id: int, *, user_id: int | None = None) -> tuple[Watch, ...]:
        """The standing questions of a server, or of one person in it, oldest first."""
        rows = self._records.rows(
            "SELECT id, guild_id, user_id, channel_id, question, locale, since FROM watches "
            "WHERE guild_id = ? AND user_id = coalesce(?, user_id) AND at >= ? ORDER BY id",
            guild_id,
            user_id,
            self._oldest_record(),
        )
        return tuple(Watch(*row) for row in rows)

    def watched_servers(self) -> tuple[int, ...]:
        """The servers with standing questions."""
        return tuple(i for (i,) in self._records.rows("SELECT DISTINCT guild_id FROM watches ORDER BY 1"))

    def watched_until(self, guild_id: int, watch_id: int, moment: str) -> None:
        """What has been added until then does not answer a standing question."""
        _write(
            self._records,
            "UPDATE watches SET since = ? WHERE guild_id = ? AND id = ?",
            min(moment, self._before_this_second()),
            guild_id,
            watch_id,
        )

    def unwatch(self, guild_id: int, watch_id: int, *, user_id: int | None = None) -> None:
        """End a standing question; only if it is this person's, if one is named."""
        _write(
            self._records,
            "DELETE FROM watches WHERE guild_id = ? AND id = ? AND user_id = coalesce(?, user_id)",
            guild_id,
            watch_id,
            user_id,
        )

    # Servers that come and go

    def left(self, guild_id: int) -> None:
        """The bot was removed from a server."""
        _write(self._records, "INSERT OR IGNORE INTO departures VALUES (?, ?)", guild_id, self._now().isoformat())

    def joined(self, *guild_ids: int) -> None:
        """The bot is in these servers (again)."""
        with self._records.transaction():
            self._records.execute_each("DELETE FROM departures WHERE guild_id = ?", [(i,) for i in guild_ids])

    def servers(self) -> tuple[int, ...]:
        """The servers of which anything is remembered."""
        found = {i for (i,) in self._questions.rows("SELECT DISTINCT guild_id FROM turns")}
        for table in ("votes", "gaps", "preferences", "watches"):
            found |= {i for (i,) in self._records.rows(f"SELECT DISTINCT guild_id FROM {table}")}  # noqa: S608 - ours
        return tuple(sorted(found))

    def departed(self) -> tuple[int, ...]:
        """The servers that removed the bot and whose days are over."""
        if not self._is_steady():
            return ()
        since = (self._now() - timedelta(days=self.departed_days)).isoformat()
        return tuple(i for (i,) in self._records.rows("SELECT guild_id FROM departures WHERE at <= ?", since))

    # Forgetting

    def forget_person(self, guild_id: int, user_id: int) -> int:
        """Delete what is known of a person in a server; how many questions, votes and standing questions that were."""
        person = self._person(guild_id, user_id)
        count = 0
        for file, statement, who in (
            (self._questions, "DELETE FROM turns WHERE guild_id = ? AND asker = ?", person),
            (self._records, "DELETE FROM votes WHERE guild_id = ? AND voter = ?", person),
            (self._records, "DELETE FROM watches WHERE guild_id = ? AND user_id = ?", user_id),
        ):
            count += _write(file, statement, guild_id, who)
            file.checkpoint()
        return count

    def forget_server(self, guild_id: int) -> None:
        """Delete all that is known of a server."""
        for file, statement in (
            (self._questions, "DELETE FROM turns WHERE guild_id = ?"),
            (self._records, "DELETE FROM votes WHERE guild_id = ?"),
            (self._records, "DELETE FROM gaps WHERE guild_id = ?"),
            (self._records, "DELETE FROM departures WHERE guild_id = ?"),
            (self._records, "DELETE FROM preferences WHERE guild_id = ?"),
            (self._records, "DELETE FROM watches WHERE guild_id = ?"),
        ):
            _write(file, statement, guild_id)
            file.checkpoint()

    def forget_old(self) -> None:
        """Delete the questions, votes and gaps whose time is over."""
        if not self._is_steady():
            return
        _write(self._questions, "DELETE FROM turns WHERE at < ?", self._oldest_question())
        for table in ("votes", "gaps", "watches"):
            _write(self._records, f"DELETE FROM {table} WHERE at < ?", self._oldest_record())  # noqa: S608 - ours

    def close(self) -> None:
        self._questions.close()
        self._records.close()

    def _oldest_question(self) -> str:
        return (self._now() - self._kept).isoformat()

    def _oldest_record(self) -> str:
        return (self._now() - timedelta(days=_RECORD_DAYS)).isoformat()

    def _before_this_second(self) -> str:
        """Articles carry whole seconds, and one that comes later in this second is new."""
        return (self._now() - timedelta(seconds=1)).isoformat(timespec="seconds")

    def _person(self, guild_id: int, user_id: int) -> bytes:
        """A person of one server: not to be told from the hash, nor known again in another server."""
        return hmac.digest(self._secret, f"{guild_id}:{user_id}".encode(), hashlib.sha256)[:16]


def _write(file: Database, statement: str, *values: object) -> int:
    """Run one statement as a transaction; how many rows it changed."""
    with file.transaction():
        return file.execute(statement, *values).rowcount
