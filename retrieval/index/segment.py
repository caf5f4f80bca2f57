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

Row = tuple[int, str, bytes, bytes, bytes]
_Numbers = npt.NDArray[np.uint32]
Names = npt.NDArray[np.bytes_]

# Bytes of vectors up to which they are read whole when a file is opened, to see whether they are those
# that were written: a twentieth of a second. Beyond, ``verify`` does it when it is asked to.
_VERIFIED_AT_ONCE = 32 << 20

_DAY = 10  # characters of a date in ISO 8601
_OWN = ("ids", "article", "starts", "names", "days", "lengths", "behind", "codes", "spans")


@dataclass(frozen=True)
class Segment:
    """Passages in the order of their ``ids``, a row each.

    The rows of an article stand together: ``article[row]`` is its number, and ``starts[number]`` its first
    row, with the number of rows behind the last; ``names[number]`` is its id in UTF-8, ``days[number]`` its date,
    empty where it has none. ``lengths`` counts the terms of each row; its sentences are
    ``spans[behind[row - 1]:behind[row]]``, shape (sentences, 2). ``path`` is its file, if it has one.
    """

    ids: Rows
    article: _Numbers
    starts: Rows
    names: Names
    days: Names
    lengths: _Numbers
    spans: _Numbers
    behind: _Numbers
    vectors: Floats
    codes: Codes
    postings: Postings
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, rows: Sequence[Row], days: Mapping[str, str]) -> Self:
        """From at least one (passage id, article id, vector, terms, sentences) row, by id, and dates by article id.

        Vectors are float32, terms and sentences pairs of uint32: a term's id and how often it stands there, where a
        sentence begins and ends.
        """
        vectors = np.frombuffer(b"".join(row[2] for row in rows), dtype="<f4").reshape(len(rows), -1)
        pairs = [_pairs(row[3]) for row in rows]
        names = [rows[at][1] for at in range(len(rows)) if not at or rows[at - 1][1] != rows[at][1]]
        starts = [at for at, row in enumerate(rows) if not at or rows[at - 1][1] != row[1]]
        sizes = np.diff([*starts, len(rows)])
        return cls(
            ids=np.array([row[0] for row in rows], dtype=np.int64),
            article=np.repeat(np.arange(len(starts), dtype=np.uint32), sizes),
            starts=np.array([*starts, len(rows)], dtype=np.int64),
            names=np.array([name.encode() for name in names]),
            days=np.array([days.get(name, "").encode() for name in names], dtype=f"S{_DAY}"),
            spans=_pairs(b"".join(row[4] for row in rows)),
            behind=np.cumsum([len(_pairs(row[4])) for row in rows], dtype=np.uint32),
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
        return [name.decode() for name in self.names.tolist()]

    def sentences(self, rows: Rows) -> list[bytes]:
        """Of each of these rows where its sentences begin and end, in turn, as uint32."""
        behind = self.behind[rows].astype(np.int64)
        first = np.where(rows > 0, self.behind[rows - 1], 0).astype(np.int64)
        spans = self.spans.take(ranges(first, behind), axis=0).tobytes()
        ends = (self.spans.strides[0] * np.cumsum(behind - first)).tolist()
        return [spans[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]

    def let_go(self) -> None:
        """What a question has read of lists and sentences need not stay in memory: the next one reads others."""
        arrays.let_go(self.postings.rows, self.spans)


def join(segments: Sequence[Segment], kept: Sequence[Flags], *, path: Path | None = None) -> Segment:
    """The rows that are kept of neighbouring segments, as one segment: in a file, or in memory."""
    sizes = [int(keep.sum()) for keep in kept]
    bases = np.concatenate(([0], np.cumsum(sizes)[:-1])).tolist()
    whole = [keep.all() for keep in kept]
    vectors = [s.vectors if w else s.vectors[k] for s, k, w in zip(segments, kept, whole, strict=True)]
    sizes_of = [_sizes(s, k) for s, k in zip(segments, kept, strict=True)]
    stays = [left > 0 for left in sizes_of]
    lengths = np.concatenate([left[left > 0] for left in sizes_of])
    said = [np.diff(s.behind, prepend=np.uint32(0)) for s in segments]
    result = Segment(
        ids=np.concatenate([s.ids[k] for s, k in zip(segments, kept, strict=True)]),
        article=np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths),
        starts=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        names=np.concatenate([s.names[held] for s, held in zip(segments, stays, strict=True)]),
        days=np.concatenate([s.days[held] for s, held in zip(segments, stays, strict=True)]),
        spans=np.concatenate([s.spans[np.repeat(k, n)] for s, k, n in zip(segments, kept, said, strict=True)]),
        behind=np.cumsum(np.concatenate([n[k] for n, k in zip(said, kept, strict=True)]), dtype=np.uint32),
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


def _sizes(segment: Segment, kept: Flags) -> Rows:
    """How many rows each article keeps."""
    return np.asarray(np.add.reduceat(kept, segment.starts[:-1], dtype=np.int64))


def ranges(first: Rows, behind: Rows) -> Rows:
    """The rows of all ranges, one range behind the other."""
    sizes = behind - first
    within = np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
    return np.asarray(within + np.arange(len(within)), dtype=np.int64)


def _pairs(packed: bytes) -> _Numbers:
    return np.frombuffer(packed, dtype="<u4").reshape(-1, 2)


def _written(segment: Segment, vectors: Sequence[Floats]) -> dict[str, list[npt.NDArray[Any]]]:
    own = {name: [getattr(segment, name)] for name in _OWN}
    held = {name: [array] for name, array in segment.postings.arrays().items()}
    spans = own.pop("spans")  # beside the lists, of which they are let go together
    return {**own, **held, "spans": spans, "vectors": list(vectors)}
