"""A question and a library's store → an answer whose every quote was checked."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from retrieval.answers.confidence import Evidence, confidence, gather
from retrieval.answers.converse import in_context
from retrieval.answers.operators import Request, read
from retrieval.answers.quote import Rules, Selection, Sentence, rank_sentences, select
from retrieval.answers.search import Query, Ranked, Retrieved, admitted, query, read_question, retrieve
from retrieval.answers.spelling import meant
from retrieval.answers.stages import DEFAULT_STAGES, Stages
from retrieval.embed import Encoder
from retrieval.errors import QuoteMismatch
from retrieval.messages import Message, listed, say
from retrieval.records import Answer, Article, Milliseconds, Quote
from retrieval.rerank import Reading, Reranker
from retrieval.store.protocol import Store
from retrieval.store.values import StoredPassage
from retrieval.text import Span, sentences
from retrieval.web.links import text_link

# Of the first six passages the first is read together with the question, then of the next two and of the
# three after them those that could still become the first. What stands behind them answers one question
# in a hundred.
_READ = (1, 2, 3)

# The place of an article's captions, which stand outside the order of its passages.
_CAPTIONS = -1

# Where only the latest are asked for: articles that are looked at (several may have the same story),
# and sentences at the beginning of each, of which the later ones join the first in its paragraph.
_NEWEST = 50
_LEAD = 3
_FOLLOWS = 0.7


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many quotes at most, from which article (None: all), how sure an answer must be, found how.

    ``today`` is the day that "yesterday" is counted from; ``history`` are the questions asked before,
    oldest first.
    """

    quotes: int
    article_id: str | None
    confidence: float
    today: date
    stages: Stages = DEFAULT_STAGES
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaders:
    """What loads a library's models at the first need of them; the reranker may be None."""

    encoder: Callable[[], Encoder]
    reranker: Callable[[], Reranker | None]


@dataclass(frozen=True, slots=True)
class Trace:
    """An answer, and how it came about: the passages retrieved for it and their sentences, best first."""

    answer: Answer
    retrieved: Retrieved = field(default_factory=lambda: Retrieved((), {}))
    sentences: tuple[Sentence, ...] = ()


def answer(question: str, wanted: Wanted, *, store: Store, models: Loaders) -> Trace:
    """The answer to ``question``, and how it came about.

    Operators count where they stand in ``question`` itself. ``models`` are loaded unless the store
    is empty, or only the latest articles are asked for. Raises InvalidQuestion, and QuoteMismatch
    where the stored text contradicts what was found.
    """
    begin = time.perf_counter()
    request = read(question, today=wanted.today)
    if not request.wants_newest:
        read_question(request.text)  # what is no question is refused, whatever the library holds
    if store.model() is None:  # no article was ever added: the model would be loaded for nothing
        spent = Milliseconds(embed=0.0, search=0.0, quote=0.0, total=0.0)
        return Trace(_answer(question, (), 0.0, reason=_NO_ARTICLES, ms=spent))
    wants_captions = request.wants_captions
    quoting = Quoting(store, wanted.stages, with_captions=wants_captions)
    if request.wants_newest:
        found = quoting.newest(request, count=wanted.quotes, article_id=wanted.article_id)
        reason = None if found else _unmet(request, store)
        taken = _ms(begin, time.perf_counter())
        spent = Milliseconds(embed=0.0, search=0.0, quote=taken, total=taken)
        return Trace(_answer(question, found, 1.0 if found else 0.0, reason=reason, ms=spent))
    model, reranker = models.encoder(), models.reranker()
    begin = time.perf_counter()
    asked = query(meant(request.text, store, model), model, request=request)
    asked = in_context(asked, wanted.history, store=store, encoder=model, stages=wanted.stages)
    embedded = time.perf_counter()
    retrieved = retrieve(asked, store, article_id=wanted.article_id, stages=wanted.stages)
    if wants_captions:
        retrieved = quoting.captioned(asked, retrieved, model)
    searched = time.perf_counter()
    if reranker:
        retrieved = quoting.read(asked, retrieved, reranker)
    ranked = quoting.rank(asked, retrieved)
    found = quoting.quotes(asked, ranked, count=wanted.quotes)
    evidence = gather(asked, retrieved, ranked) if ranked else None
    sure = confidence(evidence) if evidence else 0.0
    # Who writes words in quotation marks asks where they stand, and every quote found holds them.
    is_sure = sure >= wanted.confidence or bool(request.phrases)
    reason = None if found and is_sure else _reason(asked, evidence)
    if not found and (request.limits or request.phrases):
        reason = _unmet(request, store)
        anywhere = replace(asked, request=Request())
        retrieved = retrieve(anywhere, store, article_id=wanted.article_id, stages=wanted.stages)
        ranked = quoting.rank(anywhere, retrieved)
        found = quoting.quotes(anywhere, ranked, count=wanted.quotes)
    done = time.perf_counter()
    spent = Milliseconds(
        embed=_ms(begin, embedded), search=_ms(embedded, searched), quote=_ms(searched, done), total=_ms(begin, done)
    )
    return Trace(_answer(question, found, sure, reason=reason, ms=spent), retrieved, tuple(ranked))


