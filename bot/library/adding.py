"""``/library add``, ``paste`` and ``refresh``: articles in."""

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot import words
from bot.articles import suggest_all
from bot.attached import content_of
from bot.client import Quoth
from bot.forms import Filled, Form
from bot.library import keeping
from bot.render import Reply
from retrieval import iso_date, say, web_address

_LARGEST_FILE = 10_000_000  # bytes, as much as Discord lets most people attach
_LONGEST_PASTE = 4_000  # characters in a field of a form
_LONGEST_TITLE = 300
_LONGEST_SOURCE = 100


def add_command() -> app_commands.Command[Any, ..., None]:
    """``/library add``."""

    @app_commands.command(
        name="add", description="Add a page by its address, or the articles of a file; with neither, paste a text"
    )
    @app_commands.describe(
        url="Address of a page, feed or sitemap; with a file, the address of its article",
        file="Text, Markdown, HTML, PDF, Word, EPUB, JSON Lines, or a zip archive of these",
        title="Its headline, if it is one article",
        source="Its publisher",
        published="When it was published, such as 2018-07-18",
    )
    async def add(  # noqa: PLR0913, PLR0917 - each is an option of the command
        interaction: discord.Interaction[Quoth],
        url: str | None = None,
        file: discord.Attachment | None = None,
        title: app_commands.Range[str, 1, _LONGEST_TITLE] | None = None,
        source: app_commands.Range[str, 1, _LONGEST_SOURCE] | None = None,
        published: str | None = None,
    ) -> None:
        client = interaction.client
        if url is None and file is None:  # what is neither an address nor a file is pasted
            await _open_paste(interaction, {"title": title, "source": source, "published": published})
            return

        async def work() -> Reply:
            known = _known(title=title, source=source, published=published, url=url)
            if file:
                content = await content_of(file, most=_LARGEST_FILE)
                return await client.add(interaction, keeping.added, file.filename, content, known)
            client.admit_visit(words.server_of(interaction), interaction.user.id)
            return await client.add(interaction, keeping.fetched, [known["url"]], known)

        await client.respond(interaction, work())

    return add


def paste_command() -> app_commands.Command[Any, ..., None]:
    """``/library paste``."""

    @app_commands.command(name="paste", description="Add an article by pasting its text into a form")
    async def paste(interaction: discord.Interaction[Quoth]) -> None:
        await _open_paste(interaction, {})

    return paste


async def _open_paste(interaction: discord.Interaction[Any], known: Mapping[str, str | None]) -> None:
    """Show a form for an article's text and what is known of it."""

    def line(name: str, **more: Any) -> discord.ui.TextInput[Any]:
        return discord.ui.TextInput(custom_id=name, required=False, default=known.get(name), **more)

    form = Form(say("Add an article"), "paste", locale=interaction.locale)
    form.field(say("Title"), line("title", max_length=_LONGEST_TITLE))
    form.field(
        say("Text"),
        discord.ui.TextInput[Any](custom_id="text", style=discord.TextStyle.paragraph, max_length=_LONGEST_PASTE),
        about=say("As you copied it: what is not the reporter's is found and never quoted"),
    )
    form.field(say("Publisher"), line("source", max_length=_LONGEST_SOURCE))
    form.field(say("Date"), line("published", placeholder="2018-07-18"))
    form.field(say("Address"), line("url", max_length=1_000))
    await form.show(interaction)


async def pasted(interaction: discord.Interaction[Quoth], _about: str, filled: Filled) -> None:
    """Add what somebody pasted."""
    client = interaction.client

    async def work() -> Reply:
        known = _known(**{name: filled.text(name) for name in ("title", "source", "published", "url")})
        return await client.change(interaction, keeping.pasted, filled.text("text"), known)

    await client.respond(interaction, work())


def refresh_command() -> app_commands.Command[Any, ..., None]:
    """``/library refresh``."""

    @app_commands.command(name="refresh", description="Fetch articles again that have an address, and see what changed")
    @app_commands.describe(article="This article only, by its title; without it, all")
    @app_commands.autocomplete(article=suggest_all)
    async def refresh(interaction: discord.Interaction[Quoth], article: str | None = None) -> None:
        client = interaction.client

        async def work() -> Reply:
            client.admit_visit(words.server_of(interaction), interaction.user.id)
            return await client.add(interaction, keeping.refreshed, article)

        await client.respond(interaction, work())

    return refresh


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
