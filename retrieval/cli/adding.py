"""``add`` and ``watch-folder``: articles in, how far it is, and what failed."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import count
from os.path import commonprefix
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from retrieval.cards import counted, visible
from retrieval.cli.shared import COULD_NOT, DONE, Command, as_json, excerpt, opened
from retrieval.errors import QuothError, StoreBusy
from retrieval.messages import with_values

if TYPE_CHECKING:
    from rich.progress import Progress

    from retrieval.library import Library
    from retrieval.loaders.documents import Document, Unread
    from retrieval.records import Added, Preview


_LINES_ON_A_TERMINAL = 10  # then the bar alone says how far it is
_NAMES_SHOWN = 5  # of what failed for the same reason
_OPENING = 3  # lines of an article that would be added
_LONGEST_LINE = 100
# What happens to each article, in the order in which it is summed up
_WOULD = {"added": "would be added", "updated": "would be updated", "unchanged": "unchanged", "failed": "would fail"}


# quoth add


def _configure_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file, a folder, an address (https://…), or - for standard input"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show what would be added, its first lines and what would be set aside; nothing is stored",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line an article")


def _add(arguments: argparse.Namespace) -> int:
    sources = _Sources(arguments.paths)
    if arguments.dry_run:
        with _looked_at(arguments) as library:
            return _preview(library.preview_each(sources), is_json=arguments.json)
    with opened(arguments) as library:
        return report(library.add_each(sources), is_json=arguments.json, nothing="nothing to add", sources=sources)


class Countable(Protocol):
    """Something that is worked through: how much of it there is, and how much has been taken."""

    @property
    def total(self) -> int: ...
    @property
    def taken(self) -> int: ...


class _Sources:
    """What the command line names, one file or address at a time, each counted when it is taken."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._all = [source for path in paths for source in _files(path)]
        self.taken = 0

    @property
    def total(self) -> int:
        return len(self._all)

    def __iter__(self) -> "Iterator[str | Document | Unread]":
        for source in self._all:
            if source == "-":
                yield from _standard_input()
            else:
                yield source
            self.taken += 1


def _files(path: str) -> Sequence[str]:
    """The files of a folder, each under the name that it has when the folder is added; else the path itself."""
    from retrieval.loaders.files import article_files, is_folder
    from retrieval.web.addresses import is_address

    if path == "-" or is_address(path) or not is_folder(Path(path)):
        return [path]
    return [str(file) for file in article_files(Path(path))] or [path]


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


# What would be added


@contextmanager
def _looked_at(arguments: argparse.Namespace) -> "Iterator[Library]":
    """The library that the command line names; where there is none yet, an empty one that leaves no file."""
    from retrieval.library import Library
    from retrieval.settings import read_settings
    from retrieval.store.homes import library_path

    if library_path(arguments.home, arguments.library or "default").exists():
        with opened(arguments) as library:
            yield library
    else:
        with Library.in_memory(settings=read_settings(arguments.home)) as library:
            yield library


def _preview(previews: "Iterable[Preview]", *, is_json: bool) -> int:
    """Print what would become of each article; the exit code that adding would have."""
    counts: Counter[str] = Counter()
    failures: list[Added] = []
    for preview in previews:
        counts[preview.added.status] += 1
        if preview.added.error:
            failures.append(preview.added)
        if is_json:
            print(as_json(_previewed(preview)), flush=True)
        else:
            print(*_preview_lines(preview), sep="\n", file=sys.stderr if preview.added.error else sys.stdout)
    if not is_json:
        print(", ".join(f"{counts[s]:,} {what}" for s, what in _WOULD.items() if counts[s]) or "nothing to add")
        print("Nothing was stored.")
        _print_failures(failures, of=counts.total())
    return COULD_NOT if counts["failed"] else DONE


def _opening(preview: "Preview") -> list[str]:
    """The first lines that can be quoted."""
    from retrieval.clean import kept
    from retrieval.text import lines

    spans = kept(preview.text, preview.added.set_aside)
    found = (preview.text[start:end] for span in spans for start, end in lines(preview.text, span) if start < end)
    return [line for line, _ in zip(found, range(_OPENING), strict=False)]


def _preview_lines(preview: "Preview") -> Iterator[str]:
    added = preview.added
    if added.article is None:
        yield visible(f"would fail: {added.error}")
        return
    note = f"  ({added.note})" if added.note else ""
    yield visible(f"{_WOULD[added.status]}: {added.article.title}{note}")
    if added.status == "unchanged":
        return
    for line in _opening(preview):
        yield f"    {excerpt(line, longest=_LONGEST_LINE)}"
    for mark in added.set_aside:
        yield f"    set aside, {mark.kind}: {excerpt(preview.text[mark.start : mark.end])}"


def _previewed(preview: "Preview") -> dict[str, object]:
    aside = [{**asdict(m), "text": preview.text[m.start : m.end]} for m in preview.added.set_aside]
    return {**_record(preview.added), "dry_run": True, "opening": _opening(preview), "set_aside": aside}


# What was added


def report(results: "Iterable[Added]", *, is_json: bool, nothing: str, sources: Countable | None = None) -> int:
    """Print what becomes of articles while they are added, the sum, and what failed and why; the exit code."""
    counts: Counter[str] = Counter()
    aside: Counter[str] = Counter()
    failures: list[Added] = []
    passages = embedded = 0
    with _shown(sources, as_lines=not is_json) as show_added:
        for added in results:
            counts[added.status] += 1
            aside.update(mark.kind for mark in added.set_aside)
            passages, embedded = passages + added.passages, embedded + added.embedded
            if added.error:
                failures.append(added)
            if is_json:
                print(as_json(_record(added)), flush=True)
            else:
                show_added(added)
    if not is_json:
        print(_listing(counts) or nothing, end="\n" if counts or nothing else "", flush=True)
        if embedded < passages:
            print(f"{passages - embedded:,} of {passages:,} passages are as they were, and kept their vectors")
        if aside:
            print(f"set aside, and never quoted: {_listing(aside)}")
        _print_failures(failures, of=counts.total())
    return COULD_NOT if counts["failed"] else DONE


