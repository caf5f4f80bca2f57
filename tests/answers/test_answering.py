"""From a question to an answer whose quotes were checked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from retrieval.answers.answering import Loaders, Wanted, answer, check, cut
from retrieval.answers.explain import rows
from retrieval.answers.stages import Stages
from retrieval.errors import InvalidQuestion, QuoteMismatch
from retrieval.library import Library
from retrieval.records import Answer, Article, Quote
from retrieval.rerank import Reading
from retrieval.text import Span, sentences
from retrieval.vectors import Floats
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.conftest import add_text
from tests.toy import ToyEncoder

ALL = Wanted(quotes=3, article_id=None, confidence=0.0, today=date(2018, 8, 1))
QUESTION = "How long will repairs take?"


def _none() -> None:
    """No reranker."""


@pytest.fixture
def articles(library: Library) -> list[Article]:
    """Three articles in the library."""
    return [add_text(library, text) for text in (BRIDGE, ORCHESTRA, WHATSAPP)]


def _first(library: Library, toy: ToyEncoder) -> Quote:
    found = answer(QUESTION, ALL, store=library._store, models=Loaders(lambda: toy, _none)).answer
    return found.quotes[0]


def test_the_first_quote_holds_the_answer(library: Library, toy: ToyEncoder, articles: list[Article]) -> None:
    """Where the words of the question stand."""
    quote = _first(library, toy)
    assert quote.article == articles[0]
    assert "eleven months" in BRIDGE[quote.focus[0] : quote.focus[1]]


def test_the_parts_of_the_time_make_up_the_whole(library: Library, toy: ToyEncoder, articles: list[Article]) -> None:
    """Milliseconds, none of them negative."""
    found = answer(QUESTION, ALL, store=library._store, models=Loaders(lambda: toy, _none)).answer
    parts = (found.ms.embed, found.ms.search, found.ms.quote)
    assert min(parts) >= 0
    assert sum(parts) == pytest.approx(found.ms.total, abs=0.05)


def test_what_is_searched_for_may_differ_from_what_was_asked(library: Library, toy: ToyEncoder) -> None:
    """A follow-up question is searched for in its context and shown as it was."""
    add_text(library, BRIDGE)
    add_text(library, ORCHESTRA)
    trace = answer(
        "Who?",
        replace(ALL, history=("new conductor",)),
        store=library._store,
        models=Loaders(lambda: toy, _none),
    )
    assert trace.answer.question == "Who?"
    first = trace.retrieved.passages[0].candidate.passage
    assert first.article_id == trace.answer.quotes[0].article.id


def test_below_the_wanted_confidence_nothing_is_quoted(
    library: Library, toy: ToyEncoder, articles: list[Article]
) -> None:
    """The nearest passages are given, and a reason."""
    strict = replace(ALL, confidence=1.1)
    found = answer(QUESTION, strict, store=library._store, models=Loaders(lambda: toy, _none)).answer
    assert (found.answered, found.quotes) == (False, ())
    assert found.nearest[0] == _first(library, toy)
    assert found.reason


def test_a_quote_is_cut_and_linked() -> None:
    """Its text is the slice, its link leads to the sentence that answers."""
    first, second, *_ = sentences(BRIDGE)
    article = Article("a", None, "Bridge", "", "", None, "unknown", "https://a.example/b", "", len(BRIDGE))
    quote = cut(article, BRIDGE, Span(first.start, second.end), focus=second, score=0.123456)
    assert quote.text == BRIDGE[first.start : second.end]
    assert quote.focus == tuple(second)
    assert quote.score == 0.1235
    assert quote.link
    assert "text=Inspectors" in quote.link
    assert cut(replace(article, url=None), BRIDGE, first, focus=first, score=1).link is None


def test_a_quote_that_differs_by_one_character_is_refused(
    library: Library, toy: ToyEncoder, articles: list[Article]
) -> None:
    """Or that stands one character further on, or in an article that is not there."""
    quote = _first(library, toy)
    check((quote,), library._store)
    wrong = (
        replace(quote, text=f"{quote.text[:-1]}!"),
        replace(quote, start=quote.start + 1),
        replace(quote, article=replace(quote.article, id="gone")),
    )
    for altered in wrong:
        with pytest.raises(QuoteMismatch):
            check((altered,), library._store)


# The question's own language


@pytest.fixture
def news(library: Library) -> list[Article]:
    """Three articles of two publishers, two of them dated."""
    return [
        add_text(library, BRIDGE, source="The Morning Post", published="2018-07-18", title="Bridge"),
        add_text(library, ORCHESTRA, source="Evening Times", published="2018-07-20", title="Orchestra"),
        add_text(library, WHATSAPP, source="Evening Times", title="WhatsApp"),
    ]


def _asked(library: Library, toy: ToyEncoder, question: str, **changes: object) -> Answer:
    wanted = replace(ALL, **changes)  # type: ignore[arg-type]
    return answer(question, wanted, store=library._store, models=Loaders(lambda: toy, _none)).answer


def _sources(found: Answer) -> set[str]:
    return {quote.article.title for quote in found.quotes}


@pytest.mark.parametrize(
    ("operators", "titles"),
    [
        ("source:evening", {"Orchestra", "WhatsApp"}),
        ('source:"morning post"', {"Bridge"}),
        ("after:2018-07-19", {"Orchestra"}),
        ("before:2018-07-19", {"Bridge"}),
        ("after:2018 source:evening", {"Orchestra"}),
    ],
)
def test_only_what_the_operators_admit_is_quoted(
    library: Library, toy: ToyEncoder, news: list[Article], operators: str, titles: set[str]
) -> None:
    """Whatever fits better; an article without a date is of no time, whenever it was added."""
    found = _asked(library, toy, f"the bridge, the orchestra, the messaging service {operators}", quotes=10)
    assert found.answered
    assert _sources(found) <= titles
    assert _sources(found)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("How long will repairs take source:nobody", "no article here fits source:nobody"),
        ('repairs source:"no one" after:2019', 'no article here fits source:"no one" after:2019'),
        ("How long will “repairs last”", "no passage holds the words “repairs last”"),
        (
            "How long will “repairs” take source:evening",
            "no passage that fits source:evening holds the words “repairs”",
        ),
        ("latest source:nobody", "no article here fits source:nobody"),
    ],
)
def test_what_cannot_be_met_is_said_and_the_nearest_shown(
    library: Library, toy: ToyEncoder, news: list[Article], question: str, reason: str
) -> None:
    """Nothing is quoted, with the reason; what came closest does without the demand."""
    found = _asked(library, toy, question)
    assert (found.answered, found.quotes, found.confidence, found.reason) == (False, (), 0.0, reason)
    if "repairs" in question:
        assert "Repairs will take" in found.nearest[0].text


def test_a_phrase_stands_in_every_quote(library: Library, toy: ToyEncoder, news: list[Article]) -> None:
    """And only its article is quoted."""
    found = _asked(library, toy, 'What did the "NEW conductor" of the bridge do?')
    assert found.answered
    assert all("new conductor" in quote.text for quote in found.quotes)


def test_the_latest_alone_is_the_newest_articles(library: Library, toy: ToyEncoder, news: list[Article]) -> None:
    """How each begins, the newest first, for certain, and without the model; the undated one is not among them."""
    found = answer("latest news", ALL, store=library._store, models=Loaders(_no_model, _none)).answer
    assert [q.article.title for q in found.quotes[:2]] == ["Orchestra", "Bridge"]
    assert found.quotes[0].text.startswith("The city orchestra named a new conductor. She is")
    assert {q.article.title for q in found.quotes} == {"Orchestra", "Bridge"}
    assert (found.answered, found.confidence, found.reason) == (True, 1.0, None)
    assert [q.article.title for q in _asked(library, toy, "newest source:post", quotes=1).quotes] == ["Bridge"]
    assert _asked(library, toy, "latest", article_id=news[0].id).quotes[0].article == news[0]
    assert _asked(library, toy, "latest", article_id=news[2].id).reason == "no article here has a known date"


def _no_model() -> ToyEncoder:
    raise AssertionError("the model is not needed")


def test_operators_of_an_earlier_question_do_not_bind_a_later_one(
    library: Library, toy: ToyEncoder, news: list[Article]
) -> None:
    """They are not searched for, either, and a mistake in them was refused before."""
    found = _asked(
        library, toy, "and where did she grow up?", history=("Who is the new conductor source:post after:soon",)
    )
    assert found.quotes[0].article == news[1]


@pytest.mark.parametrize("question", ["source:post", "who before:tomorrowish"])
def test_a_mistake_in_the_operators_is_refused_by_an_empty_library_too(
    library: Library, toy: ToyEncoder, question: str
) -> None:
    """Before anything is loaded."""
    with pytest.raises(InvalidQuestion):
        _asked(library, toy, question)


def test_a_wire_story_is_quoted_once(library: Library, toy: ToyEncoder) -> None:
    """The newest outlet's, with the others."""
    for number in (1, 3, 2):
        add_text(
            library, BRIDGE, doc_id=str(number), published=f"2018-07-0{number}", source=f"Outlet {number}", title="B"
        )
    found = _asked(library, toy, QUESTION)
    assert found.quotes[0].article.source == "Outlet 3"
    assert {a.source for a in found.quotes[0].also_in} == {"Outlet 1", "Outlet 2"}
    assert len({quote.text for quote in found.quotes}) == len(found.quotes)


