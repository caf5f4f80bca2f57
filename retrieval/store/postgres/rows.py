"""What stands in columns: numbers packed as bytes, vectors, and the terms of an article as postings."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from retrieval.store.values import NewPassage, StoredPassage
from retrieval.text import Span
from retrieval.vectors import NO_VECTORS, Floats

BLOCK = 512  # passage numbers in one row of a term's postings: some 4 KB for the most common terms
_MOST = 65_535  # of a term in a passage, and of its terms; beyond, the ranking no longer changes

HIT = np.dtype([("passage", "<u4"), ("count", "<u2"), ("length", "<u2")])
Hits = npt.NDArray[np.void]


def digest(words: str) -> bytes:
    """What stands in a key for words of any length."""
    return hashlib.sha256(words.encode()).digest()


def spans_bytes(spans: Sequence[Span]) -> bytes:
    return np.array(spans, dtype="<u4").tobytes()


def vector_text(vector: Floats) -> str:
    """As pgvector reads a vector: nine digits are every float32 exactly."""
    return f"[{','.join(f'{x:.9g}' for x in vector.tolist())}]"


def vector_of(stored: bytes) -> Floats:
    """From pgvector's binary form: two 16-bit numbers, then big-endian float32."""
    return np.frombuffer(stored, dtype=">f4", offset=4).astype(np.float32)


def passage_of(row: Sequence[object]) -> StoredPassage:
    """From (id, article id, position, sentences, sentence vectors)."""
    found = found_of(row)
    return found._replace(sentence_vectors=sentence_vectors_of(row[4], len(found.sentences)))


def found_of(row: Sequence[object]) -> StoredPassage:
    """From (id, article id, position, sentences), without vectors."""
    number, article_id, position, sentences = row[:4]
    return StoredPassage(int(str(number)), str(article_id), int(str(position)), spans_of(sentences), NO_VECTORS)


def spans_of(stored: object) -> tuple[Span, ...]:
    """A passage's sentences as they are stored."""
    pairs = np.frombuffer(_bytes(stored), dtype="<u4").reshape(-1, 2).tolist()
    return tuple(Span(start, end) for start, end in pairs)


def sentence_vectors_of(stored: object, sentences: int) -> Floats:
    """The vectors of so many sentences as they are stored, shape (sentences, dimensions)."""
    return np.frombuffer(_bytes(stored), dtype="<f2").reshape(sentences, -1).astype(np.float32)


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)  # noqa: S101 - what the schema says
    return value


def postings_of(passages: Sequence[NewPassage], first: int) -> dict[tuple[str, int], bytes]:
    """The hits of an article's passages, numbered from ``first``, by term and block."""
    found: defaultdict[tuple[str, int], list[tuple[int, int, int]]] = defaultdict(list)
    for number, passage in enumerate(passages, start=first):
        length = min(len(passage.terms), _MOST)
        for term, count in sorted(Counter(passage.terms).items()):
            found[term, number // BLOCK].append((number, min(count, _MOST), length))
    return {place: np.array(hits, dtype=HIT).tobytes() for place, hits in found.items()}


def frequencies(terms: Iterable[Iterable[str]]) -> Counter[str]:
    """How many passages hold each term."""
    found: Counter[str] = Counter()
    for of_passage in terms:
        found.update(set(of_passage))
    return found


def hits_of(stored: Iterable[bytes]) -> Hits:
    """The hits of a term, in the order of its passages."""
    hits = np.frombuffer(b"".join(stored), dtype=HIT)
    return hits[np.argsort(hits["passage"], kind="stable")]


def without(postings: Mapping[tuple[str, int], bytes], first: int, count: int) -> dict[tuple[str, int], bytes]:
    """Postings without the hits of passages ``first`` … ``first + count - 1``."""
    kept = {}
    for place, stored in postings.items():
        hits = np.frombuffer(stored, dtype=HIT)
        numbers = hits["passage"].astype(np.int64)
        kept[place] = hits[(numbers < first) | (numbers >= first + count)].tobytes()
    return kept
