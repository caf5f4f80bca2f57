"""Killed at any moment, a library loses nothing that was said to be done and keeps nothing by halves."""

import os
import sys
from pathlib import Path

from tests.crash import Ordeal

# `make crash` asks for 500; a kill takes about 0.4 s.
_KILLS = int(os.environ.get("QUOTH_KILLS", "50"))
_LONGEST_START = 5.0


def test_nothing_that_was_done_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    """While it adds, updates, removes, reindexes, backs up and migrates; passages, vectors and words agree."""
    ordeal = Ordeal(tmp_path / "home")
    ordeal.begin()
    for seed in range(_KILLS):
        ordeal.kill_one(seed)
    sys.stdout.write(f"\n{_KILLS} kills, in the middle of {ordeal.kills}; slowest start {ordeal.slowest:.2f} s\n")
    assert sum(ordeal.kills.values()) == _KILLS
    assert ordeal.kills.get("between", 0) < _KILLS / 2  # or the kills prove little
    assert ordeal.slowest < _LONGEST_START