def test_words_that_are_found_need_no_further_proof(library: Library, toy: ToyEncoder, articles: list[Article]) -> None:
    """They were asked for, and they stand in the quote."""
    found = _asked(library, toy, 'Who said "every ten minutes"?', confidence=1.0)
    assert found.answered
    assert all("every ten minutes" in quote.text for quote in found.quotes)


class Pointer:
    """A reranker that knows where the answer is: in the sentence that holds some words."""

    def __init__(self, words: str, *, is_calibrated: bool) -> None:
        self.words = words
        self.is_calibrated = is_calibrated

    def scores(self, _question: str, readings: Sequence[Reading]) -> list[Floats]:
        return [np.array([8.0 if self.words in r.text[s:e] else -8.0 for s, e in r.sentences]) for r in readings]


def test_what_is_read_decides_between_sentences(library: Library, toy: ToyEncoder, articles: list[Article]) -> None:
    """The sentence that the reader points at is quoted first, and its passage comes first."""
    pointer = Pointer("city orchestra", is_calibrated=True)
    wanted = replace(ALL, stages=Stages(reader=5.0))
    trace = answer("What of the bridge?", wanted, store=library._store, models=Loaders(lambda: toy, lambda: pointer))
    assert "city orchestra" in trace.answer.quotes[0].text
    assert trace.retrieved.passages[0].candidate.passage.article_id == articles[1].id


