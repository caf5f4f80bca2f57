"""All that a search reads, as it was at one moment: segments, and which of their rows are gone."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from retrieval.index.arrays import Array
from retrieval.index.codes import nearest, without
from retrieval.index.postings import Flags, together
from retrieval.index.segment import Segment, ranges
from retrieval.index.words import Asked, Words
from retrieval.lexical import idf, length_norms
from retrieval.vectors import Floats, Rows, best_rows, cosines, distinct

# So many rows are scored by their vectors, and so many times the root of the number of rows: those whose signs tell
# that they are near. Of 10,000, 100,000 and a million they hold all ten nearest of each of 100 questions, and of the
# fifty nearest 998 of a thousand.
_ALL = 500
_MORE = 3

Mark = tuple[int, str]  # the number of a change of the library, and its random stamp


@dataclass(frozen=True, slots=True)
class Part:
    """A segment, and the rows of it that are gone, in ascending order."""

    segment: Segment
    gone: Rows

    def kept(self) -> Flags:
        """Whether each row is still there."""
        kept = np.ones(len(self.segment), dtype=bool)
        kept[self.gone] = False
        return kept

    def without_ids(self, ranges: Sequence[tuple[int, int]]) -> "Part":
        """The part without the passages whose ids are in these ranges, ends included."""
        ids = self.segment.ids
        runs = [np.arange(*np.searchsorted(ids, (first, last + 1))) for first, last in ranges]
        gone = np.unique(np.concatenate([self.gone, *runs]))
        return self if len(gone) == len(self.gone) else Part(self.segment, gone)


class Hits(NamedTuple):
    """The passages that were found, in the order of their rows: a column for each thing that a ``Candidate`` has."""

    ids: list[int]
    article_ids: list[str]
    positions: list[int]
    sentences: list[bytes]
    cosines: list[float]
    bm25: list[float]
    article_cosines: list[float]
    article_covered: list[float]
    days: list[str]


@dataclass(frozen=True)
class Snapshot:
    """Never changed, and replaced as a whole when the library has changed: ``mark`` is its last change.

    ``model`` is the fingerprint of what made the vectors; ``last`` the highest passage id that was read.
    """

    mark: Mark
    model: str | None
    last: int
    parts: tuple[Part, ...]

    @cached_property
    def bases(self) -> list[int]:
        """The number of each part's first row."""
        sizes = [len(part.segment) for part in self.parts]
        return [0, *np.cumsum(sizes).tolist()][:-1]

    @cached_property
    def gone(self) -> Rows:
        """The rows that are no longer there."""
        return np.concatenate(
            [np.empty(0, dtype=np.int64), *(p.gone + base for p, base in zip(self.parts, self.bases, strict=True))]
        )

    @cached_property
    def rows(self) -> int:
        """How many rows there are, with those that are gone."""
        return sum(len(part.segment) for part in self.parts)

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return self.rows - len(self.gone)

    @cached_property
    def words(self) -> Words:
        lengths = np.concatenate([np.empty(0, dtype=np.uint32), *(part.segment.lengths for part in self.parts)])
        total = int(lengths.sum(dtype=np.int64)) - int(lengths[self.gone].sum(dtype=np.int64))
        average = total / self.passages if self.passages else 1.0
        return Words([p.segment for p in self.parts], self.bases, length_norms(lengths, average or 1.0))

    def read(self, begin: int, end: int) -> tuple[Rows, Floats]:
        """The ids and vectors of the passages in these places, in the order of their ids."""
        rows = np.setdiff1d(np.arange(self.rows), self.gone, assume_unique=True)[begin:end]
        ids = self._of_rows(rows, lambda segment, local: segment.ids[local])
        return ids, self._of_rows(rows, lambda segment, local: segment.vectors[local])

    def idf(self, passages: int) -> float:
        """How much a term tells that so many passages hold."""
        return idf(self.passages, min(passages, self.passages))

    def search(
        self,
        vector: Floats,
        idfs: Mapping[int, float],
        *,
        count: int,
        only: Collection[str] | None = None,
        but: Collection[str] = (),
    ) -> Hits:
        """The best passages by meaning and by words (term ids, each with its idf).

        Of the articles ``only`` (None: all), ``but`` these.
        """
        if not self.passages:
            return Hits([], [], [], [], [], [], [], [], [])
        total = self._counted(only, but)
        left_out = self.gone if only is None and not but else np.flatnonzero(total)
        by_meaning = self._nearest(vector, left_out, count=count)
        asked = self.words.asked({term: tells for term, tells in idfs.items() if term >= 0})
        rows = distinct(np.sort(np.concatenate((by_meaning, asked.best(total, count=count)))))
        hits = self._hits(rows, vector, asked, told=sum(idfs.values()))
        for part in self.parts:
            part.segment.let_go()
        return hits

    def _hits(self, rows: Rows, vector: Floats, asked: Asked, *, told: float) -> Hits:
        """These rows, at least one, with their scores; all terms together tell so much."""
        first, behind, of_row = self._articles(rows)
        sizes = behind - first
        begin = np.cumsum(sizes) - sizes
        near = self._cosines(vector, ranges(first, behind))
        means = (np.add.reduceat(near, begin, dtype=np.float64) / sizes).astype(np.float32)
        covered = asked.covered(first, behind) / (told or 1.0)
        ids, names, positions, sentences, days = [], [], [], [], []
        for segment, local in self._pieces(rows):
            article = segment.article[local]
            ids += segment.ids[local].tolist()
            names += segment.names[article].tolist()
            positions += (local - segment.starts[article]).tolist()
            sentences += segment.sentences(local)
            days += segment.days[article].tolist()
        return Hits(
            ids,
            list(map(bytes.decode, names)),
            positions,
            sentences,
            cosines=near[begin[of_row] + rows - first[of_row]].tolist(),
            bm25=asked.scores(rows).tolist(),
            article_cosines=means[of_row].tolist(),
            article_covered=covered[of_row].tolist(),
            days=list(map(bytes.decode, days)),
        )

    def holding(self, terms: Sequence[int]) -> frozenset[str]:
        """The articles in which all of these terms, of at least one, stand near the first, which is the rarest."""
        found: set[str] = set()
        for part in self.parts:
            segment = part.segment
            articles = together([segment.postings.of_term(term)[0] for term in terms], segment.starts)
            # An article is gone with all of its rows.
            left = articles[~np.isin(segment.starts[articles], part.gone)]
            found.update(name.decode() for name in segment.names[left].tolist())
            segment.let_go()
        return frozenset(found)

    def _counted(self, only: Collection[str] | None, but: Collection[str]) -> Floats:
        """0 for each row that counts, minus infinity for those that are gone or belong to another article."""
        total = np.zeros(self.rows, dtype=np.float32)
        if only is not None:
            total[:] = -np.inf
            total[self._rows_of(only)] = 0.0
        if but:
            total[self._rows_of(but)] = -np.inf
        total[self.gone] = -np.inf
        return total

    def _rows_of(self, article_ids: Collection[str]) -> Rows:
        """The rows of these articles."""
        found = [np.empty(0, dtype=np.int64)]
        if article_ids:
            for part, base in zip(self.parts, self.bases, strict=True):
                numbers = part.segment.numbers
                own = [numbers[name] for name in article_ids if name in numbers]
                found.append(ranges(*part.segment.bounds(np.array(own, dtype=np.int64))) + base)
        return np.concatenate(found)

    def _nearest(self, vector: Floats, left_out: Rows, *, count: int) -> Rows:
        """The rows with the highest cosines."""
        scored = max(_ALL + int(_MORE * self.rows**0.5), count)
        if self.rows - len(left_out) <= scored:
            rows = without(self.rows, left_out)
        else:
            ends = [*self.bases[1:], self.rows]
            tables = [
                (part.segment.codes, base, left_out[slice(*np.searchsorted(left_out, (base, end)))] - base)
                for part, base, end in zip(self.parts, self.bases, ends, strict=True)
            ]
            rows = nearest(tables, vector, scored)
        return rows[best_rows(self._cosines(vector, rows), count)]

    def _cosines(self, vector: Floats, rows: Rows) -> Floats:
        return self._of_rows(rows, lambda segment, local: cosines(segment.vectors, vector, local))

    def _of_rows(self, rows: Rows, value: Callable[[Segment, Rows], Array]) -> Array:
        """A value for each of these rows, which are in ascending order."""
        return np.concatenate([value(*piece) for piece in self._pieces(rows)] or [np.empty(0)])

    def _pieces(self, rows: Rows) -> Iterator[tuple[Segment, Rows]]:
        """The segments with some of these rows, which are in ascending order, and those by their places in each."""
        ends = np.searchsorted(rows, [*self.bases[1:], self.rows]).tolist()
        for part, base, begin, end in zip(self.parts, self.bases, [0, *ends], ends, strict=False):
            if begin < end:
                yield part.segment, rows[begin:end] - base

    def _articles(self, rows: Rows) -> tuple[Rows, Rows, Rows]:
        """The first row and the one behind the last of each article with one of these rows; each row's article."""
        firsts, behinds = [], []
        ends = np.searchsorted(rows, [*self.bases[1:], self.rows]).tolist()
        for part, base, begin, end in zip(self.parts, self.bases, [0, *ends], ends, strict=False):
            first, behind = part.segment.bounds(distinct(part.segment.article[rows[begin:end] - base]))
            firsts.append(first + base)
            behinds.append(behind + base)
        first = np.concatenate(firsts)
        return first, np.concatenate(behinds), np.searchsorted(first, rows, side="right") - 1
