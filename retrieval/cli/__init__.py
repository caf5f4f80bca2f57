"""The command line: what a person types, and what is printed. Nothing else in the engine prints.

A sub-command imports what it needs when it runs: numpy takes 0.1 s and the model seconds, which
``quoth list`` and ``quoth --help`` must not cost.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from retrieval.cli import adding, answers, articles, feeds, upkeep
from retrieval.cli.shared import COULD_NOT, DONE, INTERRUPTED, WRONG_USAGE, Command
from retrieval.errors import InvalidSettings, QuothError
from retrieval.settings import default_home

__all__ = ["COULD_NOT", "DONE", "WRONG_USAGE", "Command", "main"]

_ENGINE_COMMANDS = (
    *adding.COMMANDS,
    *articles.COMMANDS,
    *answers.COMMANDS,
    *feeds.COMMANDS,
    *upkeep.COMMANDS,
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USAGE, f"{self.prog}: {message}. See: {self.prog} --help\n")


def main(argv: Sequence[str] | None = None, commands: Sequence[Command] = ()) -> int:
    """Run one sub-command, of these and of ``commands``, which go before one of the same name; the exit code.

    What is raised on purpose becomes one sentence on standard error.
    """
    by_name = {c.name: c for c in (*commands, *_ENGINE_COMMANDS, *commands)}
    arguments = _parser(by_name.values()).parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except InvalidSettings as error:
        print(f"quoth: {error}", file=sys.stderr)
        return WRONG_USAGE
    except QuothError as error:
        print(f"quoth: {error}", file=sys.stderr)
        return COULD_NOT
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python would complain again while closing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (OSError, UnicodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "a character that cannot be shown here"
        print(f"quoth: {what}. Check free space, permissions, and that the terminal takes UTF-8.", file=sys.stderr)
        return COULD_NOT
    except KeyboardInterrupt:
        print("quoth: stopped; what was finished is kept.", file=sys.stderr)
        return INTERRUPTED


def _parser(commands: Iterable[Command]) -> argparse.ArgumentParser:
    parser = _Parser(prog="quoth", description="Answers questions in the articles' own words, with the source.")
    shared = _Parser(add_help=False)
    shared.add_argument(
        "--home",
        type=Path,
        default=default_home(),
        metavar="DIR",
        help="where everything is kept (%(default)s)",
    )
    shared.add_argument("--library", metavar="NAME", help="the set of articles to use (default)")
    subparsers = parser.add_subparsers(
        metavar="COMMAND [OPTIONS]", required=True, title="commands", parser_class=_Parser
    )
    for command in commands:
        sub = subparsers.add_parser(
            command.name,
            help=command.help,
            description=f"{command.help}.",
            epilog=command.epilog,
            parents=[shared],
        )
        command.configure(sub)
        sub.set_defaults(run=command.run)
    return parser
