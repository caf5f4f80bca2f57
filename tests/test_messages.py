"""Messages: English that can be said in another language."""

import pickle
from dataclasses import dataclass
from datetime import date

import pytest

from retrieval import ENGLISH, Message, joined, said_in, say, say_count

_DICTIONARY = {
    "Added on {day}": "{day} hinzugefügt",
    "{n} article": "{n} Artikel",
    "{n} articles": "{n} Artikel (Mehrzahl)",
    "by {who}": "von {who}",
    "nobody": "niemand",
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
