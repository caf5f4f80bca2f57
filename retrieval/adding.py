"""Document → what is stored of it: metadata, marks, passages, and what they are found by."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any

from retrieval.chunk import Passage, passage_text, split
from retrieval.clean import KINDS, Cleaned, clean, kept
from retrieval.embed import Encoder
from retrieval.errors import InvalidInput, QuothError
from retrieval.loaders.documents import Document, Unread, iso_date, web_address
from retrieval.messages import say
from retrieval.records import Added, Article, Mark, Preview, Status
from retrieval.recurring import KIND, Neighbours
from retrieval.store.protocol import Store
from retrieval.store.values import Indexed, NewPassage
from retrieval.text import Span, sentences, terms, words
from retrieval.vectors import Floats
from retrieval.web.addresses import canonical, host_of

_ID_LENGTH = 12  # hexadecimal characters: two of a million articles share one once in 560 libraries
_TITLE_LENGTH = 100  # characters of a title made from a first sentence
_TITLE_SHARE = 0.4  # of the model's room, at most, for a title before each passage


Read = tuple[str, tuple[Span, ...]]  # a text, and where its sentences stand in it
Vectors = tuple[Floats, Floats]  # of a passage: (dimensions,) and (sentences, dimensions)


@dataclass(frozen=True, slots=True)
class Addition:
    """An article that is ready to be embedded and stored; without passages where nothing changed.

    ``known`` are the vectors of passages that it had before, by what the model read of them.
    """

    status: Status
    article: Article
    text: str
    marks: tuple[Mark, ...]
    passages: tuple[Passage, ...]
    known: Mapping[Read, Vectors] = field(default_factory=dict)
    note: str | None = None

    @property
    def _heading(self) -> str:
        return self.article.title.replace("_", " ")

    def texts(self) -> list[Read]:
        """What the model reads of each passage, and where its sentences stand in that.

        The title comes first: a passage rarely says what its article is about, and on xquad_en
        titles bring the answering sentence to the top for one question in a hundred more.
        """
        prefix = f"{self._heading}. "
        found = []
        for passage in self.passages:
            body, spans = passage_text(self.text, passage)
            found.append((prefix + body, tuple(Span(s + len(prefix), e + len(prefix)) for s, e in spans)))
        return found

    def passage(self, at: int, vector: Floats, sentence_vectors: Floats) -> NewPassage:
        """The passage at that place with its vectors and the terms it is found by."""
        passage = self.passages[at]
        body, _ = passage_text(self.text, passage)
        return NewPassage(passage.sentences, vector, sentence_vectors, tuple(terms(f"{self._heading} {body}")))


class Adder:
    """Takes documents into a store; several articles are embedded at once, ``batch`` passages or more.

    ``encoder`` is called for the first document that is new: what is unchanged or cannot be read
    does not wait for the model.
    """

    def __init__(
        self, store: Store, encoder: Callable[[], Encoder], *, batch: int, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._batch = batch
        self._now = now
        self._neighbours = Neighbours(store)

    def add_each(self, documents: Iterable[Document | Unread]) -> Iterator[Added]:
        """One result a document, as soon as it is stored. What fails is reported, and the rest goes on."""
        waiting: list[Addition] = []
        for document in documents:
            try:
                addition = self._prepared(document)
                if addition.status == "unchanged" and not waiting:
                    yield Added("unchanged", addition.article, None, addition.marks, addition.note)
                    continue
                if any(a.article.id == addition.article.id or a.text == addition.text for a in waiting):
                    # Whether this one is new depends on one that is not stored yet.
                    yield from self._store_all(waiting)
                    waiting = []
                    addition = self._prepared(document)
            except InvalidInput as error:  # not what every article would fail for: a store, a model
                yield from self._store_all(waiting)
                waiting = []
                yield failed(document, error)
                continue
            waiting.append(addition)
            if is_full(waiting, batch=self._batch):
                yield from self._store_all(waiting)
                waiting = []
        yield from self._store_all(waiting)

    def preview_each(self, documents: Iterable[Document | Unread]) -> Iterator[Preview]:
        """What ``add_each`` would say of each document; nothing is stored."""
        seen: dict[str, Addition] = {}
        for document in documents:
            try:
                addition = _after(seen.values(), self._prepared(document), document)
            except InvalidInput as error:
                yield Preview(failed(document, error), "")
                continue
            seen[addition.article.id] = addition
            added = Added(addition.status, addition.article, None, addition.marks, addition.note)
            yield Preview(added, addition.text)

    def _prepared(self, document: Document | Unread) -> Addition:
        if isinstance(document, Unread):
            raise document.error
        addition = prepare(document, self._encoder, store=self._store, now=self._now(), neighbours=self._neighbours)
        return replace(addition, note=document.note)

    def _store_all(self, additions: Sequence[Addition]) -> Iterator[Added]:
        """Embed several articles at once, then store each in a transaction of its own."""
        changed = [addition for addition in additions if addition.passages]
        ready = embed(changed, self._encoder(), at=self._now()) if changed else iter(())
        for addition in additions:
            if addition.passages:
                self._store.put(next(ready))
            yield Added(
                addition.status,
                addition.article,
                None,
                addition.marks,
                addition.note,
                passages=len(addition.passages),
                embedded=sum(read not in addition.known for read in addition.texts()),
            )
        self._mark_recurring(changed)

    def _mark_recurring(self, additions: Sequence[Addition]) -> None:
        """Mark in articles that were there before what these show to be their source's; each in a transaction."""
        for addition in additions:
            self._neighbours.stored(addition.article, addition.text)
        for article_id in self._neighbours.unmarked((a.article, a.text) for a in additions):
            again = prepare_again(article_id, self._encoder(), store=self._store, neighbours=self._neighbours)
            if again and again.marks != self._store.marks(article_id):
                again = replace(again, known=former(again.article, self._encoder(), store=self._store))
                self._store.put(next(embed([again], self._encoder(), at=self._now())))


