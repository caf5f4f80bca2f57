"""Sentences and words: how a text is read, always by offsets into the text as it was given."""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, pairwise
from string import punctuation
from typing import NamedTuple

import Stemmer
from sentencex import get_sentence_boundaries

# A paragraph ends at an empty line.
_PARAGRAPH_BREAK = re.compile(r"(?:\r\n|\r|\n)[ \t\u00a0\u200b]*(?:\r\n|\r|\n)(?:\s*(?:\r\n|\r|\n))?")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")

# Programs that wrap text do it at 60 to 100 columns; in a wrapped block no line had room for the
# first word of the next one.
_WRAP_COLUMNS = range(55, 121)

# Longer than any sentence that a person wrote (the longest in our sets has 1,200 characters);
# beyond it a "sentence" is a table or a text without full stops, and is split at a line, a
# semicolon, a comma or a space.
LONGEST_SENTENCE = 1_500

# sentencex takes time with the square of the length where quotation marks are not closed: 5 s for 100,000 of them.
_WINDOW = 5_000  # characters of a paragraph that it is given at once; few paragraphs have more

# White space between a capital letter and a full stop ("Louis V ."): where it is not of ASCII, sentencex 1.0.32 cuts
# it in half, and panics.
_SPACE_BEFORE_STOP = re.compile(r"(?<!\s)\s+\.")

_REMEMBERED = 50  # characters of a word, with the signs beside it, that is remembered as it was read

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_QUOTE_MARKS = re.compile(r"[\"'“”‘’„‚«»]")
_POSSESSIVE = re.compile(r"['’]s?$")

# “We won!” the minister said on Monday.
_CLOSED_QUOTE = re.compile(r"[!?,…][\"”’']\s*$")
_CLOCK = re.compile(r"\d [ap]\.m\.$")
_ZONE = re.compile(r"\(?(?:Eastern|Central|Mountain|Pacific|local|universal|[A-Z]{2,4}T|UTC)\b")
_ATTRIBUTION = re.compile(
    r"(?:[\w’'.-]+ ){0,5}(?:said|says|told|wrote|tweeted|asked|added|replied|shouted|cried)\b[^.!?]{0,80}[.!?]?$"
)

# Words that say how a sentence is built, not what it is about.
FUNCTION_WORDS = frozenset(
    (
        "a about after all also am an and any are as at be been before being but by can could did do does "
        "doing each few for from had has have having he her here hers him his how i if in into is it its "
        "itself just me more most my no nor not of off on once only or other our out over own s same she "
        "should so some such t than that the their them then there these they this those through to too under "
        "until up very was we were what when where which while who whom whose why will with would you your"
    ).split()
)


class Span(NamedTuple):
    """A half-open range of characters, ``text[start:end]``."""

    start: int
    end: int


