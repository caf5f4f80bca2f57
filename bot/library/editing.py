"""``/library edit``, ``audience`` and ``remove``: what is known of an article, who may see it, and its end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot import readers, words
from bot.articles import suggest_all
from bot.client import Quoth
from bot.forms import Filled, Form
from bot.library import keeping
from bot.render import Reply
from retrieval import Article, Audience, QuothError, say

# A form must be the first thing that is shown, within three seconds.
_LOOK_UP_WITHIN = 1.5
_MOST_CHOSEN = 25

Opening = Callable[[discord.Interaction[Any], Article, Audience], Awaitable[None]]


def edit_command() -> app_commands.Command[Any, ..., None]:
    """``/library edit``."""

    @app_commands.command(name="edit", description="Correct an article's title, publisher, author, date or address")
    @app_commands.describe(article="The article, by its title")
    @app_commands.autocomplete(article=suggest_all)
    async def edit(interaction: discord.Interaction[Quoth], article: str) -> None:
        await _open(interaction, article, _open_edit)

    return edit


def audience_command() -> app_commands.Command[Any, ..., None]:
    """``/library audience``."""

    @app_commands.command(name="audience", description="Choose the roles and channels that may see an article")
    @app_commands.describe(article="The article, by its title")
    @app_commands.autocomplete(article=suggest_all)
    async def audience(interaction: discord.Interaction[Quoth], article: str) -> None:
        await _open(interaction, article, _open_audience)

    return audience


def remove_command() -> app_commands.Command[Any, ..., None]:
    """``/library remove``."""

    @app_commands.command(name="remove", description="Remove an article and everything made from it")
    @app_commands.describe(article="The article, by its title")
    @app_commands.autocomplete(article=suggest_all)
    async def remove_article(interaction: discord.Interaction[Quoth], article: str) -> None:
        client = interaction.client

        async def work() -> Reply:
            return await client.worker.within(readers.keeper(words.server_of(interaction)), keeping.to_remove, article)

        await client.respond(interaction, work())

    return remove_article


async def remove(interaction: discord.Interaction[Quoth], article: str) -> None:
    """Remove an article, once it is confirmed."""
    await interaction.client.respond(interaction, interaction.client.change(interaction, keeping.removed, article))


async def _open(interaction: discord.Interaction[Quoth], reference: str, form: Opening) -> None:
    """Look an article up and show a form about it, or say why not."""
    client = interaction.client
    try:
        keeper = readers.keeper(words.server_of(interaction))
        async with asyncio.timeout(_LOOK_UP_WITHIN):
            article, audience = await client.worker.within(keeper, keeping.looked_up, reference)
    except TimeoutError:
        await client.respond(interaction, _refused(words.queue_full()))
    except QuothError as error:
        await client.respond(interaction, _refused(error))
    else:
        await form(interaction, article, audience)


async def _refused(error: QuothError) -> Reply:
    raise error


async def corrected(interaction: discord.Interaction[Quoth], article: str, filled: Filled) -> None:
    """Save what somebody corrected."""
    wanted = {name: filled.text(name) for name in keeping.CORRECTED}
    await interaction.client.respond(
        interaction, interaction.client.change(interaction, keeping.edited, article, wanted)
    )


async def limited(interaction: discord.Interaction[Quoth], article: str, filled: Filled) -> None:
    """Limit an article to the audience that somebody chose."""
    audience = readers.audience(filled.ids("roles"), filled.ids("channels"), is_adult=filled.is_ticked("adults"))
    await interaction.client.respond(
        interaction, interaction.client.change(interaction, keeping.limited, article, audience)
    )


async def _open_edit(interaction: discord.Interaction[Any], article: Article, _audience: Audience) -> None:
    form = Form(say("Correct an article"), "edit", article.id, locale=interaction.locale)
    labels = (say("Title"), say("Publisher"), say("Author"), say("Date"), say("Address"))
    for name, label in zip(keeping.CORRECTED, labels, strict=True):
        known = keeping.known(article, name)
        longest = max(_LONGEST[name], len(known))  # a form refuses a default that is longer than its field
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=name, default=known or None, required=name == "title", max_length=min(longest, _LONGEST_FIELD)
        )
        form.field(label, field)
    await form.show(interaction)


async def _open_audience(interaction: discord.Interaction[Any], article: Article, audience: Audience) -> None:
    role_ids, channel_ids, is_adult = readers.chosen(audience)
    form = Form(say("Who may see this article?"), "audience", article.id, locale=interaction.locale)
    form.field(
        say("Roles"),
        discord.ui.RoleSelect[Any](
            custom_id="roles",
            min_values=0,
            max_values=_MOST_CHOSEN,
            required=False,
            default_values=[
                discord.SelectDefaultValue(id=i, type=discord.SelectDefaultValueType.role) for i in role_ids
            ],
        ),
        about=say("Whoever has one of them; nobody else finds the article. None: everybody"),
    )
    form.field(
        say("Channels"),
        discord.ui.ChannelSelect[Any](
            custom_id="channels",
            min_values=0,
            max_values=_MOST_CHOSEN,
            required=False,
            default_values=[
                discord.SelectDefaultValue(id=i, type=discord.SelectDefaultValueType.channel) for i in channel_ids
            ],
        ),
        about=say("It is quoted in these channels and their threads only. None: in all"),
    )
    form.field(say("Age-restricted channels only"), discord.ui.Checkbox[Any](custom_id="adults", default=is_adult))
    await form.show(interaction)


_LONGEST = {"title": 300, "source": 100, "author": 200, "published": 40, "url": 1_000}  # characters
_LONGEST_FIELD = 4_000
