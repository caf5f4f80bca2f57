"""A run of passages as a search reads them: never changed, in memory or mapped from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from retrieval.index import arrays, codes, postings
from retrieval.index.codes import Codes
from retrieval.index.postings import Flags, Postings
from retrieval.vectors import Floats, Rows

Row = tuple[int, str, bytes, bytes]
_Numbers = npt.NDArray[np.uint32]

# Bytes of vectors up to which they are read whole when a file is opened, to see whether they are those
# that were written: a twentieth of a second. Beyond, ``verify`` does it when it is asked to.
_VERIFIED_AT_ONCE = 32 << 20

_OWN = ("ids", "article", "starts", "names", "lengths", "codes")


@dataclass(frozen=True)
class Segment:
    """Passages in the order of their ``ids``, a row each.

    The rows of an article stand together: ``article[row]`` is its number, and ``starts[number]`` its first
    row, with the number of rows behind the last. ``lengths`` counts the terms of each row. ``path`` is its
    file, if it has one.
    """

    ids: Rows
    article: _Numbers
    starts: Rows
    names: npt.NDArray[np.uint8]
    lengths: _Numbers
    vectors: Floats
    codes: Codes
    postings: Postings
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """From at least one (passage id, article id, vector, terms) row, by id.

        Vectors are float32, terms pairs of uint32: the term's id and how often it stands there.
        """
        vectors = np.frombuffer(b"".join(row[2] for row in rows), dtype="<f4").reshape(len(rows), -1)
        pairs = [np.frombuffer(row[3], dtype="<u4").reshape(-1, 2) for row in rows]
        starts = [at for at, row in enumerate(rows) if not at or rows[at - 1][1] != row[1]]
        sizes = np.diff([*starts, len(rows)])
        return cls(
            ids=np.array([row[0] for row in rows], dtype=np.int64),
            article=np.repeat(np.arange(len(starts), dtype=np.uint32), sizes),
            starts=np.array([*starts, len(rows)], dtype=np.int64),
            names=_packed([rows[at][1] for at in starts]),
            lengths=np.array([int(p[:, 1].sum()) for p in pairs], dtype=np.uint32),
            vectors=vectors,
            codes=codes.signs(vectors),
            postings=Postings.of(pairs),
        )

    @classmethod
    def open(cls, path: Path, *, is_new: bool = False) -> Self:
        """Map the segment in a file. Raises Damaged where it is not what was written, unless it ``is_new``."""
        read = arrays.read(path)
        try:
            if not is_new:
                arrays.verify(path, without=("vectors",) if read["vectors"].nbytes > _VERIFIED_AT_ONCE else ())
            return cls(**{name: read[name] for name in (*_OWN, "vectors")}, postings=Postings.read(read), path=path)
        except KeyError as error:
            raise arrays.Damaged(f"{path} lacks something") from error

    def saved(self, path: Path) -> Self:
        """The segment mapped from a file, to which it is written."""
        arrays.write(path, _written(self, [self.vectors]))
        return self.open(path, is_new=True)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each article, by its id."""
        return {name: number for number, name in enumerate(self.article_ids)}

    def bounds(self, articles: npt.NDArray[Any]) -> tuple[Rows, Rows]:
        """The first row of each of these articles, by number, and the one behind its last."""
        return self.starts[articles], self.starts[articles + 1]

    @property
    def article_ids(self) -> list[str]:
        return self.names.tobytes().decode().split("\0") if len(self) else []


def join(segments: Sequence[Segment], kept: Sequence[Flags], *, path: Path | None = None) -> Segment:
    """The rows that are kept of neighbouring segments, as one segment: in a file, or in memory."""
    sizes = [int(keep.sum()) for keep in kept]
    bases = np.concatenate(([0], np.cumsum(sizes)[:-1])).tolist()
    whole = [keep.all() for keep in kept]
    vectors = [s.vectors if w else s.vectors[k] for s, k, w in zip(segments, kept, whole, strict=True)]
    outlines = [_outline(s, k) for s, k in zip(segments, kept, strict=True)]
    lengths = np.concatenate([sizes_of for sizes_of, _ in outlines])
    result = Segment(
        ids=np.concatenate([s.ids[k] for s, k in zip(segments, kept, strict=True)]),
        article=np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths),
        starts=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        names=_packed([name for _, names in outlines for name in names]),
        lengths=np.concatenate([s.lengths[k] for s, k in zip(segments, kept, strict=True)]),
        vectors=vectors[0][:0],
        codes=codes.joined([s.codes for s in segments], kept),
        postings=postings.joined(
            [s.postings if w else s.postings.without(k) for s, k, w in zip(segments, kept, whole, strict=True)], bases
        ),
    )
    if path is None:
        return Segment(**{**vars(result), "vectors": np.concatenate(vectors)})
    arrays.write(path, _written(result, vectors))
    return Segment.open(path, is_new=True)


def _outline(segment: Segment, kept: Flags) -> tuple[Rows, list[str]]:
    """How many rows each article keeps, and its id; those that keep none are left out."""
    left = np.add.reduceat(kept, segment.starts[:-1], dtype=np.int64)
    return left[left > 0], [name for name, stays in zip(segment.article_ids, left > 0, strict=True) if stays]


def _written(segment: Segment, vectors: Sequence[Floats]) -> dict[str, list[npt.NDArray[Any]]]:
    own = {name: [getattr(segment, name)] for name in _OWN}
    held = {name: [array] for name, array in segment.postings.arrays().items()}
    return {**own, **held, "vectors": list(vectors)}


def _packed(names: Sequence[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\0".join(names).encode(), dtype=np.uint8)
