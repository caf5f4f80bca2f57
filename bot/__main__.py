"""The command ``quoth``: the engine's sub-commands, and here those that need Discord or an event loop."""

import asyncio
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bot.shards import Shards
from retrieval.cli import Command
from retrieval.cli import main as run_command
from retrieval.cli.upkeep import doctor, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval import Check, StoreSettings

DEFAULT_PORT = 8000
EMBED_PORT = 8020


def main(argv: Sequence[str] | None = None) -> int:
    """Run a sub-command; the exit code, as each sub-command's help describes it."""
    return run_command(
        argv,
        commands=(
            _run_command(),
            _try_command(),
            _embed_server_command(),
            doctor(_examine_discord),
            migrate(_move_memory),
        ),
    )


def say(sentence: str) -> None:
    """Show a sentence on standard error, where it does not mix with output that is piped on."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def _run_command() -> Command:
    return Command(
        name="run",
        help="Run the Discord bot",
        configure=_configure_run,
        run=_run,
        epilog="The token comes from DISCORD_TOKEN, or from the file that DISCORD_TOKEN_FILE names "
        "(/run/secrets/discord_token by default). Exit codes: 0 ended by a signal, 1 could not go on, "
        "2 wrong settings, 3 the token was refused, 4 an intent was refused.",
    )


def _try_command() -> Command:
    return Command(
        name="try",
        help="Try the bot in a browser, offline and without a token",
        configure=_configure_try,
        run=_try,
        epilog="The page is served on 127.0.0.1 only. The bot is the real one; Discord is simulated.",
    )


def _embed_server_command() -> Command:
    return Command(
        name="embed-server",
        help="Run the model for bots on other machines or in other processes",
        configure=_configure_embed_server,
        run=_embed_server,
        epilog="They name it in model.url of their settings, such as http://127.0.0.1:8020/v1. "
        "Where model.api_key is set, only who shows that key is served.",
    )


def _examine_discord(home: Path) -> "Iterator[Check]":
    from bot.doctor import examine_discord

    yield from examine_discord(home)


def _move_memory(home: Path, here: "StoreSettings", there: "StoreSettings") -> tuple[int, int]:
    from bot.moving import move_memory
    from bot.settings import DiscordSettings
    from retrieval import build_settings, read_tables, settings_file

    settings = build_settings(DiscordSettings, read_tables(settings_file(home)).get("discord", {}), where="discord")
    return move_memory(home, here, there, days=settings.questions_days)


def _configure_run(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--wait-for-token",
        action="store_true",
        help="where there is no token yet, wait until its file appears instead of ending",
    )
    parser.add_argument(
        "--shards",
        type=_shards,
        default=Shards(),
        metavar="A-B/N",
        help="answer the servers of shards A to B of N only, as one of several processes (default: 0/1, all servers)",
    )


def _configure_try(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("PORT") or DEFAULT_PORT,  # a string is read as if it were typed
        help=f"port of the page (default: the environment variable PORT, else {DEFAULT_PORT})",
    )
    parser.add_argument(
        "--seeds",
        type=Path,
        default=None,
        metavar="DIR",
        help="folder with the articles to answer from (default: the seeds folder that comes with Quoth)",
    )


def _configure_embed_server(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="who may reach it: this machine, or with another address those who reach that (default: %(default)s)",
    )
    parser.add_argument("--port", type=int, default=EMBED_PORT, help="port that it listens on (default: %(default)s)")


def _shards(text: str) -> Shards:
    try:
        return Shards.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def _run(arguments: Namespace) -> int:
    # discord.py is slow to import, and the other sub-commands do without it.
    from bot.logs import log_to_stderr
    from bot.settings import HealthSettings
    from bot.start import run_bot
    from retrieval import build_settings, read_tables, settings_file

    tables = read_tables(settings_file(arguments.home))
    log_to_stderr(build_settings(HealthSettings, tables.get("health", {}), where="health"))
    return asyncio.run(run_bot(arguments.home, arguments.shards, wait_for_token=arguments.wait_for_token, say=say))


def _try(arguments: Namespace) -> int:
    missing = [name for name in ("simcord", "PIL") if find_spec(name) is None]
    if missing:
        from retrieval import QuothError

        raise QuothError("the simulated Discord is not installed", hint="Install it with: pip install 'quoth[try]'")
    from bot.lock import sole_run
    from bot.logs import log_to_stderr
    from bot.preview import try_out
    from bot.settings import HealthSettings

    log_to_stderr(HealthSettings(level="warning"))
    home = arguments.home / "try"
    with sole_run(home):
        return asyncio.run(try_out(home, port=arguments.port, seeds=arguments.seeds, say=say))


def _embed_server(arguments: Namespace) -> int:
    from bot.embed_server import serve, served
    from bot.logs import log_to_stderr
    from bot.settings import HealthSettings
    from retrieval import build_settings, read_settings, read_tables, settings_file

    tables = read_tables(settings_file(arguments.home))
    log_to_stderr(build_settings(HealthSettings, tables.get("health", {}), where="health"))
    what = served(read_settings(arguments.home))
    return asyncio.run(serve(what, host=arguments.host, port=arguments.port, say=say))


if __name__ == "__main__":
    sys.exit(main())
