"""The seam between the engine and where a library is kept.

One library is one ``Store``. ``retrieval.store.sqlite`` keeps it in one file; whatever else keeps one
passes the same tests (``tests/store/``).
"""

from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from retrieval.errors import InvalidSettings
from retrieval.messages import say
from retrieval.records import Article, Audience, Feed, Mark, Version
from retrieval.store.values import (
    AllBut,
    Found,
    Indexed,
    Kept,
    KeptFeed,
    NewPassage,
    ReadFile,
    Rebuilding,
    StoredPassage,
)
from retrieval.text import Span

if TYPE_CHECKING:
    from retrieval.vectors import Floats


def require_model(made_by: str | None, wanted: str) -> None:
    """Raises InvalidSettings where vectors of two models would meet."""
    if made_by is not None and made_by != wanted:
        raise InvalidSettings(
            say(
                "the library was made with the model {made_by}, and the settings name {wanted}",
                made_by=made_by,
                wanted=wanted,
            ),
            hint=say("Run quoth reindex, or name that model in the settings"),
        )


class Subscriptions(Protocol):
    """The feeds of a library, and which of their entries are known. Each method that writes is a transaction."""

    def all(self) -> tuple[Feed, ...]:
        """By title, then address."""
        ...

    def add(self, url: str, *, title: str, added: str) -> bool:
        """Subscribe to a feed; False where the library is subscribed to it already."""
        ...

    def remove(self, url: str) -> bool:
        """End a subscription, and forget which entries are known; whether it was there."""
        ...

    def move(self, url: str, to: str) -> None:
        """A feed has another address from now on, with the entries that are known; it may be subscribed to already."""
        ...

    def validators(self, url: str) -> tuple[str | None, str | None]:
        """The ETag and the Last-Modified that the feed came with, where all of it was taken."""
        ...

    def claim(self, feed: Feed, *, until: str) -> bool:
        """Put off the next poll, so that nobody else polls the feed meanwhile; False where somebody has."""
        ...

    def succeeded(
        self, url: str, *, title: str, at: str, next_poll: str, validators: tuple[str | None, str | None]
    ) -> None: ...

    def failed(self, url: str, *, at: str, next_poll: str, error: str) -> None: ...

    def kept(self) -> tuple[KeptFeed, ...]:
        """All of each feed, in the order of ``all``, to be brought to another store."""
        ...

    def bring(self, feed: KeptFeed) -> None:
        """Keep a feed as another store kept it, in place of what is known of it here."""
        ...

    def settled(self, url: str, *, tries: int) -> frozenset[str]:
        """The entries that became an article, or were tried so often in vain."""
        ...

    def record(self, url: str, entry: str, *, article_id: str | None) -> None:
        """An entry was tried once more, and became this article, or none."""
        ...


class Folders(Protocol):
    """The folders that a library keeps in step with. Each method that writes is a transaction."""

    def all(self) -> tuple[str, ...]:
        """The folders, by name."""
        ...

    def files(self, folder: str) -> Mapping[str, ReadFile]:
        """The files of a folder that were read, by their keys."""
        ...

    def holders(self, article_id: str) -> Collection[tuple[str, str]]:
        """The folders and keys of the files that hold an article."""
        ...

    def put(self, folder: str, file: str, read: ReadFile) -> None: ...

    def drop(self, folder: str, file: str) -> None: ...


