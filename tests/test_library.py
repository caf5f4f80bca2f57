"""The front door: whatever is added and asked, what comes out are the articles' own words."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answers.answering import cut
from retrieval.errors import InvalidInput, InvalidQuestion, InvalidSettings, NotFound, QuoteMismatch, QuothError
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.records import Quote
from retrieval.settings import Settings
from retrieval.store.homes import library_names, library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.text import Span, sentences
from tests.articles import BRIDGE, HELSINKI, ORCHESTRA, WHATSAPP
from tests.conftest import Opener, add_text
from tests.toy import ToyEncoder

LONGEST = 350  # characters of a quote, unless a single sentence is longer: the contract

_LINES = st.sampled_from([*HELSINKI.text.split("\n"), *BRIDGE.split("\n"), ORCHESTRA, WHATSAPP, "🦉 " * 90 + "hooted."])
_NOISE = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80)
_BREAKS = st.sampled_from(["\n", "\r\n", "\n\n", "\r\n\r\n", " ", "\u2028"])


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """Articles with furniture, noise and every kind of line break."""
    parts = draw(st.lists(st.tuples(_LINES | _NOISE, _BREAKS), min_size=1, max_size=14))
    return "".join(part + line_break for part, line_break in parts)


_QUESTIONS = st.sampled_from(["Who is the ambassador?", "What did engineers close?", "sanctions", "🦉?"]) | _NOISE


def _all_quotes(library: Library, question: str, count: int) -> tuple[Quote, ...]:
    try:
        answer = library.ask(question, quotes=count)
    except InvalidQuestion:
        return ()
    assert not (answer.quotes and answer.nearest)
    assert answer.answered == bool(answer.quotes)
    assert (answer.reason is None) == answer.answered
    assert 0 <= answer.confidence <= 1
    return answer.quotes or answer.nearest


@given(st.lists(_texts(), min_size=1, max_size=3), _QUESTIONS, st.integers(1, 10))
def test_every_quote_is_its_slice(texts: list[str], question: str, count: int) -> None:
    """For any articles and any question: exact, apart from one another, whole sentences, not too long."""
    with Library(SqliteStore(Path(":memory:")), models=Models(lambda _settings: ToyEncoder())) as library:
        for added in library.add(*(Document(text, doc_id=str(n)) for n, text in enumerate(texts))):
            assert added.article is None or library.text(added.article.id) == texts[int(added.article.doc_id or 0)]
        quotes = _all_quotes(library, question, count)
        assert len(quotes) <= count
        assert list(quotes) == sorted(quotes, key=lambda q: -q.score)
        for quote in quotes:
            given_text = texts[int(quote.article.doc_id or 0)]
            assert given_text[quote.start : quote.end] == quote.text == quote.text.strip() != ""
            assert quote.start <= quote.focus[0] < quote.focus[1] <= quote.end
            assert len(quote.text) <= LONGEST or quote.focus == (quote.start, quote.end)
            library.check(quote)
        for one, other in combinations(quotes, 2):
            assert one.article.id != other.article.id or one.end <= other.start or other.end <= one.start


@given(_texts(), st.sampled_from(["short", "medium", "long"]))
def test_every_sentence_of_a_summary_is_its_slice(text: str, length: str) -> None:
    """In the article's order."""
    with Library(SqliteStore(Path(":memory:")), models=Models(lambda _settings: ToyEncoder())) as library:
        (added,) = library.add(Document(text))
        if added.article is None:
            return
        summary = library.summarise(added.article.id, length=length)  # type: ignore[arg-type]
        assert all(text[s.start : s.end] == s.text for s in summary.sentences)
        assert list(summary.sentences) == sorted(summary.sentences, key=lambda s: s.start)


# Names


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "A", "-a", "a" * 65, "ä", "a\n", "."])
def test_a_library_cannot_leave_its_home(home: Path, name: str) -> None:
    """Only plain names make a path."""
    with pytest.raises(InvalidInput, match="no name for a library"):
        library_path(home, name)


def test_libraries_are_apart(open_library: Opener, home: Path) -> None:
    """Nothing crosses from one to another."""
    here, there = open_library("guild-1"), open_library("guild-2")
    add_text(here, BRIDGE)
    assert there.articles() == ()
    assert there.ask("What did engineers close?").nearest == ()
    assert there.verify("Engineers closed the old bridge").standing == "not found"
    assert library_names(home) == ("guild-1", "guild-2")


