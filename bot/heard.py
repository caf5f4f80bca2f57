"""Messages that are questions: mentions of the bot, and what is said where a server has every question answered."""

import contextlib
import logging
import re
from typing import Any, Literal

import discord

from bot import readers, words
from bot.ask import Asking, admit, answer, question_in
from bot.client import Quoth
from bot.deliver import deliver, settled
from bot.languages import language_of_server
from bot.markdown import shorten
from bot.preferences import Preferences
from bot.render import Look, Message, Reply
from bot.sending import LOST, edit_sender, fresh, posted
from retrieval import QuothError, said_in

_log = logging.getLogger(__name__)

_DESCRIBED_SECONDS = 10.0
_LONGEST_NAME = 100  # of a thread
_REFUSED = "Asked in channel %s of server %s: it may not send messages there; Quoth lacks: %s"
_A_DAY: Literal[1440] = 1440  # minutes, after which a quiet thread leaves the list


async def heard(client: Quoth, message: discord.Message) -> None:
    """Answer a message, if it asks the bot something."""
    guild, me = message.guild, client.user
    if guild is None or me is None or message.author.bot:
        return
    # A reply mentions, too, and may only say thanks. Who types the name may get the role of that name instead.
    is_mention = re.search(rf"<@!?{me.id}>", message.content) or guild.self_role in message.role_mentions
    if not is_mention and not client.manner.hears_all:
        return
    preferences = await client.preferences(guild.id)
    question = question_in(message) if is_mention else _unprompted(message, preferences)
    if question is None:
        return
    if isinstance(message.channel, discord.PartialMessageable):
        await _described(client, guild)
        known: Any = guild.get_channel_or_thread(message.channel.id)
        message.channel = known or message.channel
    if not _may_answer(client, message, guild):
        return
    try:
        with client.busy():
            await _answer(client, message, guild, question, preferences)
    except discord.Forbidden:
        # Not by what was known of permissions; a refused request for every question could shut out the whole machine.
        if client.manner.closed.note(message.channel.id):
            _log.warning(_REFUSED, message.channel.id, guild.id, "a permission that Discord does not name")
    except (discord.HTTPException, *LOST) as error:
        _log.warning("A question in channel %s could not be answered: %s", message.channel.id, error)


async def _described(client: Quoth, guild: discord.Guild) -> None:
    """Wait for a server that Discord has named and not yet described, as it does after a start."""
    if not guild.unavailable:
        return
    with contextlib.suppress(TimeoutError):
        await client.wait_for("guild_available", check=lambda known: known.id == guild.id, timeout=_DESCRIBED_SECONDS)


def _unprompted(message: discord.Message, preferences: Preferences) -> str | None:
    """The question of a message that mentions nobody: it ends like one, or begins a post in a forum."""
    channel = message.channel
    place = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
    if place not in preferences.channels or message.type is not discord.MessageType.default:
        return None
    text = question_in(message)
    if isinstance(channel, discord.Thread) and channel.id == message.id:
        # The title of a post is its question in short.
        title = " ".join(channel.name.split())
        return title if title.endswith("?") or not words.is_askable(text) else text
    return text if text.endswith("?") and words.is_askable(text) else None


def _may_answer(client: Quoth, message: discord.Message, guild: discord.Guild) -> bool:
    """Whether the bot may write here. Where it may not, nobody can be told, and nobody asked for a direct message: the
    log says what is missing, by the names that Discord shows. What an admin allows then counts at once."""
    channel = message.channel
    sends = "send_messages_in_threads" if isinstance(channel, discord.Thread) else "send_messages"
    missing = words.lacking(channel.permissions_for(guild.me), "view_channel", sends)
    if missing and client.manner.mute.note(channel.id):
        _log.warning(_REFUSED, channel.id, guild.id, missing)
    return not missing and not client.manner.closed.holds(channel.id)


async def _answer(
    client: Quoth, message: discord.Message, guild: discord.Guild, question: str, preferences: Preferences
) -> None:
    place = await _place(message, guild, question, preferences)
    everyone = readers.everyone(guild.id, place.channel)
    look = Look(
        preferences.style or client.manner.style, language_of_server(preferences.language, guild.preferred_locale)
    )
    count = await client.titles.count(everyone)
    try:
        if len(question) < words.QUESTION_SHORTEST:
            hint = words.hint_card(count, client.user.name if client.user else "Quoth")
            await deliver(Reply(hint), place.send, look)
            return
        conversation = place.conversation or await _replied_to(client, message, guild.id)
        asking = Asking(everyone, None, message.author.id, question, conversation=conversation)
        admit(client, asking)
    except QuothError as refused:
        await deliver(Reply(words.card_for(refused)), place.send, look)
        return
    # Cards give no text to a notification on a phone, so the first message is an ordinary one.
    placeholder = await place.say(said_in(look.language, words.looking(count)))
    reply = await settled(_shown(client, asking, placeholder.id))
    await deliver(reply, edit_sender(placeholder), look)


class _Place:
    """Where an answer goes: beside the question as a reply, or into a thread."""

    def __init__(self, channel: discord.abc.Messageable, *, reference: discord.MessageReference | None) -> None:
        self.channel = channel
        self._how: dict[str, Any] = {"mention_author": False}
        if reference is not None:
            self._how["reference"] = reference

    @property
    def conversation(self) -> int | None:
        """A thread or forum post is a conversation of its own."""
        return self.channel.id if isinstance(self.channel, discord.Thread) else None

    async def say(self, text: str) -> discord.Message:
        silent = {"content": text, "allowed_mentions": discord.AllowedMentions.none()}
        return await posted(self.channel.send, lambda: silent | self._how)

    async def send(self, made: Message) -> None:
        await posted(self.channel.send, lambda: fresh(made) | self._how)


async def _place(message: discord.Message, guild: discord.Guild, question: str, preferences: Preferences) -> _Place:
    permissions = message.channel.permissions_for(guild.me)
    if preferences.threads and isinstance(message.channel, discord.TextChannel) and permissions.create_public_threads:
        try:
            name = shorten(question, _LONGEST_NAME) or "Quoth"
            return _Place(await message.create_thread(name=name, auto_archive_duration=_A_DAY), reference=None)
        except discord.HTTPException as error:
            # There may be one already, or too many; the question is answered all the same.
            _log.warning("No thread could be made in channel %s: %s", message.channel.id, error)
    # A reply shows the question, and needs to see it.
    sees = permissions.read_message_history
    return _Place(message.channel, reference=message.to_reference(fail_if_not_exists=False) if sees else None)


async def _shown(client: Quoth, asking: Asking, message_id: int) -> Reply:
    """The answer to a message, remembered by the message that shows it: a reply to that goes on from there."""
    reply, answer_id = await answer(client, asking)
    await client.remember_shown(asking.reader.guild_id, answer_id, message_id)
    return reply


async def _replied_to(client: Quoth, message: discord.Message, guild_id: int) -> int | None:
    """The conversation of the answer that a message replies to, if it is one and remembered."""
    if message.reference is None or message.reference.message_id is None:
        return None
    return await client.worker.soon(client.memory.conversation_of, guild_id, message.reference.message_id)
