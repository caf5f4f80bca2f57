"""A question as it was typed → as it was meant: chat spelling, and mistakes of typing.

A word that neither the library nor the model knows is taken for the nearest one that they do, by edit
distance with transpositions (Damerau, "A technique for computer detection and correction of spelling
errors", 1964: four in five mistakes are a single such edit).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from string import ascii_lowercase

import numpy as np
import numpy.typing as npt

from retrieval.answers.search import read_question
from retrieval.embed import Encoder
from retrieval.store.protocol import Store
from retrieval.text import FUNCTION_WORDS, folded, terms, words

# Shorter words are too near to each other; in longer ones two mistakes leave enough to tell them by.
_SHORTEST = 4
_TWO_MISTAKES = 8
_MOST = 5  # words of a question that are looked up

_Letters = npt.NDArray[np.uint32]  # a number a word

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MENDED = re.compile(rf"[^\W\d_]{{{_SHORTEST},}}(?!['’]t\b)")  # not the "doesn" of "doesn't"
_REPEATED_MARK = re.compile(r"([?!.,…])(?:\s*[?!.,…])+")

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {key: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in _ROWS for at, key in enumerate(row)}

# What is typed in a hurry, and what it stands for; contractions are those that are no other word.
_MEANT = {
    **{f"{asked}s": f"{asked} is" for asked in "who what where when why how that there here".split()},
    **{f"{verb}nt": f"{verb} not" for verb in "do does did is are was were has have had could would should".split()},
    **dict.fromkeys("pls plz thx lol lmao omg btw tbh imo idk wtf bro".split(), ""),
    "cant": "cannot",
    "wont": "will not",
    "theyre": "they are",
    "youre": "you are",
    "im": "I am",
    "ive": "I have",
    "lets": "let us",
    "gonna": "going to",
    "wanna": "want to",
    "abt": "about",
    "cuz": "because",
    "coz": "because",
    "ppl": "people",
    "govt": "government",
    "thru": "through",
    "teh": "the",
    "hte": "the",
    "adn": "and",
    "taht": "that",
}
_LETTERS = {"u": "you", "ur": "your", "r": "are"}
_LETTER = re.compile(r"(?<!\S)(?:ur?|r)(?=\s|[?!]|$)")  # not the U of U.S.


def meant(question: str, store: Store, encoder: Encoder) -> str:
    """The question as it is searched for: without Discord's marks, in plain spelling, mistakes corrected.

    Raises InvalidQuestion.
    """
    return corrected(plain(read_question(question)), store, encoder.known_words)


def plain(text: str) -> str:
    """The text in plain spelling: no emoji, one mark where there are several, ``whos`` as ``who is``.

    It stays as it is where nothing but such words would be left.
    """
    without = text if text.isascii() else "".join(" " if _is_emoji(c) else c for c in text)
    meant = _WORD.sub(lambda found: _MEANT.get(found[0].casefold(), found[0]), without)
    meant = _LETTER.sub(lambda found: _LETTERS[found[0]], meant)
    tidy = " ".join(_REPEATED_MARK.sub(r"\1", meant).split())
    return tidy if words(tidy) else text


def _is_emoji(character: str) -> bool:
    return character in "\u200d\ufe0f" or (character >= "\u2190" and unicodedata.category(character) in {"So", "Sk"})


def corrected(text: str, store: Store, known: frozenset[str]) -> str:
    """The text with the words that nobody knows spelt as the nearest that somebody does.

    ``known`` are words of English, in lower case; the library's own terms count as well, and go first.
    """
    typed = dict.fromkeys(folded(found[0]) for found in _MENDED.finditer(text))
    strange = [word for word in typed if word not in known and word not in FUNCTION_WORDS]
    held = _held(strange, store)
    unknown = [word for word in strange if not held[word]]
    if not unknown:
        return text
    spelt = {word: _nearest(word, store, known) for word in unknown[:_MOST]}
    return _MENDED.sub(lambda found: spelt.get(folded(found[0])) or found[0], text)


def _held(asked: Collection[str], store: Store) -> dict[str, int]:
    """How many passages hold each of these words, a term of it at least."""
    of_word = {word: terms(word) for word in asked}
    held = store.frequencies({term for found in of_word.values() for term in found}) if asked else {}
    return {word: sum(held.get(term, 0) for term in found) for word, found in of_word.items()}


def _nearest(word: str, store: Store, known: frozenset[str]) -> str | None:
    """The word that was meant: of those the library holds, the likeliest slip, then the most frequent; else any."""
    limit = 2 if len(word) >= _TWO_MISTAKES else 1
    held = _near_terms(word, store, limit)
    found = _held(_near_words(word, known, limit), store)
    spelt_out = {term for other in found for term in terms(other)}
    found |= {_spelt_out(term, word): passages for term, passages in held.items() if term not in spelt_out}

    def order(other: str) -> tuple[bool, int, int, str]:
        is_useless = not found[other] and other not in FUNCTION_WORDS
        return is_useless, strangeness(word, other), -found[other], other

    return min(found, key=order, default=None)


def _near_words(word: str, known: frozenset[str], limit: int) -> set[str]:
    """Words of English that begin with the first letter or the second, or differ in the first alone."""
    alike = (other for first in {word[0], word[1]} for other in _alike((word,), *_english(known, first), limit))
    near = {other for other in alike if distance(word, other, limit) <= limit}
    return near | {other for other in _other_beginnings(word) if other in known or other in FUNCTION_WORDS}


def _near_terms(word: str, store: Store, limit: int) -> dict[str, int]:
    """Terms of the library that are as near, and the passages that hold each."""
    forms = {*terms(word), word.removesuffix("e")}  # a mistake may keep the e that stemming takes off
    shortest, longest = min(map(len, forms)) - limit, max(map(len, forms)) + limit
    near = dict(store.frequencies({other for form in forms for other in _other_beginnings(form)}))
    for first in {word[0], word[1]}:
        held = store.vocabulary(first, shortest=shortest, longest=longest)
        alike = _alike(forms, [*held], _letters([*held]), limit)
        near |= {t: held[t] for t in alike if any(distance(form, t, limit) <= limit for form in forms)}
    return near


def _alike(forms: Iterable[str], others: Sequence[str], letters: _Letters, limit: int) -> list[str]:
    """Of the others, which have these letters, those that may be so near to one of the forms; most are not."""
    differ = [np.bitwise_count(letters ^ _letters((form,))) for form in forms]
    return [others[at] for at in np.flatnonzero(np.min(differ, axis=0) <= 2 * limit).tolist()]


def _letters(held: Sequence[str]) -> _Letters:
    """The letters of each word as a set of bits, a few letters to a bit: an edit changes two at most."""
    if not held:
        return np.empty(0, dtype=np.uint32)
    codes = np.array(held).view(np.uint32).reshape(len(held), -1)
    bits = np.where(codes > 0, np.uint32(1) << (codes & np.uint32(31)), np.uint32(0))
    return np.asarray(np.bitwise_or.reduce(bits, axis=1), dtype=np.uint32)


def _other_beginnings(word: str) -> Iterator[str]:
    """What the word may be if only its first letter is wrong, or was left out."""
    for letter in ascii_lowercase:
        yield letter + word[1:]
        yield letter + word


def _spelt_out(term: str, word: str) -> str:
    """The term as a word: with the ending that stemming took off, as far as the misspelt word shows it."""
    endings = [word[len(stem) :] for stem in terms(word)]
    whole = [*(term + ending for ending in endings), f"{term}e", f"{term.removesuffix('i')}y", term]
    return min((w for w in whole if terms(w) == [term]), key=lambda w: distance(w, word, len(word)), default=term)


@lru_cache(maxsize=100)  # letters, of a model or several
def _english(known: frozenset[str], first: str) -> tuple[list[str], _Letters]:
    """Words of English that begin so, with their letters."""
    group = _by_beginning(known).get(first, [])
    return group, _letters(group)


@lru_cache(maxsize=4)  # one a model
def _by_beginning(known: frozenset[str]) -> Mapping[str, list[str]]:
    """Words of English by their first letters."""
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    for word in (*known, *FUNCTION_WORDS):
        grouped[word[0]].append(word)
    return grouped


def distance(one: str, other: str, limit: int) -> int:
    """The edits that turn one word into the other; anything above ``limit`` where they are more.

    Two neighbours that changed places count as one edit (optimal string alignment).
    """
    if abs(len(one) - len(other)) > limit or len(set(one).symmetric_difference(other)) > 2 * limit:
        return limit + 1
    older: list[int] = []
    old = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        row = [i + 1]
        for j, against in enumerate(other):
            edits = min(old[j] + (letter != against), old[j + 1] + 1, row[j] + 1)
            if i and j and letter == other[j - 1] and one[i - 1] == against:
                edits = min(edits, older[j - 1] + 1)
            row.append(edits)
        if min(row) > limit:
            return limit + 1
        older, old = old, row
    return old[-1]


def strangeness(typed: str, meant: str) -> int:
    """How unlike a slip of the fingers the difference between two words is, 0 to 5."""
    head = _shared(typed, meant)
    tail = _shared(typed[head:][::-1], meant[head:][::-1])
    slip, wanted = typed[head : len(typed) - tail], meant[head : len(meant) - tail]
    if slip and not wanted and len(slip) == 1:
        return 0 if slip in typed[max(0, head - 1) : head] + typed[head + 1 : head + 2] else 3  # doubled, or added
    if len(slip) == 2 and slip == wanted[::-1]:
        return 1
    if len(slip) == len(wanted) == 1:
        return 2 if slip in _BESIDE.get(wanted, "") else 4
    return 3 if not slip and len(wanted) == 1 else 5


def _shared(one: str, other: str) -> int:
    """How many letters at their beginning two words share."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
