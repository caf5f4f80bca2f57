"""Cards: what a reader is shown, before it is decided where.

A card is made from a record and carries plain text only: the words of articles stay exactly as they
are stored, and each place that shows a card (a terminal, Discord) marks them up and escapes them
by its own rules.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from retrieval.errors import QuothError
from retrieval.records import Added, Answer, Article, Length, Mark, Quote, Summary, TopicSummary

Tone = Literal["answer", "nothing", "summary", "list", "context", "notice", "error"]

PAGE_LENGTH = 10
_NEAREST_SHOWN = 3
_FACTS_SHOWN = 6
_ALSO_IN_SHOWN = 3
_RESULTS_SHOWN = 10
# Where a date was stated by the publisher or by the person who added the article; any other origin
# (read from the text, guessed from the address) is shown as uncertain.
_STATED_BY = frozenset({"json-ld", "meta", "feed", "user", "given", "header"})
_LENGTHS: tuple[Length, ...] = ("short", "medium", "long")
# Control characters but the line break, and the marks that reorder text on the screen: shown, they
# could move or hide words of a quote, or drive the terminal.
_INVISIBLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LINE_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Source:
    """Where words come from: a number if there are several, a title, its address, and the small print."""

    title: str
    link: str | None
    details: tuple[str, ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of an article, exactly as stored; ``focus`` is the part of ``text`` that matters most."""

    text: str
    source: Source | None
    article: str
    start: int
    end: int
    focus: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Words of Quoth's own."""

    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in a list."""

    source: Source


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Opens an address; ``block`` is the index of the block it belongs to, None for the whole card."""

    label: str
    url: str
    block: int | None = None


@dataclass(frozen=True, slots=True)
class ShowContext:
    """Shows the words around ``text``, which is ``[start, end)`` of an article."""

    label: str
    article: str
    start: int
    end: int
    text: str
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Summarise:
    """Shows a summary of an article in another length."""

    label: str
    article: str
    length: Length
    block: int | None = None


@dataclass(frozen=True, slots=True)
class ChooseArticle:
    """Offers articles to summarise: ``(title, article id)`` pairs."""

    label: str
    choices: tuple[tuple[str, str], ...]
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Verify:
    """Tells whether the words of these passages still stand where they were quoted from."""

    label: str
    passages: tuple[Passage, ...]
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Respond:
    """Does something about an answer, which whoever shows the card knows by ``answer``."""

    label: str
    does: Literal["more", "nearest", "helpful", "not helpful", "tell", "share", "forget", "remove"]
    answer: str
    block: int | None = None


Block = Passage | Words | Entry
Action = OpenLink | ShowContext | Summarise | ChooseArticle | Verify | Respond


@dataclass(frozen=True, slots=True)
class Card:
    """A heading, the blocks in reading order, closing notes, and what the reader can do next."""

    tone: Tone
    heading: str
    blocks: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


_EMPTY = Card("nothing", "No articles yet", (Words("There is nothing to quote from until one is added."),))


def visible(text: str) -> str:
    """The text as it may be shown: without control characters and bidirectional marks.

    These are the only characters that a card's reader does not get to see. Every kind of line break
    becomes a line feed and a tab becomes a space, because control characters end there too.
    """
    return _INVISIBLE.sub("", _LINE_BREAK.sub("\n", text).replace("\t", " "))


def counted(number: int, thing: str) -> str:
    """``1 article``, ``1,240 articles``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def dated(article: Article) -> str:
    """The article's date in words, and whether it is certain."""
    if not article.published:
        return "date unknown"
    words = _date_words(article.published)
    return words if article.published_from in _STATED_BY else f"{words} (date uncertain)"


def answer_card(answer: Answer, *, articles: int) -> Card:
    """The quotes of an answer; or, where it has none, that nothing fits and what came closest.

    ``articles`` is the number of articles that were searched.
    """
    if not answer.answered or not answer.quotes:
        return _nothing_card(answer, articles=articles)
    return quotes_card(answer.question, answer.quotes, articles=articles)


