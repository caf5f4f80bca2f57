"""Passages made of random vectors and few terms, and the plain way to search them."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.index.segment import Row, Segment
from retrieval.index.snapshot import Part, Snapshot
from retrieval.lexical import K1, B, idf
from retrieval.vectors import Floats, Rows

DIMENSIONS = 64


@dataclass(frozen=True)
class Passage:
    """A passage as the tests make one."""

    id: int
    article: str
    vector: Floats
    terms: tuple[int, ...]

    def row(self) -> Row:
        pairs = np.array(sorted(Counter(self.terms).items()), dtype="<u4").reshape(-1, 2)
        # A sentence of as many characters as it has terms, and one more.
        said = np.array([(0, len(self.terms)), (len(self.terms), len(self.terms) + 1)], dtype="<u4")
        return self.id, self.article, self.vector.astype("<f4").tobytes(), pairs.tobytes(), said.tobytes()


def passages(count: int, *, seed: int = 0, first: int = 1, most_terms: int = 30) -> list[Passage]:
    """Passages of articles with one to five of them; low terms are frequent, as in a language."""
    random = np.random.default_rng(seed)
    made: list[Passage] = []
    while len(made) < count:
        article = f"article {first + len(made)}"
        for _ in range(min(int(random.integers(1, 6)), count - len(made))):
            vector = random.standard_normal(DIMENSIONS).astype(np.float32)
            terms = tuple(np.minimum(random.zipf(1.4, random.integers(0, most_terms)), 2_000).tolist())
            made.append(Passage(first + len(made), article, vector / np.float32(np.linalg.norm(vector)), terms))
    return made


def snapshot(*segments: Sequence[Passage], gone: Collection[str] = ()) -> Snapshot:
    """A snapshot of segments, without the articles that are gone."""
    parts = [
        Part(
            Segment.of([p.row() for p in held], {}),
            np.array([at for at, p in enumerate(held) if p.article in gone], int),
        )
        for held in segments
    ]
    return Snapshot((1, "stamp"), "toy", segments[-1][-1].id if segments else 0, tuple(parts))


@dataclass(frozen=True)
class Plain:
    """The search as it is written down: every passage is scored."""

    passages: Sequence[Passage]

    def idfs(self, terms: Collection[int]) -> dict[int, float]:
        return {t: idf(len(self.passages), sum(t in p.terms for p in self.passages)) for t in terms}

    def bm25(self, passage: Passage, terms: Collection[int]) -> float:
        average = sum(len(p.terms) for p in self.passages) / len(self.passages) or 1.0
        total = 0.0
        for term, tells in self.idfs(terms).items():
            if count := passage.terms.count(term):
                total += tells * count * (K1 + 1) / (count + K1 * (1 - B + B * len(passage.terms) / average))
        return total

    def by_words(self, terms: Collection[int], *, count: int, among: Sequence[Passage] | None = None) -> list[int]:
        scores = {p.id: self.bm25(p, terms) for p in (self.passages if among is None else among)}
        return sorted((i for i in scores if scores[i] > 0), key=lambda i: (-round(scores[i], 4), i))[:count]

    def by_meaning(self, vector: Floats, *, count: int, among: Sequence[Passage] | None = None) -> list[int]:
        found = self.passages if among is None else among
        return [p.id for p in sorted(found, key=lambda p: (-float(p.vector @ vector), p.id))][:count]

    def of_article(self, article: str, vector: Floats, terms: Collection[int]) -> tuple[float, float]:
        """The mean cosine, and the share of the terms that stand in it."""
        own = [p for p in self.passages if p.article == article]
        idfs = self.idfs(terms)
        held = sum(tells for term, tells in idfs.items() if any(term in p.terms for p in own))
        mean = math.fsum(float(p.vector @ vector) for p in own) / len(own)
        return mean, held / (sum(idfs.values()) or 1.0)


def none() -> Rows:
    return np.empty(0, dtype=np.int64)