def test_an_article_goes_by_many_names(library: Library) -> None:
    """Id, beginning of the id, doc_id, address, and title in any case."""
    article = add_text(library, BRIDGE, doc_id="b.txt", title="Bridge closed", url="https://a.example/b")
    add_text(library, ORCHESTRA, doc_id="o.txt")
    for reference in (article.id, article.id[:4], "b.txt", "https://a.example/b", "bridge CLOSED", " Bridge closed "):
        assert library.article(reference) == article


@pytest.mark.parametrize("reference", ["", "x", "nowhere.txt", "abc", "%", "half \udce9"])
def test_an_unknown_article_is_not_found(library: Library, reference: str) -> None:
    """The error says where to look."""
    add_text(library, BRIDGE)
    with pytest.raises(NotFound, match="no article goes by") as error:
        library.article(reference)
    assert "quoth list" in error.value.hint


def test_a_name_of_several_articles_is_refused(library: Library) -> None:
    """Rather than one of them being taken."""
    add_text(library, BRIDGE, title="News")
    add_text(library, ORCHESTRA, title="News")
    with pytest.raises(NotFound, match="2 articles go by 'News'"):
        library.article("News")


# Questions


def test_an_empty_library_has_no_answer(library: Library) -> None:
    """And says why."""
    answer = library.ask("Who is the ambassador?")
    assert (answer.answered, answer.quotes, answer.nearest, answer.confidence) == (False, (), (), 0.0)
    assert answer.reason == "the library holds no articles yet"


def test_an_answer_that_is_not_sure_enough_is_held_back(open_library: Opener) -> None:
    """What came closest is shown apart, with the reason."""
    library = open_library(settings=Settings.from_tables({"answers": {"confidence": 1.0}}))
    add_text(library, BRIDGE)
    answer = library.ask("What did engineers close?")
    assert not answer.answered
    assert answer.quotes == ()
    assert answer.nearest
    assert answer.reason


def test_the_number_of_quotes_comes_from_the_settings(open_library: Opener) -> None:
    """Unless the question says otherwise."""
    library = open_library(settings=Settings.from_tables({"answers": {"confidence": 0.0, "quotes": 1}}))
    for number in range(5):
        add_text(library, f"Engineers closed bridge number {number}.", doc_id=str(number))
    question = "Which bridge did engineers close?"
    assert len(library.ask(question).quotes) == 1
    assert len(library.ask(question, quotes=4).quotes) == 4


def test_a_question_may_be_about_one_article(library: Library) -> None:
    """Nothing is quoted from another."""
    article = add_text(library, ORCHESTRA, doc_id="o.txt")
    add_text(library, BRIDGE)
    answer = library.ask("What did engineers close?", article="o.txt")
    assert {q.article for q in answer.quotes} == {article}
    with pytest.raises(NotFound):
        library.ask("What did engineers close?", article="gone.txt")


def test_a_follow_up_question_is_read_with_its_history(library: Library) -> None:
    """The answer names the question as it was asked."""
    add_text(library, BRIDGE)
    add_text(library, ORCHESTRA)
    answer = library.ask("And when?", history=["Who is the new conductor of the orchestra?"])
    assert answer.question == "And when?"
    assert answer.quotes[0].article.title.startswith("The city orchestra")


@pytest.mark.parametrize("question", ["", "  ", "?!", "<@123456>", "https://a.example", "x" * 1_001])
def test_a_question_without_words_or_end_is_refused(library: Library, question: str) -> None:
    """Before any searching."""
    with pytest.raises(InvalidQuestion):
        library.ask(question)


def test_the_same_question_has_the_same_answer(library: Library) -> None:
    """But for the time it took."""
    for text in (BRIDGE, ORCHESTRA, WHATSAPP):
        add_text(library, text)
    one, other = (library.ask("What will it cost?") for _ in range(2))
    assert (one.quotes, one.confidence, one.answered) == (other.quotes, other.confidence, other.answered)


def test_a_quote_links_to_its_words(library: Library) -> None:
    """Where the article has an address."""
    add_text(library, BRIDGE, url="https://a.example/b")
    add_text(library, ORCHESTRA)
    assert "#:~:text=Repairs" in str(library.ask("How long will repairs take?").quotes[0].link)
    assert library.ask("Who is the new conductor?").quotes[0].link is None


