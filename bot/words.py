"""What readers are told when something is not possible: every error's words come from here."""

import logging
import math
import secrets
from typing import Any

import discord
from discord import app_commands

from retrieval import (
    Card,
    InvalidInput,
    InvalidQuestion,
    Message,
    NotFound,
    QuoteMismatch,
    QuothError,
    StoreBusy,
    StoreError,
    Words,
    error_card,
    joined,
    say,
    say_count,
    unexpected_card,
)

_log = logging.getLogger(__name__)

QUESTION_SHORTEST = 3
QUESTION_LONGEST = 300
PERMISSIONS = {
    "view_channel": say("View Channel"),
    "send_messages": say("Send Messages"),
    "send_messages_in_threads": say("Send Messages in Threads"),
    "attach_files": say("Attach Files"),
}


class Busy(QuothError):
    """Too much is waiting, someone asks too often, or the bot is stopping."""


class TookTooLong(QuothError):
    """An answer was not ready before its deadline."""


def card_for(error: BaseException) -> Card:
    """The card of an error; what nobody foresaw is logged in full under the reference on the card."""
    if isinstance(error, StoreError) and not isinstance(error, StoreBusy | QuoteMismatch):
        return _unusable(error)
    if isinstance(error, QuothError):
        return error_card(error)
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return error_card(
            QuothError(
                say("This command was just updated"), hint=say("Type it again; reload Discord if it looks the same")
            )
        )
    if isinstance(error, discord.Forbidden):
        return error_card(_forbidden())
    reference = _reference()
    _log.error("Unexpected error, reference %s", reference, exc_info=error)
    return unexpected_card(reference)


def _reference() -> str:
    return secrets.token_hex(3).upper()


def _unusable(error: StoreError) -> Card:
    """What is to be done about a file is told to whoever has it: members learn nothing of where it lies."""
    reference = _reference()
    _log.error("What is stored cannot be used, reference %s: %s", reference, error)
    told = Words(say("Whoever runs this bot finds the reason in its log."))
    noted = say("Reference {code}", code=reference)
    return Card("error", say("What is stored for this server cannot be used just now"), (told,), notes=(noted,))


def is_askable(question: str) -> bool:
    """Whether a question has a length that can be asked."""
    return QUESTION_SHORTEST <= len(question) <= QUESTION_LONGEST


def _forbidden() -> QuothError:
    return QuothError(
        say("Discord does not let Quoth do that here"),
        hint=say(
            "Somebody who manages the server can give it these permissions: View Channel, Send Messages, Send Messages "
            "in Threads, Read Message History, Embed Links, Attach Files"
        ),
    )


def queue_full() -> Busy:
    return Busy(say("Quoth is busy with other questions"), hint=say("Ask again in half a minute"))


def stopping() -> Busy:
    return Busy(say("Quoth is restarting"), hint=say("Ask again in a minute"))


def too_soon(seconds: float) -> Busy:
    wait = max(1, round(seconds))
    return Busy(say("That was quick"), hint=say_count("Ask again in {n} second", "Ask again in {n} seconds", wait))


def enough_visits_of_person(seconds: float) -> Busy:
    return Busy(say("Quoth visited enough sites for you in this hour"), hint=_in_minutes(seconds))


def enough_visits_of_server(seconds: float) -> Busy:
    return Busy(say("Quoth visited enough sites for this server in this hour"), hint=_in_minutes(seconds))


def _in_minutes(seconds: float) -> Message:
    wait = math.ceil(seconds / 60)
    return say_count("Try again in {n} minute", "Try again in {n} minutes", wait)


def interrupted(done: int) -> Busy:
    so_far = say_count("Quoth is restarting; {n} article is done", "Quoth is restarting; {n} articles are done", done)
    return Busy(so_far, hint=say("Send it again in a minute; what is there already is not added twice"))


def took_too_long(deadline: float) -> TookTooLong:
    happened = say("No answer was ready after {seconds} seconds", seconds=f"{deadline:g}")
    return TookTooLong(happened, hint=say("Try again, or ask in fewer words"))


def question_too_long(length: int) -> InvalidQuestion:
    return InvalidQuestion(
        say(
            "A question takes at most {most} characters, and this one has {number}",
            most=QUESTION_LONGEST,
            number=length,
        ),
        hint=say("Ask it in fewer words"),
    )


def no_article(reference: str) -> NotFound:
    happened = say("No article, or more than one, goes by “{name}”", name=reference)
    return NotFound(happened, hint=say("/articles lists them all"))


def changed_since() -> NotFound:
    return NotFound(say("The article has changed since, and this quote is no longer in it"), hint=say("Ask again"))


