"""Discord gives three seconds for the first response to an interaction, however long the engine takes."""

from collections.abc import Awaitable
from time import monotonic
from typing import Any

import pytest
from discord import app_commands

from bot import articles
from bot.library import editing, feeds
from bot.settings import DiscordSettings
from tests.bot.cases import COMMANDS, FORMS, MENUS, PRESSES, Stage, staged
from tests.bot.conftest import World

_ENGINE = 600.0  # seconds: it is not done before a test is
_GIVEN = 3.0  # by Discord
# How long the bot waits for the engine before it says "thinking…", leaves out suggestions, or asks for patience.
_WAITS = (articles._SUGGEST_WITHIN, feeds._SUGGEST_WITHIN, editing._LOOK_UP_WITHIN, DiscordSettings().defer_after)
_WAIT = 0.1  # here, so that the tests need not wait for so long
_BESIDES = _GIVEN - max(_WAITS)  # what may pass besides


class Clocked(list[Any]):
    """What went to and fro, and when the last interaction was acknowledged."""

    acknowledged = 0.0

    def append(self, entry: Any) -> None:
        super().append(entry)
        if entry[1].endswith("/callback"):
            self.acknowledged = monotonic()


class Late(dict[str, float]):
    """The seconds after which each thing that a person did was acknowledged."""

    def __init__(self, stage: Stage) -> None:
        self._worker = stage.scene.bot.worker
        self._log = stage.scene.env.backend.transcript = Clocked()

    async def measure(self, name: str, does: Awaitable[Any]) -> Any:
        self._worker._changing.clear()  # a simulated Discord waits with whoever waits for another's change
        began = monotonic()
        result = await does  # which ends when all that is left is to wait for the engine
        assert self._log.acknowledged >= began, f"{name} was not acknowledged at all"
        self[name] = self._log.acknowledged - began
        return result

    def are_in_time(self) -> bool:
        return not {name: seconds for name, seconds in self.items() if seconds > _WAIT + _BESIDES}


@pytest.fixture
def busy(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world where everything may wait, so that nothing is refused at once."""
    for waits in ("articles._SUGGEST_WITHIN", "library.feeds._SUGGEST_WITHIN", "library.editing._LOOK_UP_WITHIN"):
        monkeypatch.setattr(f"bot.{waits}", _WAIT)
    monkeypatch.setattr("bot.progress._EVERY", _ENGINE)  # what it shows comes after the first response
    return world.but(defer_after=_WAIT, slots=200, queue=200)


async def test_every_command_is_acknowledged_in_time(busy: World) -> None:
    async with staged(busy, settle_timeout=_GIVEN) as stage:
        stage.scene.slow_down(_ENGINE)
        late = Late(stage)
        for name, case in COMMANDS.items():
            await late.measure(name, stage.admin.slash(stage.scene.channel, name, **case.good(stage)))
        assert late.are_in_time(), late


async def test_every_menu_is_acknowledged_in_time(busy: World) -> None:
    async with staged(busy, settle_timeout=_GIVEN) as stage:
        stage.scene.slow_down(_ENGINE)
        late = Late(stage)
        for name, (good, *_) in MENUS.items():
            for text in (good, stage.site.url("/a")):
                message = await stage.scene.alice.send(stage.scene.channel, text)
                does = stage.scene.alice.context_menu(stage.scene.channel, name, message)
                await late.measure(f"{name}: {text}", does)
        assert late.are_in_time(), late


async def test_every_press_is_acknowledged_in_time(busy: World) -> None:
    """Of a button, and of a choice in a select."""
    async with staged(busy, settle_timeout=_GIVEN) as stage:
        codes = {name: case.good(stage) for name, case in PRESSES.items()}
        stage.scene.slow_down(_ENGINE)
        late = Late(stage)
        for name, code in codes.items():
            await late.measure(name, stage.press(stage.scene.alice, code))
        assert late.are_in_time(), late


async def test_every_form_is_acknowledged_in_time(busy: World) -> None:
    async with staged(busy, settle_timeout=_GIVEN) as stage:
        shown = {}
        for name, case in FORMS.items():
            by, made = case.shown_by
            does = stage.press(stage.admin, made(stage)) if by in PRESSES else None
            shown[name] = await (does or stage.admin.slash(stage.scene.channel, by, **made(stage)))
        stage.scene.slow_down(_ENGINE)
        late = Late(stage)
        for name, form in shown.items():
            await late.measure(name, stage.admin.submit_modal(form, dict(FORMS[name].good)))
        assert late.are_in_time(), late


async def test_every_suggestion_comes_in_time(busy: World) -> None:
    """If only none: who types can go on."""
    async with staged(busy, settle_timeout=_GIVEN) as stage:
        stage.scene.slow_down(_ENGINE)
        late = Late(stage)
        for command in stage.scene.bot.tree.walk_commands():
            for option in command.parameters if isinstance(command, app_commands.Command) else ():
                if option.autocomplete:
                    name = command.qualified_name
                    typing = stage.admin.autocomplete(stage.scene.channel, name, option.name, "hel")
                    assert await late.measure(f"{name} {option.name}", typing) == []
        assert len(late) > 5
        assert late.are_in_time(), late
