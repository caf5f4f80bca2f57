"""Rows of a SQLite library → what they hold."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from retrieval.store.values import Candidate, Spans, StoredPassage
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


def passages_of(rows: Sequence[tuple[int, str, int, bytes, bytes]]) -> list[StoredPassage]:
    """From (passage id, article id, position, sentences, sentence vectors) rows."""
    numbers = np.frombuffer(b"".join(row[4] for row in rows), dtype="<f2").astype(np.float32)
    passages, at = [], 0
    for number, article_id, position, sentences, packed in rows:
        spans, end = spans_of(sentences), at + len(packed) // 2
        passages.append(StoredPassage(number, article_id, position, spans, numbers[at:end].reshape(len(spans), -1)))
        at = end
    return passages


def candidate_of(hit: "Hit") -> Candidate:
    """A passage as the index has it, without the vectors of its sentences."""
    passage = StoredPassage(hit.id, hit.article_id, hit.position, Spans(hit.sentences), NO_VECTORS)
    return Candidate(passage, *hit.scores, hit.day)
