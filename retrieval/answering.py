"""A question and a library's store → an answer whose every quote was checked."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.confidence import Evidence, confidence, gather
from retrieval.embed import Encoder
from retrieval.errors import QuoteMismatch
from retrieval.links import text_link
from retrieval.quote import Selection, Sentence, rank_sentences, select
from retrieval.records import Answer, Article, Milliseconds, Quote
from retrieval.search import Query, Retrieved, query, read_question, retrieve
from retrieval.stages import DEFAULT_STAGES, Stages
from retrieval.store import Store
from retrieval.text import Span


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many quotes at most, from which article (None: all), how sure an answer must be, found how."""

    quotes: int
    article_id: str | None
    confidence: float
    stages: Stages = DEFAULT_STAGES


def answer(
    question: str, wanted: Wanted, *, asked_as: str, store: Store, encoder: Callable[[], Encoder]
) -> tuple[Answer, Retrieved]:
    """The answer to ``question``, searched for as ``asked_as``, and the passages retrieved for it.

    ``encoder`` is called unless the store is empty. Raises InvalidQuestion, and QuoteMismatch where
    the stored text contradicts what was found.
    """
    if store.model() is None:  # no article was ever added: the model would be loaded for nothing
        read_question(asked_as)  # what is no question is refused here, too
        return _nothing(question), Retrieved((), {})
    model = encoder()
    begin = time.perf_counter()
    asked = query(asked_as, model)
    embedded = time.perf_counter()
    retrieved = retrieve(asked, store, article_id=wanted.article_id, stages=wanted.stages)
    searched = time.perf_counter()
    found, sure = Quoting(store, wanted.stages).quotes(asked, retrieved, count=wanted.quotes)
    done = time.perf_counter()
    is_answered = bool(found) and sure >= wanted.confidence
    spent = Milliseconds(
        embed=_ms(begin, embedded), search=_ms(embedded, searched), quote=_ms(searched, done), total=_ms(begin, done)
    )
    return Answer(
        question=question,
        answered=is_answered,
        confidence=round(sure, 4),
        quotes=found if is_answered else (),
        nearest=() if is_answered else found,
        reason=None if is_answered else _reason(is_near=bool(found)),
        ms=spent,
    ), retrieved


def _nothing(question: str) -> Answer:
    spent = Milliseconds(embed=0.0, search=0.0, quote=0.0, total=0.0)
    return Answer(question, False, 0.0, (), (), _reason(is_near=False), spent)


class Quoting:
    """The way from passages to quotes, for one question: each article's text is read once."""

    def __init__(self, store: Store, stages: Stages = DEFAULT_STAGES) -> None:
        self._store = store
        self._stages = stages
        self._texts: dict[str, str] = {}

    def text(self, article_id: str) -> str:
        if article_id not in self._texts:
            self._texts[article_id] = self._store.text(article_id) or ""
        return self._texts[article_id]

    def quotes(self, asked: Query, retrieved: Retrieved, *, count: int) -> tuple[tuple[Quote, ...], float]:
        """At most ``count`` quotes, best first, and the probability that they answer."""
        ranked = rank_sentences(asked, retrieved, text_of=self.text, stages=self._stages)
        if not ranked:
            return (), 0.0
        selections = select(
            ranked,
            count=count,
            text_of=self.text,
            passages_of=self._store.passages,
            neighbours=self._stages.neighbours,
        )
        quotes = tuple(quote for selection in selections if (quote := self._quote(selection)))
        for quote in quotes:
            check(quote, self._store)
        return quotes, confidence(self.evidence(asked, retrieved, ranked))

    def evidence(self, asked: Query, retrieved: Retrieved, ranked: Sequence[Sentence]) -> Evidence:
        """What speaks for the best of the ranked sentences."""
        return gather(asked, retrieved, ranked, texts=self._around(ranked[0], retrieved))

    def _around(self, best: Sentence, retrieved: Retrieved) -> tuple[str, str]:
        """The passage of the best sentence, under its title, and the sentence."""
        text = self.text(best.article_id)
        passage = next(
            r.candidate.passage
            for r in retrieved.passages
            if (r.candidate.passage.article_id, r.candidate.passage.position) == (best.article_id, best.position)
        )
        article = self._store.article(best.article_id)
        sentences = " ".join(text[s:e] for s, e in passage.sentences)
        return f"{article.title if article else ''} {sentences}", text[best.span.start : best.span.end]

    def _quote(self, selection: Selection) -> Quote | None:
        article = self._store.article(selection.article_id)
        if article is None:  # removed since the search
            return None
        text = self.text(selection.article_id)
        return cut(article, text, selection.span, focus=selection.focus.span, score=selection.focus.score)


def cut(article: Article, text: str, span: Span, *, focus: Span, score: float) -> Quote:
    """The quote that is ``text[span]``."""
    return Quote(
        article=article,
        start=span.start,
        end=span.end,
        text=text[span.start : span.end],
        focus=(focus.start, focus.end),
        score=round(score, 4),
        link=text_link(article.url, text[focus.start : focus.end]) if article.url else None,
    )


def check(quote: Quote, store: Store) -> None:
    """Hold a quote against the stored text once more. Raises QuoteMismatch; such a quote is never shown."""
    text = store.text(quote.article.id)
    if text is None or text[quote.start : quote.end] != quote.text:
        raise QuoteMismatch(
            f"a quote is no longer in the article {quote.article.id}", hint="Ask again; the article has changed"
        )


def _reason(*, is_near: bool) -> str:
    if is_near:
        return "no passage answers this closely enough"
    return "the library holds no articles yet"


def _ms(begin: float, end: float) -> float:
    return round((end - begin) * 1000, 2)
