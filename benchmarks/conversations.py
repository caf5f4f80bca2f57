"""How well follow-up questions are answered: python -m benchmarks.conversations

Asks the conversations of ``seeds/conversations.jsonl``. A follow-up is asked as it stands in its
conversation, with the questions before it and without them, and in full; a question that changes the
subject is asked with the questions before it and without them. Every other conversation, beginning
with the first, was used to choose weights; the page gets the figures of the rest.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import ROOT, percent, put, table
from retrieval.evaluate import Question, Result, library_of, scores
from retrieval.figures import rate
from retrieval.library import Library
from retrieval.settings import Settings
from retrieval.text import Span

FILE = ROOT / "seeds" / "conversations.jsonl"
# A question that changes the subject says all that it needs: it is asked in full as it is.
WAYS = {
    "follow-up": ("in full", "with history", "without history"),
    "new subject": ("with history", "without history"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A labelled question of a conversation, the same question in full, and what was asked before."""

    question: Question
    in_full: str
    kind: str
    history: tuple[str, ...]


def read(file: Path = FILE) -> list[list[Turn]]:
    """The conversations of a JSON Lines file; docs/formats.md says what stands in a line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [list(_turns(json.loads(line))) for line in lines]


def _turns(conversation: dict[str, object]) -> Iterator[Turn]:
    turns = conversation["turns"]
    assert isinstance(turns, list)
    for number, turn in enumerate(turns):
        gold = tuple(Span(a["start"], a["start"] + len(a["text"])) for a in turn["answers"])
        question = Question(
            f"{conversation['id']}-{number}", turn["question"], turn["doc_id"], gold, turn["answerable"]
        )
        yield Turn(question, turn["in_full"], turn["kind"], tuple(t["question"] for t in turns[:number]))


def asked(turns: Sequence[Turn], library: Library, *, as_: str) -> list[Result]:
    """The answers to the turns ``"with history"``, ``"without history"`` or ``"in full"``."""
    found = []
    for turn in turns:
        text = turn.in_full if as_ == "in full" else turn.question.text
        answer = library.ask(text, history=turn.history if as_ == "with history" else ())
        found.append(Result(turn.question, answer, first_article=False, rank=None))
    return found


def main() -> None:
    """Measure, print the table, and write it into the page."""
    os.chdir(ROOT)  # the labels name articles by their path from here
    held_out = [turn for conversation in read()[1::2] for turn in conversation]
    rows = []
    with library_of(["seeds"], settings=Settings()) as library:
        for kind, ways in WAYS.items():
            turns = [turn for turn in held_out if turn.kind == kind]
            rows += [_row(f"{kind}, {as_}", asked(turns, library, as_=as_)) for as_ in ways]
    put("conversations", table(("", "questions", "quote@1", "quote@3", "answered"), rows))


def _row(name: str, results: Sequence[Result]) -> list[str]:
    columns = [scores("quote@1", results), scores("quote@3", results), [float(r.answer.answered) for r in results]]
    figures = [rate(column) for column in columns]
    return [name, str(len(results)), *(percent(f.value, f.low, f.high) for f in figures if f)]


if __name__ == "__main__":
    main()
