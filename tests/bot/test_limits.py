"""Discord's limits: what would be refused there is refused here, and no card gets that far."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import keys, limits
from bot.limits import LimitError
from bot.pages import pages_of
from bot.render import Look, Reply, message
from bot.settings import Style
from retrieval import Article, Quote, articles_card, context_card, quotes_card
from tests.bot.conftest import labels, texts

_TEXT = {"type": 10, "content": "x"}
_BUTTON = {"type": 2, "style": 2, "label": "x", "custom_id": "x"}
_LINK = {"type": 2, "style": 5, "label": "x", "url": "https://a.example"}
_SELECT = {"type": 3, "custom_id": "s", "options": [{"label": "x", "value": "x"}]}


def _row(*items: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": 1, "components": list(items)}


@pytest.mark.parametrize(
    "components",
    [
        [],
        [_TEXT | {"content": ""}],
        [_TEXT | {"content": "x" * 4001}],
        [_TEXT | {"content": "🎉" * 2001}],
        [_TEXT] * 41,
        [_BUTTON],
        [_row()],
        [_row(*(_BUTTON | {"custom_id": str(n)} for n in range(6)))],
        [_row(_BUTTON, _BUTTON)],
        [_row(_BUTTON | {"label": "x" * 81})],
        [_row(_BUTTON | {"label": ""})],
        [_row(_BUTTON | {"custom_id": "x" * 101})],
        [_row(_LINK | {"url": "https://" + "x" * 505})],
        [_row(_LINK | {"url": "javascript:x"})],
        [_row(_SELECT | {"options": []})],
        [_row(_SELECT | {"options": [{"label": str(n), "value": str(n)} for n in range(26)]})],
        [_row(_SELECT | {"options": [{"label": "x" * 101, "value": "x"}]})],
        [_row(_SELECT | {"options": [{"label": "x", "value": "x"}] * 2})],
        [_row(_SELECT | {"placeholder": "x" * 151})],
        [_row(_SELECT, _BUTTON)],
    ],
)
def test_components_past_a_limit_are_refused(components: list[Mapping[str, Any]]) -> None:
    with pytest.raises(LimitError):
        limits.check_message(None, components, v2=True)


def test_content_has_its_own_limits() -> None:
    """An ordinary message takes 2,000 characters; one of components takes none."""
    limits.check_message("x" * 2000, [], v2=False)
    for content, components, v2 in (("x" * 2001, [], False), ("", [], False), ("x", [_TEXT], True)):
        with pytest.raises(LimitError):
            limits.check_message(content, components, v2=v2)
    with pytest.raises(LimitError):
        limits.check_message("x", [_row(_BUTTON | {"custom_id": str(n)}) for n in range(6)], v2=False)


words = st.text(min_size=0, max_size=3000)
awkward = st.one_of(
    words,
    st.integers(1, 6000).map(lambda n: "🎉" * n),
    st.integers(1, 6000).map(lambda n: "*" * n),
    st.integers(1, 900).map(lambda n: "مرحبا " * n),
    st.integers(1, 900).map(lambda n: "A sentence of words. " * n),
)
some_articles = st.builds(
    Article,
    id=st.text("0123456789abcdef", min_size=12, max_size=16),
    doc_id=st.none(),
    title=awkward,
    source=awkward,
    author=st.just(""),
    published=st.sampled_from([None, "2018-07-18", "some day in " + "x" * 500]),
    published_from=st.sampled_from(["user", "text"]),
    url=st.one_of(st.none(), st.integers(0, 3000).map(lambda n: "https://a.example/" + "é" * n)),
    added=st.just(""),
    characters=st.integers(0, 10**7),
)
quotes = st.builds(
    lambda article, text, start: Quote(
        article, start, start + len(text), text, (start, start + len(text) // 2), 1.0, None
    ),
    some_articles,
    awkward,
    st.integers(0, 10**6),
)
styles: st.SearchStrategy[Style] = st.sampled_from(["v2", "plain"])


@settings(max_examples=60, deadline=None)
@given(st.lists(quotes, min_size=1, max_size=3), awkward, styles)
def test_no_answer_breaks_a_limit(found: list[Quote], question: str, style: Style) -> None:
    """Whatever articles say and however long they are, every page of an answer can be sent."""
    card = quotes_card(question, found, articles=128)
    key = keys.QuotesKey(tuple(keys.Span(q.article.id, q.start, q.end, keys.digest(q.text)) for q in found))
    for page in range(1, len(pages_of(card, budget=1900)) + 1):
        message(Reply(card, key, page), Look(style))


@settings(max_examples=40, deadline=None)
@given(st.lists(some_articles, max_size=25, unique_by=lambda article: article.id), awkward, styles)
def test_no_list_breaks_a_limit(found: list[Article], search: str, style: Style) -> None:
    card = articles_card(found, page=2, search=search[: keys.SEARCH_LIMIT])
    message(Reply(card, keys.ListKey(search[: keys.SEARCH_LIMIT]), 2, 3), Look(style))


def _quote(text: str) -> Quote:
    article = Article("abcdef123456", None, "T", "S", "", None, "", None, "", 9)
    return Quote(article, 0, len(text), text, (0, len(text)), 1.0, None)


@pytest.mark.parametrize("style", ["v2", "plain"])
def test_a_giant_sentence_goes_on_overleaf_without_losing_a_word(style: Style) -> None:
    """Pages break between words, say that the text goes on, and together hold all of it."""
    words = [f"word{number}" for number in range(2000)]
    card = quotes_card("Q", [_quote(" ".join(words))], articles=1)
    key = keys.QuotesKey((keys.Span("abcdef123456", 0, 9, "abcd"),))
    seen: list[str] = []
    last = len(pages_of(card, budget=3600 if style == "v2" else 1900))
    for page in range(1, last + 1):
        made = message(Reply(card, key, page), Look(style))
        text = made.content or texts(made.view.to_components())
        seen += [word for line in text.split("\n") if line.startswith("> ") for word in line[2:].split()]
        assert ("The text goes on" in text) == (page < last)
        assert f"Page {page} of {last}." in text
        turns = [label for label in labels(made.view.to_components()) if "page" in label]
        assert turns == ["Previous page"] * (page > 1) + ["Next page"] * (page < last)
    assert seen == words
    assert last > 1


def test_sentences_are_not_cut_where_there_is_a_border_between_two() -> None:
    """A long context breaks after the end of a sentence."""
    card = context_card(_quote("The quote. "), "Before it stood this. " * 200, "After it stood that. " * 200)
    pages = pages_of(card, budget=1900)
    assert len(pages) > 2
    assert all(page.pieces[-1].text.rstrip("*").endswith(".") for page in pages)
