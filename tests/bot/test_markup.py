"""Ten thousand hostile texts, read as Discord's readers would: every word is there, and none of them does anything."""

import itertools
import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args
from urllib.parse import unquote

import pytest

from bot import desk, keys
from bot.render import Look, Reply, message
from bot.settings import Style
from retrieval import Answer, Article, Document, Library, Milliseconds, Quote, answer_card, nearest_card
from tests.bot.conftest import World
from tests.bot.reading import Run, read, texts_of

_TEXTS = 10_000
_QUOTES = 3
_TITLE = 80  # characters of a title that a card shows
_LIVE = ["** **", "__", "~~", "||", "`", "```py\n", "```", "*", "_", "\\", "\\*", "[x](https://evil.example)", "]("]
_LIVE += [
    "https://evil.example/a_b",
    "HTTP://EVIL.example",
    "<https://evil.example>",
    "steam://run/1",
    "discord.gg/abc",
]
_LIVE += ["discordapp.com/invite/abc", "discord.gift/abc", "<a@evil.example>", "<+1 555 0100>", "[", "]", "(", ")", "<"]
_LIVE += ["<@1>", "<@!2>", "<@&3>", "<#4>", "<id:customize>", "@everyone", "@here", "</ask:1>", "<t:1>", "<t:1:R>"]
_LIVE += ["<:quoth:1>", "<a:quoth:1>", ":smile:", ":+1:", "10:30:45", "¯\\_(ツ)_/¯"]
_STARTS = ["# ", "## ", "### #", "-# ", "> ", ">>> ", ">", "- ", "* ", "+ ", "1. ", "2) ", "  - ", "#\t"]
_UNSEEN = ["\u200e", "\u200f", "\u202e", "\u2066", "\u2069", "\ufeff", "\u061c", "\x00", "\x1b[31m", "\x07"]
_BREAKS = ["\n", "\n\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\t"]
_WORDS = ["summit", "Helsinki", "C#", "don’t", "5 > 4", "naïve", "सभा", "首脳会談", "🎉", "e\u0301", "\u200b", "\u200d"]
_WORDS += ["x" * 150, "ab" * 400]
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a message shows, by what it is."""

    headings: tuple[str, ...]
    quotes: tuple[str, ...]
    bold: str
    below: str
    links: tuple[tuple[str, str | None], ...]


def _hostile(chance: random.Random, most: int = 8) -> str:
    """Some pieces of markup and words in a random order."""
    kinds = (_LIVE, _LIVE, _STARTS, _UNSEEN, _BREAKS, _WORDS, _WORDS)
    pieces = (
        chance.choice(chance.choice(kinds)) + chance.choice(["", "", " "]) for _ in range(chance.randint(1, most))
    )
    return "".join(pieces)


def _displayed(text: str) -> str:
    """The text as it must be seen: the documented removal, said once more in other words."""
    lines = text.replace("\r\n", "\n")
    for line_break in "\r\x0b\x0c\x85\u2028\u2029":
        lines = lines.replace(line_break, "\n")
    bidirectional = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    kept = (c for c in lines.replace("\t", " ") if c == "\n" or unicodedata.category(c) != "Cc")
    return "".join(c for c in kept if c not in bidirectional)


def _line(text: str) -> str:
    return _SPACE.sub(" ", _displayed(text)).strip()


def _sources(reply: Reply, style: Style) -> list[str]:
    """The texts of all pages of a reply."""
    texts: list[str] = []
    page, last = 1, 1
    while page <= last:
        made = message(replace(reply, page=page), Look(style))
        shown = [made.content] if made.content else texts_of(made.view.to_components())
        texts += shown
        pages = re.search(r"^-# Page \d+ of (\d+)\.$", "\n".join(shown), re.MULTILINE)
        page, last = page + 1, int(pages[1]) if pages else last
    return texts


def _seen(sources: Sequence[str]) -> Seen:
    runs = [run for source in sources for run in (*read(source), Run("\n"))]
    return Seen(
        headings=tuple(_same(run.text) for run in runs if "heading" in run.marks),
        quotes=tuple(_quoted(runs)),
        bold=_SPACE.sub("", "".join(run.text for run in runs if "bold" in run.marks)),
        below="".join(run.text for run in runs if not run.marks & {"heading", "quote"}),
        links=tuple((run.text, run.target) for run in runs if "link" in run.marks),
    )


def _quoted(runs: Sequence[Run]) -> Iterator[str]:
    quote = ""
    for run in runs:
        if "quote" in run.marks:
            quote += run.text
        elif quote:
            yield _same(quote)
            quote = ""


def _same(text: str) -> str:
    """Without what nobody sees: space at either end, and the character that holds a line which is empty."""
    return "\n".join("" if line == "\u200b" else line for line in text.split("\n")).strip().rstrip("\u200b").strip()


def _marks(sources: Sequence[str]) -> set[frozenset[str]]:
    return {run.marks for source in sources for run in read(source)}


# All that a card is made of; anything else began in somebody else's text.
_OWN = {frozenset(marks) for marks in ((), ("heading",), ("quote",), ("quote", "bold"), ("small",), ("link",))}


def _article(chance: random.Random, text: str) -> Article:
    url = chance.choice([None, "https://news.example/a_(b)?c=[d]*"])
    title, source = _hostile(chance, 4)[:60], _hostile(chance, 3)[:40]
    return Article("0" * 12, None, title, source, "", "2018-07-18", "user", url, "2024-05-01", len(text))


def _quote(chance: random.Random, text: str) -> Quote:
    borders = [at for at in range(len(text) + 1) if text[at - 1 : at + 1] != "\r\n"]
    start, end = sorted((chance.choice(borders), chance.choice(borders)))
    return Quote(_article(chance, text), 0, len(text), text, (start, end), 1.0, None)


def _answers() -> Iterator[Answer]:
    chance = random.Random(20180718)
    made = 0
    while made < _TEXTS:
        texts = [text for text in (_hostile(chance).strip() for _ in range(_QUOTES)) if _displayed(text).strip()]
        made += len(texts)
        if texts:
            quotes = tuple(_quote(chance, text) for text in texts)
            question = _hostile(chance, 5)[:140]
            yield Answer(question, True, 1.0, quotes, (), None, Milliseconds(0, 0, 0, 0))


@pytest.mark.parametrize("style", get_args(Style))
def test_ten_thousand_hostile_texts_are_shown_to_the_letter_and_do_nothing(style: Style) -> None:
    """Quote, question, title and publisher: all is seen, and only a stored address can be opened."""
    for answer in _answers():
        sources = _sources(Reply(answer_card(answer, articles=1)), style)
        assert _marks(sources) <= _OWN, (_marks(sources) - _OWN, sources)
        seen, wanted = _seen(sources), [_same(_displayed(quote.text)) for quote in answer.quotes]
        if len(seen.quotes) == len(wanted):
            assert list(seen.quotes) == wanted, sources
        else:  # a very long one goes on overleaf
            assert _SPACE.sub("", "".join(seen.quotes)) == _SPACE.sub("", "".join(wanted)), sources
        assert set(seen.headings) == {_same(_line(answer.question))}, sources
        assert seen.bold == _SPACE.sub("", "".join(_displayed(_focus(quote)) for quote in answer.quotes)), sources
        for quote in answer.quotes:
            _check_source(quote.article, seen)
        assert {unquote(target or "") for _, target in seen.links} <= {q.article.url for q in answer.quotes}


def _focus(quote: Quote) -> str:
    start, end = quote.focus
    return quote.text[start:end] if end - start < len(quote.text) else ""


def _named(name: str) -> str:
    """As it must be seen; nothing where nobody sees anything."""
    return _line(name) if _line(name).strip("\u200b\u200d ") else ""


def _check_source(article: Article, seen: Seen) -> None:
    """Title, publisher and date stand below the quote; the title, or the word beside it, is the link."""
    title = _named(article.title) or "Untitled article"
    assert title in seen.below, (article, seen)
    name = _named(article.source)
    origin = f"{name} (news.example)" if name and article.url else name or (article.url and "news.example")
    assert f"{origin or 'source not named'} · 18 July 2018" in seen.below, (article, seen)
    if article.url:
        assert {title, "source"} & {text for text, _ in seen.links}, (article, seen)


@pytest.mark.parametrize("style", get_args(Style))
def test_the_words_about_an_answer_do_nothing_either(style: Style) -> None:
    """Questions that nothing answers, and what came nearest to them."""
    for answer in itertools.islice(_answers(), 500):
        nothing = replace(answer, answered=False, nearest=answer.quotes, quotes=())
        for card in (answer_card(nothing, articles=1), nearest_card(nothing)):
            sources = _sources(Reply(card), style)
            assert _marks(sources) <= _OWN, sources
        sources = _sources(Reply(answer_card(nothing, articles=1)), style)
        assert _same(_displayed(answer.question)) in _seen(sources).below, sources


def _stocked(world: World, count: int) -> tuple[Library, list[str]]:
    """A library of hostile articles, and a word of each."""
    chance = random.Random(7)
    library, asked = world.open("guild-1"), []
    for number in range(count):
        lines = [f"{_hostile(chance, 4)} word{number} {_hostile(chance, 3)} of it." for _ in range(4)]
        known: dict[str, Any] = {"title": f"{_hostile(chance, 3)} {number}"[-60:], "source": _hostile(chance, 2)[:40]}
        asked += [f"word{number}"] * bool(library.add(Document(text="\n".join(lines), **known))[0].article)
    return library, asked


def _replies(library: Library, asked: Sequence[str]) -> Iterator[Reply]:
    """Every kind of card that the bot makes of these articles."""
    for word in asked:
        reply = desk.asked(library, f"what of {word}?", answer_id="0" * 12)
        yield reply
        if isinstance(reply.key, keys.QuotesKey):
            first = reply.key.spans[0]
            again = (keys.ContextKey(first), keys.VerifyKey(reply.key.spans), keys.SummaryKey(first.article, "long"))
            for key in (*again, reply.key, keys.ArticleKey(first.article), keys.TopicKey(word, "short")):
                yield desk.made_again(library, key, 1)
    yield desk.made_again(library, keys.ListKey(), 1)


@pytest.mark.parametrize("style", get_args(Style))
def test_what_the_bot_makes_of_hostile_articles_stands_in_them_and_does_nothing(world: World, style: Style) -> None:
    """From the library through every kind of card; each quoted word is a slice of a stored text."""
    library, asked = _stocked(world, 60)
    stored = _SPACE.sub("", "\n".join(_displayed(library.text(a.id)) for a in library.articles()).replace("\u200b", ""))
    quoted = 0
    with library:
        for reply in _replies(library, asked):
            sources = _sources(reply, style)
            assert _marks(sources) <= _OWN, sources
            for quote in _seen(sources).quotes:
                assert _SPACE.sub("", quote).replace("\u200b", "") in stored, sources
                quoted += 1
    assert quoted > 4 * len(asked)
