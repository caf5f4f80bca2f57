"""Follow-ups and careless typing: the labels stand where they say, and the answers stay as good as they are."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from statistics import mean

import pytest

from benchmarks.conversations import Turn, asked, read
from benchmarks.perturbed import QUESTIONS, SPOILT, in_chat, mistyped
from retrieval.evaluate import read_questions, run, scores
from retrieval.library import Library
from tests.conftest import ROOT

CONVERSATIONS = read()
HELD_OUT = [turn for conversation in CONVERSATIONS[1::2] for turn in conversation]


def _turns(kind: str) -> list[Turn]:
    return [turn for turn in HELD_OUT if turn.kind == kind]


def _quoted(library: Library, turns: list[Turn], *, as_: str) -> float:
    return mean(scores("quote@3", asked(turns, library, as_=as_)))


# The labels


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda turns: turns[0].question.id)
def test_every_label_stands_where_it_says(conversation: list[Turn]) -> None:
    """An edited article moves its answers."""
    for turn in conversation:
        with (ROOT / turn.question.doc_id).open(encoding="utf-8", newline="") as file:
            text = file.read()
        assert turn.question.gold
        for start, end in turn.question.gold:
            assert text[start:end].strip() == text[start:end] != ""


def test_conversations_begin_go_on_and_change_the_subject() -> None:
    """Two or three turns each, over all articles; only a change of subject names another article."""
    assert len(CONVERSATIONS) >= 40
    assert len({turn.question.doc_id for turns in CONVERSATIONS for turn in turns}) == 26
    for turns in CONVERSATIONS:
        assert [turn.kind == "opening" for turn in turns] == [True, False, False][: len(turns)]
        for before, turn in pairwise(turns):
            assert turn.history == (*before.history, before.question.text)
            assert (turn.kind == "new subject") == (turn.question.doc_id != before.question.doc_id)
            assert (turn.in_full == turn.question.text) == (turn.kind == "new subject")


# The answers


@pytest.mark.model
def test_a_follow_up_is_answered_nearly_as_well_as_the_question_in_full(seeds: Library) -> None:
    """Within ten points, and better than without the questions before it."""
    turns = _turns("follow-up")
    with_history = _quoted(seeds, turns, as_="with history")
    assert with_history >= _quoted(seeds, turns, as_="in full") - 0.1
    assert with_history >= _quoted(seeds, turns, as_="without history") + 0.1


@pytest.mark.model
def test_a_change_of_subject_loses_nothing(seeds: Library) -> None:
    """Whatever was asked before."""
    turns = _turns("new subject")
    assert _quoted(seeds, turns, as_="with history") >= _quoted(seeds, turns, as_="without history")


@pytest.mark.model
def test_careless_typing_costs_little(seeds: Library) -> None:
    """At most five points of quote@3: mistyped, without capitals and apostrophes, with emoji and mentions."""
    questions = [q for q in read_questions(QUESTIONS, seeds) if q.answerable]
    spoilt = [replace(q, text=SPOILT["both"](q.text, q.id)) for q in questions]
    clean, careless = (mean(scores("quote@3", run(seeds, those))) for those in (questions, spoilt))
    assert careless >= clean - 0.05


# How questions are spoilt


@pytest.mark.parametrize("spoil", [mistyped, in_chat])
def test_a_question_is_always_spoilt_in_the_same_way(spoil: Callable[[str, str], str]) -> None:
    """And another one in another way."""
    question = "Which senator called Trump's Helsinki appearance one of the most disgraceful ever?"
    assert spoil(question, "s012") == spoil(question, "s012") != question
    assert len({spoil(question, str(seed)) for seed in range(20)}) > 10


def test_one_word_of_a_short_question_is_mistyped_and_two_of_a_long_one() -> None:
    """Words that carry meaning, of four letters or more."""
    short, long = "who owns the ever given?", "how much did the National Science Foundation put into LIGO?"
    for seed in map(str, range(50)):
        for question, count in ((short, 1), (long, 2)):
            pairs = zip(question.split(), mistyped(question, seed).split(), strict=True)
            changed = [before for before, after in pairs if before != after]
            assert len(changed) <= count
            assert all(len(word.strip("?")) >= 4 for word in changed)
