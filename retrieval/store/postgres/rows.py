"""What stands in columns: numbers packed as bytes, vectors, and the terms of an article as postings."""

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg.adapt import Dumper
from psycopg.pq import Format

from retrieval.store.values import NewPassage, Spans, StoredPassage
from retrieval.vectors import NO_VECTORS, Floats

BLOCK = 512  # passage numbers in one row of a term's postings: some 4 KB for the most common terms
_MOST = 65_535  # of a term in a passage, and of its terms; beyond, the ranking no longer changes

HIT = np.dtype([("passage", "<u4"), ("count", "<u2"), ("length", "<u2")])
Hits = npt.NDArray[np.void]


def digest(words: str) -> bytes:
    """What stands in a key for words of any length."""
    return hashlib.sha256(words.encode()).digest()


class Reals(Dumper):
    """Numbers as PostgreSQL's ``real[]`` in binary, of one dimension; pgvector makes vectors of such."""

    format = Format.BINARY
    oid = 1021  # of real[]
    _head = struct.Struct(">iiIii")  # dimensions, whether there are NULLs, the oid of real, how many, the first's index
    _real = np.dtype([("bytes", ">i4"), ("number", ">f4")])

    def dump(self, numbers: Floats) -> bytes:
        packed = np.empty(numbers.size, dtype=self._real)
        packed["bytes"], packed["number"] = 4, numbers.reshape(-1)
        return self._head.pack(1, 0, 700, numbers.size, 1) + packed.tobytes()


def vector_of(stored: bytes) -> Floats:
    """From pgvector's binary form: two 16-bit numbers, then big-endian float32."""
    return np.frombuffer(stored, dtype=">f4", offset=4).astype(np.float32)


def passage_of(row: Sequence[Any]) -> StoredPassage:
    """From (id, article id, position, sentences, sentence vectors)."""
    return with_vectors(found_of(row), row[4])


def with_vectors(found: StoredPassage, packed: bytes) -> StoredPassage:
    """A passage that was found, with the vectors of its sentences as they are stored; and these unpacked, too."""
    vectors = np.frombuffer(packed, dtype="<f2").reshape(len(found.sentences), -1).astype(np.float32)
    return found._replace(sentences=tuple(found.sentences), sentence_vectors=vectors)


def found_of(row: Sequence[Any]) -> StoredPassage:
    """From (id, article id, position, sentences), without vectors."""
    return StoredPassage(row[0], row[1], row[2], Spans(row[3]), NO_VECTORS)


def postings_of(passages: Sequence[NewPassage], first: int) -> dict[tuple[str, int], bytes]:
    """The hits of passages, numbered from ``first``, by term and block."""
    counts = [Counter(passage.terms) for passage in passages]
    terms = sorted(set().union(*counts))
    places = {term: place for place, term in enumerate(terms)}
    held = np.fromiter((places[term] for of_passage in counts for term in of_passage), dtype=np.int64)
    times = np.fromiter((count for of_passage in counts for count in of_passage.values()), dtype=np.int64)
    of_each = [len(of_passage) for of_passage in counts]
    hits = np.empty(len(held), dtype=HIT)
    hits["passage"] = np.repeat(np.arange(first, first + len(passages)), of_each)
    hits["count"] = np.minimum(times, _MOST)
    hits["length"] = np.repeat([min(len(passage.terms), _MOST) for passage in passages], of_each)
    order = np.argsort(held, kind="stable")  # so that the hits of a term stay in the order of their passages
    held, hits = held[order], hits[order]
    blocks = hits["passage"] // BLOCK
    is_first = np.append(True, (held[1:] != held[:-1]) | (blocks[1:] != blocks[:-1]))[: len(held)]
    starts, packed = np.flatnonzero(is_first), hits.tobytes()
    bounds = [*(starts * HIT.itemsize).tolist(), len(packed)]
    keys = zip(held[starts].tolist(), blocks[starts].tolist(), strict=True)
    return {(terms[place], block): packed[bounds[at] : bounds[at + 1]] for at, (place, block) in enumerate(keys)}


def frequencies(terms: Iterable[Iterable[str]]) -> Counter[str]:
    """How many passages hold each term."""
    found: Counter[str] = Counter()
    for of_passage in terms:
        found.update(set(of_passage))
    return found


def hits_of(blocks: Mapping[int, bytes]) -> Hits:
    """The hits of a term, in the order of its passages: numbers only grow, so those of a block are in order."""
    return np.frombuffer(b"".join(blocks[block] for block in sorted(blocks)), dtype=HIT)


def without(postings: Mapping[tuple[str, int], bytes], first: int, count: int) -> dict[tuple[str, int], bytes]:
    """Postings without the hits of passages ``first`` … ``first + count - 1``."""
    kept = {}
    for place, stored in postings.items():
        hits = np.frombuffer(stored, dtype=HIT)
        numbers = hits["passage"].astype(np.int64)
        kept[place] = hits[(numbers < first) | (numbers >= first + count)].tobytes()
    return kept
