"""``/watch``: standing questions, whose askers are told once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bot.conftest import HELSINKI, SECRET, WHATSAPP, Scene, World, labels, shown, texts

QUESTION = "What is the secret ingredient of the soup?"


async def _watch(scene: Scene, question: str | None = QUESTION, who: Any = None) -> Any:
    options = {} if question is None else {"question": question}
    return shown(await (who or scene.alice).slash(scene.channel, "watch", **options))


async def _told(scene: Scene) -> list[str]:
    """What the bot has written to Alice directly, after another round."""
    await scene.bot.go_round()
    await scene.env.settle()
    channel = scene.env.backend.get_dm_channel(scene.alice.id)
    sent = sorted(scene.env.backend.messages.get(channel.id, {}).items())
    return [texts(message.components) for _, message in sent]


async def test_the_asker_is_told_once_when_a_new_article_answers(world: World) -> None:
    """However the article came; what does not answer is no reason, and nothing is left to press."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        assert texts((await _watch(scene)).components).startswith(f"### Watching: {QUESTION}")
        assert await _told(scene) == []
        scene.add(WHATSAPP, title="Deal", url="https://news.example/deal")
        assert await _told(scene) == []
        scene.add(SECRET, title="Soup", url="https://news.example/soup")
        (told,) = await _told(scene)
        assert "lovage" in told
        assert "in Readers" in told
        scene.add(f"{SECRET} More of it.", title="Soup again", url="https://news.example/soup2")
        assert len(await _told(scene)) == 1


async def test_a_standing_question_outlives_a_restart(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await _watch(scene)
        scene.bot = world.client()
        await scene.env.restart_bot(scene.bot)
        scene.add(SECRET, title="Soup", url=None)
        (told,) = await _told(scene)
        assert "lovage" in told


async def test_what_is_answered_already_is_shown_and_watched_all_the_same(world: World) -> None:
    """A new article may answer it better; the old one is no reason to be told."""
    async with world.scene() as scene:
        scene.add(SECRET, title="Soup")
        text = texts((await _watch(scene)).components)
        assert "lovage" in text
        assert "Watched from now on." in text
        scene.bot.memory.watched_until(scene.guild.id, 1, "2100-01-01")
        assert labels((await _watch(scene, None)).components) == ["End 1"]


async def test_standing_questions_are_listed_and_ended_by_their_asker(world: World) -> None:
    """Five at most; others do not see them, nor end them."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        bob = scene.guild.add_member(scene.env.create_user("bob"))
        for number in range(5):
            await _watch(scene, f"What is soup number {number} made of?")
        refused = texts((await _watch(scene)).components)
        assert refused.startswith("### You watch 5 questions already")
        assert "You watch no question" in texts((await _watch(scene, None, bob)).components)
        listed = await _watch(scene, None)
        assert labels(listed.components) == [f"End {number}" for number in range(1, 6)]
        left = shown(await scene.alice.click(listed, label="End 3"))
        assert "soup number 2" not in texts(left.components)
        assert len(labels(left.components)) == 4
        kept = scene.bot.memory.watches(scene.guild.id)
        scene.bot.memory.unwatch(scene.guild.id, kept[0].id, user_id=bob.id)
        assert scene.bot.memory.watches(scene.guild.id) == kept


async def test_nobody_is_told_what_they_may_not_see(world: World) -> None:
    """The article is for a role that the asker does not have."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await _watch(scene)
        role = scene.guild.create_role("Cooks")
        article = scene.add(SECRET, title="Soup", url=None)
        admin = scene.admin()
        form = await admin.slash(scene.channel, "library audience", article=article.id)
        await admin.submit_modal(form, {"roles": [role]})
        assert await _told(scene) == []


async def test_who_left_is_told_nothing(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await _watch(scene)
        scene.guild.remove_member(scene.alice)
        scene.add(SECRET, title="Soup", url=None)
        await scene.bot.go_round()
        assert scene.bot.memory.watches(scene.guild.id) == ()


async def test_a_standing_question_ends_after_three_months_and_with_my_data(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await _watch(scene)
        privacy = shown(await scene.alice.slash(scene.channel, "privacy"))
        assert "A question that you watch is kept" in texts(privacy.components)
        await scene.alice.click(privacy, label="Delete my data")
        assert scene.bot.memory.watches(scene.guild.id) == ()
        await _watch(scene)
        scene.bot.memory._now = lambda: datetime.now(UTC) + timedelta(days=91)
        await scene.bot.go_round()
        assert scene.bot.memory.watched_servers() == ()


async def test_what_fails_in_a_round_is_logged_and_the_rest_goes_on(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One fault does not end what the bot does by itself."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await _watch(scene)
        scene.add(SECRET, title="Soup", url=None)

        async def fail(_bot: object) -> None:
            raise RuntimeError("a fault")

        with monkeypatch.context() as patched:
            patched.setattr(type(scene.bot), "forget_old", fail)
            (told,) = await _told(scene)
        assert "lovage" in told
        assert "a fault" in caplog.text
