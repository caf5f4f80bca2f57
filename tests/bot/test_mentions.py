"""Mentions of the bot: which are questions, and where it may not answer."""

import logging
from typing import Any

import discord
import pytest
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from bot import words
from tests.bot.conftest import AMBASSADOR, HELSINKI, World, texts


@pytest.mark.parametrize(("is_read", "told"), [(False, "### Ask me a question"), (True, "Matsegora")])
async def test_a_mention_of_the_bots_role_is_one_of_the_bot(
    world: World, monkeypatch: pytest.MonkeyPatch, is_read: bool, told: str
) -> None:
    """Discord offers both under one name, and tells what the message says only where the bot may read them all."""
    async with world.but(message_content=is_read).scene() as scene:
        scene.add(HELSINKI)
        role = scene.guild.create_role("Quoth")
        await scene.env.settle()
        # The simulated Discord gives the bot no role of its own.
        monkeypatch.setattr(discord.Guild, "self_role", property(lambda guild: guild.get_role(role.id)))
        await scene.alice.send(scene.channel, f"<@&{role.id}> {AMBASSADOR}")
        assert told in texts(scene.stored()[-1].components)


async def test_a_mention_is_answered_in_the_channel_without_notifying_anyone(world: World) -> None:
    """A plain first message gives a notification its text; the card then takes its place."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        message = await scene.mention(AMBASSADOR)
        posted = [text for _, text, body in scene.env.backend.transcript if text.startswith("POST /channels")]
        assert len(posted) == 1
        first = next(body for kind, name, body in scene.env.backend.transcript if name.startswith("POST /chan"))
        assert first["content"] == "Looking through 1 article…"
        assert "Matsegora" in texts(scene.stored()[-1].components)
        assert message.content == ""
        assert message.reference is not None
        assert message.mentions == []


async def test_a_mention_without_a_question_gets_a_hint(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await scene.mention("")
        assert texts(scene.stored()[-1].components).startswith("### Ask me a question")


async def test_a_mention_that_is_too_long_is_told_the_limit(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await scene.mention("why? " * 100)
        assert f"at most {words.QUESTION_LONGEST} characters" in texts(scene.stored()[-1].components)


async def test_what_does_not_mention_the_bot_is_left_alone(world: World) -> None:
    """Nor are other bots answered, which could go on for ever."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await scene.alice.send(scene.channel, AMBASSADOR)
        robot = scene.guild.add_member(scene.env.create_user("robot", bot=True))
        await robot.send(scene.channel, f"<@{scene.env.backend.bot_user.id}> {AMBASSADOR}")
        assert len(scene.stored()) == 2


async def test_where_the_bot_may_not_write_it_stays_silent(world: World, caplog: Any) -> None:
    """A refused message would count against the bot. The log says once which channel it is and what is missing there;
    nobody is written to who did not ask for it. Once it is allowed, the next question is answered."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        denied = discord.PermissionOverwrite(send_messages=False)
        quiet = scene.guild.create_text_channel("quiet", overwrites={scene.guild.default_role: denied})
        moderator = scene.guild.create_role("moderator", permissions=discord.Permissions(administrator=True))
        boss = scene.guild.add_member(scene.env.create_user("boss"), roles=[moderator])
        question = f"<@{scene.env.backend.bot_user.id}> {AMBASSADOR}"
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                await boss.send(quiet, question)
        assert [who.author_id for who in scene.env.backend.messages[quiet.id].values()] == [boss.id] * 3
        assert boss.id not in scene.env.backend.dm_channels
        (told,) = (line for line in caplog.messages if str(quiet.id) in line)
        assert told.endswith("Quoth lacks: Send Messages")
        allowed = Overwrite(scene.guild.default_role.id, OverwriteType.ROLE, allow=denied.pair()[1].value)
        scene.env.backend.set_overwrite(quiet.id, allowed)
        await boss.send(quiet, question)
        assert "Matsegora" in texts(sorted(scene.env.backend.messages[quiet.id].items())[-1][1].components)


async def test_a_mention_is_told_when_the_queue_is_full(world: World) -> None:
    """As a command is: what stood for the answer becomes the friendly card, and the next question is answered."""
    async with world.but(slots=1, queue=0).scene() as scene:
        scene.add(HELSINKI)
        async with scene.occupied():
            await scene.mention(AMBASSADOR)
            told = texts(scene.stored()[-1].components)
            assert told == "### Quoth is busy with other questions\nAsk again in half a minute."
            assert len(scene.stored()) == 2
        await scene.mention(AMBASSADOR)
        assert "Matsegora" in texts(scene.stored()[-1].components)


async def test_a_reply_that_says_nothing_to_the_bot_is_no_question(world: World) -> None:
    """Discord counts a reply as a mention; only one that is written is a question."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await scene.mention(AMBASSADOR)
        before = len(scene.stored())
        await scene.alice.send(scene.channel, "thanks, that helped", reply_to=scene.channel.last_message)
        assert len(scene.stored()) == before + 1
