"""What a search over a SQLite library reads: all its vectors and words as they were at one moment."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from retrieval.lexical import LexicalIndex
from retrieval.store import StoredPassage
from retrieval.text import Span
from retrieval.vectors import Floats, best_rows, similarities

Row = tuple[int, str, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage by its id, with both of its scores."""

    id: int
    cosine: float
    bm25: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Never changed, and replaced as a whole when the file's index has changed; ``stamp`` tells.

    ``model`` is the fingerprint of what made the vectors.
    """

    stamp: str | None
    model: str | None
    ids: tuple[int, ...]
    article_ids: tuple[str, ...]
    vectors: Floats
    words: LexicalIndex

    @classmethod
    def of(cls, rows: Sequence[Row], *, stamp: str | None, model: str | None) -> Self:
        """From (passage id, article id, vector, terms) rows; vectors float32, terms pairs of uint32."""
        vectors = np.frombuffer(b"".join(row[2] for row in rows), dtype="<f4")
        return cls(
            stamp=stamp,
            model=model,
            ids=tuple(row[0] for row in rows),
            article_ids=tuple(row[1] for row in rows),
            vectors=vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0),
            words=LexicalIndex([np.frombuffer(row[3], dtype="<u4").reshape(-1, 2) for row in rows]),
        )

    def search(
        self, vector: Floats, terms: Iterable[int], *, count: int, article_ids: Collection[str] | None
    ) -> list[Hit]:
        """The best passages by meaning and by words, of all articles or of these, by id."""
        if not self.ids:
            return []
        cosines = similarities(self.vectors, vector)
        bm25 = self.words.scores(terms)
        among = np.arange(len(self.ids))
        if article_ids is not None:
            among = np.flatnonzero([a in article_ids for a in self.article_ids])
        rows = among[np.union1d(best_rows(cosines[among], count), best_rows(bm25[among], count))]
        return [Hit(self.ids[row], float(cosines[row]), float(bm25[row])) for row in rows]


def passage_of(row: tuple[int, str, int, bytes, bytes]) -> StoredPassage:
    """From a (passage id, article id, position, sentences, sentence vectors) row."""
    spans = np.frombuffer(row[3], dtype="<u4").reshape(-1, 2)
    vectors = np.frombuffer(row[4], dtype="<f2").reshape(len(spans), -1).astype(np.float32)
    return StoredPassage(row[0], row[1], row[2], tuple(Span(int(s), int(e)) for s, e in spans), vectors)
