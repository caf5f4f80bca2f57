"""What is kept of people, and deleting it."""

import pytest

from tests.bot.conftest import HELSINKI, World, labels, shown, texts


@pytest.mark.parametrize(("days", "told"), [(7, "for 7 days"), (1, "for 1 day"), (0, "in no file")])
async def test_privacy_tells_how_long_questions_are_kept(world: World, days: int, told: str) -> None:
    """To the person alone, as the settings are."""
    async with world.but(questions_days=days).scene() as scene:
        result = await scene.alice.slash(scene.channel, "privacy")
        text = texts(shown(result).components)
        assert text.startswith("### What is kept of you")
        assert told in text
        assert labels(shown(result).components) == ["Delete my data"]
        assert result.ephemeral


async def test_my_data_is_deleted_and_nobody_elses(world: World) -> None:
    """Also after a restart; a second time there is nothing left."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        bob = scene.guild.add_member(scene.env.create_user("bob"))
        answer = shown(await scene.ask())
        for person in (scene.alice, bob):
            await person.click(answer, label="Helpful")
        card = shown(await scene.alice.slash(scene.channel, "privacy"))
        await scene.env.restart_bot(world.client())
        first = await scene.alice.click(card, label="Delete my data")
        assert "Questions and votes: 2." in texts(shown(first).components)
        assert first.ephemeral
        again = await scene.alice.click(card, label="Delete my data")
        assert "Nothing was kept of you." in texts(shown(again).components)
        assert world.client().memory.votes(scene.guild.id) == (1, 0)