# Around a quote


def test_a_quote_is_shown_among_its_neighbours(library: Library) -> None:
    """Before, the words, after: together one slice of the text."""
    article = add_text(library, BRIDGE)
    spans = sentences(BRIDGE)
    before, words, after = library.passage_around(article.id, *spans[2], sentences=1)
    assert before + words + after == BRIDGE[spans[1].start : spans[3].end]
    assert words == BRIDGE[spans[2].start : spans[2].end]
    assert library.passage_around(article.id, 0, len(BRIDGE)) == ("", BRIDGE, "")


@pytest.mark.parametrize(("start", "end"), [(5, 5), (-1, 4), (0, 10_000), (9, 4)])
def test_a_place_that_is_not_there_has_no_neighbours(library: Library, start: int, end: int) -> None:
    """An article that has changed since."""
    article = add_text(library, BRIDGE)
    with pytest.raises(NotFound):
        library.passage_around(article.id, start, end)


def test_a_removed_article_has_no_text(library: Library) -> None:
    """Nor marks, nor answers."""
    article = add_text(library, BRIDGE, doc_id="b.txt")
    assert library.remove("b.txt") == article
    assert library.marks(article.id) == ()
    with pytest.raises(NotFound, match="may have been removed"):
        library.text(article.id)
    assert library.ask("What did engineers close?").nearest == ()


def test_a_quote_that_is_no_slice_is_refused(library: Library) -> None:
    """A quote of an article that has changed is never shown."""
    article = add_text(library, BRIDGE, doc_id="b.txt")
    span = Span(0, 20)
    quote = cut(article, BRIDGE, span, focus=span, score=1.0)
    library.check(quote)
    add_text(library, ORCHESTRA, doc_id="b.txt")
    with pytest.raises(QuoteMismatch):
        library.check(quote)
    library.remove("b.txt")
    with pytest.raises(QuoteMismatch):
        library.check(quote)


# The model


def test_a_library_of_another_model_is_refused(open_library: Opener, toy: ToyEncoder) -> None:
    """Vectors of two models cannot be compared; the titles can still be read."""
    library = open_library()
    add_text(library, BRIDGE)
    assert library.model() == "toy"
    toy.fingerprint = "another toy"
    with pytest.raises(InvalidSettings, match="made with the model toy"):
        library.ask("What did engineers close?")
    with pytest.raises(InvalidSettings):
        library.add(Document(ORCHESTRA))
    assert len(library.articles()) == 1


def test_the_model_is_loaded_when_it_is_needed_and_not_before(home: Path) -> None:
    """Titles, texts, exact words and removal do without; ``warm_up`` loads it early."""
    loads: list[Settings] = []

    def load(settings: Settings) -> ToyEncoder:
        loads.append(settings)
        return ToyEncoder()

    with Library.open(home, models=Models(load)) as library:
        assert library.articles() == ()
        assert not loads
        library.warm_up()
        article = add_text(library, BRIDGE)
        loads.clear()
        assert library.verify("Engineers closed the old bridge").standing == "found"
        library.summarise(article.id)
        library.remove(article.id)
        assert library.problems() == []
        assert not loads


def test_a_forgotten_library_is_gone(open_library: Opener, home: Path) -> None:
    """Its name too."""
    library = open_library()
    add_text(library, BRIDGE)
    library.forget()
    assert library_names(home) == ()


@pytest.mark.parametrize("words", ["half \udce9 character", "half a \ud800"])
def test_half_a_character_is_no_crash(library: Library, words: str) -> None:
    """What no text can hold is answered, or refused in words."""
    add_text(library, BRIDGE)
    for ask in (library.ask, library.verify):
        try:
            ask(words)
        except QuothError as error:
            assert error.hint  # noqa: PT017 - either is right


def test_an_empty_library_answers_without_the_model(home: Path) -> None:
    """Seconds of loading would tell no more: there is nothing to quote from."""

    def refuse(_settings: Settings) -> ToyEncoder:
        raise AssertionError("the model was loaded")

    with Library.open(home, models=Models(refuse)) as empty:
        answer = empty.ask("Who is it?")
    assert (answer.answered, answer.nearest) == (False, ())
    assert answer.reason == "the library holds no articles yet"
