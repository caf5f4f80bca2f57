"""Candidates → quotes: the sentences that answer, each with the neighbours that belong to it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, pairwise, repeat
from operator import attrgetter
from typing import NamedTuple, Protocol

import numpy as np

from retrieval.answers.copies import Wording, are_alike, are_copies, are_one_story, are_versions, shingles
from retrieval.answers.expect import expected
from retrieval.answers.neighbours import Run, completions
from retrieval.answers.operators import Request
from retrieval.answers.search import Query, Retrieved
from retrieval.answers.stages import DEFAULT_STAGES, Stages
from retrieval.errors import NotFound
from retrieval.lexical import sentence_scores
from retrieval.messages import say
from retrieval.text import Span, terms

LONGEST_QUOTE = 350  # characters, unless one sentence alone is longer: the contract's number

# A neighbour joins a quote where it scores at least this share of the sentence that answers, or
# where the two belong together.
_NEIGHBOUR = 0.55
_ACROSS = 0.8  # where a paragraph ends between the two

# A further quote must score this share of the first one, or it would be padding.
_FURTHER = 0.5

# Copies are about as long as one another; this spares most pairs of sentences the comparison.
_COPY_LENGTH = 0.85
_VERSION_LENGTH = 0.5  # of one story
# So does this, at less cost: two thirds of their neighbouring words in common leave more than this share of the terms.
_TERMS_IN_COMMON = 0.3

# What a sentence's score is the sum of, in the order of ``Sentence.weighted``.
STAGES = ("passage", "meaning", "words", "kind", "reading")

TextOf = Callable[[str], str]


class Articles(Protocol):
    """What is known of articles by their ids, as it is stored now; nothing of one that is gone."""

    def text(self, article_id: str) -> str:
        """The text as it was given."""
        ...

    def outline(self, article_id: str) -> Sequence[Span]:
        """The sentences that may be quoted, in order."""
        ...

    def published(self, article_id: str) -> str:
        """The date in ISO 8601; empty where it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """How to choose: so many quotes at most, each with the phrases of ``request``, and with its neighbours or not.

    ``variety`` is what a sentence's score loses where its article is quoted already.
    """

    count: int
    request: Request = field(default_factory=Request)
    variety: float = 0.0
    neighbours: bool = True


class Sentence(NamedTuple):
    """A sentence of a candidate passage, with how well it fits the question.

    ``weighted`` are the scores of which ``score`` is the sum, one a stage of ``STAGES``; ``read`` are the log-odds,
    by reading, that the answer stands in it, None where it was not read. ``terms`` are its terms; none where it was
    not compared with a question.
    """

    article_id: str
    position: int
    span: Span
    score: float
    cosine: float
    read: float | None = None
    weighted: tuple[float, ...] = ()
    terms: frozenset[str] = frozenset()


_sentence = partial(tuple.__new__, Sentence)  # of a tuple of all that it has; ``Sentence._make`` takes longer


@dataclass(frozen=True, slots=True)
class Selection:
    """A span to be quoted, the sentence in it that answers, and the other articles that have that sentence, too.

    ``sentences`` are all that it is made of.
    """

    article_id: str
    span: Span
    focus: Sentence
    also_in: tuple[str, ...] = ()
    sentences: Sequence[Span] = ()

    def overlaps(self, other: "Selection") -> bool:
        return self.article_id == other.article_id and _meet(self.span, other.span)


