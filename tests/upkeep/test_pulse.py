"""Whether a bot is alive."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.heart import Heart, State
from bot.lock import sole_run
from retrieval.upkeep import HEARTBEAT, heartbeat
from retrieval.upkeep.pulse import bot


def _beat(home: Path, age: float) -> None:
    home.mkdir(exist_ok=True)
    beat = {"clock": time.monotonic() - age, "state": "ready"}
    (home / HEARTBEAT).write_text(json.dumps(beat), encoding="utf-8")


@pytest.mark.parametrize(("age", "well"), [(0, True), (3_600, False), (-3_600, False)])
def test_a_heartbeat_says_whether_the_bot_is_alive(home: Path, age: int, well: bool) -> None:
    """A fresh one does, an old one does not, nor one from before the machine was started anew."""
    _beat(home, age)
    assert heartbeat(home).well is well


@pytest.mark.parametrize("content", ["{}", "[]", "not json", '{"clock": "noon", "state": "ready"}', None])
def test_without_a_heartbeat_no_bot_is_alive(home: Path, content: str | None) -> None:
    """Nor with one that cannot be read."""
    home.mkdir()
    if content is not None:
        (home / HEARTBEAT).write_text(content, encoding="utf-8")
    assert not heartbeat(home).well


def test_a_heart_that_beats_is_heard_whatever_the_time_of_day_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of day may jump by a year; the clock of the machine does not."""
    Heart(home / HEARTBEAT).mark("ready")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 365 * 86_400)
    assert heartbeat(home).well


def test_a_heart_beats_on_once_a_full_disk_has_room_again(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Here a file stands in the home's place for a while; a bot that works must not look dead for ever."""
    home.write_text("", encoding="utf-8")

    def states() -> Iterator[State | None]:
        yield "ready"
        assert "The heartbeat cannot be written" in caplog.text
        home.unlink()
        yield "ready"
        yield None

    asyncio.run(Heart(home / HEARTBEAT, seconds=0.0).beat(states().__next__))
    assert heartbeat(home).well


def test_what_the_lock_and_the_heartbeat_say_together(home: Path) -> None:
    """It does not run; it runs; it runs and hangs; it was killed."""
    assert bot(home).finding == "does not run"
    with sole_run(home):
        check = bot(home)
        assert (check.well, check.finding) == (False, "runs, but its heartbeat does not: there is none")
        _beat(home, 0)
        assert bot(home).well
        _beat(home, 300)
        assert not bot(home).well
    check = bot(home)
    assert not check.well
    assert "was killed" in check.finding
    assert "quoth run" in check.advice
