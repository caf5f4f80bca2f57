"""What an operator can get wrong with Discord, looked at from outside, with the bot's own token."""

import asyncio
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import discord

from bot.ledgers import SERVERS
from bot.reference import tree_of
from bot.secret import Token, find_token, secret_file, where_it_goes
from bot.settings import DiscordSettings, HealthSettings
from retrieval import Check, QuothError, build_settings, ledger_problem, read_tables, settings_file

# Three parts: the bot's id, when the token was made, and a signature. No other secret of the portal looks like that.
_TOKEN = re.compile(r"[\w-]{18,}\.[\w-]{6,}\.[\w-]{20,}")
_SECONDS = 10.0  # for all that Discord is asked
_CLOCK_SECONDS = 30  # so far off, the times in the log and in /privacy mislead
_READS_MESSAGES = ("gateway_message_content", "gateway_message_content_limited")
# What the link in the README asks for.
NEEDED = discord.Permissions(274878024704)
_PORTAL = "of your application in the Discord Developer Portal"


def examine_discord(home: Path) -> Iterator[Check]:
    """The settings of the bot, its token, and what Discord says of it; without a token Discord is not asked."""
    yield from _remembered(home)
    settings = _read(home)
    if isinstance(settings, Check):
        yield settings
        return
    yield Check("Discord settings", True, f"for {settings.api_url}")
    token = _found()
    if isinstance(token, Check):
        yield token
        return
    rights = _rights()
    yield rights or Check("Discord token", True, "is there, and looks like one")
    yield from asyncio.run(_Interview(settings, token, home).ask())


def _remembered(home: Path) -> Iterator[Check]:
    """A problem where the file of votes, settings and standing questions is damaged; without it nothing begins."""
    file = home / SERVERS
    problem = ledger_problem(file) if file.exists() else None
    if problem:
        yield Check("what is remembered", False, *problem)


def _read(home: Path) -> DiscordSettings | Check:
    try:
        tables = read_tables(settings_file(home))
        build_settings(HealthSettings, tables.get("health", {}), where="health")
        return build_settings(DiscordSettings, tables.get("discord", {}), where="discord")
    except QuothError as error:
        return Check("Discord settings", False, error.happened, error.hint)


def _found() -> Token | Check:
    try:
        token = find_token()
    except QuothError as error:
        return Check("Discord token", False, error.happened, error.hint)
    if token is None:
        is_wanted = "DISCORD_TOKEN_FILE" in os.environ or secret_file().exists()
        finding = f"{secret_file()} holds none" if is_wanted else "none; only quoth run needs one"
        return Check("Discord token", not is_wanted, finding, where_it_goes().rstrip("."))
    if not _TOKEN.fullmatch(token.value):
        finding = f"it has {len(token.value)} characters and does not look like a bot's token"
        return Check("Discord token", False, finding, f"Take it from the Bot page {_PORTAL}: it has two dots")
    return token


def _rights() -> Check | None:
    """A problem where others on this machine may read the token's file; a container's secret is nobody else's."""
    file = secret_file()
    if not file.is_file() or file.is_relative_to("/run/secrets") or not file.stat().st_mode & 0o077:
        return None
    return Check("Discord token", False, f"other users of this machine may read {file}", f"Run chmod 600 {file}")


@dataclass(frozen=True, slots=True)
class _Interview:
    """What Discord is asked with a token; the answers as checks. The token is in none of them."""

    settings: DiscordSettings
    token: Token
    home: Path

    async def ask(self) -> Sequence[Check]:
        checks: list[Check] = []
        try:
            async with asyncio.timeout(_SECONDS), self._session() as session:
                await self._ask(session, checks)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            finding = f"{self.settings.api_url} cannot be used ({type(error).__name__})"
            advice = "Check the network, a proxy or firewall, and discord.api_url in the settings"
            checks.append(Check("Discord", False, finding, advice))
        return checks

    def _session(self) -> aiohttp.ClientSession:
        headers = {"Authorization": f"Bot {self.token.value}"}
        return aiohttp.ClientSession(headers=headers, raise_for_status=False)

    async def _ask(self, session: aiohttp.ClientSession, checks: list[Check]) -> None:
        async with session.get(self._url("users/@me")) as answer:
            if "Date" in answer.headers:
                checks.append(_clock(answer.headers["Date"]))
            if answer.status == 401:
                advice = f"Copy the token again from the Bot page {_PORTAL}, or reset it there"
                checks.append(Check("Discord", False, "the token is refused", advice))
                return
            answer.raise_for_status()
            checks.append(Check("Discord", True, f"knows the bot as {(await answer.json())['username']}"))
        application = await self._get(session, "applications/@me")
        checks.append(self._intents(int(application.get("flags", 0))))
        checks.append(_commands(await self._get(session, f"applications/{application['id']}/commands")))
        checks += _servers(await self._get(session, "users/@me/guilds"), str(application["id"]))

    def _url(self, path: str) -> str:
        return f"{self.settings.api_url.rstrip('/')}/{path}"

    async def _get(self, session: aiohttp.ClientSession, path: str) -> Any:
        async with session.get(self._url(path)) as answer:
            answer.raise_for_status()
            return await answer.json()

    def _intents(self, flags: int) -> Check:
        given = discord.ApplicationFlags._from_value(flags)  # noqa: SLF001 - no other way to make them
        may_read = any(getattr(given, name) for name in _READS_MESSAGES)
        if self.settings.message_content and not may_read:
            finding = "message_content is true in the settings, and the Message Content intent is off"
            return Check("intents", False, finding, f"Switch it on, on the Bot page {_PORTAL}, or set it to false")
        return Check("intents", True, "as the settings need them")


def _clock(date: str) -> Check:
    off = time.time() - parsedate_to_datetime(date).timestamp()
    finding = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} Discord's"
    return Check("clock", abs(off) < _CLOCK_SECONDS, finding, "Set it by the network: timedatectl set-ntp true")


def _commands(sent: Sequence[dict[str, Any]]) -> Check:
    with TemporaryDirectory() as folder:
        wanted = {command.name for command in tree_of(Path(folder)).get_commands()}
    missing = sorted(wanted - {command["name"] for command in sent})
    if not missing:
        return Check("commands", True, f"all {len(wanted)} are in Discord")
    finding = f"Discord has not got {', '.join(missing)}"
    return Check(
        "commands", False, finding, 'Start quoth run once with sync = "always" under [discord] in the settings'
    )


def _servers(guilds: Sequence[dict[str, Any]], application: str) -> Iterator[Check]:
    link = (
        f"https://discord.com/oauth2/authorize?client_id={application}"
        f"&scope=bot+applications.commands&permissions={NEEDED.value}"
    )
    if not guilds:
        yield Check("servers", False, "the bot is in none", f"Invite it: {link}")
    for guild in guilds:
        given = discord.Permissions(int(guild.get("permissions", 0)))
        missing = (
            [] if given.administrator else [name for name, wanted in NEEDED if wanted and not getattr(given, name)]
        )
        if missing:
            words = ", ".join(name.replace("_", " ") for name in missing)
            finding = f"the bot lacks the permissions: {words}"
            yield Check(f"server {guild['id']}", False, finding, f"Give them to its role, or invite it again: {link}")
    if guilds:
        yield Check("servers", True, f"the bot is in {len(guilds)}{' or more' if len(guilds) == 200 else ''}")
