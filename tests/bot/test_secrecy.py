"""The bot's token is nowhere but where the operator put it, whatever goes wrong."""

import asyncio
import os
import sys
import zipfile
from pathlib import Path

from aiohttp import web

from bot.secret import Token
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.upkeep import backups_in
from tests.conftest import ROOT
from tests.standin import Standin, standing_in
from tests.standin.faults import Handler
from tests.standin.replies import failure

_CANARY = "M" * 24 + ".Gcanar." + "y" * 38


async def _told_back(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """An error whose text holds all that was sent, as those of some proxies do."""
    return failure(400, 50_000, f"What is {dict(request.headers)}?")


def test_a_token_does_not_show_itself() -> None:
    token = Token(_CANARY)
    assert _CANARY not in f"{token!r} {token} {[token]}"


async def test_the_token_is_nowhere(home: Path, tmp_path: Path) -> None:
    """Neither in the log at its most talkative, nor in any file or backup, nor in the list of processes."""
    SqliteStore(library_path(home, "default")).close()
    (tmp_path / "token").write_text(_CANARY, encoding="utf-8")
    async with standing_in() as discord:
        (home / "quoth.toml").write_text(
            f'[discord]\napi_url = "{discord.api_url}"\ngateway_url = "{discord.gateway_url}"\n'
            '[health]\nlevel = "debug"\nlog = "json"\n',
            encoding="utf-8",
        )
        discord.faults.add("PUT .*/commands", _told_back, times=None)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env={**os.environ, "DISCORD_TOKEN_FILE": str(tmp_path / "token"), "QUOTH_HOME": str(home)},
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await _trouble(discord, home)
        listed = _processes()
        assert process.returncode is None
        process.kill()  # a good end waits until the model is loaded
        out, err = await asyncio.wait_for(process.communicate(), timeout=60)
    assert b"-m\0bot\0run" in listed
    (backup,) = backups_in(home)
    with zipfile.ZipFile(backup) as archive:
        kept = b"".join(map(archive.read, archive.namelist()))
    assert b'"debug"' in err
    assert b"Traceback" in err  # or nothing went wrong
    assert b"[a token]" in err  # or nothing tried to tell it
    everything = [out, err, listed, kept, *_contents(home)]
    assert [text for text in everything if _CANARY.encode() in text] == []


async def _trouble(discord: Standin, home: Path) -> None:
    """An event that nobody knows, and connections that end, also before they began."""
    await discord.until(lambda: discord.gateway.sessions and backups_in(home), seconds=60)
    for session in discord.gateway.sessions.values():
        await session.tell("UNHEARD_OF", {"content": _CANARY})
    discord.gateway.refused_connections = 1
    await discord.gateway.close(4000)
    await discord.until(lambda: not discord.gateway.refused_connections, seconds=60)


def _contents(home: Path) -> list[bytes]:
    return [path.read_bytes() for path in home.rglob("*") if path.is_file()]


def _processes() -> bytes:
    return b" ".join(_command(path) for path in Path("/proc").glob("[0-9]*/cmdline"))


def _command(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""
