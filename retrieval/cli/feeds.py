"""``feed``: subscriptions, and what is new in them."""

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from retrieval.cards import counted, visible
from retrieval.cli.adding import report
from retrieval.cli.shared import COULD_NOT, DONE, Command, as_json, opened
from retrieval.errors import QuothError

if TYPE_CHECKING:
    from retrieval.library import Library
    from retrieval.records import Feed


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("add", "list", "remove", "poll"),
        metavar="add|list|remove|poll",
        help="subscribe, list the subscriptions, end one (its articles stay), or add what is new in those that are due",
    )
    parser.add_argument("urls", nargs="*", metavar="URL", help="the address of a feed, for add and remove")
    parser.add_argument("--all", action="store_true", help="with poll: all feeds, not only those that are due")
    parser.add_argument("--json", action="store_true", help="print one Feed a line; with poll one line an article")
    parser.set_defaults(complain=parser.error)


def _feed(arguments: argparse.Namespace) -> int:
    action = arguments.action
    if bool(arguments.urls) != (action in {"add", "remove"}):
        arguments.complain(f"feed {action} takes {'no address' if arguments.urls else 'the address of a feed'}")
    if arguments.all and action != "poll":
        arguments.complain("--all goes with feed poll")
    with opened(arguments) as library:
        if action == "poll":
            results = library.feeds.poll(everything=arguments.all)
            return report(results, is_json=arguments.json, nothing="nothing new")
        if action == "list":
            return _list(library, is_json=arguments.json)
        return _each(library, arguments)


def _list(library: "Library", *, is_json: bool) -> int:
    feeds = library.feeds.all()
    for feed in feeds:
        print(as_json(asdict(feed)) if is_json else _listed(feed))
    if not feeds and not is_json:
        print("No feeds yet. Subscribe to one with: quoth feed add URL")
    return DONE


def _each(library: "Library", arguments: argparse.Namespace) -> int:
    """Subscribe to each address, or end its subscription; the rest goes on where one fails."""
    feeds = library.feeds
    do, done = (feeds.subscribe, "subscribed") if arguments.action == "add" else (feeds.unsubscribe, "removed")
    failed = 0
    for url in arguments.urls:
        try:
            feed = do(url)
        except QuothError as error:
            failed += 1
            print(f"quoth: {error}", file=sys.stderr)
            continue
        print(as_json(asdict(feed)) if arguments.json else visible(f"{done}: {feed.title}  ({feed.url})"), flush=True)
    return COULD_NOT if failed else DONE


def _listed(feed: "Feed") -> str:
    polled = f"polled {feed.polled}" if feed.polled else "not polled yet"
    failures = f"; {counted(feed.failures, 'failure')}, the last: {feed.error}" if feed.error else ""
    return visible(f"{feed.title}  ({feed.url}; {counted(feed.articles, 'article')}, {polled}{failures})")


COMMANDS = (
    Command(
        "feed",
        "Subscribe to RSS and Atom feeds, and add what is new in them",
        _configure,
        _feed,
        "Let a timer run quoth feed poll as often as you like: each feed says itself when it is due.",
    ),
)
