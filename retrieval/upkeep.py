"""What an operator does with a home directory: look it over, copy it, bring it back."""

import json
import os
import shutil
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from retrieval.cards import counted
from retrieval.embed import check_model, fingerprint
from retrieval.errors import InvalidInput, NotFound, QuothError, StoreDamaged, UnreadableFile
from retrieval.settings import StoreSettings, read_settings, settings_file
from retrieval.store.choice import library_names, open_store
from retrieval.store.homes import FILE_NAME, library_path
from retrieval.store.protocol import Store
from retrieval.store.sqlite import SqliteStore

HEARTBEAT = "heartbeat"
# The bot touches its heart file every 15 seconds; four beats missed are no hiccup.
_HEARTBEAT_SECONDS = 60
_LEAST_FREE = 500_000_000  # bytes; adding a thousand articles takes about 50 MB
_FILL = "Put the bot's token into it, readable to whoever runs the bot"
_MANIFEST = "quoth-backup.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``advice`` says what to do where it is not well."""

    name: str
    well: bool
    finding: str
    advice: str = ""


def examine(home: Path) -> Iterator[Check]:
    """Look at everything that an operator can get wrong, one finding at a time."""
    yield _python()
    yield _home(home)
    yield _settings(home)
    yield _model(home)
    yield _token()
    yield from _libraries(home)


def _libraries(home: Path) -> Iterator[Check]:
    try:
        settings = read_settings(home).store
    except QuothError:  # another check has said what is wrong with them
        settings = StoreSettings()
    try:
        names = library_names(home, settings)
    except QuothError as error:
        yield Check("libraries", False, error.happened, error.hint)
        return
    if not names:
        yield Check("libraries", True, "none yet; quoth add makes the first")
    model = _fingerprint(home) if names else None
    for name in names:
        yield _library(partial(open_store, home, name, settings), name, model=model)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= (3, 11), version, "Use Python 3.11 or later")


def _home(home: Path) -> Check:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home):
            pass
        free = shutil.disk_usage(home).free
    except OSError as error:
        return Check("home", False, f"{home} cannot be written to ({error.strerror})", "Change its owner or --home")
    finding = f"{home}, {free / 1e9:.1f} GB free"
    return Check("home", free >= _LEAST_FREE, finding, "Free some space, or choose another --home")


def _settings(home: Path) -> Check:
    try:
        read_settings(home)
        return Check("settings", True, str(settings_file(home) or "all at their defaults"))
    except QuothError as error:
        return Check("settings", False, error.happened, error.hint)


def _model(home: Path) -> Check:
    try:
        name = read_settings(home).model.name
        return Check("model", True, f"{name}: {check_model(name)}")
    except QuothError as error:
        return Check("model", False, error.happened, error.hint)


def _fingerprint(home: Path) -> str | None:
    """Of the model that the settings name; None where another check has said what is wrong with them."""
    try:
        return fingerprint(read_settings(home).model.name)
    except QuothError:
        return None


def _token() -> Check:
    path = Path(os.environ.get("DISCORD_TOKEN_FILE", "/run/secrets/discord_token"))
    if os.environ.get("DISCORD_TOKEN"):
        return Check("Discord token", True, "in DISCORD_TOKEN")
    if path.is_file():
        is_there = os.access(path, os.R_OK) and bool(path.read_bytes().strip())
        return Check(
            "Discord token", is_there, f"in {path}" if is_there else f"{path} is empty or cannot be read", _FILL
        )
    if "DISCORD_TOKEN_FILE" in os.environ:
        return Check("Discord token", False, f"there is no file {path}", _FILL)
    return Check("Discord token", True, "none; only quoth run needs one")


def _library(opener: Callable[[], Store], name: str, *, model: str | None) -> Check:
    what = f"library {name}"
    try:
        with opener() as store:
            if problems := store.check():
                return Check(what, False, "; ".join(problems), "Restore a backup with quoth restore")
            finding = counted(len(store.articles()), "article") + _feeds(store) + _unfinished(store)
            made_by = store.model()
    except QuothError as error:
        return Check(what, False, error.happened, error.hint)
    if model and made_by not in (None, model):
        finding += f"; made with the model {made_by}, and the settings name {model}"
        return Check(what, False, finding, "Run quoth reindex, or name that model in the settings")
    return Check(what, True, finding)


