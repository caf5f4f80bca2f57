"""``/library status``: what the library holds, and what its readers made of it."""

from typing import Any

import discord
from discord import app_commands

from bot import words
from bot.client import Quoth
from bot.library import keeping
from bot.readers import keeper
from bot.render import Reply


def status_command() -> app_commands.Command[Any, ..., None]:
    """``/library status``."""

    @app_commands.command(name="status", description="What the library holds, what readers think, what they miss")
    async def status(interaction: discord.Interaction[Quoth]) -> None:
        client = interaction.client

        async def work() -> Reply:
            server = words.server_of(interaction)
            votes = await client.worker.soon(client.memory.votes, server)
            gaps = await client.worker.soon(client.memory.gaps, server)
            return await client.worker.within(keeper(server), keeping.status, votes, gaps)

        await client.respond(interaction, work())

    return status
