"""Each mistake with Discord: made against a stand-in on this machine, found, and told with its cure."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.doctor import NEEDED, examine_discord
from bot.reference import tree_of
from retrieval import Check
from tests.conftest import ROOT

_TOKEN = "M" * 24 + ".Gabcde." + "x" * 38


@dataclass(slots=True)
class Api:
    """As much of Discord's REST interface as the doctor asks for, all of it as it should be."""

    commands: list[str]
    status: int = 200
    flags: int = 0
    ahead: float = 0.0
    guilds: list[dict[str, str]] = field(default_factory=lambda: [{"id": "7", "permissions": str(NEEDED.value)}])
    port: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        """What Discord says, to whoever has the token."""
        if request.headers.get("Authorization") != f"Bot {_TOKEN}":
            self.status = 401
        bodies: dict[str, Any] = {
            "users/@me": {"id": "1", "username": "Quoth"},
            "applications/@me": {"id": "1", "flags": self.flags},
            "applications/1/commands": [{"name": name} for name in self.commands],
            "users/@me/guilds": self.guilds,
        }
        headers = {"Date": formatdate(time.time() + self.ahead, usegmt=True), "Content-Type": "application/json"}
        body = json.dumps(bodies[request.match_info["path"]]).encode()
        return web.Response(status=self.status, body=body, headers=headers)


