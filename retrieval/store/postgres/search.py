"""One library searched: nearest vectors in the database, BM25 over the postings of the asked terms.

A small library is searched exactly, through the key: an index of nearest vectors that many libraries
share finds 44 % of what one of them has. A large one has an index of its own; what that finds is scored
again with the whole vectors.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from retrieval.index.postings import together
from retrieval.lexical import idf, length_norms, saturated
from retrieval.store.postgres.index import Place
from retrieval.store.postgres.rows import Hits, found_of, hits_of
from retrieval.store.postgres.server import Transaction
from retrieval.store.values import AllBut, Candidate, Found, StoredPassage
from retrieval.vectors import Floats, Rows, best_rows

# Scored again with whole vectors for each passage that is asked for: half precision swaps neighbours only.
_RESCORED = 4
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


class _Outline(NamedTuple):
    first: int
    passages: int
    cosine: float
    published: str


class Search:
    """One search, in one moment of a library."""

    def __init__(self, tx: Transaction, here: Place, vector: Floats, terms: Collection[str]) -> None:
        self._tx = tx
        self._here = here
        self._vector = vector
        self._terms = sorted(set(terms))

    def found(self, *, count: int, article_ids: Collection[str] | AllBut | None) -> Found:
        """As ``Store.search`` promises it."""
        hits = self._hits()
        idfs = {term: idf(self._here.passages, len(hits[term])) for term in self._terms}
        among = article_ids if article_ids is None or isinstance(article_ids, AllBut) else frozenset(article_ids)
        words = _bm25(hits, idfs, average=self._here.tokens / max(self._here.passages, 1))
        best = self._nearest(count, among) | self._best_by_words(words, count, among)
        candidates = tuple(
            Candidate(p, cosine, words.of(p.id), outline.cosine, _covered(outline, hits, idfs), outline.published)
            for p, cosine, outline in self._stored(sorted(best))
        )
        return Found(candidates, idfs)

    def holding(self) -> frozenset[str]:
        """As ``Store.holding`` promises it."""
        rows = self._tx.rows(
            "SELECT first, article_id FROM outlines WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND passages > 0 ORDER BY first",
            edition=self._here.edition,
        )
        lists = sorted((hits["passage"].astype(np.uint32) for hits in self._hits().values()), key=len)
        starts = np.array([*(first for first, _ in rows), np.iinfo(np.uint32).max], dtype=np.int64)
        return frozenset(rows[place][1] for place in together(lists, starts).tolist()) if rows else frozenset()

    def _hits(self) -> dict[str, Hits]:
        rows = self._tx.rows(
            "SELECT term, hits FROM postings WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND term = ANY (%(terms)s)",
            edition=self._here.edition,
            terms=self._terms,
        )
        return {term: hits_of(hits for held, hits in rows if held == term) for term in self._terms}

    def _nearest(self, count: int, among: Among) -> set[int]:
        is_few = isinstance(among, frozenset) and len(among) <= _FEW_ARTICLES
        is_indexed = self._here.nearest == self._here.edition and not is_few
        statement = (_NEAREST if is_indexed else _EXACT).format(
            table=self._here.table, dimensions=len(self._vector), among=_AMONG[type(among)]
        )
        rows = self._tx.rows(
            statement,
            edition=self._here.edition,
            vector=self._vector,
            count=count,
            **({"rescored": count * _RESCORED} if is_indexed else {}),
            **({} if among is None else {"among": _ids(among)}),
        )
        return {row[0] for row in rows}

    def _best_by_words(self, words: "_Scores", count: int, among: Among) -> set[int]:
        inside = np.arange(len(words.numbers)) if among is None else self._inside(words.numbers, among)
        best = inside[best_rows(words.totals[inside], count)]
        return {int(number) for number in words.numbers[best]}

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

    def _stored(self, numbers: Sequence[int]) -> list[tuple[StoredPassage, float, _Outline]]:
        """Passages with their cosines, each with what is asked of its whole article."""
        rows = self._tx.rows(
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
        return [(found_of(row), row[4], _Outline(*row[5:])) for row in rows]


def _ids(among: frozenset[str] | AllBut) -> list[str]:
    return sorted(among.ids if isinstance(among, AllBut) else among)


class _Scores(NamedTuple):
    """The BM25 scores of the passages that hold one of the terms, in the order of their numbers."""

    numbers: Rows
    totals: Floats

    def of(self, number: int) -> float:
        at = int(np.searchsorted(self.numbers, number))
        return float(self.totals[at]) if at < len(self.numbers) and self.numbers[at] == number else 0.0


def _bm25(hits: Mapping[str, Hits], idfs: Mapping[str, float], *, average: float) -> _Scores:
    every = [of["passage"].astype(np.int64) for of in hits.values()]
    numbers = np.unique(np.concatenate(every)) if every else np.empty(0, dtype=np.int64)
    total = np.zeros(len(numbers), dtype=np.float32)
    for (term, of), passages in zip(hits.items(), every, strict=True):
        counts, norms = of["count"].astype(np.float32), length_norms(of["length"], average or 1.0)
        total[np.searchsorted(numbers, passages)] += idfs[term] * saturated(counts, norms)
    return _Scores(numbers, total)


def _covered(outline: _Outline, hits: Mapping[str, Hits], idfs: Mapping[str, float]) -> float:
    """The share of the terms, weighted by idf, that stand anywhere in an article."""
    held = 0.0
    for term, of in hits.items():
        start, end = np.searchsorted(of["passage"], [outline.first, outline.first + outline.passages])
        held += idfs[term] * bool(end > start)
    return held / (sum(idfs.values()) or 1.0)
