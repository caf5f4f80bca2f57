"""What an operator does with a home directory: look it over, copy it, bring it back."""

from retrieval.upkeep.backups import backup, existing, moved, restore
from retrieval.upkeep.check import Check
from retrieval.upkeep.checks import examine, look_over
from retrieval.upkeep.keeping import back_up_if_due, backups_in, drop_old
from retrieval.upkeep.pulse import HEARTBEAT, heartbeat
from retrieval.upkeep.sizes import Sizes, library_sizes

__all__ = [
    "HEARTBEAT",
    "Check",
    "Sizes",
    "back_up_if_due",
    "backup",
    "backups_in",
    "drop_old",
    "examine",
    "existing",
    "heartbeat",
    "library_sizes",
    "look_over",
    "moved",
    "restore",
]
