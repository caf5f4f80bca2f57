"""Questions: ``/ask`` and mentions of the bot."""

import logging
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot import desk, readers, words
from bot.articles import suggest
from bot.client import Quoth
from bot.deliver import changed, deliver, fresh, settled
from bot.languages import language
from bot.readers import Reader
from bot.render import Look, Message, Reply
from retrieval import QuothError, Respond, said_in, say

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
        private: bool = False,
    ) -> None:
        client = interaction.client

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
        question = _question_in(message)

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
        question, history = await client.recalled(others.guild_id, answer)
        return await client.worker.within(others, desk.asked, question, history=history, answer_id=answer)

    await client.respond(interaction, work(), private=False)


async def mentioned(client: Quoth, message: discord.Message) -> None:
    """Answer a message that mentions the bot, if that is what it does."""
    guild, me = message.guild, client.user
    if guild is None or me is None or message.author.bot:
        return
    if not re.search(rf"<@!?{me.id}>", message.content):  # a reply mentions, too, and may only say thanks
        return
    permissions = message.channel.permissions_for(guild.me)
    in_thread = isinstance(message.channel, discord.Thread)
    if not (permissions.send_messages_in_threads if in_thread else permissions.send_messages):
        _log.warning("Mentioned in channel %s, where sending messages is not permitted", message.channel.id)
        return
    place: dict[str, Any] = {"mention_author": False}
    if permissions.read_message_history:  # a reply shows the question, and needs to see it
        place["reference"] = message.to_reference(fail_if_not_exists=False)
    with client.busy():
        await _answer_mention(client, message, guild.id, place=place)


async def _answer_mention(client: Quoth, message: discord.Message, guild_id: int, *, place: dict[str, Any]) -> None:
    everyone = readers.everyone(guild_id, message.channel)
    asking = Asking(
        everyone,
        None,
        message.author.id,
        _question_in(message),
        conversation=_thread(message.channel) or await _replied_to(client, message, guild_id),
    )
    count = await client.titles.count(everyone)
    look = Look(client.manner.style, language(message.guild.preferred_locale if message.guild else None))

    async def send(made: Message) -> None:
        await message.channel.send(**fresh(made), **place)

    if len(asking.question) < words.QUESTION_SHORTEST:
        hint = words.hint_card(count, client.user.name if client.user else "Quoth")
        await deliver(Reply(hint), send, look)
        return
    try:
        _admit(client, asking)
    except QuothError as refused:
        await deliver(Reply(words.card_for(refused)), send, look)
        return
    # Cards give no text to a notification on a phone, so the first message is an ordinary one.
    placeholder = await message.channel.send(
        said_in(look.language, words.looking(count)),
        **place,
        allowed_mentions=discord.AllowedMentions.none(),
    )
    reply = await settled(_shown(client, asking, placeholder.id))

    async def edit(made: Message) -> None:
        await placeholder.edit(**changed(made))

    await deliver(reply, edit, look)


async def _shown(client: Quoth, asking: Asking, message_id: int) -> Reply:
    """The answer to a mention, remembered by the message that shows it: a reply to that goes on from there."""
    reply, answer = await _answer(client, asking)
    await client.worker.aside(client.memory.shown, asking.reader.guild_id, answer, message_id)
    return reply


async def _answered(client: Quoth, asking: Asking, *, private: bool) -> Reply:
    """The reply to a command; an answer that one person sees can be shown to the others."""
    _admit(client, asking)
    reply, answer = await _answer(client, asking)
    if not private or reply.card.tone != "answer":
        return reply
    share_it = Respond(say("Share in channel"), "share", answer)
    return replace(reply, card=replace(reply.card, actions=(*reply.card.actions, share_it)))


async def _answer(client: Quoth, asking: Asking) -> tuple[Reply, str]:
    """The reply to a question and the id of its answer; raises QuothError where it cannot be answered."""
    memory, conversation = client.memory, asking.conversation
    history: tuple[str, ...] = ()
    if conversation:
        history = await client.worker.aside(memory.history, asking.reader.guild_id, conversation)
    answer = await client.worker.aside(
        memory.asked, asking.reader.guild_id, asking.user_id, asking.question, conversation=conversation
    )
    work = partial(desk.asked, question=asking.question, article=asking.article, history=history, answer_id=answer)
    if asking.others is None:
        return await client.worker.within(asking.reader, work), answer
    everything = readers.keeper(asking.reader.guild_id)
    return await client.worker.within(everything, readers.discreetly, asking.reader, asking.others, work), answer


def _question_in(message: discord.Message) -> str:
    """What a message says, without whom it mentions."""
    return " ".join(_MENTIONS.sub(" ", message.content).split())


def _thread(channel: object) -> int | None:
    """The conversation of a thread or forum post, which is itself."""
    return channel.id if isinstance(channel, discord.Thread) else None


async def _replied_to(client: Quoth, message: discord.Message, guild_id: int) -> int | None:
    """The conversation of the answer that a message replies to, if it is one and remembered."""
    if message.reference is None or message.reference.message_id is None:
        return None
    return await client.worker.aside(client.memory.conversation_of, guild_id, message.reference.message_id)


def _admit(client: Quoth, asking: Asking) -> None:
    """Raises QuothError for a question that is too long, or comes too soon after the last one."""
    if len(asking.question) > words.QUESTION_LONGEST:
        raise words.question_too_long(len(asking.question))
    wait = client.manner.cooldown.take(asking.reader.guild_id, asking.user_id)
    if wait:
        raise words.too_soon(wait)
