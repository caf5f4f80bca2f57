"""``doctor``, ``backup`` and ``restore``: looking after an installation."""

import argparse
from pathlib import Path

from retrieval.cli.shared import COULD_NOT, DONE, Command


def _configure_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--heartbeat", action="store_true", help="only whether the bot is alive (exit code 1: it is not)"
    )


def _doctor(arguments: argparse.Namespace) -> int:
    from retrieval import upkeep

    checks = [upkeep.heartbeat(arguments.home)] if arguments.heartbeat else upkeep.examine(arguments.home)
    is_well = True
    for check in checks:
        is_well &= check.well
        print(f"{'ok' if check.well else 'PROBLEM':<8} {check.name}: {check.finding}")
        if not check.well and check.advice:
            print(f"{'':<8} {check.advice}.")
    return DONE if is_well else COULD_NOT


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


COMMANDS = (
    Command("doctor", "Check everything that can be wrong with an installation", _configure_doctor, _doctor),
    Command("backup", "Write a consistent copy of the libraries", _configure_file, _backup),
    Command("restore", "Bring libraries back from a backup", _configure_file, _restore),
)
