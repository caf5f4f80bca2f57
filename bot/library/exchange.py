"""``/library export`` and ``import``: all articles as a file, and back again, here or in another server."""

from typing import Any

import discord
from discord import app_commands

from bot import words
from bot.attached import content_of
from bot.client import Quoth
from bot.library import keeping
from bot.readers import keeper
from bot.render import Reply

_SMALLEST_LIMIT = 10 * 1024 * 1024  # bytes that Discord takes from a bot wherever it is
_LARGEST_IMPORT = 25_000_000  # bytes


def export_command() -> app_commands.Command[Any, ..., None]:
    """``/library export``."""

    @app_commands.command(name="export", description="Get all articles as a file, with what is known of each")
    async def export(interaction: discord.Interaction[Quoth]) -> None:
        client = interaction.client

        async def work() -> Reply:
            return await client.worker.within(
                keeper(words.server_of(interaction)), keeping.exported, _most(interaction)
            )

        await client.respond(interaction, work())

    return export


def import_command() -> app_commands.Command[Any, ..., None]:
    """``/library import``."""

    @app_commands.command(name="import", description="Add the articles of an exported file")
    @app_commands.describe(file="What /library export gave, here or in another server")
    async def import_(interaction: discord.Interaction[Quoth], file: discord.Attachment) -> None:
        async def work() -> Reply:
            if not file.filename.lower().endswith((".jsonl", ".zip")):
                raise words.no_export(file.filename)
            content = await content_of(file, most=_LARGEST_IMPORT)
            return await interaction.client.add(interaction, keeping.added, file.filename, content, {})

        await interaction.client.respond(interaction, work())

    return import_


def _most(interaction: discord.Interaction[Any]) -> int:
    """How many bytes Discord takes in answer to this."""
    return interaction.filesize_limit or _SMALLEST_LIMIT
