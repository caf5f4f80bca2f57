"""Articles: summaries, topics, lists, and what became of those that were added."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from retrieval.cards.card import Action, Card, ChooseArticle, Entry, OpenLink, Passage, Summarise, Words
from retrieval.cards.wording import EMPTY_LIBRARY, date_words, details_of, source_of, title_of
from retrieval.messages import Message, joined, say, say_count
from retrieval.records import Added, Article, Length, Mark, Status, Summary, TopicSummary

PAGE_LENGTH = 10
_FACTS_SHOWN = 6
_RESULTS_SHOWN = 10
_LENGTHS: tuple[Length, ...] = ("short", "medium", "long")
# What cleaning and the loaders call what they set aside.
_KINDS = {
    "furniture": say("furniture"),
    "trailer": say("trailer"),
    "headline": say("headline"),
    "byline": say("byline"),
    "caption": say("caption"),
    "repeated": say("repeated"),
    "subheading": say("subheading"),
    "dateline": say("dateline"),
    "recurring": say("recurring"),
    "front matter": say("front matter"),
    "heading sign": say("heading sign"),
    "byte order mark": say("byte order mark"),
}


def summary_card(summary: Summary, *, length: Length = "short") -> Card:
    """An article's own sentences in its own order, and the names, places, times and numbers in it."""
    article = summary.article
    details = joined(", ", (*details_of(article), say_count("{n} character", "{n} characters", article.characters)))
    return Card(
        tone="summary",
        heading=say("Summary: {title}", title=title_of(article)),
        blocks=(*_sentences(summary), *_facts(summary)),
        notes=(say("Sentences picked word for word from the article ({details}).", details=details),),
        actions=_summary_actions(article, length),
    )


def article_card(summary: Summary, marks: Sequence[Mark]) -> Card:
    """What is known of an article, its key points, and what of its text is never quoted."""
    article = summary.article
    author = " ".join(article.author.split())
    size = say_count(
        "{n} character, added on {day}",
        "{n} characters, added on {day}",
        article.characters,
        day=date_words(article.added),
    )
    known = [joined(" · ", details_of(article)), size, _set_aside(Counter(mark.kind for mark in marks))]
    if author:
        known.insert(1, say("By {name}", name=author))
    links: list[Action] = [OpenLink(say("Open article"), article.url)] if article.url else []
    points = _sentences(summary)
    return Card(
        tone="list" if not points else "summary",
        heading=title_of(article),
        blocks=(Words(joined("\n", known)), *points),
        notes=(say("Key points word for word. Known here as {id}.", id=article.id),),
        actions=(*links, Summarise(say("Summarise"), article.id, "medium")),
    )


def guest_card(summary: Summary, *, length: Length = "short") -> Card:
    """The summary of an article that is not in the library: nothing can be asked of it."""
    card = summary_card(summary, length=length)
    links = tuple(action for action in card.actions if isinstance(action, OpenLink))
    return replace(card, notes=(*card.notes, say("It was not added to the articles.")), actions=links)


def topic_card(summary: TopicSummary, *, articles: int) -> Card:
    """What the articles about a topic say of it, each point with its source; ``articles`` were searched."""
    if not articles:
        return EMPTY_LIBRARY
    if not summary.points:
        heading = say_count(
            "No article is about “{about}” ({n} article searched).",
            "No article is about “{about}” ({n} articles searched).",
            articles,
            about=summary.about,
        )
        return Card("nothing", heading)
    points = tuple(
        Passage(text=p.text, source=source_of(p.article), article=p.article.id, start=p.start, end=p.end)
        for p in summary.points
    )
    note = say_count(
        "Sentences picked word for word from {n} article about this, out of {all}.",
        "Sentences picked word for word from {n} articles about this, out of {all}.",
        len({p.article.id for p in summary.points}),
        all=articles,
    )
    return Card("summary", say("Key points: {about}", about=summary.about), points, (note,))


def articles_card(articles: Sequence[Article], *, page: int = 1, search: str = "") -> Card:
    """One page of the list of articles; ``page`` counts from 1 and is brought into range."""
    found = len(articles)
    page = max(1, min(page, list_pages(found)))
    first = (page - 1) * PAGE_LENGTH
    shown = articles[first : first + PAGE_LENGTH]
    if not shown:
        return _no_articles(search)
    entries = tuple(
        Entry(source_of(article, number=number, length=True)) for number, article in enumerate(shown, first + 1)
    )
    choices = tuple((title_of(article), article.id) for article in shown)
    return Card(
        tone="list",
        heading=_list_heading(found, first=first + 1, last=first + len(shown), search=search),
        blocks=entries,
        actions=(ChooseArticle(say("Choose an article to summarise"), choices),),
    )