def failed(document: Document | Unread, error: QuothError) -> Added:
    """The result of a document that cannot be added."""
    name = document.name if isinstance(document, Unread) else document.doc_id or document.url or ""
    return Added("failed", None, error.told, name=name)


def _after(before: Iterable[Addition], addition: Addition, document: Document | Unread) -> Addition:
    """What becomes of an addition where others go before it, which the store does not hold yet."""
    if addition.status != "added":
        return addition
    is_file = isinstance(document, Document) and document.is_file
    for other in before:
        if other.article.id == addition.article.id:
            return replace(addition, status="unchanged" if other.text == addition.text else "updated")
        if is_file and other.text == addition.text:
            return replace(other, status="unchanged")
    return addition


def is_full(additions: Sequence[Addition], *, batch: int) -> bool:
    """Whether these are enough to be embedded at once."""
    return max(len(additions), sum(len(a.passages) for a in additions)) >= batch


def embed(additions: Sequence[Addition], encoder: Encoder, *, at: datetime | None = None) -> Iterator[Indexed]:
    """Each addition with its vectors; the model reads at once what is new of all of them, and the same words once."""
    reads = [addition.texts() for addition in additions]
    vectors = {read: found for addition in additions for read, found in addition.known.items()}
    new = [read for read in dict.fromkeys(chain.from_iterable(reads)) if read not in vectors]
    if new:
        found = zip(*encoder.encode_spans([text for text, _ in new], [spans for _, spans in new]), strict=True)
        vectors.update(zip(new, found, strict=True))
    moment = at.isoformat(timespec="seconds") if at else ""
    for addition, texts in zip(additions, reads, strict=True):
        passages = tuple(addition.passage(place, *vectors[read]) for place, read in enumerate(texts))
        yield Indexed(addition.article, addition.text, addition.marks, passages, encoder.fingerprint, moment)


def prepare(
    document: Document, encoder: Callable[[], Encoder], *, store: Store, now: datetime, neighbours: Neighbours
) -> Addition:
    """Clean and split a document, and see whether the store knows it already.

    Raises InvalidInput where nothing is left that could be quoted.
    """
    cleaned = clean(document.text, title=document.title, marks=document.marks)
    article = _article(document, cleaned, now=now)
    known = store.article(article.id)
    if known is None and document.url and (holder := store.same_url(canonical(document.url))):
        # It was added otherwise, and its address was made known afterwards.
        known = _existing(store, holder)
        article = replace(article, id=known.id)
    if known is None and document.is_file and (twin := store.same_text(document.text)):
        # The same file under another name is the same article.
        known = article = _existing(store, twin)
    if known is not None:
        article = replace(article, added=known.added)
        if known == article and store.text(article.id) == document.text:
            return Addition("unchanged", article, document.text, store.marks(article.id), ())
    marks, passages = _marked(article, document.text, cleaned.marks, encoder(), neighbours)
    if not any(words(document.text[passage.start : passage.end]) for passage in passages):
        raise InvalidInput(
            say(
                "{name} holds no sentence that could be quoted", name=document.doc_id or document.url or say("the text")
            ),
            hint=say("Add the article's text, not only its headline or menus"),
        )
    vectors = former(known, encoder(), store=store) if known else {}
    return Addition("updated" if known else "added", article, document.text, marks, tuple(passages), vectors)


def _marked(
    article: Article, text: str, marks: tuple[Mark, ...], encoder: Encoder, neighbours: Neighbours
) -> tuple[tuple[Mark, ...], list[Passage]]:
    """The marks with the lines of the article's source, and the passages between; without them where none is left."""
    if recurring := list(neighbours.marks(article, text, marks)):
        more = tuple(sorted((*marks, *recurring), key=lambda m: (m.start, m.end)))
        if passages := _passages(text, more, encoder, title=article.title):
            return more, passages
    return marks, _passages(text, marks, encoder, title=article.title)


