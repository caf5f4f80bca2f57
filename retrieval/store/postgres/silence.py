"""A database server that says nothing any more: noticed by who waits for it, and told at once to who comes then.

A kernel keeps the connections of a server that is frozen alive, so neither keepalives nor time-outs of TCP help, and
the server's own ``statement_timeout`` is frozen with it. Whoever has waited for a while tries to connect: a
server that lets nobody in answers nobody.
"""

import math
import threading
import time
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen

T = TypeVar("T")

CONNECT_SECONDS = 5  # until a server that does not answer counts as away
_LOOK_SECONDS = 5.0  # between two looks whether it answers
_LATE_SECONDS = 5.0  # more than a statement was given: the server gives it up by itself, unless its disk is gone
_WAIT_INTERVAL = 0.1  # psycopg's own


class SilentServer(psycopg.OperationalError):
    """The server does not answer."""


class Silence:
    """Whether a server says nothing any more; may be used from several threads, of which one at a time looks."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._looking = threading.Lock()
        self._looked = -math.inf
        self._is_silent = False

    def is_over(self) -> bool:
        """Whether it answered when somebody last looked, which was not long ago."""
        with self._looking:
            return self._look()

    def refuse(self) -> None:
        """Raises SilentServer while the server says nothing; one of those who come looks whether it is back."""
        if not self._is_silent:
            return
        if not self._looking.acquire(blocking=False):
            raise SilentServer
        try:
            if not self._look():
                raise SilentServer
        finally:
            self._looking.release()

    def _look(self) -> bool:
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            self._is_silent = _is_silent(self._url)
            self._looked = time.monotonic()
        return not self._is_silent


def _is_silent(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except errors.ConnectionTimeout:
        return True
    except psycopg.Error:
        pass  # it says no, or it is gone: who waits for it is told that by their own connection
    return False


class Connection(psycopg.Connection[Any]):
    """A connection that is closed when its server says nothing any more, or long after a statement's time.

    Whoever waits for an answer then gets SilentServer.
    """

    silence: Silence
    seconds: float = 0.0  # that a statement may take; 0 for no limit

    def wait(self, gen: PQGen[T], interval: float = _WAIT_INTERVAL, timeout: float | None = None) -> T:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        end = time.monotonic() + (self.seconds + _LATE_SECONDS if self.seconds else math.inf)
        while True:
            try:
                return super().wait(gen, interval, min(_LOOK_SECONDS, max(end - time.monotonic(), 0.0)))
            except errors._WaitTimeout:  # noqa: SLF001 - it has no other name
                if time.monotonic() >= end or not self.silence.is_over():
                    self.close()
                    raise SilentServer from None
