"""The ``[discord]`` table, and the token."""

from dataclasses import fields
from pathlib import Path

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import secret
from bot.build import point_at
from bot.settings import DiscordSettings
from retrieval import InvalidSettings, build_settings


def _build(**table: object) -> DiscordSettings:
    return build_settings(DiscordSettings, table, where="discord")


def test_every_key_takes_its_default() -> None:
    """Writing the defaults out changes nothing."""
    defaults = DiscordSettings()
    assert _build(**{f.name: getattr(defaults, f.name) for f in fields(defaults)}) == defaults


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stlye", "v2"),
        ("style", "embed"),
        ("sync", "sometimes"),
        ("slots", 0),
        ("deadline", 0),
        ("defer_after", 3),
        ("cooldown", -1),
        ("api_url", "discord.com"),
        ("api_url", "https://"),
        ("gateway_url", "https://discord.com"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InvalidSettings, match=name):
        _build(**{name: value})


def test_addresses_in_the_settings_are_where_requests_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    point_at(_build(api_url="http://127.0.0.1:1/api/v10/", gateway_url="ws://127.0.0.1:2/"))
    assert discord.http.Route("GET", "/users/@me").url == "http://127.0.0.1:1/api/v10/users/@me"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:2/"


@pytest.fixture
def token_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the token is looked for, with no token in the environment."""
    path = tmp_path / "token"
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(path))
    return path


def test_the_token_comes_from_the_environment_or_else_from_its_file(
    token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secret.find_token() is None
    assert str(token_file) in secret.where_it_goes()
    token_file.write_text(" from.file \n", encoding="utf-8")
    assert secret.find_token() == secret.Token("from.file")
    monkeypatch.setenv("DISCORD_TOKEN", "from.environment")
    assert secret.find_token() == secret.Token("from.environment")


def test_the_token_does_not_show_itself() -> None:
    assert "hunter2" not in repr(secret.Token("hunter2"))


@pytest.mark.parametrize("content", [b"two words", "tökén".encode(), b"\xff\xfe"])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(token_file: Path, content: bytes) -> None:
    token_file.write_bytes(content)
    with pytest.raises(InvalidSettings) as caught:
        secret.find_token()
    assert "two words" not in str(caught.value)
