"""What goes over the wire: nobody is notified, and nothing of an article is live."""

from typing import Any

import pytest

from bot import views
from tests.bot.conftest import World, labels, sent, shown, texts

HOSTILE = (
    "@everyone and @here, says [the bank](https://evil.example) of the hostile summit. "
    "# Not a heading of the hostile summit\n"
    "> not a quote ||not a spoiler|| <@1> <@&2> <#3> </ask:4> <t:5:R> of the hostile summit. "
    "```not code``` of the hostile \u202esummit\u202c, `nor this`. https://evil.example/free-nitro is no link."
)


@pytest.mark.parametrize("style", ["v2", "plain"])
async def test_no_message_can_notify_anyone(world: World, style: Any) -> None:
    """Answers, mentions, edits, presses, lists, errors: each forbids all mentions explicitly."""
    async with world.but(style=style).scene() as scene:
        article = scene.add(HOSTILE, title="@everyone [x](https://evil.example)")
        answer = shown(await scene.ask("what of the hostile summit?"))
        await scene.mention("@everyone what of the hostile summit?")
        await scene.mention("")
        await scene.ask("@everyone where is the opera singer?")
        await scene.ask("anything else?", article="@everyone")
        context = next(label for label in labels(answer.components) if label.startswith("Show context"))
        await scene.alice.click(answer, label=context)
        summary = shown(await scene.alice.slash(scene.channel, "summarise", article=article.id))
        longer = shown(await scene.alice.click(summary, label="Longer"))
        await scene.alice.click(longer, label="Shorter")
        await scene.alice.slash(scene.channel, "articles", search="@everyone")
        assert len(sent(scene.env)) >= 10
        for name, message in sent(scene.env):
            assert message.get("allowed_mentions", {}).get("parse") == [], name
        assert not any(
            message.mention_everyone for message in scene.stored()[1:] if message.author_id != scene.alice.id
        )


async def test_components_travel_without_content(world: World) -> None:
    """Discord refuses a message that has both."""
    async with world.scene() as scene:
        scene.add(HOSTILE)
        await scene.ask("what of the hostile summit?")
        await scene.mention("what of the hostile summit?")
        for _, message in sent(scene.env):
            if message.get("flags", 0) & (1 << 15):
                assert message.get("content") is None


async def test_a_hostile_article_is_shown_but_not_obeyed(world: World) -> None:
    """Its characters are all there; none of them is markup, in the quote or in the title."""
    async with world.scene() as scene:
        scene.add(HOSTILE, title="[Free](https://evil.example) **title**")
        text = texts(shown(await scene.ask("what of the hostile summit?")).components)
        assert "](https://evil" not in text.replace(r"\]", "")
        assert "](<https://evil" not in text
        assert "\u202e" not in text
        for live in ("\n# Not", "||not", "<@1>", "</ask:4>", "```"):
            assert live not in text.replace("\\" + live.strip(), "")


async def test_views_hold_links_and_dynamic_items_only(world: World) -> None:
    """Nothing is kept in memory, so nothing can expire, and the classes stay registered."""
    async with world.scene() as scene:
        scene.add(HOSTILE)
        answer = shown(await scene.ask("what of the hostile summit?", private=True))
        await scene.alice.slash(scene.channel, "articles")
        await scene.env.advance_time(3600)
        store = scene.bot._connection._view_store
        assert store._views == {}
        assert store._synced_message_views == {}
        assert set(store._dynamic_items.values()) == set(views.dynamic_items())
        context = next(label for label in labels(answer.components) if label.startswith("Show context"))
        assert (await scene.alice.click(answer, label=context)).response is not None


async def test_a_card_that_discord_refuses_arrives_as_plain_text(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HOSTILE)
        scene.env.inject_error("POST", "/interactions/*/callback", status=400, code=50035, times=1)
        response = shown(await scene.ask("what of the hostile summit?"))
        assert response.content.startswith("### what of the hostile summit?")


@pytest.mark.parametrize("code", [10062, 10015])
async def test_when_the_asker_is_gone_nothing_more_is_sent(world: World, code: int) -> None:
    async with world.scene() as scene:
        scene.add(HOSTILE)
        scene.env.inject_error("POST", "/interactions/*/callback", status=404, code=code, times=None)
        assert (await scene.ask("what of the hostile summit?")).response is None


async def test_an_edit_that_discord_refuses_arrives_as_plain_text(world: World) -> None:
    """The answer to a mention takes the place of its first message, as a card or as text."""
    async with world.scene() as scene:
        scene.add(HOSTILE)
        scene.env.inject_error("PATCH", "/channels/*/messages/*", status=400, code=50035, times=1)
        assert (await scene.mention("what of the hostile summit?")).content.startswith(
            "### what of the hostile summit?"
        )


@pytest.mark.parametrize("code", [10008, 30046, 50083])
async def test_an_edit_that_can_no_longer_be_made_is_given_up(
    world: World, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    """The message is gone, was edited too often, or its thread is archived: a line in the log, and no second try."""
    async with world.scene() as scene:
        scene.add(HOSTILE)
        scene.env.inject_error("PATCH", "/channels/*/messages/*", status=400, code=code, times=None)
        await scene.mention("what of the hostile summit?")
        tries = [name for _, name, _ in scene.env.backend.transcript if name.startswith("PATCH /channels")]
        assert len(tries) == 1
        assert "Nobody is left to answer" in caplog.text


async def test_a_filter_of_the_server_is_named_as_the_reason(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HOSTILE)
        scene.env.inject_error("POST", "/interactions/*/callback", status=400, code=200000, times=1)
        text = texts(shown(await scene.ask("what of the hostile summit?")).components)
        assert "own filter stopped the answer" in text
