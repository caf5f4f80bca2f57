"""What a search over a SQLite library reads: all its vectors and words as they were at one moment."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from retrieval.lexical import LexicalIndex
from retrieval.store.protocol import AllBut, StoredPassage
from retrieval.text import Span
from retrieval.vectors import Floats, Rows, best_rows, similarities

Row = tuple[int, str, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage by its id, with the scores that a ``Candidate`` has."""

    id: int
    scores: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Never changed, and replaced as a whole when the file's index has changed; ``stamp`` tells.

    ``model`` is the fingerprint of what made the vectors; ``articles`` numbers each passage's article,
    of which each has so many passages as ``sizes`` says.
    """

    stamp: str | None
    model: str | None
    ids: tuple[int, ...]
    article_ids: tuple[str, ...]
    articles: Rows
    sizes: Rows
    vectors: Floats
    words: LexicalIndex

    @classmethod
    def of(cls, rows: Sequence[Row], *, stamp: str | None, model: str | None) -> Self:
        """From (passage id, article id, vector, terms) rows; vectors float32, terms pairs of uint32."""
        vectors = np.frombuffer(b"".join(row[2] for row in rows), dtype="<f4")
        article_ids = tuple(row[1] for row in rows)
        _, articles, sizes = np.unique(np.array(article_ids, dtype=str), return_inverse=True, return_counts=True)
        return cls(
            stamp=stamp,
            model=model,
            ids=tuple(row[0] for row in rows),
            article_ids=article_ids,
            articles=articles,
            sizes=sizes,
            vectors=vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0),
            words=LexicalIndex([np.frombuffer(row[3], dtype="<u4").reshape(-1, 2) for row in rows]),
        )

    def search(
        self, vector: Floats, terms: Iterable[int], *, count: int, article_ids: Collection[str] | AllBut | None
    ) -> list[Hit]:
        """The best passages by meaning and by words, of all articles or of these, by id."""
        if not self.ids:
            return []
        cosines = similarities(self.vectors, vector)
        wanted = frozenset(terms)
        bm25 = self.words.scores(wanted)
        among = np.arange(len(self.ids))
        if isinstance(article_ids, AllBut):
            among = np.flatnonzero([a not in article_ids.ids for a in self.article_ids])
        elif article_ids is not None:
            among = np.flatnonzero([a in article_ids for a in self.article_ids])
        rows = among[np.union1d(best_rows(cosines[among], count), best_rows(bm25[among], count))]
        of_articles = self._mean_by_article(cosines), self.words.covered(wanted, self.articles)
        columns = (cosines[rows], bm25[rows], *(values[self.articles[rows]] for values in of_articles))
        found = zip(*(column.tolist() for column in columns), strict=True)
        return [Hit(self.ids[row], scores) for row, scores in zip(rows, found, strict=True)]

    def _mean_by_article(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self.articles, weights=values) / self.sizes, dtype=np.float32)


def vector_of(stored: bytes) -> Floats:
    """A passage's vector as it is stored."""
    return np.frombuffer(stored, dtype="<f4")


def passage_of(row: tuple[int, str, int, bytes, bytes]) -> StoredPassage:
    """From a (passage id, article id, position, sentences, sentence vectors) row."""
    spans = np.frombuffer(row[3], dtype="<u4").reshape(-1, 2)
    vectors = np.frombuffer(row[4], dtype="<f2").reshape(len(spans), -1).astype(np.float32)
    return StoredPassage(row[0], row[1], row[2], tuple(Span(int(s), int(e)) for s, e in spans), vectors)
