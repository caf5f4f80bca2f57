"""How far a long addition is."""

import asyncio
from typing import Any

import pytest

from bot.progress import Progress
from bot.words import Busy
from retrieval import ENGLISH, Added


def _going_on() -> bool:
    """The bot is not stopping."""
    return False


_FAILED = Added("failed", None, "it cannot be read")


class _Waiting:
    """An interaction that shows "thinking…", and what it is edited to."""

    def __init__(self, *, is_deferred: bool) -> None:
        self.response = self
        self.is_done = lambda: is_deferred
        self.shown: list[str] = []

    async def edit_original_response(self, *, content: str, **_: Any) -> None:
        self.shown.append(content)


async def _watch(waiting: _Waiting, progress: Progress) -> None:
    """Let some rounds pass, with two results after the first."""
    showing = asyncio.create_task(progress.show(waiting, ENGLISH))  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    assert len(list(progress.counting([_FAILED, _FAILED]))) == 2
    await asyncio.sleep(0.1)
    showing.cancel()
    await asyncio.wait({showing})


async def test_how_far_it_is_is_shown_when_that_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not over and over: Discord counts every edit."""
    monkeypatch.setattr("bot.progress._EVERY", 0.01)
    waiting = _Waiting(is_deferred=True)
    await _watch(waiting, Progress(_going_on))
    assert waiting.shown == ["### Adding articles …\n2 articles are done"]


async def test_nothing_is_shown_before_discord_shows_that_quoth_is_thinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done at once needs no progress."""
    monkeypatch.setattr("bot.progress._EVERY", 0.01)
    waiting = _Waiting(is_deferred=False)
    await _watch(waiting, Progress(_going_on))
    assert waiting.shown == []


def test_when_the_bot_stops_the_rest_is_left_and_that_is_told() -> None:
    """What was done is done."""
    progress = Progress(lambda: progress.done == 2)
    with pytest.raises(Busy, match="2 articles are done"):
        list(progress.counting([_FAILED] * 3))
    assert progress.done == 2
