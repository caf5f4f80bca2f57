"""Rows of a SQLite library → what they hold."""

from collections.abc import Sequence
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from retrieval.store.values import Candidate, Spans, StoredPassage
from retrieval.text import Span
from retrieval.vectors import NO_VECTORS, Floats

if TYPE_CHECKING:
    from retrieval.index.snapshot import Hits


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


def candidates_of(hits: "Hits") -> tuple[Candidate, ...]:
    """Passages as the index has them, without the vectors of their sentences."""
    spans = map(Spans, hits.sentences)
    passages = map(_passage, zip(hits.ids, hits.article_ids, hits.positions, spans, repeat(NO_VECTORS)))
    scores = (hits.cosines, hits.bm25, hits.article_cosines, hits.article_covered)
    return tuple(map(_candidate, zip(passages, *scores, hits.days, strict=True)))


# Of a tuple of all that they have: made so, a hundred of them take a third of the time.
_passage = partial(tuple.__new__, StoredPassage)
_candidate = partial(tuple.__new__, Candidate)