def quotes_card(heading: str, quotes: Sequence[Quote], *, articles: int) -> Card:
    """Quotes under a heading, best first, each with its source, numbered if there are several."""
    several = len(quotes) > 1
    passages = tuple(_passage(quote, index if several else None) for index, quote in enumerate(quotes, 1))
    links: list[Action] = []
    contexts: list[Action] = []
    for index, quote in enumerate(quotes):
        suffix = f" {index + 1}" if several else ""
        address = quote.link or quote.article.url
        if address:
            links.append(OpenLink(f"Open source{suffix}", address, index))
        contexts.append(
            ShowContext(f"Show context{suffix}", quote.article.id, quote.start, quote.end, quote.text, index)
        )
    return Card(
        tone="answer",
        heading=heading,
        blocks=passages,
        notes=(f"Quoted word for word from {counted(articles, 'article')}.",),
        actions=(*links, *contexts),
    )


def context_card(quote: Quote, before: str, after: str) -> Card:
    """A quote with the words that stand before and after it in the article."""
    whole = f"{before}{quote.text}{after}"
    start = quote.start - len(before)
    passage = Passage(
        text=whole,
        source=_source(quote.article, link=quote.link),
        article=quote.article.id,
        start=start,
        end=start + len(whole),
        focus=(len(before), len(before) + len(quote.text)),
    )
    link = quote.link or quote.article.url
    return Card(
        tone="context",
        heading="The quote in its context",
        blocks=(passage,),
        notes=("The quoted words are in bold.",),
        actions=(OpenLink("Open source", link),) if link else (),
    )


def verified_card(quotes: Sequence[Quote | None]) -> Card:
    """Of each quote, in order, where it stands and since when; None where it no longer does."""
    several = len(quotes) > 1
    blocks = tuple(
        _verified(quote, f"Quote {number}" if several else "The quote") for number, quote in enumerate(quotes, 1)
    )
    gone = sum(quote is None for quote in quotes)
    heading = "Word for word" if not gone else "Changed since" if gone == len(quotes) else "Partly changed since"
    return Card("notice", heading, blocks, ("Compared just now, character by character, with the stored article.",))


def _verified(quote: Quote | None, name: str) -> Words:
    if quote is None:
        return Words(f"{name} is no longer in its article: the article was changed or removed after it was quoted.")
    article = quote.article
    added = _date_words(article.added)
    return Words(
        f"{name} is characters {quote.start:,} to {quote.end:,} of “{_title(article)}” "
        f"({', '.join(_details(article))}), as it was added on {added}."
    )


def nearest_card(answer: Answer) -> Card:
    """What came nearest to a question that nothing answers."""
    if not answer.nearest:
        return Card("notice", "Nothing came near", (Words("No passage has anything to do with the question."),))
    card = quotes_card(f"Nearest to: {answer.question}", answer.nearest, articles=0)
    return replace(card, tone="notice", notes=("Word for word, and most likely no answer.",))


def summary_card(summary: Summary, *, length: Length = "short") -> Card:
    """An article's own sentences in its own order, and the names, places, times and numbers in it."""
    article = summary.article
    details = ", ".join((*_details(article), counted(article.characters, "character")))
    return Card(
        tone="summary",
        heading=f"Summary: {_title(article)}",
        blocks=(*_sentences(summary), *_facts(summary)),
        notes=(f"Sentences picked word for word from the article ({details}).",),
        actions=_summary_actions(article, length),
    )


def article_card(summary: Summary, marks: Sequence[Mark]) -> Card:
    """What is known of an article, its key points, and what of its text is never quoted."""
    article = summary.article
    known = [
        *(f"By {name}" for name in [" ".join(article.author.split())] if name),
        f"{counted(article.characters, 'character')}, added on {_date_words(article.added)}",
        _set_aside(marks),
    ]
    links: list[Action] = [OpenLink("Open article", article.url)] if article.url else []
    points = _sentences(summary)
    return Card(
        tone="list" if not points else "summary",
        heading=_title(article),
        blocks=(Words(" · ".join(_details(article)) + "\n" + "\n".join(known)), *points),
        notes=(f"Key points word for word. Known here as {article.id}.",),
        actions=(*links, Summarise("Summarise", article.id, "medium")),
    )


