"""Errors: what happened and what to do, or a reference where nobody foresaw it."""

from retrieval.cards.card import Card, Words
from retrieval.errors import QuothError, ended
from retrieval.messages import begun, say


def error_card(error: QuothError) -> Card:
    """What happened and what the reader can do, from an error that was raised on purpose."""
    return Card("error", begun(error.happened), (Words(ended(error.hint)),) if error.hint else ())


def unexpected_card(reference: str) -> Card:
    """An error that nobody foresaw: its reference leads to the full entry in the log."""
    return Card(
        tone="error",
        heading=say("Something went wrong"),
        blocks=(Words(say("Nothing was lost. Try again; if it happens again, tell whoever runs this bot.")),),
        notes=(say("Reference {code}", code=reference),),
    )
