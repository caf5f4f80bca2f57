"""Files that were made to do harm, attached in Discord: each is answered, and the bot hears all the while."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from tempfile import gettempdir

from retrieval.extraction.kinds import SUFFIXES
from tests.bot.conftest import Scene, World, shown, texts
from tests.hostile.files import ATTACHED, FILES
from tests.made import zipped

_LONGEST = 60.0  # seconds after which a file counts as one that is never read, on a busy machine too
_LARGEST = 10_000_000  # bytes that can be attached
_LAG = 1.0  # seconds that the bot may be deaf
_IN_A_PROCESS_APART = [name for name in ATTACHED if PurePath(FILES[name].name).suffix in SUFFIXES]
_IN_THE_BOT = [name for name in ATTACHED if name not in _IN_A_PROCESS_APART]


@contextmanager
def _heartbeat(loop: asyncio.AbstractEventLoop) -> Iterator[list[float]]:
    """How long the loop took each time to hear a thread, whose clock is not the simulated one."""
    lags: list[float] = []
    done = threading.Event()

    def hear(asked: float) -> None:
        lags.append(time.monotonic() - asked)

    def ask() -> None:
        while not done.wait(0.02):
            loop.call_soon_threadsafe(hear, time.monotonic())

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield lags
    finally:
        done.set()
        thread.join()


async def _answer(scene: Scene, name: str, content: bytes) -> tuple[str, list[float]]:
    with _heartbeat(asyncio.get_running_loop()) as lags:
        result = await scene.admin().slash(scene.channel, "library add", file=(name, content))
    return texts(shown(result).components), lags


def _content(name: str) -> bytes:
    make = FILES[name].content
    assert make is not None
    return make()


async def test_the_bot_hears_while_hostile_files_are_read(world: World) -> None:
    """Each is answered with a card that says what to do, and the heartbeat waits for none."""
    heard = 0
    async with world.scene(settle_timeout=60.0) as scene:
        for name in _IN_THE_BOT:
            file, content = FILES[name], _content(name)
            begin = time.monotonic()
            said, lags = await _answer(scene, file.name, content)
            assert time.monotonic() - begin < _LONGEST, name
            assert max(lags, default=0.0) < _LAG, name
            told = "larger than" if len(content) > _LARGEST else file.told
            assert told in said, name
            assert gettempdir() not in said, name
            heard += len(lags)
    assert heard > len(_IN_THE_BOT)


async def test_the_bot_hears_while_a_process_apart_reads_an_archive_of_them(world: World) -> None:
    """Pages, PDF, Word and EPUB files together: none keeps the next one from being read."""
    archive = zipped(
        {f"{number}/{FILES[name].name}": _content(name) for number, name in enumerate(_IN_A_PROCESS_APART)}
    )
    failing = sum("failed" in FILES[name].ends for name in _IN_A_PROCESS_APART)
    async with world.scene(settle_timeout=120.0) as scene:
        said, lags = await _answer(scene, "all.zip", archive)
    assert f" {failing} failed" in said.partition("\n")[0]
    assert " added" in said.partition("\n")[0]
    assert len(lags) > 10
    assert max(lags) < _LAG
