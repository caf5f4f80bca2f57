"""Errors: what happened and what to do, or a reference where nobody foresaw it."""

from retrieval.cards.card import Card, Words
from retrieval.errors import QuothError


def error_card(error: QuothError) -> Card:
    """What happened and what the reader can do, from an error that was raised on purpose."""
    words = [Words(error.hint if error.hint.endswith((".", "?", "!")) else f"{error.hint}.")] if error.hint else []
    return Card("error", error.happened, tuple(words))


def unexpected_card(reference: str) -> Card:
    """An error that nobody foresaw: its reference leads to the full entry in the log."""
    return Card(
        tone="error",
        heading="Something went wrong",
        blocks=(Words("Nothing was lost. Try again; if it happens again, tell whoever runs this bot."),),
        notes=(f"Reference {reference}",),
    )
