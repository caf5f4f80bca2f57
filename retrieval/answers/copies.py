"""The same words in several articles, as outlets that print one agency's story have them."""

import re
from typing import NamedTuple

from retrieval.text import words

# Of the pairs of neighbouring words that either of two sentences has, the share that both have: in a
# sentence of 20 words an editor may have changed one.
_SAME = 0.8

# A word that makes another statement of the same sentence: a name, a number, a negation.
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z]\w+")
_TELLING = frozenset(
    "no not never nor without cannot one two three four five six seven eight nine ten eleven twelve dozen hundred "
    "thousand million billion half twice".split()
)


class Wording(NamedTuple):
    """A sentence as it is compared: its pairs of neighbouring words, and those that must not differ."""

    pairs: frozenset[tuple[str, str]]
    telling: frozenset[str]


def wording(sentence: str) -> Wording:
    """The sentence without case, accents and punctuation; the last word is paired with nothing."""
    found = words(sentence)
    telling = {w for w in found if w[0].isdigit() or w in _TELLING or w.endswith("n't")}
    return Wording(
        pairs=frozenset(zip(found, [*found[1:], ""], strict=True)) if found else frozenset(),
        telling=frozenset(telling | set(_NAME.findall(sentence))),
    )


def are_copies(one: Wording, other: Wording) -> bool:
    """Whether two sentences are the same but for an editor's touch, by the Jaccard index of their word pairs.

    Broder, "On the resemblance and containment of documents", 1997. With another name or number in
    it a sentence says another thing, however few of its words differ.
    """
    either = len(one.pairs | other.pairs)
    return one.telling == other.telling and either > 0 and len(one.pairs & other.pairs) >= _SAME * either
