"""What is done for those who look after a library: from what they want to the report of it.

Plain functions that run in the worker's threads, on the library of the server where the request came from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from bot import desk, keys, titles, words
from bot.attached import on_disk, without_folder, zipped
from bot.feedback import REASONS
from bot.progress import Progress
from bot.remembered import Gap, Votes
from bot.render import Reply
from retrieval import (
    EMPTY_LIBRARY,
    Article,
    Audience,
    Card,
    Document,
    Entry,
    Feed,
    InvalidInput,
    Library,
    Respond,
    Source,
    Unread,
    Words,
    added_card,
    date_words,
    joined,
    say,
    say_count,
    source_of,
)

# What a person can correct of an article.
CORRECTED = ("title", "source", "author", "published", "url")
_GAPS = 15
_MORE_SHOWN = 10


def added(library: Library, name: str, content: bytes, known: Mapping[str, Any], *, progress: Progress) -> Reply:
    """Add the articles of a file that somebody attached; ``known`` goes before what is read from it."""
    with on_disk(name, content) as path:
        # A file's name says nothing: many are called message.txt. An article is known by its text or address.
        documents = (
            replace(d, doc_id=None, **known) if isinstance(d, Document) and d.is_file else d
            for d in library.read_each([path])
        )
        results = (
            replace(r, error=r.error and without_folder(r.error, path))
            for r in progress.counting(library.add_each(documents))
        )
        return Reply(added_card(results))


def fetched(library: Library, addresses: Sequence[str], known: Mapping[str, Any], *, progress: Progress) -> Reply:
    """Add the articles of pages and feeds; ``known`` goes before what a page says of itself."""
    about = {name: value for name, value in known.items() if name != "url"}
    documents = (replace(d, **about) if isinstance(d, Document) else d for d in library.read_each(addresses))
    return Reply(added_card(progress.counting(library.add_each(documents))))


def refreshed(library: Library, reference: str | None, *, progress: Progress) -> Reply:
    """Fetch the text of an article again, or of all that have an address; what is known of it stays."""
    articles = [titles.resolve(library, reference)] if reference else library.articles()
    articles = [article for article in articles if article.url]
    if not articles:
        raise words.nothing_to_refresh()
    return Reply(added_card(progress.counting(library.add_each(_again(library, articles)))))


def _again(library: Library, articles: Sequence[Article]) -> Iterator[Document | Unread]:
    """What their addresses hold now, as the articles that they are, with the audience that each has.

    A page may have moved, or name another address as its own: it would be another article, which all may see.
    """
    asked: list[Article] = []

    def addresses() -> Iterator[str]:
        for article in articles:
            asked.append(article)
            yield article.url or ""

    found = ((asked[-1], document) for document in library.read_each(addresses()))
    for article, group in groupby(found, key=itemgetter(0)):
        documents = [document for _, document in group]
        if len(documents) == 1:
            yield _as_known(documents[0], article)
        else:  # the address of a feed by now
            holds = say_count("it holds {n} article", "it holds {n} articles", len(documents))
            yield Unread(article.title, InvalidInput(joined(": ", (article.title, holds))))


def _as_known(document: Document | Unread, article: Article) -> Document | Unread:
    """The document under the article's address, and with what is known of that: somebody may have corrected it."""
    if isinstance(document, Unread):
        return document
    known = {name: getattr(article, name) for name in ("doc_id", "title", "source", "author", "url")}
    if article.published:
        known |= {"published": article.published, "published_from": article.published_from}
    return replace(document, **{name: value for name, value in known.items() if value})


def pasted(library: Library, text: str, known: Mapping[str, Any]) -> Reply:
    """Add an article whose text somebody pasted."""
    return Reply(added_card(library.add(Document(text=text, **known))))


def looked_up(library: Library, reference: str) -> tuple[Article, Audience]:
    """The article that a person meant, and who may see it."""
    article = titles.resolve(library, reference)
    return article, library.audiences().get(article.id, Audience())


def known(article: Article, name: str) -> str:
    """What is known of an article under one of the names in ``CORRECTED``, as a form shows it."""
    return str(getattr(article, name) or "").strip()


def edited(library: Library, article_id: str, wanted: Mapping[str, str]) -> Reply:
    """Correct what is known of an article, as far as ``wanted`` is otherwise; its card."""
    article = titles.resolve(library, article_id)
    changes = {name: value for name, value in wanted.items() if value != known(article, name)}
    if changes:
        library.edit(article_id, **changes)
    return desk.made_again(library, keys.ArticleKey(article_id), 1)


def limited(library: Library, article_id: str, audience: Audience) -> Reply:
    """Let only an audience see an article."""
    article = library.limit(titles.resolve(library, article_id).id, audience)
    if audience.groups:
        told = say("Only those whom you chose find it and see quotes from it, in old messages' buttons, too.")
    else:
        told = say("Everybody may see it.")
    return Reply(Card("notice", say("Who may see “{title}”", title=article.title), (Words(told),)))


