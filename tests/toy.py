"""A model small enough to be read: what a test needs where the words' meaning does not matter."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from retrieval.embed import Vectors, normalised
from retrieval.text import Span, terms, words

DIMENSIONS = 64


class ToyEncoder:
    """An ``Encoder``: a text is the sum of the pseudo-random vectors of its terms, at length 1.

    Texts that share words lie near each other; the same text always has the same vector. Its word
    pieces are its words.
    """

    fingerprint = "toy"
    dimensions = DIMENSIONS
    room = 200
    known_words: frozenset[str] = frozenset()

    def encode(self, texts: Sequence[str]) -> Vectors:
        return normalised(np.array([_vector(text) for text in texts], dtype=np.float32).reshape(-1, DIMENSIONS))

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[Vectors, list[Vectors]]:
        parts = [
            self.encode([text[start:end] for start, end in inside]) for text, inside in zip(texts, spans, strict=True)
        ]
        return self.encode(texts), parts

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        return [len(words(text)) for text in texts]


def _vector(text: str) -> Vectors:
    total = np.full(DIMENSIONS, 1e-6, dtype=np.float32)  # what a text without terms has: no vector is zero
    for term in terms(text):
        total += _term_vector(term)
    return total


@lru_cache(maxsize=10_000)
def _term_vector(term: str) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(term.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(DIMENSIONS).astype(np.float32)
