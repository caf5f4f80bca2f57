"""Candidates → quotes: the sentences that answer, each with the neighbours that belong to it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from retrieval.expect import expected
from retrieval.lexical import sentence_scores
from retrieval.search import Query, Retrieved
from retrieval.stages import DEFAULT_STAGES, Stages
from retrieval.store import StoredPassage
from retrieval.text import Span, terms

LONGEST_QUOTE = 350  # characters, unless one sentence alone is longer: the contract's number

# A neighbour joins a quote where it scores at least this share of the sentence that answers, or
# where the sentence leans on it.
_NEIGHBOUR = 0.75
_ACROSS = 0.9  # where a paragraph ends between the two

# A further quote must score this share of the first one, or it would be padding.
_FURTHER = 0.7

# He, this, those, such …: the sentence before says who or what is meant.
_LEANS_BACK = re.compile(
    r"[\"'“‘(]*(he|she|it|they|his|her|its|their|this|that|these|those|such|but|and|so|however|instead|there|then|"
    r"the (?:two|pair|latter|former|move|decision|deal|company|agency|group|team|country|president|minister))\b",
    re.IGNORECASE,
)

TextOf = Callable[[str], str]
PassagesOf = Callable[[str], Sequence[StoredPassage]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a candidate passage, with how well it fits the question."""

    article_id: str
    position: int
    index: int
    span: Span
    score: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Selection:
    """A span to be quoted, and the sentence in it that answers."""

    article_id: str
    span: Span
    focus: Sentence

    def overlaps(self, other: "Selection") -> bool:
        return (
            self.article_id == other.article_id
            and self.span.start < other.span.end
            and other.span.start < self.span.end
        )


def rank_sentences(
    asked: Query, retrieved: Retrieved, *, text_of: TextOf, stages: Stages = DEFAULT_STAGES
) -> list[Sentence]:
    """The sentences of the retrieved passages, the one that fits best first."""
    places = [
        (ranked, index, span)
        for ranked in retrieved.passages
        for index, span in enumerate(ranked.candidate.passage.sentences)
    ]
    if not places:
        return []
    contents = [text_of(r.candidate.passage.article_id)[s.start : s.end] for r, _, s in places]
    by_words = sentence_scores(asked.terms, [terms(c) for c in contents], retrieved.idf)
    by_words /= max(float(by_words.max()), 1e-9)
    cosines = np.concatenate([r.candidate.passage.sentence_vectors for r in retrieved.passages]) @ asked.vector
    found = [
        Sentence(
            article_id=ranked.candidate.passage.article_id,
            position=ranked.candidate.passage.position,
            index=index,
            span=span,
            score=float(
                stages.sentence_meaning * cosine
                + stages.sentence_words * matched
                + stages.passage * ranked.score
                + stages.expected * holds
            ),
            cosine=float(cosine),
        )
        for (ranked, index, span), cosine, matched, holds in zip(
            places, cosines, by_words, expected(asked.text, contents), strict=True
        )
    ]
    return sorted(found, key=lambda s: (-s.score, s.article_id, s.span))


def select(
    ranked: Sequence[Sentence], *, count: int, text_of: TextOf, passages_of: PassagesOf, neighbours: bool = True
) -> list[Selection]:
    """At most ``count`` spans to quote, best first, none overlapping another."""
    chosen: list[Selection] = []
    scores = {(s.article_id, s.span): s.score for s in ranked}
    for sentence in ranked:
        if len(chosen) == count or sentence.score < _FURTHER * ranked[0].score:
            break
        outline = [span for p in passages_of(sentence.article_id) for span in p.sentences]
        taken = [c.span for c in chosen if c.article_id == sentence.article_id]
        if sentence.span not in outline:  # the article was changed or removed since the search
            continue
        if any(t.start < sentence.span.end and sentence.span.start < t.end for t in taken):
            continue
        span = sentence.span
        if neighbours:
            span = _grow(sentence, outline, scores=scores, text=text_of(sentence.article_id), taken=taken)
        chosen.append(Selection(sentence.article_id, span, sentence))
    return chosen


def _grow(
    sentence: Sentence,
    outline: Sequence[Span],
    *,
    scores: dict[tuple[str, Span], float],
    text: str,
    taken: Sequence[Span],
) -> Span:
    """The sentence with the neighbours that belong to it, as far as they fit into one quote."""
    first = last = outline.index(sentence.span)

    def fits(start: int, end: int) -> bool:
        whole = Span(outline[start].start, outline[end].end)
        apart = all(t.end <= whole.start or whole.end <= t.start for t in taken)
        return whole.end - whole.start <= LONGEST_QUOTE and apart and _is_one_run(text, outline[start : end + 1])

    def needed(at: int) -> float:
        gap = (
            text[outline[at].end : outline[first].start] if at < first else text[outline[last].end : outline[at].start]
        )
        return _ACROSS if "\n" in gap else _NEIGHBOUR

    if first > 0 and _LEANS_BACK.match(text, *sentence.span) and fits(first - 1, last):
        first -= 1
    while True:
        wanted = [
            (scores.get((sentence.article_id, outline[at]), 0.0), at)
            for at in (first - 1, last + 1)
            if 0 <= at < len(outline) and fits(min(first, at), max(last, at))
        ]
        worthy = [(score, at) for score, at in wanted if score >= needed(at) * sentence.score]
        if not worthy:
            return Span(outline[first].start, outline[last].end)
        at = max(worthy)[1]
        first, last = min(first, at), max(last, at)


def _is_one_run(text: str, spans: Sequence[Span]) -> bool:
    """Whether nothing but white space stands between the spans: no caption, no advertisement."""
    return all(not text[a.end : b.start].strip() for a, b in pairwise(spans))