def to_remove(library: Library, reference: str) -> Reply:
    """Asks once more before an article is removed."""
    article = titles.resolve(library, reference)
    heading = say("Remove “{title}”?", title=article.title)
    warning = say("Its text, its quotes and everything made from them will be gone. Old answers keep what they show.")
    remove_it = Respond(say("Remove it"), "remove", article.id)
    return Reply(Card("notice", heading, (Words(warning),), actions=(remove_it,)))


def removed(library: Library, article_id: str) -> Reply:
    """Remove an article; raises NotFound where it is gone already."""
    article = library.remove(article_id)
    return Reply(Card("notice", say("Removed “{title}”", title=article.title)))


def exported(library: Library, most: int) -> Reply:
    """All articles as a file, in an archive if it would have more than ``most`` bytes."""
    count = library.article_count()
    if not count:
        return Reply(EMPTY_LIBRARY)
    name, content = "articles.jsonl", "".join(library.export()).encode()
    if len(content) > most:
        name, content = "articles.zip", zipped(name, content)
    if len(content) > most:
        raise words.too_large_to_export(len(content), most)
    heading = say_count("{n} article in {file}", "{n} articles in {file}", count, file=name)
    told = Words(say("/library import adds them, here or in another server."))
    return Reply(Card("notice", heading, (told,)), file=(name, content))


def status(library: Library, votes: Votes, gaps: Sequence[Gap]) -> Reply:
    """What a library holds, and what its readers made of it."""
    articles = library.articles()
    newest = max(articles, key=lambda a: a.added, default=None)
    lines = [
        say_count("{n} article", "{n} articles", len(articles)),
        say_count("{n} passage", "{n} passages", library.passage_count()),
        say_count("{n} feed", "{n} feeds", len(library.feeds.all())),
    ]
    if newest:
        lines.append(say("Last added: {title}, on {day}", title=newest.title, day=date_words(newest.added)))
    lines.append(
        say(
            "Answers found helpful: {helpful}, not helpful: {not_helpful}",
            helpful=votes.helpful,
            not_helpful=votes.not_helpful,
        )
    )
    blocks = [Words(joined("\n", lines))]
    why = [say("{number} × {kind}", number=number, kind=REASONS.get(kept, kept)) for kept, number in votes.reasons]
    if why:
        blocks.append(Words(joined("\n", (say("Why answers did not help:"), *why))))
    if gaps:
        asked = [say("{times} × {question}", times=gap.times, question=gap.question) for gap in gaps[:_GAPS]]
        blocks.append(Words(joined("\n", (say("Asked for, and not answered:"), *asked))))
    return Reply(Card("notice", say("The library of this server"), tuple(blocks)))


def subscriptions(library: Library) -> tuple[Feed, ...]:
    return library.feeds.all()


def subscribed(library: Library, url: str, *, progress: Progress) -> Reply:
    """Subscribe to a feed, and add what it holds now."""
    feed = library.feeds.subscribe(url)
    card = added_card(progress.counting(library.feeds.poll()))
    return Reply(replace(card, heading=say("Subscribed to {title}", title=feed.title or feed.url), tone="notice"))


def unsubscribed(library: Library, url: str) -> Reply:
    """End a subscription."""
    feed = library.feeds.unsubscribe(url)
    return Reply(Card("notice", say("No longer subscribed to {title}", title=feed.title or feed.url)))


def feeds(library: Library) -> Reply:
    """What a library is subscribed to, and how it fares."""
    found = library.feeds.all()
    if not found:
        hint = Words(say("Subscribe to one with /library feed add."))
        return Reply(Card("notice", say("No feeds yet"), (hint,)))
    entries = tuple(Entry(Source(feed.title or feed.url, feed.url, _of_feed(feed))) for feed in found)
    return Reply(Card("notice", say_count("{n} feed", "{n} feeds", len(found)), entries))


def _of_feed(feed: Feed) -> tuple[str, ...]:
    polled = say("asked on {day}", day=date_words(feed.polled)) if feed.polled else say("not asked yet")
    known = (say_count("{n} article", "{n} articles", feed.articles), polled)
    return (*known, say("failing: {error}", error=feed.error)) if feed.error else known


def polled(library: Library, *, progress: Progress) -> tuple[Article, ...]:
    """Add what is new in the feeds that are due; the new articles."""
    results = list(progress.counting(library.feeds.poll()))
    return tuple(added.article for added in results if added.article and added.status == "added")


def still_there(library: Library, article_ids: Sequence[str]) -> tuple[Article, ...]:
    """Those of the articles that are in the library, as its reader sees it."""
    there = {article.id: article for article in library.articles()}
    return tuple(there[article_id] for article_id in article_ids if article_id in there)


def more_card(articles: Sequence[Article]) -> Card:
    """New articles that are not shown one by one."""
    heading = say_count("{n} more new article", "{n} more new articles", len(articles))
    return Card("notice", heading, tuple(Entry(source_of(a)) for a in articles[:_MORE_SHOWN]))
