"""``/library``: adding and removing articles, and how the library does; for those who manage the server."""

from typing import Any

import discord
from discord import app_commands

from bot import desk, words
from bot.articles import suggest_all
from bot.attached import content_of
from bot.client import Quoth
from bot.editing import audience_command, edit_command
from bot.exchange import export_command, import_command
from bot.forms import Form
from bot.readers import keeper
from bot.render import Reply
from retrieval import iso_date, say, web_address

_LARGEST_FILE = 10_000_000  # bytes, as much as Discord lets most people attach
_LONGEST_PASTE = 4_000  # characters in a field of a form


def library_group() -> app_commands.Group:
    """``/library`` with its sub-commands; who may use them is changed in the server's settings."""
    group = app_commands.Group(
        name="library",
        description="Look after the articles",
        default_permissions=discord.Permissions(manage_guild=True),
        guild_only=True,
    )
    for command in (
        _add_command(),
        _paste_command(),
        edit_command(),
        audience_command(),
        _remove_command(),
        export_command(),
        import_command(),
        _status_command(),
    ):
        group.add_command(command)
    return group


async def remove(interaction: discord.Interaction[Quoth], article: str) -> None:
    """Remove an article, once it is confirmed."""
    await interaction.client.respond(interaction, interaction.client.change(interaction, desk.removed, article))


def _add_command() -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="add", description="Add the articles of a file: text, Markdown, HTML or JSON Lines")
    @app_commands.describe(
        file="The file",
        title="Its headline, if it is one article",
        source="Its publisher",
        published="When it was published, such as 2018-07-18",
        url="Its address",
    )
    async def add(  # noqa: PLR0913, PLR0917 - each is an option of the command
        interaction: discord.Interaction[Quoth],
        file: discord.Attachment,
        title: str | None = None,
        source: str | None = None,
        published: str | None = None,
        url: str | None = None,
    ) -> None:
        async def work() -> Reply:
            known = _known(title=title, source=source, published=published, url=url)
            content = await content_of(file, most=_LARGEST_FILE)
            return await interaction.client.change(interaction, desk.added, file.filename, content, known)

        await interaction.client.respond(interaction, work())

    return add


def _paste_command() -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="paste", description="Add an article by pasting its text into a form")
    async def paste(interaction: discord.Interaction[Quoth]) -> None:
        await _open_paste(interaction)

    return paste


async def _open_paste(interaction: discord.Interaction[Any]) -> None:
    """Show a form for an article's text and what is known of it."""

    async def add(sent: discord.Interaction[Any]) -> None:
        client: Quoth = sent.client

        async def work() -> Reply:
            known = _known(title=title.value, source=source.value, published=published.value, url=url.value)
            return await client.change(sent, desk.pasted, text.value, known)

        await client.respond(sent, work())

    form = Form(say("Add an article"), interaction, add)
    title: discord.ui.TextInput[Any] = form.field(
        say("Title"), discord.ui.TextInput(custom_id="title", required=False, max_length=300)
    )
    text: discord.ui.TextInput[Any] = form.field(
        say("Text"),
        discord.ui.TextInput(custom_id="text", style=discord.TextStyle.paragraph, max_length=_LONGEST_PASTE),
        about=say("As you copied it: what is not the reporter's is found and never quoted"),
    )
    source: discord.ui.TextInput[Any] = form.field(
        say("Publisher"), discord.ui.TextInput(custom_id="source", required=False, max_length=100)
    )
    published: discord.ui.TextInput[Any] = form.field(
        say("Date"), discord.ui.TextInput(custom_id="published", required=False, placeholder="2018-07-18")
    )
    url: discord.ui.TextInput[Any] = form.field(
        say("Address"), discord.ui.TextInput(custom_id="url", required=False, max_length=1_000)
    )
    await interaction.response.send_modal(form)


def _remove_command() -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="remove", description="Remove an article and everything made from it")
    @app_commands.describe(article="The article, by its title")
    @app_commands.autocomplete(article=suggest_all)
    async def remove_article(interaction: discord.Interaction[Quoth], article: str) -> None:
        client = interaction.client

        async def work() -> Reply:
            return await client.worker.within(keeper(words.server_of(interaction)), desk.to_remove, article)

        await client.respond(interaction, work())

    return remove_article


def _status_command() -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="status", description="What the library holds, what readers think, what they miss")
    async def status(interaction: discord.Interaction[Quoth]) -> None:
        client = interaction.client

        async def work() -> Reply:
            server = words.server_of(interaction)
            votes = await client.worker.aside(client.memory.votes, server)
            gaps = await client.worker.aside(client.memory.gaps, server)
            return await client.worker.within(keeper(server), desk.status, votes, gaps)

        await client.respond(interaction, work())

    return status


def _known(**fields: str | None) -> dict[str, str]:
    """What was filled in; raises InvalidInput for a date or an address that is none."""
    known = {name: value.strip() for name, value in fields.items() if value and value.strip()}
    for name, read in (("published", iso_date), ("url", web_address)):
        if name in known:
            value = read(known[name])
            if value is None:
                raise words.cannot_be(name, known[name])
            known[name] = value
    # A date that a person gives is certain.
    return known | {"published_from": "user"} if "published" in known else known
