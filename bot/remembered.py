"""What the memory gives out: gaps, votes and standing questions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that nothing answered and that the admins were told of, how often, and when last."""

    question: str
    times: int
    at: str


@dataclass(frozen=True, slots=True)
class Votes:
    """How many found an answer helpful, how many did not, and the reasons that were given, the most frequent first."""

    helpful: int
    not_helpful: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """A standing question, who asked it where, and their language; articles later than ``since`` may answer it."""

    id: int
    guild_id: int
    user_id: int
    channel_id: int
    question: str
    locale: str
    since: str = ""