def _answer(question: str, found: tuple[Quote, ...], sure: float, *, reason: str | None, ms: Milliseconds) -> Answer:
    """Answered with what was found, unless there is a reason not to."""
    is_answered = reason is None
    return Answer(
        question=question,
        answered=is_answered,
        confidence=round(sure, 4),
        quotes=found if is_answered else (),
        nearest=() if is_answered else found,
        reason=reason,
        ms=ms,
    )


class Quoting:
    """The way from passages to quotes, for one question: what is known of each article is read once.

    Captions are quoted only ``with_captions``.
    """

    def __init__(self, store: Store, stages: Stages = DEFAULT_STAGES, *, with_captions: bool = False) -> None:
        self._store = store
        self._stages = stages
        self._with_captions = with_captions
        self._articles: dict[str, Article] = {}
        self._days: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._outlines: dict[str, tuple[Span, ...]] = {}

    def text(self, article_id: str) -> str:
        if article_id not in self._texts:
            self._texts[article_id] = self._store.text(article_id) or ""
        return self._texts[article_id]

    def _read_texts(self, article_ids: Collection[str]) -> None:
        """Read the texts that are not known yet all at once: a way to the store costs as much as its answer."""
        if unread := [i for i in article_ids if i not in self._texts]:
            self._texts |= self._store.texts(unread)

    def _read_articles(self, article_ids: Collection[str]) -> Mapping[str, Article]:
        """What is known of these articles, but for those that are gone."""
        if unknown := [i for i in article_ids if i not in self._articles]:
            self._articles |= self._store.articles_of(unknown)
        return self._articles

    def outline(self, article_id: str) -> tuple[Span, ...]:
        if article_id not in self._outlines:
            outline = self._store.outline(article_id)
            if self._with_captions:
                outline = tuple(sorted((*outline, *self._captions(article_id))))
            self._outlines[article_id] = outline
        return self._outlines[article_id]

    def _captions(self, article_id: str) -> tuple[Span, ...]:
        """The sentences of an article's captions."""
        text = self.text(article_id)
        marked = (Span(m.start, m.end) for m in self._store.marks(article_id) if m.kind == "caption")
        return tuple(sentence for caption in marked for sentence in sentences(text, caption))

    def published(self, article_id: str) -> str:
        if article_id not in self._days:
            article = self._read_articles((article_id,)).get(article_id)
            self._days[article_id] = (article.published if article else None) or ""
        return self._days[article_id]

    def captioned(self, asked: Query, retrieved: Retrieved, encoder: Encoder) -> Retrieved:
        """The passages, and before each article's best one its captions as a passage that fits a little better."""
        passages: list[Ranked] = []
        seen: set[str] = set()
        for ranked in retrieved.passages:
            article_id = ranked.candidate.passage.article_id
            if article_id not in seen and (spans := self._captions(article_id)):
                text = self.text(article_id)
                vectors = encoder.encode([text[s:e] for s, e in spans])
                passage = StoredPassage(_CAPTIONS, article_id, _CAPTIONS, spans, vectors)
                best = ranked.candidate._replace(passage=passage, cosine=float((vectors @ asked.vector).max()))
                passages.append(ranked._replace(candidate=best, bonus=ranked.bonus + self._stages.captions))
            seen.add(article_id)
            passages.append(ranked)
        passages.sort(key=lambda r: -r.total)
        return replace(retrieved, passages=tuple(passages))

    def read(self, asked: Query, retrieved: Retrieved, reranker: Reranker) -> Retrieved:
        """The passages in a new order, the best of them read together with the question."""
        weight = self._stages.reader

        def order(ranked: Ranked) -> float:
            return ranked.total + weight * float(ranked.likely().max(initial=0.0))

        passages, begin = list(retrieved.passages), 0
        for count in _READ:
            leading = max(map(order, passages), default=0.0)
            places = range(begin, min(begin + count, len(passages)))
            self._read(asked, passages, [at for at in places if order(passages[at]) + weight > leading], reranker)
            begin += count
        passages.sort(key=order, reverse=True)
        return replace(retrieved, passages=tuple(passages), is_calibrated=reranker.is_calibrated)

    def _read(self, asked: Query, passages: list[Ranked], places: Sequence[int], reranker: Reranker) -> None:
        """Put what was read of the passages at these places in theirs."""
        if not places:
            return
        stored = [passages[at].candidate.passage for at in places]
        article_ids = {p.article_id for p in stored}
        self._read_texts(article_ids)
        titles = {article_id: article.title for article_id, article in self._read_articles(article_ids).items()}
        readings = [Reading.of(titles.get(p.article_id, ""), self.text(p.article_id), p.sentences) for p in stored]
        for at, scores in zip(places, reranker.scores(asked.in_full, readings), strict=True):
            passages[at] = passages[at]._replace(read=scores)

    def rank(self, asked: Query, retrieved: Retrieved) -> list[Sentence]:
        """The sentences of the retrieved passages, the one that fits best first."""
        self._days |= {r.candidate.passage.article_id: r.candidate.published for r in retrieved.passages}
        self._read_texts(self._days)
        return rank_sentences(asked, retrieved, text_of=self.text, stages=self._stages)

    def quotes(self, asked: Query, ranked: Sequence[Sentence], *, count: int) -> tuple[Quote, ...]:
        """At most ``count`` quotes of the ranked sentences, best first."""
        return self._quotes(
            ranked, Rules(count, asked.request, self._stages.variety, neighbours=self._stages.neighbours)
        )

    def newest(self, request: Request, *, count: int, article_id: str | None) -> tuple[Quote, ...]:
        """How the newest articles begin, of those that the request admits; none without a date."""
        allowed = admitted(request, self._store, article_id=article_id)
        dated = [a for a in self._store.articles() if a.published and (allowed is None or a.id in allowed)]
        dated.sort(key=lambda a: a.published or "", reverse=True)
        self._days |= {a.id: a.published or "" for a in dated[:_NEWEST]}
        outlines = [(a.id, self.outline(a.id)) for a in dated[:_NEWEST]]
        leads = [
            Sentence(i, 0, span, 1.0 if at == 0 else _FOLLOWS, 1.0)
            for i, outline in outlines
            for at, span in enumerate(outline[:_LEAD])
        ]
        leads.sort(key=lambda s: -s.score)
        return self._quotes(leads, Rules(count, variety=1.0, neighbours=self._stages.neighbours))

    def _quotes(self, ranked: Sequence[Sentence], rules: Rules) -> tuple[Quote, ...]:
        selections = select(ranked, rules, self)
        articles = self._store.articles_of({i for s in selections for i in (s.article_id, *s.also_in)})
        # What was removed since the search is not quoted.
        quotes = tuple(self._quote(s, articles) for s in selections if s.article_id in articles)
        check(quotes, self._store)
        return quotes

    def _quote(self, selection: Selection, articles: Mapping[str, Article]) -> Quote:
        article, text, focus = articles[selection.article_id], self.text(selection.article_id), selection.focus
        also_in = tuple(articles[i] for i in selection.also_in if i in articles)
        return cut(article, text, selection.span, focus=focus.span, score=focus.score, also_in=also_in)


