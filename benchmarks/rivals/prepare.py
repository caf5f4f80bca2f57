"""What is asked of which texts: the real articles in pieces, and made libraries of 10,000 and 100,000 passages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.baselines import CHUNK, Piece, chunks
from benchmarks.big import Material, make, material
from retrieval.evaluate import Question, read_questions
from retrieval.library import Library
from retrieval.text import Span, sentences

SIZES = (10_000, 100_000)
REAL = "real"
_QUESTIONS = 200  # to the real articles
_TIMED = 40  # to the made libraries

SEEDS = Path("seeds")  # from the project's folder: labels name the articles so


@dataclass(frozen=True, slots=True)
class Prepared:
    """The files of the articles and their pieces by number, and the questions asked of them."""

    sources: Sequence[Path]
    articles: int
    pieces: Sequence[Piece]
    questions: Sequence[Question]


def prepare(home: Path, sets: Sequence[Path]) -> Prepared:
    """Write a folder of texts and questions for the real articles, and one for each size, unless it is there."""
    sources = [SEEDS, *(folder / "docs.jsonl" for folder in sets)]
    labelled = [SEEDS / "questions.jsonl", *(folder / "qa.jsonl" for folder in sets)]
    with Library.open(home / "prepared") as library:
        if not library.passage_count():
            library.add(*sources)
        asked = [q for file in labelled for q in read_questions(file, library) if q.gold]
        texts = {a.doc_id or a.id: library.text(a.id) for a in library.articles()}
        source = material(library)
    pieces = [Piece(doc_id, span) for doc_id, text in texts.items() for span in pieces_of(text)]
    order = np.random.default_rng(1).permutation(len(asked)).tolist()
    questions = [asked[at] for at in order[:_QUESTIONS]]
    _write(home / REAL, [texts[p.doc_id][p.span.start : p.span.end] for p in pieces], questions)
    for size in SIZES:
        _made(home / str(size), size, source, questions[:_TIMED])
    return Prepared(sources, len(texts), pieces, questions)


def pieces_of(text: str) -> list[Span]:
    """Whole sentences, as many as fit into the longest quote; a longer sentence is cut at white space."""
    found: list[Span] = []
    for start, end in sentences(text):
        for part in (Span(start + s, start + e) for s, e in chunks(text[start:end])):
            if found and part.end - found[-1].start <= CHUNK:
                found[-1] = Span(found[-1].start, part.end)
            else:
                found.append(part)
    return found


def _made(folder: Path, size: int, source: Material, questions: Sequence[Question]) -> None:
    """A library of made passages, and the same passages and their vectors for the others."""
    if (folder / "vectors.npy").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    make(folder, "default", size, source)
    texts, vectors = [], []
    with Library.open(folder) as library:
        library.ask(questions[0].text)  # makes the index, which adding articles would have made
        store = library._store  # noqa: SLF001 - what is stored, as it is stored
        for article in library.articles():
            text = library.text(article.id)
            for passage in store.embedded(article.id):
                texts.append(text[passage.sentences[0].start : passage.sentences[-1].end])
                vectors.append(passage.vector)
    _write(folder, texts, questions)
    np.save(folder / "vectors.npy", np.stack(vectors))


def _write(folder: Path, texts: Sequence[str], questions: Sequence[Question]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    labels = [{"text": q.text, "doc_id": q.doc_id, "gold": q.gold} for q in questions]
    for name, content in (("texts", texts), ("questions", [q.text for q in questions]), ("labels", labels)):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
