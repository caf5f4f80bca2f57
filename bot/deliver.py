"""Getting a reply to the person who asked: in time, once, and whatever happens.

Discord gives three seconds for the first response. Work that is quick is shown at once, and whether
only the person sees it depends on what was found; other work first says that Quoth is thinking.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot import words
from bot.cooldown import Cooldown
from bot.limits import LimitError
from bot.render import Look, Message, Reply, message
from bot.settings import Style
from retrieval import error_card

_log = logging.getLogger(__name__)

_MALFORMED = 50035
_ANSWERED_ALREADY = 40060
# Unknown interaction, message or channel; a token past its fifteen minutes: nobody is there any more.
_GONE = frozenset({10003, 10008, 10015, 10062, 50027})

Send = Callable[[Message], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How the bot behaves: the style of replies, when "thinking…" is shown, how often one person may ask.

    ``visits_of_person`` and ``visits_of_server`` are how often other sites are visited for them. With
    ``hears_all`` the bot is told what messages say that do not mention it.
    """

    style: Style
    defer_after: float
    questions: Cooldown
    visits_of_person: Cooldown
    visits_of_server: Cooldown
    hears_all: bool = False


@dataclass(frozen=True, slots=True)
class Looks:
    """How replies look to one person, and to all in a channel; and after how many seconds "thinking…" is shown."""

    one: Look
    all: Look
    defer_after: float


async def settled(work: Awaitable[Reply]) -> Reply:
    """What the work gives, or the card of its error: the one place where errors become words."""
    try:
        return await work
    except Exception as error:
        return Reply(words.card_for(error))


async def unattended(work: Awaitable[None]) -> None:
    """Do what nobody waits for: whatever goes wrong is logged, and the next round is another try."""
    try:
        await work
    except Exception:
        _log.exception("Something that the bot does by itself failed; it is tried again in the next round")


async def respond(
    interaction: discord.Interaction[Any],
    work: Coroutine[Any, Any, Reply],
    *,
    looks: Looks,
    private: bool,
    replace: bool = False,
) -> None:
    """Answer a command or a press with what the work gives.

    ``private`` answers are seen by the person only, and so are all that are no answer, as far as it is
    known in time. With ``replace`` the pressed message itself becomes the answer.
    """
    task = asyncio.create_task(settled(work))
    await asyncio.wait({task}, timeout=looks.defer_after)
    if not task.done():
        try:
            await interaction.response.defer(thinking=not replace, ephemeral=private)
        except discord.NotFound as error:
            # Too late, or the person is gone. The work ends by itself; nobody is left to show it to.
            _log.warning("An interaction could not be acknowledged: %s", error)
            return
    reply = await task
    is_deferred = interaction.response.is_done()
    if reply.instead and is_deferred and not private:  # all will see it, and that cannot be changed any more
        reply = reply.instead
    ephemeral = private or reply.instead is not None or reply.card.tone not in {"answer", "summary"}
    replace = replace and reply.card.tone != "error"
    is_for_one = private if is_deferred else ephemeral
    look = looks.one if is_for_one else looks.all
    await deliver(reply, reply_sender(interaction, ephemeral=ephemeral, replace=replace), look)


async def deliver(reply: Reply, send: Send, look: Look) -> None:
    """Send a reply; where Discord refuses the card, in plain style; where the reader is gone, not at all."""
    plain = replace(look, style="plain")
    try:
        await send(message(reply, look))
    except LimitError:
        _log.exception("A card broke a limit; it is sent as plain text")
        await send(message(reply, plain))
    except discord.HTTPException as error:
        if error.code in _GONE:
            _log.warning("Nobody is left to answer: %s", error)
        elif words.is_filtered(error):
            await send(message(Reply(error_card(words.filtered())), look))
        elif error.code == _MALFORMED:
            _log.exception("Discord refused a card; it is sent as plain text")
            await send(message(reply, plain))
        else:
            raise


def fresh(made: Message) -> dict[str, Any]:
    """The fields of a new message; nothing in it can notify anyone."""
    fields: dict[str, Any] = {"view": made.view, "allowed_mentions": discord.AllowedMentions.none()}
    if not made.v2:
        fields["content"] = made.content
    if made.file:
        fields["files"] = made.files()
    return fields


def changed(made: Message) -> dict[str, Any]:
    """The fields of an edit: what was there before is taken away, as Components V2 demand."""
    return {
        "content": made.content,
        "view": made.view,
        "allowed_mentions": discord.AllowedMentions.none(),
        "embeds": [],
        "attachments": made.files(),
    }


def reply_sender(interaction: discord.Interaction[Any], *, ephemeral: bool, replace: bool) -> Send:
    """How a message reaches the person, given what has been said to this interaction so far."""

    async def send(made: Message) -> None:
        response = interaction.response
        if response.is_done():
            await _late(interaction, made, ephemeral=ephemeral, replace=replace)
        elif replace:
            await response.edit_message(**changed(made))
        else:
            try:
                await response.send_message(**fresh(made), ephemeral=ephemeral)
            except discord.HTTPException as error:
                # The library repeats a request that failed on the way; the first may have arrived.
                if error.code != _ANSWERED_ALREADY:
                    raise
                await interaction.edit_original_response(**changed(made))

    return send


async def _late(interaction: discord.Interaction[Any], made: Message, *, ephemeral: bool, replace: bool) -> None:
    """After a deferral: the pressed message or "thinking…" is edited; an error beside a card is new."""
    beside = interaction.type is discord.InteractionType.component and not replace
    if beside and interaction.response.type is discord.InteractionResponseType.deferred_message_update:
        await interaction.followup.send(**fresh(made), ephemeral=ephemeral)
    else:
        await interaction.edit_original_response(**changed(made))