def test_only_a_calibrated_reader_makes_surer(library: Library, toy: ToyEncoder, articles: list[Article]) -> None:
    """Another one orders, and the confidence rests on the search alone."""
    sure = {}
    for words in ("eleven months", "no such words"):
        for is_calibrated in (True, False):
            pointer = Pointer(words, is_calibrated=is_calibrated)
            trace = answer(QUESTION, ALL, store=library._store, models=Loaders(lambda: toy, lambda p=pointer: p))  # type: ignore[misc]
            sure[words, is_calibrated] = trace.answer.confidence
    assert sure["eleven months", True] > sure["no such words", True]
    assert sure["eleven months", False] == sure["no such words", False]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("bridge", "too short or unclear"),
        ("The old stone bridge over the river closed; repairs take eleven months?", "about this, but none"),
        ("Which volcano erupted in Iceland?", "nothing here is about this"),
    ],
)
def test_the_reason_says_what_is_missing(
    library: Library, toy: ToyEncoder, articles: list[Article], question: str, reason: str
) -> None:
    """A subject without a question, a question without an answer, or neither."""
    found = _asked(library, toy, question, confidence=1.0)
    assert not found.answered
    assert reason in (found.reason or "")


CAPTION = "The cracks in a pillar of the bridge, seen from the ferry. (Photo: Jane Roe)"


@pytest.mark.parametrize(
    ("question", "is_quoted"),
    [
        ("What does the photo of the bridge show?", True),
        ("What is pictured at the pillar of the bridge?", True),
        ("Where are the cracks of the bridge, seen from the ferry?", False),
    ],
)
def test_a_caption_is_quoted_only_if_asked_for(
    question: str, is_quoted: bool, library: Library, toy: ToyEncoder
) -> None:
    """It says what a picture shows, not what happened."""
    add_text(library, BRIDGE.replace("\n\n", f"\n\n{CAPTION}\n\n"))
    add_text(library, ORCHESTRA)
    trace = answer(question, ALL, store=library._store, models=Loaders(lambda: toy, _none))
    first = trace.answer.quotes[0]
    assert ("seen from the ferry" in first.text) is is_quoted
    assert all("seen from the ferry" not in q.text for q in trace.answer.quotes[is_quoted:])
    assert rows(trace)[0]["score"] == pytest.approx(first.score, abs=1e-3)
