"""The same words in several articles, as outlets that print one agency's story have them."""

import re
from functools import cached_property

from retrieval.text import words

# Of the pairs of neighbouring words that either of two sentences has, the share that both have: in a
# sentence of 20 words an editor may have changed one.
_SAME = 0.8

# In two articles of one story a sentence may be changed more: so much of the shorter version stands in the longer.
_CONTAINED = 0.65
_SHORTEST = 6  # words of it; fewer are said by chance

# Of the runs of four words that the shorter of two articles has, the share that the other has, too. The demo articles
# have up to 0.02; a story that two desks cut and touched has 0.7 and more (tests/answers/test_stories.py).
_SHINGLE = 4
_STORY = 0.4

# A word that makes another statement of the same sentence: a name, a number, a negation.
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z]\w+")
_TELLING = frozenset(
    "no not never nor without cannot one two three four five six seven eight nine ten eleven twelve dozen hundred "
    "thousand million billion half twice".split()
)


class Wording:
    """A sentence as it is compared, without case, accents and punctuation.

    ``pairs`` are those of neighbouring words; the last word is paired with nothing.
    """

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        found = words(sentence)
        self.pairs = frozenset(zip(found, [*found[1:], ""], strict=True)) if found else frozenset()

    @cached_property
    def telling(self) -> frozenset[str]:
        """Its words that must not differ. Most sentences differ in so many others that nobody asks."""
        telling = {w for w in words(self.sentence) if w[0].isdigit() or w in _TELLING or w.endswith("n't")}
        return frozenset(telling | set(_NAME.findall(self.sentence)))


def are_alike(one: Wording, other: Wording) -> bool:
    """Whether two sentences share as many pairs as copies or versions do at least; hardly any do."""
    return len(one.pairs & other.pairs) >= _CONTAINED * min(len(one.pairs), len(other.pairs))


def are_copies(one: Wording, other: Wording) -> bool:
    """Whether two sentences are the same but for an editor's touch, by the Jaccard index of their word pairs.

    Broder, "On the resemblance and containment of documents", 1997. With another name or number in
    it a sentence says another thing, however few of its words differ.
    """
    both = len(one.pairs & other.pairs)
    are_near = both > 0 and both >= _SAME * (len(one.pairs) + len(other.pairs) - both)
    return are_near and one.telling == other.telling


def are_versions(one: Wording, other: Wording) -> bool:
    """Whether two sentences of one story are the same: one may be shortened, or say where it is from.

    Most of the shorter one's word pairs are the longer one's, and neither has a name or number of its own
    where the other has another.
    """
    shorter = min(len(one.pairs), len(other.pairs))
    are_near = shorter >= _SHORTEST and len(one.pairs & other.pairs) >= _CONTAINED * shorter
    return are_near and (one.telling <= other.telling or other.telling <= one.telling)


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of four words that a text has."""
    found = words(text)
    return frozenset(zip(*(found[start:] for start in range(_SHINGLE)), strict=False))


def are_one_story(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    """Whether two articles are one agency's story: much of the shorter stands in the other (Broder's containment)."""
    shorter = min(len(one), len(other))
    return shorter > 0 and len(one & other) >= _STORY * shorter
