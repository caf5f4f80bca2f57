"""BM25: what a term tells, and how much a text says of it.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the
idf that cannot become negative (Lucene's). k1 and b are the values that most engines ship.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

K1 = 1.2
B = 0.75

Floats = npt.NDArray[np.float32]


def idf(documents: int, frequency: int) -> float:
    """How much a term tells that ``frequency`` of ``documents`` hold."""
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def length_norms(lengths: npt.ArrayLike, average: float) -> Floats:
    """What the length of a text adds to the number of times from which a term tells half of what it can."""
    return np.asarray(K1 * (1 - B + B * np.asarray(lengths) / average), dtype=np.float32)


def saturated(counts: Floats, norms: Floats) -> Floats:
    """BM25's weight of a term that stands so often in texts of such lengths, before idf, element by element."""
    return np.asarray(counts * np.float32(K1 + 1) / (counts + norms), dtype=np.float32)


def sentence_scores(question: Iterable[str], sentences: Sequence[Sequence[str]], idfs: Mapping[str, float]) -> Floats:
    """The BM25 score of each of a few sentences, with the library's idf, shape (sentences,)."""
    wanted = sorted(set(question))
    lengths = np.array([len(s) for s in sentences], dtype=np.float32)
    average = float(np.add.reduce(lengths) / len(lengths)) if len(lengths) else 1.0
    norms = length_norms(lengths, max(average, 1.0))
    counts = np.zeros((len(wanted), len(sentences)), dtype=np.float32)
    places = {term: place for place, term in enumerate(wanted)}
    for at, sentence in enumerate(sentences):
        for term in places.keys() & sentence:  # of most sentences none
            counts[places[term], at] = sentence.count(term)
    return summed([idfs.get(term, 0.0) for term in wanted], counts, norms)


def summed(tell: Sequence[float], counts: Floats, norms: Floats) -> Floats:
    """The BM25 scores of texts that hold terms so often, shape (terms, texts); the terms are added in their order."""
    weights = np.array(tell, dtype=np.float32)[:, np.newaxis] * saturated(counts, norms)
    return np.asarray(weights.sum(axis=0), dtype=np.float32)
