"""Copies of libraries: made, brought back, and those that are past their time."""

import json
import os
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from retrieval.errors import InvalidInput, NotFound, StoreDamaged, UnreadableFile
from retrieval.settings import StoreSettings, read_settings
from retrieval.store.choice import library_names, open_store
from retrieval.store.homes import FILE_NAME, library_path
from retrieval.store.moving import Moved, move
from retrieval.store.sqlite import SqliteStore

# What a copy is called that is made before a restore: the library's file, this, and a number if there are several.
BEFORE_RESTORE = ".before-restore"
_MANIFEST = "quoth-backup.json"
_FORMAT = 1
# What a killed backup or restore leaves behind; the next one that is begun an hour later clears it away.
_ASIDE = ".quoth-copying-"
_ASIDE_SECONDS = 3600


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
    copy_all(home, file, names)
    return names


def copy_all(home: Path, file: Path, names: Sequence[str]) -> None:
    """Write a consistent copy of these libraries into a zip file. Raises StoreError for one that cannot be read."""
    with _beside(_folder(file)) as folder:
        part = Path(folder) / "backup.zip"
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_MANIFEST, json.dumps({"format": _FORMAT, "libraries": names}))
            for name in names:
                copy = Path(folder) / FILE_NAME
                _copy(home, name, copy)
                archive.write(copy, f"{name}/{FILE_NAME}")
                copy.unlink()
        if file.is_dir():
            raise InvalidInput(f"{file} is a folder", hint="Name the file that the backup is written to")
        part.replace(file)  # a backup is there whole or not at all


def held_in(file: Path) -> frozenset[str]:
    """The names of the libraries in a backup; none where it is damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            return frozenset(map(str, json.loads(archive.read(_MANIFEST))["libraries"]))
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError):
        return frozenset()


def _copy(home: Path, name: str, copy: Path) -> None:
    """A consistent copy of a library, in a file of its own."""
    with open_store(home, name, read_settings(home).store) as store:
        if isinstance(store, SqliteStore):
            store.copy_to(copy)
            return
        with SqliteStore(copy) as target:
            for _ in move(store, target):
                pass
            target.fold()


def moved(home: Path, name: str, here: StoreSettings, there: StoreSettings) -> Iterator[Moved]:
    """Copy a library from one store to another, as ``store.moving`` does. Raises InvalidInput where both are one."""
    if here.url == there.url:
        raise InvalidInput("the libraries are there already", hint="Name another store")
    with open_store(home, name, here) as source, open_store(home, name, there) as target:
        yield from move(source, target)


def _folder(file: Path) -> Path:
    folder = file.absolute().parent
    if not folder.is_dir():
        raise InvalidInput(f"the folder {folder} does not exist", hint="Make it first, or name another file")
    if not os.access(folder, os.W_OK):
        raise InvalidInput(f"the folder {folder} cannot be written to", hint="Change its owner, or name another file")
    return folder


def _beside(folder: Path) -> "tempfile.TemporaryDirectory[str]":
    """A folder for what is not yet whole; what a killed process left of its own is removed."""
    for left in folder.glob(f"{_ASIDE}*"):
        if time.time() - left.stat().st_mtime > _ASIDE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(dir=folder, prefix=_ASIDE)


def restore(home: Path, file: Path, *, only: str | None = None) -> tuple[str, ...]:
    """Bring libraries back from a backup; the names restored.

    What stood there before is kept beside it as ``library.sqlite3.before-restore``; in a database, a library
    that has other articles is not touched (InvalidInput). A running bot
    sees the restored articles at its next question. Raises UnreadableFile for what is no backup,
    NotFound where it does not hold the library that is asked for.
    """
    try:
        with zipfile.ZipFile(file) as archive, _beside(_made(home)) as folder:
            manifest = json.loads(archive.read(_MANIFEST))
            names = manifest["libraries"]
            if manifest["format"] != _FORMAT:
                raise UnreadableFile(f"{file} was written by a newer Quoth", hint="Install that version to restore it")
            if only and only not in names:
                raise NotFound(f"the backup holds no library {only!r}", hint=f"It holds {', '.join(names)}")
            for name in [only] if only else names:
                copy = Path(folder) / FILE_NAME
                copy.write_bytes(archive.read(f"{name}/{FILE_NAME}"))
                _bring_back(copy, home, name)
            return tuple([only] if only else names)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(f"{file} is no backup made by quoth backup", hint="Check the name of the file") from error


def _made(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{home} cannot be written to", hint="Change its owner, or --home") from error
    return home


def _bring_back(copy: Path, home: Path, name: str) -> None:
    path = library_path(home, name)
    settings = read_settings(home).store
    with SqliteStore(copy) as source:
        if problems := source.check():
            raise UnreadableFile(f"the backup is damaged: {problems[0]}", hint="Try an older one")
        if settings.url:
            with open_store(home, name, settings) as target:
                for _ in move(source, target):
                    pass
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            _keep(path)
        source.copy_to(path)


def _keep(path: Path) -> None:
    """Keep what a restore replaces: a copy, or the file itself where it can no longer be read."""
    kept = path.with_name(f"{path.name}{BEFORE_RESTORE}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}{BEFORE_RESTORE}-{number}")
    try:
        with SqliteStore(path) as current:
            current.copy_to(kept)
    except StoreDamaged:
        path.replace(kept)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
