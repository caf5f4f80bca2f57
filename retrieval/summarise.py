"""An article in its own sentences."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

from retrieval.errors import InvalidInput
from retrieval.facts import dateline, facts
from retrieval.leaning import leans_back
from retrieval.messages import say, say_count
from retrieval.records import Added, Article, Length, Summary, SummarySentence
from retrieval.store.protocol import Store
from retrieval.text import FUNCTION_WORDS, Span, terms

SENTENCES: dict[Length, int] = {"short": 3, "medium": 5, "long": 8}

Terms = frozenset[str]

# Chosen on the seeds' summaries by benchmarks/summaries.py, where a third more or less of each moves
# ROUGE-1 recall by about half a point, and none is at an edge.
_FOCUS = 4.0  # how much more a word tells that the headline has, too
_PLACE = 0.3  # what the first sentence has over the last, where the best sentence's words tell 1
_BARE = 0.2  # what a sentence loses that has neither a name nor a number: it sets a scene
_BREVITY = 0.8  # 1: a sentence tells as much as its average word, 0: as all of its words together

# A sentence says again what another says where that one has this share of its words, and all its numbers.
_AGAIN = 0.6

_SHORTEST, _LONGEST = 6, 45  # words: below stands a heading or an exclamation, above no key point

_FINISHED = re.compile(r"[.!…][\"'”’)»\]]*$")
_SPEECH = re.compile(r"[\"“'‘][^\"”“]*[,.!?…][\"”’']")
_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October"
_NAME = re.compile(rf"(?!^)(?<![\"“‘'])\b(?!(?:{_DAY}|November|December|I)\b)[A-Z]\w")
_NUMBER = re.compile(r"\d")
_HE = re.compile(r"\b(?:he|she|him|his|her)\b", re.IGNORECASE)
_SAID = "said|says|added|adds|wrote|told|explained|noted|insisted|declared|asked|replied|tweeted|warned|predicted"
_HE_SAID = re.compile(rf",[\"”’']? (?:he|she|they|it) (?:\w+ )?(?:{_SAID})\b|\b(?:{_SAID}) (?:he|she|they)\b")
_SPEAKER = re.compile(rf"(?:{_SAID}|tells) (?:\w+ ){{0,4}}[A-Z]\w|[A-Z][\w’'-]+ (?:{_SAID})\b")
_PERSON = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Sir|President)\.? [A-Z]\w|\b[A-Z][\w’'-]+ (?:[A-Z]\. |[a-z]{2,3} )?[A-Z]\w")


@dataclass(frozen=True, slots=True)
class Outline:
    """An article's sentences, in its order: where they stand, their words, and their terms."""

    spans: tuple[Span, ...]
    contents: tuple[str, ...]
    said: tuple[Terms, ...]

    @classmethod
    def of(cls, article_id: str, store: Store) -> Self:
        """Of a stored article; empty where it is gone."""
        text = store.text(article_id) or ""
        spans = tuple(span for passage in store.passages(article_id) for span in passage.sentences)
        contents = tuple(text[start:end] for start, end in spans)
        return cls(spans, contents, tuple(frozenset(terms(content)) for content in contents))

    def sentences(self, chosen: Sequence[int]) -> tuple[SummarySentence, ...]:
        """The sentences at these places, in the article's order."""
        return tuple(SummarySentence(*self.spans[at], self.contents[at]) for at in sorted(chosen))


def summary(article: Article, store: Store, *, length: Length) -> Summary:
    """An article's key points, and what they and the whole of it name."""
    outline = Outline.of(article.id, store)
    sentences = key_sentences(outline, title=article.title, length=length)
    place = dateline(store.text(article.id) or "", store.marks(article.id))
    return Summary(article, sentences, facts([s.text for s in sentences], outline.contents, place=place))


def the_only(results: Sequence[Added]) -> Article:
    """The article that reading a source gave. Raises InvalidInput where it cannot be read, or holds several."""
    if len(results) != 1:
        many = say_count("it holds {n} article", "it holds {n} articles", len(results))
        raise InvalidInput(many, hint=say("Summarise one at a time"))
    if results[0].article is None:
        raise InvalidInput(results[0].error or say("the file cannot be read"))
    return results[0].article


