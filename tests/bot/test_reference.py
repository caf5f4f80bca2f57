"""docs/commands.md lists what the bot has, and nothing else."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import InteractionResult

from bot import reference
from tests.bot.conftest import HELSINKI, WHATSAPP, Scene, World, labels, shown


def test_the_page_of_commands_is_what_the_commands_say(tmp_path: Path) -> None:
    """After a change of a command: ``python -m bot.reference``."""
    text = reference.PAGE.read_text(encoding="utf-8")
    assert reference.page(text, reference.tree_of(tmp_path)) == text


def test_every_command_option_and_menu_is_on_the_page(tmp_path: Path) -> None:
    """As Discord gets them: whoever may use a command by default, and what an option takes."""
    tree = reference.tree_of(tmp_path)
    made = reference.page(reference.PAGE.read_text(encoding="utf-8"), tree)
    for name, option in _sent(tree):
        assert re.search(rf"^\| `/{name} {option['name']}` \| ", made, re.MULTILINE)
        for choice in option.get("choices") or ():
            assert f"`{choice['name']}`" in made
    assert "| `/library add` | *Manage Server* |" in made
    assert "| `/ask question` | text of 3 to 300 characters |" in made
    assert "| *Apps › Ask about this* of a message | everyone |" in made


def _sent(tree: Any) -> Iterator[tuple[str, Any]]:
    """The options of each command in its payload, which is what Discord knows of it."""
    for command in tree.get_commands():
        yield from _options(command.to_dict(tree), command.name)


def _options(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for option in command.get("options", ()):
        if option["type"] in {1, 2}:  # a sub-command, or a group of them
            yield from _options(option, f"{name} {option['name']}")
        else:
            yield name, option


def test_a_page_without_a_place_for_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="begins and ends"):
        reference.page("# Commands\n", reference.tree_of(tmp_path))


def test_the_page_is_written_where_it_stands(tmp_path: Path) -> None:
    """What stands around the part about Discord stays as it was."""
    page = tmp_path / "commands.md"
    text = reference.PAGE.read_text(encoding="utf-8")
    page.write_text(text.replace("| `/ask question` |", "| `/guess riddle` |"), encoding="utf-8")
    reference.main([str(page)])
    assert page.read_text(encoding="utf-8") == text


async def test_every_button_below_a_card_is_on_the_page(world: World) -> None:
    """And the page names no button that is below none."""
    async with world.scene() as scene:
        for number in range(12):
            scene.add(f"{WHATSAPP} Number {number}.", title=f"Deal {number}", url=None)
        sentences = " ".join(f"Sentence {n} tells of the summit." for n in range(9))
        article = scene.add(f"{HELSINKI} {sentences}", title="Story").id
        seen = {re.sub(r" \d+$", "", label) async for card in _cards(scene, article) for label in card}
    assert seen == {label for label, _, _ in reference.BUTTONS}


async def _cards(scene: Scene, article: str) -> AsyncIterator[list[str]]:
    """The labels of each kind of card."""
    slash, channel = scene.alice.slash, scene.channel
    chiefs = scene.guild.create_role("Chiefs", permissions=discord.Permissions(manage_guild=True))
    chief = scene.guild.add_member(scene.env.create_user("chief"), roles=[chiefs])
    for made in (scene.ask(private=True), scene.ask("@everyone where is the opera singer of the deal?")):
        yield _labels(await made)
    for length in ("short", "long"):
        yield _labels(await slash(channel, "summarise", article=article, length=length))
    yield _labels(await slash(channel, "article", article=article))
    yield _labels(await slash(channel, "privacy"))
    await slash(channel, "watch", question="who sang at the opera?")
    yield _labels(await slash(channel, "watch"))
    listed = await slash(channel, "articles")
    yield _labels(listed)
    yield _labels(await scene.alice.click(shown(listed), label="Next page"))
    yield _labels(await chief.slash(channel, "library remove", article=article))


def _labels(result: InteractionResult) -> list[str]:
    components = shown(result).components
    return [*labels(components), *_placeholders(components)]


def _placeholders(components: Any) -> list[str]:
    """What menus are called."""
    found: list[str] = []
    for item in components:
        found += [item["placeholder"]] if item["type"] == 3 else _placeholders(item.get("components") or [])
    return found
