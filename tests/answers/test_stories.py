"""One agency's story in several outlets: quoted once, with all that have it; and never one for the other."""

import random
import re
from collections.abc import Callable, Iterator
from itertools import chain, combinations

import pytest

from retrieval.answers.copies import Wording, are_one_story, are_versions, shingles
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.records import Quote
from tests.conftest import ROOT, Opener
from tests.outlets.stories import Story, story

_STORIES = 8
Edit = Callable[[str, random.Random], str]


def _as_it_is(sentence: str, chance: random.Random) -> str:
    return sentence


def _other_words(sentence: str, chance: random.Random) -> str:
    """A desk that prefers its own words."""
    own = {
        "mistake": "blunder",
        "expected": "likely",
        "town": "place",
        "vote": "decide",
        "shut": "closed",
        "know": "say",
    }
    return re.sub(r"\b\w+\b", lambda found: own.get(found[0], found[0]), sentence)


def _shortened(sentence: str, chance: random.Random) -> str:
    """A desk that is short of space: the last clause goes."""
    head, comma, _ = sentence.rpartition(",")
    return f"{head}." if comma and len(head.split()) > 11 and "“" not in sentence else sentence


def _attributed(sentence: str, chance: random.Random) -> str:
    """A desk that says where it has it from."""
    is_plain = not sentence.startswith("“") and len(sentence.split()) > 12
    return f"{sentence.removesuffix('.')}, the Wire reported." if is_plain else sentence


DESKS: dict[str, Edit] = {
    "Agency": _as_it_is,
    "Gazette": _as_it_is,
    "Herald": _other_words,
    "Kurier": _shortened,
    "Ledger": _attributed,
}


def _sentences(told: Story) -> list[str]:
    return list(chain.from_iterable(re.split(r"(?<=[.”]) (?=[A-Z“])", paragraph) for paragraph in told.paragraphs))


def _printed(told: Story, desk: str) -> Document:
    chance = random.Random(f"{told.number} {desk}")
    edited = [DESKS[desk](sentence, chance) for sentence in _sentences(told)]
    if desk != "Agency" and len(edited) > 6:
        del edited[chance.randrange(3, len(edited))]
    body = "\n\n".join(edited)
    title = told.title if desk == "Agency" else f"{desk}: {told.title.lower()}"
    return Document(body, doc_id=f"{told.number}/{desk}", title=title, source=desk, published=told.day.isoformat())


@pytest.fixture
def wires(open_library: Opener) -> Library:
    """Eight stories, made of the same sentences with other names and numbers, each in five outlets."""
    library = open_library("wires")
    library.add(*(_printed(story(n), desk) for n in range(_STORIES) for desk in DESKS))
    return library


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _telling(text: str) -> set[str]:
    """Numbers and names, but for what begins a sentence."""
    return set(re.findall(r"\d+|(?<=[a-z,“] )[A-Z]\w+", text))


def _has(library: Library, article_id: str, sentence: str) -> bool:
    """Whether an article has the sentence in some form: most of its words, with the same names and numbers."""
    wanted, told = _words(sentence), _telling(sentence)
    return any(
        len(wanted & _words(line)) >= 0.6 * len(wanted) and (told >= _telling(line) or told <= _telling(line))
        for line in library.text(article_id).split("\n\n")
    )


def _asked(library: Library) -> Iterator[tuple[int, str, tuple[Quote, ...]]]:
    for number in range(_STORIES):
        for sentence in _sentences(story(number))[1:6:2]:
            yield number, sentence, library.ask(sentence.removesuffix(".").strip("“”"), quotes=5).quotes


def _focus(library: Library, quote: Quote) -> str:
    return library.text(quote.article.id)[slice(*quote.focus)]


def test_a_story_of_five_outlets_is_quoted_once_with_all_of_them(wires: Library) -> None:
    """Also where desks touched it; no quote is of two statements, and hardly one says again what another said."""
    named = had = wrong = twice = shown = 0
    for number, sentence, quotes in _asked(wires):
        said = [_focus(wires, quote) for quote in quotes]
        shown += len(quotes)
        for place, quote in enumerate(quotes):
            wrong += sum(not _has(wires, article.id, said[place]) for article in quote.also_in)
            twice += any(_same(said[place], other) for other in said[:place])
        for quote, words in zip(quotes, said, strict=True):
            if (quote.article.doc_id or "").startswith(f"{number}/") and _same(words, sentence):
                holders = {d for d in DESKS if _has(wires, wires.article(f"{number}/{d}").id, sentence)}
                had += len(holders)
                named += len(holders & {article.source for article in (quote.article, *quote.also_in)})
                break
    assert had > 60
    assert wrong == 0
    assert named >= 0.95 * had, f"{named} of {had} outlets are named"
    assert twice <= 0.03 * shown, f"{twice} of {shown} quotes say again what another said"


@pytest.mark.parametrize("number", range(_STORIES))
def test_what_desks_made_of_a_story_is_one_story(number: int) -> None:
    printed = [shingles(_printed(story(number), desk).text) for desk in DESKS]
    assert all(are_one_story(one, other) for one, other in combinations(printed, 2))


def test_articles_on_one_subject_are_not() -> None:
    """The demo articles, among them four on two summits and three on spacecraft; and a text without words."""
    articles = [shingles(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "seeds").glob("*.md"))]
    assert len(articles) > 20
    assert not any(are_one_story(one, other) for one, other in combinations(articles, 2))
    assert not are_one_story(shingles(""), shingles(""))


CLOSES = "the old bridge would close"


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        (f"The mayor said on Monday that {CLOSES}.", f"{CLOSES}, the mayor said.", True),
        (f"The mayor said that {CLOSES} for good.", f"The mayor said that {CLOSES}.", True),
        (f"{CLOSES} for 20 days, said the council.", f"{CLOSES} for 30 days, said the council.", False),
        (f"{CLOSES}, said Ada Lind.", f"{CLOSES}, said Tom Lind.", False),
        ("Nobody was hurt.", "Nobody was hurt, the police told the Wire on Monday.", False),
    ],
)
def test_a_version_is_a_shorter_one_without_another_name_or_number(one: str, other: str, *, are: bool) -> None:
    """And a few words are said by chance."""
    assert are_versions(Wording(one), Wording(other)) is are
    assert are_versions(Wording(other), Wording(one)) is are


def _same(one: str, other: str) -> bool:
    shared = _words(one) & _words(other)
    return len(shared) >= 0.7 * min(len(_words(one)), len(_words(other))) and _telling(one) == _telling(other)
