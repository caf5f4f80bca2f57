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
    sentence; ``lead`` is how far the best passage stands above the fifth. ``read`` are the log-odds, by
    reading, that the answer stands in the best sentence; None where it was not read by a reader that
    the weights were fitted for.
    """

    passage: float
    sentence: float
    covered: float
    in_sentence: float
    lead: float
    read: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A logistic regression: one weight a field of Evidence."""

    intercept: float
    weights: tuple[float, ...]


# Fitted by benchmarks/fit_confidence.py on half of the questions of squad2_dev_half and clapnq_dev
# that the reader was not trained on; docs/quality.md says how well it holds on the other half.
_UNREAD = Fit(-4.668, (-1.272, 5.607, 0.581, 1.932, 3.069))
_READ = Fit(-2.962, (-1.593, 5.217, -0.428, 1.658, 2.993, 0.410))
# The best passage's cosine from which on the library is about what is asked, fitted there, too.
ON_SUBJECT = 0.467
_MOST = 8.0  # log-odds beyond which a reader is no surer

# A question that needs the one before it says less: so much lower are its best cosines than those of
# the same question in full, at the median of every other one of seeds/conversations.jsonl.
_UNSAID = 0.2


def confidence(evidence: Evidence) -> float:
    """The calibrated probability, 0 to 1."""
    features = [x for x in astuple(evidence) if x is not None]
    fit = _UNREAD if evidence.read is None else _READ
    return 1 / (1 + math.exp(-fit.intercept - sum(w * x for w, x in zip(fit.weights, features, strict=True))))


def gather(asked: Query, retrieved: Retrieved, ranked: Sequence[Sentence], *, texts: Sequence[str]) -> Evidence:
    """The evidence for the best sentence; ``texts`` are its passage's text and its own."""
    weights = {term: retrieved.idf.get(term, 0.0) for term in asked.terms}
    total = sum(weights.values()) or 1.0
    covered, in_sentence = (sum(w for t, w in weights.items() if t in set(terms(text))) / total for text in texts)
    cosines = sorted((r.candidate.cosine for r in retrieved.passages), reverse=True)
    scores = sorted((r.score for r in retrieved.passages), reverse=True)
    read = ranked[0].read
    unsaid = _UNSAID if asked.before else 0.0
    return Evidence(
        passage=cosines[0] + unsaid,
        sentence=ranked[0].cosine + unsaid,
        covered=covered,
        in_sentence=in_sentence,
        lead=scores[0] - scores[min(4, len(scores) - 1)],
        read=max(-_MOST, min(_MOST, read)) if retrieved.is_calibrated and read is not None else None,
    )