def cut(  # noqa: PLR0913 - all that is known of a quote
    article: Article, text: str, span: Span, *, focus: Span, score: float, also_in: tuple[Article, ...] = ()
) -> Quote:
    """The quote that is ``text[span]``."""
    return Quote(
        article=article,
        start=span.start,
        end=span.end,
        text=text[span.start : span.end],
        focus=(focus.start, focus.end),
        score=round(score, 4),
        link=text_link(article.url, text[focus.start : focus.end]) if article.url else None,
        also_in=also_in,
    )


def check(quotes: Collection[Quote], store: Store) -> None:
    """Hold quotes against the stored texts once more. Raises QuoteMismatch; such a quote is never shown."""
    texts = store.texts({quote.article.id for quote in quotes})
    for quote in quotes:
        if texts.get(quote.article.id, "")[quote.start : quote.end] != quote.text:
            raise QuoteMismatch(
                say("a quote is no longer in the article {id}", id=quote.article.id),
                hint=say("Ask again; the article has changed"),
            )


# With fewer terms a question names a subject at most, and asks nothing of it.
_UNCLEAR = 2
_NO_ARTICLES = say("the library holds no articles yet")


def _reason(asked: Query, evidence: Evidence | None) -> Message:
    """Why nothing is quoted."""
    if evidence is None:
        return _NO_ARTICLES
    if len(set(asked.terms)) < _UNCLEAR and not asked.before:
        return say("the question is too short or unclear to be searched for")
    if evidence.is_on_subject:
        return say("the articles are about this, but none of their sentences answers it")
    return say("nothing here is about this")


def _unmet(request: Request, store: Store) -> Message:
    """Which demand of the question no article meets."""
    limits = request.limits_as_typed
    if limits and not any(request.admits(a) for a in store.articles()):
        return say("no article here fits {limits}", limits=limits)
    if request.wants_newest and limits:
        return say("no article here that fits {limits} has a known date", limits=limits)
    if request.wants_newest:
        return say("no article here has a known date")
    if not request.phrases:
        return say("nothing can be quoted from what fits {limits}", limits=limits)
    held = listed([say("“{phrase}”", phrase=phrase) for phrase in request.phrases])
    if limits:
        return say("no passage that fits {limits} holds the words {held}", limits=limits, held=held)
    return say("no passage holds the words {held}", held=held)


def _ms(begin: float, end: float) -> float:
    return round((end - begin) * 1000, 2)