class Store(Protocol):
    """One library: articles with their text, marks, passages and vectors.

    Each method that writes is a transaction: a reader sees an article whole or not at all. Methods
    may be called from several threads. Each raises StoreError where the library cannot be used.
    """

    def put(self, indexed: Indexed) -> None:
        """Add an article, or replace the one with its id; the first decides the library's model.

        What it replaces is kept as a version, if its text was another.

        Raises InvalidSettings where the model is another than the library's.
        """
        ...

    def remove(self, article_id: str) -> bool:
        """Remove an article and everything derived from it; whether it was there."""
        ...

    def limit(self, article_id: str, audience: Audience) -> None:
        """Let only this audience see an article; updating the article does not change that, removing it does."""
        ...

    def audiences(self) -> Mapping[str, Audience]:
        """The articles that not everybody may see, by id, with who may."""
        ...

    def articles(self) -> tuple[Article, ...]:
        """All articles, by title, then id."""
        ...

    def article(self, article_id: str) -> Article | None: ...

    def articles_of(self, article_ids: Collection[str]) -> Mapping[str, Article]:
        """Those of these articles that are there, by id."""
        ...

    def text(self, article_id: str) -> str | None:
        """The text as it was given."""
        ...

    def texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        """The texts of those of these articles that are there, by id."""
        ...

    def same_text(self, text: str) -> str | None:
        """The id of an article with exactly this text."""
        ...

    def same_url(self, url: str) -> str | None:
        """The id of an article with exactly this address."""
        ...

    def newest_of(self, source: str, *, most: int) -> tuple[str, ...]:
        """The ids of the articles of a source that were added last, newest first."""
        ...

    def containing(self, words: str) -> tuple[tuple[str, int], ...]:
        """The articles that hold exactly these words, with the offset of the first place in each."""
        ...

    def marks(self, article_id: str) -> tuple[Mark, ...]: ...

    def passages(self, article_id: str) -> tuple[StoredPassage, ...]:
        """The passages of an article, in its order."""
        ...

    def outline(self, article_id: str) -> tuple[Span, ...]:
        """The sentences of an article's passages, in its order."""
        ...

    def with_vectors(self, passages: Sequence[StoredPassage]) -> tuple[StoredPassage, ...]:
        """The passages with the vectors of their sentences; those that are gone meanwhile are left out."""
        ...

    def article_count(self) -> int: ...

    def passage_count(self) -> int:
        """How many passages all articles have."""
        ...

    def embedded(self, article_id: str) -> tuple[NewPassage, ...]:
        """The passages of an article with their vectors, in its order; their terms are sorted."""
        ...

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """The texts that an article had before, newest first; of one that is removed, none."""
        ...

    def stamps(self) -> Mapping[str, str]:
        """Of each article what becomes another whenever anything does that is kept of it.

        In the order in which they were put: it settles ties.
        """
        ...

    def kept(self, article_ids: Sequence[str]) -> Mapping[str, Kept]:
        """All that is kept of those of these articles that are there, by id and in that order, of one moment."""
        ...

    def bring(self, kept: Sequence[Kept]) -> None:
        """Keep articles as another store kept them, in place of those with their ids: all of them or none.

        Raises as ``put`` does. ``settle`` belongs behind the last ones.
        """
        ...

    def settle(self) -> None:
        """After many articles were brought: make the index that a library of that size has."""
        ...

    def search(
        self,
        vector: "Floats",
        terms: Sequence[str],
        *,
        model: str,
        count: int,
        article_ids: Collection[str] | AllBut | None = None,
    ) -> Found:
        """The ``count`` passages nearest to the vector and the ``count`` best for the terms.

        The second hold at least one of them. ``article_ids`` are the articles to search, None for all;
        ``model`` made the vector. Raises InvalidSettings where it did not make the library's.
        """
        ...

    def holding(self, terms: Collection[str]) -> frozenset[str]:
        """The articles in which all of these terms, of at least one, stand near the one that fewest passages hold.

        That is, in the same passage or one of the two before or behind it.
        """
        ...

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """How many passages hold each of these terms; none of those that no passage holds."""
        ...

    def vocabulary(self, prefix: str, *, shortest: int, longest: int) -> Mapping[str, int]:
        """The terms of the library that begin so and have so many letters, with the passages that hold each."""
        ...

    def model(self) -> str | None:
        """The fingerprint of the model that made the vectors; None before the first article."""
        ...

    def rebuild(self, model: str) -> Rebuilding:
        """Begin an index beside the one that answers, or go on with it; one of another model is dropped.

        An article that is put or removed meanwhile leaves it.
        """
        ...

    def rebuilding(self) -> Rebuilding | None:
        """The unfinished index beside the one that answers, if there is one."""
        ...

    def put_rebuilt(self, indexed: Indexed) -> bool:
        """Add an article to the index that was begun; False where it has been changed or removed meanwhile.

        Raises StoreBusy where no index of this model is being built (any more).
        """
        ...

    def switch(self, model: str) -> bool:
        """Let the new index answer instead of the old one, which is dropped; False while it lacks an article.

        From then on the library is that model's. Raises StoreBusy as ``put_rebuilt`` does.
        """
        ...

    @property
    def subscriptions(self) -> Subscriptions:
        """The library's feeds."""
        ...

    @property
    def folders(self) -> Folders:
        """The folders that the library keeps in step with."""
        ...

    def check(self) -> list[str]:
        """What is wrong with the stored data, a sentence each; empty where all is well."""
        ...

    def forget(self) -> None:
        """Remove the whole library; the store is closed."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