def _feeds(store: Store) -> str:
    feeds = store.subscriptions.all()
    failing = [feed.title for feed in feeds if feed.failures]
    failures = f" ({', '.join(failing[:5])} failed; see quoth feed list)" if failing else ""
    return f"; {counted(len(feeds), 'feed')}{failures}" if feeds else ""


def _unfinished(store: Store) -> str:
    at = store.rebuilding()
    return f"; a reindex for the model {at.model} is at {at.done} of {at.total}" if at else ""


def heartbeat(home: Path) -> Check:
    """Whether a bot that uses this home directory is alive."""
    try:
        beat = json.loads((home / HEARTBEAT).read_text(encoding="utf-8"))
        age, state = time.time() - float(beat["at"]), str(beat["state"])
    except (OSError, ValueError, KeyError, TypeError):
        return Check("heartbeat", False, "there is none", "Start the bot with quoth run")
    return Check("heartbeat", age < _HEARTBEAT_SECONDS, f"{state}, {age:.0f} s ago", "Look at the bot's log")


def existing(home: Path, *, only: str | None = None) -> tuple[str, ...]:
    """The names of all libraries, or the one that is asked for. Raises NotFound where there is none."""
    there = library_names(home, read_settings(home).store)
    names = (only,) if only else there
    if not names or not set(names).issubset(there):
        raise NotFound(f"there is no such library in {home}", hint="Check --home and --library")
    return names


def backup(home: Path, file: Path, *, only: str | None = None) -> tuple[str, ...]:
    """Write a consistent copy of all libraries, or of one, into a zip file; the names copied.

    The bot may go on answering and adding meanwhile. Raises NotFound where there is nothing to copy.
    """
    names = existing(home, only=only)
    with tempfile.TemporaryDirectory(dir=_folder(file)) as folder:
        part = Path(folder) / "backup.zip"
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_MANIFEST, json.dumps({"format": _FORMAT, "libraries": names}))
            for name in names:
                copy = Path(folder) / FILE_NAME
                with SqliteStore(library_path(home, name)) as store:
                    store.copy_to(copy)
                archive.write(copy, f"{name}/{FILE_NAME}")
                copy.unlink()
        if file.is_dir():
            raise InvalidInput(f"{file} is a folder", hint="Name the file that the backup is written to")
        part.replace(file)  # a backup is there whole or not at all
    return names


def _folder(file: Path) -> Path:
    folder = file.absolute().parent
    if not folder.is_dir():
        raise InvalidInput(f"the folder {folder} does not exist", hint="Make it first, or name another file")
    if not os.access(folder, os.W_OK):
        raise InvalidInput(f"the folder {folder} cannot be written to", hint="Change its owner, or name another file")
    return folder


def restore(home: Path, file: Path, *, only: str | None = None) -> tuple[str, ...]:
    """Bring libraries back from a backup; the names restored.

    What stood there before is kept beside it as ``library.sqlite3.before-restore``. A running bot
    sees the restored articles at its next question. Raises UnreadableFile for what is no backup,
    NotFound where it does not hold the library that is asked for.
    """
    try:
        with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory(dir=_made(home)) as folder:
            manifest = json.loads(archive.read(_MANIFEST))
            names = manifest["libraries"]
            if manifest["format"] != _FORMAT:
                raise UnreadableFile(f"{file} was written by a newer Quoth", hint="Install that version to restore it")
            if only and only not in names:
                raise NotFound(f"the backup holds no library {only!r}", hint=f"It holds {', '.join(names)}")
            for name in [only] if only else names:
                copy = Path(folder) / FILE_NAME
                copy.write_bytes(archive.read(f"{name}/{FILE_NAME}"))
                _bring_back(copy, library_path(home, name))
            return tuple([only] if only else names)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(f"{file} is no backup made by quoth backup", hint="Check the name of the file") from error


def _made(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{home} cannot be written to", hint="Change its owner, or --home") from error
    return home


def _bring_back(copy: Path, path: Path) -> None:
    with SqliteStore(copy) as source:
        if problems := source.check():
            raise UnreadableFile(f"the backup is damaged: {problems[0]}", hint="Try an older one")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            _keep(path)
        source.copy_to(path)


def _keep(path: Path) -> None:
    """Keep what a restore replaces: a copy, or the file itself where it can no longer be read."""
    kept = path.with_name(f"{path.name}.before-restore")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.before-restore-{number}")
    try:
        with SqliteStore(path) as current:
            current.copy_to(kept)
    except StoreDamaged:
        path.replace(kept)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
