"""Every command, menu, button, select and form: used after a restart, with bad input, and by whoever may not.

The tables of ``cases`` are compared with the command tree, the codes of buttons and the forms of the client: what
is new has its three cases, or the tests fail.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import simcord
from discord import app_commands

from bot import keys, reference, views
from tests.bot.cases import (
    COMMANDS,
    EDITED,
    FORMS,
    IN_SERVERS,
    MENUS,
    NO_ARTICLE,
    PRESSES,
    seen,
    span_of,
    staged,
    watched,
)
from tests.bot.conftest import HELSINKI, World, shown, texts


def _walked(world: World) -> Iterator[Any]:
    tree = world.client().tree
    yield from (command for command in tree.walk_commands() if isinstance(command, app_commands.Command))


def test_every_command_has_its_cases(world: World) -> None:
    """And bad input, unless it takes none."""
    walked = {command.qualified_name: command for command in _walked(world)}
    assert set(COMMANDS) == set(walked)
    assert {name for name, case in COMMANDS.items() if case.bad is None} == {
        name for name, command in walked.items() if not command.parameters
    }
    menus = {menu.name for menu in world.client().tree.get_commands() if isinstance(menu, app_commands.ContextMenu)}
    assert set(MENUS) == menus


def test_everything_that_can_be_pressed_has_its_cases(world: World) -> None:
    """Each kind of code belongs to one class, and each deed is one that the client does."""
    deeds = set(world.client()._behaviour.deeds)
    assert set(PRESSES) == {*keys._FORMS, *deeds, "choose"}
    assert all(does in views._DEED.pattern for does in deeds)
    assert set(FORMS) == set(world.client()._behaviour.forms)


@pytest.mark.parametrize("name", PRESSES)
async def test_a_code_fits_one_class_and_discord(world: World, name: str) -> None:
    """Codes that fitted two would be answered twice; a code has at most 100 characters."""
    async with staged(world) as stage:
        code = PRESSES[name].good(stage).partition("=")[0]
        fits = [item.__discord_ui_compiled_template__.fullmatch(code) for item in views.dynamic_items()]
        assert sum(match is not None for match in fits) == 1
        assert len(code) <= 100


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_for_whom_it_is(world: World, name: str) -> None:
    """After a restart as before; bad input is told in words; others learn nothing, and admins' commands are theirs."""
    case, is_for_all = COMMANDS[name], not name.startswith(("library", "settings"))
    async with staged(world) as stage:
        channel, alice = stage.scene.channel, stage.scene.alice
        who = alice if is_for_all else stage.admin
        await stage.restart()
        if case.bad:
            told = seen(await who.slash(channel, name, **case.bad(stage)))
            assert case.refused in told
            assert "Something went wrong" not in told
        assert case.told in seen(await who.slash(channel, name, **case.good(stage)))
        if case.about_soup:
            told = seen(await alice.slash(channel, name, **case.about_soup(stage)))
            assert "lovage" not in told
            assert "Soup" not in told
        refused = alice.slash(channel, name, **case.good(stage))
        if is_for_all:  # but not in direct messages
            refused.close()
            refused = alice.user.slash(name, **case.good(stage))
        with pytest.raises(simcord.SetupError):
            await refused


@pytest.mark.parametrize("name", MENUS)
async def test_a_menu_for_whom_it_is(world: World, name: str) -> None:
    good, told, bad, refused, about_soup = MENUS[name]
    async with staged(world) as stage:
        await stage.restart()
        for text, wanted in ((bad, refused), (good, told), (about_soup, "### ")):
            message = await stage.scene.alice.send(stage.scene.channel, text)
            result = await stage.scene.alice.context_menu(stage.scene.channel, name, message)
            assert result.ephemeral
            assert wanted in seen(result)
            assert "lovage" not in seen(result)
            assert "Something went wrong" not in seen(result)


@pytest.mark.parametrize("name", PRESSES)
async def test_a_press_by_whoever(world: World, name: str) -> None:
    """Of a button that an earlier process showed; in a direct message it leads nowhere."""
    case = PRESSES[name]
    async with staged(world) as stage:
        alice = stage.scene.alice
        watched(stage)
        codes = {kind: made(stage) for kind, made in vars(case).items() if callable(made)}
        await stage.restart()
        if "bad" in codes:
            told = seen(await stage.press(alice, codes["bad"]))
            assert case.refused in told
            assert "Something went wrong" not in told
        if "about_soup" in codes:
            told = seen(await stage.press(alice, codes["about_soup"]))
            assert "lovage" not in told
            assert "Soup" not in told
        direct = seen(await stage.press(alice.user, codes["good"], channel=alice.user.dm_channel))
        assert direct.startswith(IN_SERVERS)
        assert case.told in seen(await stage.press(alice, codes["good"]))


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_that_was_open_during_a_restart(world: World, name: str) -> None:
    """It counts; what is wrong in it is told, and nothing is changed."""
    case = FORMS[name]
    shown_by, made = case.shown_by
    async with staged(world) as stage:

        async def show() -> simcord.InteractionResult:
            if shown_by in PRESSES:
                return await stage.press(stage.admin, made(stage))
            return await stage.admin.slash(stage.scene.channel, shown_by, **made(stage))

        forms = [await show(), await show()]
        titles = {form.modal["title"] for form in forms if form.modal}
        assert titles <= {title for title, _, _ in reference.FORMS}
        assert len(titles) == 1
        await stage.restart()
        if case.bad:
            told = seen(await stage.admin.submit_modal(forms[0], dict(case.bad)))
            assert case.refused in told
        assert case.told in seen(await stage.admin.submit_modal(forms[1], dict(case.good)))


async def test_a_form_about_an_article_that_is_gone_says_so(world: World) -> None:
    """Somebody else removed it while the form was open."""
    async with staged(world) as stage:
        for command, filled in (("edit", EDITED), ("audience", {"adults": True})):
            form = await stage.admin.slash(stage.scene.channel, f"library {command}", article="helsinki")
            with stage.scene.world.open(f"guild-{stage.scene.guild.id}") as library:
                library.remove(stage.article.article)
            assert NO_ARTICLE in seen(await stage.admin.submit_modal(form, filled))
            stage.article = span_of(stage.scene.add(HELSINKI).id, HELSINKI)


@pytest.mark.parametrize("does", ["press", "form", "command"])
async def test_what_nobody_foresaw_is_told_whatever_a_person_did(world: World, does: str) -> None:
    """The library would only log it, and Discord would say that the interaction failed."""
    async with replace(world).scene(check_errors=False) as scene:
        scene.add(HELSINKI)
        answer = shown(await scene.ask())
        why = await scene.alice.click(answer, label="Not helpful")
        scene.env.inject_error("POST", "/interactions/*/callback", status=400, code=50008, times=1)
        if does == "press":
            result = await scene.alice.click(answer, label="Verify")
        elif does == "form":
            result = await scene.alice.submit_modal(why, {"reason": []})
        else:
            result = await scene.alice.slash(scene.channel, "privacy")
        told = texts(shown(result).components)
        assert told.startswith("### Something went wrong")
        assert re.search(r"[0-9A-F]{6}", told)


async def test_a_refusal_names_the_permission_that_is_missing(world: World) -> None:
    async with world.scene(check_errors=False) as scene:
        scene.add(HELSINKI)
        scene.env.inject_error("POST", "/interactions/*/callback", status=403, code=50013, times=1)
        told = texts(shown(await scene.alice.slash(scene.channel, "privacy")).components)
        assert told.startswith("### Discord does not let Quoth do that here")
