"""``quoth run``: one life of the bot, from the token to the last answer.

Exit codes: 0 ended by a signal, 1 could not go on, 2 wrong settings, 3 the token is wrong, 4 an intent is not enabled.
After 2, 3 and 4 nothing is tried again: a thousand logins a day cost a bot its token. What passes, such as a network
that is away, ends nothing.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import discord

from bot.client import Quoth
from bot.heart import Heart, State
from bot.secret import Token, find_token, where_it_goes
from retrieval import QuothError

_log = logging.getLogger(__name__)

WRONG_SETTINGS = 2
WRONG_TOKEN = 3
MISSING_INTENT = 4
DRAIN_SECONDS = 8.0
END_SECONDS = 9.5  # after the signal; who asked for the end counts to ten before they use force
_TOKEN_CHECKS_SECONDS = 5.0
_AUTHENTICATION_FAILED = 4004
_INTENTS_REFUSED = frozenset({4013, 4014})
_SHARDS_REFUSED = frozenset({4010, 4011})


@dataclass(frozen=True, slots=True)
class Life:
    """What a life of the bot takes: how it is built, warmed up and heard of.

    ``build`` makes the client inside the event loop; ``warm_up`` loads the model and takes seconds;
    ``say`` shows a sentence to whoever started the bot. ``hurry`` is called when the end has begun, and sees to it
    that it comes: threads at work cannot be stopped.
    """

    build: Callable[[], Quoth]
    warm_up: Callable[[], None]
    heart: Heart
    say: Callable[[str], None]
    hurry: Callable[[], None] = lambda: None
    token_checks: float = _TOKEN_CHECKS_SECONDS


async def live(life: Life, stop: asyncio.Event, *, wait_for_token: bool) -> int:
    """Run the bot until ``stop`` is set; the exit code. Raises QuothError."""
    try:
        token = await _token(life, stop, wait=wait_for_token)
        if token is None:
            return 0 if stop.is_set() else 1
        return await _serve(life, token, stop)
    finally:
        life.heart.stop()


def leave_in_time() -> None:
    """End this process with success in some seconds, whatever its threads do: what they store, they store whole."""

    def leave() -> None:
        _log.warning("Work under way is given up")
        logging.shutdown()
        os._exit(0)

    timer = threading.Timer(END_SECONDS, leave)
    timer.daemon = True
    timer.start()


def stop_event() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, however often they come."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _token(life: Life, stop: asyncio.Event, *, wait: bool) -> Token | None:
    """The token; where there is none, None, or with ``wait`` as soon as there is one."""
    token = find_token()
    if token is None:
        life.say(where_it_goes())
    while token is None and wait and not stop.is_set():
        life.heart.mark("waiting for a token")
        try:
            await asyncio.wait_for(stop.wait(), timeout=life.token_checks)
        except TimeoutError:
            token = find_token()
    return token


async def _serve(life: Life, token: Token, stop: asyncio.Event) -> int:
    client = life.build()

    def state() -> State | None:
        if client.is_closed():
            return None
        return "ready" if client.is_ready() else "starting"

    async def start() -> None:
        await client.login(token.value)
        await client.connect()

    async def warm_up() -> None:
        # A thread cannot be stopped: for a token or an intent that is refused no model is loaded.
        await client.connected.wait()
        await client.worker.aside(life.warm_up)

    async with client:
        running = asyncio.create_task(start())
        warming = asyncio.create_task(warm_up())
        stopping = asyncio.create_task(stop.wait())
        beating = asyncio.create_task(life.heart.beat(state))
        try:
            await _first_of(running, stopping, warming=warming)
            if stop.is_set():
                life.hurry()
                _log.info("Stopping; answers under way have %g seconds", DRAIN_SECONDS)
                await client.drain(DRAIN_SECONDS)
        finally:
            await client.close()
            await client.worker.close()
            ends = (warming, stopping, beating, *((running,) if stop.is_set() else ()))
            for task in ends:
                task.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
    return 0 if stop.is_set() else await _outcome(life, running, warming)


async def _first_of(*ends: "asyncio.Task[object]", warming: "asyncio.Task[None]") -> None:
    """Wait until one of the tasks ends, or warming up fails."""
    waiting: set[asyncio.Task[object] | asyncio.Task[None]] = {*ends, warming}
    while True:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if done != {warming} or warming.exception() is not None:
            return
        _log.info("The model is loaded")


async def _outcome(life: Life, running: "asyncio.Task[None]", warming: "asyncio.Task[None]") -> int:
    """The exit code of a bot that ended by itself, said in one sentence."""
    if warming.done() and not warming.cancelled() and (failure := warming.exception()) is not None:
        raise failure
    try:
        await running
    except discord.LoginFailure:
        life.say(_wrong_token())
        return WRONG_TOKEN
    except discord.PrivilegedIntentsRequired:
        life.say(_missing_intent())
        return MISSING_INTENT
    except discord.ConnectionClosed as closed:
        return _closed(life, closed)
    except (aiohttp.ClientError, discord.HTTPException, discord.GatewayNotFound, OSError) as error:
        _log.error("The connection to Discord failed", exc_info=error)
        raise QuothError("Discord cannot be reached", hint="Check the network and discord.api_url") from error
    except Exception:
        _log.critical("Quoth ended unexpectedly", exc_info=True)
    return 1


def _closed(life: Life, closed: discord.ConnectionClosed) -> int:
    if closed.code == _AUTHENTICATION_FAILED:
        life.say(_wrong_token())
        return WRONG_TOKEN
    if closed.code in _INTENTS_REFUSED:
        life.say(_missing_intent())
        return MISSING_INTENT
    if closed.code in _SHARDS_REFUSED:
        life.say(
            "Discord refused the number of shards: a bot in 2,500 servers needs some, and the processes of one bot the "
            "same number of them. Start it with --shards, for example 0-3/4 for all of four."
        )
        return WRONG_SETTINGS
    raise QuothError(f"Discord ended the connection with code {closed.code}") from closed


def _wrong_token() -> str:
    return (
        "Discord refused the token: copy it again from the Bot page of your application in the Discord "
        "Developer Portal (reset it there if need be), and start Quoth again."
    )


def _missing_intent() -> str:
    return (
        "Discord refused the intents: where message_content is true in the settings file, switch on the Message "
        "Content intent on the Bot page of the Discord Developer Portal, or set it to false; and start Quoth again."
    )
