"""A library: one set of articles, and what can be asked of it. Everything meets here."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from retrieval.answers.stages import DEFAULT_STAGES, Stages
from retrieval.errors import InvalidInput, NotFound
from retrieval.feeds import Feeds
from retrieval.messages import say
from retrieval.models import PACKAGED, Models
from retrieval.records import (
    Added,
    Answer,
    Article,
    Audience,
    Length,
    Mark,
    Preview,
    Quote,
    Reindexed,
    Revision,
    Summary,
    TopicSummary,
    Verification,
    Version,
)
from retrieval.settings import Settings
from retrieval.store.choice import open_store
from retrieval.store.homes import IN_MEMORY
from retrieval.store.protocol import Store, require_model
from retrieval.store.sqlite import SqliteStore
from retrieval.text import Span

if TYPE_CHECKING:
    from retrieval.adding import Adder
    from retrieval.answers.answering import Trace
    from retrieval.embed import Encoder
    from retrieval.loaders.documents import Document, Unread
    from retrieval.loaders.reading import Reader
    from retrieval.web.client import Web

# Methods import the steps they need when they are called: numpy takes 0.1 s and the model seconds,
# and a list of titles must not wait for either.

MOST_QUOTES = 10


class Library:
    """Articles, and their answers. May be used from several threads; ``close`` it, or use ``with``.

    ``models`` are loaded when they are first needed, and ``now`` tells the time at which articles are
    added (UTC). ``stages`` weighs the stages of answering. ``web`` fetches: by default from public addresses.
    """

    def __init__(  # noqa: PLR0913 - each is one thing from outside, and all but the first have a default
        self,
        store: Store,
        *,
        settings: Settings | None = None,
        models: Models = PACKAGED,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        stages: Stages = DEFAULT_STAGES,
        web: "Web | None" = None,
    ) -> None:
        self._store = store
        self._settings = settings or Settings()
        self._models = models
        self._now = now
        self._stages = stages
        self._web = web

    @classmethod
    def open(
        cls,
        home: Path | str,
        name: str = "default",
        *,
        settings: Settings | None = None,
        models: Models = PACKAGED,
        stages: Stages = DEFAULT_STAGES,
    ) -> Self:
        """The library ``name``, in ``home`` or where ``settings.store`` says, made where it is missing; no model yet.

        Raises StoreError where it cannot be used, InvalidInput for an impossible name.
        """
        settings = settings or Settings()
        return cls(open_store(Path(home), name, settings.store), settings=settings, models=models, stages=stages)

    @classmethod
    def in_memory(cls, *, settings: Settings | None = None, models: Models = PACKAGED) -> Self:
        """An empty library that leaves no file."""
        return cls(SqliteStore(IN_MEMORY), settings=settings, models=models)

    def close(self) -> None:
        """Let go of the library's file, or of its database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def warm_up(self) -> None:
        """Load the model, and what answers, now (seconds) and not at the first question. Raises ModelUnavailable."""
        import_module("retrieval.answers.answering")
        self._encoder().encode(["ready"])
        self._models.reranker(self._settings)

    def _encoder(self) -> "Encoder":
        encoder = self._models.encoder(self._settings)
        require_model(self._store.model(), encoder.fingerprint)
        return encoder

    # Articles in

    def add(self, *sources: "Path | str | Document") -> tuple[Added, ...]:
        """Add or update articles; one result each. Texts with ``://`` are addresses of pages or feeds, others files."""
        return tuple(self.add_each(sources))

    def read_each(self, sources: "Iterable[Path | str | Document | Unread]") -> "Iterator[Document | Unread]":
        """The documents of files, folders and addresses, which are not added: pages are read in a process apart."""
        with self._reader() as reader:
            yield from reader.documents(sources)

    def add_each(self, sources: "Iterable[Path | str | Document | Unread]") -> Iterator[Added]:
        """As ``add``, each result as soon as it is stored. What fails is reported, and the rest goes on."""
        with self._reader() as reader:
            yield from self._adder().add_each(reader.documents(sources))

    def preview_each(self, sources: "Iterable[Path | str | Document | Unread]") -> Iterator[Preview]:
        """What ``add_each`` would do; nothing is stored."""
        with self._reader() as reader:
            yield from self._adder().preview_each(reader.documents(sources))

    def _adder(self) -> "Adder":
        from retrieval.adding import Adder

        return Adder(self._store, self._encoder, batch=self._settings.model.batch_size, now=self._now)

    def _reader(self) -> "Reader":
        from retrieval.loaders.reading import Reader
        from retrieval.web.addresses import canonical
        from retrieval.web.client import PUBLIC_WEB

        def added(url: str) -> str | None:
            article = self._store.article(self._store.same_url(canonical(url)) or "")
            return article.added if article else None

        return Reader(self._web or PUBLIC_WEB, entries=self._settings.web.feed_entries, added=added)

    def edit(  # noqa: PLR0913 - each is a field of the article
        self,
        reference: str,
        *,
        title: str | None = None,
        source: str | None = None,
        author: str | None = None,
        published: str | None = None,
        url: str | None = None,
    ) -> Article:
        """Correct what is known of an article; what is None stays. Its text, and so its quotes, stay as they are.

        ``published`` is an ISO 8601 date. Raises NotFound, and InvalidInput for a date or an address that is none.
        """
        from retrieval.adding import edited

        given = {"title": title, "source": source, "author": author, "published": published, "url": url}
        known = {name: value for name, value in given.items() if value is not None}
        return edited(self.article(reference), known, store=self._store, encoder=self._encoder)

    def remove(self, reference: str) -> Article:
        """Remove an article and all that was derived from it. Raises NotFound."""
        article = self.article(reference)
        self._store.remove(article.id)
        return article

    # Feeds and folders

    @property
    def feeds(self) -> Feeds:
        """The feeds that the library is subscribed to."""
        return Feeds(self._store, self._settings.web, reader=self._reader, adder=self._adder, now=self._now)

    def sync_folder(self, folder: Path | str) -> Iterator[Added]:
        """Bring the library in step with a folder: one result for each article that comes, changes or goes.

        What did not change since the last time is not read again. Raises InvalidInput where the folder, or all
        that was in it, is not there.
        """
        from retrieval.watching import Watcher

        with self._reader() as reader:
            yield from Watcher(Path(folder).absolute(), self._store, reader, self._adder()).sync()

    # Articles out

    def articles(self) -> tuple[Article, ...]:
        """All articles, by title."""
        return self._store.articles()

    def article(self, reference: str) -> Article:
        """The article with this id, doc_id, URL or title, or whose id alone begins like this.

        Raises NotFound where there is none, or several.
        """
        from retrieval.references import find

        return find(_whole(reference), self._store)

    def article_count(self) -> int:
        """How many articles there are."""
        return self._store.article_count()

    def passage_count(self) -> int:
        """How many passages all articles have."""
        return self._store.passage_count()

    def text(self, article_id: str) -> str:
        """The article's text as it was given. Raises NotFound."""
        if (text := self._store.text(article_id)) is None:
            happened = say("no article has the id {id}", id=repr(article_id))
            raise NotFound(happened, hint=say("It may have been removed meanwhile"))
        return text

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """What an article was before its updates, newest first."""
        return self._store.versions(article_id)

    def history(self, reference: str) -> tuple[Revision, ...]:
        """What each update of an article changed, newest first. Raises NotFound."""
        from retrieval.history import revisions

        article = self.article(reference)
        return revisions(self._store.versions(article.id), self.text(article.id))

    def marks(self, article_id: str) -> tuple[Mark, ...]:
        """What cleaning set aside in an article."""
        return self._store.marks(article_id)

    def passage_around(self, article_id: str, start: int, end: int, *, sentences: int = 2) -> tuple[str, str, str]:
        """The words of ``[start, end)``, and up to so many sentences before and after them.

        Raises NotFound where the article is gone or has no such place.
        """
        from retrieval.answers.quote import around

        return around(self.text(article_id), self._store.outline(article_id), Span(start, end), sentences=sentences)

    # Who may see what

    def limit(self, reference: str, audience: Audience) -> Article:
        """Let only this audience see an article, from now on and through all its updates. Raises NotFound."""
        article = self.article(reference)
        self._store.limit(article.id, audience)
        return article

    def audiences(self) -> Mapping[str, Audience]:
        """The articles that not everybody may see, by id, with who may."""
        return self._store.audiences()

    def seen_by(self, labels: Collection[str]) -> "Library":
        """The library as whoever holds these labels sees it: without the articles whose audience is another.

        Where nothing is hidden from them it is this library. Otherwise it shares everything with this one,
        so it need not be closed, and nothing can be changed in it.
        """
        from retrieval.store.audience import seen_by

        store = seen_by(self._store, labels)
        return self if store is self._store else self._beside(store)

    def _beside(self, store: Store) -> "Library":
        """A library with another store and all else that this one has."""
        return Library(
            store, settings=self._settings, models=self._models, now=self._now, stages=self._stages, web=self._web
        )

    # Answers

    def ask(
        self,
        question: str,
        *,
        quotes: int | None = None,
        article: str | None = None,
        history: Sequence[str] = (),
    ) -> Answer:
        """The passages that answer, word for word, or the honest answer that none does.

        ``quotes`` is how many at most; ``article`` names the one to search; ``history`` are the questions
        asked before in this conversation, oldest first. Raises InvalidQuestion, and NotFound for an article.
        """
        return self.trace(question, quotes=quotes, article=article, history=history).answer

    def trace(
        self,
        question: str,
        *,
        quotes: int | None = None,
        article: str | None = None,
        history: Sequence[str] = (),
    ) -> "Trace":
        """As ``ask``, with the passages and sentences that it was chosen from."""
        from retrieval.answers.answering import Loaders, Wanted, answer

        if quotes is not None and not 1 <= quotes <= MOST_QUOTES:
            happened = say("{number} quotes cannot be given", number=quotes)
            raise InvalidInput(happened, hint=say("Ask for 1 to {most}", most=MOST_QUOTES))
        defaults = self._settings.answers
        wanted = Wanted(
            quotes=quotes or defaults.quotes,
            article_id=self.article(article).id if article else None,
            confidence=defaults.confidence,
            today=self._now().date(),
            stages=self._stages,
            history=tuple(map(_whole, history)),
        )
        models = Loaders(lambda: self._models.encoder(self._settings), lambda: self._models.reranker(self._settings))
        return answer(_whole(question), wanted, store=self._store, models=models)

    def check(self, quote: Quote) -> None:
        """Hold a quote against the stored text once more. Raises QuoteMismatch; such a quote is never shown."""
        from retrieval.answers.answering import check

        check((quote,), self._store)

    def verify(self, words: str, *, article: str | None = None) -> Verification:
        """Where words stand in this library: found, in another article, altered, or not found.

        ``article`` names the article they are said to be from. Raises InvalidInput where there are
        no words, NotFound for an article that is not there.
        """
        from retrieval.verify import verification

        expected = self.article(article).id if article else None
        return verification(_whole(words), self._store, encoder=self._encoder, expected=expected)

    def summarise(self, reference: str, *, length: Length = "short") -> Summary:
        """An article's most telling sentences, word for word, in its order. Raises NotFound."""
        from retrieval.summarise import summary

        return summary(self.article(reference), self._store, length=length)

    def summarise_source(self, source: "Path | str | Document", *, length: Length = "short") -> Summary:
        """A summary of one article that does not come into the library. Raises InvalidInput."""
        from retrieval.summarise import the_only

        with self._beside(SqliteStore(IN_MEMORY)) as aside:
            return aside.summarise(the_only(aside.add(source)).id, length=length)

    def summarise_topic(self, about: str, *, length: Length = "short") -> TopicSummary:
        """What the articles about a topic say of it, word for word, newest article first. Raises InvalidQuestion."""
        from retrieval import topic

        return topic.about(_whole(about), self._store, self._encoder, length=length)

    def export(self) -> Iterator[str]:
        """The articles as lines of JSON that ``add`` reads again, with what is known of each."""
        from retrieval.export import lines

        return lines(self._store)

    # Looking after

    def reindex(self) -> "Iterator[Reindexed]":
        """Clean, split and embed every article anew, with the model that the settings name.

        Says how far it is, first and after each article. The old index answers until the iterator
        has ended; what was done before an interruption is not done again. Raises ModelUnavailable,
        and StoreBusy where another reindexing has taken this one's place.
        """
        from retrieval.reindex import reindex

        batch = self._settings.model.batch_size
        yield from reindex(self._store, lambda: self._models.encoder(self._settings), batch=batch)

    def problems(self) -> list[str]:
        """What is wrong with the stored data, a sentence each."""
        return self._store.check()

    def model(self) -> str | None:
        """The fingerprint of the model that made the vectors; None while there are none."""
        return self._store.model()

    def forget(self) -> None:
        """Remove the whole library from this machine."""
        self._store.forget()


def _whole(text: str) -> str:
    """Half characters, as a terminal with another character set gives them, become question marks."""
    return text.encode(errors="replace").decode()
