"""``/library feed`` and what the bot does by itself with feeds: asking them, and showing what is new."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import discord
from discord import app_commands

from bot import desk, keys, limits, markdown, readers, words
from bot.client import Quoth
from bot.deliver import deliver, unattended
from bot.languages import language_of_server
from bot.library import keeping
from bot.progress import Progress
from bot.render import Look, Reply
from bot.sending import message_sender
from retrieval import NotFound, QuothError

_log = logging.getLogger(__name__)

_SUGGEST_WITHIN = 1.5  # seconds
_SHOWN_AT_ONCE = 5  # new articles in a round; more would bury the channel


def feed_group() -> app_commands.Group:
    """``/library feed``."""
    group = app_commands.Group(name="feed", description="Subscribe to RSS and Atom feeds")
    for command in (_add_command(), _list_command(), _remove_command()):
        group.add_command(command)
    return group


def _add_command() -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="add", description="Subscribe to a feed; its new articles are added by themselves")
    @app_commands.describe(url="The feed's address, or that of a page that names it")
    async def add(interaction: discord.Interaction[Quoth], url: str) -> None:
        client = interaction.client

        async def work() -> Reply:
            client.admit_visit(words.server_of(interaction), interaction.user.id)
            return await client.add(interaction, keeping.subscribed, url)

        await client.respond(interaction, work())

    return add


def _list_command() -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="list", description="The feeds, what came from them, and which of them fail")
    async def list_feeds(interaction: discord.Interaction[Quoth]) -> None:
        client = interaction.client

        async def work() -> Reply:
            return await client.worker.within(readers.keeper(words.server_of(interaction)), keeping.feeds)

        await client.respond(interaction, work())

    return list_feeds


def _remove_command() -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="remove", description="End a subscription; the articles that came from it stay")
    @app_commands.describe(feed="The feed")
    @app_commands.autocomplete(feed=_suggest)
    async def remove(interaction: discord.Interaction[Quoth], feed: str) -> None:
        client = interaction.client
        await client.respond(interaction, client.change(interaction, keeping.unsubscribed, feed))

    return remove


async def _suggest(interaction: discord.Interaction[Quoth], current: str) -> list[app_commands.Choice[str]]:
    """Feeds whose title or address holds what is typed; what does not fit into a choice is left to be typed."""
    try:
        async with asyncio.timeout(_SUGGEST_WITHIN):
            keeper = readers.keeper(words.server_of(interaction))
            feeds = await interaction.client.worker.within(keeper, keeping.subscriptions)
    except (TimeoutError, QuothError):
        return []
    wanted = current.casefold()
    return [
        app_commands.Choice(name=markdown.option(feed.title or feed.url), value=feed.url)
        for feed in feeds
        if wanted in f"{feed.title} {feed.url}".casefold() and limits.units(feed.url) <= limits.OPTION_TEXT
    ][: limits.OPTIONS]


async def poll(client: Quoth) -> None:
    """Ask the feeds that are due in each server, and show there what is new where that is wanted."""
    for guild_id in await client.served():
        # What goes wrong in one server is no reason to leave out the others.
        await unattended(_poll(client, guild_id))


async def _poll(client: Quoth, guild_id: int) -> None:
    keeper = readers.keeper(guild_id)
    if not await client.worker.within(keeper, keeping.subscriptions):
        return
    progress = Progress(client.worker.is_stopping)
    articles = await client.worker.at_length(keeper, keeping.polled, progress=progress)
    if articles:
        client.titles.forget(guild_id)
        await announce(client, guild_id, [article.id for article in articles])


async def show_reported(client: Quoth) -> None:
    """Show what the process that leads has found for the servers of this one."""
    for guild_id in await client.worker.aside(client.memory.reported_servers):
        if client.get_guild(guild_id):
            client.titles.forget(guild_id)
            await unattended(_show_reported(client, guild_id))


async def _show_reported(client: Quoth, guild_id: int) -> None:
    await announce(client, guild_id, await client.worker.aside(client.memory.reported, guild_id))


async def announce(client: Quoth, guild_id: int, article_ids: Sequence[str]) -> None:
    """Show new articles with their key points in the channel for them, as far as all may see them who read there.

    Of a server that another process hears of, that one does it: it knows the channel and what the bot may do there.
    """
    preferences = await client.preferences(guild_id)
    if not preferences.announcements:
        return
    if not client.is_here(guild_id):
        await client.worker.aside(client.memory.report, guild_id, *article_ids)
        return
    guild = client.get_guild(guild_id)
    channel = guild.get_channel(preferences.announcements) if guild else None
    if guild is None or not isinstance(channel, discord.TextChannel):
        return
    if not channel.permissions_for(guild.me).send_messages:
        _log.warning("New articles cannot be shown in channel %s: sending messages is not permitted", channel.id)
        return
    everyone = readers.everyone(guild.id, channel)
    look = Look(
        preferences.style or client.manner.style, language_of_server(preferences.language, guild.preferred_locale)
    )
    send = message_sender(channel.send)
    shown = await client.worker.within(everyone, keeping.still_there, article_ids)
    for article in shown[:_SHOWN_AT_ONCE]:
        with suppress(NotFound):  # it was limited, or removed, while the others were shown
            reply = await client.worker.within(everyone, desk.made_again, keys.ArticleKey(article.id), 1)
            await deliver(reply, send, look)
    if more := await client.worker.within(everyone, keeping.still_there, [a.id for a in shown[_SHOWN_AT_ONCE:]]):
        await deliver(Reply(keeping.more_card(more)), send, look)