def no_question() -> InvalidQuestion:
    return InvalidQuestion(
        say("The message holds no words to ask about"), hint=say("Choose one that has text, or use /ask")
    )


def file_too_large(name: str, most: int) -> InvalidInput:
    happened = say("“{name}” is larger than {number} million bytes", name=name, number=most // 1_000_000)
    return InvalidInput(happened, hint=say("Attach the article alone, as text"))


def no_room(name: str) -> Busy:
    return Busy(say("There is no room to read “{name}” just now", name=name), hint=say("Try again in a minute"))


def nothing_to_summarise() -> InvalidInput:
    return InvalidInput(say("There is nothing to summarise yet"), hint=say("Choose an article, or attach a file"))


def cannot_be(field: str, value: str) -> InvalidInput:
    happened, example = {
        "published": (say("“{value}” is no date", value=value), "2018-07-18"),
        "url": (say("“{value}” is no address", value=value), "https://news.example/story"),
    }[field]
    return InvalidInput(happened, hint=say("Write it like {example}; nothing was added", example=example))


def forgotten() -> NotFound:
    return NotFound(say("The question of this answer is no longer remembered"), hint=say("Ask it again"))


def cannot_read_messages() -> Message:
    """Told to an admin who wants questions answered without a mention."""
    return say(
        "Quoth cannot read messages that do not mention it. Whoever runs the bot allows that with message_content in "
        "its settings file and the Message Content intent in Discord's developer portal."
    )


def nothing_to_refresh() -> InvalidInput:
    return InvalidInput(
        say("There is no address to fetch again"), hint=say("/library edit gives an article its address")
    )


def no_export(name: str) -> InvalidInput:
    return InvalidInput(
        say("“{name}” is no exported file", name=name),
        hint=say("Take a .jsonl or .zip from /library export; /library add takes other files"),
    )


def too_large_to_export(size: int, most: int) -> InvalidInput:
    return InvalidInput(
        say(
            "The articles take {size} million bytes, and Discord takes {most} here",
            size=-(-size // 1_000_000),
            most=most // 1_000_000,
        ),
        hint=say("Whoever runs the bot can give you a copy with quoth backup"),
    )


def too_many_watched(most: int) -> InvalidInput:
    return InvalidInput(
        say_count("You watch {n} question already", "You watch {n} questions already", most),
        hint=say("End one of them: /watch without a question lists them"),
    )


def server_of(interaction: discord.Interaction[Any]) -> int:
    """The id of the server that an interaction comes from; raises QuothError where it comes from none."""
    if interaction.guild_id is None:
        raise QuothError(
            say("Quoth answers in servers only"), hint=say("Ask in a channel of a server that has articles")
        )
    return interaction.guild_id


def lacking(permissions: discord.Permissions, *wanted: str) -> Message:
    """What the bot may not do of what it wants, by the names that Discord shows; empty where it may all of it."""
    return joined(
        ", ", (name for flag, name in PERMISSIONS.items() if flag in wanted and not getattr(permissions, flag))
    )


def not_permitted(permissions: discord.Permissions) -> QuothError:
    """Discord refused something; ``permissions`` are those of the bot where it was to be done."""
    missing = lacking(permissions, *PERMISSIONS)
    happened = say("Discord does not let Quoth do that here")
    if missing:
        happened = say("Discord does not let Quoth do that here; Quoth lacks: {permissions}", permissions=missing)
    return QuothError(happened, hint=say("An admin can allow it in the settings of the channel"))


def filtered() -> QuothError:
    return QuothError(
        say("The server's own filter stopped the answer"),
        hint=say("Ask a moderator, or ask with private set to true"),
    )


def looking(count: int | None) -> Message:
    """What stands where the answer will be; ``count`` is the number of articles, None where it is not known."""
    if count is None:
        return say("Looking through the articles…")
    return say_count("Looking through {n} article…", "Looking through {n} articles…", count)


def hint_card(count: int | None, name: str) -> Card:
    """How to ask, for someone who mentioned the bot and said nothing else."""
    how = say("Write it after my name, as in “@{name} who said that?”, or use /ask.", name=name)
    what = say("I look through the articles and quote.")
    if count is not None:
        what = say_count("I look through {n} article and quote.", "I look through {n} articles and quote.", count)
    return Card("notice", say("Ask me a question"), (Words(joined(" ", (how, what))),))


def is_filtered(error: discord.HTTPException) -> bool:
    """Whether the server's AutoMod or link filter refused a message."""
    return error.code in {200000, 200001, 240000}