def trimmed(text: str, span: Span) -> Span:
    """The span without the white space at its two ends; empty where there is nothing else."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def lines(text: str, span: Span) -> Iterator[Span]:
    """The lines within a span, without their line breaks and the white space around them."""
    start = span.start
    for found in _LINE_BREAK.finditer(text, span.start, span.end):
        yield trimmed(text, Span(start, found.start()))
        start = found.end()
    yield trimmed(text, Span(start, span.end))


def paragraphs(text: str, span: Span) -> Iterator[Span]:
    """The paragraphs within a span: what stands between empty lines, or lines that end by themselves."""
    start = span.start
    for found in _PARAGRAPH_BREAK.finditer(text, span.start, span.end):
        yield from _unwrapped(text, Span(start, found.start()))
        start = found.end()
    yield from _unwrapped(text, Span(start, span.end))


def _unwrapped(text: str, block: Span) -> Iterator[Span]:
    """The block as one paragraph if a program wrapped its lines, else each of its lines."""
    found = [line for line in lines(text, block) if line.start < line.end]
    if _is_wrapped(text, found):
        yield Span(found[0].start, found[-1].end)
    else:
        yield from found


def _is_wrapped(text: str, block: list[Span]) -> bool:
    if len(block) < 2:
        return False
    columns = max(end - start for start, end in block)
    if columns not in _WRAP_COLUMNS:
        return False
    for line, following in pairwise(block):
        first_word = text[following.start : following.end].split(maxsplit=1)[0]
        if line.end - line.start + 1 + len(first_word) <= columns:
            return False
    # Two lines may be a headline and what stands below it: then the second starts like a sentence.
    return len(block) > 2 or text[block[1].start].islower()


def sentences(text: str, span: Span | None = None) -> list[Span]:
    """The sentences within a span (the whole text by default), in order, without white space around them.

    A sentence never crosses a paragraph's end. Splitting is done by sentencex (Wikimedia), whose
    offsets are checked; where they are off, the paragraph counts as one sentence.
    """
    whole = span or Span(0, len(text))
    found: list[Span] = []
    for paragraph in paragraphs(text, whole):
        for sentence in _split(text, paragraph):
            found.extend(_bounded(text, sentence))
    return found


def _split(text: str, paragraph: Span) -> Iterator[Span]:
    current: Span | None = None
    for found in _boundaries(text, paragraph):
        piece = trimmed(text, found)
        if piece.start == piece.end:
            continue
        if current and _belongs_to(text, current, piece):
            current = Span(current.start, piece.end)
            continue
        if current:
            yield current
        current = piece
    if current:
        yield current


def _boundaries(text: str, paragraph: Span) -> Iterator[Span]:
    """The sentences of a paragraph as sentencex finds them, a window of it at a time.

    The last one of a window may go on behind it, and begins the next window.
    """
    start, end = paragraph
    while start < end:
        limit = start + _WINDOW
        space = text.rfind(" ", start + _WINDOW // 2, limit) + 1
        window = Span(start, end if limit >= end else space or limit)
        found = _in_window(text, window)
        if window.end < end and len(found) > 1:
            found.pop()
        yield from found
        start = found[-1].end


def _in_window(text: str, window: Span) -> list[Span]:
    body = _SPACE_BEFORE_STOP.sub(lambda found: ".".rjust(len(found[0])), text[window.start : window.end])
    try:
        boundaries = get_sentence_boundaries("en", body)
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":  # of Rust, which nobody can import
            raise
        return [window]
    if not boundaries or any(body[b["start_index"] : b["end_index"]] != b["text"] for b in boundaries):
        return [window]
    return [Span(window.start + b["start_index"], window.start + b["end_index"]) for b in boundaries]


def _belongs_to(text: str, before: Span, piece: Span) -> bool:
    """Whether a piece says who said what stands before it, ``“No!” | the minister said.``, or in which time zone."""
    return any(
        ending.search(text, before.start, before.end) and beginning.match(text, piece.start, piece.end)
        for ending, beginning in ((_CLOSED_QUOTE, _ATTRIBUTION), (_CLOCK, _ZONE))
    )


def _bounded(text: str, sentence: Span) -> Iterator[Span]:
    start, end = sentence
    while end - start > LONGEST_SENTENCE:
        cut = _cut(text, start, start + LONGEST_SENTENCE)
        yield trimmed(text, Span(start, cut))
        start = trimmed(text, Span(cut, end)).start
    if start < end:
        yield Span(start, end)


def _cut(text: str, start: int, limit: int) -> int:
    half = start + LONGEST_SENTENCE // 2
    for border in ("\n", "; ", ", ", " "):
        at = text.rfind(border, half, limit)
        if at >= 0:
            return at + len(border)
    return limit


def folded(text: str) -> str:
    """Lower case, without accents, with typographic apostrophes made plain."""
    plain = text.casefold().replace("’", "'")
    if plain.isascii():  # most are, and the rest takes long
        return plain
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


class _Remembered(dict[str, tuple[str, ...]]):
    """What is read in each piece of text between white space, which no word reaches across.

    Most pieces are read again soon, and a dictionary is asked twice as fast as ``lru_cache``.
    """

    def __init__(self, read: Callable[[str], tuple[str, ...]], *, most: int) -> None:
        super().__init__()
        self._read, self._most = read, most

    def __missing__(self, piece: str) -> tuple[str, ...]:
        found = self._read(piece)
        if len(piece) <= _REMEMBERED:
            if len(self) >= self._most:
                self.clear()
            self[piece] = found
        return found


def words(text: str) -> list[str]:
    """The words and numbers of a text, folded, in order; ``U.S.`` is ``us``, ``1,000`` is ``1000``."""
    return list(chain.from_iterable(map(_words_of, text.split())))


def _words_anew(text: str) -> tuple[str, ...]:
    plain = text.strip(punctuation)
    if plain.isascii() and plain.isalpha():  # most are, and a pattern takes long
        return (plain.lower(),)
    found = []
    for match in _WORD.findall(folded(text)):
        word = _POSSESSIVE.sub("", match) if "'" in match else match
        if "." in word or "," in word:
            word = word.replace(".", "") if not word[0].isdigit() else word.replace(",", "")
        if word:
            found.append(word)
    return tuple(found)


_words_of = _Remembered(_words_anew, most=20_000).__getitem__


@lru_cache(maxsize=100)
def same_words(wanted: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """What finds these words and signs, but for white space and the shape of quotation marks."""
    return re.compile(rf"(?<!\w){_pattern(wanted)}(?!\w)", re.IGNORECASE if ignore_case else 0)


@lru_cache(maxsize=100)
def same_letters(wanted: str) -> re.Pattern[str]:
    """What finds the same, and where longer words begin and end so; in lower case it takes a tenth of the time."""
    return re.compile(_pattern(wanted.lower()))


def _pattern(wanted: str) -> str:
    return r"\s+".join(_QUOTE_MARKS.sub(lambda _: _QUOTE_MARKS.pattern, re.escape(word)) for word in wanted.split())


def terms(text: str) -> list[str]:
    """What words are matched by: the stems of the words that carry meaning, in order.

    Stemming is Snowball's English (Porter2).
    """
    return list(chain.from_iterable(map(_terms_of, text.split())))


def _terms_anew(text: str) -> tuple[str, ...]:
    return tuple(_stem(word) for word in _words_anew(text) if word not in FUNCTION_WORDS)


_terms_of = _Remembered(_terms_anew, most=80_000).__getitem__
_stemmers = threading.local()  # a Stemmer must not be shared between threads


def _stem(word: str) -> str:
    try:
        stemmer = _stemmers.english
    except AttributeError:
        stemmer = _stemmers.english = Stemmer.Stemmer("english")
    stem: str = stemmer.stemWord(word)
    return stem