def rank_sentences(
    asked: Query, retrieved: Retrieved, *, text_of: TextOf, stages: Stages = DEFAULT_STAGES
) -> list[Sentence]:
    """The sentences of the retrieved passages, the one that fits best first."""
    passages = [r.candidate.passage for r in retrieved.passages]
    if not passages:
        return []
    spans = [span for p in passages for span in p.sentences]
    article_ids = [p.article_id for p in passages for _ in p.sentences]
    texts = {i: text_of(i) for i in set(article_ids)}
    contents = [texts[i][start:end] for i, (start, end) in zip(article_ids, spans, strict=True)]
    said = [terms(c) for c in contents]
    by_words = sentence_scores(asked.terms, said, retrieved.idf)
    by_words /= max(float(by_words.max()), 1e-9)
    cosines = np.einsum("ij,j->i", np.concatenate([p.sentence_vectors for p in passages]), asked.vector)
    sizes = [len(p.sentences) for p in passages]
    weighted = (
        stages.passage * np.repeat([r.total for r in retrieved.passages], sizes),
        stages.sentence_meaning * cosines,
        stages.sentence_words * by_words,
        stages.expected * np.array(expected(asked.text, contents)),
        stages.reading * np.concatenate([r.leaning() for r in retrieved.passages]),
    )
    scores = list(zip(*(stage.tolist() for stage in weighted), strict=True))
    columns = (
        article_ids,
        [p.position for p in passages for _ in p.sentences],
        spans,
        map(sum, scores),
        cosines.tolist(),
        chain.from_iterable(
            repeat(None, size) if r.read is None else r.read.tolist()
            for r, size in zip(retrieved.passages, sizes, strict=True)
        ),
        scores,
        map(frozenset, said),
    )
    found = list(map(_sentence, zip(*columns, strict=True)))
    found.sort(key=attrgetter("score"), reverse=True)  # equal ones in the order of their passages
    return found


def select(ranked: Sequence[Sentence], rules: Rules, articles: Articles) -> list[Selection]:
    """The spans to quote, best first: none overlaps another, and none says again what another article is quoted with.

    Of a sentence that stands in several articles the one in the newest is quoted.
    """
    return _Selector(ranked, rules, articles).selections() if ranked else []