def _print_failures(failures: "Sequence[Added]", *, of: int) -> None:
    """What failed, by the reason, once there were so many results that the failures have scrolled away."""
    if not failures or of <= _LINES_ON_A_TERMINAL:
        return
    by_reason: dict[str, list[Added]] = {}
    for added in failures:
        # The reason is what the sentence says apart from the words that are not Quoth's own.
        by_reason.setdefault(with_values(added.error or "", lambda _: ""), []).append(added)
    sys.stdout.flush()
    folder = _common([added.name for added in failures if added.name])
    where = f", in {folder}" if folder else ""
    print(visible(f"\n{counted(len(failures), 'failure')} of {of:,}{where}:"), file=sys.stderr)
    for group in sorted(by_reason.values(), key=len, reverse=True):
        names = [added.name.removeprefix(folder) for added in group if added.name]
        reason = str(group[0].error)
        if len(group) > 1 and group[0].name:
            reason = reason.replace(group[0].name, "it")
        more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
        print(visible(f"{len(group):>5,} × {reason}"), file=sys.stderr)
        if len(group) > 1 and names:
            print(visible(f"        {', '.join(names[:_NAMES_SHOWN])}{more}"), file=sys.stderr)


def _common(names: Sequence[str]) -> str:
    """The folder, or the beginning of an address, that several names share, up to its last stroke."""
    shared = commonprefix(names) if len(names) > 1 else ""  # noqa: RUF071 - they may be addresses; cut below
    return shared[: shared.rfind("/") + 1]


def _record(added: "Added") -> dict[str, object]:
    article = asdict(added.article) if added.article else None
    note = {"note": added.note} if added.note else {}
    return {"status": added.status, "article": article, "error": added.error, **note}


def _listing(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {what}" for what, number in sorted(counts.items()))


def _added_line(added: "Added") -> str:
    if added.article is None:
        return visible(f"{added.status}: {added.error or added.note}")
    aside = _listing(Counter(mark.kind for mark in added.set_aside))
    remarks = [f"set aside: {aside}" if aside else "", added.note or ""]
    suffix = "".join(f"  ({remark})" for remark in remarks if remark)
    return visible(f"{added.status}: {added.article.title}  [{added.article.id}]{suffix}")


# How far it is


@contextmanager
def _shown(sources: Countable | None, *, as_lines: bool) -> "Iterator[Callable[[Added], None]]":
    """A line an article; on a terminal a bar, below the first lines and all failures."""
    if not as_lines or not sys.stderr.isatty():
        yield lambda added: print(_added_line(added), file=sys.stderr if added.error else sys.stdout)
        return
    with _bar(sources) as progress:
        task = progress.add_task("Adding articles", total=sources.total if sources else None, articles=0)
        shown = count()
        articles = 0

        def show_added(added: "Added") -> None:
            nonlocal articles
            articles += added.article is not None
            progress.update(task, completed=sources.taken if sources else None, articles=articles)
            if added.error or next(shown) < _LINES_ON_A_TERMINAL:
                progress.console.print(_added_line(added), markup=False, highlight=False, soft_wrap=True)

        yield show_added


def _bar(sources: Countable | None) -> "Progress":
    """How many articles there are, and how many a second; where it is known, of how many files, and the time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Articles, and how many there were a second."""

        def render(self, task: Task) -> Text:
            articles: int = task.fields["articles"]
            seconds = task.elapsed or 0.0
            rate = f", {articles / seconds:,.1f}/s" if seconds >= 1 else ""
            return Text(f"{counted(articles, 'article')}{rate}")

    console = Console(stderr=True)
    start = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
    if sources is None:
        return Progress(*start, Rate(), TimeElapsedColumn(), console=console, transient=True)
    left = (TextColumn("files"), Rate(), TimeRemainingColumn(), TextColumn("left"))
    return Progress(*start, MofNCompleteColumn(), *left, console=console, transient=True)


# quoth watch-folder


def _configure_watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder; those in it count, too")
    parser.add_argument("--once", action="store_true", help="bring the library in step now, and end")
    parser.add_argument("--json", action="store_true", help="print one JSON line an article")


def _watch(arguments: argparse.Namespace) -> int:
    from retrieval.watching import changes

    with opened(arguments) as library:

        def sync(*, nothing: str) -> int:
            return report(library.sync_folder(arguments.folder), is_json=arguments.json, nothing=nothing)

        code = sync(nothing="nothing has changed")
        if arguments.once:
            return code
        print(visible(f"watching {arguments.folder}; Ctrl-C ends it"), file=sys.stderr, flush=True)
        for _ in changes(arguments.folder):
            try:
                sync(nothing="")
            except StoreBusy as error:  # it may be free the next time
                print(f"quoth: {error}", file=sys.stderr)
    return DONE


COMMANDS = (
    Command(
        "add",
        "Add or update articles",
        _configure_add,
        _add,
        "Files that are read: .txt .md .html .pdf .docx .epub .json .jsonl .zip. "
        "An address is that of a page, or of a feed or sitemap: its articles.",
    ),
    Command(
        "watch-folder",
        "Keep the library in step with a folder: what is added, changed, renamed or deleted there",
        _configure_watch,
        _watch,
        "An article that leaves the folder leaves the library. A folder whose files are all gone at once removes "
        "nothing: its drive may not be connected.",
    ),
)
