"""What was asked of Discord, and who was answered how often."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal

from tests.standin.rules import texts_of

_PLACEHOLDER = "Looking through"
_FAILURES = ("Quoth is busy", "Quoth is restarting", "That was quick", "Something went wrong", "No answer was ready")

Outcome = Literal["answer", "failure", "nothing"]


@dataclass
class Asked:
    """What a person asked of the bot, and what came of it.

    ``heard`` is when they asked, and ``told`` when it went into a connection that held, in seconds of the monotonic
    clock. ``shown`` are the messages that the person sees for it, by their ids; ``acknowledged`` is whether the first
    response arrived in its three seconds, ``is_heard`` whether there was a session to be told.
    """

    id: str
    token: str
    kind: int
    channel: str
    heard: float = field(default_factory=monotonic)
    acknowledged: bool = False
    is_heard: bool = True
    told: float | None = None
    choices: list[dict[str, Any]] | None = None
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    answered: float | None = None

    @property
    def text(self) -> str:
        """All that the person reads."""
        return "\n".join(texts_of(message) for message in self.shown.values())

    @property
    def is_settled(self) -> bool:
        """Whether the person has what they are waiting for, or can have nothing."""
        return self.answered is not None or self.choices is not None or not self.is_heard

    @property
    def outcome(self) -> Outcome:
        """An answer, an honest failure in words, or nothing but a placeholder."""
        text = self.text
        if not text or text.startswith(_PLACEHOLDER):
            return "nothing"
        return "failure" if any(failure in text for failure in _FAILURES) else "answer"

    def show(self, message: dict[str, Any]) -> None:
        self.shown[message["id"]] = message
        if self.answered is None and self.outcome != "nothing":
            self.answered = monotonic()


class Ledger:
    """Everything that happened, counted."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.identifies: list[tuple[float, int]] = []
        self.resumes = 0
        self.connections = 0
        self.heartbeats = 0
        self.problems: list[str] = []
        self.asked: dict[str, Asked] = {}
        self.by_token: dict[str, Asked] = {}

    def begin(self, asked: Asked) -> Asked:
        """Somebody asks."""
        self.asked[asked.id] = self.by_token[asked.token] = asked
        return asked

    def close(self, asked: Asked) -> None:
        """Nothing more will come of it: what runs for long keeps its own counts."""
        self.asked.pop(asked.id, None)
        self.by_token.pop(asked.token, None)

    def outcomes(self, asked: Iterable[Asked]) -> Counter[Outcome]:
        """How many got an answer, an honest failure, or nothing."""
        return Counter(one.outcome for one in asked)

    def answered_twice(self) -> list[Asked]:
        """Who sees more than one message for what they asked."""
        return [one for one in self.asked.values() if len(one.shown) > 1]
