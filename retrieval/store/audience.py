"""A library as somebody sees it who may not see all of its articles."""

from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from retrieval.errors import InvalidInput
from retrieval.messages import say
from retrieval.records import Article, Audience, Mark, Version
from retrieval.store.protocol import Folders, Store, Subscriptions
from retrieval.store.values import AllBut, Found, Indexed, Kept, NewPassage, Rebuilding, StoredPassage
from retrieval.text import Span

if TYPE_CHECKING:
    from retrieval.vectors import Floats


def seen_by(store: Store, labels: Collection[str]) -> Store:
    """The store as whoever holds these labels sees it: the store itself where nothing is hidden from them."""
    hidden = frozenset(i for i, audience in store.audiences().items() if not audience.admits(labels))
    return Seen(store, hidden) if hidden else store


class Seen:
    """A ``Store`` without the articles that are ``hidden``: they cannot be found, read or counted.

    Nor can anything be changed.

    Every way to an article's words goes through here, so that whatever is built on a store keeps
    them, too. Only the weights of words still count the hidden articles, which no reader gets to see.
    """

    def __init__(self, store: Store, hidden: frozenset[str]) -> None:
        self._store = store
        self._hidden = hidden

    def articles(self) -> tuple[Article, ...]:
        return tuple(article for article in self._store.articles() if article.id not in self._hidden)

    def article(self, article_id: str) -> Article | None:
        return None if article_id in self._hidden else self._store.article(article_id)

    def articles_of(self, article_ids: Collection[str]) -> Mapping[str, Article]:
        return self._store.articles_of(set(article_ids) - self._hidden)

    def text(self, article_id: str) -> str | None:
        return None if article_id in self._hidden else self._store.text(article_id)

    def texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        return self._store.texts(set(article_ids) - self._hidden)

    def same_text(self, text: str) -> str | None:
        found = self._store.same_text(text)
        return None if found in self._hidden else found

    def same_url(self, url: str) -> str | None:
        found = self._store.same_url(url)
        return None if found in self._hidden else found

    def newest_of(self, source: str, *, most: int) -> tuple[str, ...]:
        return tuple(i for i in self._store.newest_of(source, most=most) if i not in self._hidden)

    def containing(self, words: str) -> tuple[tuple[str, int], ...]:
        return tuple(place for place in self._store.containing(words) if place[0] not in self._hidden)

    def marks(self, article_id: str) -> tuple[Mark, ...]:
        return () if article_id in self._hidden else self._store.marks(article_id)

    def passages(self, article_id: str) -> tuple[StoredPassage, ...]:
        return () if article_id in self._hidden else self._store.passages(article_id)

    def outline(self, article_id: str) -> tuple[Span, ...]:
        return () if article_id in self._hidden else self._store.outline(article_id)

    def with_vectors(self, passages: Sequence[StoredPassage]) -> tuple[StoredPassage, ...]:
        return self._store.with_vectors([p for p in passages if p.article_id not in self._hidden])

    def audiences(self) -> Mapping[str, Audience]:
        return {i: audience for i, audience in self._store.audiences().items() if i not in self._hidden}

    def embedded(self, article_id: str) -> tuple[NewPassage, ...]:
        return () if article_id in self._hidden else self._store.embedded(article_id)

    def versions(self, article_id: str) -> tuple[Version, ...]:
        return () if article_id in self._hidden else self._store.versions(article_id)

    def stamps(self) -> Mapping[str, str]:
        return {
            article_id: stamp for article_id, stamp in self._store.stamps().items() if article_id not in self._hidden
        }

    def kept(self, article_ids: Sequence[str]) -> Mapping[str, Kept]:
        return self._store.kept([article_id for article_id in article_ids if article_id not in self._hidden])

    def article_count(self) -> int:
        return self._store.article_count() - len(self._store.articles_of(self._hidden))

    def passage_count(self) -> int:
        return sum(len(self._store.passages(article.id)) for article in self.articles())

    @property
    def subscriptions(self) -> Subscriptions:
        raise _refused()

    @property
    def folders(self) -> Folders:
        raise _refused()

    def search(
        self,
        vector: "Floats",
        terms: Sequence[str],
        *,
        model: str,
        count: int,
        article_ids: Collection[str] | AllBut | None = None,
    ) -> Found:
        wanted: Collection[str] | AllBut
        if article_ids is None:
            wanted = AllBut(self._hidden)
        elif isinstance(article_ids, AllBut):
            wanted = AllBut(self._hidden | article_ids.ids)
        else:
            wanted = set(article_ids) - self._hidden
        return self._store.search(vector, terms, model=model, count=count, article_ids=wanted)

    def holding(self, terms: Collection[str]) -> frozenset[str]:
        return self._store.holding(terms) - self._hidden

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        return self._store.frequencies(terms)

    def vocabulary(self, prefix: str, *, shortest: int, longest: int) -> Mapping[str, int]:
        return self._store.vocabulary(prefix, shortest=shortest, longest=longest)

    def model(self) -> str | None:
        return self._store.model()

    def rebuilding(self) -> Rebuilding | None:
        return self._store.rebuilding()

    def check(self) -> list[str]:
        return self._store.check()

    # Whoever does not see everything changes nothing.

    def put(self, indexed: Indexed) -> None:
        raise _refused()

    def bring(self, kept: Sequence[Kept]) -> None:
        raise _refused()

    def settle(self) -> None:
        raise _refused()

    def remove(self, article_id: str) -> bool:
        raise _refused()

    def limit(self, article_id: str, audience: Audience) -> None:
        raise _refused()

    def rebuild(self, model: str) -> Rebuilding:
        raise _refused()

    def put_rebuilt(self, indexed: Indexed) -> bool:
        raise _refused()

    def switch(self, model: str) -> bool:
        raise _refused()

    def forget(self) -> None:
        raise _refused()

    def close(self) -> None:
        """The store is closed by whoever opened it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _refused() -> InvalidInput:
    return InvalidInput(
        say("articles cannot be changed by someone who may not see all of them"),
        hint=say("Open the whole library"),
    )
