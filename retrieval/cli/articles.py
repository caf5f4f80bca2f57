"""``list``, ``show``, ``history``, ``summarise`` and ``remove``: what is known of articles."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from retrieval.cards import summary_card, topic_card, visible
from retrieval.cli.shared import COULD_NOT, DONE, Command, as_json, excerpt, opened, show
from retrieval.errors import QuothError

if TYPE_CHECKING:
    from retrieval.library import Library
    from retrieval.records import Article, Change


def _configure_summarise(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("articles", nargs="*", default=[], metavar="ARTICLE", help="its id, doc_id, address or title")
    what.add_argument("--about", metavar="TOPIC", help="summarise what all articles about this say of it")
    parser.add_argument(
        "--length",
        choices=("short", "medium", "long"),
        default="short",
        help="at most 3, 5 or 8 sentences; about a topic 2, 3 or 5 of each article (short)",
    )
    parser.add_argument("--json", action="store_true", help="print one Summary a line, or the TopicSummary, as JSON")


def _summarise(arguments: argparse.Namespace) -> int:
    with opened(arguments) as library:
        if arguments.about is not None:
            return _summarise_topic(library, arguments)
        failed = 0
        for number, reference in enumerate(arguments.articles):
            try:
                summary = library.summarise(reference, length=arguments.length)
            except QuothError as error:
                failed += 1
                print(f"quoth: {error}", file=sys.stderr)
                continue
            if arguments.json:
                print(as_json(asdict(summary)))
            else:
                print(end="\n" if number else "")
                show(summary_card(summary, length=arguments.length))
    return COULD_NOT if failed else DONE


def _summarise_topic(library: "Library", arguments: argparse.Namespace) -> int:
    summary = library.summarise_topic(arguments.about, length=arguments.length)
    if arguments.json:
        print(as_json(asdict(summary)))
    else:
        show(topic_card(summary, articles=library.article_count()))
    return DONE


def _configure_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one Article a line as JSON")


def _list(arguments: argparse.Namespace) -> int:
    with opened(arguments) as library:
        articles = library.articles()
    for article in articles:
        print(as_json(asdict(article)) if arguments.json else _listed(article))
    if not articles and not arguments.json:
        print("The library is empty. Add articles with: quoth add FILE")
    return DONE


def _listed(article: "Article") -> str:
    details = ", ".join(d for d in (article.source, article.published or "date unknown") if d)
    return visible(f"{article.id}  {article.title}  ({details})")


def _configure_history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("article", metavar="ARTICLE", help="its id, doc_id, address or title")
    parser.add_argument("--json", action="store_true", help="print one Revision a line, as JSON")


def _history(arguments: argparse.Namespace) -> int:
    with opened(arguments) as library:
        revisions = library.history(arguments.article)
    for number, revision in enumerate(revisions):
        if arguments.json:
            print(as_json(asdict(revision)))
            continue
        print(end="\n" if number else "")
        print(f"updated {revision.at}")
        for notice in revision.notices:
            print(visible(f"  ! {notice}"))
        for change in revision.changes:
            print(*(visible(f"  {sign} {text}") for sign, text in _signed(change)), sep="\n")
    if not revisions and not arguments.json:
        print("It was never updated.")
    return DONE


def _signed(change: "Change") -> Iterator[tuple[str, str]]:
    """What went and what came, as people know it from other tools."""
    for sign, text in (("-", change.before), ("+", change.after)):
        if text:
            yield sign, text


def _configure_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("article", metavar="ARTICLE", help="its id, doc_id, address or title")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--text", action="store_true", help="print the stored text, byte for byte")
    how.add_argument("--json", action="store_true", help="print the Article as JSON")


def _show(arguments: argparse.Namespace) -> int:
    with opened(arguments) as library:
        article = library.article(arguments.article)
        text, marks = library.text(article.id), library.marks(article.id)
    if arguments.text:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
    elif arguments.json:
        print(as_json(asdict(article)))
    else:
        for name, value in asdict(article).items():
            print(visible(f"{name.replace('_', ' '):>15}  {'—' if value in (None, '') else value}"))
        for mark in marks:
            print(f"{'set aside':>15}  {mark.kind}: {excerpt(text[mark.start : mark.end])}")
    return DONE


def _configure_remove(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("articles", nargs="+", metavar="ARTICLE", help="its id, doc_id, address or title")


def _remove(arguments: argparse.Namespace) -> int:
    failed = 0
    with opened(arguments) as library:
        for reference in arguments.articles:
            try:
                print(visible(f"removed: {library.remove(reference).title}"))
            except QuothError as error:
                failed += 1
                print(f"quoth: {error}", file=sys.stderr)
    return COULD_NOT if failed else DONE


COMMANDS = (
    Command("list", "List the articles", _configure_list, _list),
    Command("show", "Show what is known of an article, or its text", _configure_show, _show),
    Command("history", "Show what updates of an article changed, by sentences", _configure_history, _history),
    Command("summarise", "Summarise articles in their own sentences", _configure_summarise, _summarise),
    Command("remove", "Remove articles and everything derived from them", _configure_remove, _remove),
)
