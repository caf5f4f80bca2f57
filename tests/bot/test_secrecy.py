"""The bot's token is nowhere but where the operator put it, whatever goes wrong."""

import asyncio
import json
import os
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

from bot.secret import Token
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.upkeep import backups_in
from tests.conftest import ROOT

_CANARY = "M" * 24 + ".Gcanar." + "y" * 38
_USER = {"id": "1", "username": "Quoth", "discriminator": "0", "avatar": None, "bot": True}


class Faulty:
    """A Discord that lets the bot in and then does what it can to make it talk."""

    def __init__(self) -> None:
        self.port = 0
        self.closed = False
        self.turned_away = False

    async def rest(self, request: web.Request) -> web.Response:
        """Logs in; whatever else is asked for fails, and repeats the request's headers."""
        if request.method == "GET" and request.path.endswith("/users/@me"):
            return _json(_USER)
        if request.method == "GET" and request.path.endswith("/applications/@me"):
            return _json(
                {"id": "1", "name": "Quoth", "description": "", "icon": None, "summary": "", "flags": 0}
                | {"bot_public": True, "bot_require_code_grant": False, "verify_key": "", "owner": _USER}
            )
        if request.path.endswith("/commands"):
            return _json([])
        return _json({"message": f"What is {dict(request.headers)}?", "code": 50_000}, status=400)

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        """Ready, then an event that nobody knows, then an end; whoever connects again is turned away."""
        if self.closed:
            self.turned_away = True
            raise web.HTTPBadGateway(text=_CANARY)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 45_000}, "s": None, "t": None})
        async for message in socket:
            if message.type is WSMsgType.TEXT and json.loads(message.data)["op"] in (2, 6):
                address = f"ws://127.0.0.1:{self.port}/gateway/"
                session = {"v": 10, "user": _USER, "guilds": [], "session_id": "s", "resume_gateway_url": address}
                await _event(socket, 1, "READY", session | {"application": {"id": "1", "flags": 0}})
                await _event(socket, 2, "UNHEARD_OF", {"content": _CANARY})
                await asyncio.sleep(0.3)
                self.closed = True
                await socket.close(code=4000, message=_CANARY.encode())
        return socket


async def _event(socket: web.WebSocketResponse, number: int, name: str, data: object) -> None:
    await socket.send_json({"op": 0, "t": name, "s": number, "d": data})


def _json(body: object, status: int = 200) -> web.Response:
    headers = {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)


@pytest.fixture
async def faulty() -> AsyncIterator[Faulty]:
    """Served on a port of its own."""
    stand = Faulty()
    application = web.Application()
    application.router.add_get("/gateway/", stand.gateway)
    application.router.add_route("*", "/{rest:.*}", stand.rest)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand.port = runner.addresses[0][1]
    yield stand
    await runner.cleanup()


def test_a_token_does_not_show_itself() -> None:
    token = Token(_CANARY)
    assert _CANARY not in f"{token!r} {token} {[token]}"


async def test_the_token_is_nowhere(faulty: Faulty, home: Path, tmp_path: Path) -> None:
    """Neither in the log at its most talkative, nor in any file or backup, nor in the list of processes."""
    SqliteStore(library_path(home, "default")).close()
    (home / "quoth.toml").write_text(
        f'[discord]\napi_url = "http://127.0.0.1:{faulty.port}/api"\n'
        f'gateway_url = "ws://127.0.0.1:{faulty.port}/gateway/"\n[health]\nlevel = "debug"\nlog = "json"\n',
        encoding="utf-8",
    )
    (tmp_path / "token").write_text(_CANARY, encoding="utf-8")
    environment = {**os.environ, "DISCORD_TOKEN_FILE": str(tmp_path / "token"), "QUOTH_HOME": str(home)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=environment, cwd=ROOT, stdout=-1, stderr=-1
    )
    for _ in range(600):
        if process.returncode is not None or (faulty.turned_away and backups_in(home)):
            break
        await asyncio.sleep(0.1)
    listed = _processes()
    assert process.returncode is None
    process.kill()  # a good end waits until the model is loaded
    out, err = await asyncio.wait_for(process.communicate(), timeout=60)
    assert b"-m\0bot\0run" in listed
    (backup,) = backups_in(home)
    with zipfile.ZipFile(backup) as archive:
        kept = b"".join(map(archive.read, archive.namelist()))
    everything = [out, err, listed, kept, *_contents(home)]
    assert b'"debug"' in err
    assert b"Traceback" in err  # or nothing went wrong
    assert [text for text in everything if _CANARY.encode() in text] == []


def _contents(home: Path) -> list[bytes]:
    return [path.read_bytes() for path in home.rglob("*") if path.is_file()]


def _processes() -> bytes:
    return b" ".join(_command(path) for path in Path("/proc").glob("[0-9]*/cmdline"))


def _command(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""
