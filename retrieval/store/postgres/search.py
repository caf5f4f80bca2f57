"""One library searched: nearest vectors in the database, BM25 over the postings of the asked terms.

A small library is searched exactly, through the key: an index of nearest vectors that many libraries
share finds 44 % of what one of them has. A large one has an index of its own; what that finds is scored
again with the whole vectors.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retrieval.index.postings import together
from retrieval.lexical import idf, length_norms, saturated
from retrieval.store.postgres.index import Place
from retrieval.store.postgres.rows import Hits, found_of, hits_of
from retrieval.store.postgres.server import Transaction
from retrieval.store.values import AllBut, Candidate, Found
from retrieval.vectors import Floats, Rows, best_rows

if TYPE_CHECKING:
    from psycopg import Cursor

# Scored again with whole vectors for each passage that is asked for: half precision swaps neighbours only.
_RESCORED = 4
# The larger a library, the further its index is read beyond what is looked at first: one passage of so many is scored
# again. Of the ten nearest, 800 that were looked at found .991 of 250,000 passages and .940 of a million.
_LOOKED_AT = 350
# Of so many articles at most the passages are looked through one by one, also in a large library.
_FEW_ARTICLES = 1_000

_EXACT = (
    "WITH near AS MATERIALIZED (SELECT id, -(vector <#> %(vector)s::vector) AS cosine FROM {table} "
    "WHERE guild_id = %(guild)s AND edition = %(edition)s {among}) "
    "SELECT id FROM near ORDER BY cosine DESC, id LIMIT %(count)s"
)
_NEAREST = (
    "SELECT id FROM (SELECT id, vector FROM passages_large "
    "WHERE guild_id = %(guild)s AND edition = %(edition)s {among} "
    "ORDER BY vector::halfvec({dimensions}) <#> %(vector)s::halfvec({dimensions}) LIMIT %(rescored)s) AS near "
    "ORDER BY vector <#> %(vector)s::vector, id LIMIT %(count)s"
)
# By kind of what is searched: those articles, or all but those.
_AMONG = {
    type(None): "",
    frozenset: "AND article_id = ANY (%(among)s)",
    AllBut: "AND NOT article_id = ANY (%(among)s)",
}
Among = frozenset[str] | AllBut | None


class _Hits(NamedTuple):
    """The passages that hold a term, ascending; how often each does, and how many terms each has."""

    passages: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.uint16]
    lengths: npt.NDArray[np.uint16]

    @classmethod
    def of(cls, hits: Hits) -> "_Hits":
        return cls(*(np.ascontiguousarray(hits[name]) for name in ("passage", "count", "length")))


class Search:
    """One search, in one moment of a library."""

    def __init__(self, tx: Transaction, here: Place, vector: Floats, terms: Collection[str]) -> None:
        self._tx = tx
        self._here = here
        self._vector = vector
        self._terms = sorted(set(terms))

    def found(self, *, count: int, article_ids: Collection[str] | AllBut | None) -> Found:
        """As ``Store.search`` promises it."""
        among = article_ids if article_ids is None or isinstance(article_ids, AllBut) else frozenset(article_ids)
        with self._tx.together():
            asked, nearest = self._ask_hits(), self._ask_nearest(count, among)
        hits = self._hits(asked)
        idfs = {term: idf(self._here.passages, len(of.passages)) for term, of in hits.items()}
        words = _bm25(hits, idfs, average=self._here.tokens / max(self._here.passages, 1))
        best = {row[0] for row in nearest.fetchall()} | self._best_by_words(words, count, among)
        return Found(tuple(self._candidates(sorted(best), words, hits, idfs)), idfs)

    def _candidates(
        self, numbers: Sequence[int], words: "_Scores", hits: "Mapping[str, _Hits]", idfs: Mapping[str, float]
    ) -> Iterator[Candidate]:
        rows = self._stored(numbers)
        bounds = np.array([row[5:7] for row in rows], dtype=np.uint32).reshape(-1, 2)
        covered = _covered(bounds[:, 0], bounds.sum(axis=1, dtype=np.uint32), hits, idfs)
        scores = words.of(np.array([row[0] for row in rows], dtype=np.int64)).tolist()
        for row, score, share in zip(rows, scores, covered.tolist(), strict=True):
            yield Candidate(found_of(row), row[4], score, row[7], share, row[8])

    def holding(self) -> frozenset[str]:
        """As ``Store.holding`` promises it."""
        rows = self._tx.rows(
            "SELECT first, article_id FROM outlines WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND passages > 0 ORDER BY first",
            edition=self._here.edition,
        )
        lists = sorted((hits.passages for hits in self._hits(self._ask_hits()).values()), key=len)
        starts = np.array([*(first for first, _ in rows), np.iinfo(np.uint32).max], dtype=np.int64)
        return frozenset(rows[place][1] for place in together(lists, starts).tolist()) if rows else frozenset()

    def _ask_hits(self) -> "Cursor[Any]":
        return self._tx.run(
            "SELECT term, block, hits FROM postings WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND term = ANY (%(terms)s)",
            edition=self._here.edition,
            terms=self._terms,
        )

    def _hits(self, asked: "Cursor[Any]") -> "dict[str, _Hits]":
        blocks: dict[str, dict[int, bytes]] = {term: {} for term in self._terms}
        for term, block, packed in asked.fetchall():
            blocks[term][block] = packed
        return {term: _Hits.of(hits_of(of_term)) for term, of_term in blocks.items()}

    def _ask_nearest(self, count: int, among: Among) -> "Cursor[Any]":
        is_few = isinstance(among, frozenset) and len(among) <= _FEW_ARTICLES
        is_indexed = self._here.nearest == self._here.edition and not is_few
        statement = (_NEAREST if is_indexed else _EXACT).format(
            table=self._here.table, dimensions=len(self._vector), among=_AMONG[type(among)]
        )
        return self._tx.run(
            statement,
            edition=self._here.edition,
            vector=self._vector,
            count=count,
            **({"rescored": max(count * _RESCORED, self._here.passages // _LOOKED_AT)} if is_indexed else {}),
            **({} if among is None else {"among": _ids(among)}),
        )

    def _best_by_words(self, words: "_Scores", count: int, among: Among) -> set[int]:
        if among is not None:
            inside = self._inside(words.numbers, among)
            words = _Scores(words.numbers[inside], words.totals[inside])
        return set(words.numbers[best_rows(words.totals, count)].tolist())

    def _inside(self, numbers: Rows, among: frozenset[str] | AllBut) -> Rows:
        """At which places passages stand that are to be searched."""
        rows = self._tx.rows(
            "SELECT first, first + passages FROM outlines WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND article_id = ANY (%(among)s) AND passages > 0 ORDER BY first",
            edition=self._here.edition,
            among=_ids(among),
        )
        bounds = np.array(rows, dtype=np.int64).reshape(-1)
        # Articles have their passages together: behind an odd number of bounds is inside of one.
        are_named = np.searchsorted(bounds, numbers, side="right") % 2 == 1
        return np.flatnonzero(are_named != isinstance(among, AllBut))

    def _stored(self, numbers: Sequence[int]) -> list[Any]:
        """Passages with their cosines, each with what is asked of its whole article."""
        return self._tx.rows(
            "SELECT p.id, p.article_id, p.position, p.sentences, "
            "-(p.vector <#> %(vector)s::vector), o.first, o.passages, o.cosine, a.published "
            f"FROM {self._here.table} AS p JOIN "
            "(SELECT article_id, first, passages, -(centroid <#> %(vector)s::vector) AS cosine FROM outlines "
            "WHERE guild_id = %(guild)s AND edition = %(edition)s) AS o ON o.article_id = p.article_id "
            "JOIN (SELECT id, coalesce(published, '') AS published FROM articles WHERE guild_id = %(guild)s) AS a "
            "ON a.id = p.article_id "
            "WHERE p.guild_id = %(guild)s AND p.edition = %(edition)s AND p.id = ANY (%(ids)s) ORDER BY p.id",
            edition=self._here.edition,
            vector=self._vector,
            ids=list(numbers),
        )


def _ids(among: frozenset[str] | AllBut) -> list[str]:
    return sorted(among.ids if isinstance(among, AllBut) else among)


class _Scores(NamedTuple):
    """The BM25 scores of the passages that hold one of the terms, in the order of their numbers."""

    numbers: Rows
    totals: Floats

    def of(self, numbers: Rows) -> Floats:
        """The scores of these passages; 0 of those that hold none."""
        found = np.zeros(len(numbers), dtype=np.float32)
        at = np.searchsorted(self.numbers, numbers)
        inside = np.flatnonzero(at < len(self.numbers))
        inside = inside[self.numbers[at[inside]] == numbers[inside]]
        found[inside] = self.totals[at[inside]]
        return found


def _bm25(hits: Mapping[str, _Hits], idfs: Mapping[str, float], *, average: float) -> _Scores:
    held = [of.passages for of in hits.values() if len(of.passages)]
    if not held:
        return _Scores(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))
    first = min(int(passages[0]) for passages in held)
    totals = np.zeros(max(int(passages[-1]) for passages in held) - first + 1, dtype=np.float32)
    for term, of in hits.items():
        norms = length_norms(of.lengths, average or 1.0)
        totals[of.passages - first] += idfs[term] * saturated(of.counts.astype(np.float32), norms)
    numbers = np.flatnonzero(totals)
    return _Scores(numbers + first, totals[numbers])


def _covered(
    starts: npt.NDArray[np.uint32], ends: npt.NDArray[np.uint32], hits: Mapping[str, _Hits], idfs: Mapping[str, float]
) -> npt.NDArray[np.float64]:
    """The share of the terms, weighted by idf, that stand anywhere in each article of passages start … end - 1."""
    held = np.zeros(len(starts))
    for term, of in hits.items():
        held += idfs[term] * (of.passages.searchsorted(ends) > of.passages.searchsorted(starts))
    return held / (sum(idfs.values()) or 1.0)
