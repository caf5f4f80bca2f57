"""An article in its own sentences."""

import re
from collections.abc import Sequence

import numpy as np

from retrieval.records import Facts, Length, SummarySentence
from retrieval.store import StoredPassage
from retrieval.text import Span, words
from retrieval.vectors import Floats

SENTENCES: dict[Length, int] = {"short": 3, "medium": 5, "long": 8}

# News tells the most important things first: a sentence's place weighs as much as being central.
_PLACE = 0.6
_SHORTEST = 6  # words; below that stands a heading or an exclamation

# A sentence that begins like this says nothing without the one before it.
_DANGLING = re.compile(
    r"[\"'“‘(]*(he|she|it|they|his|her|its|their|this|that|these|those|such|but|and|or|so|however|instead|"
    r"meanwhile|still|yet|also|then|there|moreover|nevertheless|by contrast|in addition|for example)\b",
    re.IGNORECASE,
)


def key_sentences(text: str, passages: Sequence[StoredPassage], *, length: Length) -> tuple[SummarySentence, ...]:
    """The sentences that say most of an article, verbatim, in its order; fewer where it has fewer."""
    spans = [span for passage in passages for span in passage.sentences]
    if not spans:
        return ()
    vectors = np.concatenate([p.sentence_vectors for p in passages])
    count = SENTENCES[length]
    usable = [at for at in range(len(spans)) if _stands_alone(text, spans[at])]
    chosen = _chosen(vectors, usable or list(range(len(spans))), count=count)
    return tuple(SummarySentence(s, e, text[s:e]) for s, e in (spans[at] for at in sorted(chosen)))


def _stands_alone(text: str, span: Span) -> bool:
    content = text[span.start : span.end]
    finished = content.rstrip("\"'”’)»]").endswith((".", "!", "?", "…"))
    return finished and len(content.split()) >= _SHORTEST and not _DANGLING.match(content)


def _chosen(vectors: Floats, usable: Sequence[int], *, count: int) -> list[int]:
    """Maximal marginal relevance (Carbonell and Goldstein, 1998): central, early, and new."""
    centre = vectors.mean(axis=0)
    central = vectors @ (centre / (np.linalg.norm(centre) or 1.0))
    worth = {at: float(central[at]) + _PLACE / (1 + at) ** 0.5 for at in usable}
    chosen: list[int] = []
    while len(chosen) < min(count, len(usable)):

        def gain(at: int) -> float:
            said = max((float(vectors[at] @ vectors[c]) for c in chosen), default=0.0)
            return float(worth[at] - 0.5 * said)

        chosen.append(max((at for at in usable if at not in chosen), key=lambda at: (gain(at), -at)))
    return chosen


_NAME = re.compile(r"\b(?:[A-Z][\w’'-]+|[A-Z]\.)(?: (?:of |the |de |van |von |al-)?(?:[A-Z][\w’'-]+|[A-Z]\.))*")
_WHEN = re.compile(
    r"\b(?:(?:on |in |by |since |until )?(?:early |mid-|late )?"
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|"
    r"(?:\d{1,2} )?(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?: \d{1,2}\b)?(?:,? \d{4})?|(?:1[5-9]|20)\d{2}))\b"
)
_NUMBER = re.compile(
    r"(?:[$€£¥]\s?)?\b\d[\d,]*(?:\.\d+)?(?:\s?(?:%|percent|per cent|million|billion|trillion|"
    r"km|kilomet(?:er|re)s|met(?:er|re)s|miles|seconds|minutes|hours|days|years|people|dollars|points|tonnes))?"
)
_PLACE_BEFORE = re.compile(r"\b(?:in|at|near|from|to|off|outside|across)\s+$")
_NOT_A_NAME = frozenset(
    (
        "the a an in on at of and but for from with by to as it he she they we i this that these those his "
        "her its their there when while after before if no not yes mr mrs ms dr one two three some many most "
        "all"
    ).split()
)
_MONTHS_AND_DAYS = frozenset(
    (
        "january february march april may june july august september october november december monday tuesday "
        "wednesday thursday friday saturday sunday"
    ).split()
)
_SHOWN = 6


def facts(sentences: Sequence[str]) -> Facts:
    """Names, places, times and numbers as the sentences write them, each once, in their order.

    Read off by form (capitals, months, units), so a place may count as a name; nothing is invented.
    """
    who: dict[str, None] = {}
    where: dict[str, None] = {}
    when: dict[str, None] = {}
    numbers: dict[str, None] = {}
    for sentence in sentences:
        when.update((m.group().strip(), None) for m in _WHEN.finditer(sentence) if _is_time(m.group()))
        without_dates = _WHEN.sub(lambda m: " " * len(m.group()), sentence)
        numbers.update((m.group().strip(" ,"), None) for m in _NUMBER.finditer(without_dates))
        for match in _NAME.finditer(sentence):
            name = match.group().removesuffix("’s").removesuffix("'s")
            if _is_name(name, at_start=not sentence[: match.start()].strip("\"“‘'( ")):
                (where if _PLACE_BEFORE.search(sentence[: match.start()]) else who)[name] = None
    names = [n for n in who if n not in where and not any(n != o and n in o for o in who)]
    return Facts(tuple(names[:_SHOWN]), tuple(where)[:_SHOWN], tuple(when)[:_SHOWN], tuple(numbers)[:_SHOWN])


def _is_time(found: str) -> bool:
    # "may" is a verb more often than a month.
    return found.strip() not in {"May", "March", "in May", "by March"} or any(c.isdigit() for c in found)


def _is_name(name: str, *, at_start: bool) -> bool:
    parts = words(name)
    if not parts or parts[0] in _NOT_A_NAME or parts[0] in _MONTHS_AND_DAYS:
        return False
    # A single capitalised word at the start of a sentence may be any word.
    return len(parts) > 1 or not at_start
