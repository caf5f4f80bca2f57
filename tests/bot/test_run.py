"""``quoth run`` as a process: how it starts, stops and fails."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.lock import sole_run
from bot.shards import Shards
from retrieval import StoreBusy, StoreSettings
from retrieval.store.postgres.store import PostgresStore
from tests.databases import Database
from tests.standin import Standin, standing_in
from tests.standin.faults import broken, refused

_TOKEN = "not.a.token"


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    async with standing_in() as discord:
        yield discord


Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(tmp_path: Path, standin: Standin) -> AsyncIterator[Start]:
    """Starts ``quoth run`` against the stand-in; whatever still runs at the end is killed."""
    (tmp_path / "quoth.toml").write_text(
        f'[discord]\napi_url = "{standin.api_url}"\ngateway_url = "{standin.gateway_url}"\n',
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


def _logins(standin: Standin) -> int:
    return standin.ledger.requests["GET /users/@me"]


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


async def test_a_database_login_that_lacks_the_role_is_a_wrong_setting(
    start: Start, tmp_path: Path, fresh: StoreSettings, databases: Callable[[int], Database]
) -> None:
    """It is said with its cure, and nothing is tried again."""
    with PostgresStore(fresh, "default") as store:
        store.articles()
    databases(18).execute("DROP ROLE IF EXISTS visitor")
    databases(18).execute("CREATE ROLE visitor LOGIN")
    with (tmp_path / "quoth.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'[store]\nurl = "{fresh.url.replace("postgres@", "visitor@")}"\n')
    code, text = await _end(await start())
    assert code == 2
    assert "GRANT quoth_app TO" in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_a_running_bot_with_success(start: Start, standin: Standin, number: signal.Signals) -> None:
    """Also when the signal comes twice, as impatient people and scripts do."""
    process = await start()
    await standin.until(lambda: standin.gateway.sessions, seconds=60)
    process.send_signal(number)
    process.send_signal(number)
    code, _ = await _end(process)
    assert code == 0
    assert _logins(standin) == 1


async def test_a_wrong_token_ends_with_its_own_code_after_one_try(start: Start, standin: Standin) -> None:
    """A loop of logins would cost the token; one sentence says what to do."""
    standin.faults.add("GET /api/users/@me", refused(401, 0, "401: Unauthorized"))
    code, text = await _end(await start())
    assert code == 3
    assert "Discord refused the token" in text
    assert _logins(standin) == 1


@pytest.mark.parametrize(("close_code", "exit_code"), [(4004, 3), (4013, 4), (4014, 4), (4011, 2), (4012, 1)])
async def test_a_refused_session_ends_with_its_own_code(
    start: Start, standin: Standin, close_code: int, exit_code: int
) -> None:
    standin.gateway.close_code = close_code
    code, text = await _end(await start())
    assert code == exit_code
    assert "Discord" in text
    assert _logins(standin) == 1


async def test_an_unreachable_discord_is_said_in_a_sentence_and_waited_for(start: Start, standin: Standin) -> None:
    """A machine may start before its network, and nobody should have to look after that."""
    standin.faults.add("GET /api/users/@me", broken(503), times=2)
    process = await start()
    await standin.until(lambda: standin.gateway.sessions, seconds=60)
    process.terminate()
    code, text = await _end(process)
    assert code == 0
    assert text.count("Discord cannot be reached (503") == 2
    assert "discord.api_url" in text


async def test_a_model_server_that_is_away_does_not_end_the_bot(start: Start, standin: Standin, tmp_path: Path) -> None:
    """It is said in the log, and asked again at the first question."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with (tmp_path / "quoth.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'[model]\nurl = "{url}"\ntimeout = 0.2\n')
    process = await start()
    await standin.until(lambda: standin.gateway.sessions, seconds=60)
    await _state(tmp_path, "ready")
    await asyncio.sleep(1)
    process.terminate()
    code, text = await _end(process)
    assert code == 0
    assert "the model server cannot be reached" in text


@pytest.mark.parametrize("shards", ["4/4", "3-1/8", "0-8/8", "0-3", "a/b", "-1/2"])
async def test_shards_that_do_not_count_are_refused(start: Start, shards: str) -> None:
    code, text = await _end(await start(f"--shards={shards}"))
    assert code == 2
    assert "--shards" in text


async def test_without_a_token_a_sentence_says_where_it_goes(start: Start, tmp_path: Path) -> None:
    code, text = await _end(await start(token=None))
    assert code == 1
    assert str(tmp_path / "token") in text
    assert len(text.splitlines()) == 1


async def test_waiting_for_a_token_ends_when_its_file_appears(start: Start, standin: Standin, tmp_path: Path) -> None:
    """Until then the heart beats, so that a container counts as healthy."""
    process = await start("--wait-for-token", token=None)
    await _state(tmp_path, "waiting for a token")
    (tmp_path / "token").write_text(_TOKEN, encoding="utf-8")
    await standin.until(lambda: standin.gateway.sessions, seconds=60)
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


@pytest.mark.parametrize("command", ["run", "try"])
def test_a_second_process_of_the_same_kind_says_why_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """One sentence that names the home, and what to do."""
    monkeypatch.setenv("DISCORD_TOKEN", _TOKEN)
    monkeypatch.setattr("bot.logs.log_to_stderr", lambda settings: None)
    with sole_run(tmp_path / "try" if command == "try" else tmp_path):
        assert main([command, "--home", str(tmp_path)]) == 1
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"quoth: another Quoth already runs on {tmp_path}")
    assert complaint.endswith("End it first, or name another --home.\n")


def test_two_bots_never_share_a_home(tmp_path: Path) -> None:
    """They would answer every question twice."""
    with sole_run(tmp_path), pytest.raises(StoreBusy), sole_run(tmp_path):
        pass
    with sole_run(tmp_path):
        pass


def test_processes_share_a_home_where_they_share_no_shard(tmp_path: Path) -> None:
    """And count shards alike: with another number they would hear of the same servers."""
    with sole_run(tmp_path, Shards.parse("0-1/4")), sole_run(tmp_path, Shards.parse("2-3/4")):
        for others in ("1-2/4", "3/8", "0/1"):
            with pytest.raises(StoreBusy, match="another Quoth already runs"), sole_run(tmp_path, Shards.parse(others)):
                pass
    with sole_run(tmp_path, Shards.parse("0-7/8")):
        pass