def _no_articles(search: str) -> Card:
    if not search:
        return Card("list", say("No articles"), (Words(say("There is nothing to quote from.")),))
    heading = say("No articles matching “{search}”", search=search)
    return Card("list", heading, (Words(say("Try other words, or leave the search empty.")),))


def _list_heading(found: int, *, first: int, last: int, search: str) -> Message:
    if last - first + 1 == found and search:
        return say_count("{n} article matching “{search}”", "{n} articles matching “{search}”", found, search=search)
    if last - first + 1 == found:
        return say_count("{n} article", "{n} articles", found)
    if search:
        return say(
            "Articles {first}–{last} of {all} matching “{search}”", first=first, last=last, all=found, search=search
        )
    return say("Articles {first}–{last} of {all}", first=first, last=last, all=found)


def list_pages(found: int) -> int:
    """How many pages a list of that many articles takes; at least one."""
    return max(1, -(-found // PAGE_LENGTH))


def added_card(results: Iterable[Added]) -> Card:
    """What became of the articles that were to be added, the failures first; of a million of them few are kept."""
    counts: Counter[Status] = Counter()
    aside: Counter[str] = Counter()
    failures: list[Words] = []
    entries: list[Entry] = []
    unshown = 0
    for added in results:
        counts[added.status] += 1
        aside.update(mark.kind for mark in added.set_aside)
        if added.error and len(failures) < _RESULTS_SHOWN:
            failures.append(Words(say("Failed: {error}", error=added.error)))
        elif added.article and len(entries) < _RESULTS_SHOWN:
            entries.append(Entry(source_of(added.article)))
        elif added.error or added.article:
            unshown += 1
    told = [_became(status, number) for status, number in sorted(counts.items())]
    notes = [say_count("And {n} more.", "And {n} more.", unshown)] if unshown else []
    notes += [joined("", (_set_aside(aside), "."))] if aside else []
    return Card(
        tone="notice" if entries else "error",
        heading=joined(", ", told) if told else say("There was nothing to add"),
        blocks=(*failures, *entries),
        notes=tuple(notes),
    )


def _became(status: Status, number: int) -> Message:
    """How many articles were added, updated …"""
    said = {
        "added": say_count("{n} added", "{n} added", number),
        "updated": say_count("{n} updated", "{n} updated", number),
        "unchanged": say_count("{n} unchanged", "{n} unchanged", number),
        "failed": say_count("{n} failed", "{n} failed", number),
        "removed": say_count("{n} removed", "{n} removed", number),
        "moved": say_count("{n} feed moved", "{n} feeds moved", number),
    }
    return said[status]


def _set_aside(kinds: Mapping[str, int]) -> Message:
    """What cleaning found, by its kinds, the most frequent first."""
    if not kinds:
        return say("All of its text may be quoted")
    named = [
        say("{number} × {kind}", number=number, kind=_KINDS.get(kind, kind))
        for kind, number in sorted(kinds.items(), key=lambda k: (-k[1], k[0]))
    ]
    return say("Never quoted: {named}", named=joined(", ", named))


def _sentences(summary: Summary) -> tuple[Passage, ...]:
    return tuple(
        Passage(text=s.text, source=None, article=summary.article.id, start=s.start, end=s.end)
        for s in summary.sentences
    )


def _facts(summary: Summary) -> tuple[Words, ...]:
    who, where, when, numbers = (
        joined(", ", values[:_FACTS_SHOWN])
        for values in (summary.facts.who, summary.facts.where, summary.facts.when, summary.facts.numbers)
    )
    said = (
        say("Who: {names}", names=who) if who else "",
        say("Where: {names}", names=where) if where else "",
        say("When: {names}", names=when) if when else "",
        say("Numbers: {names}", names=numbers) if numbers else "",
    )
    lines = [line for line in said if line]
    return (Words(joined("\n", lines)),) if lines else ()


def _summary_actions(article: Article, length: Length) -> tuple[Action, ...]:
    place = _LENGTHS.index(length)
    actions: list[Action] = [OpenLink(say("Open article"), article.url)] if article.url else []
    if place > 0:
        actions.append(Summarise(say("Shorter"), article.id, _LENGTHS[place - 1]))
    if place + 1 < len(_LENGTHS):
        actions.append(Summarise(say("Longer"), article.id, _LENGTHS[place + 1]))
    return tuple(actions)
