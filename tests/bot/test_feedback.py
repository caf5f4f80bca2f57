"""What people do with an answer: vote, verify, see more, tell the admins."""

from typing import Any

import pytest

from bot.remembered import Votes
from tests.bot.conftest import AMBASSADOR, HELSINKI, SECRET, Scene, World, labels, shown, texts

NOWHERE = "can I pay with gold coins?"


async def test_an_answer_can_be_found_helpful_by_anyone_and_after_a_restart(world: World) -> None:
    """Each person has one vote and may change it; the thanks are private."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        answer = shown(await scene.ask())
        await scene.env.restart_bot(world.client())
        bob = scene.guild.add_member(scene.env.create_user("bob"))
        for person in (scene.alice, scene.alice, bob):
            result = await person.click(answer, label="Helpful")
            assert result.ephemeral
            assert texts(shown(result).components).startswith("### Thank you")
        assert world.client().memory.votes(scene.guild.id) == Votes(2, 0)


@pytest.mark.parametrize("reason", [["It is out of date"], []])
async def test_who_was_not_helped_is_asked_why(world: World, reason: list[str]) -> None:
    """And may leave that open."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        asked = await scene.alice.click(shown(await scene.ask()), label="Not helpful")
        assert asked.modal is not None
        result = await scene.alice.submit_modal(asked, {"reason": reason})
        assert result.ephemeral
        assert texts(shown(result).components).startswith("### Thank you")
        assert scene.bot.memory.votes(scene.guild.id) == Votes(0, 1, tuple((why, 1) for why in reason))


async def test_verify_tells_where_the_quote_stands_and_since_when(world: World) -> None:
    """To the person who asks, whoever that is."""
    async with world.scene() as scene:
        article = scene.add(HELSINKI)
        answer = shown(await scene.ask("Who said that a summit is on the agenda?"))
        bob = scene.guild.add_member(scene.env.create_user("bob"))
        result = await bob.click(answer, label="Verify")
        text = texts(shown(result).components)
        assert result.ephemeral
        assert text.startswith("### Word for word")
        assert "of “Helsinki summit” (Example News (news.example), 18 July 2018)" in text
        scene.add(HELSINKI.replace("ambassador", "envoy"), doc_id=article.doc_id)
        changed = await bob.click(answer, label="Verify")
        assert texts(shown(changed).components).startswith("### Changed since")
        with world.open(f"guild-{scene.guild.id}") as library:
            library.remove(article.id)
        gone = await bob.click(answer, label="Verify")
        assert "is no longer in its article" in texts(shown(gone).components)


async def test_verify_finds_words_that_moved_and_names_the_update(world: World) -> None:
    """An article that was updated around a quote still holds it; one that lost it says since when."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        answer = shown(await scene.ask())
        scene.add(f"UPDATE: The summit has ended. Nobody was hurt.\n\n{HELSINKI}")
        moved = texts(shown(await scene.alice.click(answer, label="Verify")).components)
        assert moved.startswith("### Word for word")
        assert "these words of it stayed" in moved
        scene.add("Nothing of the story is left. It was withdrawn.")
        gone = texts(shown(await scene.alice.click(answer, label="Verify")).components)
        assert gone.startswith("### Changed since")
        assert "is no longer in its article, which was updated on" in gone


async def test_more_quotes_are_shown_privately(world: World) -> None:
    """More than the answer had, each with its source and its own buttons."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        for number in range(6):
            scene.add(f"{AMBASSADOR[:-1]} {number}. It is the {number}th time.", title=f"Note {number}", url=None)
        answer = shown(await scene.ask())
        result = await scene.alice.click(answer, label="More quotes")
        assert result.ephemeral
        few, many = (_quotes(message) for message in (answer, shown(result)))
        assert len(many) > len(few) > 0
        assert "Next page" in labels(shown(result).components)
        following = await scene.alice.click(shown(result), label="Next page")
        assert _quotes(shown(following))
        assert set(_quotes(shown(following))).isdisjoint(many)


async def test_a_question_without_an_answer_can_be_put_before_the_admins(world: World) -> None:
    """Once pressed it is on their list, as often as it was asked."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        nothing = shown(await scene.ask(NOWHERE))
        assert labels(nothing.components) == ["Show the nearest passages", "Tell the admins"]
        for _ in range(2):
            told = await scene.alice.click(nothing, label="Tell the admins")
            assert told.ephemeral
            assert NOWHERE in texts(shown(told).components)
        assert [(gap.question, gap.times) for gap in scene.bot.memory.gaps(scene.guild.id)] == [(NOWHERE, 2)]


async def test_the_nearest_passages_are_there_on_request(world: World) -> None:
    """Word for word, and marked as what they are; an article that came since may answer."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        nothing = shown(await scene.ask(NOWHERE))
        nearest = texts(shown(await scene.alice.click(nothing, label="Show the nearest passages")).components)
        assert nearest.startswith(f"### Nearest to: {NOWHERE}")
        assert nearest.endswith("-# Word for word, and most likely no answer.")
        assert any(line[2:].replace("**", "") in HELSINKI for line in nearest.split("\n") if line.startswith("> "))
        scene.add("You can pay with gold coins. You can pay with silver coins, too.", title="Money", url=None)
        answered = texts(shown(await scene.alice.click(nothing, label="Show the nearest passages")).components)
        assert answered.startswith(f"### {NOWHERE}")


@pytest.mark.parametrize("label", ["More quotes", "Show the nearest passages", "Tell the admins"])
async def test_a_button_whose_question_is_forgotten_says_so(world: World, label: str) -> None:
    """Questions are kept for some days only."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        message = shown(await scene.ask(AMBASSADOR if label == "More quotes" else NOWHERE))
        scene.bot.memory.forget_server(scene.guild.id)
        text = texts(shown(await scene.alice.click(message, label=label)).components)
        assert text.startswith("### The question of this answer is no longer remembered")


async def test_buttons_carried_to_another_server_find_nothing_there(world: World) -> None:
    """Ids are looked up in the server where the button is pressed."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        other, kitchen, cook = scene.elsewhere()
        scene.add(SECRET, guild=other, title="Soup", url=None)
        secret = await cook.slash(kitchen, "ask", question="What is the secret ingredient of the soup?")
        for label in ("Verify", "More quotes"):
            text = await _press_elsewhere(scene, shown(secret), label)
            assert "lovage" not in text
            assert "Soup" not in text


async def _press_elsewhere(scene: Scene, message: Any, label: str) -> str:
    """What Alice sees who presses, in her server, a button with the code of another server's."""
    here = shown(await scene.ask())
    carried = next(item for item in _buttons(message.components) if item.get("label") == label)
    own = next(item for item in _buttons(scene.stored()[-1].components) if item.get("label") == label)
    own["custom_id"] = carried["custom_id"]
    return texts(shown(await scene.alice.click(here, custom_id=carried["custom_id"])).components)


def _buttons(components: Any) -> list[Any]:
    found = [item for item in components if item["type"] == 2]
    return found + [button for item in components for button in _buttons(item.get("components") or [])]


def _quotes(message: Any) -> list[str]:
    return [line for line in texts(message.components).split("\n") if line.startswith("> ")]
