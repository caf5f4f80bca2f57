"""Removing means gone in Discord, too: what the bot remembers of a server holds none of an article's words."""

from datetime import timedelta

import pytest

from bot.memory import Memory
from bot.preferences import Preferences
from tests.bot.conftest import HELSINKI, Scene, World, labels, shown, texts
from tests.canary import CANARY, TEXT, holding

_QUESTION = "What flies at dusk over the old bridge?"


async def _use(scene: Scene, question: str) -> None:
    """All that a server does with an article: it is asked for, summarised, listed, voted on, watched and shown."""
    alice, channel = scene.alice, scene.channel
    answer = shown(await scene.ask(question))
    assert CANARY in texts(answer.components)
    for label in ("Verify", "More quotes", "Helpful"):
        await alice.click(answer, label=label)
    await alice.submit_modal(await alice.click(answer, label="Not helpful"), {"reason": []})
    assert CANARY in texts(shown(await alice.slash(channel, "article", article=f"{CANARY} at")).components)
    await alice.slash(channel, "summarise", article=CANARY)
    await alice.slash(channel, "topic", words="old bridge at dusk")
    await alice.slash(channel, "articles", search=CANARY)
    await alice.autocomplete(channel, "ask", "article", CANARY)
    await alice.slash(channel, "watch", question=question)
    await scene.mention(question)
    await scene.bot.go_round()  # in which a standing question may be answered, and end
    await alice.slash(channel, "watch", question=question)


async def _remove(scene: Scene) -> None:
    admin = scene.admin()
    asked = shown(await admin.slash(scene.channel, "library remove", article=CANARY))
    removed = await admin.click(asked, label=labels(asked.components)[0])
    assert texts(shown(removed).components).startswith("### Removed")


async def _scene_after(scene: Scene, question: str) -> None:
    scene.add(HELSINKI)
    scene.bot.memory.prefer(scene.guild.id, Preferences(announcements=scene.channel.id))
    scene.add(TEXT, title=f"A {CANARY} at dusk", source=f"{CANARY} Times", url=f"https://news.example/{CANARY}")
    await _use(scene, question)
    assert holding(scene.world.home)
    await _remove(scene)


async def test_nothing_of_a_removed_article_is_in_what_the_bot_remembers(world: World) -> None:
    """Answers, votes, standing questions and conversations are kept without what was quoted in them."""
    async with world.scene() as scene:
        await _scene_after(scene, _QUESTION)
        assert holding(world.home) == []
        assert CANARY not in texts(shown(await scene.ask(_QUESTION)).components)
        assert await scene.alice.autocomplete(scene.channel, "ask", "article", CANARY) == []
        assert scene.bot.memory.recalled(scene.guild.id, "0" * 12) is None
    assert holding(world.home) == []


@pytest.mark.parametrize("how", ["deleted", "in time"])
async def test_what_people_wrote_of_it_is_theirs_and_goes_with_what_they_wrote(world: World, how: str) -> None:
    """A question that names it is kept as any question: until its asker deletes it, or its days are over."""
    async with world.scene() as scene:
        await _scene_after(scene, f"When does the {CANARY} fly over the old bridge?")
        places = {place.split("/")[-1].split("-wal")[0] for place in holding(world.home)}
        assert places == {"questions.sqlite3", "servers.sqlite3"}
        memory: Memory = scene.bot.memory
        if how == "deleted":
            privacy = shown(await scene.alice.slash(scene.channel, "privacy"))
            await scene.alice.click(privacy, custom_id="q1:forget")
        else:
            now = memory._now
            memory._now = lambda: now() + timedelta(days=100)
            memory.forget_old()
        assert holding(world.home) == []
