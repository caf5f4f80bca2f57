"""The heartbeat file, by which a container's health check sees that the event loop is alive."""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal

_log = logging.getLogger(__name__)

State = Literal["waiting for a token", "starting", "ready"]

BEAT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Heart:
    """Writes ``{"clock": …, "state": …}`` to ``file``; ``seconds`` lie between two beats.

    The clock is the machine's, in seconds since it started: unlike the time of day it does not jump.
    """

    file: Path
    seconds: float = BEAT_SECONDS

    async def beat(self, state: Callable[[], State | None]) -> None:
        """Beat until ``state`` gives None, which it does when there is nothing to be alive for."""
        while (now := state()) is not None:
            self.mark(now)
            await asyncio.sleep(self.seconds)

    def mark(self, state: State) -> None:
        """One beat. The file is replaced at once, so that a reader never sees half of it.

        A full disk makes the bot look dead for as long as it is full, and no longer.
        """
        fresh = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps({"clock": monotonic(), "state": state}), encoding="utf-8")
            fresh.replace(self.file)
        except OSError as error:
            _log.error("The heartbeat cannot be written: %s", error)

    def stop(self) -> None:
        """Remove the file: nothing is alive any more."""
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)
