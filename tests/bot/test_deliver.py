"""Replies arrive once, in time, and whatever happens on the way."""

import asyncio
import gc
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot import render, words
from bot.deliver import deliver, settled
from bot.preferences import Preferences
from bot.readers import keeper
from bot.render import Look, Message, Reply
from retrieval import Card, QuothError
from tests.bot.conftest import AMBASSADOR, HELSINKI, World, labels, shown, texts

_GIANT = "The summit was attended by " + ", ".join(f"delegate {n} of the summit" for n in range(400)) + "."


async def test_an_answer_longer_than_a_page_can_be_turned_by_each_reader_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The public card stays as it is; the next page opens privately, and turns in place from there."""
    monkeypatch.setitem(render._BUDGETS, "v2", 900)
    async with world.scene() as scene:
        scene.add(_GIANT)
        public = shown(await scene.ask("Who attended the summit of delegate 7?"))
        assert "Page 1 of" in texts(public.components)
        private = await scene.alice.click(public, label="Next page")
        assert private.ephemeral
        assert "Page 2 of" in texts(shown(private).components)
        back = await scene.alice.click(shown(private), label="Previous page")
        assert shown(back).id == shown(private).id
        assert "Page 1 of" in texts(shown(back).components)


async def test_every_page_of_an_answer_is_the_whole_card(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question above it, and below what can be done about it, after a restart too."""
    monkeypatch.setitem(render._BUDGETS, "v2", 900)
    question = "Who attended the summit of delegate 7?"
    async with world.scene() as scene:
        scene.add(_GIANT)
        answers = []
        for private in (True, False):
            first = shown(await scene.ask(question, private=private))
            await scene.env.restart_bot(world.client())
            second = shown(await scene.alice.click(first, label="Next page"))
            assert texts(second.components).startswith(f"### {question}")
            assert set(labels(first.components)) <= set(labels(second.components))
            assert ("Share in channel" in labels(second.components)) == private
            third = shown(await scene.alice.click(second, label="Previous page"))
            assert texts(third.components).startswith(f"### {question}")
            await scene.alice.click(third, label="Helpful")
            answers.append(third)
        assert scene.bot.memory.votes(scene.guild.id).helpful == 2
        scene.bot.memory.forget_person(scene.guild.id, scene.alice.id)
        forgotten = shown(await scene.alice.click(answers[-1], label="Next page"))
        assert texts(forgotten.components).startswith("### The answer")
        assert "Helpful" in labels(forgotten.components)


