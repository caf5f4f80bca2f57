"""Question → candidates: the passages that may answer, found by meaning and by words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.embed import Encoder
from retrieval.errors import InvalidQuestion
from retrieval.stages import DEFAULT_STAGES, Stages
from retrieval.store import Candidate, Store
from retrieval.text import FUNCTION_WORDS, terms, words
from retrieval.vectors import Floats

LONGEST_QUESTION = 1_000  # characters; Discord's /ask takes 300

# Passages taken from each of the two searches, and passages whose sentences are compared.
# Past 50 no more gold passages come in on xquad_en and clapnq_dev; past 10 no better sentences.
_CANDIDATES = 50
_KEPT = 10

_DISCORD_MARKS = re.compile(r"<(?:@[!&]?|#|a?:\w+:)\d+>|</[^:>]+:\d+>|https?://\S+|[`*_~|]{1,3}")


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is searched for: its words as asked, its terms, its vector (dimensions,).

    ``model`` is the fingerprint of what made the vector.
    """

    text: str
    terms: tuple[str, ...]
    vector: Floats
    model: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with the score that orders passages, 0 to about 1."""

    candidate: Candidate
    score: float


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The best passages for a query, best first, and how much each of its terms tells."""

    passages: tuple[Ranked, ...]
    idf: Mapping[str, float]


def read_question(question: str) -> str:
    """The question without mentions, custom emoji, links and formatting marks.

    Raises InvalidQuestion where nothing is left to search for, or it is too long.
    """
    text = " ".join(_DISCORD_MARKS.sub(" ", question).split())
    if not words(text):
        raise InvalidQuestion(
            "the question holds no words", hint="Ask in a sentence, such as: who won the cup in 2018?"
        )
    if len(text) > LONGEST_QUESTION:
        raise InvalidQuestion(
            f"the question has {len(text):,} characters; at most {LONGEST_QUESTION:,} can be asked",
            hint="Ask for one thing at a time",
        )
    return text


def query(question: str, encoder: Encoder) -> Query:
    """The question made ready for searching. Raises InvalidQuestion."""
    text = read_question(question)
    # A question of function words alone is matched by those; any other by what it is about.
    asked = tuple(terms(text)) or tuple(w for w in words(text) if w in FUNCTION_WORDS)
    return Query(text, asked, encoder.encode([text])[0], encoder.fingerprint)


def retrieve(
    asked: Query, store: Store, *, article_id: str | None = None, stages: Stages = DEFAULT_STAGES
) -> Retrieved:
    """The passages most likely to answer, at most ten, by a weighted sum of cosine and scaled BM25.

    Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2022,
    arXiv:2210.11934: a convex combination needs one parameter and beats rank fusion.
    """
    found = store.search(
        asked.vector,
        asked.terms,
        model=asked.model,
        count=_CANDIDATES,
        article_ids=None if article_id is None else {article_id},
    )
    highest = max((c.bm25 for c in found.candidates), default=0.0) or 1.0
    ranked = [Ranked(c, stages.meaning * c.cosine + stages.words * c.bm25 / highest) for c in found.candidates]
    ranked.sort(key=lambda r: (-r.score, r.candidate.passage.id))
    return Retrieved(tuple(ranked[:_KEPT]), found.idf)
