"""``/privacy``: what is kept of people, for how long, and deleting it."""

from typing import Any

import discord
from discord import app_commands

from bot import words
from bot.client import Quoth
from bot.memory import CONVERSATION_MINUTES
from bot.render import Reply
from retrieval import Card, Respond, Words, counted


def privacy_command() -> app_commands.Command[Any, ..., None]:
    """``/privacy``."""

    @app_commands.command(name="privacy", description="What is kept of you and for how long; delete it")
    async def privacy(interaction: discord.Interaction[Quoth]) -> None:
        client = interaction.client

        async def work() -> Reply:
            return Reply(_card(client.memory.days))

        await client.respond(interaction, work())

    return privacy


async def forget(interaction: discord.Interaction[Quoth], _about: str) -> None:
    """Delete what is kept of the person who asks for it, in this server."""
    client = interaction.client

    async def work() -> Reply:
        server = words.server_of(interaction)
        count = await client.worker.aside(client.memory.forget_person, server, interaction.user.id)
        deleted = f"Questions and votes: {count:,}." if count else "Nothing was kept of you."
        return Reply(Card("notice", "Your data is deleted", (Words(deleted),)))

    await client.respond(interaction, work())


def _card(days: int) -> Card:
    kept = (
        f"Your questions are kept for {counted(days, 'day')}, so that follow-ups and buttons work."
        if days
        else f"Your questions are kept in memory for {CONVERSATION_MINUTES} minutes, and in no file."
    )
    blocks = (
        Words(kept),
        Words(
            "With them, and with your votes, stands a code that only this bot can tell to be yours; never your name."
        ),
        Words("What you put before the admins is kept for three months, without a code. Messages are not kept."),
        Words("Nothing leaves the machine that the bot runs on, and nothing is trained on what you write."),
    )
    return Card("notice", "What is kept of you", blocks, actions=(Respond("Delete my data", "forget", ""),))
