"""``/settings``: how Quoth behaves in a server, as its admins choose."""

from typing import Any

import discord
import pytest
import simcord

from bot.preferences import Preferences
from tests.bot.conftest import AMBASSADOR, HELSINKI, Scene, World, labels, shown, texts


async def _set(scene: Scene, **chosen: Any) -> simcord.InteractionResult:
    """An admin sends the form with what is chosen, and the rest as it is by itself."""
    admin = scene.admin()
    form = await admin.slash(scene.channel, "settings")
    return await admin.submit_modal(form, {"style": ["default"], "language": ["default"], **chosen})


def _kept(scene: Scene) -> Preferences:
    return scene.bot.memory.preferences(scene.guild.id)


async def test_what_is_chosen_is_kept_and_shown(world: World) -> None:
    """Also after a restart, in the form itself."""
    async with world.scene() as scene:
        news = scene.guild.create_text_channel("news")
        result = await _set(scene, style=["plain"], language=["de"], manners=["threads"], announcements=[news])
        assert result.ephemeral
        for told in ("Style: Plain messages", "Language: Deutsch", "Mentions are answered in a thread", "#news"):
            assert told in texts(shown(result).components)
        assert _kept(scene) == Preferences(style="plain", language="de", threads=True, announcements=news.id)
        await scene.env.restart_bot(world.client())
        form = await scene.admin().slash(scene.channel, "settings")
        assert str(news.id) in str(form.modal)


async def test_members_do_not_set_anything(world: World) -> None:
    async with world.scene() as scene:
        with pytest.raises(simcord.SetupError):
            await scene.alice.slash(scene.channel, "settings")


async def test_a_server_without_settings_is_as_the_operator_has_it(world: World) -> None:
    """And one server's settings are not another's."""
    async with world.scene() as scene:
        other, kitchen, cook = scene.elsewhere()
        for guild in (scene.guild, other):
            scene.add(HELSINKI, guild=guild)
        await _set(scene, style=["plain"])
        assert "Matsegora" in (shown(await scene.ask()).content or "")
        assert "Matsegora" in texts(shown(await cook.slash(kitchen, "ask", question=AMBASSADOR)).components)


async def test_ask_is_private_where_that_is_set_and_nothing_else_is_said(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await _set(scene, manners=["private"])
        private = await scene.ask()
        assert private.ephemeral
        assert "Share in channel" in labels(shown(private).components)
        assert not (await scene.ask(private=False)).ephemeral


async def test_mentions_are_answered_in_a_thread_where_that_is_set(world: World) -> None:
    """The thread is named by the question, and a mention in it is answered there."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await _set(scene, manners=["threads"])
        await scene.mention(AMBASSADOR)
        (thread,) = scene.channel.threads
        assert thread.name == AMBASSADOR
        assert "Matsegora" in texts(_last(scene, thread.id).components)
        await scene.alice.send(thread, f"<@{scene.env.backend.bot_user.id}> and what is on the agenda?")
        assert "agenda" in texts(_last(scene, thread.id).components)
        assert len(scene.channel.threads) == 1


async def test_without_leave_to_make_threads_mentions_are_answered_in_the_channel(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await _set(scene, manners=["threads"])
        server = scene.bot.get_guild(scene.guild.id)
        assert server is not None
        denied = discord.PermissionOverwrite(create_public_threads=False)
        closed = scene.guild.create_text_channel("closed", overwrites={server.me: denied})
        await scene.alice.send(closed, f"<@{scene.env.backend.bot_user.id}> {AMBASSADOR}")
        assert closed.threads == []
        assert "Matsegora" in texts(_last(scene, closed.id).components)


async def test_every_question_is_answered_in_the_channels_that_are_named(world: World) -> None:
    """And nothing else that people say there, nor what they ask elsewhere."""
    async with world.but(message_content=True).scene() as scene:
        scene.add(HELSINKI)
        elsewhere = scene.guild.create_text_channel("lounge")
        result = await _set(scene, channels=[scene.channel])
        assert "cannot read" not in texts(shown(result).components)
        await scene.alice.send(scene.channel, AMBASSADOR)
        assert "Matsegora" in texts(_last(scene, scene.channel.id).components)
        for channel, text in ((elsewhere, AMBASSADOR), (scene.channel, "How nice."), (scene.channel, "?")):
            said = await scene.alice.send(channel, text)
            assert _last(scene, channel.id).id == said.id


async def test_the_first_message_of_a_forum_post_is_answered(world: World) -> None:
    """By its title, if that is a question, and else by its text; and so are questions that follow."""
    async with world.but(message_content=True).scene() as scene:
        scene.add(HELSINKI)
        forum = scene.guild.create_forum_channel("help")
        await _set(scene, channels=[forum])
        for title, text in ((AMBASSADOR, "I should like to know."), ("Korea", AMBASSADOR)):
            post = await _post(scene, forum, title, text)
            assert "Matsegora" in texts(_last(scene, post).components)
            for follow_up, is_answered in (("Thank you.", False), ("and what is on the agenda?", True)):
                said = scene.env.backend.create_message(post, scene.alice.id, follow_up)
                await scene.env.settle()
                assert (_last(scene, post).id != said.id) is is_answered


async def _post(scene: Scene, forum: simcord.ChannelHandle, title: str, text: str) -> int:
    """Alice begins a post in a forum, whose first message has the id of the post; that id."""
    backend = scene.env.backend
    post = backend.create_thread(forum.id, title, scene.alice.id)
    first = backend.prepare_message(post.id, scene.alice.id, text)
    first.id = post.id
    backend.commit_message(first)
    await scene.env.settle()
    return post.id


def _last(scene: Scene, channel_id: int) -> Any:
    return max(scene.env.backend.messages[channel_id].items())[1]


async def test_the_admin_is_told_where_the_bot_may_not_read_messages(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        result = await _set(scene, channels=[scene.channel])
        assert "Message Content intent" in texts(shown(result).components)
        said = await scene.alice.send(scene.channel, AMBASSADOR)
        assert _last(scene, scene.channel.id).id == said.id


async def test_the_admin_is_told_which_permissions_are_missing(world: World) -> None:
    """By the names that Discord shows, for each channel where the bot is to write."""
    async with world.scene() as scene:
        server = scene.bot.get_guild(scene.guild.id)
        assert server is not None
        denied = discord.PermissionOverwrite(send_messages=False)
        news = scene.guild.create_text_channel("news", overwrites={server.me: denied})
        text = texts(shown(await _set(scene, announcements=[news])).components)
        assert text.endswith("In #news Quoth lacks: Send Messages")


def test_what_a_later_version_kept_does_no_harm() -> None:
    assert Preferences.from_json('{"style": "plain", "unheard_of": 1, "channels": [1, 2]}') == Preferences(
        style="plain", channels=(1, 2)
    )
    assert Preferences.from_json(None) == Preferences()
