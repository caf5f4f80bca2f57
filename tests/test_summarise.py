"""An article in its own sentences."""

import pytest

from retrieval.library import Library
from retrieval.records import Length
from retrieval.summarise import SENTENCES, stands_alone
from retrieval.text import sentences
from tests.articles import BRIDGE
from tests.conftest import add_text

ENGINEERS = "Anna Bela Cora Dora Edda Fina Gesa Hanna Ida Jule Kaja Lena".split()
TASKS = "paint steel cable lamp rail arch road pier deck sign gate wall".split()
LONG = " ".join(
    f"Engineer {name} repaired every {task} near {task}ville with {name}'s own {task}maker."
    for name, task in zip(ENGINEERS, TASKS, strict=True)
)


@pytest.mark.parametrize("length", SENTENCES)
def test_a_summary_has_its_number_of_sentences(library: Library, length: Length) -> None:
    """Each a whole sentence of the article, in its order, none twice."""
    found = library.summarise(add_text(library, LONG).id, length=length).sentences
    spans = [(s.start, s.end) for s in found]
    assert len(found) == SENTENCES[length]
    assert spans == sorted(set(spans))
    assert set(spans) <= set(sentences(LONG))
    assert [s.text for s in found] == [LONG[start:end] for start, end in spans]


def test_a_short_article_is_summarised_by_what_it_has(library: Library) -> None:
    """Fewer sentences than asked for are no error."""
    found = library.summarise(add_text(library, BRIDGE).id, length="long").sentences
    assert 0 < len(found) <= len(sentences(BRIDGE))


def test_a_sentence_that_leans_on_another_is_left_out(library: Library) -> None:
    """So is what is too short or unfinished, as long as there is something else."""
    text = "However, it was closed again on the very next day.\n\nNo comment.\n\nHeadline without end for all\n\n"
    text += "Engineers closed the old bridge over the river on Tuesday."
    found = library.summarise(add_text(library, text).id, length="long").sentences
    assert [s.text for s in found] == ["Engineers closed the old bridge over the river on Tuesday."]


def test_where_nothing_stands_alone_something_is_shown_all_the_same(library: Library) -> None:
    """An article of remarks still has a summary."""
    found = library.summarise(add_text(library, "It was late. She left home. They stayed.").id).sentences
    assert len(found) == 3


def test_nothing_is_said_twice(library: Library) -> None:
    """Not even to fill the number: two sentences of nearly the same words are one key point."""
    text = (
        "Engineers closed the old bridge over the river on Tuesday. The harbour opened to ferries in the morning.\n\n"
        "The old bridge over the river was closed by engineers on Tuesday."
    )
    found = library.summarise(add_text(library, text).id).sentences
    assert [s.text for s in found] == sentences_of(text)[:2]


def test_another_number_is_another_fact(library: Library) -> None:
    """However alike the sentences are."""
    text = "Divers brought 4 boys out of the cave near Leeds. Divers brought 8 boys out of the cave near Leeds."
    assert len(library.summarise(add_text(library, text).id).sentences) == 2


def sentences_of(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_the_headline_tells_what_matters(library: Library) -> None:
    """A sentence about what it names comes in before earlier ones about something else."""
    title = "Floods ruin harvest across valley farms"
    about = "Floods will ruin the harvest on valley farms in 2018."
    text = f"{LONG} {about}"
    assert about in [s.text for s in library.summarise(add_text(library, text, title=title).id).sentences]
    assert about not in [s.text for s in library.summarise(add_text(library, f"{text} ", title="Ah").id).sentences]


def test_a_sentence_that_only_sets_a_scene_comes_in_later(library: Library) -> None:
    """Where two tell as much, the one with names or numbers is the key point."""
    text = "Engineers finally repaired bridges near Leeds. Crowds quietly left gardens after midnight in 2018. "
    text += "Somebody slowly opened doors upstairs yesterday. Drivers gladly crossed rivers towards York."
    found = library.summarise(add_text(library, text, title="Ah").id).sentences
    assert [s.text for s in found] == [*sentences_of(text)[:2], sentences_of(text)[3]]


@pytest.mark.parametrize(
    "sentence",
    [
        "Who will pay for the repairs of the bridge?",
        "(Baduk is the Korean word for the game.)",
        "“We will repair every bridge by the summer.”",
        "“We will repair every bridge,” he said, “by the summer.”",
        "The repairs, she added, would cost the council a lot.",
        f"The council {'very ' * 50}slowly decided.",
        "The bridge that engineers closed on Tuesday",
        "In the final stretch the runners let him go.",
        "“You have been here ten days,” one of the Britons tells them.",
    ],
)
def test_what_is_no_key_point(sentence: str) -> None:
    """A question, an aside, words whose speaker is not named, and what is unfinished or too long."""
    assert not stands_alone(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "“We will repair every bridge by the summer,” Mayor Anna Roe said.",
        "Anna Roe resigned on Monday, she said, because of the bridge.",
        "“Blonde on Blonde” was the first double album of the decade.",
        "The council will repair every bridge in the town.",
        "Councillors say that she will not come back.",
        "“We will repair every bridge,” Roe told reporters on Monday.",
    ],
)
def test_what_is_one(sentence: str) -> None:
    """A statement, or words that come with the name of who said them."""
    assert stands_alone(sentence)
