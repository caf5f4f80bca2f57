"""Articles: summaries, topics, lists, and what became of those that were added."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from retrieval.cards.card import Action, Card, ChooseArticle, Entry, OpenLink, Passage, Summarise, Words
from retrieval.cards.wording import EMPTY, counted, date_words, details_of, source_of, title_of
from retrieval.records import Added, Article, Length, Mark, Summary, TopicSummary

PAGE_LENGTH = 10
_FACTS_SHOWN = 6
_RESULTS_SHOWN = 10
_LENGTHS: tuple[Length, ...] = ("short", "medium", "long")


def summary_card(summary: Summary, *, length: Length = "short") -> Card:
    """An article's own sentences in its own order, and the names, places, times and numbers in it."""
    article = summary.article
    details = ", ".join((*details_of(article), counted(article.characters, "character")))
    return Card(
        tone="summary",
        heading=f"Summary: {title_of(article)}",
        blocks=(*_sentences(summary), *_facts(summary)),
        notes=(f"Sentences picked word for word from the article ({details}).",),
        actions=_summary_actions(article, length),
    )


def article_card(summary: Summary, marks: Sequence[Mark]) -> Card:
    """What is known of an article, its key points, and what of its text is never quoted."""
    article = summary.article
    known = [
        *(f"By {name}" for name in [" ".join(article.author.split())] if name),
        f"{counted(article.characters, 'character')}, added on {date_words(article.added)}",
        _set_aside(marks),
    ]
    links: list[Action] = [OpenLink("Open article", article.url)] if article.url else []
    points = _sentences(summary)
    return Card(
        tone="list" if not points else "summary",
        heading=title_of(article),
        blocks=(Words(" · ".join(details_of(article)) + "\n" + "\n".join(known)), *points),
        notes=(f"Key points word for word. Known here as {article.id}.",),
        actions=(*links, Summarise("Summarise", article.id, "medium")),
    )


def guest_card(summary: Summary, *, length: Length = "short") -> Card:
    """The summary of an article that is not in the library: nothing can be asked of it."""
    card = summary_card(summary, length=length)
    links = tuple(action for action in card.actions if isinstance(action, OpenLink))
    return replace(card, notes=(*card.notes, "It was not added to the articles."), actions=links)


def topic_card(summary: TopicSummary, *, articles: int) -> Card:
    """What the articles about a topic say of it, each point with its source; ``articles`` were searched."""
    if not articles:
        return EMPTY
    if not summary.points:
        return Card("nothing", f"No article is about “{summary.about}” ({counted(articles, 'article')} searched).")
    points = tuple(
        Passage(text=p.text, source=source_of(p.article), article=p.article.id, start=p.start, end=p.end)
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
        Entry(source_of(article, number=number, length=True)) for number, article in enumerate(shown, first + 1)
    )
    choices = tuple((title_of(article), article.id) for article in shown)
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


def added_card(results: Sequence[Added]) -> Card:
    """What became of the articles that were to be added, the failures first."""
    counts = Counter(added.status for added in results)
    told = [f"{number:,} {status}" for status, number in sorted(counts.items())]
    failures = [Words(f"Failed: {added.error}") for added in results if added.error]
    entries = [Entry(source_of(added.article)) for added in results if added.article]
    more = [f"{len(found) - _RESULTS_SHOWN:,} more" for found in (failures, entries) if len(found) > _RESULTS_SHOWN]
    aside = [mark for added in results for mark in added.set_aside]
    notes = ([f"And {' and '.join(more)}."] if more else []) + ([f"{_set_aside(aside)}."] if aside else [])
    return Card(
        tone="notice" if entries else "error",
        heading=", ".join(told).capitalize() or "There was nothing to add",
        blocks=(*failures[:_RESULTS_SHOWN], *entries[:_RESULTS_SHOWN]),
        notes=tuple(notes),
    )


def _set_aside(marks: Sequence[Mark]) -> str:
    """What cleaning found, the most frequent first."""
    kinds = Counter(mark.kind for mark in marks)
    named = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items(), key=lambda k: (-k[1], k[0])))
    return f"Never quoted: {named}" if named else "All of its text may be quoted"


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
