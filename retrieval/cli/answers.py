"""``ask``, ``verify`` and ``evaluate``: answers, and whether they can be trusted."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.cards import visible
from retrieval.cli.shared import COULD_NOT, DONE, Command, as_json, opened, show
from retrieval.errors import InvalidInput, QuothError
from retrieval.settings import read_settings

if TYPE_CHECKING:
    from retrieval.library import Library
    from retrieval.records import Answer


_QUESTION = 'what you want to know; source:NAME, after:DATE, before:DATE, "exact words" and "latest" are understood'


def _configure_ask(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", metavar="QUESTION", help=_QUESTION)
    what.add_argument("--batch", type=Path, metavar="FILE", help="a JSON Lines file of questions; one Answer a line")
    parser.add_argument("--quotes", type=_count, default=None, metavar="N", help="quotes at most (3)")
    parser.add_argument("--article", metavar="ARTICLE", help="ask only this article: its id, doc_id or title")
    parser.add_argument("--explain", action="store_true", help="show what each stage gave each quote")
    parser.add_argument("--json", action="store_true", help="print the Answer as JSON")


def _count(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= 10:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number from 1 to 10")
    return int(value)


def _ask(arguments: argparse.Namespace) -> int:
    from retrieval.answers import explain
    from retrieval.cards import answer_card

    with opened(arguments) as library:
        if arguments.batch:
            return _ask_batch(library, arguments)
        trace = library.trace(arguments.question, quotes=arguments.quotes, article=arguments.article)
        if arguments.json:
            print(as_json(_answer(trace.answer, **({"scores": explain.rows(trace)} if arguments.explain else {}))))
        else:
            show(answer_card(trace.answer, articles=library.article_count()))
            if arguments.explain:
                print(f"\n{explain.table(trace)}")
    return DONE


def _answer(answer: "Answer", **more: object) -> dict[str, object]:
    return {**more, **asdict(answer)}


def _ask_batch(library: "Library", arguments: argparse.Namespace) -> int:
    failed = 0
    for number, line in _lines(arguments.batch):
        try:
            asked = _asked(line)
            answer = library.ask(
                asked["question"],
                quotes=arguments.quotes,
                article=asked.get("article") or arguments.article,
                history=asked.get("history") or (),
            )
            print(as_json(_answer(answer, id=asked.get("id"))), flush=True)
        except QuothError as error:
            failed += 1
            print(f"quoth: line {number}: {error}", file=sys.stderr)
    return COULD_NOT if failed else DONE


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers."""
    try:
        with file.open(encoding="utf-8-sig") as lines:
            yield from ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read", hint="Check its name; it must be UTF-8") from error


def _asked(line: str) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("it is not JSON", hint="Write one JSON object a line") from error
    if not isinstance(asked, dict) or not isinstance(asked.get("question"), str):
        raise InvalidInput("it has no question", hint='Write {"id": …, "question": "…"}')
    if not isinstance(asked.get("article") or "", str):
        raise InvalidInput("it has an article that is no text", hint='Write "article": "its doc_id"')
    history = asked.get("history") or []
    if not isinstance(history, list) or not all(isinstance(h, str) for h in history):
        raise InvalidInput("it has a history that is no list of questions", hint='Write "history": ["…", "…"]')
    return asked


def _configure_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("quote", metavar="QUOTE", help="the words to look for")
    parser.add_argument("--article", metavar="ARTICLE", help="the article they are said to be from")
    parser.add_argument("--json", action="store_true", help="print the Verification as JSON")


def _verify(arguments: argparse.Namespace) -> int:
    with opened(arguments) as library:
        found = library.verify(arguments.quote, article=arguments.article)
    if arguments.json:
        print(as_json(asdict(found)))
    elif found.quote is None:
        print("not found: no article here holds these words or anything like them")
    else:
        article = found.quote.article
        place = f"{article.title} [{article.id}], characters {found.quote.start} to {found.quote.end}"
        print(visible(f"{found.standing}: {place}"))
        if found.standing == "altered":
            print(visible(f"  the article says: {found.quote.text}"))
        for other in found.others:
            print(visible(f"  also in: {other.article.title} [{other.article.id}]"))
    return DONE if found.standing in {"found", "in another article"} else COULD_NOT


def _configure_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--docs", nargs="+", required=True, metavar="FILE", help="the articles: files or folders")
    parser.add_argument("--questions", type=Path, required=True, metavar="FILE", help="labelled questions, JSON Lines")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def _evaluate(arguments: argparse.Namespace) -> int:
    from retrieval.evaluate import measure, table

    found = measure(arguments.docs, arguments.questions, settings=read_settings(arguments.home))
    print(as_json(found) if arguments.json else table(found))
    return DONE


COMMANDS = (
    Command("ask", "Ask a question; the answer is quoted word for word", _configure_ask, _ask),
    Command("verify", "Find out where the words of a quote stand", _configure_verify, _verify),
    Command("evaluate", "Measure the answers on a labelled set of questions", _configure_evaluate, _evaluate),
)