def key_sentences(outline: Outline, *, title: str, length: Length) -> tuple[SummarySentence, ...]:
    """The sentences that say most of an article.

    There are fewer than asked for where fewer can stand alone, or the rest would say a thing twice.
    """
    usable = [at for at, content in enumerate(outline.contents) if stands_alone(content)]
    usable = usable or list(range(len(outline.spans)))
    chosen = choose(outline, usable, focus=frozenset(terms(title)), bonus=merits(outline))
    return outline.sentences(list(islice(chosen, SENTENCES[length])))


def merits(outline: Outline) -> list[float]:
    """What each sentence has besides its words: an early place, and names or numbers."""

    def bare(sentence: str) -> float:
        return 0.0 if _NAME.search(sentence) or _NUMBER.search(sentence) else _BARE

    return [_PLACE / math.sqrt(1 + at) - bare(content) for at, content in enumerate(outline.contents)]


def stands_alone(sentence: str) -> bool:
    """Whether a sentence is whole, states something, and needs none before it to be understood."""
    is_whole = _FINISHED.search(sentence) and _SHORTEST <= len(sentence.split()) <= _LONGEST
    if not is_whole or sentence.startswith(("(", "[")) or leans_back(sentence):
        return False
    return _is_signed(sentence) and _names_whom_it_means(sentence)


def _is_signed(sentence: str) -> bool:
    """Whether words that someone said come with that one's name; true where nobody speaks."""
    speech = _SPEECH.match(sentence)
    if speech and not _SPEAKER.search(sentence, speech.end()):
        return False
    said_by = _HE_SAID.search(sentence)
    return not said_by or bool(_PERSON.search(sentence[: said_by.start()]))


def _names_whom_it_means(sentence: str) -> bool:
    """Whether a name, or a noun it begins with, comes before the first he or she."""
    he = _HE.search(sentence)
    opens_with_a_name = sentence.split(maxsplit=1)[0].lower() not in FUNCTION_WORDS
    return not he or opens_with_a_name or bool(_NAME.search(sentence[: he.start()]))


def choose(
    outline: Outline, usable: Sequence[int], *, focus: Terms, bonus: Sequence[float], told: Sequence[Terms] = ()
) -> Iterator[int]:
    """The usable sentences, the one that adds most first; none that says again what was ``told``.

    A sentence tells as much as its words that were not told yet, and a word tells the more, the more
    sentences have it and the earlier they stand, as in SumBasic (Nenkova and Vanderwende, "The Impact
    of Frequency on Summarization", 2005); words of ``focus`` tell ``_FOCUS`` times as much again.
    ``bonus`` is added sentence by sentence.
    """
    worth = _worth(outline.said, focus)
    whole = [_density(outline, at, worth, told=frozenset()) for at in usable]
    best = max(whole, default=0.0) or 1.0
    already = list(told)
    left = list(usable)
    while left := [at for at in left if not _is_told(outline.said[at], already)]:
        known = frozenset[str]().union(*already)

        def gain(at: int, known: Terms = known) -> float:
            return _density(outline, at, worth, told=known) / best + bonus[at]

        chosen = max(left, key=lambda at: (gain(at), -at))
        yield chosen
        already.append(outline.said[chosen])
        left.remove(chosen)


def _worth(said: Sequence[Terms], focus: Terms) -> Mapping[str, float]:
    worth: defaultdict[str, float] = defaultdict(float)
    for at, sentence in enumerate(said):
        for term in sentence:
            worth[term] += 1 / math.sqrt(1 + at)
    return {term: value * (1 + _FOCUS if term in focus else 1) for term, value in worth.items()}


def _density(outline: Outline, at: int, worth: Mapping[str, float], *, told: Terms) -> float:
    length = len(outline.contents[at].split())
    return sum(worth[t] for t in sorted(outline.said[at] - told)) / math.pow(length, _BREVITY)


def _is_told(sentence: Terms, told: Sequence[Terms]) -> bool:
    return any(
        len(sentence & other) >= _AGAIN * len(sentence) and not any(t[0].isdigit() for t in sentence - other)
        for other in told
    )
