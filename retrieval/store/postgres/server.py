"""A PostgreSQL server: its connections, transactions of one guild each, its errors in our words."""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import psycopg
from psycopg import errors
from psycopg.types.array import ListBinaryDumper
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from retrieval.errors import InvalidSettings, QuothError, StoreBusy, StoreError
from retrieval.messages import say
from retrieval.settings import StoreSettings
from retrieval.store.postgres import migrations
from retrieval.store.postgres.rows import Reals
from retrieval.store.postgres.silence import CONNECT_SECONDS, Connection, Silence, SilentServer

_log = logging.getLogger(__name__)

# Seconds between two looks whether a server that is away is back:
# psycopg_pool's own pauses double without end, and a short outage would be felt for minutes.
_RECONNECT_SECONDS = 5.0
_WAIT_SECONDS = 10.0  # for a connection, where all are in use
_LOOK_SECONDS = 1.0  # for one before the server is looked at
# Neighbours that an index of nearest vectors looks at first, as many as pgvector allows. Of the ten nearest of 250,000
# passages 400 found .982, 800 .991 and 1,000 .997, in 5.0, 8.2 and 9.3 ms.
_NEAR = "1000"

# What a server says that is there and cannot serve now: starting, stopping, full, out of memory or disk.
_NOT_NOW = (errors.OperatorIntervention, errors.InsufficientResources, errors.CannotConnectNow)
_ANOTHER = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)


# What it says where a connection is refused for now and not for good.
_PASSING = (
    "starting up",
    "shutting down",
    "recovery",
    "too many",
    "connection slots",
    "not yet accepting",
    "terminating",
)


