"""A library in one SQLite file: text, passages and vectors change in one transaction."""

import hashlib
import json
import sqlite3
import struct
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from retrieval.errors import QuothError, StoreBusy, StoreDamaged, StoreError
from retrieval.records import Article, Mark
from retrieval.store import Candidate, Found, NewPassage, StoredPassage

if TYPE_CHECKING:
    from retrieval.snapshot import Snapshot
    from retrieval.vectors import Floats

# Seconds to wait for another process's transaction; the longest is one article's, far below one.
_BUSY_SECONDS = 10.0

# Articles named that hold the same words; a wire story stands in a handful of outlets.
_HOLDERS = 20

# One script a version, run in order; user_version counts them. Never change one that was released.
_MIGRATIONS = (
    """
    CREATE TABLE articles (
        id TEXT PRIMARY KEY, doc_id TEXT, title TEXT NOT NULL, source TEXT NOT NULL, author TEXT NOT NULL,
        published TEXT, published_from TEXT NOT NULL, url TEXT, added TEXT NOT NULL,
        characters INTEGER NOT NULL, text TEXT NOT NULL, marks TEXT NOT NULL, digest TEXT NOT NULL
    ) STRICT;
    CREATE INDEX articles_by_digest ON articles (digest);
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL REFERENCES articles (id),
        position INTEGER NOT NULL, sentences BLOB NOT NULL, vector BLOB NOT NULL,
        sentence_vectors BLOB NOT NULL, terms BLOB NOT NULL, UNIQUE (article_id, position)
    ) STRICT;
    CREATE TABLE terms (
        id INTEGER PRIMARY KEY AUTOINCREMENT, term TEXT NOT NULL UNIQUE, passages INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
)
SCHEMA = len(_MIGRATIONS)

_ARTICLE = "id, doc_id, title, source, author, published, published_from, url, added, characters"
_PASSAGE = "id, article_id, position, sentences, sentence_vectors"


class SqliteStore:
    """A ``Store`` in the file ``path``, which is made where it is missing.

    Raises StoreError where the file is no library, or was written by a newer Quoth.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._snapshot: Snapshot | None = None
        self._changes = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"the library {path} cannot be opened",
                hint="Check that the folder exists and may be written to",
            ) from error
        try:
            with _in_words(path):
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        version = self._value("PRAGMA user_version")
        if version > SCHEMA:
            raise StoreError(
                f"the library {self.path} was written by a newer Quoth",
                hint="Install that version, or restore a backup",
            )
        # FULL: what a person was told is added survives a power cut. Removed text is overwritten.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        if version < SCHEMA:
            with self._transaction():
                for script in _MIGRATIONS[self._value("PRAGMA user_version") :]:
                    for statement in script.split(";"):
                        self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version={SCHEMA}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, _in_words(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
            self._changes += 1

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with self._lock, _in_words(self.path):
            return self._connection.execute(statement, values).fetchall()

    def _value(self, statement: str, *values: object) -> Any:
        rows = self._rows(statement, *values)
        return rows[0][0] if rows else None

    def put(self, article: Article, text: str, *, marks: Sequence[Mark], passages: Sequence[NewPassage]) -> None:
        with self._transaction():
            self._delete(article.id)
            self._connection.execute(
                f"INSERT INTO articles ({_ARTICLE}, text, marks, digest) VALUES ({', '.join('?' * 13)})",
                (
                    *(getattr(article, name) for name in _ARTICLE.split(", ")),
                    text,
                    json.dumps([[m.start, m.end, m.kind] for m in marks]),
                    _digest(text),
                ),
            )
            self._connection.executemany(
                "INSERT INTO passages (article_id, position, sentences, vector, sentence_vectors, terms) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        article.id,
                        position,
                        _packed(passage.sentences),
                        passage.vector.astype("<f4").tobytes(),
                        passage.sentence_vectors.astype("<f2").tobytes(),
                        self._term_counts(passage.terms),
                    )
                    for position, passage in enumerate(passages)
                ],
            )

    def _term_counts(self, terms: Sequence[str]) -> bytes:
        """(term id, count) pairs, and one more passage for each of these terms."""
        pairs = []
        for term, count in sorted(Counter(terms).items()):
            row = self._connection.execute(
                "INSERT INTO terms (term, passages) VALUES (?, 1) "
                "ON CONFLICT (term) DO UPDATE SET passages = passages + 1 RETURNING id",
                (term,),
            ).fetchone()
            pairs.append((row[0], count))
        return _packed(pairs)

    def remove(self, article_id: str) -> bool:
        with self._transaction():
            was_there = self._delete(article_id)
        if was_there:
            # The write-ahead log still holds the text until it is folded back and emptied.
            self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return was_there

    def _delete(self, article_id: str) -> bool:
        held: Counter[int] = Counter()
        for (terms,) in self._connection.execute("SELECT terms FROM passages WHERE article_id = ?", (article_id,)):
            held.update(term for term, _ in struct.iter_unpack("<II", terms))
        self._connection.executemany(
            "UPDATE terms SET passages = passages - ? WHERE id = ?", [(n, term) for term, n in held.items()]
        )
        self._connection.execute("DELETE FROM terms WHERE passages <= 0")
        self._connection.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
        return self._connection.execute("DELETE FROM articles WHERE id = ?", (article_id,)).rowcount > 0

    def articles(self) -> tuple[Article, ...]:
        return tuple(Article(*row) for row in self._rows(f"SELECT {_ARTICLE} FROM articles ORDER BY title, id"))

    def article(self, article_id: str) -> Article | None:
        rows = self._rows(f"SELECT {_ARTICLE} FROM articles WHERE id = ?", article_id)
        return Article(*rows[0]) if rows else None

    def text(self, article_id: str) -> str | None:
        text: str | None = self._value("SELECT text FROM articles WHERE id = ?", article_id)
        return text

    def same_text(self, text: str) -> str | None:
        holder: str | None = self._value("SELECT id FROM articles WHERE digest = ? ORDER BY id LIMIT 1", _digest(text))
        return holder

    def containing(self, words: str) -> tuple[tuple[str, int], ...]:
        rows = self._rows(
            "SELECT id, text FROM articles WHERE instr(text, ?) > 0 ORDER BY title, id LIMIT ?",
            words,
            _HOLDERS,
        )
        return tuple((article_id, text.index(words)) for article_id, text in rows)

    def marks(self, article_id: str) -> tuple[Mark, ...]:
        marks = self._value("SELECT marks FROM articles WHERE id = ?", article_id)
        return tuple(Mark(*mark) for mark in json.loads(marks or "[]"))

    def passages(self, article_id: str) -> tuple[StoredPassage, ...]:
        rows = self._rows(f"SELECT {_PASSAGE} FROM passages WHERE article_id = ? ORDER BY position", article_id)
        from retrieval.snapshot import passage_of

        return tuple(passage_of(row) for row in rows)

    def search(self, vector: "Floats", terms: Sequence[str], *, count: int, article_id: str | None = None) -> Found:
        with self._lock:
            snapshot = self._current()
            known = self._term_ids(terms)
        hits = snapshot.search(vector, known.values(), count=count, article_id=article_id)
        stored = self._by_id([hit.id for hit in hits])
        # A passage that was removed since the snapshot was taken is no longer there to be quoted.
        found = [Candidate(stored[h.id], h.cosine, h.bm25) for h in hits if h.id in stored]
        return Found(tuple(found), {term: snapshot.words.idf(known.get(term, -1)) for term in terms})

    def _term_ids(self, terms: Sequence[str]) -> dict[str, int]:
        wanted = json.dumps(sorted(set(terms)))
        return dict(self._rows("SELECT term, id FROM terms WHERE term IN (SELECT value FROM json_each(?))", wanted))

    def _by_id(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        from retrieval.snapshot import passage_of

        statement = f"SELECT {_PASSAGE} FROM passages WHERE id IN (SELECT value FROM json_each(?))"
        return {row[0]: passage_of(row) for row in self._rows(statement, json.dumps(list(ids)))}

    def _current(self) -> "Snapshot":
        """The snapshot of the file as it is now; taken anew when this or another process changed it."""
        from retrieval.snapshot import Snapshot

        version = (self._value("PRAGMA data_version"), self._changes)
        if self._snapshot is None or self._snapshot.version != version:
            rows = self._rows("SELECT id, article_id, vector, terms FROM passages ORDER BY id")
            self._snapshot = Snapshot.of(rows, version=version)
        return self._snapshot

    def model(self) -> str | None:
        value: str | None = self._value("SELECT value FROM facts WHERE name = 'model'")
        return value

    def set_model(self, fingerprint: str) -> None:
        with self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO facts VALUES ('model', ?)", (fingerprint,))

    def check(self) -> list[str]:
        problems = [f"SQLite says: {row[0]}" for row in self._rows("PRAGMA quick_check(5)") if row[0] != "ok"]
        orphans = self._value("SELECT count(*) FROM passages WHERE article_id NOT IN (SELECT id FROM articles)")
        if orphans:
            problems.append(f"{orphans} passages belong to no article")
        sizes = self._rows("SELECT DISTINCT length(vector) FROM passages")
        if len(sizes) > 1:
            problems.append("vectors of different lengths stand side by side")
        for article_id, characters, text in self._rows("SELECT id, characters, text FROM articles"):
            if len(text) != characters:
                problems.append(f"the text of article {article_id} has {len(text)} characters instead of {characters}")
        return problems

    def copy_to(self, path: Path) -> None:
        """A consistent copy in a new file, or over a library that may be in use, while this one is used."""
        is_new = not path.exists()
        with self._lock, _in_words(self.path):
            target = sqlite3.connect(path, timeout=_BUSY_SECONDS)
            try:
                self._connection.backup(target)
                if is_new:  # one file: without this its log would stand beside it
                    target.execute("PRAGMA journal_mode=DELETE")
            finally:
                target.close()

    def forget(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        with self._lock:
            self._connection.close()
            self._snapshot = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _packed(pairs: Iterable[tuple[int, int]]) -> bytes:
    """Pairs of numbers as little-endian 32-bit, which numpy reads back without a loop."""
    return b"".join(struct.pack("<II", *pair) for pair in pairs)


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """SQLite's errors as ours."""
    try:
        yield
    except QuothError:
        raise
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise StoreBusy(f"another process is writing to {path}", hint="Try again when it is done") from error
        raise StoreError(f"the library {path} cannot be used", hint="Check free space and permissions") from error
    except sqlite3.ProgrammingError as error:
        raise StoreError(f"the library {path} has been closed", hint="Open it again") from error
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(
            f"the library {path} is damaged or is no library", hint="Restore a backup with quoth restore"
        ) from error
