"""A library in PostgreSQL: text, passages, vectors and words of an article change in one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from retrieval.errors import StoreError
from retrieval.lexical import idf
from retrieval.messages import say
from retrieval.records import Article, Audience, Mark, Version
from retrieval.settings import StoreSettings
from retrieval.store.postgres import articles, index, moving, rebuilding
from retrieval.store.postgres.folders import PostgresFolders
from retrieval.store.postgres.index import Edition, Place
from retrieval.store.postgres.keys import key_of
from retrieval.store.postgres.search import Search
from retrieval.store.postgres.server import SERVERS, Transaction
from retrieval.store.postgres.subscriptions import PostgresSubscriptions
from retrieval.store.protocol import Folders, Subscriptions, require_model
from retrieval.store.values import AllBut, Found, Indexed, Kept, NewPassage, Rebuilding, StoredPassage
from retrieval.text import Span

if TYPE_CHECKING:
    from retrieval.vectors import Floats

_LAST = "\U0010ffff"  # sorts behind every other character
_GUARDED = (
    *("folder_files", "feed_entries", "feeds", "versions", "audiences"),
    *("postings", "terms", "passages", "outlines", "articles", "editions", "libraries"),
)


class PostgresStore:
    """A ``Store`` in the database that the settings name; others in it are never seen.

    Nothing is asked of the database before the first method is called.
    """

    def __init__(self, settings: StoreSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._guild = key_of(name)
        self._server = SERVERS.take(settings)
        self._is_closed = False

    @contextmanager
    def _moment(self) -> Iterator[tuple[Transaction, Place]]:
        """To read: everything is of one moment. A library that is not there yet is empty."""
        self._require_open()
        with self._server.moment(self._guild, opening=[index.PLACE]) as tx:
            yield tx, index.place(tx.opening)

    @contextmanager
    def _look(self) -> Iterator[Transaction]:
        """To read what is of no edition."""
        self._require_open()
        with self._server.moment(self._guild) as tx:
            yield tx

    @contextmanager
    def _change(self, *, seconds: float | None = None) -> Iterator[tuple[Transaction, Place]]:
        """To write: one after another."""
        self._require_open()
        with self._server.transaction(self._guild, opening=index.TAKING, seconds=seconds) as tx:
            yield tx, index.taken(tx, self._name)

    @contextmanager
    def _beside(self) -> Iterator[Transaction]:
        with self._change() as (tx, _):
            yield tx

    def _require_open(self) -> None:
        if self._is_closed:
            raise StoreError(say("the library has been closed"), hint=say("Open it again"))

    @property
    def subscriptions(self) -> Subscriptions:
        return PostgresSubscriptions(self._beside)

    @property
    def folders(self) -> Folders:
        return PostgresFolders(self._beside)

    # Articles

    def put(self, indexed: Indexed) -> None:
        with self._change() as (tx, here):
            articles.keep_version(tx, indexed)
            is_outgrown = self._is_outgrown(tx, here, passages=_replace(tx, here, [indexed]))
        if is_outgrown:
            self._grow()

    def bring(self, kept: Sequence[Kept]) -> None:
        with self._change() as (tx, here):
            passages = _replace(tx, here, [each.indexed for each in kept])
            moving.bring_beside(tx, kept)
            is_outgrown = self._is_outgrown(tx, here, passages=passages)
        if is_outgrown and not here.own:
            # Without an index, which would take longer to grow with each passage than to make of all.
            with self._change(seconds=0) as (tx, _):
                tx.run("SELECT give_own_table(%(guild)s)")

    def settle(self) -> None:
        with self._moment() as (tx, here):
            is_outgrown = self._is_outgrown(tx, here, passages=here.passages)
        if is_outgrown:
            self._grow()

    def _is_outgrown(self, tx: Transaction, here: Place, *, passages: int) -> bool:
        """Whether a library of so many passages should have an index of its own, and has none."""
        # What Citus distributes stays where it is, however large: see 005_citus.sql
        return passages >= self._settings.large_from and here.nearest != here.edition and not tx.is_distributed

    def _grow(self) -> None:
        """Give the library a partition and an index of its own, while it answers from where it is."""
        with self._change(seconds=0) as (tx, here):
            tx.run(
                "SELECT give_own_partition(%(guild)s, vector_dims(centroid)) FROM outlines "
                "WHERE guild_id = %(guild)s AND edition = %(edition)s AND passages > 0 LIMIT 1",
                edition=here.edition,
            )

    def stamps(self) -> Mapping[str, str]:
        with self._moment() as (tx, here):
            return moving.stamps(tx, here.edition)

    def kept(self, article_ids: Sequence[str]) -> Mapping[str, Kept]:
        with self._moment() as (tx, here):
            edition = Edition(tx, here.edition, here.table)
            return moving.kept(tx, edition, list(article_ids), made_by=here.model or "")

    def remove(self, article_id: str) -> bool:
        with self._change() as (tx, here):
            _take_out(tx, here, [article_id])
            return articles.remove(tx, article_id)

    def limit(self, article_id: str, audience: Audience) -> None:
        with self._change() as (tx, _):
            articles.limit(tx, article_id, audience)

    def audiences(self) -> Mapping[str, Audience]:
        with self._look() as tx:
            return articles.audiences(tx)

    def articles(self) -> tuple[Article, ...]:
        with self._look() as tx:
            return articles.listed(tx)

    def article(self, article_id: str) -> Article | None:
        with self._look() as tx:
            return articles.article(tx, article_id)

    def articles_of(self, article_ids: Collection[str]) -> Mapping[str, Article]:
        with self._look() as tx:
            return articles.articles_of(tx, article_ids)

    def text(self, article_id: str) -> str | None:
        with self._look() as tx:
            return articles.text(tx, article_id)

    def texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        with self._look() as tx:
            return articles.texts(tx, article_ids)

    def same_text(self, text: str) -> str | None:
        with self._look() as tx:
            return articles.same_text(tx, text)

    def same_url(self, url: str) -> str | None:
        with self._look() as tx:
            return articles.same_url(tx, url)

    def newest_of(self, source: str, *, most: int) -> tuple[str, ...]:
        with self._look() as tx:
            return articles.newest_of(tx, source, most=most)

    def containing(self, words: str) -> tuple[tuple[str, int], ...]:
        with self._look() as tx:
            return articles.containing(tx, words)

    def versions(self, article_id: str) -> tuple[Version, ...]:
        with self._look() as tx:
            return articles.versions_of(tx, [article_id]).get(article_id, ())

    # What is derived from them

    def marks(self, article_id: str) -> tuple[Mark, ...]:
        with self._moment() as (tx, here):
            return Edition(tx, here.edition, here.table).marks_of([article_id]).get(article_id, ())

    def passages(self, article_id: str) -> tuple[StoredPassage, ...]:
        with self._moment() as (tx, here):
            return Edition(tx, here.edition, here.table).passages(article_id)

    def outline(self, article_id: str) -> tuple[Span, ...]:
        with self._moment() as (tx, here):
            return Edition(tx, here.edition, here.table).outline(article_id)

    def with_vectors(self, passages: Sequence[StoredPassage]) -> tuple[StoredPassage, ...]:
        with self._moment() as (tx, here):
            return Edition(tx, here.edition, here.table).with_vectors(passages)

    def embedded(self, article_id: str) -> tuple[NewPassage, ...]:
        with self._moment() as (tx, here):
            return Edition(tx, here.edition, here.table).embedded_of([article_id]).get(article_id, ())

    def article_count(self) -> int:
        with self._look() as tx:
            return articles.count(tx)

    def passage_count(self) -> int:
        with self._moment() as (_, here):
            return here.passages

    def search(
        self,
        vector: "Floats",
        terms: Sequence[str],
        *,
        model: str,
        count: int,
        article_ids: Collection[str] | AllBut | None = None,
    ) -> Found:
        with self._moment() as (tx, here):
            require_model(here.model, model)
            if here.model is None:
                return Found((), dict.fromkeys(terms, idf(0, 0)))
            return Search(tx, here, vector, terms).found(count=count, article_ids=article_ids)

    def holding(self, terms: Collection[str]) -> frozenset[str]:
        from retrieval.vectors import NO_VECTORS

        with self._moment() as (tx, here):
            return Search(tx, here, NO_VECTORS, terms).holding()

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        return self._frequencies("term = ANY (%(terms)s)", terms=sorted(set(terms)))

    def vocabulary(self, prefix: str, *, shortest: int, longest: int) -> Mapping[str, int]:
        return self._frequencies(
            "term BETWEEN %(first)s AND %(last)s AND length(term) BETWEEN %(shortest)s AND %(longest)s",
            first=prefix,
            last=prefix + _LAST,
            shortest=shortest,
            longest=longest,
        )

    def _frequencies(self, which: str, **values: object) -> Mapping[str, int]:
        """Terms of the edition that answers, with how many passages hold each."""
        statement = f"SELECT term, passages FROM terms WHERE guild_id = %(guild)s AND edition = %(edition)s AND {which}"
        with self._moment() as (tx, here):
            return dict(tx.rows(statement, edition=here.edition, **values))

    def model(self) -> str | None:
        with self._moment() as (_, here):
            return here.model

    # Another index beside it

    def rebuild(self, model: str) -> Rebuilding:
        with self._change() as (tx, here):
            return rebuilding.state(tx, rebuilding.begin(tx, here, model))

    def rebuilding(self) -> Rebuilding | None:
        with self._moment() as (tx, here):
            return rebuilding.state(tx, here.rebuilding) if here.rebuilding is not None else None

    def put_rebuilt(self, indexed: Indexed) -> bool:
        article = indexed.article
        with self._change() as (tx, here):
            edition = Edition(tx, rebuilding.require(tx, here, indexed.model), here.table)
            if articles.article(tx, article.id) != article or articles.text(tx, article.id) != indexed.text:
                return False
            edition.remove([article.id])  # another process may have built it at the same time
            edition.put([indexed])
            return True

    def switch(self, model: str) -> bool:
        with self._change(seconds=0) as (tx, here):
            edition = rebuilding.require(tx, here, model)
            if rebuilding.state(tx, edition).lacking:
                return False
            rebuilding.switch(tx, here, edition)
        return True

    # Looking after it

    def check(self) -> list[str]:
        problems = []
        with self._moment() as (tx, here):
            counted = tx.value(
                f"SELECT count(*) FROM {here.table} WHERE guild_id = %(guild)s AND edition = %(edition)s",
                edition=here.edition,
            )
            promised = tx.value(
                "SELECT coalesce(sum(passages), 0)::bigint FROM outlines WHERE guild_id = %(guild)s "
                "AND edition = %(edition)s AND article_id IN (SELECT id FROM articles WHERE guild_id = %(guild)s)",
                edition=here.edition,
            )
            if counted != promised:
                problems.append(f"{counted} passages are stored, and the articles have {promised}")
            sizes = tx.value(
                f"SELECT count(DISTINCT vector_dims(vector)) FROM {here.table} WHERE guild_id = %(guild)s "
                "AND edition = %(edition)s",
                edition=here.edition,
            )
            if sizes > 1:
                problems.append("vectors of different lengths stand side by side")
            for article_id, characters, stored in tx.rows(
                "SELECT id, characters, length(convert_from(text, 'UTF8')) FROM articles WHERE guild_id = %(guild)s "
                "AND position('\\x00'::bytea IN text) = 0 AND length(convert_from(text, 'UTF8')) <> characters"
            ):
                problems.append(f"the text of article {article_id} has {stored} characters instead of {characters}")
            for what, column, table in (
                ("the text", "id", "articles"),
                ("an earlier version", "article_id", "versions"),
            ):
                changed = f"SELECT DISTINCT {column} FROM {table} WHERE guild_id = %(guild)s AND sha256(text) <> digest"
                for (article_id,) in tx.rows(changed):
                    problems.append(f"{what} of article {article_id} is not the one that was stored")
        return problems

    def forget(self) -> None:
        self._require_open()
        with self._server.transaction(self._guild, seconds=0) as tx:
            tx.run("SELECT drop_own_partition(%(guild)s)")
            for table in _GUARDED:
                tx.run(f"DELETE FROM {table} WHERE guild_id = %(guild)s")
            tx.run("DELETE FROM directory WHERE guild_id = %(guild)s")
        self.close()

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            SERVERS.give_back(self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _replace(tx: Transaction, here: Place, given: Sequence[Indexed]) -> int:
    """Put articles in place of those with their ids; how many passages the library has then."""
    made_by = here.model
    for indexed in given:
        require_model(made_by, indexed.model)
        if made_by is None:
            made_by = indexed.model
            index.begin(tx, here.edition, made_by=made_by)
    _take_out(tx, here, [indexed.article.id for indexed in given])
    with tx.together():
        articles.put(tx, given)
        return Edition(tx, here.edition, here.table).put(given)


def _take_out(tx: Transaction, here: Place, article_ids: Sequence[str]) -> None:
    """Take articles out of the index that answers, and of the one that is being built."""
    for edition in filter(None, (here.edition, here.rebuilding)):
        Edition(tx, edition, here.table).remove(article_ids)
