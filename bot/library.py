"""``/library``: adding and removing articles, and how the library does; for those who manage the server."""

from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands

from bot import desk, words
from bot.articles import suggest
from bot.attached import content_of
from bot.client import Quoth
from bot.languages import language
from bot.readers import keeper
from bot.render import Reply
from retrieval import Language, iso_date, said_in, say, web_address

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
    for command in (_add_command(), _paste_command(), _remove_command(), _status_command()):
        group.add_command(command)
    return group


async def remove(interaction: discord.Interaction[Quoth], article: str) -> None:
    """Remove an article, once it is confirmed."""
    await interaction.client.respond(interaction, _at_length(interaction, desk.removed, article))


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
            return await _at_length(interaction, desk.added, file.filename, content, known)

        await interaction.client.respond(interaction, work())

    return add


def _paste_command() -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="paste", description="Add an article by pasting its text into a form")
    async def paste(interaction: discord.Interaction[Quoth]) -> None:
        await interaction.response.send_modal(Paste(spoken=language(interaction.locale)))

    return paste


class Paste(discord.ui.Modal):
    """A form for an article's text and what is known of it."""

    def __init__(self, *, spoken: Language) -> None:
        super().__init__(title=said_in(spoken, say("Add an article")), timeout=3_600)
        self._fields: list[discord.ui.TextInput[Paste]] = [
            discord.ui.TextInput(custom_id="title", required=False, max_length=300),
            discord.ui.TextInput(
                custom_id="text", style=discord.TextStyle.paragraph, max_length=_LONGEST_PASTE, required=True
            ),
            discord.ui.TextInput(custom_id="source", required=False, max_length=100),
            discord.ui.TextInput(custom_id="published", required=False, placeholder="2018-07-18"),
            discord.ui.TextInput(custom_id="url", required=False, max_length=1_000),
        ]
        labels = (say("Title"), say("Text"), say("Publisher"), say("Date"), say("Address"))
        hint = said_in(spoken, say("As you copied it: what is not the reporter's is found and never quoted"))
        for label, field in zip(labels, self._fields, strict=True):
            description = hint if field.custom_id == "text" else None
            self.add_item(discord.ui.Label(text=said_in(spoken, label), description=description, component=field))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        title, text, source, published, url = (field.value for field in self._fields)

        async def work() -> Reply:
            known = _known(title=title, source=source, published=published, url=url)
            return await _at_length(interaction, desk.pasted, text, known)

        client: Quoth = interaction.client
        await client.respond(interaction, work())


def _remove_command() -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="remove", description="Remove an article and everything made from it")
    @app_commands.describe(article="The article, by its title")
    @app_commands.autocomplete(article=suggest)
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


async def _at_length(interaction: discord.Interaction[Any], work: Callable[..., Reply], *args: object) -> Reply:
    """What work gives that may take minutes and change the titles."""
    client: Quoth = interaction.client
    server = words.server_of(interaction)
    try:
        return await client.worker.at_length(keeper(server), work, *args)
    finally:
        client.titles.forget(server)


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
