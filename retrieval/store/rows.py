"""Rows of a SQLite library → what they hold."""

from typing import TYPE_CHECKING

import numpy as np

from retrieval.store.protocol import Candidate, Spans, StoredPassage
from retrieval.text import Span
from retrieval.vectors import NO_VECTORS, Floats

if TYPE_CHECKING:
    from retrieval.index.snapshot import Hit


def vector_of(stored: bytes) -> Floats:
    """A passage's vector as it is stored."""
    return np.frombuffer(stored, dtype="<f4")


def spans_of(stored: bytes) -> tuple[Span, ...]:
    """A passage's sentences as they are stored."""
    return tuple(Spans(stored))


def sentence_vectors_of(stored: bytes, sentences: int) -> Floats:
    """The vectors of so many sentences as they are stored, shape (sentences, dimensions)."""
    return np.frombuffer(stored, dtype="<f2").astype(np.float32).reshape(sentences, -1)


def passage_of(row: tuple[int, str, int, bytes, bytes]) -> StoredPassage:
    """From a (passage id, article id, position, sentences, sentence vectors) row."""
    spans = spans_of(row[3])
    return StoredPassage(row[0], row[1], row[2], spans, sentence_vectors_of(row[4], len(spans)))


def candidate_of(hit: "Hit") -> Candidate:
    """A passage as the index has it, without the vectors of its sentences."""
    passage = StoredPassage(hit.id, hit.article_id, hit.position, Spans(hit.sentences), NO_VECTORS)
    return Candidate(passage, *hit.scores, hit.day)
