"""What an operator can get wrong with a machine, a home directory and its libraries, one check each."""

import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from importlib import metadata
from pathlib import Path

from retrieval.cards import counted
from retrieval.embed import check_model, fingerprint
from retrieval.errors import QuothError
from retrieval.remote import check_remote
from retrieval.settings import BackupSettings, StoreSettings, read_settings, settings_file
from retrieval.store.choice import library_names, open_store
from retrieval.store.homes import library_names as file_names
from retrieval.store.homes import library_path
from retrieval.store.protocol import Store
from retrieval.store.schema import MIGRATIONS
from retrieval.upkeep.check import Check
from retrieval.upkeep.keeping import RESTORE, backups_in, library_problems
from retrieval.upkeep.pulse import bot

_LEAST_FREE = 500_000_000  # bytes; adding a thousand articles takes about 50 MB
_LEAST_MEMORY = 1_000_000_000  # bytes; 0.7 GB was the most that adding articles took
_FAILURES = 3  # polls in a row; one is a hiccup of the site
_MEMORY_INFO = Path("/proc/meminfo")
# Where a container's limit stands, in the second and the first version of control groups.
_MEMORY_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def examine(home: Path) -> Iterator[Check]:
    """Look at everything that an operator can get wrong without Discord, one finding at a time."""
    yield _python()
    yield _packages()
    yield _memory()
    yield _home(home)
    yield _rights(home)
    yield _settings(home)
    yield _model(home)
    yield bot(home)
    yield from _backups(home)
    yield from _libraries(home)


def _libraries(home: Path) -> Iterator[Check]:
    settings = _store_settings(home)
    try:
        names = library_names(home, settings)
    except QuothError as error:
        yield Check("libraries", False, error.happened, error.hint)
        return
    if not names:
        yield Check("libraries", True, "none yet; quoth add makes the first")
    model = _fingerprint(home) if names else None
    for name in names:
        if settings.url or not (old := _is_old(home, name)):
            yield from _library(partial(open_store, home, name, settings), name, model=model)
        else:
            yield old


def _store_settings(home: Path) -> StoreSettings:
    try:
        return read_settings(home).store
    except QuothError:  # another check has said what is wrong with them
        return StoreSettings()


# The machine


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", (3, 11) <= sys.version_info[:2] <= (3, 13), version, "Use Python 3.11, 3.12 or 3.13")


def _packages() -> Check:
    """Whether what is installed is what was tested: the exact versions that Quoth asks for."""
    advice = "Run make, or pip install the locked requirements"
    try:
        wanted = [re.match(r"([\w.-]+)==([\w.]+)$", line) for line in metadata.requires("quoth") or ()]
        wrong = [found for match in wanted if match and (found := _unlike(match[1], match[2]))]
    except metadata.PackageNotFoundError:
        return Check("packages", False, "Quoth itself is not installed", advice)
    return Check("packages", not wrong, "; ".join(wrong) or "as they were tested", advice)


def _unlike(name: str, version: str) -> str | None:
    try:
        installed = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is missing"
    is_same = installed.split("+")[0] == version  # torch 2.13.0+cpu is 2.13.0
    return None if is_same else f"{name} is {installed} instead of {version}"


def _memory() -> Check:
    sizes = [size for size in (_total_memory(), *map(_limit, _MEMORY_LIMITS)) if size]
    if not sizes:
        return Check("memory", True, "unknown on this system")
    least = min(sizes)
    advice = "Give the machine or the container at least 1 GB"
    return Check("memory", least >= _LEAST_MEMORY, f"{least / 1e9:.1f} GB for this machine or container", advice)


