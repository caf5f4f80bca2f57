"""``quoth run`` as a process: how it starts, stops and fails."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

from bot.lock import sole_run
from retrieval import StoreBusy

_USER = {"id": "1", "username": "Quoth", "discriminator": "0", "avatar": None, "bot": True}
_APPLICATION = {
    "id": "1",
    "name": "Quoth",
    "description": "",
    "icon": None,
    "owner": _USER,
    "summary": "",
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "",
    "flags": 0,
}
_TOKEN = "not.a.token"


def _json(body: object, status: int = 200) -> web.Response:
    # The client library knows JSON by this exact type.
    headers = {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)


class Stand:
    """A stand-in for Discord on this machine: as much of it as a login takes."""

    def __init__(self) -> None:
        self.login_status = 200
        self.close_code: int | None = None
        self.identified = asyncio.Event()
        self.logins = 0
        self.port = 0

    async def rest(self, request: web.Request) -> web.Response:
        """Answers whatever is asked of the REST interface."""
        if request.path.endswith("/users/@me"):
            self.logins += 1
            refusal = {"message": "401: Unauthorized", "code": 0}
            return _json(_USER if self.login_status == 200 else refusal, status=self.login_status)
        if request.path.endswith("/applications/@me"):
            return _json(_APPLICATION)
        return _json([])

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        """Says hello and, to an identification, that the session is ready or why it is not."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 45000}, "s": None, "t": None})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            if json.loads(message.data)["op"] == 2:
                if self.close_code:
                    await socket.close(code=self.close_code)
                    break
                await self._ready(socket)
        return socket

    async def _ready(self, socket: web.WebSocketResponse) -> None:
        address = f"ws://127.0.0.1:{self.port}/gateway/"
        session = {"v": 10, "user": _USER, "guilds": [], "session_id": "s", "resume_gateway_url": address}
        session |= {"application": {"id": "1", "flags": 0}}
        await socket.send_json({"op": 0, "t": "READY", "s": 1, "d": session})
        self.identified.set()


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """The stand-in, served on a port of its own."""
    stand = Stand()
    application = web.Application()
    application.router.add_get("/gateway/", stand.gateway)
    application.router.add_route("*", "/{rest:.*}", stand.rest)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stand.port = runner.addresses[0][1]
    yield stand
    await runner.cleanup()


Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(tmp_path: Path, stand: Stand) -> AsyncIterator[Start]:
    """Starts ``quoth run`` against the stand-in; whatever still runs at the end is killed."""
    (tmp_path / "quoth.toml").write_text(
        f'[discord]\napi_url = "http://127.0.0.1:{stand.port}/api"\n'
        f'gateway_url = "ws://127.0.0.1:{stand.port}/gateway/"\n',
        encoding="utf-8",
    )
    started: list[Process] = []

    async def start_run(*options: str, token: str | None = _TOKEN) -> Process:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("DISCORD_", "QUOTH_"))}
        environment |= {"DISCORD_TOKEN_FILE": str(tmp_path / "token"), "QUOTH_HOME": str(tmp_path)}
        if token:
            environment["DISCORD_TOKEN"] = token
        command = (sys.executable, "-m", "bot", "run", *options)
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
        started.append(process)
        return process

    yield start_run
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _end(process: Process) -> tuple[int | None, str]:
    out, err = await asyncio.wait_for(process.communicate(), timeout=60)
    text = (out + err).decode()
    assert _TOKEN not in text
    assert "Traceback" not in text
    return process.returncode, text


async def _state(home: Path, wanted: str) -> None:
    """Wait until the heartbeat says so."""
    for _ in range(600):
        try:
            if json.loads((home / "heartbeat").read_text(encoding="utf-8"))["state"] == wanted:
                return
        except FileNotFoundError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError(f"the heartbeat never said {wanted}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_a_running_bot_with_success(start: Start, stand: Stand, number: signal.Signals) -> None:
    """Also when the signal comes twice, as impatient people and scripts do."""
    process = await start()
    await asyncio.wait_for(stand.identified.wait(), timeout=60)
    process.send_signal(number)
    process.send_signal(number)
    code, _ = await _end(process)
    assert code == 0
    assert stand.logins == 1


async def test_a_wrong_token_ends_with_its_own_code_after_one_try(start: Start, stand: Stand) -> None:
    """A loop of logins would cost the token; one sentence says what to do."""
    stand.login_status = 401
    code, text = await _end(await start())
    assert code == 3
    assert "Discord refused the token" in text
    assert stand.logins == 1


@pytest.mark.parametrize(("close_code", "exit_code"), [(4004, 3), (4013, 4), (4014, 4), (4011, 1)])
async def test_a_refused_session_ends_with_its_own_code(
    start: Start, stand: Stand, close_code: int, exit_code: int
) -> None:
    stand.close_code = close_code
    code, text = await _end(await start())
    assert code == exit_code
    assert "Discord" in text
    assert stand.logins == 1


async def test_an_unreachable_discord_is_said_in_a_sentence(start: Start, stand: Stand, tmp_path: Path) -> None:
    settings = tmp_path / "quoth.toml"
    settings.write_text('[discord]\napi_url = "http://127.0.0.1:9/api"\n', encoding="utf-8")
    process = await start()
    _out, err = await asyncio.wait_for(process.communicate(), timeout=60)
    assert process.returncode == 1
    assert "Discord cannot be reached" in err.decode().splitlines()[-1]


async def test_without_a_token_a_sentence_says_where_it_goes(start: Start, tmp_path: Path) -> None:
    code, text = await _end(await start(token=None))
    assert code == 1
    assert str(tmp_path / "token") in text
    assert len(text.splitlines()) == 1


async def test_waiting_for_a_token_ends_when_its_file_appears(start: Start, stand: Stand, tmp_path: Path) -> None:
    """Until then the heart beats, so that a container counts as healthy."""
    process = await start("--wait-for-token", token=None)
    await _state(tmp_path, "waiting for a token")
    (tmp_path / "token").write_text(_TOKEN, encoding="utf-8")
    await asyncio.wait_for(stand.identified.wait(), timeout=60)
    process.terminate()
    assert (await _end(process))[0] == 0
    assert not (tmp_path / "heartbeat").exists()


async def test_waiting_for_a_token_ends_at_a_signal(start: Start, tmp_path: Path) -> None:
    process = await start("--wait-for-token", token=None)
    await _state(tmp_path, "waiting for a token")
    process.terminate()
    assert (await _end(process))[0] == 0


async def test_wrong_settings_are_named(start: Start, tmp_path: Path) -> None:
    (tmp_path / "quoth.toml").write_text("[discord]\nstlye = 1\n", encoding="utf-8")
    code, text = await _end(await start())
    assert code == 2
    assert "discord.stlye" in text


def test_two_bots_never_share_a_home(tmp_path: Path) -> None:
    """They would answer every question twice."""
    with sole_run(tmp_path), pytest.raises(StoreBusy), sole_run(tmp_path):
        pass
    with sole_run(tmp_path):
        pass
