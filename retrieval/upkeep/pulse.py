"""Whether a bot is alive: by the file that it touches, and by the lock that it holds."""

import fcntl
import json
import time
from pathlib import Path

from retrieval.upkeep.check import Check

HEARTBEAT = "heartbeat"
LOCKS = "run*.lock"
# The bot touches its heart file every 15 seconds; four beats missed are no hiccup.
_HEARTBEAT_SECONDS = 60


def heartbeat(home: Path) -> Check:
    """Whether a bot that uses this home directory is alive."""
    try:
        beat = json.loads((home / HEARTBEAT).read_text(encoding="utf-8"))
        # Not by the time of day, which may jump; this clock is the same for all processes, and starts with the machine.
        age, state = time.monotonic() - float(beat["clock"]), str(beat["state"])
    except (OSError, ValueError, KeyError, TypeError):
        return Check("heartbeat", False, "there is none", "Start the bot with quoth run")
    if age < 0:
        return Check("heartbeat", False, "it is from before the machine started", "Start the bot with quoth run")
    return Check("heartbeat", age < _HEARTBEAT_SECONDS, f"{state}, {age:.0f} s ago", "Look at the bot's log")


def bot(home: Path) -> Check:
    """Whether what the heartbeat says agrees with whether a bot runs."""
    runs, there = any(map(_is_locked, home.glob(LOCKS))), (home / HEARTBEAT).exists()
    if not runs:
        finding = "was killed, or the machine went down" if there else "does not run"
        return Check("bot", not there, finding, "Look at the end of its log, and start it again with quoth run")
    beat = heartbeat(home)
    if beat.well:
        return Check("bot", True, f"runs on this home: {beat.finding}")
    return Check("bot", False, f"runs, but its heartbeat does not: {beat.finding}", "Look at its log, and restart it")


def _is_locked(file: Path) -> bool:
    try:
        with file.open("r", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
