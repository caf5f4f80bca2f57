"""How a message gets to Discord: again where it was lost on the way, and never twice."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

import aiohttp
import discord

from bot.render import Message

T = TypeVar("T")
_log = logging.getLogger(__name__)

ANSWERED_ALREADY = 40060
_UNKNOWN_INTERACTION = 10062
_TOKEN_EXPIRED = frozenset({10015, 50027})

# Gives the id of the message that it became, where that is known.
Send = Callable[[Message], Awaitable[int | None]]


@dataclass(frozen=True, slots=True)
class Deferred:
    """Whether "thinking…" is shown for an interaction; and by its id the message that all see, where it is known."""

    is_done: bool = False
    shown: int | None = None


_NOT_DEFERRED = Deferred()

# What is lost on the way may have arrived all the same. 5xx: the library has tried five times by then, but for 503.
LOST = (aiohttp.ClientError, OSError, discord.DiscordServerError)  # a TimeoutError is an OSError
_ONE_TRY_SECONDS = 20.0
_GIVE_UP_SECONDS = 60.0
_FIRST_PAUSE = 0.2


async def insist(send: Callable[[], Coroutine[Any, Any, T]], *, can_stop: bool) -> T:
    """What ``send`` returns, which is begun anew where it is lost on the way or takes too long; raises what it raises.

    Discord must take the second for the same as the first: an edit, a response, a message with the same nonce.
    ``can_stop`` is whether a try that takes too long may be cancelled. The library's bot requests may not: one that is
    cancelled while a global rate limit lasts holds up all others for ever. So those are left to themselves.
    """
    began, pause = monotonic(), _FIRST_PAUSE
    while True:
        try:
            return await _tried(send, can_stop=can_stop)
        except LOST as error:
            if monotonic() - began + pause > _GIVE_UP_SECONDS:
                raise
            _log.info("Sent again in %.1f s, as it was lost on the way: %s", pause, str(error) or type(error).__name__)
        await asyncio.sleep(pause)
        pause *= 2


async def _tried(send: Callable[[], Coroutine[Any, Any, T]], *, can_stop: bool) -> T:
    task = asyncio.create_task(send())
    try:
        await asyncio.wait({task}, timeout=_ONE_TRY_SECONDS)
    finally:
        if can_stop:
            task.cancel()
    if not task.done():
        task.add_done_callback(_look_at)
        raise TimeoutError("Discord takes too long")
    return task.result()


def _look_at(task: "asyncio.Task[Any]") -> None:
    """Look at what came of it, so that asyncio does not report an error as never retrieved."""
    if not task.cancelled():
        task.exception()


def fresh(made: Message) -> dict[str, Any]:
    """The fields of a new message; nothing in it can notify anyone."""
    fields: dict[str, Any] = {"view": _unattended(made), "allowed_mentions": discord.AllowedMentions.none()}
    if not made.v2:
        fields["content"] = made.content
    if made.file:
        fields["files"] = made.files()
    return fields


def changed(made: Message) -> dict[str, Any]:
    """The fields of an edit: what was there before is taken away, as Components V2 demand."""
    return {
        "content": made.content,
        "view": _unattended(made),
        "allowed_mentions": discord.AllowedMentions.none(),
        "embeds": [],
        "attachments": made.files(),
    }


def _unattended(made: Message) -> discord.ui.View | discord.ui.LayoutView:
    """Its view, which the library need not wait for: presses find what they are for by their codes.

    Otherwise it keeps each card that one person sees for a quarter of an hour, with a task for it.
    """
    made.view.stop()
    return made.view


async def posted(post: Callable[..., Coroutine[Any, Any, T]], fields: Callable[[], dict[str, Any]]) -> T:
    """Post a message in a channel, once: Discord takes a second one with the same nonce for the first."""
    nonce = secrets.randbits(63)
    return await insist(lambda: post(**fields(), nonce=nonce), can_stop=False)


def message_sender(post: Callable[..., Coroutine[Any, Any, discord.Message]], **how: Any) -> Send:
    """Posts messages; ``post`` is the ``send`` of a channel or person."""

    async def send(made: Message) -> int:
        return (await posted(post, lambda: fresh(made) | how)).id

    return send


def edit_sender(shown: discord.Message | discord.PartialMessage) -> Send:
    """Changes a message of the bot's own."""

    async def send(made: Message) -> int:
        return (await insist(lambda: shown.edit(**changed(made)), can_stop=False)).id

    return send


def reply_sender(
    interaction: discord.Interaction[Any], *, ephemeral: bool, replace: bool, deferred: Deferred = _NOT_DEFERRED
) -> Send:
    """How a message reaches the person, given what has been said to this interaction so far.

    A message that all see is changed without the interaction once that is too old.
    """

    async def send(made: Message) -> int | None:
        in_place = replace and _can_become(interaction.message, made)
        answered = _late if deferred.is_done or interaction.response.is_done() else _first
        try:
            return await insist(
                lambda: answered(interaction, made, ephemeral=ephemeral, replace=in_place), can_stop=True
            )
        except discord.HTTPException as error:
            if error.code == _UNKNOWN_INTERACTION:
                _log.warning(
                    "An answer came too late; the loop was late by %.0f ms", interaction.client.lag.worst * 1000
                )
            if error.code not in _TOKEN_EXPIRED or deferred.shown is None or interaction.channel_id is None:
                raise
            channel = interaction.client.get_partial_messageable(interaction.channel_id)
            return await edit_sender(channel.get_partial_message(deferred.shown))(made)

    return send


def _can_become(pressed: discord.Message | None, made: Message) -> bool:
    """Whether one message can be edited into another: what is made of components remains so for ever."""
    return made.v2 or pressed is None or not pressed.flags.components_v2


async def _first(interaction: discord.Interaction[Any], made: Message, *, ephemeral: bool, replace: bool) -> int | None:
    try:
        if replace:
            await interaction.response.edit_message(**changed(made))
            return None
        return (await interaction.response.send_message(**fresh(made), ephemeral=ephemeral)).message_id
    except discord.HTTPException as error:
        # A request that failed on the way is repeated, by the library or here; the first may have arrived.
        if error.code != ANSWERED_ALREADY:
            raise
        _log.warning("An interaction was answered already; that answer is changed")
        return (await interaction.edit_original_response(**changed(made))).id


async def _late(interaction: discord.Interaction[Any], made: Message, *, ephemeral: bool, replace: bool) -> int | None:
    """After a deferral: the pressed message or "thinking…" is edited; an error beside a card is new."""
    beside = interaction.type is discord.InteractionType.component and not replace
    if beside and interaction.response.type is discord.InteractionResponseType.deferred_message_update:
        await interaction.followup.send(**fresh(made), ephemeral=ephemeral)
        return None
    return (await interaction.edit_original_response(**changed(made))).id