def _total_memory() -> int | None:
    try:
        found = re.search(r"^MemTotal:\s+(\d+) kB", _MEMORY_INFO.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None


def _limit(file: Path) -> int | None:
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None


# The home


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


def _rights(home: Path) -> Check:
    """Files of another user, as those that were made by root, stop the bot in the middle of its work."""
    open_to_all = [home] if home.is_dir() and home.stat().st_mode & 0o002 else []
    if open_to_all:
        return Check("file rights", False, f"anybody on this machine may write to {home}", f"Run chmod o-w {home}")
    files = [path for pattern in ("*", "libraries/*", "libraries/*/*") for path in home.glob(pattern)]
    shut = [str(p.relative_to(home)) for p in files if not os.access(p, os.R_OK | os.W_OK) or _is_anothers(p)]
    finding = f"of another user, or shut: {', '.join(shut[:5])}" if shut else "as they should be"
    return Check("file rights", not shut, finding, f"Give all of {home} to the user who runs the bot, with chown -R")


def _is_anothers(path: Path) -> bool:
    """Whether root, who may do everything, looks at what the bot's own user would not get at; or the other way."""
    return path.stat().st_uid != path.parent.stat().st_uid


def _settings(home: Path) -> Check:
    try:
        read_settings(home)
        return Check("settings", True, str(settings_file(home) or "all at their defaults"))
    except QuothError as error:
        return Check("settings", False, error.happened, error.hint)


def _model(home: Path) -> Check:
    try:
        model = read_settings(home).model
        known = check_remote(model)[0] if model.url else check_model(model.name)
        return Check("model", True, f"{model.name}: {known}")
    except QuothError as error:
        return Check("model", False, error.happened, error.hint)


def _fingerprint(home: Path) -> str | None:
    """Of the model that the settings name; None where another check has said what is wrong with them."""
    try:
        model = read_settings(home).model
        return check_remote(model)[1] if model.url else fingerprint(model.name)
    except QuothError:
        return None


def _backups(home: Path) -> Iterator[Check]:
    """Whether the last backup that the bot made by itself is as new as it should be."""
    try:
        settings = read_settings(home).backup
    except QuothError:
        return
    if settings.every_hours and file_names(home):
        yield _newest(home, settings)


def _newest(home: Path, settings: BackupSettings) -> Check:
    advice = "Look at the bot's log; quoth backup FILE makes one now"
    made = [file.stat().st_mtime for file in backups_in(home)]
    if not made:
        return Check("backups", bot(home).finding == "does not run", "none yet", advice)
    hours = (time.time() - max(made)) / 3600
    finding = f"{counted(len(made), 'backup')}, the newest {hours:.0f} hours old"
    return Check("backups", hours < 2 * settings.every_hours + 1, finding, advice)


# Libraries


def look_over(home: Path) -> Iterator[tuple[str, str]]:
    """Bring each library up to date, and check it; the name of each that is not well, and what to do."""
    settings = _store_settings(home)
    for name in library_names(home, settings):
        yield from ((name, problem) for problem in library_problems(home, name, settings))


def _is_old(home: Path, name: str) -> Check | None:
    """A problem where looking at a library would update it: that is for the bot to do."""
    version = _schema_of(library_path(home, name))
    if not 0 < version < len(MIGRATIONS):
        return None
    finding = f"its schema is {version}, and this Quoth's is {len(MIGRATIONS)}"
    advice = f"Run quoth list --library {name}, which updates it and keeps a copy"
    return Check(f"library {name}", False, finding, advice)


def _library(opener: Callable[[], Store], name: str, *, model: str | None) -> Iterator[Check]:
    what = f"library {name}"
    try:
        with opener() as store:
            yield _contents(store, what, model=model)
            yield from _feeds(store, name)
    except QuothError as error:
        yield Check(what, False, error.happened, error.hint)


def _schema_of(path: Path) -> int:
    """Read without a change; 0 where it cannot be, which opening the library then explains."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error:
        return 0


def _contents(store: Store, what: str, *, model: str | None) -> Check:
    if problems := store.check():
        return Check(what, False, "; ".join(problems), RESTORE)
    finding, made_by = counted(store.article_count(), "article"), store.model()
    if model and made_by not in (None, model):
        finding += f"; made with the model {made_by}, and the settings name {model}"
        return Check(what, False, finding, "Run quoth reindex, or name that model in the settings")
    if at := store.rebuilding():
        finding += f"; a reindex for the model {at.model} is at {at.done} of {at.total}"
        return Check(what, False, finding, "Let quoth reindex end, or run it again: it goes on where it stopped")
    return Check(what, True, finding)


def _feeds(store: Store, name: str) -> Iterator[Check]:
    feeds = store.subscriptions.all()
    failing = [feed for feed in feeds if feed.failures >= _FAILURES]
    for feed in failing[:5]:
        advice = f"Correct its address, or end it with quoth feed remove {feed.url} --library {name}"
        finding = f"{feed.title} failed {feed.failures} times in a row: {feed.error or 'no reason is known'}"
        yield Check(f"feeds of {name}", False, finding.rstrip("."), advice)
    if feeds and not failing:
        yield Check(f"feeds of {name}", True, counted(len(feeds), "feed"))
