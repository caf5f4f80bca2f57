"""Answers: quotes, what surrounds them, whether they still stand, and what came nearest."""

from collections.abc import Sequence
from dataclasses import replace

from retrieval.cards.card import Action, Block, Card, Entry, OpenLink, Passage, ShowContext, Words
from retrieval.cards.wording import EMPTY_LIBRARY, date_words, details_of, source_of, title_of, with_others
from retrieval.messages import begun, joined, say, say_count
from retrieval.records import Answer, Article, Quote

_NEAREST_SHOWN = 3


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
        number = str(index + 1)
        address = quote.link or quote.article.url
        if address:
            label = say("Open source {number}", number=number) if several else say("Open source")
            links.append(OpenLink(label, address, index))
        label = say("Show context {number}", number=number) if several else say("Show context")
        contexts.append(ShowContext(label, quote.article.id, quote.start, quote.end, quote.text, index))
    return Card(
        tone="answer",
        heading=heading,
        blocks=passages,
        notes=(
            say_count("Quoted word for word from {n} article.", "Quoted word for word from {n} articles.", articles),
        ),
        actions=(*links, *contexts),
    )


def context_card(quote: Quote, before: str, after: str) -> Card:
    """A quote with the words that stand before and after it in the article."""
    whole = f"{before}{quote.text}{after}"
    start = quote.start - len(before)
    passage = Passage(
        text=whole,
        source=source_of(quote.article, link=quote.link),
        article=quote.article.id,
        start=start,
        end=start + len(whole),
        focus=(len(before), len(before) + len(quote.text)),
    )
    link = quote.link or quote.article.url
    return Card(
        tone="context",
        heading=say("The quote in its context"),
        blocks=(passage,),
        notes=(say("The quoted words are in bold."),),
        actions=(OpenLink(say("Open source"), link),) if link else (),
    )


def verified_card(quotes: Sequence[Quote | None], updated: Sequence[str | None]) -> Card:
    """Of each quote, in order, where it stands and since when; None where it no longer does.

    ``updated`` is when the article of each was last updated, if it ever was.
    """
    several = len(quotes) > 1
    blocks = tuple(
        _verified(quote, at, say("Quote {number}", number=str(number)) if several else say("The quote"))
        for number, (quote, at) in enumerate(zip(quotes, updated, strict=True), 1)
    )
    gone = sum(quote is None for quote in quotes)
    if gone == len(quotes):
        heading = say("Changed since")
    else:
        heading = say("Partly changed since") if gone else say("Word for word")
    note = say("Compared just now, character by character, with the stored article.")
    return Card("notice", heading, blocks, (note,))


def _verified(quote: Quote | None, updated: str | None, name: str) -> Words:
    if quote is None and updated:
        return Words(
            say("{quote} is no longer in its article, which was updated on {day}.", quote=name, day=date_words(updated))
        )
    if quote is None:
        return Words(
            say(
                "{quote} is no longer in its article: the article was changed or removed after it was quoted.",
                quote=name,
            )
        )
    article = quote.article
    stands = say(
        "{quote} is characters {start} to {end} of “{title}” ({details}), as it was added on {day}.",
        quote=name,
        start=quote.start,
        end=quote.end,
        title=title_of(article),
        details=joined(", ", details_of(article)),
        day=date_words(article.added),
    )
    if not updated:
        return Words(stands)
    kept = say("The article was updated on {day}; these words of it stayed.", day=date_words(updated))
    return Words(joined(" ", (stands, kept)))


def nearest_card(answer: Answer) -> Card:
    """What came nearest to a question that nothing answers."""
    if not answer.nearest:
        why = Words(say("No passage has anything to do with the question."))
        return Card("notice", say("Nothing came near"), (why,))
    card = quotes_card(say("Nearest to: {question}", question=answer.question), answer.nearest, articles=0)
    return replace(card, tone="notice", notes=(say("Word for word, and most likely no answer."),))


def _nothing_card(answer: Answer, *, articles: int) -> Card:
    if not articles:
        return EMPTY_LIBRARY
    why = begun(answer.reason) if answer.reason else say("No passage answers")
    blocks: list[Block] = [Words(say("{why}: “{question}”", why=why, question=answer.question))]
    nearest: dict[str, Article] = {}
    for quote in answer.nearest:
        nearest.setdefault(quote.article.id, quote.article)
    if nearest:
        blocks.append(Words(say("Closest articles, which may not help:")))
        blocks += [Entry(source_of(article)) for article in list(nearest.values())[:_NEAREST_SHOWN]]
    searched = say_count("Searched {n} article. Try other words.", "Searched {n} articles. Try other words.", articles)
    return Card("nothing", say("Nothing found"), tuple(blocks), (searched,))


def _passage(quote: Quote, number: int | None) -> Passage:
    start, end = (offset - quote.start for offset in quote.focus)
    inside = 0 <= start < end <= len(quote.text) and end - start < len(quote.text)
    return Passage(
        text=quote.text,
        source=with_others(source_of(quote.article, number=number, link=quote.link), quote.also_in),
        article=quote.article.id,
        start=quote.start,
        end=quote.end,
        focus=(start, end) if inside else None,
    )
