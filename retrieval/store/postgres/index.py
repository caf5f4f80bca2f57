"""The passages, vectors and words of articles in one edition of a library's index: written and taken out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.records import Mark
from retrieval.store.postgres.rows import (
    BLOCK,
    frequencies,
    passage_of,
    postings_of,
    vector_of,
    with_vectors,
    without,
)
from retrieval.store.postgres.server import Transaction
from retrieval.store.values import Indexed, NewPassage, Spans, StoredPassage, packed
from retrieval.text import Span

if TYPE_CHECKING:
    from psycopg import Cursor

# Vectors of many rows come as one array of numbers: that of a row is its part.
_VECTOR = "(%(vectors)s)[(new.number - 1) * %(dimensions)s + 1 : new.number * %(dimensions)s]::vector"
_OUTLINES = (
    "INSERT INTO outlines (guild_id, edition, article_id, marks, first, passages, centroid) "
    "SELECT %(guild)s, %(edition)s, new.article, new.marks, new.first, new.passages, "
    f"CASE WHEN new.passages > 0 THEN {_VECTOR} END "
    "FROM unnest(%(articles)s::text[], %(marks)s::text[], %(firsts)s::bigint[], %(counts)s::integer[]) "
    "WITH ORDINALITY AS new (article, marks, first, passages, number)"
)
# A row's terms come as one text: an array of arrays has rows of one length.
_PASSAGES = (
    "INSERT INTO {table} (guild_id, edition, id, article_id, position, sentences, vector, sentence_vectors, terms) "
    "SELECT %(guild)s, %(edition)s, %(first)s + new.number - 1, new.article, new.position, new.sentences, "
    f"{_VECTOR}, new.parts, string_to_array(new.terms, E'\\n') "
    "FROM unnest(%(articles)s::text[], %(positions)s::integer[], %(sentences)s::bytea[], %(parts)s::bytea[], "
    "%(terms)s::text[]) WITH ORDINALITY AS new (article, position, sentences, parts, terms, number)"
)

# What is joined with these is also looked for by ``= ANY``: a table that no statistics were ever made of
# would else be read with all that the guild has in it.
_COUNTS = "unnest(%(terms)s::text[], %(counts)s::bigint[]) AS new (term, n)"
_HITS = "unnest(%(terms)s::text[], %(blocks)s::integer[], %(hits)s::bytea[]) AS new (term, block, hits)"
_STORED = "id, article_id, position, sentences, sentence_vectors"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a library stands: the edition that answers, one that is being built, and where its passages are.

    ``nearest`` is the edition with an index of nearest vectors. ``model``, ``passages`` and ``tokens`` are of the
    edition that answers.
    """

    edition: int
    rebuilding: int | None
    own: bool
    nearest: int | None
    model: str | None = None
    passages: int = 0
    tokens: int = 0

    @property
    def table(self) -> str:
        """The table of its passages."""
        return "passages_large" if self.own else "passages"


# The columns of ``Place``; where nothing was ever put, no row.
PLACE = (
    "SELECT l.edition, l.rebuilding, l.own, l.nearest, e.model, coalesce(e.passages, 0), coalesce(e.tokens, 0) "
    "FROM libraries AS l LEFT JOIN "
    "(SELECT edition, model, passages, tokens FROM editions WHERE guild_id = %(guild)s) AS e "
    "ON e.edition = l.edition WHERE l.guild_id = %(guild)s"
)


# Lets one transaction at a time change a library. A statement of its own, so that the next one sees what others wrote
# while this one waited for them.
_TAKE = "SELECT FROM libraries WHERE guild_id = %(guild)s FOR UPDATE"
TAKING = (_TAKE, PLACE)


def place(rows: Sequence[Any]) -> Place:
    """From the rows of ``PLACE``."""
    return Place(*rows[0]) if rows else Place(1, None, own=False, nearest=None)


def taken(tx: Transaction, name: str) -> Place:
    """The library, made where it is missing, for this transaction alone to change; it began with ``TAKING``."""
    if not tx.opening:
        tx.run(
            "INSERT INTO directory (guild_id, name) VALUES (%(guild)s, %(name)s) ON CONFLICT (guild_id) DO NOTHING",
            name=name,
        )
        tx.run("INSERT INTO libraries (guild_id) VALUES (%(guild)s) ON CONFLICT (guild_id) DO NOTHING")
        tx.run(_TAKE)
        return place(tx.rows(PLACE))
    return place(tx.opening)


def model(tx: Transaction, edition: int) -> str | None:
    found: str | None = tx.value(
        "SELECT model FROM editions WHERE guild_id = %(guild)s AND edition = %(edition)s", edition=edition
    )
    return found


