"""Where words stand: exactly, but for white space and quotation marks, changed, or nowhere."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from retrieval.answers.answering import cut
from retrieval.answers.search import LONGEST_QUESTION, query, retrieve
from retrieval.embed import Encoder
from retrieval.errors import InvalidInput
from retrieval.records import Standing, Verification
from retrieval.store.protocol import Store
from retrieval.store.values import StoredPassage
from retrieval.text import Span, same_words, words

# Words in common, in order, of a passage that is the quote with changes. Two sentences on one
# subject share up to about half.
_LIKE = 0.6


@dataclass(frozen=True, slots=True)
class Place:
    """What was found: the spans, best first, and how alike the words are (1: the same)."""

    standing: Standing
    spans: tuple[tuple[str, Span], ...]
    likeness: float


def verification(
    quoted: str, store: Store, *, encoder: Callable[[], Encoder], expected: str | None = None
) -> Verification:
    """Where words stand, as ``find`` finds it, with the quotes of these places."""
    place = find(quoted, store, encoder=encoder, expected=expected)
    quotes = []
    for article_id, span in place.spans:
        article, text = store.article(article_id), store.text(article_id)
        if article and text is not None:  # it may have been removed meanwhile
            quotes.append(cut(article, text, span, focus=span, score=place.likeness))
    return Verification(place.standing, quotes[0] if quotes else None, tuple(quotes[1:]))


def find(quoted: str, store: Store, *, encoder: Callable[[], Encoder], expected: str | None = None) -> Place:
    """Look for words in all articles; the model is loaded only where they are not there to the letter.

    ``expected`` is the id of the article that they are said to be from: found words that it does not
    hold are ``in another article``. Raises InvalidInput where there are no words.
    """
    place = _find(quoted, store, encoder=encoder)
    if expected is None or place.standing != "found":
        return place
    here = tuple(s for s in place.spans if s[0] == expected)
    if not here:
        return replace(place, standing="in another article")
    return replace(place, spans=(*here, *(s for s in place.spans if s[0] != expected)))


def _find(quoted: str, store: Store, *, encoder: Callable[[], Encoder]) -> Place:
    wanted = quoted.strip()
    if not words(wanted):
        raise InvalidInput("there are no words to look for", hint='Give the quote, such as: quoth verify "…"')
    exact = store.containing(wanted)
    if exact:
        return Place("found", tuple((a, Span(at, at + len(wanted))) for a, at in exact), 1.0)
    return _nearest(wanted, store, encoder=encoder())


def _nearest(wanted: str, store: Store, *, encoder: Encoder) -> Place:
    asked = query(wanted[:LONGEST_QUESTION], encoder)
    articles = dict.fromkeys(r.candidate.passage.article_id for r in retrieve(asked, store).passages)
    best = Place("not found", (), 0.0)
    for article_id in articles:
        text = store.text(article_id) or ""
        if span := _same_words(wanted, text):
            return Place("found", ((article_id, span),), 1.0)
        for passage in store.passages(article_id):
            place = _closest(wanted, text, passage)
            if place.likeness > best.likeness:
                best = place
    return best


def _same_words(wanted: str, text: str) -> Span | None:
    found = same_words(wanted).search(text)
    return Span(*found.span()) if found else None


def _closest(wanted: str, text: str, passage: StoredPassage) -> Place:
    """The run of up to three of a passage's sentences that is most like the words."""
    asked = words(wanted)
    best = Place("not found", (), 0.0)
    for first in range(len(passage.sentences)):
        for last in range(first, min(first + 3, len(passage.sentences))):
            span = Span(passage.sentences[first].start, passage.sentences[last].end)
            likeness = SequenceMatcher(None, asked, words(text[span.start : span.end]), autojunk=False).ratio()
            if likeness > max(best.likeness, _LIKE):
                best = Place("altered", ((passage.article_id, span),), round(likeness, 4))
    return best
