"""The ``[discord]`` and ``[health]`` tables of the settings file."""

from dataclasses import dataclass
from typing import Literal

from retrieval import InvalidSettings, key

Style = Literal["v2", "plain"]
Sync = Literal["if-changed", "never", "always"]
LogForm = Literal["readable", "json"]
LogLevel = Literal["debug", "info", "warning"]


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """How Quoth behaves in Discord; raises InvalidSettings where an address cannot be one."""

    style: Style = key("v2", help="v2: cards; plain: ordinary messages")  # noqa: RUF009 - a field
    sync: Sync = key("if-changed", help="when slash commands are sent to Discord")  # noqa: RUF009 - a field
    slots: int = key(8, bounds=(1, 64), help="questions worked on at the same time")
    queue: int = key(64, bounds=(0, 1000), help="questions that may wait for a slot; further ones are told so")
    deadline: float = key(60.0, bounds=(1, 600), help="seconds after which an unfinished answer is given up")
    defer_after: float = key(1.5, bounds=(0, 2.5), help="seconds after which Discord shows 'thinking…'")
    cooldown: float = key(2.0, bounds=(0, 3600), help="seconds between two questions of one person")
    person_visits: int = key(30, bounds=(1, 10_000), help="times an hour that one person may have a site visited")
    server_visits: int = key(300, bounds=(1, 100_000), help="times an hour that one server may have sites visited")
    questions_days: int = key(7, bounds=(0, 30), help="days for which questions are kept; 0: in no file")
    forget_after: int = key(14, bounds=(1, 365), help="days until a server that removed the bot is forgotten")
    message_content: bool = key(False, help="ask Discord for the text of all messages, not only of mentions")
    open_libraries: int = key(16, bounds=(1, 1000), help="servers whose libraries are kept open at once")
    api_url: str = key("https://discord.com/api/v10", help="base of the REST interface, or of a proxy for it")
    gateway_url: str = key("wss://gateway.discord.gg/", help="the gateway, or a proxy for it")

    def __post_init__(self) -> None:
        _require_scheme("api_url", self.api_url, schemes=("https://", "http://"))
        _require_scheme("gateway_url", self.gateway_url, schemes=("wss://", "ws://"))


def _require_scheme(name: str, value: str, *, schemes: tuple[str, ...]) -> None:
    if not value.startswith(schemes) or value in schemes:
        raise InvalidSettings(
            f"discord.{name} is {value!r}",
            hint=f"It takes an address that starts with {' or '.join(schemes)}",
        )


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """How those who run the bot see how it is."""

    port: int = key(0, bounds=(0, 65_535), help="of /healthz and /metrics; 0: neither")
    host: str = key("127.0.0.1", help="who may reach them: this machine, or with another address those who reach that")
    log: LogForm = key("readable", help="how the log is written: readable, or json with one object a line")  # noqa: RUF009 - a field
    level: LogLevel = key("info", help="how much is logged: debug, info or warning")  # noqa: RUF009 - a field
