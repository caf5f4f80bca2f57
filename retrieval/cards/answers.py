"""Answers: quotes, what surrounds them, whether they still stand, and what came nearest."""

from collections.abc import Sequence
from dataclasses import replace

from retrieval.cards.card import Action, Block, Card, Entry, OpenLink, Passage, ShowContext, Words
from retrieval.cards.wording import EMPTY, counted, date_words, details_of, source_of, title_of, with_others
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
        source=source_of(quote.article, link=quote.link),
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
    added = date_words(article.added)
    return Words(
        f"{name} is characters {quote.start:,} to {quote.end:,} of “{title_of(article)}” "
        f"({', '.join(details_of(article))}), as it was added on {added}."
    )


def nearest_card(answer: Answer) -> Card:
    """What came nearest to a question that nothing answers."""
    if not answer.nearest:
        return Card("notice", "Nothing came near", (Words("No passage has anything to do with the question."),))
    card = quotes_card(f"Nearest to: {answer.question}", answer.nearest, articles=0)
    return replace(card, tone="notice", notes=("Word for word, and most likely no answer.",))


def _nothing_card(answer: Answer, *, articles: int) -> Card:
    if not articles:
        return EMPTY
    why = answer.reason or "no passage answers"
    blocks: list[Block] = [Words(f"{why[:1].upper()}{why[1:]}: “{answer.question}”")]
    nearest: dict[str, Article] = {}
    for quote in answer.nearest:
        nearest.setdefault(quote.article.id, quote.article)
    if nearest:
        blocks.append(Words("Closest articles, which may not help:"))
        blocks += [Entry(source_of(article)) for article in list(nearest.values())[:_NEAREST_SHOWN]]
    note = f"Searched {counted(articles, 'article')}. Try other words."
    return Card("nothing", "Nothing found", tuple(blocks), (note,))


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