def begin(tx: Transaction, edition: int, *, made_by: str) -> None:
    """An edition whose vectors that model makes."""
    tx.run(
        "INSERT INTO editions (guild_id, edition, model) VALUES (%(guild)s, %(edition)s, %(model)s) "
        "ON CONFLICT (guild_id, edition) DO NOTHING",
        edition=edition,
        model=made_by,
    )


class Edition:
    """One edition of a library's index, inside a transaction that has taken the library."""

    def __init__(self, tx: Transaction, number: int, table: str) -> None:
        self._tx = tx
        self._number = number
        self._table = table

    def put(self, given: Sequence[Indexed]) -> int:
        """Add articles that are not in it; how many passages there are then."""
        passages = [passage for indexed in given for passage in indexed.passages]
        first: int = self._tx.value(
            "UPDATE libraries SET next_passage = next_passage + %(count)s WHERE guild_id = %(guild)s "
            "RETURNING next_passage - %(count)s",
            count=len(passages),
        )
        with self._tx.together():
            self._put_outlines(given, first)
            if passages:
                self._put_passages(given, first)
                self._put_words(passages, first)
            counted = self._count(passages=len(passages), tokens=sum(len(p.terms) for p in passages))
        return int(counted.fetchall()[0][0])

    def _put_outlines(self, given: Sequence[Indexed], first: int) -> None:
        counts = [len(indexed.passages) for indexed in given]
        centroids = [np.mean([p.vector for p in i.passages], axis=0) if i.passages else None for i in given]
        dimensions = max((len(centroid) for centroid in centroids if centroid is not None), default=0)
        self._tx.run(
            _OUTLINES,
            edition=self._number,
            articles=[indexed.article.id for indexed in given],
            marks=[json.dumps([[m.start, m.end, m.kind] for m in indexed.marks]) for indexed in given],
            firsts=[first + before for before in accumulate(counts[:-1], initial=0)],
            counts=counts,
            vectors=np.array([np.zeros(dimensions) if c is None else c for c in centroids], dtype=np.float32),
            dimensions=dimensions,
        )

    def _put_passages(self, given: Sequence[Indexed], first: int) -> None:
        rows = [(i.article.id, position, p) for i in given for position, p in enumerate(i.passages)]
        vectors = np.array([passage.vector for _, _, passage in rows], dtype=np.float32)
        self._tx.run(
            _PASSAGES.format(table=self._table),
            edition=self._number,
            first=first,
            articles=[article_id for article_id, _, _ in rows],
            positions=[position for _, position, _ in rows],
            sentences=[packed(passage.sentences) for _, _, passage in rows],
            parts=[passage.sentence_vectors.astype("<f2").tobytes() for _, _, passage in rows],
            terms=["\n".join(passage.terms) for _, _, passage in rows],
            vectors=vectors,
            dimensions=vectors.shape[1],
        )

    def _put_words(self, passages: Sequence[NewPassage], first: int) -> None:
        self._tx.run(
            "INSERT INTO terms (guild_id, edition, term, passages) "
            f"SELECT %(guild)s, %(edition)s, new.term, new.n FROM {_COUNTS} "
            "ON CONFLICT (guild_id, edition, term) DO UPDATE SET passages = terms.passages + excluded.passages",
            edition=self._number,
            **_counts(frequencies(p.terms for p in passages)),
        )
        self._tx.run(
            "INSERT INTO postings (guild_id, edition, term, block, hits) "
            f"SELECT %(guild)s, %(edition)s, new.term, new.block, new.hits FROM {_HITS} "
            "ON CONFLICT (guild_id, edition, term, block) DO UPDATE SET hits = postings.hits || excluded.hits",
            edition=self._number,
            **_hits(postings_of(passages, first)),
        )

    def marks_of(self, article_ids: Sequence[str]) -> dict[str, tuple[Mark, ...]]:
        rows = self._tx.rows(
            "SELECT article_id, marks FROM outlines WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND article_id = ANY (%(articles)s)",
            edition=self._number,
            articles=article_ids,
        )
        return {article_id: tuple(Mark(*mark) for mark in json.loads(marks)) for article_id, marks in rows}

    def passages(self, article_id: str) -> tuple[StoredPassage, ...]:
        return tuple(passage_of(row) for row in self._rows([article_id], _STORED))

    def outline(self, article_id: str) -> tuple[Span, ...]:
        return tuple(span for row in self._rows([article_id], "sentences") for span in Spans(row[0]))

    def with_vectors(self, passages: Sequence[StoredPassage]) -> tuple[StoredPassage, ...]:
        rows = self._tx.rows(
            f"SELECT id, sentence_vectors FROM {self._table} WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND id = ANY (%(ids)s)",
            edition=self._number,
            ids=[p.id for p in passages],
        )
        packed = dict(rows)
        return tuple(with_vectors(p, packed[p.id]) for p in passages if p.id in packed)

    def embedded_of(self, article_ids: Sequence[str]) -> dict[str, tuple[NewPassage, ...]]:
        """The passages of those of these articles that have some, with their vectors, in order."""
        rows = self._rows(article_ids, f"{_STORED}, vector, terms")
        return {
            article_id: tuple(map(_embedded, of_article)) for article_id, of_article in groupby(rows, key=itemgetter(1))
        }

    def _rows(self, article_ids: Sequence[str], columns: str) -> list[Any]:
        return self._tx.rows(
            f"SELECT {columns} FROM {self._table} WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND article_id = ANY (%(articles)s) ORDER BY article_id, position",
            edition=self._number,
            articles=article_ids,
        )

    def remove(self, article_ids: Sequence[str]) -> None:
        """Take those of these articles out that are in it."""
        rows = self._tx.rows(
            "DELETE FROM outlines WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND article_id = ANY (%(articles)s) RETURNING first, passages",
            edition=self._number,
            articles=article_ids,
        )
        for first, count in rows:
            self._remove_passages(first, count)

    def _remove_passages(self, first: int, count: int) -> None:
        rows = self._tx.rows(
            f"DELETE FROM {self._table} WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND id >= %(first)s AND id < %(end)s RETURNING terms",
            edition=self._number,
            first=first,
            end=first + count,
        )
        terms = [row[0] for row in rows]
        self._count(passages=-len(terms), tokens=-sum(map(len, terms)))
        self._remove_words(terms, first, count)

    def _remove_words(self, terms: Sequence[Sequence[str]], first: int, count: int) -> None:
        counts = frequencies(terms)
        of_article = {"edition": self._number, "terms": sorted(counts)}
        self._tx.run(
            f"UPDATE terms SET passages = terms.passages - new.n FROM {_COUNTS} WHERE terms.guild_id = %(guild)s "
            "AND terms.edition = %(edition)s AND terms.term = new.term AND terms.term = ANY (%(terms)s)",
            edition=self._number,
            **_counts(counts),
        )
        self._tx.run(
            "DELETE FROM terms WHERE guild_id = %(guild)s AND edition = %(edition)s AND term = ANY (%(terms)s) "
            "AND passages <= 0",
            **of_article,
        )
        held = self._tx.rows(
            "SELECT term, block, hits FROM postings WHERE guild_id = %(guild)s AND edition = %(edition)s "
            "AND term = ANY (%(terms)s) AND block BETWEEN %(first)s AND %(last)s",
            **of_article,
            first=first // BLOCK,
            last=(first + count) // BLOCK,
        )
        kept = without({(term, block): hits for term, block, hits in held}, first, count)
        self._tx.run(
            f"UPDATE postings SET hits = new.hits FROM {_HITS} WHERE postings.guild_id = %(guild)s "
            "AND postings.edition = %(edition)s AND postings.term = new.term AND postings.block = new.block "
            "AND postings.term = ANY (%(terms)s) AND postings.block = ANY (%(blocks)s)",
            edition=self._number,
            **_hits(kept),
        )
        self._tx.run(
            "DELETE FROM postings WHERE guild_id = %(guild)s AND edition = %(edition)s AND term = ANY (%(terms)s) "
            "AND hits = ''",
            **of_article,
        )

    def _count(self, *, passages: int, tokens: int) -> "Cursor[Any]":
        """Gives how many passages there are then."""
        return self._tx.run(
            "UPDATE editions SET passages = passages + %(passages)s, tokens = tokens + %(tokens)s "
            "WHERE guild_id = %(guild)s AND edition = %(edition)s RETURNING passages",
            edition=self._number,
            passages=passages,
            tokens=tokens,
        )

    def drop(self) -> None:
        """Remove all of it."""
        for table in ("outlines", self._table, "terms", "postings", "editions"):
            self._tx.run(
                f"DELETE FROM {table} WHERE guild_id = %(guild)s AND edition = %(edition)s", edition=self._number
            )


def _counts(counts: Mapping[str, int]) -> dict[str, object]:
    """The values of ``_COUNTS``."""
    terms = sorted(counts)
    return {"terms": terms, "counts": [counts[term] for term in terms]}


def _hits(postings: Mapping[tuple[str, int], bytes]) -> dict[str, object]:
    """The values of ``_HITS``."""
    return {
        "terms": [term for term, _ in postings],
        "blocks": [block for _, block in postings],
        "hits": list(postings.values()),
    }


def _embedded(row: Sequence[Any]) -> NewPassage:
    """From (id, article id, position, sentences, sentence vectors, vector, terms)."""
    passage = passage_of(row)
    return NewPassage(tuple(passage.sentences), vector_of(row[5]), passage.sentence_vectors, tuple(sorted(row[6])))
