"""An article in its own sentences, and the facts that they name."""

import pytest

from retrieval.library import Library
from retrieval.records import Facts, Length
from retrieval.summarise import SENTENCES, facts, key_sentences
from retrieval.text import sentences
from tests.articles import BRIDGE
from tests.conftest import add_text

LONG = " ".join(
    f"The engineer {name} inspected bridge number {number} on behalf of the city."
    for number, name in enumerate("Anna Bela Cora Dora Edda Fina Gesa Hanna Ida Jule Kaja Lena".split())
)


@pytest.mark.parametrize("length", SENTENCES)
def test_a_summary_has_its_number_of_sentences(library: Library, length: Length) -> None:
    """Each a whole sentence of the article, in its order, none twice."""
    article = add_text(library, LONG)
    found = key_sentences(LONG, library._store.passages(article.id), length=length)
    spans = [(s.start, s.end) for s in found]
    assert len(found) == SENTENCES[length]
    assert spans == sorted(set(spans))
    assert set(spans) <= set(sentences(LONG))
    assert [s.text for s in found] == [LONG[start:end] for start, end in spans]


def test_a_short_article_is_summarised_by_what_it_has(library: Library) -> None:
    """Fewer sentences than asked for are no error."""
    article = add_text(library, BRIDGE)
    assert len(key_sentences(BRIDGE, library._store.passages(article.id), length="long")) <= len(sentences(BRIDGE))


def test_a_sentence_that_leans_on_another_is_left_out(library: Library) -> None:
    """So is what is too short or unfinished, as long as there is something else."""
    text = "However, it was closed again on the very next day.\n\nNo comment.\n\nHeadline without end for all\n\n"
    text += "Engineers closed the old bridge over the river on Tuesday."
    article = add_text(library, text)
    found = key_sentences(text, library._store.passages(article.id), length="long")
    assert [s.text for s in found] == ["Engineers closed the old bridge over the river on Tuesday."]


def test_where_nothing_stands_alone_something_is_shown_all_the_same(library: Library) -> None:
    """An article of remarks still has a summary."""
    text = "It was late. She left. They stayed."
    article = add_text(library, text)
    assert len(key_sentences(text, library._store.passages(article.id), length="short")) == 3


def test_no_passages_no_summary() -> None:
    """Nothing can be said of an article that has none."""
    assert key_sentences("Text.", [], length="short") == ()


def test_facts_are_read_off_the_sentences() -> None:
    """Names, places, times and numbers, each once, as they are written."""
    found = facts(
        [
            "On Wednesday, Alexander Matsegora met Kim Jong Un in Pyongyang.",
            "Matsegora spoke in Pyongyang about $19 billion and 450 million users.",
            "The talks began on 18 July 2018 and cost 3.5 percent.",
        ]
    )
    assert found.who == ("Alexander Matsegora", "Kim Jong Un")
    assert found.where == ("Pyongyang",)
    assert [when.removeprefix("on ").removeprefix("On ") for when in found.when] == ["Wednesday", "18 July 2018"]
    assert found.numbers == ("$19 billion", "450 million", "3.5 percent")


def test_a_word_at_the_start_of_a_sentence_is_no_name() -> None:
    """Nor is a month, nor a verb that is spelt like one."""
    found = facts(["Engineers closed it.", "May be they will.", "The U.S. agreed."])
    assert found.when == ()
    assert "Engineers" not in found.who


def test_without_sentences_there_are_no_facts() -> None:
    """Nothing is invented."""
    assert facts([]) == Facts()
