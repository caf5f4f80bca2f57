"""The ``/library`` command, made of its sub-commands."""

import discord
from discord import app_commands

from bot.library.adding import add_command, paste_command, refresh_command
from bot.library.editing import audience_command, edit_command, remove_command
from bot.library.exchange import export_command, import_command
from bot.library.feeds import feed_group
from bot.library.status import status_command


def library_group() -> app_commands.Group:
    """``/library`` with its sub-commands; who may use them is changed in the server's settings."""
    group = app_commands.Group(
        name="library",
        description="Look after the articles",
        default_permissions=discord.Permissions(manage_guild=True),
        guild_only=True,
    )
    for command in (
        add_command(),
        paste_command(),
        refresh_command(),
        edit_command(),
        audience_command(),
        remove_command(),
        feed_group(),
        export_command(),
        import_command(),
        status_command(),
    ):
        group.add_command(command)
    return group
