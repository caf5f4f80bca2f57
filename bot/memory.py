"""What is remembered of each server beside its articles: its answers, votes on them, gaps and conversations.

Whoever asked or voted is known by a keyed hash only; who wants to be told of an answer, by their id until
they are. Questions, which people wrote, stand in a file of their own and only for some days; or in no file
at all, and then for the time that a conversation lasts.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from bot.ledgers import PEOPLE, questions, records
from bot.preferences import Preferences
from bot.remembered import Gap, Votes, Watch
from retrieval import Ledger, StoreSettings

CONVERSATION_MINUTES = 30
TURNS = 10
_RECORD_DAYS = 90
_NEWS_HOURS = 24

# The tables of what is remembered of a server, besides its questions.
_OF_SERVERS = ("votes", "gaps", "preferences", "watches", "news")


class Memory:
    """Kept in two files in ``home``, or in the database that ``store`` names; may be used from several threads.

    ``days`` is how long questions are kept; with 0 they are in no file. ``departed_days`` is how long a
    server is kept that removed the bot. Every method that takes a server sees what is of that server only.
    What is past its time is never given out, and ``forget_old`` deletes it, as long as the time of day
    ``is_steady``. Raises StoreError where a file
    cannot be used.
    """

    def __init__(  # noqa: PLR0913 - each is one thing from outside, and most have a default
        self,
        home: Path,
        *,
        days: int,
        departed_days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        is_steady: Callable[[], bool] = lambda: True,
        store: StoreSettings | None = None,
    ) -> None:
        self.days = days
        self.departed_days = departed_days
        self._now = now
        self._is_steady = is_steady
        self._kept = timedelta(days=days) if days else timedelta(minutes=CONVERSATION_MINUTES)
        store = store or StoreSettings()
        self._records = records(home, store)
        self._questions = questions(home, store, days=days)

    @cached_property
    def _secret(self) -> bytes:
        return self._records.secret(PEOPLE, secrets.token_bytes(32))

    # Questions

    def asked(self, guild_id: int, user_id: int, question: str, *, conversation: int | None = None) -> str:
        """Remember a question; the id of its answer. A ``conversation`` is a thread's id, or that of an answer."""
        answer = self.new_answer()
        self._questions.change(
            guild_id,
            "turns",
            "INSERT INTO turns (guild_id, answer, conversation, asker, question, at) "
            "VALUES (:guild, :answer, :conversation, :asker, :question, :at)",
            answer=answer,
            conversation=conversation,
            asker=self._person(guild_id, user_id),
            question=question,
            at=self._now().isoformat(),
        )
        return answer

    @staticmethod
    def new_answer() -> str:
        """An id that no answer has."""
        return secrets.token_hex(6)

    def shown(self, guild_id: int, answer: str, message_id: int) -> None:
        """The message that the answer stands in, so that a reply to it goes on with the conversation."""
        self._questions.change(
            guild_id,
            "turns",
            "UPDATE turns SET message = :message, conversation = coalesce(conversation, :message) "
            "WHERE guild_id = :guild AND answer = :answer",
            message=message_id,
            answer=answer,
        )

    def conversation_of(self, guild_id: int, message_id: int) -> int | None:
        """The conversation that a message of Quoth's belongs to, if it is remembered."""
        rows = self._questions.rows(
            guild_id,
            "SELECT conversation FROM turns WHERE guild_id = :guild AND message = :message AND at >= :oldest",
            message=message_id,
            oldest=self._oldest_question(),
        )
        return rows[0][0] if rows else None

    def history(self, guild_id: int, conversation: int) -> tuple[str, ...]:
        """The last questions of a conversation, oldest first."""
        return self._before(guild_id, conversation, self._now())

    def _before(self, guild_id: int, conversation: int, moment: datetime) -> tuple[str, ...]:
        rows = self._questions.rows(
            guild_id,
            "SELECT question FROM turns WHERE guild_id = :guild AND conversation = :conversation AND at >= :since "
            "AND at < :until ORDER BY at DESC LIMIT :most",
            conversation=conversation,
            since=(moment - timedelta(minutes=CONVERSATION_MINUTES)).isoformat(),
            until=moment.isoformat(),
            most=TURNS,
        )
        return tuple(question for (question,) in reversed(rows))

    def recalled(self, guild_id: int, answer: str) -> tuple[str, tuple[str, ...]] | None:
        """What was asked, and the questions before it in its conversation; None where it is forgotten."""
        rows = self._questions.rows(
            guild_id,
            "SELECT question, conversation, at FROM turns WHERE guild_id = :guild AND answer = :answer "
            "AND at >= :oldest",
            answer=answer,
            oldest=self._oldest_question(),
        )
        if not rows:
            return None
        question, conversation, at = rows[0]
        before = self._before(guild_id, conversation, datetime.fromisoformat(at)) if conversation else ()
        return question, before

    # What people think of the answers

    def vote(self, guild_id: int, answer: str, user_id: int, *, is_helpful: bool, reason: str = "") -> None:
        """Remember a person's vote in place of an earlier one."""
        self._records.change(
            guild_id,
            "votes",
            "INSERT INTO votes (guild_id, answer, voter, is_helpful, reason, at) "
            "VALUES (:guild, :answer, :voter, :is_helpful, :reason, :at) ON CONFLICT (guild_id, answer, voter) "
            "DO UPDATE SET is_helpful = excluded.is_helpful, reason = excluded.reason, at = excluded.at",
            answer=answer,
            voter=self._person(guild_id, user_id),
            is_helpful=int(is_helpful),
            reason=reason,
            at=self._now().isoformat(),
        )

    def votes(self, guild_id: int) -> Votes:
        """How many found an answer helpful, how many did not, and why."""
        rows = self._records.rows(
            guild_id,
            "SELECT is_helpful, reason, count(*) FROM votes WHERE guild_id = :guild AND at >= :oldest "
            "GROUP BY 1, 2 ORDER BY 3 DESC, 2",
            oldest=self._oldest_record(),
        )
        return Votes(
            helpful=sum(count for is_helpful, _, count in rows if is_helpful),
            not_helpful=sum(count for is_helpful, _, count in rows if not is_helpful),
            reasons=tuple((reason, count) for is_helpful, reason, count in rows if reason and not is_helpful),
        )

    def tell(self, guild_id: int, question: str) -> None:
        """Remember for the admins that nothing answered a question."""
        self._records.change(
            guild_id,
            "gaps",
            "INSERT INTO gaps (guild_id, question, times, at) VALUES (:guild, :question, 1, :at) "
            "ON CONFLICT (guild_id, question) DO UPDATE SET times = gaps.times + 1, at = excluded.at",
            question=question,
            at=self._now().isoformat(),
        )

    def gaps(self, guild_id: int) -> tuple[Gap, ...]:
        """What the admins were told of, the most often asked first."""
        rows = self._records.rows(
            guild_id,
            "SELECT question, times, at FROM gaps WHERE guild_id = :guild AND at >= :oldest "
            "ORDER BY times DESC, at DESC, question",
            oldest=self._oldest_record(),
        )
        return tuple(Gap(*row) for row in rows)

    # What admins have set

    def preferences(self, guild_id: int) -> Preferences:
        """What a server's admins have set."""
        rows = self._records.rows(guild_id, "SELECT value FROM preferences WHERE guild_id = :guild")
        return Preferences.from_json(rows[0][0] if rows else None)

    def prefer(self, guild_id: int, preferences: Preferences) -> None:
        """Set what a server's admins have chosen."""
        self._records.change(
            guild_id,
            "preferences",
            "INSERT INTO preferences (guild_id, value) VALUES (:guild, :value) "
            "ON CONFLICT (guild_id) DO UPDATE SET value = excluded.value",
            value=preferences.to_json(),
        )

    # Standing questions

    def watch(self, watch: Watch) -> None:
        """Keep a standing question; its id and ``since`` are given here."""
        self._records.change(
            watch.guild_id,
            "watches",
            "INSERT INTO watches (guild_id, user_id, channel_id, question, locale, since, at) "
            "VALUES (:guild, :user, :channel, :question, :locale, :since, :at)",
            user=watch.user_id,
            channel=watch.channel_id,
            question=watch.question,
            locale=watch.locale,
            since=self._before_this_second(),
            at=self._now().isoformat(),
        )

    def watches(self, guild_id: int, *, user_id: int | None = None) -> tuple[Watch, ...]:
        """The standing questions of a server, or of one person in it, oldest first."""
        now = self._before_this_second()
        # A clock that was ahead when it was asked would keep a question waiting until that day.
        ahead = "guild_id = :guild AND since > :now"
        if self._records.rows(guild_id, f"SELECT 1 FROM watches WHERE {ahead} LIMIT 1", now=now):
            self._records.change(guild_id, "watches", f"UPDATE watches SET since = :now WHERE {ahead}", now=now)
        rows = self._records.rows(
            guild_id,
            "SELECT id, guild_id, user_id, channel_id, question, locale, since FROM watches "
            "WHERE guild_id = :guild AND user_id = coalesce(:user, user_id) AND at >= :oldest ORDER BY id",
            user=user_id,
            oldest=self._oldest_record(),
        )
        return tuple(Watch(*row) for row in rows)

    def watched_servers(self) -> tuple[int, ...]:
        """The servers with standing questions."""
        return self._records.guilds("watches")

    def watched_until(self, guild_id: int, watch_id: int, moment: str) -> None:
        """What has been added until then does not answer a standing question."""
        self._records.change(
            guild_id,
            "watches",
            "UPDATE watches SET since = :since WHERE guild_id = :guild AND id = :id",
            since=min(moment, self._before_this_second()),
            id=watch_id,
        )

    def unwatch(self, guild_id: int, watch_id: int, *, user_id: int | None = None) -> None:
        """End a standing question; only if it is this person's, if one is named."""
        self._records.erase(
            guild_id,
            "watches",
            "DELETE FROM watches WHERE guild_id = :guild AND id = :id AND user_id = coalesce(:user, user_id)",
            id=watch_id,
            user=user_id,
        )

    # New articles that the process is to show which hears of a server

    def report(self, guild_id: int, *article_ids: str) -> None:
        """Keep new articles until they are shown."""
        for article_id in article_ids:
            self._records.change(
                guild_id,
                "news",
                "INSERT INTO news (guild_id, article, at) VALUES (:guild, :article, :at) "
                "ON CONFLICT (guild_id, article) DO NOTHING",
                article=article_id,
                at=self._now().isoformat(),
            )

    def reported_servers(self) -> tuple[int, ...]:
        """The servers in which articles are still to be shown."""
        return self._records.guilds("news")

    def reported(self, guild_id: int) -> tuple[str, ...]:
        """The ids of the articles that are to be shown in a server, the first ones first; each is given out once."""
        rows = self._records.rows(
            guild_id,
            "SELECT article FROM news WHERE guild_id = :guild AND at >= :oldest ORDER BY at, article",
            oldest=self._oldest_news(),
        )
        taken = "DELETE FROM news WHERE guild_id = :guild AND article = :article"
        return tuple(article for (article,) in rows if self._records.change(guild_id, "news", taken, article=article))

    # Servers that come and go

    def left(self, guild_id: int) -> None:
        """The bot was removed from a server."""
        self._records.change(
            guild_id,
            "departures",
            "INSERT INTO departures (guild_id, at) VALUES (:guild, :at) ON CONFLICT (guild_id) DO NOTHING",
            at=self._now().isoformat(),
        )

    def joined(self, *guild_ids: int) -> None:
        """The bot is in these servers (again)."""
        for guild_id in set(guild_ids).intersection(self._records.guilds("departures")):
            self._records.change(guild_id, "departures", "DELETE FROM departures WHERE guild_id = :guild")

    def servers(self) -> tuple[int, ...]:
        """The servers of which anything is remembered."""
        kept = (self._questions.guilds("turns"), *map(self._records.guilds, _OF_SERVERS))
        return tuple(sorted({guild_id for guilds in kept for guild_id in guilds}))

    def departed(self) -> tuple[int, ...]:
        """The servers that removed the bot and whose days are over."""
        if not self._is_steady():
            return ()
        since = (self._now() - timedelta(days=self.departed_days)).isoformat()
        statement = "SELECT at FROM departures WHERE guild_id = :guild AND at <= :since"
        return tuple(i for i in self._records.guilds("departures") if self._records.rows(i, statement, since=since))

    # Forgetting

    def forget_person(self, guild_id: int, user_id: int) -> int:
        """Delete what is known of a person in a server; how many questions, votes and standing questions that were."""
        person = self._person(guild_id, user_id)
        return sum(
            ledger.erase(guild_id, table, f"DELETE FROM {table} WHERE guild_id = :guild AND {column} = :who", who=who)
            for ledger, table, column, who in (
                (self._questions, "turns", "asker", person),
                (self._records, "votes", "voter", person),
                (self._records, "watches", "user_id", user_id),
            )
        )

    def forget_server(self, guild_id: int) -> None:
        """Delete all that is known of a server."""
        for ledger, table in ((self._questions, "turns"), *((self._records, t) for t in (*_OF_SERVERS, "departures"))):
            ledger.erase(guild_id, table, f"DELETE FROM {table} WHERE guild_id = :guild")

    def forget_old(self) -> None:
        """Delete the questions, votes and gaps whose time is over."""
        if not self._is_steady():
            return
        self._drop(self._questions, "turns", before=self._oldest_question())
        for table in ("votes", "gaps", "watches"):
            self._drop(self._records, table, before=self._oldest_record())
        self._drop(self._records, "news", before=self._oldest_news())

    @staticmethod
    def _drop(ledger: Ledger, table: str, *, before: str) -> None:
        old = f"FROM {table} WHERE guild_id = :guild AND at < :before"
        for guild_id in ledger.guilds(table):
            if ledger.rows(guild_id, f"SELECT 1 {old} LIMIT 1", before=before):
                ledger.erase(guild_id, table, f"DELETE {old}", before=before)

    def close(self) -> None:
        self._questions.close()
        self._records.close()

    def _oldest_question(self) -> str:
        return (self._now() - self._kept).isoformat()

    def _oldest_record(self) -> str:
        return (self._now() - timedelta(days=_RECORD_DAYS)).isoformat()

    def _oldest_news(self) -> str:
        return (self._now() - timedelta(hours=_NEWS_HOURS)).isoformat()

    def _before_this_second(self) -> str:
        """Articles carry whole seconds, and one that comes later in this second is new."""
        return (self._now() - timedelta(seconds=1)).isoformat(timespec="seconds")

    def _person(self, guild_id: int, user_id: int) -> bytes:
        """A person of one server: not to be told from the hash, nor known again in another server."""
        return hmac.digest(self._secret, f"{guild_id}:{user_id}".encode(), hashlib.sha256)[:16]
