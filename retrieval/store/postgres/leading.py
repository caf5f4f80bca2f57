"""Which of many processes leads: the one whose session holds an advisory lock."""

from contextlib import suppress

import psycopg

from retrieval.settings import StoreSettings
from retrieval.store.postgres.silence import CONNECT_SECONDS, Connection, Silence

_LOCK = 7_381_240_174
# The server notices within some 20 seconds that a machine is gone without a word, and frees the lock.
_NOTICE = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2"


class DatabaseLead:
    """A lock in the database, of one session at most; the server frees it as soon as that session has ended.

    A database that cannot be reached, or says nothing any more, makes nobody lead. The session is one of its own, so a
    pooler between must not hand it on (``store.owner_url`` may name the database itself).
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._url = settings.owner_url or settings.url
        self._silence = Silence(self._url)
        self._session: Connection | None = None

    def take(self) -> bool:
        """Whether this process leads from now on, or still does."""
        try:
            if self._session is not None:
                self._session.execute("SELECT 1")
            else:
                self._session = self._locked()
        except psycopg.Error:
            self.resign()
        return self._session is not None

    def _locked(self) -> Connection | None:
        session = Connection.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_SECONDS, options=_NOTICE, tcp_user_timeout=10_000
        )
        session.silence = self._silence
        if session.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchall() == [(True,)]:
            return session
        session.close()
        return None

    def resign(self) -> None:
        """Let another process lead."""
        if self._session is not None:
            with suppress(psycopg.Error):
                self._session.close()
            self._session = None
