"""The commands as Discord gets them, and when it gets them."""

import json
from typing import Any

import discord
import simcord
from discord import app_commands

from bot import views
from bot.commands import Sync, Translator
from tests.bot.conftest import World, shown

# name → (description, options as (name, required, autocompleted), default permissions)
EXPECTED = {
    "ask": (
        "Ask a question; the answer quotes the articles word for word",
        [("question", True, False), ("article", False, True), ("private", False, False)],
        None,
    ),
    "Ask about this": ("", [], None),
    "summarise": (
        "Summarise an article in its own sentences",
        [("article", False, True), ("length", False, False), ("file", False, False)],
        None,
    ),
    "Summarise this": ("", [], None),
    "topic": (
        "Key points of all articles about something, each with its source",
        [("words", True, False), ("length", False, False)],
        None,
    ),
    "article": ("What is known of an article, and what it says", [("article", True, True)], None),
    "articles": ("List the articles that answers are quoted from", [("search", False, False)], None),
    "library": (
        "Look after the articles",
        [
            (name, False, False)
            for name in ("add", "paste", "refresh", "edit", "audience", "remove", "feed", "export", "import", "status")
        ],
        discord.Permissions(manage_guild=True).value,
    ),
    "watch": ("Be told when a new article answers a question", [("question", False, False)], None),
    "settings": (
        "Choose how Quoth answers in this server",
        [],
        discord.Permissions(manage_guild=True).value,
    ),
    "privacy": ("What is kept of you and for how long; delete it", [], None),
}


async def _payloads(client: Any) -> dict[str, Any]:
    translator = Translator()
    await client.tree.set_translator(translator)
    payloads = [await c.get_translated_payload(client.tree, translator) for c in client.tree.get_commands()]
    return {payload["name"]: payload for payload in payloads}


async def test_every_command_is_as_documented(world: World) -> None:
    """Names, descriptions, options and permissions of all commands, and no command beside them."""
    payloads = await _payloads(world.client())
    found = {
        name: (
            payload.get("description", ""),
            [(o["name"], o.get("required", False), bool(o.get("autocomplete"))) for o in payload.get("options", ())],
            payload.get("default_member_permissions"),
        )
        for name, payload in payloads.items()
    }
    assert found == EXPECTED


async def test_commands_are_for_servers_only(world: World) -> None:
    """Libraries belong to servers: no direct messages, no installation to a person."""
    for payload in (await _payloads(world.client())).values():
        assert payload["contexts"] == [0]
        assert payload["integration_types"] == [0]


async def test_both_spellings_of_summarise_are_one_command(world: World) -> None:
    """American and British readers fall back to each other first, so both are given explicitly."""
    payload = (await _payloads(world.client()))["summarise"]
    names = payload["name_localizations"]
    assert (names["en-US"], names["en-GB"]) == ("summarize", "summarise")
    assert payload["description_localizations"]["en-US"].startswith("Summarize")


async def test_question_lengths_are_limited_by_discord_itself(world: World) -> None:
    option = (await _payloads(world.client()))["ask"]["options"][0]
    assert (option["min_length"], option["max_length"]) == (3, 300)


async def test_commands_are_sent_only_when_they_have_changed(world: World) -> None:
    """The record of what was sent spares Discord, and a start, a request."""
    sent = []
    for _ in range(2):
        async with simcord.run(world.client(), strict_sync=False) as env:
            sent.append([name for _, name, _ in env.backend.transcript if name.startswith("PUT /applications")])
    assert [len(requests) for requests in sent] == [1, 0]
    (world.home / "commands.json").write_text("not JSON", encoding="utf-8")
    async with simcord.run(world.client()) as env:
        assert any(name.startswith("PUT /applications") for _, name, _ in env.backend.transcript)


async def test_commands_whose_sending_cannot_be_noted_are_sent_once(world: World) -> None:
    """A full disk is no reason to send them again every few seconds; here a folder stands in the record's place."""
    (world.home / "commands.json").mkdir(parents=True)
    async with world.scene() as scene:
        for _ in range(3):
            await scene.bot.lead()
        sent = [name for _, name, _ in scene.env.backend.transcript if name.startswith("PUT") and "commands" in name]
        assert len(sent) == 1


async def test_commands_are_never_sent_where_that_is_asked_for(world: World) -> None:
    async with simcord.run(world.but(sync="never").client(), strict_sync=False) as env:
        assert not any(name.startswith("PUT /applications") for _, name, _ in env.backend.transcript)
    assert not (world.home / "commands.json").exists()


async def test_the_record_names_the_application(world: World) -> None:
    """Another application on the same home gets its own commands."""
    async with simcord.run(world.client()) as env:
        record = json.loads((world.home / "commands.json").read_text(encoding="utf-8"))
        assert record["application"] == str(env.backend.application_id)


def test_the_bot_asks_for_no_privileged_intent(world: World) -> None:
    """Servers and the messages in them: mentions carry their text without the privileged intent."""
    client = world.client()
    assert client.intents.value == 513
    assert client.allowed_mentions is not None
    assert dict(client.allowed_mentions.to_dict()) == {"parse": []}
    assert client._connection.max_messages is None
    assert client._connection.member_cache_flags == discord.MemberCacheFlags.none()


def test_everything_that_can_be_pressed_survives_a_restart() -> None:
    """All items are dynamic, and no code fits two of them, which would answer twice."""
    codes = ["q1:1:c:abcdef123456.a.b.0a1b", "q1:12:l:", "q1:1:s:abcdef123456.long", "q1:choose"]
    for code in codes:
        matching = [item for item in views.dynamic_items() if item.__discord_ui_compiled_template__.fullmatch(code)]
        assert len(matching) == 1


async def test_an_unknown_command_is_told_in_words(world: World) -> None:
    """What Discord still shows of an older version gets an answer."""
    async with world.scene(check_errors=False) as scene:
        scene.bot.tree.remove_command("articles")
        result = await scene.alice.slash(scene.channel, "articles")
        text = str(shown(result).components)
        assert "This command was just updated" in text
        assert result.ephemeral
        assert isinstance(scene.env.errors[0], app_commands.CommandNotFound)


def test_sync_uses_the_file_it_is_given(world: World) -> None:
    assert Sync("never", record=world.home / "x")._last() is None
