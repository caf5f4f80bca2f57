"""``add``, ``list``, ``show``, ``summarise`` and ``remove``: articles in, and what is known of them."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.cli.shared import COULD_NOT, DONE, Command, as_json, opened, show
from retrieval.errors import InvalidInput, QuothError

if TYPE_CHECKING:
    from retrieval.loaders import Document, Unread
    from retrieval.records import Added, Article, Mark


def _configure_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, or - for standard input")
    parser.add_argument("--json", action="store_true", help="print one JSON line an article")


def _add(arguments: argparse.Namespace) -> int:
    failed = 0
    counts: dict[str, int] = {}
    with opened(arguments) as library, _progress(quiet=arguments.json) as advance:
        for added in library.add_each(_sources(arguments.paths)):
            counts[added.status] = counts.get(added.status, 0) + 1
            failed += added.status == "failed"
            if arguments.json:
                article = asdict(added.article) if added.article else None
                print(as_json({"status": added.status, "article": article, "error": added.error}), flush=True)
            else:
                advance(_added_line(added))
    if not arguments.json:
        print(", ".join(f"{number:,} {status}" for status, number in sorted(counts.items())) or "nothing to add")
    return COULD_NOT if failed else DONE


def _sources(paths: Iterable[str]) -> "Iterator[Path | Document | Unread]":
    from retrieval.loaders import from_json_lines, from_text

    for path in paths:
        if path == "-":
            given = sys.stdin.buffer.read().decode("utf-8", errors="replace")
            if given.lstrip().startswith("{"):
                yield from from_json_lines(given, name="standard input")
            else:
                yield replace(from_text(given, name="standard input"), doc_id=None)
        elif "://" in path:
            raise InvalidInput(
                f"{path} is an address, and pages are not fetched",
                hint="Save the page and add the .html file",
            )
        else:
            yield Path(path)


def _added_line(added: "Added") -> str:
    if added.article is None:
        return f"failed: {added.error}"
    aside = f"  ({_set_aside(added.set_aside)} set aside)" if added.set_aside else ""
    return f"{added.status}: {added.article.title}  [{added.article.id}]{aside}"


def _set_aside(marks: "Iterable[Mark]") -> str:
    kinds: dict[str, int] = {}
    for mark in marks:
        kinds[mark.kind] = kinds.get(mark.kind, 0) + 1
    return ", ".join(f"{number} {kind}" for kind, number in kinds.items())


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, with a line for what failed; plain lines where output is piped."""
    if quiet or not sys.stderr.isatty():
        yield print
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Adding articles", total=None)

        def advance(line: str) -> None:
            progress.advance(task)
            progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

        yield advance


def _configure_summarise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("article", metavar="ARTICLE", help="its id, doc_id, address or title")
    parser.add_argument("--length", choices=("short", "medium", "long"), default="short", help="3, 5 or 8 sentences")
    parser.add_argument("--json", action="store_true", help="print the Summary as JSON")


def _summarise(arguments: argparse.Namespace) -> int:
    from retrieval.cards import summary_card

    with opened(arguments) as library:
        summary = library.summarise(arguments.article, length=arguments.length)
    if arguments.json:
        print(as_json(asdict(summary)))
    else:
        show(summary_card(summary, length=arguments.length))
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
    return f"{article.id}  {article.title}  ({details})"


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
            print(f"{name.replace('_', ' '):>15}  {'—' if value in (None, '') else value}")
        for mark in marks:
            print(f"{'set aside':>15}  {mark.kind}: {_excerpt(text[mark.start : mark.end])}")
    return DONE


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 70 else f"{line[:69]}…"


def _configure_remove(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("articles", nargs="+", metavar="ARTICLE", help="its id, doc_id, address or title")


def _remove(arguments: argparse.Namespace) -> int:
    failed = 0
    with opened(arguments) as library:
        for reference in arguments.articles:
            try:
                print(f"removed: {library.remove(reference).title}")
            except QuothError as error:
                failed += 1
                print(f"quoth: {error}", file=sys.stderr)
    return COULD_NOT if failed else DONE


COMMANDS = (
    Command("add", "Add or update articles", _configure_add, _add, "Files that are read: .txt .md .html .jsonl"),
    Command("list", "List the articles", _configure_list, _list),
    Command("show", "Show an article: what is known of it, what was set aside, its text", _configure_show, _show),
    Command("summarise", "Summarise an article in its own sentences", _configure_summarise, _summarise),
    Command("remove", "Remove articles and everything derived from them", _configure_remove, _remove),
)
