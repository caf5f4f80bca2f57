"""How sure an answer is: the probability that the first quotes hold the answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answers.quote import Sentence
from retrieval.answers.search import SUREST, Query, Retrieved


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against an answer.

    ``passage`` and ``sentence`` are the best cosines; the first tells whether the library is on the
    subject at all, and of the answer no more than the others do. ``covered`` is the share of the
    question's terms, weighted by idf, that stand anywhere in the article of the best sentence; ``gap`` is
    how far that sentence stands above the next one. ``read`` are the log-odds, by reading, that the answer
    stands in it; None where it was not read by a reader that the weights were fitted for.
    """

    passage: float
    sentence: float
    covered: float
    gap: float
    read: float | None = None

    @property
    def nearness(self) -> float:
        """How near the library comes to the subject: by meaning and, half as much, by words."""
        return self.passage + self.covered / 2

    @property
    def is_on_subject(self) -> bool:
        """Whether the library is about what is asked, whether or not it answers."""
        return self.nearness >= _ON_SUBJECT

    @property
    def features(self) -> tuple[float, ...]:
        """What the confidence rests on; ``read`` is left out where it is None."""
        always = (self.sentence, self.covered, self.gap)
        return always if self.read is None else (*always, self.read)


@dataclass(frozen=True, slots=True)
class Fit:
    """A logistic regression: one weight a feature of the evidence, none of them negative."""

    intercept: float
    weights: tuple[float, ...]


# Fitted by benchmarks/fit_confidence.py on half of the questions of squad2_dev_half and clapnq_dev
# that the reader was not trained on; docs/quality.md says how well it holds on the other half.
_UNREAD = Fit(-5.020, (6.312, 2.249, 1.831))
_READ = Fit(-3.115, (4.741, 1.158, 0.726, 0.371))
# How near it must come from which on the library is about what is asked, fitted there, too.
_ON_SUBJECT = 0.689
_WIDEST = 0.4  # above the next sentence; where there is none, too

# A question that needs the one before it says less: so much lower are its best cosines than those of
# the same question in full, at the median of every other one of seeds/conversations.jsonl.
_UNSAID = 0.2


def confidence(evidence: Evidence) -> float:
    """The calibrated probability, 0 to 1."""
    fit = _UNREAD if evidence.read is None else _READ
    logit = fit.intercept + sum(w * x for w, x in zip(fit.weights, evidence.features, strict=True))
    return 1 / (1 + math.exp(-logit))


def gather(asked: Query, retrieved: Retrieved, ranked: Sequence[Sentence]) -> Evidence:
    """The evidence for the best of the ranked sentences."""
    best = ranked[0]
    found = [r.candidate for r in retrieved.passages]
    read = [s.read for s in ranked if s.read is not None]
    unsaid = _UNSAID if asked.before else 0.0
    return Evidence(
        passage=max(c.cosine for c in found) + unsaid,
        sentence=best.cosine + unsaid,
        covered=next(c.article_covered for c in found if c.passage.article_id == best.article_id),
        gap=min(best.score - ranked[1].score, _WIDEST) if ranked[1:] else _WIDEST,
        read=max(-SUREST, min(SUREST, max(read))) if retrieved.is_calibrated and read else None,
    )
