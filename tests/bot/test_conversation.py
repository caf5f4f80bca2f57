"""Threads and replies: a question that needs the one before it."""

from typing import Any

import discord
import pytest
import simcord

from tests.bot.conftest import HELSINKI, WHATSAPP, Scene, World, shown, texts

FIRST = "who is Russia's ambassador to North Korea?"
FOLLOW_UP = "and what did he say is on the agenda?"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """What the libraries were asked, each with the history it came with."""
    from retrieval import Library

    seen: list[tuple[str, tuple[str, ...]]] = []
    ask = Library.ask

    def remembering(library: Library, question: str, **options: Any) -> Any:
        seen.append((question, tuple(options.get("history", ()))))
        return ask(library, question, **options)

    monkeypatch.setattr(Library, "ask", remembering)
    return seen


async def _say(scene: Scene, channel: Any, text: str, *, reply_to: Any = None, who: Any = None) -> Any:
    """A person mentions the bot; its answer."""
    await (who or scene.alice).send(channel, f"<@{scene.env.backend.bot_user.id}> {text}", reply_to=reply_to)
    return channel.last_message


async def test_a_reply_to_an_answer_goes_on_from_it(world: World, asked: list[Any]) -> None:
    """The chain of replies is one conversation, whoever goes on with it."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        first = await _say(scene, scene.channel, FIRST)
        bob = scene.guild.add_member(scene.env.create_user("bob"))
        second = await _say(scene, scene.channel, FOLLOW_UP, reply_to=first, who=bob)
        third = await _say(scene, scene.channel, "and the sanctions?", reply_to=second)
        assert asked == [(FIRST, ()), (FOLLOW_UP, (FIRST,)), ("and the sanctions?", (FIRST, FOLLOW_UP))]
        assert "agenda" in texts(_components(scene, second))
        assert third.id not in {first.id, second.id}


@pytest.mark.parametrize("how", ["at once", "after thinking", "shared"])
async def test_a_reply_to_an_answer_that_a_command_gave_goes_on_from_it(
    world: World, asked: list[Any], how: str
) -> None:
    """As far as all see it: answered at once, after "thinking…", or shared by the one who saw it first."""
    async with world.but(defer_after=0.05).scene() as scene:
        scene.add(HELSINKI)
        if how == "after thinking":
            scene.slow_down()
        given = await scene.ask(FIRST, private=how == "shared")
        if how == "shared":
            given = await scene.alice.click(shown(given), label="Share in channel")
        assert not given.ephemeral
        await _say(scene, scene.channel, FOLLOW_UP, reply_to=shown(given))
        await _say(scene, scene.channel, "and the sanctions?", reply_to=scene.channel.last_message)
        assert asked[-2:] == [(FOLLOW_UP, (FIRST,)), ("and the sanctions?", (FIRST, FOLLOW_UP))]


async def test_where_an_answer_stands_that_one_person_sees_is_not_kept(world: World) -> None:
    """Nobody can reply to it."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        private = shown(await scene.ask(FIRST, private=True))
        assert scene.bot.memory.conversation_of(scene.guild.id, private.id) is None


async def test_a_mention_that_replies_to_nothing_starts_anew(world: World, asked: list[Any]) -> None:
    """Nobody's earlier question leaks into it; nor where the reply is to a person."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await _say(scene, scene.channel, FIRST)
        word = await scene.alice.send(scene.channel, "interesting")
        await _say(scene, scene.channel, FOLLOW_UP)
        await _say(scene, scene.channel, FOLLOW_UP, reply_to=word)
        assert [history for _, history in asked] == [(), (), ()]


async def test_a_thread_is_one_conversation(world: World, asked: list[Any]) -> None:
    """Of its mentions and of its commands; the channel around it knows nothing of it."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        thread = await _thread(scene)
        await _say(scene, thread, FIRST)
        await scene.alice.slash(thread, "ask", question=FOLLOW_UP)
        await scene.alice.slash(scene.channel, "ask", question=FOLLOW_UP)
        assert asked == [(FIRST, ()), (FOLLOW_UP, (FIRST,)), (FOLLOW_UP, ())]


async def test_a_conversation_survives_a_restart_but_where_nothing_is_kept(world: World, asked: list[Any]) -> None:
    """What is kept for days is there after it; what is in no file is not."""
    for days in (7, 0):
        kept = world.but(questions_days=days)
        async with kept.scene() as scene:
            scene.add(HELSINKI)
            thread = await _thread(scene)
            await _say(scene, thread, FIRST)
            place, server = thread.id, scene.guild.id
        bot = kept.client()
        assert bot.memory.history(server, place) == ((FIRST,) if days else ())
        bot.memory.close()


async def test_servers_hear_nothing_of_each_other(world: World) -> None:
    """The same number of a message in another server is another message."""
    async with world.scene() as scene:
        scene.add(WHATSAPP)
        answer = await _say(scene, scene.channel, "Who will buy WhatsApp?")
        memory = scene.bot.memory
        assert memory.conversation_of(scene.guild.id, answer.id) == answer.id
        assert memory.conversation_of(scene.guild.id + 1, answer.id) is None


async def _thread(scene: Scene) -> simcord.ChannelHandle:
    """A public thread in the channel."""
    channel = scene.bot.get_channel(scene.channel.id)
    assert isinstance(channel, discord.TextChannel)
    made = await channel.create_thread(name="North Korea", type=discord.ChannelType.public_thread)
    return next(thread for thread in scene.channel.threads if thread.id == made.id)


def _components(scene: Scene, message: simcord.ResponseMessage) -> Any:
    stored = scene.env.backend.messages[scene.channel.id][message.id]
    return stored["components"] if isinstance(stored, dict) else stored.components
