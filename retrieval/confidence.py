"""How sure an answer is: the probability that the first quotes hold the answer."""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from retrieval.quote import Sentence
from retrieval.search import Query, Retrieved
from retrieval.text import terms


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against an answer.

    ``passage`` and ``sentence`` are the best cosines; ``covered`` is the share of the question's
    terms, weighted by idf, that the best passage holds; ``in_sentence`` the same for the best
    sentence; ``lead`` is how far the best passage stands above the fifth.
    """

    passage: float
    sentence: float
    covered: float
    in_sentence: float
    lead: float


# Logistic regression (intercept, then one weight a field of Evidence), fitted by
# benchmarks/fit_confidence.py on halves of squad2_dev_half and clapnq_dev; docs/quality.md says
# how well it holds on what it was not fitted on.
_INTERCEPT = -5.729
_WEIGHTS = (2.540, 3.680, 0.502, 1.875, 2.828)


def confidence(evidence: Evidence) -> float:
    """The calibrated probability, 0 to 1."""
    score = _INTERCEPT + sum(w * x for w, x in zip(_WEIGHTS, astuple(evidence), strict=True))
    return 1 / (1 + math.exp(-score))


def gather(asked: Query, retrieved: Retrieved, ranked: Sequence[Sentence], *, texts: Sequence[str]) -> Evidence:
    """The evidence for the best sentence; ``texts`` are its passage's text and its own."""
    weights = {term: retrieved.idf.get(term, 0.0) for term in asked.terms}
    total = sum(weights.values()) or 1.0
    covered, in_sentence = (sum(w for t, w in weights.items() if t in set(terms(text))) / total for text in texts)
    cosines = sorted((r.candidate.cosine for r in retrieved.passages), reverse=True)
    scores = [r.score for r in retrieved.passages]
    return Evidence(
        passage=cosines[0],
        sentence=ranked[0].cosine,
        covered=covered,
        in_sentence=in_sentence,
        lead=scores[0] - scores[min(4, len(scores) - 1)],
    )
