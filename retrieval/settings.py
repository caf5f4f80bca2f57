"""The settings file: read once, strict, frozen.

``quoth.toml`` holds tables; each is turned into one frozen dataclass whose fields are its keys, their
types and their defaults. ``bounds`` in a field's metadata are the values that are not absurd.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import platformdirs

from retrieval.errors import InvalidSettings

Table = Mapping[str, object]
T = TypeVar("T")

TABLES = ("model", "answers", "web", "discord")


def key(default: Any, *, bounds: tuple[float, float] | None = None, help: str = "") -> Any:  # noqa: A002 - the word users know
    """A settings key: its default, the range of sensible values, and what it is for."""
    return field(default=default, metadata={"bounds": bounds, "help": help})


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The ``[model]`` table."""

    name: str = key("all-MiniLM-L6-v2", help="the packaged model, a folder, or a name on the model hub")
    threads: int = key(0, bounds=(0, 256), help="processor threads for embedding; 0: as many as there are cores")
    batch_size: int = key(32, bounds=(1, 1024), help="passages embedded at once when adding")


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
class Settings:
    """What the engine can be told."""

    model: ModelSettings = field(default_factory=ModelSettings)
    answers: AnswerSettings = field(default_factory=AnswerSettings)
    web: WebSettings = field(default_factory=WebSettings)

    @classmethod
    def from_tables(cls, tables: Mapping[str, Table]) -> "Settings":
        """Raises InvalidSettings where a key is unknown, of the wrong type or absurd."""
        return cls(
            model=build_settings(ModelSettings, tables.get("model", {}), where="model"),
            answers=build_settings(AnswerSettings, tables.get("answers", {}), where="answers"),
            web=build_settings(WebSettings, tables.get("web", {}), where="web"),
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
        _require(f"{where}.{name}", value, kind=hints[name])
        _require_within(f"{where}.{name}", value, bounds=known[name].metadata.get("bounds"))
    return kind(**{n: float(v) if hints[n] is float else v for n, v in table.items()})  # type: ignore[arg-type]


def _require(name: str, value: object, *, kind: Any) -> None:
    choices = get_args(kind)
    if choices:
        if value not in choices:
            raise InvalidSettings(f"{name} is {value!r}", hint=f"It takes one of {', '.join(map(repr, choices))}")
        return
    allowed = (int, float) if kind is float else kind
    if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
        raise InvalidSettings(f"{name} is {value!r}", hint=f"It takes a value of type {kind.__name__}")


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
