"""A question in its conversation: what it leaves out is in the question before, and in the article that answered it.

Weights were chosen on every other one of seeds/conversations.jsonl, and are far from any edge there:
with 0.15 to 0.5 of the question before, quote@3 differs by one in 60.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from retrieval.answers.operators import subject
from retrieval.answers.search import LONGEST_QUESTION, Query, candidates, query, read_question, retrieve
from retrieval.answers.spelling import meant
from retrieval.answers.stages import DEFAULT_STAGES, Stages
from retrieval.embed import Encoder, normalised
from retrieval.errors import InvalidQuestion
from retrieval.store.protocol import Store
from retrieval.text import terms

_REMEMBERED = 3  # earlier questions that are read along
_ARTICLES = 2  # whose passages are preferred

# How much of the question before is in the vector that is searched for.
_BEFORE = 0.3

# A question changes the subject where another article answers it by so much better than those of the
# conversation: follow-ups to the demo articles differ by 0.06 at most, changes of subject by 0.2 at least.
_BETTER_ELSEWHERE = 0.15

# "And the year before?", "What about Wales?"
_GOES_ON = re.compile(r"^\W*(?:and|but|so|or|(?:what|how) about)\b", re.IGNORECASE)
# He, there, the first one, the year before: these stand for something that was said.
_STANDS_FOR = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|that|these|those|there|then|ones?|same|else|"
    r"another|before|after)\b",
    re.IGNORECASE,
)
_TOO_FEW = 2  # terms: with fewer it says too little to be searched for alone
_FEW = 3  # with fewer, and such a word, it is about what was said; with more, about what it names itself


def in_context(
    asked: Query, history: Sequence[str], *, store: Store, encoder: Encoder, stages: Stages = DEFAULT_STAGES
) -> Query:
    """The question as it is searched for after the earlier ones, oldest first.

    One that goes on prefers the articles that answered before; where it says too little by itself, it
    also has something of the question before in its vector and its terms. One that changes the
    subject stays as it is.
    """
    before: Query | None = None
    for text in _readable(history)[-_REMEMBERED:]:
        turn = query(meant(text, store, encoder), encoder)
        if before:
            turn = _after(before, turn, store, stages=stages)
        answering = [r.candidate.passage.article_id for r in retrieve(turn, store, stages=stages).passages[:1]]
        before = replace(turn, articles=tuple(dict.fromkeys((*answering, *turn.articles)))[:_ARTICLES])
    return _after(before, asked, store, stages=stages) if before else asked


def _readable(history: Sequence[str]) -> list[str]:
    """The earlier questions without operators, as far as they can be asked; a history is never refused."""
    read = []
    for question in history:
        with suppress(InvalidQuestion):
            read.append(read_question(subject(question)[:LONGEST_QUESTION]))
    return read


def _after(before: Query, asked: Query, store: Store, *, stages: Stages) -> Query:
    """The question with what it takes from the one before."""
    goes_on = replace(asked, articles=before.articles)
    if points_back(asked.text):
        return replace(goes_on, before=before.text, vector=normalised(asked.vector + _BEFORE * before.vector))
    return asked if _is_better_elsewhere(goes_on, store, stages=stages) else goes_on


def points_back(question: str) -> bool:
    """Whether the question, by its form, says too little without the one before."""
    said = len(set(terms(question)))
    return bool(_GOES_ON.search(question)) or said < _TOO_FEW or (said < _FEW and bool(_STANDS_FOR.search(question)))


def _is_better_elsewhere(asked: Query, store: Store, *, stages: Stages) -> bool:
    """Whether another article answers the question, read alone, clearly better than those of the conversation."""
    ranked = candidates(asked, store, stages=replace(stages, conversation=0.0))[0]
    here = max((r.score for r in ranked if r.candidate.passage.article_id in asked.articles), default=0.0)
    return bool(ranked) and ranked[0].score - here >= _BETTER_ELSEWHERE