def _set_aside(marks: Sequence[Mark]) -> str:
    """What cleaning found, the most frequent first."""
    kinds = Counter(mark.kind for mark in marks)
    named = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items(), key=lambda k: (-k[1], k[0])))
    return f"Never quoted: {named}" if named else "All of its text may be quoted"


def added_card(results: Sequence[Added]) -> Card:
    """What became of the articles that were to be added, the failures first."""
    counts = Counter(added.status for added in results)
    told = [f"{number:,} {status}" for status, number in sorted(counts.items())]
    failures = [Words(f"Failed: {added.error}") for added in results if added.error]
    entries = [Entry(_source(added.article)) for added in results if added.article]
    more = [f"{len(found) - _RESULTS_SHOWN:,} more" for found in (failures, entries) if len(found) > _RESULTS_SHOWN]
    aside = [mark for added in results for mark in added.set_aside]
    notes = ([f"And {' and '.join(more)}."] if more else []) + ([f"{_set_aside(aside)}."] if aside else [])
    return Card(
        tone="notice" if entries else "error",
        heading=", ".join(told).capitalize() or "There was nothing to add",
        blocks=(*failures[:_RESULTS_SHOWN], *entries[:_RESULTS_SHOWN]),
        notes=tuple(notes),
    )


def guest_card(summary: Summary, *, length: Length = "short") -> Card:
    """The summary of an article that is not in the library: nothing can be asked of it."""
    card = summary_card(summary, length=length)
    links = tuple(action for action in card.actions if isinstance(action, OpenLink))
    return replace(card, notes=(*card.notes, "It was not added to the articles."), actions=links)


def topic_card(summary: TopicSummary, *, articles: int) -> Card:
    """What the articles about a topic say of it, each point with its source; ``articles`` were searched."""
    if not articles:
        return _EMPTY
    if not summary.points:
        return Card("nothing", f"No article is about “{summary.about}” ({counted(articles, 'article')} searched).")
    points = tuple(
        Passage(text=p.text, source=_source(p.article), article=p.article.id, start=p.start, end=p.end)
        for p in summary.points
    )
    told = counted(len({p.article.id for p in summary.points}), "article")
    note = f"Sentences picked word for word from {told} about this, out of {articles:,}."
    return Card("summary", f"Key points: {summary.about}", points, (note,))


def articles_card(articles: Sequence[Article], *, page: int = 1, search: str = "") -> Card:
    """One page of the list of articles; ``page`` counts from 1 and is brought into range."""
    found = len(articles)
    page = max(1, min(page, list_pages(found)))
    first = (page - 1) * PAGE_LENGTH
    shown = articles[first : first + PAGE_LENGTH]
    matching = f" matching “{search}”" if search else ""
    if not shown:
        hint = "Try other words, or leave the search empty." if search else "There is nothing to quote from."
        return Card("list", f"No articles{matching}", (Words(hint),))
    entries = tuple(
        Entry(_source(article, number=number, length=True)) for number, article in enumerate(shown, first + 1)
    )
    choices = tuple((_title(article), article.id) for article in shown)
    heading = (
        counted(found, "article") if found == len(shown) else f"Articles {first + 1}–{first + len(shown)} of {found:,}"
    )
    return Card(
        tone="list",
        heading=f"{heading}{matching}",
        blocks=entries,
        actions=(ChooseArticle("Choose an article to summarise", choices),),
    )


