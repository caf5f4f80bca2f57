"""What cleaning finds in pasted news, and what it loses: python -m benchmarks.pastes

Reads ``tests/pastes/``: 80 pastes written for this measure, in the layouts of ten kinds of outlets. The rules
were improved while looking at ``tuned/``; ``held/`` was written before and not looked at.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import ROOT, percent, put, table
from retrieval.clean import clean, kept
from retrieval.figures import rate
from retrieval.records import Mark
from retrieval.text import Span, sentences

PASTES = ROOT / "tests" / "pastes"
HALVES = ("tuned", "held")

_LABELLED = re.compile(r"(?P<joined>\+?)(?P<label>[bchdsx])\|(?P<text>.*)")
_BODY, _EITHER = "b", "s"


@dataclass(frozen=True, slots=True)
class Paste:
    """A pasted text, and what each piece of it is: ``b`` for the reporter's own, see the folder's README."""

    name: str
    text: str
    pieces: tuple[tuple[str, Span], ...]

    @property
    def language(self) -> str:
        """As its name says; English where it says none."""
        found = re.search(r"\b(de|fr|es)\b", self.name)
        return found[0] if found else "en"

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to be found but a headline."""
        return all(label in "bhs" for label, _ in self.pieces)

    def boilerplate(self) -> list[Span]:
        """The lines, and parts of lines, that are not the reporter's sentences."""
        return [span for label, span in self.pieces if label not in (_BODY, _EITHER)]

    def body(self) -> list[Span]:
        """The reporter's sentences; one that a mail program wrapped is one."""
        runs: list[Span] = []
        previous = ""
        for label, span in self.pieces:
            if label == _BODY:
                if previous == _BODY:
                    runs[-1] = Span(runs[-1].start, span.end)
                else:
                    runs.append(span)
            previous = label
        return [sentence for run in runs for sentence in sentences(self.text, run)]


def read_paste(path: Path) -> Paste:
    """A labelled file. Raises ValueError, naming file and line, where a line has no label."""
    text, pieces, started = "", list[tuple[str, Span]](), False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("#|"):
            continue
        found = _LABELLED.fullmatch(line)
        if line and not found:
            raise ValueError(f"{path}:{number} has no label")
        text += " " if found and found["joined"] else "\n" if started else ""
        started = True
        if found:
            pieces.append((found["label"], Span(len(text), len(text) + len(found["text"]))))
            text += found["text"]
    return Paste(f"{path.parent.name}/{path.stem}", text, tuple(pieces))


def read_pastes(half: str) -> list[Paste]:
    """All of ``tuned`` or of ``held``, in the order of their names."""
    return [read_paste(path) for path in sorted((PASTES / half).glob("*.txt"))]


def marked(span: Span, marks: Iterable[Mark], *, text: str) -> int:
    """How many characters of a span are marked, white space left out."""
    inside = {i for mark in marks for i in range(max(span.start, mark.start), min(span.end, mark.end))}
    return sum(not text[i].isspace() for i in inside)


def _visible(span: Span, text: str) -> int:
    return sum(not c.isspace() for c in text[span.start : span.end])


@dataclass(frozen=True, slots=True)
class Measured:
    """What cleaning did to a paste: what it missed of the boilerplate, and what it took of the body."""

    paste: Paste
    missed: tuple[str, ...]
    lost: tuple[str, ...]
    lost_again: tuple[str, ...]  # by cleaning what was kept


def measure(paste: Paste) -> Measured:
    """Clean a paste, and clean again what was kept of it."""
    text = paste.text
    cleaned = clean(text)
    boilerplate = [s for s in paste.boilerplate() if marked(s, cleaned.marks, text=text) < _visible(s, text)]
    lost = [s for s in paste.body() if marked(s, cleaned.marks, text=text)]
    again, places = rest(text, cleaned.marks)
    twice = [places[i] for mark in clean(again, title=cleaned.title).marks for i in range(mark.start, mark.end)]
    lost_again = [s for s in paste.body() if any(s.start <= place < s.end for place in twice)]
    return Measured(paste, *(tuple(text[s:e] for s, e in spans) for spans in (boilerplate, lost, lost_again)))


def rest(text: str, marks: Iterable[Mark]) -> tuple[str, list[int]]:
    """What is kept, as a text of its own with its paragraphs, and where each of its characters stood."""
    again, places, end = "", list[int](), 0
    for span in kept(text, marks):
        gap = "\n\n" if "\n" in text[end : span.start] else " "
        gap = gap if again else ""
        again += gap + text[span.start : span.end]
        places += [span.start] * len(gap) + list(range(*span))
        end = span.end
    return again, places


def row(name: str, found: Sequence[Measured]) -> list[str]:
    """A line of the table."""
    lines = [(m, len(m.paste.boilerplate())) for m in found]
    body = [(m, len(m.paste.body())) for m in found]
    hits = [n >= len(m.missed) for m, count in lines for n in range(count)]
    losses = [n < len(m.lost) for m, count in body for n in range(count)]
    figures = [rate([float(v) for v in values]) if values else None for values in (hits, losses)]
    cells = [percent(f.value, f.low, f.high) if f else "–" for f in figures]
    again = sum(len(m.lost_again) for m in found)
    return [name, str(len(found)), str(len(hits)), cells[0], str(len(losses)), cells[1], str(again)]


def main() -> None:
    """Measure, print the table, and write it into the page."""
    os.chdir(ROOT)
    rows = []
    for half in HALVES:
        found = [measure(paste) for paste in read_pastes(half)]
        dirty = [m for m in found if not m.paste.is_clean]
        rows += [
            row(f"{half}, English", [m for m in dirty if m.paste.language == "en"]),
            row(f"{half}, German, French, Spanish", [m for m in dirty if m.paste.language != "en"]),
            row(f"{half}, clean", [m for m in found if m.paste.is_clean]),
        ]
    head = ("", "pastes", "boilerplate lines", "found", "body sentences", "lost", "lost when cleaned again")
    put("pastes", table(head, rows))


if __name__ == "__main__":
    main()