def former(article: Article, encoder: Encoder, *, store: Store) -> Mapping[Read, Vectors]:
    """The vectors of the passages that an article has in the store, by what the model read of them."""
    text = store.text(article.id)
    if text is None or store.model() != encoder.fingerprint:
        return {}
    passages = store.embedded(article.id)
    stood = Addition("unchanged", article, text, (), tuple(Passage(p.sentences) for p in passages))
    return {read: (p.vector, p.sentence_vectors) for read, p in zip(stood.texts(), passages, strict=True)}


def prepare_again(article_id: str, encoder: Encoder, *, store: Store, neighbours: Neighbours) -> Addition | None:
    """An article of the store, cleaned and split anew; None where it has been removed.

    What is known of it stays, and so does what its loader set aside. Where today's rules leave
    nothing that could be quoted, those it was added with still hold.
    """
    article, text, marks = store.article(article_id), store.text(article_id), store.marks(article_id)
    if article is None or text is None:
        return None
    # A title made from the first words is no headline: its line would never be quoted.
    title = None if article.title == _first_words(text, marks) else article.title
    loaded = [mark for mark in marks if mark.kind not in {*KINDS, KIND}]
    fresh, passages = _marked(article, text, clean(text, title=title, marks=loaded).marks, encoder, neighbours)
    if not passages:
        fresh, passages = marks, _passages(text, marks, encoder, title=article.title)
    return Addition("updated", article, text, fresh, tuple(passages))


def edited(article: Article, known: Mapping[str, str], *, store: Store, encoder: Callable[[], Encoder]) -> Article:
    """Store an article with other metadata; its passages are embedded again, as a title is part of them.

    Raises InvalidInput for a date or an address that is none.
    """
    fields: dict[str, Any] = {name: " ".join(value.split()) for name, value in known.items()}
    if "published" in fields:
        wrong = say("{value} is no date", value=repr(fields["published"]))
        day = _read(iso_date, fields["published"], wrong)
        fields |= {"published": day, "published_from": "user" if day else "unknown"}
    if "url" in fields:
        wrong = say("{value} is no address", value=repr(fields["url"]))
        address = _read(web_address, fields["url"], wrong)
        fields["url"] = canonical(address) if address else None
    changed = replace(article, **fields)
    if not changed.title:
        raise InvalidInput(say("an article needs a title"), hint=say("Nothing was changed"))
    text, marks = store.text(article.id) or "", store.marks(article.id)
    model = encoder()
    passages = tuple(_passages(text, marks, model, title=changed.title))
    store.put(next(embed([Addition("updated", changed, text, marks, passages)], model)))
    return changed


def _read(read: Callable[[object], str | None], value: str, wrong: str) -> str | None:
    """What was written; None where nothing was. Raises InvalidInput, saying what is wrong."""
    found = read(value)
    if value and found is None:
        raise InvalidInput(wrong, hint=say("Nothing was changed"))
    return found


def _passages(text: str, marks: Sequence[Mark], encoder: Encoder, *, title: str) -> list[Passage]:
    title_pieces = min(encoder.count_pieces([title])[0] + 1, int(encoder.room * _TITLE_SHARE))
    return split(text, marks, count=encoder.count_pieces, room=encoder.room - title_pieces)


def _existing(store: Store, article_id: str) -> Article:
    article = store.article(article_id)
    if article is None:  # removed by another process between two looks
        raise InvalidInput(say("the article was removed while it was being added"), hint=say("Add it again"))
    return article


def _article(document: Document, cleaned: Cleaned, *, now: datetime) -> Article:
    return Article(
        id=_identity(document),
        doc_id=document.doc_id,
        title=document.title or cleaned.title or _first_words(document.text, cleaned.marks),
        source=document.source or cleaned.agency or host_of(document.url),
        author=document.author or cleaned.author or "",
        published=document.published,
        published_from=document.published_from,
        url=document.url,
        added=now.isoformat(timespec="seconds"),
        characters=len(document.text),
    )


def _identity(document: Document) -> str:
    if document.url:
        name = f"url {canonical(document.url)}"
    elif document.doc_id:
        name = f"doc {document.doc_id}"
    else:
        name = f"text {document.text}"
    return hashlib.sha256(name.encode()).hexdigest()[:_ID_LENGTH]


def _first_words(text: str, marks: Sequence[Mark]) -> str:
    first = next((s for span in kept(text, marks) for s in sentences(text, span)), Span(0, min(len(text), 80)))
    words = " ".join(text[first.start : first.end].split())
    if len(words) <= _TITLE_LENGTH:
        return words
    return words[: _TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…"
