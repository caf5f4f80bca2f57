"""From a library to a reply: every kind of card, each quote checked again just before it is shown.

Plain functions that run in the worker's threads. Articles are looked up in the given library only,
which is that of the server where the request came from.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot import keys, titles, words
from bot.attached import on_disk, without_folder
from bot.render import Reply
from retrieval import (
    Answer,
    Article,
    Card,
    InvalidInput,
    KeyPoint,
    Length,
    Library,
    NotFound,
    Passage,
    Quote,
    Respond,
    Summary,
    SummarySentence,
    Verify,
    Version,
    answer_card,
    article_card,
    articles_card,
    context_card,
    guest_card,
    joined,
    list_pages,
    nearest_card,
    quotes_card,
    say,
    summary_card,
    topic_card,
    verified_card,
)

_SENTENCES_AROUND = 2
_MORE = 10  # quotes, behind the button
_GAPS = 15


def asked(
    library: Library, question: str, *, article: str | None = None, history: Sequence[str] = (), answer_id: str = ""
) -> Reply:
    """The answer to a question; within one article, if one is named.

    ``history`` are the questions before it in its conversation; under ``answer_id`` it is remembered.
    Raises QuoteMismatch where a quote is not what is stored, NotFound where there is no such article.
    """
    within = titles.resolve(library, article).id if article else None
    answer = _checked(library, library.ask(question, article=within, history=history))
    card = _referred(answer_card(answer, articles=library.article_count()), answer_id)
    if answer.quotes:
        key = keys.QuotesKey(tuple(map(_span, answer.quotes)))
        return Reply(_with_votes(card, answer_id), key, answer=answer_id, stages=_stages(answer))
    nearest = (Respond(say("Show the nearest passages"), "nearest", answer_id),) if answer.nearest else ()
    tell = (Respond(say("Tell the admins"), "tell", answer_id),) if card.tone == "nothing" and answer.nearest else ()
    return Reply(replace(card, actions=(*card.actions, *nearest, *tell)), answer=answer_id, stages=_stages(answer))


def turned(library: Library, key: keys.QuotesKey, page: int, *, question: str, answer_id: str) -> Reply:
    """Another page of the answer to a question, which is empty where it is forgotten."""
    reply = _quoted(library, key, page)
    card = _referred(replace(reply.card, heading=question or reply.card.heading), answer_id)
    return replace(reply, card=_with_votes(card, answer_id))


def shareable(reply: Reply, answer_id: str) -> Reply:
    """An answer that one person sees, and can show to the others."""
    share = Respond(say("Share in channel"), "share", answer_id)
    return replace(reply, card=replace(reply.card, actions=(*reply.card.actions, share)))


def _referred(card: Card, answer_id: str) -> Card:
    """The card with the reference, in its last small print, under which the log has the question."""
    if not answer_id:
        return card
    last = (*card.notes[-1:], say("Reference {code}", code=answer_id))
    return replace(card, notes=(*card.notes[:-1], joined(" ", last)))


def _with_votes(card: Card, answer_id: str) -> Card:
    """The card of an answer with what can be done about the whole of it."""
    about = (
        Verify(say("Verify"), tuple(block for block in card.blocks if isinstance(block, Passage))),
        Respond(say("More quotes"), "more", answer_id),
        Respond(say("Helpful"), "helpful", answer_id),
        Respond(say("Not helpful"), "not helpful", answer_id),
    )
    return replace(card, actions=(*card.actions, *about))


def _stages(answer: Answer) -> tuple[tuple[str, float], ...]:
    return ("embed", answer.ms.embed), ("search", answer.ms.search), ("quote", answer.ms.quote)


def newest_added(library: Library) -> str:
    """When the last article was added; empty where there is none."""
    return max((article.added for article in library.articles()), default="")


def answered_since(library: Library, question: str, since: str) -> Card | None:
    """The answer to a question, if articles that were added since then give it."""
    answer = _checked(library, library.ask(question))
    if not any(quote.article.added > since for quote in answer.quotes):
        return None
    return answer_card(answer, articles=library.article_count())


def summarised_page(library: Library, url: str, length: Length) -> Reply:
    """The summary of the article at an address; one that is not in the library is fetched, and not added."""
    try:
        return _summarised(library, keys.SummaryKey(library.article(url).id, length), 1)
    except NotFound:
        return Reply(guest_card(library.summarise_source(url, length=length), length=length))


def more(library: Library, question: str, history: Sequence[str], key: keys.Key, page: int) -> Reply:
    """More quotes for a question that was asked before."""
    answer = _checked(library, library.ask(question, quotes=_MORE, history=history))
    return Reply(answer_card(answer, articles=library.article_count()), key, page)


def nearest(library: Library, question: str, history: Sequence[str], key: keys.Key, page: int) -> Reply:
    """What came nearest to a question that was asked before; an article that was added since may answer it."""
    answer = _checked(library, library.ask(question, history=history))
    card = answer_card(answer, articles=library.article_count()) if answer.quotes else nearest_card(answer)
    return Reply(card, key, page)


def summarised_guest(library: Library, name: str, content: bytes, length: Length) -> Reply:
    """The summary of a file that somebody attached, or of a message; it is not added.

    Raises InvalidInput where it is no one article.
    """
    with on_disk(name, content) as path:
        try:
            return Reply(guest_card(library.summarise_source(path, length=length), length=length))
        except InvalidInput as error:
            raise InvalidInput(without_folder(error.happened, path), hint=error.hint) from error


def made_again(library: Library, key: keys.CardKey, page: int) -> Reply:
    """The reply that a button stands for; raises NotFound where its article is gone."""
    return _MAKERS[type(key)](library, key, page)


def _checked(library: Library, answer: Answer) -> Answer:
    for quote in (*answer.quotes, *answer.nearest):
        library.check(quote)
    return answer


def _standing(library: Library, span: keys.Span) -> tuple[Quote | None, str | None]:
    """The quote of a span, if it still stands in its article, be it elsewhere; and when that was last updated."""
    versions = library.versions(span.article)
    updated = versions[0].until if versions else None
    try:
        return _quote(library, span), updated
    except NotFound:
        return _moved(library, span, versions), updated


def _moved(library: Library, span: keys.Span, versions: Sequence[Version]) -> Quote | None:
    """The words that a span stood for in an earlier version, where they stand now."""
    for version in versions:
        quoted = version.text[span.start : span.end]
        if keys.digest(quoted) == span.digest:
            start = library.text(span.article).find(quoted)
            moved = keys.Span(span.article, start, start + len(quoted), span.digest)
            return _quote(library, moved) if start >= 0 else None
    return None


def _quoted(library: Library, key: keys.QuotesKey, page: int) -> Reply:
    quotes = [_quote(library, span) for span in key.spans]
    return Reply(quotes_card(say("The answer"), quotes, articles=library.article_count()), key, page)


def _surrounded(library: Library, key: keys.ContextKey, page: int) -> Reply:
    span = key.span
    quote = _quote(library, span)
    before, _, after = library.passage_around(span.article, span.start, span.end, sentences=_SENTENCES_AROUND)
    return Reply(context_card(quote, before, after), key, page)


def _verified(library: Library, key: keys.VerifyKey, page: int) -> Reply:
    quotes, updated = zip(*(_standing(library, span) for span in key.spans), strict=True)
    return Reply(verified_card(quotes, updated), key, page)


def _summarised(library: Library, key: keys.SummaryKey, page: int) -> Reply:
    """A summary; ``key.article`` may be anything that a person typed for an article."""
    if not key.article:
        raise words.nothing_to_summarise()
    article = titles.resolve(library, key.article)
    summary = library.summarise(article.id, length=key.length)
    _check_sentences(library, summary)
    return Reply(summary_card(summary, length=key.length), keys.SummaryKey(article.id, key.length), page)


def _described(library: Library, key: keys.ArticleKey, page: int) -> Reply:
    """What is known of an article; ``key.article`` may be anything that a person typed for it."""
    article = titles.resolve(library, key.article)
    summary = library.summarise(article.id)
    _check_sentences(library, summary)
    return Reply(article_card(summary, library.marks(article.id)), keys.ArticleKey(article.id), page)


def _told(library: Library, key: keys.TopicKey, page: int) -> Reply:
    """Key points of the articles about a topic; raises InvalidQuestion where it holds no words."""
    summary = library.summarise_topic(key.about, length=key.length)
    for point in summary.points:
        _check(library, point.article, point)
    return Reply(topic_card(summary, articles=library.article_count()), key, page)


def _listed(library: Library, key: keys.ListKey, page: int) -> Reply:
    """One page of the articles whose titles match."""
    search = " ".join(key.search.split())[: keys.SEARCH_LIMIT]
    found = titles.matching(titles.read(library), search)
    last = list_pages(len(found))
    page = max(1, min(page, last))
    return Reply(articles_card(found, page=page, search=search), keys.ListKey(search), page, last)


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
        _check(library, summary.article, sentence)


def _check(library: Library, article: Article, piece: SummarySentence | KeyPoint) -> None:
    span = (piece.start, piece.end)
    library.check(Quote(article, *span, piece.text, span, 0.0, None))


_MAKERS: dict[type[keys.CardKey], Callable[[Library, Any, int], Reply]] = {
    keys.QuotesKey: _quoted,
    keys.ContextKey: _surrounded,
    keys.VerifyKey: _verified,
    keys.SummaryKey: _summarised,
    keys.ArticleKey: _described,
    keys.TopicKey: _told,
    keys.ListKey: _listed,
}
