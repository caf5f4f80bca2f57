"""Messages: English that can be said in another language."""

import pickle
from dataclasses import dataclass
from datetime import date

import pytest

from retrieval import ENGLISH, Message, joined, said_in, say, say_count, with_values
from retrieval.messages import begun, listed

_DICTIONARY = {
    "Added on {day}": "{day} hinzugefügt",
    "{n} article": "{n} Artikel",
    "{n} articles": "{n} Artikel (Mehrzahl)",
    "by {who}": "von {who}",
    "nobody": "niemand",
    "{names} and {last}": "{names} und {last}",
}


class _German:
    """Just enough of a language to tell it from English."""

    def pattern(self, message: Message) -> str:
        form = message.plural if message.plural and message.number != 1 else message.pattern
        return _DICTIONARY.get(form, form)

    def shown(self, value: int | date) -> str:
        return f"{value:,}".replace(",", ".") if isinstance(value, int) else f"{value:%d.%m.%Y}"


@dataclass(frozen=True, slots=True)
class _Record:
    text: str
    parts: tuple[str | None, ...]
    number: int


@pytest.mark.parametrize(
    ("message", "english", "german"),
    [
        (say("by {who}", who="Jane {Roe}"), "by Jane {Roe}", "von Jane {Roe}"),
        (say("by {who}", who=say("nobody")), "by nobody", "von niemand"),
        (say("by {who}", who="nobody"), "by nobody", "von nobody"),
        (say("Added on {day}", day=date(2018, 7, 9)), "Added on 9 July 2018", "09.07.2018 hinzugefügt"),
        (say_count("{n} article", "{n} articles", 1), "1 article", "1 Artikel"),
        (say_count("{n} article", "{n} articles", 1240), "1,240 articles", "1.240 Artikel (Mehrzahl)"),
        (joined(" {·} ", ["{x}", say("nobody")]), "{x} {·} nobody", "{x} {·} niemand"),
        (joined(", ", []), "", ""),
        (say("unknown to the catalogue"), "unknown to the catalogue", "unknown to the catalogue"),
    ],
)
def test_a_message_is_english_and_can_be_said_otherwise(message: Message, english: str, german: str) -> None:
    """Messages among the values are said in the same language; words of people and articles stay as they are."""
    assert message == english
    assert said_in(_German(), message) == german
    assert said_in(ENGLISH, message) == english


def test_a_record_is_said_with_all_that_it_holds() -> None:
    record = _Record(say("nobody"), (say("by {who}", who="me"), "nobody", None), 1)
    assert said_in(_German(), record) == _Record("niemand", ("von me", "nobody", None), 1)


def test_a_message_crosses_into_another_process() -> None:
    """With what it is made of."""
    message = say_count("{n} article", "{n} articles", 3)
    assert said_in(_German(), pickle.loads(pickle.dumps(message))) == "3 Artikel (Mehrzahl)"  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("parts", "english", "german"),
    [
        ([], "", ""),
        (["A"], "A", "A"),
        (["A", "B"], "A and B", "A und B"),
        (["A", say("nobody"), "B"], "A, nobody and B", "A, niemand und B"),
    ],
)
def test_a_list_ends_as_its_language_has_it(parts: list[str], english: str, german: str) -> None:
    assert listed(parts) == english
    assert said_in(_German(), listed(parts)) == german


def test_a_clause_can_begin_a_sentence() -> None:
    """A name that it begins with stays as it is written."""
    assert begun(say("nobody")) == "Nobody"
    assert said_in(_German(), begun(say("nobody"))) == "Niemand"
    assert said_in(_German(), pickle.loads(pickle.dumps(begun(say("nobody"))))) == "Niemand"  # noqa: S301 - our own
    assert said_in(_German(), begun(say("{name} is empty", name="a.txt"))) == "a.txt is empty"
    assert begun("a reason from elsewhere") == "A reason from elsewhere"


def test_only_the_words_of_others_in_a_message_are_changed() -> None:
    """Also those in a message among its values; numbers and Quoth's own words stay."""
    message = say("by {who}", who=joined(", ", ("who", say("nobody"), say("by {who}", who="who"))))
    changed = with_values(message, str.upper)
    assert changed == "by WHO, nobody, by WHO"
    assert said_in(_German(), changed) == "von WHO, niemand, von WHO"
    assert with_values("all of it", str.upper) == "ALL OF IT"
    assert with_values(say_count("{n} article", "{n} articles", 2), str.upper) == "2 articles"
