"""Quoth, measured as the tools are: python -m benchmarks.rivals.quoth READER STEP FOLDER [SOURCE ...]

READER is ``answers.reranker`` of the settings: "none" leaves the reading model out. STEP "add" adds SOURCEs to the
library in FOLDER; "ask" asks it FOLDER/labels.json, questions with the spans that answer.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.rivals.tools import SHOWN, Asked, busy, peak_memory, resident_memory, size_of
from retrieval.evaluate import Question, Result, scores
from retrieval.library import Library
from retrieval.models import PACKAGED
from retrieval.settings import Settings
from retrieval.store.homes import library_path
from retrieval.text import Span


def main() -> None:
    """Measure one step."""
    reader, step, folder, *sources = sys.argv[1:]
    settings = Settings()
    settings = replace(settings, answers=replace(settings.answers, reranker=reader))
    if step == "add":
        print(json.dumps({"seconds": add(Path(folder), sources, settings)}))
    else:
        print(json.dumps(asdict(ask(Path(folder), settings))))


def add(home: Path, sources: Sequence[str], settings: Settings) -> float:
    """The seconds that adding takes, from files to answers: reading, cleaning, cutting, embedding, storing."""
    PACKAGED.encoder(settings).encode(["ready"])
    begin = busy()
    with Library.open(home, settings=settings) as library:
        assert not [added.error for added in library.add(*map(Path, sources)) if added.error]
    return busy() - begin


def ask(home: Path, settings: Settings) -> Asked:
    """What the questions cost; what is found is [1] where one of three quotes holds the answer, else [0]."""
    labels = [read_label(label) for label in json.loads((home / "labels.json").read_text(encoding="utf-8"))]
    encoder = PACKAGED.encoder(settings)
    encoder.encode(["ready"])
    PACKAGED.reranker(settings)
    before = resident_memory()
    begin = busy()
    with Library.open(home, settings=settings) as library:
        library.ask(labels[0].text, quotes=SHOWN)
        opened = busy() - begin
        embed, search, found = [], [], []
        for label in labels:
            begin = busy()
            encoder.encode([label.text])  # as it is asked for once more
            embedded = busy()
            answer = library.ask(label.text, quotes=SHOWN)
            embed.append((embedded - begin) * 1000)
            search.append((busy() - embedded) * 1000 - embed[-1])
            found.append(
                [int(hit) for hit in scores("quote@3", [Result(label, answer, first_article=False, rank=None)])]
            )
    memory = peak_memory() - before
    return Asked(opened * 1000, embed, search, found, memory, size_of(library_path(home, "default").parent))


def read_label(label: dict[str, Any]) -> Question:
    """A question as ``benchmarks.rivals.prepare`` writes it."""
    spans = tuple(Span(start, end) for start, end in label["gold"])
    return Question(label["text"], label["text"], label["doc_id"], spans, answerable=True)


if __name__ == "__main__":
    main()
