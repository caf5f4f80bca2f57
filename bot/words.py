"""What readers are told when something is not possible: every error's words come from here."""

import logging
import secrets
from typing import Any

import discord
from discord import app_commands

from retrieval import (
    Card,
    InvalidInput,
    InvalidQuestion,
    NotFound,
    QuothError,
    Words,
    counted,
    error_card,
    unexpected_card,
)

_log = logging.getLogger(__name__)

QUESTION_SHORTEST = 3
QUESTION_LONGEST = 300


class Busy(QuothError):
    """Too much is waiting, someone asks too often, or the bot is stopping."""


class TookTooLong(QuothError):
    """An answer was not ready before its deadline."""


def card_for(error: BaseException) -> Card:
    """The card of an error; what nobody foresaw is logged in full under the reference on the card."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, QuothError):
        return error_card(error)
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return error_card(
            QuothError("This command was just updated", hint="Type it again; reload Discord if it looks the same")
        )
    reference = secrets.token_hex(3).upper()
    _log.error("Unexpected error, reference %s", reference, exc_info=error)
    return unexpected_card(reference)


def queue_full() -> Busy:
    return Busy("Quoth is busy with other questions", hint="Ask again in half a minute")


def stopping() -> Busy:
    return Busy("Quoth is restarting", hint="Ask again in a minute")


def too_soon(seconds: float) -> Busy:
    wait = max(1, round(seconds))
    return Busy("That was quick", hint=f"Ask again in {wait} second{'' if wait == 1 else 's'}")


def took_too_long(deadline: float) -> TookTooLong:
    return TookTooLong(f"No answer was ready after {deadline:g} seconds", hint="Try again, or ask in fewer words")


def question_too_long(length: int) -> InvalidQuestion:
    return InvalidQuestion(
        f"A question takes at most {QUESTION_LONGEST} characters, and this one has {length}",
        hint="Ask it in fewer words",
    )


def no_article(reference: str) -> NotFound:
    return NotFound(f"No article, or more than one, goes by “{reference}”", hint="/articles lists them all")


def changed_since() -> NotFound:
    return NotFound("The article has changed since, and this quote is no longer in it", hint="Ask again")


def no_question() -> InvalidQuestion:
    return InvalidQuestion("The message holds no words to ask about", hint="Choose one that has text, or use /ask")


def file_too_large(name: str, most: int) -> InvalidInput:
    return InvalidInput(
        f"“{name}” is larger than {most // 1_000_000} million bytes", hint="Attach the article alone, as text"
    )


def nothing_to_summarise() -> InvalidInput:
    return InvalidInput("There is nothing to summarise yet", hint="Choose an article, or attach a file")


def cannot_be(field: str, value: str) -> InvalidInput:
    wanted = {"published": ("date", "2018-07-18"), "url": ("address", "https://news.example/story")}
    kind, example = wanted[field]
    return InvalidInput(f"“{value}” is no {kind}", hint=f"Write it like {example}; nothing was added")


def forgotten() -> NotFound:
    return NotFound("The question of this answer is no longer remembered", hint="Ask it again")


def server_of(interaction: discord.Interaction[Any]) -> int:
    """The id of the server that an interaction comes from; raises QuothError where it comes from none."""
    if interaction.guild_id is None:
        raise QuothError("Quoth answers in servers only", hint="Ask in a channel of a server that has articles")
    return interaction.guild_id


def filtered() -> QuothError:
    return QuothError(
        "The server's own filter stopped the answer", hint="Ask a moderator, or ask with private set to true"
    )


def articles(count: int | None) -> str:
    """``128 articles``, or ``the articles`` where their number is not known."""
    return "the articles" if count is None else counted(count, "article")


def hint_card(count: int | None, name: str) -> Card:
    """How to ask, for someone who mentioned the bot and said nothing else."""
    how = f"Write it after my name, as in “@{name} who said that?”, or use /ask."
    return Card("notice", "Ask me a question", (Words(f"{how} I look through {articles(count)} and quote."),))


def is_filtered(error: discord.HTTPException) -> bool:
    """Whether the server's AutoMod or link filter refused a message."""
    return error.code in {200000, 200001, 240000}
