"""Articles: ``/articles``, ``/summarise``, and the suggestions while a person types a title."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot import desk, keys, limits, markdown, readers, views, words
from bot.attached import content_of
from bot.client import Quoth
from bot.languages import language
from bot.render import Reply
from bot.titles import matching
from retrieval import Language, Length, QuothError, is_address, said_in, say, visible

# Suggestions that come later than this are of no use to someone who types.
_SUGGEST_WITHIN = 1.5
_LARGEST_FILE = 5_000_000  # bytes


def articles_command() -> app_commands.Command[Any, ..., None]:
    """``/articles``."""

    @app_commands.command(name="articles", description="List the articles that answers are quoted from")
    @app_commands.describe(search="Words of the title")
    async def articles(
        interaction: discord.Interaction[Quoth],
        search: app_commands.Range[str, 1, keys.SEARCH_LIMIT] = "",
    ) -> None:
        await show(interaction, keys.ListKey(" ".join(search.split())))

    return articles


def article_command() -> app_commands.Command[Any, ..., None]:
    """``/article``."""

    @app_commands.command(name="article", description="What is known of an article, and what it says")
    @app_commands.describe(article="The article, by its title")
    @app_commands.autocomplete(article=suggest)
    async def article(interaction: discord.Interaction[Quoth], article: str) -> None:
        await show(interaction, keys.ArticleKey(article))

    return article


def summarise_command() -> app_commands.Command[Any, ..., None]:
    """``/summarise``, which American English calls ``/summarize``."""

    @app_commands.command(name="summarise", description="Summarise an article in its own sentences")
    @app_commands.describe(
        article="The article, by its title, or the address of any page",
        length="How many sentences; short by default",
        file="Or a file, which is summarised without adding it",
    )
    @app_commands.autocomplete(article=suggest)
    async def summarise(
        interaction: discord.Interaction[Quoth],
        article: str = "",
        length: Length = "short",
        file: discord.Attachment | None = None,
    ) -> None:
        if file or is_address(article):
            await _show_guest(interaction, file or article, length)
        else:
            await show(interaction, keys.SummaryKey(article, length), private=False)

    return summarise


def summarise_menu() -> app_commands.ContextMenu:
    """*Apps › Summarise this* of a message: its attached file, or what it says."""

    @app_commands.context_menu(name="Summarise this")
    async def summarise_this(interaction: discord.Interaction[Quoth], message: discord.Message) -> None:
        await _show_guest(interaction, message.attachments[0] if message.attachments else message.content, "short")

    return summarise_this


async def _show_guest(interaction: discord.Interaction[Quoth], guest: discord.Attachment | str, length: Length) -> None:
    """Show one person the summary of what need not be in the library: a file, a page by its address, or a text."""
    client = interaction.client

    async def work() -> Reply:
        reader = readers.person(interaction)
        client.admit(reader.guild_id, interaction.user.id)
        if isinstance(guest, str) and is_address(guest) and len(guest.split()) == 1:
            client.admit_visit(reader.guild_id, interaction.user.id)
            return await client.worker.visiting(reader, desk.summarised_page, guest.strip(), length)
        if isinstance(guest, str):
            name, content = "message.txt", guest.encode()
        else:
            name, content = guest.filename, await content_of(guest, most=_LARGEST_FILE)
        return await client.worker.within(reader, desk.summarised_guest, name, content, length)

    await client.respond(interaction, work())


def topic_command() -> app_commands.Command[Any, ..., None]:
    """``/topic``."""

    @app_commands.command(name="topic", description="Key points of all articles about something, each with its source")
    @app_commands.describe(words="What the articles are about", length="How many points; short by default")
    async def topic(
        interaction: discord.Interaction[Quoth],
        words: app_commands.Range[str, 2, keys.TOPIC_LIMIT],
        length: Length = "short",
    ) -> None:
        await show(interaction, keys.TopicKey(" ".join(words.split()), length), private=False)

    return topic


async def suggest(interaction: discord.Interaction[Quoth], current: str) -> list[app_commands.Choice[str]]:
    """Articles whose title holds the words typed so far; the value of each is the article's id."""
    return await _suggested(interaction, readers.person, current)


async def suggest_all(interaction: discord.Interaction[Quoth], current: str) -> list[app_commands.Choice[str]]:
    """As ``suggest``, for those who look after the library."""
    return await _suggested(interaction, _keeper, current)


def _keeper(interaction: discord.Interaction[Any]) -> readers.Reader:
    return readers.keeper(words.server_of(interaction))


async def _suggested(
    interaction: discord.Interaction[Quoth], who: Callable[[discord.Interaction[Any]], readers.Reader], current: str
) -> list[app_commands.Choice[str]]:
    client = interaction.client
    if client.manner.suggestions.take(words.server_of(interaction), interaction.user.id):
        return []  # no person types so fast, and each costs a look at all titles
    try:
        async with asyncio.timeout(_SUGGEST_WITHIN):
            titles = await client.titles.of(who(interaction))
    except (TimeoutError, QuothError):
        # Someone who types can still write the title; the command resolves it.
        return []
    return [
        app_commands.Choice(name=_name(article.title, language(interaction.locale)), value=article.id)
        for article in matching(titles, current)[: limits.OPTIONS]
    ]


async def show(
    interaction: discord.Interaction[Quoth],
    key: keys.Key,
    *,
    page: int = 1,
    private: bool = True,
    replace: bool = False,
) -> None:
    """Show the card of a key, from the library of the server where the person is."""
    client = interaction.client

    async def work() -> Reply:
        reader = readers.person(interaction)
        if isinstance(key, keys.MoreKey | keys.NearestKey):
            question, history = await client.recalled(reader.guild_id, key.answer)
            again = desk.more if isinstance(key, keys.MoreKey) else desk.nearest
            return await client.worker.within(reader, again, question, history, key, page)
        deeds = views.deeds_of(interaction.message)
        if isinstance(key, keys.QuotesKey) and "yes" in deeds:
            return await _turned(client, reader, key, page, deeds)
        if private:
            return await client.worker.within(reader, desk.made_again, key, page)
        client.admit(reader.guild_id, interaction.user.id)
        others = readers.everyone(reader.guild_id, interaction.channel)
        everything = readers.keeper(reader.guild_id)
        return await client.worker.within(everything, readers.discreetly, reader, others, desk.made_again, key, page)

    await client.respond(interaction, work(), private=private, replace=replace)


async def _turned(
    client: Quoth, reader: readers.Reader, key: keys.QuotesKey, page: int, deeds: Mapping[str, str]
) -> Reply:
    """Another page of an answer, for one person, with what could be done about it on the page that they pressed."""
    recalled = await client.worker.soon(client.memory.recalled, reader.guild_id, deeds["yes"])
    question = recalled[0] if recalled else ""
    work = partial(desk.turned, question=question, answer_id=deeds["yes"])
    reply = await client.worker.within(reader, work, key, page)
    return desk.shareable(reply, deeds["yes"]) if "share" in deeds else reply


def _name(title: str, spoken: Language) -> str:
    shown = markdown.option(" ".join(visible(title).split()))
    return shown or said_in(spoken, say("Untitled article"))
