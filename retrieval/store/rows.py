"""Rows of a SQLite library → what they hold."""

import struct

import numpy as np

from retrieval.store.protocol import StoredPassage
from retrieval.text import Span
from retrieval.vectors import Floats

_SPAN = struct.Struct("<II")


def vector_of(stored: bytes) -> Floats:
    """A passage's vector as it is stored."""
    return np.frombuffer(stored, dtype="<f4")


def passage_of(row: tuple[int, str, int, bytes, bytes]) -> StoredPassage:
    """From a (passage id, article id, position, sentences, sentence vectors) row."""
    spans = tuple(map(Span._make, _SPAN.iter_unpack(row[3])))
    vectors = np.frombuffer(row[4], dtype="<f2").astype(np.float32).reshape(len(spans), -1)
    return StoredPassage(row[0], row[1], row[2], spans, vectors)
