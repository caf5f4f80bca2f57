"""The passages of a library's SQLite file, and the terms that they hold: those that answer, and those being rebuilt."""

import json
import struct
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from retrieval.store.database import Database, understood
from retrieval.store.values import NewPassage, StoredPassage, packed
from retrieval.text import Span

_PASSAGE = "id, article_id, position, sentences, sentence_vectors"
# One of the values in a list that is given as JSON.
AMONG = "IN (SELECT value FROM json_each(?))"
NEW_PASSAGE = "article_id, position, sentences, vector, sentence_vectors, terms"

# Where passages stand, and the column of terms that counts those with a term.
_COUNTED = {"passages": "passages", "rebuilt_passages": "rebuilt"}


class SqlitePassages:
    """The passages in one of the two tables; what writes belongs into a transaction."""

    def __init__(self, file: Database, table: str) -> None:
        self._file = file
        self._table = table
        self._column = _COUNTED[table]

    def ids(self, article_id: str) -> tuple[int, int] | None:
        """The first and the last id of an article's passages: they were given in one transaction, without gaps."""
        statement = f"SELECT min(id), max(id) FROM {self._table} WHERE article_id = ?"
        first, last = self._file.rows(statement, article_id)[0]
        return None if first is None else (first, last)

    def put(self, article_id: str, passages: Sequence[NewPassage]) -> None:
        """Add the passages of an article that has none."""
        numbers = self._counted(Counter(term for passage in passages for term in set(passage.terms)))
        self._file.execute_each(
            f"INSERT INTO {self._table} ({NEW_PASSAGE}) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    article_id,
                    position,
                    packed(passage.sentences),
                    passage.vector.astype("<f4").tobytes(),
                    passage.sentence_vectors.astype("<f2").tobytes(),
                    packed((numbers[term], count) for term, count in sorted(Counter(passage.terms).items())),
                )
                for position, passage in enumerate(passages)
            ],
        )

    def _counted(self, held: Counter[str]) -> dict[str, int]:
        """The number of each term, which so many more passages hold."""
        numbers = {}
        for term, passages in sorted(held.items()):
            row = self._file.execute(
                "INSERT INTO terms (term, passages, rebuilt) VALUES (?, ?, ?) "
                f"ON CONFLICT (term) DO UPDATE SET {self._column} = {self._column} + excluded.{self._column} "
                "RETURNING id",
                term,
                passages if self._column == "passages" else 0,
                passages if self._column == "rebuilt" else 0,
            ).fetchone()
            numbers[term] = row[0]
        return numbers

    def of(self, article_id: str) -> tuple[StoredPassage, ...]:
        """The passages of an article, in its order."""
        statement = f"SELECT {_PASSAGE} FROM {self._table} WHERE article_id = ? ORDER BY position"
        rows = self._file.rows(statement, article_id)
        from retrieval.store.rows import passages_of

        with understood(self._file.path):
            return tuple(passages_of(rows))

    def outline(self, article_id: str) -> tuple[Span, ...]:
        """The sentences of an article's passages, in its order."""
        statement = f"SELECT sentences FROM {self._table} WHERE article_id = ? ORDER BY position"
        rows = self._file.rows(statement, article_id)
        from retrieval.store.rows import spans_of

        with understood(self._file.path):
            return spans_of(b"".join(row[0] for row in rows))

    def with_vectors(self, passages: Sequence[StoredPassage]) -> tuple[StoredPassage, ...]:
        """Those of these passages that are there, with the vectors of their sentences."""
        from retrieval.store.rows import passages_of

        statement = f"SELECT {_PASSAGE} FROM {self._table} WHERE id {AMONG}"
        rows = self._file.rows(statement, json.dumps([p.id for p in passages]))
        with understood(self._file.path):
            stored = {passage.id: passage for passage in passages_of(rows)}
        return tuple(stored[p.id] for p in passages if p.id in stored)

    def embedded(self, article_id: str) -> tuple[NewPassage, ...]:
        """The passages of an article with their vectors and terms, in its order."""
        from retrieval.store.rows import passages_of, vector_of

        rows = self._file.rows(
            f"SELECT {_PASSAGE}, vector, terms FROM {self._table} WHERE article_id = ? ORDER BY position", article_id
        )
        with understood(self._file.path):
            passages = passages_of([row[:-2] for row in rows])
            counts = [dict(struct.iter_unpack("<II", row[-1])) for row in rows]
            names = self._names({number for of_passage in counts for number in of_passage})
            return tuple(
                NewPassage(tuple(p.sentences), vector_of(row[-2]), p.sentence_vectors, _repeated(of_passage, names))
                for p, row, of_passage in zip(passages, rows, counts, strict=True)
            )

    def _names(self, numbers: Collection[int]) -> dict[int, str]:
        """The terms that have these numbers."""
        return dict(self._file.rows(f"SELECT id, term FROM terms WHERE id {AMONG}", json.dumps(list(numbers))))

    def delete(self, article_id: str) -> None:
        """Also the terms that no other passage holds."""
        held: Counter[int] = Counter()
        for (terms,) in self._file.execute(f"SELECT terms FROM {self._table} WHERE article_id = ?", article_id):
            held.update(term for term, _ in struct.iter_unpack("<II", terms))
        self._file.execute_each(
            f"UPDATE terms SET {self._column} = {self._column} - ? WHERE id = ?",
            [(passages, term) for term, passages in held.items()],
        )
        unused = "DELETE FROM terms WHERE id = ? AND passages <= 0 AND rebuilt <= 0"
        self._file.execute_each(unused, [(term,) for term in held])
        self._file.execute(f"DELETE FROM {self._table} WHERE article_id = ?", article_id)


def _repeated(counts: Mapping[int, int], names: Mapping[int, str]) -> tuple[str, ...]:
    """The terms of a passage, sorted, each as often as it stands there."""
    return tuple(sorted([names[number] for number, count in counts.items() for _ in range(count)]))
