"""What ``quoth run`` is made of: settings, the engine and the client, each built once and passed down."""

from collections.abc import Callable
from pathlib import Path

from bot.build import build_client, point_at
from bot.client import Quoth
from bot.heart import Heart
from bot.lock import sole_run
from bot.run import Life, live
from bot.settings import DiscordSettings
from retrieval import Library, Settings, build_settings, read_tables, settings_file


async def run_bot(home: Path, *, wait_for_token: bool, say: Callable[[str], None]) -> int:
    """Run the bot on a home directory; the exit code.

    Raises InvalidSettings, and QuothError where the bot cannot start or go on.
    """
    tables = read_tables(settings_file(home))
    settings = build_settings(DiscordSettings, tables.get("discord", {}), where="discord")
    engine = Settings.from_tables(tables)
    point_at(settings)

    def opener(name: str) -> Library:
        return Library.open(home, name, settings=engine)

    def build() -> Quoth:
        return build_client(settings, home=home, opener=opener)

    def warm_up() -> None:
        # The model is shared by all libraries of a process; which one loads it does not matter.
        with opener("default") as library:
            library.warm_up()

    life = Life(build=build, warm_up=warm_up, heart=Heart(home / "heartbeat"), say=say)
    with sole_run(home):
        return await live(life, wait_for_token=wait_for_token)
