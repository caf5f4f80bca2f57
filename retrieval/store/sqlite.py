"""A library in one SQLite file: text, passages and vectors change in one transaction."""

import json
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from retrieval.errors import StoreBusy
from retrieval.records import Article, Audience, Mark, Version
from retrieval.store import schema
from retrieval.store.checking import problems_of
from retrieval.store.database import Database, damaged, sha256, understood
from retrieval.store.folders import SqliteFolders
from retrieval.store.homes import IN_MEMORY, INDEX_NAME
from retrieval.store.passages import AMONG, NEW_PASSAGE, SqlitePassages
from retrieval.store.protocol import Folders, Subscriptions, require_model
from retrieval.store.subscriptions import SqliteSubscriptions
from retrieval.store.values import AllBut, Found, Indexed, Kept, NewPassage, Rebuilding, StoredPassage
from retrieval.store.versions import SqliteVersions
from retrieval.text import Span

if TYPE_CHECKING:
    from retrieval.index.snapshot import Snapshot
    from retrieval.store.indexing import Indexing
    from retrieval.vectors import Floats

# Articles named that hold the same words; a wire story stands in a handful of outlets.
_HOLDERS = 20

_ARTICLE = "id, doc_id, title, source, author, published, published_from, url, added, characters"
_LAST = "\U0010ffff"  # sorts behind every other character
_Known = dict[str, tuple[int, int]]  # of terms: their numbers, and how many passages hold them