def list_pages(found: int) -> int:
    """How many pages a list of that many articles takes; at least one."""
    return max(1, -(-found // PAGE_LENGTH))


def error_card(error: QuothError) -> Card:
    """What happened and what the reader can do, from an error that was raised on purpose."""
    words = [Words(error.hint if error.hint.endswith((".", "?", "!")) else f"{error.hint}.")] if error.hint else []
    return Card("error", error.happened, tuple(words))


def unexpected_card(reference: str) -> Card:
    """An error that nobody foresaw: its reference leads to the full entry in the log."""
    return Card(
        tone="error",
        heading="Something went wrong",
        blocks=(Words("Nothing was lost. Try again; if it happens again, tell whoever runs this bot."),),
        notes=(f"Reference {reference}",),
    )


def _nothing_card(answer: Answer, *, articles: int) -> Card:
    if not articles:
        return _EMPTY
    why = answer.reason or "no passage answers"
    blocks: list[Block] = [Words(f"{why[:1].upper()}{why[1:]}: “{answer.question}”")]
    nearest: dict[str, Article] = {}
    for quote in answer.nearest:
        nearest.setdefault(quote.article.id, quote.article)
    if nearest:
        blocks.append(Words("Closest articles, which may not help:"))
        blocks += [Entry(_source(article)) for article in list(nearest.values())[:_NEAREST_SHOWN]]
    note = f"Searched {counted(articles, 'article')}. Try other words."
    return Card("nothing", "Nothing found", tuple(blocks), (note,))


def _passage(quote: Quote, number: int | None) -> Passage:
    start, end = (offset - quote.start for offset in quote.focus)
    inside = 0 <= start < end <= len(quote.text) and end - start < len(quote.text)
    return Passage(
        text=quote.text,
        source=_with_others(_source(quote.article, number=number, link=quote.link), quote.also_in),
        article=quote.article.id,
        start=quote.start,
        end=quote.end,
        focus=(start, end) if inside else None,
    )


def _with_others(source: Source, others: Sequence[Article]) -> Source:
    """The source, and who has the same words: an agency's story stands in several outlets."""
    names = list(dict.fromkeys(_named(article) for article in others))
    if not names:
        return source
    more = [f"{len(names) - _ALSO_IN_SHOWN} more"] if len(names) > _ALSO_IN_SHOWN else []
    shown = [*names[:_ALSO_IN_SHOWN], *more]
    joined = " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
    return replace(source, details=(*source.details, f"also in {joined}"))


def _named(article: Article) -> str:
    return " ".join(article.source.split()) or _title(article)


def _source(article: Article, *, number: int | None = None, link: str | None = None, length: bool = False) -> Source:
    details = _details(article)
    if length:
        details = (*details, counted(article.characters, "character"))
    return Source(_title(article), link or article.url, details, number)


def _details(article: Article) -> tuple[str, ...]:
    return (article.source or "source not named", dated(article))


def _title(article: Article) -> str:
    return " ".join(article.title.split()) or "Untitled article"


def _sentences(summary: Summary) -> tuple[Passage, ...]:
    return tuple(
        Passage(text=s.text, source=None, article=summary.article.id, start=s.start, end=s.end)
        for s in summary.sentences
    )


def _facts(summary: Summary) -> tuple[Words, ...]:
    named = (
        ("Who", summary.facts.who),
        ("Where", summary.facts.where),
        ("When", summary.facts.when),
        ("Numbers", summary.facts.numbers),
    )
    lines = [f"{name}: {', '.join(values[:_FACTS_SHOWN])}" for name, values in named if values]
    return (Words("\n".join(lines)),) if lines else ()


def _summary_actions(article: Article, length: Length) -> tuple[Action, ...]:
    place = _LENGTHS.index(length)
    actions: list[Action] = [OpenLink("Open article", article.url)] if article.url else []
    if place > 0:
        actions.append(Summarise("Shorter", article.id, _LENGTHS[place - 1]))
    if place + 1 < len(_LENGTHS):
        actions.append(Summarise("Longer", article.id, _LENGTHS[place + 1]))
    return tuple(actions)


def _date_words(published: str) -> str:
    """``2018-07-18…`` as ``18 July 2018``; what is no full date stays as it is."""
    try:
        day = date.fromisoformat(published[:10])
    except ValueError:
        return published
    # The names come from here and not from the locale, which differs between machines.
    months = "January February March April May June July August September October November December"
    return f"{day.day} {months.split()[day.month - 1]} {day.year}"
