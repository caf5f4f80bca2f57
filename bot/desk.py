"""From a library to a reply: every kind of card, each quote checked again just before it is shown.

Plain functions that run in the worker's threads. Articles are looked up in the given library only,
which is that of the server where the request came from.
"""

from bot import keys, titles, words
from bot.render import Reply
from retrieval import (
    Library,
    Quote,
    Summary,
    answer_card,
    articles_card,
    context_card,
    list_pages,
    quotes_card,
    summary_card,
)

_SENTENCES_AROUND = 2


def asked(library: Library, question: str, article: str | None) -> Reply:
    """The answer to a question; within one article, if one is named.

    Raises QuoteMismatch where a quote is not what is stored, NotFound where there is no such article.
    """
    within = titles.resolve(library, article).id if article else None
    answer = library.ask(question, article=within)
    for quote in answer.quotes:
        library.check(quote)
    card = answer_card(answer, articles=len(library.articles()))
    key = keys.QuotesKey(tuple(_span(quote) for quote in answer.quotes)) if answer.quotes else None
    return Reply(card, key)


def made_again(library: Library, key: keys.Key, page: int) -> Reply:
    """The reply that a button stands for; raises NotFound where its article is gone."""
    match key:
        case keys.QuotesKey(spans):
            quotes = [_quote(library, span) for span in spans]
            card = quotes_card("The answer", quotes, articles=len(library.articles()))
            return Reply(card, key, page)
        case keys.ContextKey(span):
            return _surrounded(library, span, page)
        case keys.SummaryKey():
            return summarised(library, key, page)
        case keys.ListKey(search):
            return listed(library, search, page)


def summarised(library: Library, key: keys.SummaryKey, page: int = 1) -> Reply:
    """A summary; ``key.article`` may be anything that a person typed for an article."""
    article = titles.resolve(library, key.article)
    summary = library.summarise(article.id, length=key.length)
    _check_sentences(library, summary)
    return Reply(summary_card(summary, length=key.length), keys.SummaryKey(article.id, key.length), page)


def listed(library: Library, search: str, page: int = 1) -> Reply:
    """One page of the articles whose titles match."""
    search = " ".join(search.split())[: keys.SEARCH_LIMIT]
    found = titles.matching(titles.read(library), search)
    last = list_pages(len(found))
    page = max(1, min(page, last))
    return Reply(articles_card(found, page=page, search=search), keys.ListKey(search), page, last)


def _surrounded(library: Library, span: keys.Span, page: int) -> Reply:
    quote = _quote(library, span)
    before, _, after = library.passage_around(span.article, span.start, span.end, sentences=_SENTENCES_AROUND)
    return Reply(context_card(quote, before, after), keys.ContextKey(span), page)


def _quote(library: Library, span: keys.Span) -> Quote:
    """The stored words of a span, as a quote; raises NotFound where they are no longer those that were shown."""
    article = library.article(span.article)
    text = library.text(article.id)[span.start : span.end]
    if keys.digest(text) != span.digest:
        raise words.changed_since()
    quote = Quote(
        article=article,
        start=span.start,
        end=span.end,
        text=text,
        focus=(span.start, span.end),
        score=0.0,
        link=article.url,
    )
    library.check(quote)
    return quote


def _span(quote: Quote) -> keys.Span:
    return keys.Span(quote.article.id, quote.start, quote.end, keys.digest(quote.text))


def _check_sentences(library: Library, summary: Summary) -> None:
    for sentence in summary.sentences:
        span = (sentence.start, sentence.end)
        library.check(Quote(summary.article, *span, sentence.text, span, 0.0, None))