class Transaction:
    """What is read and written in one transaction, of one guild; a statement has ``%(guild)s`` in it.

    ``is_distributed`` says whether Citus has the tables; ``opening`` are the rows of the last statement that it began
    with.
    """

    def __init__(
        self, connection: "psycopg.Connection[Any]", guild: int, opening: list[Any], *, is_distributed: bool
    ) -> None:
        self._connection = connection
        self.guild = guild
        self.opening = opening
        self.is_distributed = is_distributed

    def run(self, statement: str, **values: object) -> "psycopg.Cursor[Any]":
        _log.debug(statement)
        return self._connection.execute(statement, {"guild": self.guild, **values}, binary=True)

    def run_each(self, statement: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement once a row, without waiting for each."""
        _log.debug(statement)
        with self._connection.cursor() as cursor:
            cursor.executemany(statement, [{"guild": self.guild, **row} for row in rows])

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is run inside is sent without waiting for each answer; rows that are asked for are waited for."""
        with self._connection.pipeline():
            yield

    def rows(self, statement: str, **values: object) -> list[Any]:
        return self.run(statement, **values).fetchall()

    def value(self, statement: str, **values: object) -> Any:
        """The first column of the first row; None where there is no row."""
        row = self.run(statement, **values).fetchone()
        return row[0] if row else None

    def changed(self, statement: str, **values: object) -> int:
        """How many rows a statement changed."""
        return self.run(statement, **values).rowcount


class Server:
    """Connections to one database; may be used from several threads.

    They are made when they are needed, and none is needed to make this object: a database that is away
    is told of at the first transaction, and one that comes back is used at the next.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._is_ready = False
        self._is_distributed = False
        self._readying = threading.Lock()
        self._silence = Silence(settings.url)
        self._pool = ConnectionPool(
            settings.url,
            connection_class=Connection,
            min_size=0,
            max_size=settings.connections,
            open=False,
            reconnect_timeout=_RECONNECT_SECONDS,
            # Plans are made for each guild's size; and a pooler between may give each transaction another backend.
            kwargs={"autocommit": True, "prepare_threshold": None, "connect_timeout": CONNECT_SECONDS, **_KEEPALIVE},
            configure=self._configure,
        )
        self._pool.open(wait=False)

    def _configure(self, connection: Connection) -> None:
        connection.silence = self._silence
        connection.adapters.register_dumper("numpy.ndarray", Reals)
        # What comes last is taken: as text, each word of a list would be looked through for what must be quoted.
        connection.adapters.register_dumper(list, ListBinaryDumper)

    @contextmanager
    def transaction(
        self, guild: int, *, opening: Sequence[str] = (), seconds: float | None = None
    ) -> Iterator[Transaction]:
        """What is executed inside is written as a whole, or not at all where anything is raised.

        ``opening`` are statements that need to know the guild only, and are sent with the beginning. ``seconds`` is
        how long a statement may take, by default what the settings say; 0 for no limit.
        """
        with self._transaction(guild, "BEGIN", opening=opening, seconds=seconds) as transaction:
            yield transaction

    @contextmanager
    def moment(self, guild: int, *, opening: Sequence[str] = ()) -> Iterator[Transaction]:
        """What is read inside is of one moment, whatever others write; ``opening`` as in ``transaction``."""
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        with self._transaction(guild, begin, opening=opening) as transaction:
            yield transaction

    @contextmanager
    def _transaction(
        self, guild: int, begin: str, *, opening: Sequence[str] = (), seconds: float | None = None
    ) -> Iterator[Transaction]:
        with in_words():
            self._silence.refuse()
            self._ready()
            seconds = self._settings.timeout if seconds is None else seconds
            local = _local(guild, seconds)
            prelude = _spread_prelude(begin, local) if self._is_distributed else [_prelude(begin, local)]
            for statement in opening:
                _log.debug(statement)
            connection, rows = self._begun([*prelude, *opening], {"guild": guild}, seconds)
            try:
                yield Transaction(connection, guild, rows, is_distributed=self._is_distributed)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._pool.putconn(connection)

    def _begun(self, prelude: Sequence[str], values: Mapping[str, int], seconds: float) -> tuple[Connection, list[Any]]:
        """A connection with a transaction in it, and what its last statement gave.

        Connections that a restart of the server broke are let go of, of which there are no more than there may be.
        """
        tries = self._settings.connections + 1
        while True:
            connection = self._connection()
            connection.seconds = seconds
            tries -= 1
            try:
                return connection, self._run_all(connection, prelude, values)
            except psycopg.OperationalError:
                was_broken = connection.broken
                self._pool.putconn(connection)
                if not was_broken or not tries:
                    raise

    def _run_all(self, connection: Connection, statements: Sequence[str], values: Mapping[str, int]) -> list[Any]:
        """Run statements in one round trip; the rows of the last."""
        if not self._is_distributed:  # as one message
            whole = psycopg.ClientCursor(connection).execute("; ".join(statements), values)
            whole.set_result(-1)
            return whole.fetchall()
        with connection.pipeline():
            *_, last = [connection.execute(statement, values) for statement in statements]
        return last.fetchall() if last.description else []

    def _connection(self) -> Connection:
        try:
            return self._pool.getconn(timeout=_LOOK_SECONDS)
        except PoolTimeout:
            # Either all connections are in use, or none can be made: only trying tells, and why.
            if not self._silence.is_over():
                raise SilentServer from None
            with connected(self._settings.url):
                pass
        return self._pool.getconn(timeout=_WAIT_SECONDS)

    def _ready(self) -> None:
        """See to it, once, that the schema is the newest. Raises StoreError for one of a newer Quoth."""
        if self._is_ready:
            return
        with self._readying:
            if not self._is_ready:
                self._is_distributed = prepare(self._settings)
                self._is_ready = True

    def directory(self) -> tuple[str, ...]:
        """The names of all libraries."""
        with self._transaction(0, "BEGIN READ ONLY") as transaction:
            return tuple(row[0] for row in transaction.rows("SELECT name FROM directory ORDER BY name"))

    def sizes(self) -> tuple[int, int, int, int]:
        """How many libraries there are; of all together articles and passages, as the server estimates; and bytes."""
        with self._transaction(0, "BEGIN READ ONLY") as transaction:
            (row,) = transaction.rows(_SIZES)
        libraries, articles, passages, size = row
        return libraries, articles, passages, size

    def close(self) -> None:
        """Closing twice does no harm."""
        self._pool.close()


# By what ANALYZE last counted: nobody may read the rows of all guilds.
_SIZES = (
    "SELECT (SELECT count(*) FROM directory), "
    "coalesce(sum(greatest(reltuples, 0)) FILTER (WHERE relname ~ '^articles(_[0-9]+)?$'), 0)::bigint, "
    "coalesce(sum(greatest(reltuples, 0)) FILTER (WHERE relname ~ '^passages(_of)?(_[0-9_]+)?$'), 0)::bigint, "
    "coalesce(sum(pg_total_relation_size(oid)), 0)::bigint "
    "FROM pg_class WHERE relnamespace = 'quoth'::regnamespace AND relkind = 'r'"
)
_KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def _local(guild: int, seconds: float) -> dict[str, str]:
    """The settings of a transaction; nothing of them outlives it."""
    wait = f"{int(seconds * 1000)}"
    return {
        "quoth.guild": f"{guild}",
        "search_path": "quoth, public",
        "statement_timeout": wait,
        "lock_timeout": wait,
        "idle_in_transaction_session_timeout": "60s",
        "hnsw.iterative_scan": "relaxed_order",  # what is found is scored again, and then in order
        "hnsw.ef_search": _NEAR,
        "role": "quoth_app",
    }


def _prelude(begin: str, local: Mapping[str, str]) -> str:
    """The beginning of a transaction, in one statement."""
    return f"{begin}; SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in local.items())


def _spread_prelude(begin: str, local: Mapping[str, str]) -> list[str]:
    """The beginning of a transaction that Citus is to take to another node, where the policies need to know the guild.

    It passes on what ``SET LOCAL`` sets, each as the message that it came in, and not what ``set_config`` does.
    The role comes first: Citus reaches the nodes as that role.
    """
    there = {name: value for name, value in local.items() if name not in ("role", "search_path")}
    return [
        begin,
        f"SET LOCAL role TO {local['role']}",
        f"SET LOCAL search_path TO {local['search_path']}",
        "SET LOCAL citus.propagate_set_commands TO 'local'",
        *(f"SET LOCAL {name} TO '{value}'" for name, value in there.items()),
    ]


@contextmanager
def connected(url: str) -> "Iterator[psycopg.Connection[Any]]":
    """A connection of one's own, closed at the end."""
    with (
        in_words(),
        psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS, **_KEEPALIVE) as connection,
    ):
        yield connection


