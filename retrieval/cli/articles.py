"""``add``, ``list``, ``show``, ``summarise`` and ``remove``: articles in, and what is known of them."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import count
from typing import TYPE_CHECKING

from retrieval.cards import summary_card, topic_card, visible
from retrieval.cli.shared import COULD_NOT, DONE, Command, as_json, opened, show
from retrieval.errors import QuothError

if TYPE_CHECKING:
    from retrieval.library import Library
    from retrieval.loaders.documents import Document, Unread
    from retrieval.records import Added, Article, Change


_LINES_ON_A_TERMINAL = 10  # then the bar alone says how far it is


def _configure_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file, a folder, an address (https://…), or - for standard input"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line an article")


def _add(arguments: argparse.Namespace) -> int:
    with opened(arguments) as library:
        return report(library.add_each(_sources(arguments.paths)), is_json=arguments.json, nothing="nothing to add")


def report(results: "Iterable[Added]", *, is_json: bool, nothing: str) -> int:
    """Print what becomes of articles while they are added, and the sum; the exit code."""
    counts: Counter[str] = Counter()
    aside: Counter[str] = Counter()
    passages = embedded = 0
    with _shown(as_lines=not is_json) as show_added:
        for added in results:
            counts[added.status] += 1
            aside.update(mark.kind for mark in added.set_aside)
            passages, embedded = passages + added.passages, embedded + added.embedded
            if is_json:
                print(as_json(_record(added)), flush=True)
            else:
                show_added(added)
    if not is_json:
        print(_listing(counts) or nothing)
        if embedded < passages:
            print(f"{passages - embedded:,} of {passages:,} passages are as they were, and kept their vectors")
        if aside:
            print(f"set aside, and never quoted: {_listing(aside)}")
    return COULD_NOT if counts["failed"] else DONE


def _record(added: "Added") -> dict[str, object]:
    article = asdict(added.article) if added.article else None
    note = {"note": added.note} if added.note else {}
    return {"status": added.status, "article": article, "error": added.error, **note}


def _listing(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {what}" for what, number in sorted(counts.items()))


def _sources(paths: Iterable[str]) -> "Iterator[str | Document | Unread]":
    for path in paths:
        if path == "-":
            yield from _standard_input()
        else:
            yield path


def _standard_input() -> "Iterator[Document | Unread]":
    from retrieval.loaders.documents import Unread, decode, from_text
    from retrieval.loaders.json_files import from_json_lines

    name = "standard input"
    try:
        given = decode(sys.stdin.buffer.read(), name=name)
        if given.lstrip("\ufeff \t\r\n").startswith("{"):
            yield from from_json_lines(given, name=name)
        else:
            yield replace(from_text(given, name=name), doc_id=None)
    except QuothError as error:
        yield Unread(name, error)


def _added_line(added: "Added") -> str:
    if added.article is None:
        return visible(f"failed: {added.error}")
    aside = _listing(Counter(mark.kind for mark in added.set_aside))
    remarks = [f"set aside: {aside}" if aside else "", added.note or ""]
    suffix = "".join(f"  ({remark})" for remark in remarks if remark)
    return visible(f"{added.status}: {added.article.title}  [{added.article.id}]{suffix}")


@contextmanager
def _shown(*, as_lines: bool) -> "Iterator[Callable[[Added], None]]":
    """A line an article; on a terminal a bar, below the first lines and all failures."""
    if not as_lines or not sys.stderr.isatty():
        yield lambda added: print(_added_line(added), file=sys.stderr if added.error else sys.stdout)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Adding articles", total=None)
        shown = count()

        def show_added(added: "Added") -> None:
            progress.advance(task)
            if added.error or next(shown) < _LINES_ON_A_TERMINAL:
                progress.console.print(_added_line(added), markup=False, highlight=False, soft_wrap=True)

        yield show_added


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
        show(topic_card(summary, articles=len(library.articles())))
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


def _signed(change: "Change") -> "Iterator[tuple[str, str]]":
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
            print(f"{'set aside':>15}  {mark.kind}: {_excerpt(text[mark.start : mark.end])}")
    return DONE


def _excerpt(text: str) -> str:
    line = " ".join(visible(text).split())
    return line if len(line) <= 70 else f"{line[:69]}…"


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
    Command(
        "add",
        "Add or update articles",
        _configure_add,
        _add,
        "Files that are read: .txt .md .html .pdf .docx .epub .json .jsonl .zip. "
        "An address is that of a page, or of a feed: its articles.",
    ),
    Command("list", "List the articles", _configure_list, _list),
    Command("show", "Show what is known of an article, or its text", _configure_show, _show),
    Command("history", "Show what updates of an article changed, by sentences", _configure_history, _history),
    Command("summarise", "Summarise articles in their own sentences", _configure_summarise, _summarise),
    Command("remove", "Remove articles and everything derived from them", _configure_remove, _remove),
)
