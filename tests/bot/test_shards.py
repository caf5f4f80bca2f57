"""Which servers a process answers, when it may begin a session, and which process leads."""

from pathlib import Path

import pytest
import yarl
from discord import SessionStartLimits
from discord.gateway import DiscordWebSocket

from bot.gateway import _where
from bot.leadership import Alone, LeaderFile
from bot.shards import Shards
from bot.starts import pause


@pytest.mark.parametrize(
    ("text", "ids", "count"), [("0-3/16", (0, 1, 2, 3), 16), ("5/16", (5,), 16), ("0/1", (0,), 1), ("7-7/8", (7,), 8)]
)
def test_shards_are_named_as_a_range_of_all(text: str, ids: tuple[int, ...], count: int) -> None:
    assert Shards.parse(text) == Shards(ids, count)


def test_shards_are_shown_as_they_are_typed() -> None:
    assert [str(Shards.parse(text)) for text in ("0-3/16", "5/16")] == ["0-3/16", "5/16"]


@pytest.mark.parametrize("text", ["", "3", "0-3", "3-0/4", "0-4/4", "1/1", "0/0", "-1/4", "0-3/16/2", "٣/٤", "0/99999"])
def test_what_does_not_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not like|does not count"):
        Shards.parse(text)


def _limits(*, remaining: int) -> SessionStartLimits:
    return SessionStartLimits(total=1000, remaining=remaining, reset_after=36_000_000, max_concurrency=1)


def test_sessions_are_begun_ever_more_slowly_up_to_ten_minutes() -> None:
    """In an hour no more than a dozen, in a day no more than three hundred of the thousand."""
    pauses = [pause(_limits(remaining=900), lately) for lately in range(12)]
    assert pauses == [0, 5, 10, 20, 40, 80, 160, 320, 600, 600, 600, 600]


def test_with_less_than_half_of_the_days_starts_the_rest_is_spread_over_the_day() -> None:
    assert pause(_limits(remaining=100), 0) == 360
    assert pause(_limits(remaining=1), 3) == 36_000
    assert pause(_limits(remaining=0), 0) == 36_000


def test_one_process_leads_at_most_and_another_when_it_has_resigned(tmp_path: Path) -> None:
    first, second = LeaderFile(tmp_path), LeaderFile(tmp_path)
    assert first.take()
    assert first.take()
    assert not second.take()
    first.resign()
    first.resign()
    assert second.take()
    assert not first.take()
    second.resign()


def test_who_is_alone_leads() -> None:
    alone = Alone()
    alone.resign()
    assert alone.take()


@pytest.mark.parametrize(
    ("gateway", "resumed_at"),
    [("wss://gateway.discord.gg/", "wss://us-east1-b.discord.gg/"), ("ws://proxy.internal:7878/", None)],
)
def test_behind_a_proxy_a_session_is_resumed_at_the_proxy(
    monkeypatch: pytest.MonkeyPatch, gateway: str, resumed_at: str | None
) -> None:
    """Discord knows nothing of it and names an address of its own."""
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(gateway))
    socket = DiscordWebSocket.__new__(DiscordWebSocket)
    socket.gateway = yarl.URL("wss://us-east1-b.discord.gg/")
    assert _where(socket) == (yarl.URL(resumed_at) if resumed_at else None)