async def test_a_card_that_was_sent_is_not_kept(world: World) -> None:
    """Whoever sees it: a busy bot would keep thousands. Its buttons work all the same."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        private = shown(await scene.ask(private=True))
        await scene.mention("who is Russia's ambassador to North Korea?")
        assert "Matsegora" in texts(shown(await scene.alice.click(private, label="Show context")).components)
        gc.collect()
        assert [kept for kept in gc.get_objects() if issubclass(type(kept), discord.ui.LayoutView)] == []


async def test_a_slow_press_on_a_private_card_changes_it_in_the_end(world: World) -> None:
    async with world.but(defer_after=0.05).scene() as scene:
        article = scene.add(" ".join(f"Sentence number {n} tells of the summit." for n in range(30)))
        public = shown(await scene.alice.slash(scene.channel, "summarise", article=article.id))
        private = await scene.alice.click(public, label="Longer")
        scene.slow_down()
        longest = await scene.alice.click(shown(private), label="Longer")
        assert shown(longest).id == shown(private).id


async def test_an_error_of_a_slow_press_stands_beside_the_card(world: World) -> None:
    """What the reader was looking at is not replaced by an error."""
    async with world.but(defer_after=0.05).scene() as scene:
        article = scene.add(" ".join(f"Sentence number {n} tells of the summit." for n in range(30)))
        public = shown(await scene.alice.slash(scene.channel, "summarise", article=article.id))
        private = shown(await scene.alice.click(public, label="Longer"))
        with world.open(f"guild-{scene.guild.id}") as library:
            library.remove(article.id)
        scene.slow_down()
        result = await scene.alice.click(private, label="Longer")
        assert "goes by" in texts(result.followups[0].components)
        assert result.followups[0].ephemeral
        assert "### Summary" in texts(private.components)


async def test_too_late_to_acknowledge_means_nobody_is_there(world: World) -> None:
    """A second try on the same token would be one more refused request."""
    async with world.but(defer_after=0.05).scene() as scene:
        scene.add(HELSINKI)
        scene.slow_down()
        scene.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062, times=None)
        result = await scene.ask()
        assert result.response is None
        callbacks = [name for _, name, _ in scene.env.backend.transcript if name.endswith("/callback")]
        assert len(callbacks) == 1


async def test_an_answer_that_arrived_although_it_failed_is_not_sent_twice(world: World) -> None:
    """The library repeats a callback after a failure on the way; the repetition is refused."""
    async with world.scene(check_errors=False) as scene:
        scene.add(HELSINKI)
        scene.env.inject_error("POST", "/interactions/*/callback", status=400, code=40060, times=1)
        await scene.ask()
        sent = [name for kind, name, _ in scene.env.backend.transcript if kind == "HTTP" and "PATCH" in name]
        assert len(sent) == 1
        assert sent[0].endswith("/messages/@original")


async def test_other_refusals_are_not_hidden(world: World) -> None:
    async with world.scene(check_errors=False) as scene:
        scene.add(HELSINKI)
        scene.env.inject_error("POST", "/interactions/*/callback", status=400, code=50008, times=1)
        text = texts(shown(await scene.ask()).components)
        assert text.startswith("### Something went wrong")


async def test_a_card_that_breaks_a_limit_is_sent_as_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours costs the look, not the answer."""
    monkeypatch.setattr("bot.limits.COMPONENTS", 1)
    sent: list[Message] = []

    async def send(made: Message) -> None:
        sent.append(made)

    await deliver(Reply(Card("notice", "A heading")), send, Look("v2"))
    assert [made.content for made in sent] == ["### A heading"]


async def test_what_is_raised_on_purpose_is_shown_and_the_rest_is_not() -> None:
    async def fail(error: Exception) -> Reply:
        raise error

    assert (await settled(fail(QuothError("On purpose")))).card.heading == "On purpose"
    assert (await settled(fail(ValueError("a defect")))).card.heading == "Something went wrong"


def test_outside_of_servers_there_is_nothing_to_answer_from() -> None:
    with pytest.raises(QuothError, match="in servers only"):
        words.server_of(SimpleNamespace(guild_id=None))  # type: ignore[arg-type]


async def test_answers_under_way_are_finished_before_the_end_and_new_ones_refused(world: World) -> None:
    """What drains is everything up to the message, not the engine's work alone."""
    async with world.scene() as scene:
        article = scene.add(HELSINKI)
        scene.slow_down()
        asking = asyncio.create_task(scene.ask())
        await asyncio.sleep(0.1)
        await scene.bot.drain(10)
        assert "Matsegora" in texts(shown(await asking).components)
        await scene.bot.drain(10)
        text = texts(shown(await scene.alice.slash(scene.channel, "summarise", article=article.id)).components)
        assert text.startswith("### Quoth is restarting")


async def test_suggestions_and_counts_do_without_a_list_that_cannot_be_read(world: World) -> None:
    """Typing goes on without suggestions, and a mention without the number."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        scene.bot.worker.refuse()
        assert await scene.alice.autocomplete(scene.channel, "ask", "article", "") == []
        await scene.mention(AMBASSADOR)
        posted = [body for _, name, body in scene.env.backend.transcript if name.startswith("POST /channels")]
        assert posted[0]["content"] == "Looking through the articles…"


async def test_a_broken_suggestion_is_silent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be said to someone who is typing."""

    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    async with world.scene(check_errors=False) as scene:
        monkeypatch.setattr(scene.bot.titles, "of", broken)
        assert not await scene.alice.autocomplete(scene.channel, "ask", "article", "")


