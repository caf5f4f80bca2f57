"""What a server's admins have set for it, beside what the operator has set for all."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from bot.settings import Style


@dataclass(frozen=True, slots=True)
class Preferences:
    """None leaves a matter to the operator's settings, or to the language that Discord tells.

    With ``private``, ``/ask`` answers the one who asks alone, unless they say otherwise. With ``threads``,
    mentions are answered in a thread of their own. In ``channels`` (ids of channels and forums) every
    question is answered, also without a mention. ``announcements`` is the channel where new articles of
    feeds are shown.
    """

    style: Style | None = None
    language: str | None = None
    private: bool = False
    threads: bool = False
    channels: tuple[int, ...] = ()
    announcements: int | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """What was kept; what a later version no longer knows is left out."""
        kept: dict[str, Any] = json.loads(text) if text else {}
        names = {field.name for field in fields(cls)}
        known = {name: value for name, value in kept.items() if name in names}
        return cls(**known | {"channels": tuple(known.get("channels", ()))})