class _Selector:
    """The choice among the ranked sentences of one question."""

    def __init__(self, ranked: Sequence[Sentence], rules: Rules, articles: Articles) -> None:
        self._ranked = ranked
        self._rules = rules
        self._articles = articles
        self._scores = {(s.article_id, s.span): s.score for s in ranked}
        self._chosen: list[Selection] = []
        self._wordings: dict[tuple[str, Span], Wording] = {}
        self._stories: dict[str, frozenset[tuple[str, ...]]] = {}

    def selections(self) -> list[Selection]:
        waiting = [s for s in self._ranked if s.score >= _FURTHER * self._ranked[0].score]
        quoted: set[str] = set()
        while waiting and len(self._chosen) < self._rules.count:
            if quoted:
                waiting.sort(key=lambda s: self._rules.variety * (s.article_id in quoted) - s.score)
            if selection := self._selection(waiting.pop(0)):
                self._chosen.append(selection)
                quoted.add(selection.article_id)
        return sorted(self._chosen, key=lambda c: -c.focus.score)

    def _selection(self, sentence: Sentence) -> Selection | None:
        same = [sentence, *self._copies_of(sentence, self._ranked)]
        newest = max(same, key=lambda s: self._articles.published(s.article_id))
        outline = self._articles.outline(newest.article_id)
        if newest.span not in outline:  # the article was changed or removed since the search
            return None
        if not self._is_new(newest.article_id, newest.span):
            return None
        at = outline.index(newest.span)
        first, last = self._grown(newest.article_id, outline, (at, at), score=sentence.score)
        span = Span(outline[first].start, outline[last].end)
        if not self._rules.request.holds(self._articles.text(newest.article_id)[span.start : span.end]):
            return None
        # Two that are each like the sentence asked for need not be like one another.
        others = dict.fromkeys(s.article_id for s in self._copies_of(newest, same))
        focus = newest._replace(score=sentence.score)
        return Selection(newest.article_id, span, focus, tuple(others), outline[first : last + 1])

    def _copies_of(self, sentence: Sentence, among: Sequence[Sentence]) -> list[Sentence]:
        """The sentences of other articles that say the same."""
        place = sentence.article_id, sentence.span
        own, few = sentence.terms, _TERMS_IN_COMMON * len(sentence.terms)
        return [
            s
            for s in among
            if (both := len(own & s.terms)) >= few or both >= _TERMS_IN_COMMON * len(s.terms)
            if s.article_id != sentence.article_id and self._say_the_same(place, (s.article_id, s.span))
        ]

    def _say_the_same(self, one: tuple[str, Span], other: tuple[str, Span]) -> bool:
        sizes = one[1].end - one[1].start, other[1].end - other[1].start
        a, b = min(sizes), max(sizes)
        if a < _VERSION_LENGTH * b:
            return False
        this, that = self._wording(one), self._wording(other)
        if not are_alike(this, that):
            return False
        if a >= _COPY_LENGTH * b and are_copies(this, that):
            return True
        return are_versions(this, that) and are_one_story(self._shingles(one[0]), self._shingles(other[0]))

    def _shingles(self, article_id: str) -> frozenset[tuple[str, ...]]:
        if article_id not in self._stories:
            self._stories[article_id] = shingles(self._articles.text(article_id))
        return self._stories[article_id]

    def _wording(self, place: tuple[str, Span]) -> Wording:
        if place not in self._wordings:
            article_id, (start, end) = place
            self._wordings[place] = Wording(self._articles.text(article_id)[start:end])
        return self._wordings[place]

    def _is_new(self, article_id: str, span: Span) -> bool:
        """Whether a sentence is in no quote yet, neither itself nor another article's copy of it."""
        for chosen in self._chosen:
            if chosen.article_id == article_id:
                if _meet(chosen.span, span):
                    return False
            elif any(self._say_the_same((article_id, span), (chosen.article_id, said)) for said in chosen.sentences):
                return False
        return True

    def _grown(self, article_id: str, outline: Sequence[Span], run: Run, *, score: float) -> Run:
        """The sentence with the neighbours that belong to it, as far as they fit into one quote."""
        text = self._articles.text(article_id)

        def fits(wider: Run) -> bool:
            first, last = wider
            added = [*outline[first : run[0]], *outline[run[1] + 1 : last + 1]]
            return (
                wider != run
                and outline[last].end - outline[first].start <= LONGEST_QUOTE
                and _is_one_run(text, outline[first : last + 1])
                and all(self._is_new(article_id, span) for span in added)
            )

        def wider_runs() -> Iterator[Run]:
            yield from self._with_phrases(text, outline, run)
            if self._rules.neighbours:
                yield from completions(text, outline, run)
                yield from self._with_neighbour(article_id, outline, run, score=score)

        while wider := next(filter(fits, wider_runs()), None):
            run = wider
        return run

    def _with_phrases(self, text: str, outline: Sequence[Span], run: Run) -> Iterator[Run]:
        """The run with the nearest phrase that is asked for, while it lacks one."""
        request = self._rules.request
        start, end = outline[run[0]].start, outline[run[1]].end
        if request.holds(text[start:end]):
            return
        for place in sorted(request.places(text), key=lambda p: max(start - p.start, p.end - end)):
            held = [at for at, span in enumerate(outline) if _meet(span, place)]
            if held and not start <= place.start < place.end <= end:
                yield min(run[0], held[0]), max(run[1], held[-1])

    def _with_neighbour(self, article_id: str, outline: Sequence[Span], run: Run, *, score: float) -> Iterator[Run]:
        """The run with a neighbour that answers about as well, the better one first."""
        text = self._articles.text(article_id)
        first, last = run
        beside = {first - 1: (first - 1, first), last + 1: (last, last + 1)}
        inside = [at for at in beside if 0 <= at < len(outline)]
        worth = {at: self._scores.get((article_id, outline[at]), 0.0) for at in inside}
        for at in sorted(inside, key=lambda at: (-worth[at], -at)):
            a, b = beside[at]
            needed = _ACROSS if "\n" in text[outline[a].end : outline[b].start] else _NEIGHBOUR
            if worth[at] >= needed * score:
                yield min(first, at), max(last, at)


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _is_one_run(text: str, spans: Sequence[Span]) -> bool:
    """Whether nothing but white space stands between the spans: no caption, no advertisement."""
    return all(not text[a.end : b.start].strip() for a, b in pairwise(spans))


def around(text: str, outline: Sequence[Span], place: Span, *, sentences: int) -> tuple[str, str, str]:
    """The words of a place in a text, and up to so many sentences of its outline before and after them.

    Raises NotFound where the text has no such place.
    """
    start, end = place
    if not 0 <= start < end <= len(text):
        raise NotFound(say("the article has changed and has no such place any more"), hint=say("Ask again"))
    before = [s for s in outline if s.end <= start][-sentences:]
    after = [s for s in outline if s.start >= end][:sentences]
    first = before[0].start if before else start
    last = after[-1].end if after else end
    return text[first:start], text[start:end], text[end:last]