def prepare(settings: StoreSettings) -> bool:
    """Bring the schema to the newest version, as its owner; whether Citus distributes its tables."""
    with connected(settings.url) as connection:
        if migrations.version(connection) == len(migrations.scripts()):
            return migrations.is_distributed(connection)
    with connected(settings.owner_url or settings.url) as connection:
        try:
            migrations.migrate(connection)
            return migrations.is_distributed(connection)
        except errors.InsufficientPrivilege as error:
            raise InvalidSettings(
                say("the database's schema is to be made or updated, and this login may not do that"),
                hint=say("Name a login that owns the database in store.owner_url"),
            ) from error
        except (errors.UndefinedFile, errors.FeatureNotSupported, errors.UndefinedObject) as error:
            raise StoreError(
                say("the database lacks the extension pgvector"),
                hint=say("Install pgvector 0.8 or newer on the server"),
            ) from error


@contextmanager
def in_words() -> Iterator[None]:
    """PostgreSQL's errors as ours; its own words go to the log, which may name hosts and users."""
    try:
        yield
    except QuothError:
        raise
    except (psycopg.Error, PoolClosed) as error:
        _raise_in_words(error)


def _raise_in_words(error: Exception) -> NoReturn:
    if isinstance(error, PoolClosed):
        raise StoreError(say("the library has been closed"), hint=say("Open it again")) from error
    if isinstance(error, SilentServer):
        raise StoreBusy(say("the database does not answer"), hint=say("Try again in a minute")) from error
    if isinstance(error, errors.QueryCanceled):
        raise StoreBusy(say("the database takes too long"), hint=say("Try again in a minute")) from error
    if isinstance(error, PoolTimeout):
        raise StoreBusy(say("all connections to the database are in use"), hint=say("Try again in a minute")) from error
    if isinstance(error, _ANOTHER):
        raise StoreBusy(say("another process changes the same library"), hint=say("Try again in a minute")) from error
    if isinstance(error, errors.InsufficientPrivilege):
        raise InvalidSettings(
            say("the login to the database may not work as the role quoth_app"),
            hint=say(
                "As the database's owner, run {command} with the login of {setting}",
                command="GRANT quoth_app TO login",
                setting="store.url",
            ),
        ) from error
    if _is_refused_login(error):
        raise InvalidSettings(
            say("the database refuses the login"), hint=say("Check {setting}", setting="store.url")
        ) from error
    if isinstance(error, _NOT_NOW) or any(passing in str(error) for passing in _PASSING):
        raise StoreBusy(say("the database cannot serve now"), hint=say("Try again in a minute")) from error
    if isinstance(error, psycopg.OperationalError):
        raise StoreBusy(say("the database cannot be reached"), hint=say("Try again in a minute")) from error
    _log.error("The database refuses a statement", exc_info=error)
    raise StoreError(
        say("the database cannot be used"), hint=say("See the log, and run {command}", command="quoth doctor")
    ) from error


def _is_refused_login(error: Exception) -> bool:
    """Whether a server answered and wants no such login; psycopg tells that in the server's words only."""
    told = str(error)
    return "FATAL" in told and not any(passing in told for passing in _PASSING)


class _Servers:
    """One set of connections for all libraries of a process that name the same database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[StoreSettings, tuple[Server, int]] = {}

    def take(self, settings: StoreSettings) -> Server:
        """The connections to that database; ``give_back`` them."""
        with self._lock:
            server, users = self._open.get(settings) or (Server(settings), 0)
            self._open[settings] = server, users + 1
            return server

    def give_back(self, settings: StoreSettings) -> None:
        """The last one to give them back closes them."""
        with self._lock:
            server, users = self._open.pop(settings)
            if users > 1:
                self._open[settings] = server, users - 1
                return
        server.close()


SERVERS = _Servers()
