"""Getting a reply to the person who asked: in time, once, and whatever happens.

Discord gives three seconds for the first response. Work that is quick is shown at once, and whether
only the person sees it depends on what was found; other work first says that Quoth is thinking.
"""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import discord

from bot import words
from bot.cooldown import Closed, Cooldown
from bot.lag import come
from bot.limits import LimitError
from bot.render import Look, Reply, message
from bot.sending import ANSWERED_ALREADY, LOST, Deferred, Send, insist, message_sender, reply_sender
from bot.settings import Style
from retrieval import QuothError, error_card

_log = logging.getLogger(__name__)

_MALFORMED = 50035
# Unknown channel, server, message, webhook or interaction; too many edits of an old message; a token past its fifteen
# minutes; an archived thread; a person who takes no direct messages: nobody is there, or nothing can be changed.
_GONE = frozenset({10003, 10004, 10008, 10015, 10062, 30046, 50007, 50027, 50083, 50278})
# An interaction can be answered for fifteen minutes.
_ANSWERABLE_SECONDS = 14.5 * 60


@dataclass(frozen=True, slots=True)
class Manner:
    """How the bot behaves: the style of replies, when "thinking…" is shown, how often one person may ask.

    ``suggestions`` are how many a person gets while they type, ``visits_of_person`` and ``visits_of_server`` how often
    other sites are visited for them. ``closed`` are channels in which Discord refused what it said, and ``mute`` those
    that were logged as it lacks a permission there. With ``hears_all`` the bot is told what messages say that do not
    mention it.
    """

    style: Style
    defer_after: float
    questions: Cooldown
    suggestions: Cooldown
    visits_of_person: Cooldown
    visits_of_server: Cooldown
    closed: Closed
    mute: Closed
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


async def failure(work: Awaitable[None]) -> Exception | None:
    """What went wrong with something that a person did, if anything did."""
    try:
        await work
    except Exception as error:
        return error
    return None


async def unattended(work: Awaitable[None]) -> None:
    """Do what nobody waits for: whatever goes wrong is logged, and the next round is another try."""
    try:
        await work
    except QuothError as error:
        _log.error("Something that the bot does by itself failed; it is tried again in the next round: %s", error)
    except Exception:
        _log.exception("Something that the bot does by itself failed; it is tried again in the next round")


async def respond(
    interaction: discord.Interaction[Any],
    work: Coroutine[Any, Any, Reply],
    *,
    looks: Looks,
    private: bool,
    replace: bool = False,
) -> tuple[str, int] | None:
    """Answer a command or a press with what the work gives; the id of an answer that all see, and of its message.

    ``private`` answers are seen by the person only, and so are all that are no answer, as far as it is
    known in time. With ``replace`` the pressed message itself becomes the answer.
    """
    started = monotonic()
    task = asyncio.create_task(settled(work))
    # Discord counts from the press of a key: what was waited for before this counts, too.
    left = 0.0 if interaction.client.lag.is_late else looks.defer_after - (started - come.get(started))
    await asyncio.wait({task}, timeout=max(0.0, left))
    deferred = Deferred()
    if not task.done():
        try:
            deferred = await _defer(interaction, thinking=not replace, private=private)
        except discord.NotFound as error:
            # Too late, or the person is gone. The work ends by itself; nobody is left to show it to.
            late = interaction.client.lag.worst * 1000
            _log.warning("An interaction could not be acknowledged (the loop was late by %.0f ms): %s", late, error)
            return None
    reply = await task
    is_deferred = deferred.is_done or interaction.response.is_done()
    if reply.instead and is_deferred and not private:  # all will see it, and that cannot be changed any more
        reply = reply.instead
    ephemeral = private or reply.instead is not None or reply.card.tone not in {"answer", "summary"}
    replace = replace and reply.card.tone != "error"
    is_for_one = private if is_deferred else ephemeral
    look = looks.one if is_for_one else looks.all
    send = reply_sender(interaction, ephemeral=ephemeral, replace=replace, deferred=deferred)
    if deferred.shown is None and monotonic() - started > _ANSWERABLE_SECONDS:
        send = message_sender(interaction.user.send)  # the report of what took very long
    shown = await deliver(reply, send, look)
    return (reply.answer, shown) if reply.answer and shown and not is_for_one else None


async def _defer(interaction: discord.Interaction[Any], *, thinking: bool, private: bool) -> Deferred:
    """Say that Quoth is thinking. Raises NotFound where that is too late."""
    try:
        made = await insist(lambda: interaction.response.defer(thinking=thinking, ephemeral=private), can_stop=True)
    except discord.NotFound:
        raise
    except (discord.HTTPException, *LOST) as error:
        # Repeated by the library after a failure on the way it is refused, and stands; else the answer is another try.
        if isinstance(error, discord.HTTPException) and error.code == ANSWERED_ALREADY:
            return Deferred(is_done=True)
        _log.warning("An interaction could not be acknowledged: %s", error)
        return Deferred()
    return Deferred(is_done=True, shown=made.message_id if made and not private else None)


async def deliver(reply: Reply, send: Send, look: Look) -> int | None:
    """Send a reply; where Discord refuses the card, in plain style; where the reader is gone, not at all.

    Gives the id of the message, where it is known.
    """
    plain = replace(look, style="plain")
    try:
        return await send(message(reply, look))
    except LimitError:
        _log.exception("A card broke a limit; it is sent as plain text")
        return await send(message(reply, plain))
    except discord.DiscordServerError:
        _log.exception("A reply could not be delivered")
    except discord.HTTPException as error:
        if error.code in _GONE:
            _log.warning("Nobody is left to answer: %s", error)
        elif words.is_filtered(error):
            return await send(message(Reply(error_card(words.filtered())), look))
        elif error.code == _MALFORMED:
            _log.exception("Discord refused a card; it is sent as plain text")
            return await send(message(reply, plain))
        else:
            raise
    except LOST:
        _log.exception("A reply could not be delivered")
    return None
