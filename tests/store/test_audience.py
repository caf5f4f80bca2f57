"""Who may see an article, and that nobody else finds a trace of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from retrieval import Audience, Document, InvalidInput, Library, NotFound
from retrieval.models import Models
from retrieval.records import Answer, Article
from tests.articles import BRIDGE, ORCHESTRA
from tests.toy import ToyEncoder

SECRET = "The secret ingredient of the soup is lovage. Nobody outside of the kitchen knows it."
COOKS = Audience((frozenset({"role:cook", "role:chef"}), frozenset({"channel:kitchen"})))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path, models=Models(lambda _settings: ToyEncoder())) as library:
        library.add(Document(text=BRIDGE, title="The bridge", url="https://gazette.example/bridge"))
        library.add(Document(text=SECRET, title="Soup", url="https://gazette.example/soup"))
        yield library


@pytest.fixture
def soup(library: Library) -> Article:
    """An article that only cooks in their kitchen may see."""
    return library.limit("Soup", COOKS)


@pytest.mark.parametrize(
    ("labels", "sees_it"),
    [
        ({"role:cook", "channel:kitchen"}, True),
        ({"role:chef", "channel:kitchen", "role:other"}, True),
        ({"role:cook"}, False),
        ({"channel:kitchen", "role:other"}, False),
        (set(), False),
    ],
)
def test_an_article_is_seen_by_its_audience_alone(
    library: Library, soup: Article, labels: set[str], sees_it: bool
) -> None:
    """One label of every group is needed."""
    seen = library.seen_by(labels)
    assert (soup in seen.articles()) is sees_it
    assert seen.article_count() == len(seen.articles())
    assert seen.ask("What is the secret ingredient of the soup?").answered is sees_it


def test_an_empty_group_admits_nobody(library: Library) -> None:
    """What cannot be understood is closed, not open."""
    library.limit("Soup", Audience((frozenset(),)))
    assert [a.title for a in library.seen_by({"role:cook", ""}).articles()] == ["The bridge"]


_TRACES: list[Callable[[Library, Article], object]] = [
    lambda seen, _: [asdict(article) for article in seen.articles()],
    lambda seen, _: _said(seen.ask("What is the secret ingredient of the soup?")),
    lambda seen, _: _said(seen.ask("What is the secret ingredient of the soup?", quotes=10)),
    lambda seen, _: _said(seen.ask('"secret ingredient"')),
    lambda seen, _: _said(seen.ask("latest articles")),
    lambda seen, soup: _said(seen.ask("What is secret?", article=soup.id)),
    lambda seen, soup: asdict(seen.article(soup.id)),
    lambda seen, _: asdict(seen.article("Soup")),
    lambda seen, soup: asdict(seen.article(soup.url or "")),
    lambda seen, soup: asdict(seen.article(soup.id[:6])),
    lambda seen, soup: seen.text(soup.id),
    lambda seen, soup: [asdict(mark) for mark in seen.marks(soup.id)],
    lambda seen, soup: seen.passage_around(soup.id, 0, 10),
    lambda seen, _: asdict(seen.verify("The secret ingredient of the soup is lovage.")),
    lambda seen, soup: asdict(seen.summarise(soup.id)),
    lambda seen, _: asdict(seen.summarise_topic("soup ingredient")),
]


@pytest.mark.parametrize("look", _TRACES)
def test_nobody_else_finds_a_trace_of_it(
    library: Library, soup: Article, look: Callable[[Library, Article], object]
) -> None:
    """No way to look at a library gives out a word of it, nor its title or address."""
    seen = library.seen_by({"role:guest"})
    try:
        found = json.dumps(look(seen, soup), default=str).casefold()
    except NotFound:
        return
    for word in ("lovage", '"soup"', "gazette.example/soup", soup.id):
        assert word not in found


def test_a_quote_of_it_fails_its_last_check(library: Library, soup: Article) -> None:
    """Also one that was found before the article was hidden."""
    quote = library.seen_by({"role:cook", "channel:kitchen"}).ask("the secret ingredient of the soup").quotes[0]
    library.check(quote)
    with pytest.raises(Exception, match="quote"):
        library.seen_by(()).check(quote)
    assert quote.article == soup


def test_updates_and_corrections_keep_the_audience_and_removal_ends_it(library: Library, soup: Article) -> None:
    """An article that is there for some does not become everybody's because it was fetched again."""
    document = Document(text=f"{SECRET} It grows in gardens.", title="Soup", url=soup.url)
    assert library.add(document)[0].status == "updated"
    library.edit(soup.id, title="Soup of the day")
    assert library.audiences() == {soup.id: COOKS}
    assert len(library.seen_by(()).articles()) == 1
    library.remove(soup.id)
    library.add(document)
    assert library.audiences() == {}
    assert len(library.seen_by(()).articles()) == 2


def test_an_audience_can_be_taken_back(library: Library, soup: Article) -> None:
    library.limit(soup.id, Audience())
    assert len(library.seen_by(()).articles()) == 2


def test_who_does_not_see_everything_changes_nothing(library: Library, soup: Article) -> None:
    """Neither what they see nor what they do not."""
    seen = library.seen_by(())
    for change in (
        lambda: seen.add(Document(text=ORCHESTRA, title="New")),
        lambda: seen.remove("The bridge"),
        lambda: seen.edit("The bridge", title="Mine"),
        lambda: seen.limit("The bridge", COOKS),
        seen.forget,
        lambda: list(seen.reindex()),
    ):
        with pytest.raises(InvalidInput, match="may not see all of them"):
            change()
    seen.close()
    assert {article.title for article in library.articles()} == {"The bridge", soup.title}


def _said(answer: Answer) -> object:
    """What an answer holds beside its own question."""
    return [asdict(quote) for quote in (*answer.quotes, *answer.nearest)] + [answer.reason]
