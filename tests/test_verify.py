"""Where the words of a quote stand."""

import pytest

from retrieval.errors import InvalidInput, NotFound
from retrieval.library import Library
from retrieval.records import Article
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.conftest import add_text

WORDS = "Inspectors had found cracks in two of its pillars."


@pytest.fixture
def bridge(library: Library) -> Article:
    """The article that holds the words, among others."""
    add_text(library, ORCHESTRA, doc_id="orchestra")
    add_text(library, WHATSAPP)
    return add_text(library, f"🦉 {BRIDGE}", doc_id="bridge", title="Bridge")


def test_exact_words_are_found(library: Library, bridge: Article) -> None:
    """With the article and the offsets in its text."""
    found = library.verify(f"  {WORDS}\n")
    assert found.standing == "found"
    assert found.quote
    assert found.quote.article == bridge
    assert library.text(bridge.id)[found.quote.start : found.quote.end] == found.quote.text == WORDS
    assert found.others == ()


def test_white_space_does_not_matter(library: Library, bridge: Article) -> None:
    """The same words in the same order are found; what the article says is what is shown."""
    found = library.verify("Inspectors had found\ncracks in two   of its pillars")
    assert found.standing == "found"
    assert found.quote
    assert found.quote.article == bridge
    assert library.text(bridge.id)[found.quote.start : found.quote.end] == found.quote.text == WORDS.rstrip(".")


@pytest.mark.parametrize(
    "quoted",
    ["Inspectors had found holes in two of its pillars.", "Inspectors had found no cracks in two of its old pillars."],
)
def test_changed_words_are_altered(library: Library, bridge: Article, quoted: str) -> None:
    """The nearest passage is shown beside them."""
    found = library.verify(quoted)
    assert found.standing == "altered"
    assert found.quote
    assert found.quote.article == bridge
    assert found.quote.text == WORDS
    assert 0.6 < found.quote.score < 1


@pytest.mark.usefixtures("bridge")
def test_words_that_nobody_wrote_are_not_found(library: Library) -> None:
    """No passage is offered for them."""
    found = library.verify("The glacier melted faster than anyone in Patagonia expected.")
    assert (found.standing, found.quote, found.others) == ("not found", None, ())


def test_words_of_another_article_are_said_to_be(library: Library, bridge: Article) -> None:
    """Where they are claimed to be from one that does not hold them."""
    found = library.verify(WORDS, article="orchestra")
    assert found.standing == "in another article"
    assert found.quote
    assert found.quote.article == bridge
    assert library.verify(WORDS, article="bridge").standing == "found"


def test_the_named_article_comes_first(library: Library, bridge: Article) -> None:
    """Where several hold the words."""
    second = add_text(library, BRIDGE, doc_id="second", title="Z")
    assert library.verify(WORDS).others[0].article == second
    found = library.verify(WORDS, article="second")
    assert found.quote
    assert found.quote.article == second
    assert [q.article for q in found.others] == [bridge]


@pytest.mark.parametrize("quoted", ["", " \n", "…", "“”"])
def test_no_words_cannot_be_looked_for(library: Library, quoted: str) -> None:
    """The refusal shows how to ask."""
    with pytest.raises(InvalidInput, match="no words"):
        library.verify(quoted)


def test_an_article_that_is_not_there_is_not_found(library: Library) -> None:
    """Before anything is looked for."""
    with pytest.raises(NotFound):
        library.verify(WORDS, article="gone")


def test_a_long_quote_is_looked_for_too(library: Library) -> None:
    """Longer than any question may be."""
    text = " ".join(f"Bridge number {n} was closed for repairs on day {n} of the month." for n in range(60))
    add_text(library, text)
    assert library.verify(text).standing == "found"
    assert library.verify(text.replace("closed", "shut")[:1_500]).standing in {"altered", "not found"}


@pytest.mark.parametrize(
    ("quoted", "standing"),
    [
        ('He called it a "very good" plan that cost $5 million.', "found"),
        ("He called it a ‘very good’ plan that cost $5 million.", "found"),
        ("He called it a “very good” plan that cost €5 million.", "altered"),
        ("He called it a “very good” plan, that cost $5 million.", "altered"),
        ("he called it a “very good” plan that cost $5 million.", "altered"),
    ],
)
def test_a_sign_or_a_capital_makes_a_difference(library: Library, quoted: str, standing: str) -> None:
    """Only the shape of quotation marks is forgiven: another currency is another figure."""
    add_text(library, "He called it a “very good” plan that cost $5 million. The mayor did not agree at all.")
    assert library.verify(quoted).standing == standing
