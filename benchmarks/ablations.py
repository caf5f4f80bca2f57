"""What each stage is worth: the same questions with one stage after the other switched off."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np

from retrieval.adding import embed, prepare
from retrieval.answers.stages import DEFAULT_STAGES
from retrieval.chunk import split
from retrieval.embed import Encoder, Vectors
from retrieval.evaluate import Question, Result, run
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.recurring import Neighbours
from retrieval.rerank import Reading, Reranker
from retrieval.settings import Settings
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.text import Span
from retrieval.vectors import Floats

EVERYTHING = "everything"
Model = TypeVar("Model")


class Remembering:
    """An encoder that embeds each question once, however often it is asked."""

    def __init__(self, encoder: Encoder) -> None:
        self.fingerprint, self.dimensions, self.room = encoder.fingerprint, encoder.dimensions, encoder.room
        self.encoder = encoder
        self._known: dict[tuple[str, ...], Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        key = tuple(texts)
        if key not in self._known:
            self._known[key] = self.encoder.encode(texts)
        return self._known[key]

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[Vectors, list[Vectors]]:
        return self.encoder.encode_spans(texts, spans)

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        return self.encoder.count_pieces(texts)

    @property
    def known_words(self) -> frozenset[str]:
        return self.encoder.known_words


class RememberingReader:
    """A reranker that reads each passage once for a question, however often it is asked."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._known: dict[tuple[str, Reading], Floats] = {}
        self.is_calibrated = reranker.is_calibrated

    def scores(self, question: str, readings: Sequence[Reading]) -> list[Floats]:
        if new := [r for r in readings if (question, r) not in self._known]:
            self._known.update(zip(((question, r) for r in new), self._reranker.scores(question, new), strict=True))
        return [self._known[question, r] for r in readings]


def remembering(models: Models, settings: Settings) -> Models:
    """The models with a memory: a question that is asked again costs next to nothing."""
    reranker = models.reranker(settings)
    reader = RememberingReader(reranker) if reranker else None
    return Models(partial(_given, Remembering(models.encoder(settings))), partial(_given, reader))


def _given(model: Model, _settings: Settings) -> Model:
    return model


class Untitled(Remembering):
    """An encoder that does not read what stands before a passage's first sentence: the title."""

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[Vectors, list[Vectors]]:
        starts = [inside[0].start for inside in spans]
        return super().encode_spans(
            [text[start:] for text, start in zip(texts, starts, strict=True)],
            [[Span(s - start, e - start) for s, e in inside] for inside, start in zip(spans, starts, strict=True)],
        )


class WholePassages(Remembering):
    """An encoder that gives each sentence the vector of its passage."""

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[Vectors, list[Vectors]]:
        whole, parts = super().encode_spans(texts, spans)
        return whole, [np.tile(vector, (len(part), 1)) for vector, part in zip(whole, parts, strict=True)]


@dataclass(frozen=True, slots=True)
class Variation:
    """What is switched off: weights of Stages, or something in how the articles are added."""

    label: str
    stages: Mapping[str, Any] = field(default_factory=dict)
    encoder: Callable[[Encoder], Encoder] | None = None
    is_cleaned: bool = True


VARIATIONS = (
    Variation("cleaning", is_cleaned=False),
    Variation("the title before each passage", encoder=Untitled),
    Variation("vectors of sentences", encoder=WholePassages),
    Variation("passages by meaning", {"meaning": 0.0}),
    Variation("passages by words", {"words": 0.0}),
    Variation("how well the whole article fits", {"article_meaning": 0.0, "article_words": 0.0}),
    Variation("weights of their sum (equal ones instead)", {"meaning": 0.5, "words": 0.5}),
    Variation("sentences by meaning", {"sentence_meaning": 0.0}),
    Variation("sentences by words", {"sentence_words": 0.0}),
    Variation("sentences by their passage", {"passage": 0.0}),
    Variation("the kind of thing asked for", {"expected": 0.0}),
    Variation("reading with the question", {"reader": 0.0, "reading": 0.0}),
    Variation("recency", {"recency": 0.0}),
    Variation("variety of articles", {"variety": 0.0}),
    Variation("neighbours of the sentence", {"neighbours": False}),
)


def ablations(
    documents: Sequence[Document], questions: Sequence[Question], models: Models, *, settings: Settings
) -> Iterator[tuple[str, list[Result]]]:
    """The results with everything switched on, under the name "everything", then without each stage in turn."""
    made: dict[object, Path] = {}
    with TemporaryDirectory() as folder:
        for variation in (Variation(EVERYTHING), *VARIATIONS):
            encoder = models.encoder(settings)
            if variation.encoder:
                encoder = variation.encoder(encoder)
            varied = replace(models, encoder=partial(_given, encoder))
            home = made.setdefault((variation.encoder, variation.is_cleaned), Path(folder) / str(len(made)))
            is_new = not home.exists()
            stages = replace(DEFAULT_STAGES, **variation.stages)
            with Library.open(home, settings=settings, models=varied, stages=stages) as library:
                if is_new and variation.is_cleaned:
                    library.add(*documents)
                elif is_new:
                    _add_uncleaned(documents, library_path(home, "default"), encoder)
                yield variation.label, list(run(library, questions))


def _add_uncleaned(documents: Sequence[Document], path: Path, encoder: Encoder) -> None:
    """Captions and a page's furniture are sentences like any other; what the file format sets aside is not."""
    with SqliteStore(path) as store:
        for document in documents:
            addition = prepare(
                document, lambda: encoder, store=store, now=datetime.now(UTC), neighbours=Neighbours(store)
            )
            room = encoder.room - encoder.count_pieces([addition.article.title])[0] - 1
            passages = split(document.text, document.marks, count=encoder.count_pieces, room=room)
            for indexed in embed([replace(addition, marks=document.marks, passages=tuple(passages))], encoder):
                store.put(indexed)
