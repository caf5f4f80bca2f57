"""Questions: ``/ask``, and what a message asks."""

import logging
import re
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot import desk, journal, readers, words
from bot.articles import suggest
from bot.client import Quoth
from bot.readers import Reader
from bot.render import Reply
from retrieval import StoreBusy, StoreError

_log = logging.getLogger(__name__)

_MENTIONS = re.compile(r"<@[!&]?\d+>")


@dataclass(frozen=True, slots=True)
class Asking:
    """A person's question in a server; ``conversation`` is the thread, or the first answer of the chain of replies.

    ``others`` will see the answer, too; None where only ``reader`` does, who asks.
    """

    reader: Reader
    others: Reader | None
    user_id: int
    question: str
    article: str | None = None
    conversation: int | None = None


def ask_command() -> app_commands.Command[Any, ..., None]:
    """``/ask``."""

    @app_commands.command(name="ask", description="Ask a question; the answer quotes the articles word for word")
    @app_commands.describe(
        question="What you want to know, in a sentence",
        article="Look in this article only",
        private="Show the answer to me only",
    )
    @app_commands.autocomplete(article=suggest)
    async def ask(
        interaction: discord.Interaction[Quoth],
        question: app_commands.Range[str, words.QUESTION_SHORTEST, words.QUESTION_LONGEST],
        article: str | None = None,
        private: bool | None = None,
    ) -> None:
        client = interaction.client
        if private is None:
            private = (await client.preferences(interaction.guild_id)).private

        async def work() -> Reply:
            reader = readers.person(interaction)
            asking = Asking(
                reader,
                None if private else readers.everyone(reader.guild_id, interaction.channel),
                interaction.user.id,
                question,
                article=article,
                conversation=_thread(interaction.channel),
            )
            return await _answered(client, asking, private=private)

        await client.respond(interaction, work(), private=private)

    return ask


def ask_about_menu() -> app_commands.ContextMenu:
    """*Apps › Ask about this* of a message: what it says is the question."""

    @app_commands.context_menu(name="Ask about this")
    async def ask_about(interaction: discord.Interaction[Quoth], message: discord.Message) -> None:
        client = interaction.client
        question = question_in(message)

        async def work() -> Reply:
            if len(question) < words.QUESTION_SHORTEST:
                raise words.no_question()
            asking = Asking(readers.person(interaction), None, interaction.user.id, question)
            return await _answered(client, asking, private=True)

        await client.respond(interaction, work())

    return ask_about


async def share(interaction: discord.Interaction[Quoth], answer: str) -> None:
    """Show everyone in the channel an answer that one person sees."""
    client = interaction.client

    async def work() -> Reply:
        others = readers.everyone(words.server_of(interaction), interaction.channel)
        client.admit(others.guild_id, interaction.user.id)
        question, history = await client.recalled(others.guild_id, answer)
        return await client.worker.within(others, desk.asked, question, history=history, answer_id=answer)

    await client.respond(interaction, work(), private=False)


async def _answered(client: Quoth, asking: Asking, *, private: bool) -> Reply:
    """The reply to a command; an answer that one person sees can be shown to the others."""
    admit(client, asking)
    reply, answer_id = await answer(client, asking)
    if not private or reply.card.tone != "answer":
        return reply
    return desk.shareable(reply, answer_id)


def question_in(message: discord.Message) -> str:
    """What a message says, without whom it mentions."""
    return " ".join(_MENTIONS.sub(" ", message.content).split())


async def answer(client: Quoth, asking: Asking) -> tuple[Reply, str]:
    """The reply to a question and the id of its answer; raises QuothError where it cannot be answered."""
    memory, conversation = client.memory, asking.conversation
    history: tuple[str, ...] = ()
    if conversation:
        history = await client.worker.soon(memory.history, asking.reader.guild_id, conversation)
    answer_id = await _remembered(client, asking)
    work = partial(desk.asked, question=asking.question, article=asking.article, history=history, answer_id=answer_id)

    async def looked_up() -> Reply:
        if asking.others is None:
            return await client.worker.within(asking.reader, work)
        everything = readers.keeper(asking.reader.guild_id)
        return await client.worker.within(everything, readers.discreetly, asking.reader, asking.others, work)

    return await journal.noted(answer_id, asking.reader.guild_id, looked_up), answer_id


async def _remembered(client: Quoth, asking: Asking) -> str:
    """The id of the answer to a question, which is remembered by it unless the disk is full: that stops no answer."""
    memory, conversation = client.memory, asking.conversation
    try:
        return await client.worker.soon(
            memory.asked, asking.reader.guild_id, asking.user_id, asking.question, conversation=conversation
        )
    except StoreBusy:
        raise
    except StoreError as error:
        _log.error("A question cannot be remembered: %s", error)
        return memory.new_answer()


def _thread(channel: object) -> int | None:
    """The conversation of a thread or forum post, which is itself."""
    return channel.id if isinstance(channel, discord.Thread) else None


def admit(client: Quoth, asking: Asking) -> None:
    """Raises QuothError for a question that is too long, or comes too soon after the last one."""
    if len(asking.question) > words.QUESTION_LONGEST:
        raise words.question_too_long(len(asking.question))
    client.admit(asking.reader.guild_id, asking.user_id)
