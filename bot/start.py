"""What ``quoth run`` is made of: settings, the engine and the client, each built once and passed down."""

import gc
import logging
from collections.abc import Callable
from pathlib import Path

from bot.build import build_client, point_at
from bot.care import care_for
from bot.client import Quoth
from bot.health import Health
from bot.heart import Heart
from bot.leadership import LeaderFile
from bot.lock import sole_run
from bot.run import Life, leave_in_time, live, stop_event
from bot.settings import DiscordSettings, HealthSettings
from bot.shards import Shards
from retrieval import Library, ModelUnavailable, Settings, build_settings, database_lead, read_tables, settings_file

_log = logging.getLogger(__name__)


async def run_bot(home: Path, shards: Shards, *, wait_for_token: bool, say: Callable[[str], None]) -> int:
    """Run the bot, or the part of it that these shards are, on a home directory; the exit code.

    Raises InvalidSettings, and QuothError where the bot cannot start or go on.
    """
    tables = read_tables(settings_file(home))
    settings = build_settings(DiscordSettings, tables.get("discord", {}), where="discord")
    engine = Settings.from_tables(tables)
    health = Health(home, build_settings(HealthSettings, tables.get("health", {}), where="health"), engine.store)
    point_at(settings)

    def opener(name: str) -> Library:
        return Library.open(home, name, settings=engine)

    def build() -> Quoth:
        care = care_for(home, engine.backup)
        # Processes that share a database may be on several machines; others share a home.
        part = (shards, database_lead(engine.store) or LeaderFile(home))
        health.client = build_client(settings, home=home, opener=opener, part=part, store=engine.store, care=care)
        return health.client

    def warm_up() -> None:
        # The model is shared by all libraries of a process; which one loads it does not matter.
        with opener("default") as library:
            try:
                library.warm_up()
            except ModelUnavailable as error:
                if not engine.model.url:
                    raise
                _log.warning("%s The bot starts, and asks again at the first question", error)  # it comes back
        # What was loaded stays: to look through all of it for garbage takes a tenth of a second of somebody's question.
        gc.collect()
        gc.freeze()

    # Each process has a heart of its own; that of a bot with one shard has the name that health checks know.
    heart = Heart(home / ("heartbeat" if shards.count == 1 else f"heartbeat-{shards.ids[0]}"))
    life = Life(build=build, warm_up=warm_up, heart=heart, say=say, hurry=leave_in_time)
    with sole_run(home, shards):
        async with health.served(beside=shards.ids[0]):
            return await live(life, stop_event(), wait_for_token=wait_for_token)