class SqliteStore:
    """A ``Store`` in the file ``path``, which is made where it is missing.

    Raises StoreError where the file is no library, or was written by a newer Quoth.
    """

    def __init__(self, path: Path) -> None:
        self._file = Database(path, schema.MIGRATIONS)
        self._versions = SqliteVersions(self._file)
        self._passages = SqlitePassages(self._file, "passages")
        self._rebuilt = SqlitePassages(self._file, "rebuilt_passages")
        self._folder = None if path == IN_MEMORY else path.with_name(INDEX_NAME)  # in memory, as its index is then
        self._indexing: Indexing | None = None
        # All articles, and the change of the library that they are of: questions with operators look at each.
        self._listed: tuple[object, tuple[Article, ...]] | None = None

    @property
    def subscriptions(self) -> Subscriptions:
        return SqliteSubscriptions(self._file)

    @property
    def folders(self) -> Folders:
        return SqliteFolders(self._file)

    def _fact(self, name: str) -> str | None:
        value: str | None = self._file.value("SELECT value FROM facts WHERE name = ?", name)
        return value

    def _set_fact(self, name: str, value: str) -> None:
        self._file.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)

    @property
    def _index(self) -> "Indexing":
        if self._indexing is None:
            from retrieval.store.indexing import Indexing

            self._indexing = Indexing(self._file, self._folder)
        return self._indexing

    def _stamp(self, removed: tuple[int, int] | None = None) -> None:
        """The passages are others from here on: those with ids from the first to the last ``removed`` are gone.

        Random, because a file that is restored over this one must not go on with the same by chance.
        """
        self._file.execute(
            "INSERT INTO changes (stamp, first, last) VALUES (hex(randomblob(8)), ?, ?)", *(removed or (None, None))
        )

    def put(self, indexed: Indexed) -> None:
        with self._file.transaction():
            require_model(self.model(), indexed.model)
            self._versions.keep(indexed)
            self._replace(indexed)
        self._index.added(len(indexed.passages))

    def _replace(self, indexed: Indexed) -> None:
        article = indexed.article
        self._set_fact("model", indexed.model)
        removed = self._passages.ids(article.id)
        self._delete(article.id)
        self._file.execute(
            f"INSERT INTO articles ({_ARTICLE}, text, marks, digest) VALUES ({', '.join('?' * 13)})",
            *(getattr(article, name) for name in _ARTICLE.split(", ")),
            indexed.text,
            _marks_text(indexed.marks),
            sha256(indexed.text),
        )
        self._file.execute(f"UPDATE articles SET seal = sha256({schema.KNOWN}) WHERE id = ?", article.id)
        self._passages.put(article.id, indexed.passages)
        self._stamp(removed)

    def stamps(self) -> Mapping[str, str]:
        return dict(self._file.rows(f"SELECT id, {schema.STAMP} FROM articles ORDER BY rowid"))

    def kept(self, article_ids: Sequence[str]) -> Mapping[str, Kept]:
        found = {}
        with self._file.moment():
            model = self.model() or ""
            articles, texts = self.articles_of(article_ids), self.texts(article_ids)
            audiences = self._audiences(f"WHERE article_id {AMONG}", json.dumps(article_ids))
            for article_id in filter(texts.__contains__, article_ids):
                marks, passages = self.marks(article_id), self.embedded(article_id)
                indexed = Indexed(articles[article_id], texts[article_id], marks, passages, model)
                found[article_id] = Kept(indexed, self.versions(article_id), audiences.get(article_id, Audience()))
        return found

    def bring(self, kept: Sequence[Kept]) -> None:
        with self._file.transaction():
            for each in kept:
                article_id = each.indexed.article.id
                require_model(self.model(), each.indexed.model)
                self._replace(each.indexed)
                self._versions.bring(article_id, each.versions)
                self._limit(article_id, each.audience)
        self._index.added(sum(len(each.indexed.passages) for each in kept))

    def settle(self) -> None:
        """Nothing: the index follows each change."""

    def versions(self, article_id: str) -> tuple[Version, ...]:
        return self._versions.of(article_id)

    def remove(self, article_id: str) -> bool:
        with self._file.transaction():
            removed = self._passages.ids(article_id)
            was_there = self._delete(article_id)
            self._versions.drop(article_id)
            self._file.execute("DELETE FROM audiences WHERE article_id = ?", article_id)
            self._stamp(removed)
        if was_there:
            # The write-ahead log still holds the text until it is folded back and emptied.
            self._file.checkpoint()
        return was_there

    def _delete(self, article_id: str) -> bool:
        self._passages.delete(article_id)
        self._rebuilt.delete(article_id)
        return self._file.execute("DELETE FROM articles WHERE id = ?", article_id).rowcount > 0

    def articles(self) -> tuple[Article, ...]:
        with self._file.moment():
            change = self._file.rows("SELECT seq, stamp FROM changes ORDER BY seq DESC LIMIT 1")
            if self._listed is None or self._listed[0] != change:
                rows = self._file.rows(f"SELECT {_ARTICLE} FROM articles ORDER BY title, id")
                self._listed = change, tuple(Article(*row) for row in rows)
            return self._listed[1]

    def article(self, article_id: str) -> Article | None:
        return self.articles_of((article_id,)).get(article_id)

    def articles_of(self, article_ids: Collection[str]) -> Mapping[str, Article]:
        statement = f"SELECT {_ARTICLE}, seal = sha256({schema.KNOWN}) FROM articles WHERE id "
        rows = self._file.rows(f"{statement} {AMONG}", json.dumps(list(article_ids)))
        if not all(row[-1] for row in rows):
            raise damaged(self._file.path)
        return {row[0]: Article(*row[:-1]) for row in rows}

    def text(self, article_id: str) -> str | None:
        return self.texts((article_id,)).get(article_id)

    def texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        statement = f"SELECT id, CAST(text AS BLOB), digest FROM articles WHERE id {AMONG}"  # bytes have a digest
        rows = self._file.rows(statement, json.dumps(list(article_ids)))
        if any(sha256(text) != digest for _, text, digest in rows):  # a quote of it would not be what was given
            raise damaged(self._file.path)
        return {article_id: str(text, "utf-8") for article_id, text, _ in rows}

    def same_text(self, text: str) -> str | None:
        holder: str | None = self._file.value(
            "SELECT id FROM articles WHERE digest = ? ORDER BY id LIMIT 1", sha256(text)
        )
        return holder

    def same_url(self, url: str) -> str | None:
        holder: str | None = self._file.value("SELECT id FROM articles WHERE url = ? ORDER BY id LIMIT 1", url)
        return holder

    def newest_of(self, source: str, *, most: int) -> tuple[str, ...]:
        statement = "SELECT id FROM articles WHERE source = ? ORDER BY added DESC, id LIMIT ?"
        return tuple(row[0] for row in self._file.rows(statement, source, most))

    def limit(self, article_id: str, audience: Audience) -> None:
        with self._file.transaction():
            self._limit(article_id, audience)

    def _limit(self, article_id: str, audience: Audience) -> None:
        self._file.execute("DELETE FROM audiences WHERE article_id = ?", article_id)
        if audience.groups and self.article(article_id):
            groups = json.dumps([sorted(group) for group in audience.groups])
            self._file.execute("INSERT INTO audiences VALUES (?, ?)", article_id, groups)

    def audiences(self) -> Mapping[str, Audience]:
        return self._audiences("ORDER BY article_id")

    def _audiences(self, which: str, *values: object) -> dict[str, Audience]:
        rows = self._file.rows(f"SELECT article_id, groups FROM audiences {which}", *values)
        with understood(self._file.path):
            return {i: Audience(tuple(map(frozenset, json.loads(groups)))) for i, groups in rows}

    def containing(self, words: str) -> tuple[tuple[str, int], ...]:
        statement = "SELECT id, text FROM articles WHERE instr(text, ?) > 0 ORDER BY title, id LIMIT ?"
        rows = self._file.rows(statement, words, _HOLDERS)
        return tuple((article_id, text.index(words)) for article_id, text in rows)

    def marks(self, article_id: str) -> tuple[Mark, ...]:
        marks = self._file.value("SELECT marks FROM articles WHERE id = ?", article_id)
        with understood(self._file.path):
            return tuple(Mark(*mark) for mark in json.loads(marks or "[]"))

    def passages(self, article_id: str) -> tuple[StoredPassage, ...]:
        return self._passages.of(article_id)

    def outline(self, article_id: str) -> tuple[Span, ...]:
        return self._passages.outline(article_id)

    def with_vectors(self, passages: Sequence[StoredPassage]) -> tuple[StoredPassage, ...]:
        return self._passages.with_vectors(passages)

    def article_count(self) -> int:
        return int(self._file.value("SELECT count(*) FROM articles"))

    def passage_count(self) -> int:
        return int(self._file.value("SELECT count(*) FROM passages"))

    def embedded(self, article_id: str) -> tuple[NewPassage, ...]:
        return self._passages.embedded(article_id)

    def search(
        self,
        vector: "Floats",
        terms: Sequence[str],
        *,
        model: str,
        count: int,
        article_ids: Collection[str] | AllBut | None = None,
    ) -> Found:
        from retrieval.store.rows import candidates_of

        def found(snapshot: "Snapshot", known: _Known) -> Found:
            # A term that no passage holds is asked for all the same: every article lacks it.
            wanted = {term: known.get(term, (-place, 0)) for place, term in enumerate(terms, start=1)}
            require_model(snapshot.model, model)
            idfs = {number: snapshot.idf(passages) for number, passages in wanted.values()}
            only, but = (None, article_ids.ids) if isinstance(article_ids, AllBut) else (article_ids, ())
            hits = snapshot.search(vector, idfs, count=count, only=only, but=but)
            # What was removed since the snapshot was taken is found, and no longer there when it is read to be quoted.
            return Found(candidates_of(hits), {term: idfs[number] for term, (number, _) in wanted.items()})

        return self._index.asked(partial(self._terms, terms), found)

    def holding(self, terms: Collection[str]) -> frozenset[str]:
        def found(snapshot: "Snapshot", known: _Known) -> frozenset[str]:
            if not known.keys() >= set(terms):
                return frozenset()
            return snapshot.holding([number for number, _ in sorted(known.values(), key=lambda term: term[1])])

        return self._index.asked(partial(self._terms, terms), found)

    def _terms(self, terms: Collection[str]) -> _Known:
        """The number of each of these terms that passages hold, and how many do."""
        wanted = json.dumps(sorted(set(terms)))
        statement = f"SELECT term, id, passages FROM terms WHERE term {AMONG}"
        return {term: (number, passages) for term, number, passages in self._file.rows(statement, wanted)}

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        return {term: passages for term, (_, passages) in self._terms(terms).items() if passages > 0}

    def vocabulary(self, prefix: str, *, shortest: int, longest: int) -> Mapping[str, int]:
        statement = (
            "SELECT term, passages FROM terms "
            "WHERE passages > 0 AND term BETWEEN ? AND ? AND length(term) BETWEEN ? AND ?"
        )
        return dict(self._file.rows(statement, prefix, prefix + _LAST, shortest, longest))

    def model(self) -> str | None:
        return self._fact("model")

    def rebuild(self, model: str) -> Rebuilding:
        with self._file.transaction():
            if self._fact("rebuilding") != model:
                self._drop_rebuilt()
                self._set_fact("rebuilding", model)
            return self._rebuilding(model)

    def rebuilding(self) -> Rebuilding | None:
        with self._file.moment():
            model = self._fact("rebuilding")
            return self._rebuilding(model) if model else None

    def _rebuilding(self, model: str) -> Rebuilding:
        lacking = self._file.rows(
            "SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM rebuilt_articles) ORDER BY id"
        )
        done = self._file.value("SELECT count(*) FROM rebuilt_articles")
        return Rebuilding(model, done, tuple(row[0] for row in lacking))

    def put_rebuilt(self, indexed: Indexed) -> bool:
        article = indexed.article
        with self._file.transaction():
            self._require_rebuilding(indexed.model)
            if self.article(article.id) != article or self.text(article.id) != indexed.text:
                return False
            # Another process may have built it at the same time.
            self._rebuilt.delete(article.id)
            self._file.execute(
                "INSERT OR REPLACE INTO rebuilt_articles VALUES (?, ?)", article.id, _marks_text(indexed.marks)
            )
            self._rebuilt.put(article.id, indexed.passages)
            return True

    def switch(self, model: str) -> bool:
        with self._file.transaction():
            self._require_rebuilding(model)
            if self._rebuilding(model).lacking:
                return False
            self._file.execute("DELETE FROM passages")
            # In the order in which the articles were added, as the old passages were: ids settle ties.
            self._file.execute(
                f"INSERT INTO passages ({NEW_PASSAGE}) SELECT {NEW_PASSAGE} FROM rebuilt_passages "
                "ORDER BY (SELECT rowid FROM articles WHERE id = article_id), position"
            )
            self._file.execute(
                "UPDATE articles SET marks = new.marks FROM rebuilt_articles AS new "
                "WHERE new.article_id = articles.id AND new.marks <> articles.marks"
            )
            self._file.execute("UPDATE terms SET passages = rebuilt")
            self._drop_rebuilt()
            self._file.execute("DELETE FROM facts WHERE name = 'rebuilding'")
            self._set_fact("model", model)
            self._file.execute("DELETE FROM changes")  # nobody can follow this one by one
            self._stamp()
        # The write-ahead log holds the whole index once more until it is folded back.
        self._file.checkpoint()
        return True

    def _require_rebuilding(self, model: str) -> None:
        if self._fact("rebuilding") != model:
            raise StoreBusy("another quoth reindex has ended or replaced this one", hint="See quoth doctor")

    def _drop_rebuilt(self) -> None:
        self._file.execute("DELETE FROM rebuilt_passages")
        self._file.execute("DELETE FROM rebuilt_articles")
        self._file.execute("UPDATE terms SET rebuilt = 0")
        self._file.execute("DELETE FROM terms WHERE passages <= 0 AND rebuilt <= 0")

    def check(self) -> list[str]:
        return problems_of(self._file) or self._index.check()

    def copy_to(self, path: Path) -> None:
        """A consistent copy in a new file, or over a library that may be in use, while this one is used."""
        self._file.copy_to(path)

    def fold(self) -> None:
        """Fold the log back, so that the file by itself is the whole library."""
        self._file.checkpoint()

    def forget(self) -> None:
        self._let_go()
        self._file.forget()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        self._let_go()
        self._file.close()

    def _let_go(self) -> None:
        self._listed = None
        if self._indexing:
            self._indexing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _marks_text(marks: Iterable[Mark]) -> str:
    return json.dumps([[m.start, m.end, m.kind] for m in marks])
