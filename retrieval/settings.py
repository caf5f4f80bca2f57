"""The settings file: read once, strict, frozen.

``quoth.toml`` holds tables; each is turned into one frozen dataclass whose fields are its keys, their
types and their defaults. ``bounds`` in a field's metadata are the values that are not absurd.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_type_hints
from urllib.parse import urlsplit

import platformdirs

from retrieval.errors import InvalidSettings

Table = Mapping[str, object]
T = TypeVar("T")

# What may stand in the environment instead of in the file, as passwords do; with _FILE at the end, the file that
# holds it.
_STORE_SECRETS = {"url": "QUOTH_STORE_URL", "owner_url": "QUOTH_STORE_OWNER_URL"}
_MODEL_SECRETS = {"url": "QUOTH_MODEL_URL", "api_key": "QUOTH_MODEL_API_KEY"}

TABLES = ("model", "answers", "web", "store", "backup", "discord", "health")


def key(
    default: Any,
    *,
    bounds: tuple[float, float] | None = None,
    help: str = "",  # noqa: A002 - the word users know
    secret: bool = False,
) -> Any:
    """A settings key: its default, the range of sensible values, and what it is for; a secret is shown nowhere."""
    return field(default=default, repr=not secret, metadata={"bounds": bounds, "help": help, "secret": secret})


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The ``[model]`` table; raises InvalidSettings where an address or a key cannot be one."""

    name: str = key("all-MiniLM-L6-v2", help="the packaged model, a folder, or a name on the model hub")
    threads: int = key(0, bounds=(0, 256), help="processor threads for embedding; 0: as many as there are cores")
    batch_size: int = key(32, bounds=(1, 1024), help="passages embedded at once when adding")
    precision: Literal["auto", "float32", "bfloat16"] = key(
        "auto", help="the faster of bfloat16 and float32, or one of them"
    )
    url: str = key("", help="of a server that runs the model, such as http://127.0.0.1:8020/v1; empty: run here")
    api_key: str = key("", secret=True, help="what that server wants to be shown; empty: nothing")
    timeout: float = key(30.0, bounds=(0.1, 600), help="seconds after which that server is given up")

    def __post_init__(self) -> None:
        host = urlsplit(self.url).netloc if self.url.startswith(("http://", "https://")) else ""
        if self.url and (not host or "@" in host or "?" in self.url):
            raise InvalidSettings(
                "model.url is no address of a server", hint="It takes one such as http://127.0.0.1:8020/v1"
            )
        if not self.api_key.isprintable() or not self.api_key.isascii():
            raise InvalidSettings("model.api_key is no key", hint="It takes one line of plain letters and digits")


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """The ``[answers]`` table."""

    quotes: int = key(3, bounds=(1, 3), help="quotes of one answer, at most")
    confidence: float = key(0.3, bounds=(0.0, 1.0), help="below this confidence nothing is quoted")
    reranker: str = key("built-in", help='reads the best passages again: "built-in", "none", a folder or a hub name')


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The ``[web]`` table."""

    feed_minutes: int = key(60, bounds=(5, 1440), help="minutes between two polls of a feed")
    feed_entries: int = key(50, bounds=(1, 500), help="new articles taken from a feed at once, at most")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The ``[store]`` table; raises InvalidSettings where an address is not one of PostgreSQL."""

    url: str = key("", secret=True, help="postgresql://…, where the libraries are kept; empty: in files")
    owner_url: str = key("", secret=True, help="a login that may change the schema; empty: that of url")
    connections: int = key(10, bounds=(1, 1000), help="connections to the database, at most, of one process")
    timeout: float = key(30.0, bounds=(1, 3600), help="seconds after which a statement is given up")
    # An exact search of 20,000 passages took 28 ms and of 40,000 43 ms, by an index 11 ms (docs/scaling.md).
    large_from: int = key(20_000, bounds=(1_000, 10_000_000), help="passages from which a library gets its own index")

    def __post_init__(self) -> None:
        for name in ("url", "owner_url"):
            if getattr(self, name) and not getattr(self, name).startswith(("postgresql://", "postgres://")):
                # What was given is not shown: it may be a password.
                raise InvalidSettings(
                    f"store.{name} is no address of a database",
                    hint="It takes postgresql://user:password@host/database",
                )


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """The ``[backup]`` table."""

    every_hours: int = key(24, bounds=(0, 8760), help="hours between two backups that the bot makes by itself; 0: none")
    keep: int = key(7, bounds=(1, 1000), help="such backups kept, at most")
    days: int = key(30, bounds=(1, 3650), help="days until any copy is deleted, and with it what was removed since")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the engine can be told."""

    model: ModelSettings = field(default_factory=ModelSettings)
    answers: AnswerSettings = field(default_factory=AnswerSettings)
    web: WebSettings = field(default_factory=WebSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)

    @classmethod
    def from_tables(cls, tables: Mapping[str, Table]) -> "Settings":
        """Raises InvalidSettings where a key is unknown, of the wrong type or absurd."""
        return cls(
            model=build_settings(ModelSettings, _secrets(tables.get("model", {}), _MODEL_SECRETS), where="model"),
            answers=build_settings(AnswerSettings, tables.get("answers", {}), where="answers"),
            web=build_settings(WebSettings, tables.get("web", {}), where="web"),
            store=build_settings(StoreSettings, _secrets(tables.get("store", {}), _STORE_SECRETS), where="store"),
            backup=build_settings(BackupSettings, tables.get("backup", {}), where="backup"),
        )


def build_settings(kind: type[T], table: Table, *, where: str) -> T:
    """A frozen settings dataclass from one table of the file.

    Raises InvalidSettings, naming the key, where it is unknown, of the wrong type or out of bounds.
    """
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    for name, value in table.items():
        if name not in known:
            raise InvalidSettings(
                f"unknown key {where}.{name} in the settings",
                hint=f"Known keys are {', '.join(sorted(known))}",
            )
        is_secret = known[name].metadata.get("secret")
        _require(f"{where}.{name}", value, kind=hints[name], shown="a secret" if is_secret else repr(value))
        _require_within(f"{where}.{name}", value, bounds=known[name].metadata.get("bounds"))
    return kind(**{n: float(v) if hints[n] is float else v for n, v in table.items()})  # type: ignore[arg-type]


def _require(name: str, value: object, *, kind: Any, shown: str) -> None:
    choices = get_args(kind)
    if choices:
        if value not in choices:
            raise InvalidSettings(f"{name} is {shown}", hint=f"It takes one of {', '.join(map(repr, choices))}")
        return
    allowed = (int, float) if kind is float else kind
    if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
        raise InvalidSettings(f"{name} is {shown}", hint=f"It takes a value of type {kind.__name__}")


def _require_within(name: str, value: Any, *, bounds: tuple[float, float] | None) -> None:
    if bounds and not bounds[0] <= value <= bounds[1]:
        raise InvalidSettings(f"{name} is {value}", hint=f"It takes a value from {bounds[0]} to {bounds[1]}")


def read_tables(path: Path | None) -> dict[str, Table]:
    """The tables of a settings file; none where the path is None.

    Raises InvalidSettings where the file is missing, is not TOML, or holds an unknown table.
    """
    if path is None:
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSettings(f"cannot read the settings file {path}", hint="Check its name and permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSettings(
            f"{path} is not a TOML file: {error}", hint="Compare it with config/quoth.toml"
        ) from error
    for name, table in tables.items():
        if name not in TABLES or not isinstance(table, dict):
            known = ", ".join(f"[{t}]" for t in TABLES)
            raise InvalidSettings(f"unknown table or key {name} in {path}", hint=f"Known tables are {known}")
    return tables


def default_home() -> Path:
    """``QUOTH_HOME``, else the user's data directory."""
    named = os.environ.get("QUOTH_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("quoth", appauthor=False))


def settings_file(home: Path) -> Path | None:
    """The file named by ``QUOTH_CONFIG``, else ``quoth.toml`` in the home directory, else none."""
    named = os.environ.get("QUOTH_CONFIG")
    if named:
        return Path(named)
    path = home / "quoth.toml"
    return path if path.exists() else None


def read_settings(home: Path) -> Settings:
    """The engine's settings for a home directory; raises InvalidSettings."""
    return Settings.from_tables(read_tables(settings_file(home)))


def _secrets(table: Table, variables: Mapping[str, str]) -> Table:
    """A table with what the environment or secret files say of it; those come before the file."""
    found = {name: _secret(variable) for name, variable in variables.items()}
    return {**table, **{name: value for name, value in found.items() if value}}


def _secret(variable: str) -> str:
    """From the variable, else from the file that ``variable + "_FILE"`` names."""
    named = os.environ.get(f"{variable}_FILE")
    if os.environ.get(variable) or not named:
        return os.environ.get(variable, "").strip()
    try:
        return Path(named).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(
            f"cannot read the file {named} that {variable}_FILE names", hint="Check its name and permissions"
        ) from error
