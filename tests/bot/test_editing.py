"""``/library edit`` and ``/library audience``: what is known of an article, and who may see it."""

from typing import Any

import discord
import pytest
import simcord

from tests.bot.conftest import HELSINKI, SECRET, Scene, World, labels, shown, texts

QUESTION = "What is the secret ingredient of the soup?"


async def _limit(scene: Scene, **chosen: Any) -> tuple[simcord.MemberActor, simcord.RoleHandle, str]:
    """An admin lets only a role (or what is chosen) see the article about soup; the admin, the role, its id."""
    article = scene.add(SECRET, title="Soup", url="https://news.example/soup")
    role = scene.guild.create_role("Cooks")
    admin = scene.admin()
    form = await admin.slash(scene.channel, "library audience", article="soup")
    result = await admin.submit_modal(form, chosen or {"roles": [role]})
    assert texts(shown(result).components).startswith("### Who may see “Soup”")
    return admin, role, article.id


async def test_an_article_is_corrected_in_a_form(world: World) -> None:
    """It shows what is known; what is changed is changed, and the quotes stay."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        admin = scene.admin()
        form = await admin.slash(scene.channel, "library edit", article="helsinki")
        assert form.modal is not None
        filled = {"title": "The summit", "source": "Gazette", "author": "", "published": "2018-07-19"}
        result = await admin.submit_modal(form, {**filled, "url": "https://news.example/helsinki"})
        assert texts(shown(result).components).startswith("### The summit\nGazette (news.example) · 19 July 2018")
        assert "-# Gazette (news.example) · 19 July 2018" in texts(shown(await scene.ask()).components)


async def test_a_correction_that_cannot_be_changes_nothing(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        admin = scene.admin()
        form = await admin.slash(scene.channel, "library edit", article="helsinki")
        filled = {"title": "X", "source": "", "author": "", "published": "soon", "url": ""}
        result = await admin.submit_modal(form, filled)
        assert texts(shown(result).components).startswith("### 'soon' is no date")
        assert "Helsinki summit" in texts(shown(await scene.ask()).components)


async def test_a_form_about_no_article_is_refused(world: World) -> None:
    async with world.scene() as scene:
        result = await scene.admin().slash(scene.channel, "library edit", article="nobody")
        assert texts(shown(result).components).startswith("### No article, or more than one, goes by “nobody”")


async def test_an_article_for_a_role_is_quoted_to_its_members_alone(world: World) -> None:
    """Others find nothing, not even its title; whoever has the role is answered where nobody else reads."""
    async with world.scene() as scene:
        _, role, article = await _limit(scene)
        cook = scene.guild.add_member(scene.env.create_user("cook"), roles=[role])
        result = await cook.slash(scene.channel, "ask", question=QUESTION)
        assert "lovage" in texts(shown(result).components)
        assert result.ephemeral
        for question in (QUESTION, '"lovage"'):
            result = await scene.ask(question)
            assert "Soup" not in texts(shown(result).components)
        assert await scene.alice.autocomplete(scene.channel, "ask", "article", "soup") == []
        assert len(await cook.autocomplete(scene.channel, "ask", "article", "soup")) == 1
        for command, options in (("summarise", {"article": article}), ("article", {"article": article})):
            told = texts(shown(await scene.alice.slash(scene.channel, command, **options)).components)
            assert told.startswith("### No article, or more than one, goes by")
        assert "lovage" not in texts(shown(await scene.alice.slash(scene.channel, "topic", words="soup")).components)
        assert "Soup" not in texts(shown(await scene.alice.slash(scene.channel, "articles")).components)


async def test_mentions_and_shared_answers_are_for_all_who_read_the_channel(world: World) -> None:
    """Whoever asks: what they alone may see is not shown to the others."""
    async with world.scene() as scene:
        _, role, _ = await _limit(scene)
        cook = scene.guild.add_member(scene.env.create_user("cook"), roles=[role])
        await cook.send(scene.channel, f"<@{scene.env.backend.bot_user.id}> {QUESTION}")
        assert "Soup" not in texts(scene.stored()[-1].components)
        asked = await cook.slash(scene.channel, "ask", question=QUESTION, private=True)
        assert "lovage" in texts(shown(asked).components)
        shared = await cook.click(shown(asked), label="Share in channel")
        assert "lovage" not in texts(shown(shared).components)


async def test_a_slow_answer_that_all_will_see_holds_what_all_may_see(world: World) -> None:
    """Once Discord shows "thinking…" to everybody, the answer cannot become private."""
    async with world.but(defer_after=0.1).scene() as scene:
        _, role, _ = await _limit(scene)
        cook = scene.guild.add_member(scene.env.create_user("cook"), roles=[role])
        scene.slow_down()
        result = await cook.slash(scene.channel, "ask", question=QUESTION)
        assert not result.ephemeral
        assert "Soup" not in texts(shown(result).components)


async def test_old_buttons_show_an_article_no_longer_to_those_who_lost_it(world: World) -> None:
    """Context, verification, more quotes and summaries are for the one who presses."""
    async with world.scene() as scene:
        article = scene.add(SECRET, title="Soup", url=None)
        answer = shown(await scene.ask(QUESTION))
        summary = shown(await scene.alice.slash(scene.channel, "summarise", article=article.id))
        admin = scene.admin()
        form = await admin.slash(scene.channel, "library audience", article="soup")
        await admin.submit_modal(form, {"roles": [scene.guild.create_role("Cooks")]})
        for message, label in (
            *((answer, label) for label in labels(answer.components)),
            *((summary, label) for label in labels(summary.components)),
        ):
            if label not in {"Helpful", "Not helpful"}:
                told = texts(shown(await scene.alice.click(message, label=label)).components)
                assert "lovage" not in told
                assert "Soup" not in told


async def test_an_article_for_a_channel_is_quoted_there_alone(world: World) -> None:
    async with world.scene() as scene:
        kitchen = scene.guild.create_text_channel("kitchen")
        await _limit(scene, channels=[kitchen])
        result = await scene.alice.slash(kitchen, "ask", question=QUESTION)
        assert "lovage" in texts(shown(result).components)
        assert not result.ephemeral
        assert "Soup" not in texts(shown(await scene.ask(QUESTION)).components)


async def test_an_article_for_adults_is_quoted_in_age_restricted_channels_alone(world: World) -> None:
    async with world.scene() as scene:
        cellar = scene.guild.create_text_channel("cellar")
        await scene.env.settle()
        known = scene.bot.get_channel(cellar.id)
        assert isinstance(known, discord.TextChannel)
        known.nsfw = True  # the simulated Discord has no such channels
        await _limit(scene, adults=True)
        assert "lovage" in texts(shown(await scene.alice.slash(cellar, "ask", question=QUESTION)).components)
        assert "Soup" not in texts(shown(await scene.ask(QUESTION)).components)


async def test_the_form_shows_who_may_see_an_article_and_takes_it_back(world: World) -> None:
    async with world.scene() as scene:
        admin, role, article = await _limit(scene)
        form = await admin.slash(scene.channel, "library audience", article=article)
        assert form.modal is not None
        assert str(role.id) in str(form.modal)
        result = await admin.submit_modal(form, {"roles": []})
        assert "Everybody may see it." in texts(shown(result).components)
        assert "lovage" in texts(shown(await scene.ask(QUESTION)).components)


@pytest.mark.parametrize("name", ["edit", "audience"])
async def test_members_correct_and_limit_nothing(world: World, name: str) -> None:
    async with world.scene() as scene:
        with pytest.raises(simcord.SetupError):
            await scene.alice.slash(scene.channel, f"library {name}", article="x")