async def test_titles_are_read_again_when_they_are_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old list answers at once, and the next question sees the new one; few servers are remembered."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        assert len(await scene.bot.titles.of(keeper(scene.guild.id))) == 1
        scene.add(HELSINKI + " More.", title="Another", url=None)
        assert len(await scene.bot.titles.of(keeper(scene.guild.id))) == 1
        monkeypatch.setattr("bot.titles._FRESH_SECONDS", -1.0)
        assert len(await scene.bot.titles.of(keeper(scene.guild.id))) == 1
        await asyncio.gather(*scene.bot.titles._reading.values())
        assert len(await scene.bot.titles.of(keeper(scene.guild.id))) == 2
        await asyncio.gather(*scene.bot.titles._reading.values())  # that look at an old list began another
        monkeypatch.setattr("bot.titles._SERVERS_REMEMBERED", 1)
        await scene.bot.titles.of(keeper(12345))
        assert list(scene.bot.titles._snapshots) == [12345]
        scene.bot.titles.forget(12345)
        assert list(scene.bot.titles._snapshots) == []


async def test_where_history_is_hidden_an_answer_is_no_reply(world: World) -> None:
    """Replying shows the question, which takes a permission of its own."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        hidden = discord.PermissionOverwrite(read_message_history=False)
        channel = scene.guild.create_text_channel("now", overwrites={scene.guild.default_role: hidden})
        await scene.alice.send(channel, f"<@{scene.env.backend.bot_user.id}> {AMBASSADOR}")
        stored = [message for _, message in sorted(scene.env.backend.messages[channel.id].items())]
        assert "Matsegora" in texts(stored[-1].components)


async def test_a_card_is_never_edited_into_plain_text(world: World) -> None:
    """Discord refuses that: what is made of components remains so. The plain one is a message of its own."""
    async with world.scene() as scene:
        article = scene.add(" ".join(f"Sentence number {n} tells of the summit." for n in range(30)))
        public = shown(await scene.alice.slash(scene.channel, "summarise", article=article.id))
        private = shown(await scene.alice.click(public, label="Longer"))
        scene.bot.memory.prefer(scene.guild.id, Preferences(style="plain"))
        plain = shown(await scene.alice.click(private, label="Longer"))
        assert plain.id != private.id
        assert plain.content.startswith("### Summary")
        back = shown(await scene.alice.click(plain, label="Shorter"))
        assert back.id == plain.id


async def test_what_is_ready_after_a_quarter_of_an_hour_comes_as_a_direct_message(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can answer an interaction any more by then, and an admin who added much waits for the report."""
    monkeypatch.setattr("bot.deliver._ANSWERABLE_SECONDS", -1.0)
    async with world.scene() as scene:
        admin = scene.admin()
        await admin.slash(scene.channel, "library add", file=("story.txt", HELSINKI.encode()))
        direct = scene.env.backend.messages[scene.env.backend.get_dm_channel(admin.id).id].values()
        assert [texts(message.components).split("\n")[0] for message in direct] == ["### 1 added"]
        monkeypatch.setattr("bot.deliver._ANSWERABLE_SECONDS", 900.0)


async def test_settings_that_cannot_be_read_in_time_hold_nothing_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first response has three seconds in all; what the admins may have set to be private is private."""
    monkeypatch.setattr("bot.client._PREFERENCES_WITHIN", 0.05)
    async with world.scene() as scene:
        scene.add(HELSINKI)
        aside = scene.bot.worker.aside

        async def slow(work: Any, *args: Any, **rest: Any) -> Any:
            await asyncio.sleep(0.5 if work == scene.bot.memory.preferences else 0)
            return await aside(work, *args, **rest)

        monkeypatch.setattr(scene.bot.worker, "aside", slow)
        asked = await scene.ask()
        assert "Matsegora" in texts(shown(asked).components)
        assert asked.ephemeral


async def test_a_list_that_was_begun_before_a_change_is_not_kept(world: World) -> None:
    """It may name an article that somebody has limited meanwhile."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        scene.slow_down()
        old = asyncio.create_task(scene.bot.titles.of(keeper(scene.guild.id)))
        await asyncio.sleep(0.1)
        scene.bot.titles.forget(scene.guild.id)
        await old
        assert list(scene.bot.titles._snapshots) == []
        await scene.bot.titles.of(keeper(scene.guild.id))
        assert list(scene.bot.titles._snapshots) == [scene.guild.id]