@pytest.fixture
async def api(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    """Served on a port of its own, named in the settings, with a good token in a file."""
    stand = Api([command.name for command in tree_of(tmp_path / "aside").get_commands()])
    application = web.Application()
    application.router.add_get("/api/{path:.*}", stand.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand.port = runner.addresses[0][1]
    _set(home, stand.port)
    token = tmp_path / "token"
    token.write_text(f"{_TOKEN}\n", encoding="utf-8")
    token.chmod(0o600)
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(token))
    yield stand
    await runner.cleanup()


def _set(home: Path, port: int, *more: str) -> None:
    home.mkdir(exist_ok=True)
    lines = ("[discord]", f'api_url = "http://127.0.0.1:{port}/api"', *more)
    (home / "quoth.toml").write_text("\n".join(lines), encoding="utf-8")


async def _checks(home: Path) -> list[Check]:
    found = await asyncio.to_thread(lambda: list(examine_discord(home)))
    assert all(_TOKEN not in str(check) for check in found)
    return found


async def _problem(home: Path, name: str) -> Check:
    """The only thing that is not well, which must be of that name and say what to do."""
    (problem,) = [check for check in await _checks(home) if not check.well]
    assert problem.name == name
    assert len(problem.advice) > 10
    return problem


async def test_all_is_well(home: Path, api: Api) -> None:
    """And each check says what it found."""
    checks = await _checks(home)
    assert [check.name for check in checks if not check.well] == []
    assert [check.name for check in checks] == [
        "Discord settings",
        "Discord token",
        "clock",
        "Discord",
        "intents",
        "commands",
        "servers",
    ]


# Settings and token


async def test_wrong_settings_of_the_bot(home: Path, api: Api) -> None:
    _set(home, api.port, "stlye = 1")
    assert "discord.stlye" in (await _problem(home, "Discord settings")).finding
    _set(home, api.port, "[health]", "port = -1")
    assert "health.port" in (await _problem(home, "Discord settings")).finding


async def test_a_file_without_a_token(home: Path, api: Api, tmp_path: Path) -> None:
    """Whether it is empty or not there."""
    (tmp_path / "token").write_text("\n", encoding="utf-8")
    assert str(tmp_path / "token") in (await _problem(home, "Discord token")).finding
    (tmp_path / "token").unlink()
    assert "put the bot's token into" in (await _problem(home, "Discord token")).advice


async def test_no_token_where_none_is_wanted(home: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who only uses the command line needs none."""
    monkeypatch.delenv("DISCORD_TOKEN_FILE")
    checks = await _checks(home)
    assert checks[-1].finding == "none; only quoth run needs one"
    assert all(check.well for check in checks)


@pytest.mark.parametrize("text", ["two words", "töken"])
async def test_a_file_that_is_no_token(home: Path, api: Api, tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text, encoding="utf-8")
    assert "does not hold a bot token" in (await _problem(home, "Discord token")).finding


async def test_another_secret_in_place_of_the_token(home: Path, api: Api, tmp_path: Path) -> None:
    """As the client secret, which stands on a page beside it: its length is said, and nothing of it."""
    (tmp_path / "token").write_text("s" * 32, encoding="utf-8")
    problem = await _problem(home, "Discord token")
    assert problem.finding == "it has 32 characters and does not look like a bot's token"
    assert "Bot page" in problem.advice


async def test_a_token_that_others_may_read(home: Path, api: Api, tmp_path: Path) -> None:
    (tmp_path / "token").chmod(0o644)
    assert (await _problem(home, "Discord token")).advice == f"Run chmod 600 {tmp_path / 'token'}"


async def test_a_token_that_cannot_be_read(home: Path, api: Api, tmp_path: Path) -> None:
    """Bytes that are no text; a file of another user is told in the same words."""
    (tmp_path / "token").write_bytes(b"\xff\xfe\x00")
    assert "cannot read the token file" in (await _problem(home, "Discord token")).finding


# What Discord says


async def test_a_token_that_discord_refuses(home: Path, api: Api) -> None:
    api.status = 401
    assert (await _problem(home, "Discord")).finding == "the token is refused"


@pytest.mark.parametrize("status", [500, 502, 429, 403])
async def test_a_discord_that_fails(home: Path, api: Api, status: int) -> None:
    api.status = status
    assert "cannot be used" in (await _problem(home, "Discord")).finding


async def test_a_discord_that_cannot_be_reached(home: Path, api: Api) -> None:
    _set(home, 9)
    problem = await _problem(home, "Discord")
    assert "http://127.0.0.1:9/api cannot be used" in problem.finding
    assert "firewall" in problem.advice


@pytest.mark.parametrize(("ahead", "said"), [(3_600, "behind"), (-3_600, "ahead of")])
async def test_a_clock_that_is_off(home: Path, api: Api, ahead: float, said: str) -> None:
    api.ahead = ahead
    problem = await _problem(home, "clock")
    assert said in problem.finding
    assert "timedatectl" in problem.advice


async def test_an_intent_that_is_not_switched_on(home: Path, api: Api) -> None:
    """Which the settings ask for; once it is, all is well."""
    _set(home, api.port, "message_content = true")
    assert "Message Content intent is off" in (await _problem(home, "intents")).finding
    api.flags = 1 << 19
    assert all(check.well for check in await _checks(home))


async def test_commands_that_discord_does_not_have(home: Path, api: Api) -> None:
    """As with sync = "never", or after another program has sent its own."""
    api.commands.remove("ask")
    api.commands.remove("topic")
    problem = await _problem(home, "commands")
    assert problem.finding == "Discord has not got ask, topic"
    assert 'sync = "always"' in problem.advice


async def test_permissions_that_a_server_does_not_give(home: Path, api: Api) -> None:
    """Each is named, with a link that gives them; administrators have them all."""
    without = NEEDED.value & ~(1 << 14)
    api.guilds = [{"id": "7", "permissions": str(without)}, {"id": "8", "permissions": "8"}]
    problem = await _problem(home, "server 7")
    assert problem.finding == "the bot lacks the permissions: embed links"
    assert f"permissions={NEEDED.value}" in problem.advice


async def test_a_bot_that_nobody_invited(home: Path, api: Api) -> None:
    api.guilds = []
    assert "client_id=1&scope=bot+applications.commands" in (await _problem(home, "servers")).advice


def test_the_link_in_the_readme_gives_what_the_doctor_looks_for() -> None:
    """One number in two places."""
    assert f"&permissions={NEEDED.value}`" in (ROOT / "README.md").read_text(encoding="utf-8")


async def test_the_command_asks_both(home: Path, api: Api) -> None:
    """`quoth doctor` as a process: the engine's checks and Discord's, and its exit code is that of all."""
    api.guilds = []
    environment = {**os.environ, "QUOTH_HOME": str(home), "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "doctor", "--json", env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), timeout=60)
    checks = [json.loads(line) for line in out.decode().splitlines()]
    assert process.returncode == 1
    assert [check["name"] for check in checks if not check["well"]] == ["servers"]
    assert {"home", "model", "libraries", "Discord", "commands"} <= {check["name"] for check in checks}
