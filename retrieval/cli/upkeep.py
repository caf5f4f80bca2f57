"""``doctor``, ``reindex``, ``backup`` and ``restore``: looking after an installation."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.cards import counted
from retrieval.cli.shared import COULD_NOT, DONE, Command, as_json
from retrieval.errors import InvalidInput, StoreError
from retrieval.settings import read_settings

if TYPE_CHECKING:
    from retrieval.records import Reindexed
    from retrieval.settings import Settings, StoreSettings
    from retrieval.upkeep import Check


def _configure_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON line a check")
    parser.add_argument(
        "--heartbeat", action="store_true", help="only whether the bot is alive (exit code 1: it is not)"
    )


def doctor(more: "Callable[[Path], Iterable[Check]]" = lambda home: ()) -> Command:
    """The command that looks everything over; ``more`` looks at what the engine knows nothing of."""

    def run(arguments: argparse.Namespace) -> int:
        from retrieval import upkeep

        home = arguments.home
        checks = (upkeep.heartbeat(home),) if arguments.heartbeat else chain(upkeep.examine(home), more(home))
        return _told(checks, is_json=arguments.json)

    return Command(
        "doctor",
        "Check everything that can be wrong with an installation",
        _configure_doctor,
        run,
        "Each check is a line, with what to do where something is wrong; the exit code is then 1.",
    )


def _told(checks: "Iterable[Check]", *, is_json: bool) -> int:
    is_well = True
    for check in checks:
        is_well &= check.well
        if is_json:
            print(as_json(asdict(check)), flush=True)
            continue
        print(f"{'ok' if check.well else 'PROBLEM':<8} {check.name}: {check.finding}", flush=True)
        if not check.well and check.advice:
            print(f"{'':<8} {check.advice}.")
    return DONE if is_well else COULD_NOT


def _configure_reindex(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON line a library")


def _reindex(arguments: argparse.Namespace) -> int:
    from retrieval.upkeep import existing

    settings = read_settings(arguments.home)
    failed = 0
    for name in existing(arguments.home, only=arguments.library):
        try:
            last = _reindexed(arguments.home, name, settings, is_shown=not arguments.json)
        except StoreError as error:  # not what every library would fail for: settings, a model
            failed += 1
            print(f"quoth: {name}: {error}", file=sys.stderr)
            continue
        print(as_json(_summary(name, last)) if arguments.json else _summary_line(name, last), flush=True)
    return COULD_NOT if failed else DONE


def _reindexed(home: Path, name: str, settings: "Settings", *, is_shown: bool) -> "Reindexed | None":
    """The last step of a library's reindexing; None where it never had an article."""
    from retrieval.library import Library

    last = None
    with (
        Library.open(home, name, settings=settings) as library,
        _bar(f"Reindexing {name}", is_shown=is_shown) as show,
    ):
        for last in library.reindex():
            show(last.done, last.total)
    return last


@contextmanager
def _bar(what: str, *, is_shown: bool) -> "Iterator[Callable[[int, int], None]]":
    """On a terminal, a bar that shows how many articles of how many are done."""
    if not is_shown or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _summary(name: str, last: "Reindexed | None") -> dict[str, object]:
    if last is None:
        return {"library": name, "model": None, "articles": 0, "before": 0}
    return {"library": name, "model": last.model, "articles": last.done, "before": last.before}


def _summary_line(name: str, last: "Reindexed | None") -> str:
    if last is None:
        return f"{name}: no articles yet"
    before = f", {last.before:,} of them in an earlier run" if last.before else ""
    return f"{name}: {counted(last.done, 'article')} reindexed with {last.model}{before}"


def _configure_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup, a zip file")


def _backup(arguments: argparse.Namespace) -> int:
    from retrieval.upkeep import backup

    names = backup(arguments.home, arguments.file, only=arguments.library)
    print(f"backed up to {arguments.file}: {', '.join(names)}")
    return DONE


def _restore(arguments: argparse.Namespace) -> int:
    from retrieval.upkeep import restore

    names = restore(arguments.home, arguments.file, only=arguments.library)
    print(f"restored from {arguments.file}: {', '.join(names)}")
    return DONE


def _configure_migrate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        required=True,
        metavar="STORE",
        help="postgresql://…, or @FILE with that address in it (other users see what is typed here), or sqlite: "
        "files in the home directory",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line a library")


Rows = tuple[int, int]


def migrate(more: "Callable[[Path, StoreSettings, StoreSettings], Rows] | None" = None) -> Command:
    """The command that copies libraries; ``more`` copies what the engine knows nothing of: rows, and those copied."""

    def run(arguments: argparse.Namespace) -> int:
        there = _migrate(arguments)
        if more and not arguments.library:
            total, copied = more(arguments.home, read_settings(arguments.home).store, there)
            if arguments.json:
                print(as_json({"remembered": total, "copied": copied}), flush=True)
            else:
                print(
                    f"of servers: {counted(total, 'row')} remembered there, {copied:,} of them copied now", flush=True
                )
        return DONE

    return Command(
        "migrate",
        "Copy libraries to another store, with their vectors",
        _configure_migrate,
        run,
        "From where the settings keep them; without --library, all, and what is remembered of servers. The bot may "
        "answer and add meanwhile. Each article is compared by a checksum and copied where it differs, so an "
        "interrupted run goes on where it stopped, and a last run just before store.url is changed copies what is new. "
        "Nothing is removed here.",
    )


def _migrate(arguments: argparse.Namespace) -> "StoreSettings":
    """The settings of the other store, which has the libraries then."""
    from retrieval.upkeep import existing, moved

    settings = read_settings(arguments.home)
    there = _store_named(arguments.to, settings.store)
    for name in existing(arguments.home, only=arguments.library):
        last = None
        with _bar(f"Moving {name}", is_shown=not arguments.json) as show:
            for last in moved(arguments.home, name, settings.store, there):
                show(last.done, last.total)
        done, copied = (last.total, last.copied) if last else (0, 0)
        if arguments.json:
            print(as_json({"library": name, "articles": done, "copied": copied}), flush=True)
        else:
            print(f"{name}: {counted(done, 'article')} there and checked, {copied:,} of them copied now", flush=True)
    return there


def _store_named(named: str, settings: "StoreSettings") -> "StoreSettings":
    """The settings of the other store."""
    if named == "sqlite":
        return replace(settings, url="", owner_url="")
    if named.startswith("@"):
        try:
            named = Path(named[1:]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"cannot read {named[1:]}", hint="Check its name and permissions") from error
    return replace(settings, url=named, owner_url="")


COMMANDS = (
    doctor(),
    Command(
        "reindex",
        "Make all passages and vectors anew, with the model that the settings name",
        _configure_reindex,
        _reindex,
        "Without --library, all libraries. Until a library is done its old index answers, with the model that made it; "
        "an interrupted run goes on where it stopped.",
    ),
    migrate(),
    Command("backup", "Write a consistent copy of the libraries", _configure_file, _backup),
    Command("restore", "Bring libraries back from a backup", _configure_file, _restore),
)
