"""What is kept of people and servers, and deleting it."""

import logging
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.remembered import Votes
from tests.bot.conftest import HELSINKI, Scene, World, labels, shown, texts


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
        assert world.client().memory.votes(scene.guild.id) == Votes(1, 0)


async def test_a_server_that_removed_the_bot_is_forgotten_after_its_days(world: World) -> None:
    """Its articles and what was asked there; another server keeps everything."""
    async with world.scene() as scene:
        other, _, _ = scene.elsewhere()
        for guild in (scene.guild, other):
            scene.add(HELSINKI, guild=guild)
        await scene.ask()
        file = world.home / "libraries" / f"guild-{scene.guild.id}" / "library.sqlite3"
        assert file.exists()
        removed = scene.bot.get_guild(scene.guild.id)
        assert removed is not None
        await scene.bot.on_guild_remove(removed)
        for days, is_there in ((13, True), (15, False)):
            _in_days(scene, days)
            await scene.bot.forget_old()
            assert file.exists() is is_there
        with world.open(f"guild-{other.id}") as library:
            assert len(library.articles()) == 1


async def test_a_server_that_removed_the_bot_while_it_was_away_is_forgotten_too(world: World) -> None:
    """Nobody tells a bot that is not running; when it is again, the list of its servers does."""
    async with world.scene() as scene:
        for guild_id in (scene.guild.id, 12345):
            world.add(guild_id, HELSINKI)
        await scene.bot.on_ready()
        _in_days(scene, 15)
        await scene.bot.forget_old()
        assert scene.bot.worker.libraries.servers() == [scene.guild.id]


async def test_a_server_that_invites_the_bot_again_keeps_its_articles(world: World) -> None:
    """Whether the bot was running then or not."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        server = scene.bot.get_guild(scene.guild.id)
        assert server is not None
        departed = scene.bot.memory.departed
        for days, event in ((15, partial(scene.bot.on_guild_join, server)), (30, scene.bot.on_ready)):
            await scene.bot.on_guild_remove(server)
            _in_days(scene, days)
            assert departed() == (server.id,)
            await event()
            assert departed() == ()


def _in_days(scene: Scene, days: int) -> None:
    """From now on the memory believes that so many days have passed."""
    scene.bot.memory._now = lambda: datetime.now(UTC) + timedelta(days=days)


async def test_nothing_that_a_person_wrote_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """However much is logged of the bot and the engine, and whatever goes wrong meanwhile."""
    word = "Zwetschgenknoedel"
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, logger="discord")  # below that it logs payloads, and quoth run never lets it
    async with world.scene(check_errors=False) as scene:
        scene.add(HELSINKI)
        admin, menu = scene.admin(), f"What is {word}?"
        for private in (True, False):
            await scene.ask(f"who is the {word} ambassador to North Korea?", private=private)
        nothing = shown(await scene.ask(f"can I pay with {word}?"))
        if "Tell the admins" in labels(nothing.components):
            await scene.alice.click(nothing, label="Tell the admins")
        await scene.mention(f"where is {word}?")
        message = await scene.alice.send(scene.channel, menu)
        for name in ("Ask about this", "Summarise this"):
            await scene.alice.context_menu(scene.channel, name, message)
        await scene.ask("who?", article=word)
        for command, options in (
            ("watch", {"question": menu}),
            ("topic", {"words": word}),
            ("articles", {"search": word}),
            ("summarise", {"article": f"https://{word}.invalid/{word}"}),
        ):
            await scene.alice.slash(scene.channel, command, **options)
        await admin.slash(scene.channel, "library add", file=(f"{word}.txt", word.encode()), title=word)
        await admin.slash(scene.channel, "library add", file=(f"{word}.exe", b"MZ"))
        form = await admin.slash(scene.channel, "library paste")
        await admin.submit_modal(form, {"text": f"{word} is served. It is warm.", "published": word})
        for status, code in ((400, 50035), (403, 50013), (400, 200000), (404, 10062), (400, 50008)):
            scene.env.inject_error("POST", "/interactions/*/callback", status=status, code=code, times=1)
            await scene.ask(menu)
        await scene.bot.go_round()
    assert caplog.records
    assert word.casefold() not in caplog.text.casefold()
