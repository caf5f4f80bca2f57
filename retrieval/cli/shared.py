"""What several sub-commands need: the library they are about, and how a record or card is printed."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.settings import read_settings

if TYPE_CHECKING:
    from retrieval.cards import Card
    from retrieval.library import Library

DONE, COULD_NOT, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

_WIDEST = 100  # columns; longer lines are hard to read


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command: ``run`` gets what ``configure`` declared and returns the exit code."""

    name: str
    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    epilog: str = ""


@contextmanager
def opened(arguments: argparse.Namespace) -> "Iterator[Library]":
    """The library that the command line names."""
    from retrieval.library import Library

    settings = read_settings(arguments.home)
    with Library.open(arguments.home, arguments.library or "default", settings=settings) as library:
        yield library


def as_json(record: object) -> str:
    """One line of JSON."""
    return json.dumps(record, ensure_ascii=False)


def excerpt(text: str, *, longest: int = 70) -> str:
    """A text on one line of a terminal, as far as it fits."""
    from retrieval.cards import visible

    line = " ".join(visible(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def show(card: "Card") -> None:
    """Print a card as wide as the terminal, in colour where it has any."""
    from retrieval.terminal import render

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    columns = os.get_terminal_size().columns if sys.stdout.isatty() else 80
    sys.stdout.write(render(card, width=min(columns, _WIDEST), colour=colour))
