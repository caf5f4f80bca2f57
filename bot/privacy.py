"""``/privacy``: what is kept of people, for how long, and deleting it."""

from typing import Any

import discord
from discord import app_commands

from bot import words
from bot.client import Quoth
from bot.memory import CONVERSATION_MINUTES
from bot.render import Reply
from retrieval import Card, Respond, Words, say, say_count


def privacy_command() -> app_commands.Command[Any, ..., None]:
    """``/privacy``."""

    @app_commands.command(name="privacy", description="What is kept of you and for how long; delete it")
    async def privacy(interaction: discord.Interaction[Quoth]) -> None:
        client = interaction.client

        async def work() -> Reply:
            return Reply(_card(client.memory.days, client.memory.departed_days))

        await client.respond(interaction, work())

    return privacy


async def forget(interaction: discord.Interaction[Quoth], _about: str) -> None:
    """Delete what is kept of the person who asks for it, in this server."""
    client = interaction.client

    async def work() -> Reply:
        server = words.server_of(interaction)
        count = await client.worker.soon(client.memory.forget_person, server, interaction.user.id)
        deleted = say("Questions and votes: {number}.", number=count) if count else say("Nothing was kept of you.")
        return Reply(Card("notice", say("Your data is deleted"), (Words(deleted),)))

    await client.respond(interaction, work())


def _card(days: int, departed_days: int) -> Card:
    """``days`` for which questions are kept, and ``departed_days`` after which a server is forgotten."""
    kept = say("Your questions are kept in memory for {minutes} minutes, and in no file.", minutes=CONVERSATION_MINUTES)
    if days:
        kept = say_count(
            "Your questions are kept for {n} day, so that follow-ups and buttons work.",
            "Your questions are kept for {n} days, so that follow-ups and buttons work.",
            days,
        )
    code = say(
        "Your votes are kept for three months. With both stands a code that only this bot can tell to be yours; "
        "never your name."
    )
    blocks = (
        Words(kept),
        Words(code),
        Words(say("What you put before the admins is kept for three months, without a code. Messages are not kept.")),
        Words(say("A question that you watch is kept with your id until it is answered, for three months at most.")),
        Words(
            say_count(
                "{n} day after a server removed the bot, all that is kept of it is deleted.",
                "{n} days after a server removed the bot, all that is kept of it is deleted.",
                departed_days,
            )
        ),
        Words(say("Nothing leaves the machine that the bot runs on, and nothing is trained on what you write.")),
    )
    return Card("notice", say("What is kept of you"), blocks, actions=(Respond(say("Delete my data"), "forget", ""),))
