"""``/library``: adding and removing articles, and how the library does."""

from typing import Any

import pytest
import simcord

from tests.bot.conftest import AMBASSADOR, HELSINKI, WHATSAPP, Scene, World, labels, shown, texts

TWO = b'{"text": "Facebook will buy WhatsApp.", "title": "Deal"}\n{"text": "The orchestra plays.", "title": "Music"}'


async def _do(scene: Scene, command: str, **options: Any) -> simcord.InteractionResult:
    return await scene.admin().slash(scene.channel, f"library {command}", **options)


async def test_an_attached_file_is_added_and_answers_at_once(world: World) -> None:
    """With what is said of it; the report says what is never quoted."""
    pasted = f"ADVERTISEMENT\n\n{HELSINKI}".encode()
    async with world.scene() as scene:
        result = await _do(
            scene, "add", file=("story.txt", pasted), title="The summit", source="Gazette", published="2018-07-18"
        )
        text = texts(shown(result).components)
        assert result.ephemeral
        assert text.startswith("### 1 added")
        assert "The summit" in text
        assert text.endswith("-# Never quoted: 1 × furniture.")
        answer = texts(shown(await scene.ask()).components)
        assert "Matsegora" in answer
        assert "-# Gazette · 18 July 2018" in answer


async def test_adding_again_says_what_it_made_of_it(world: World) -> None:
    """Unchanged where it is the same; of several articles each is told, and what could not be read."""
    async with world.scene() as scene:
        admin = scene.admin()

        async def add(name: str, content: bytes) -> str:
            result = await admin.slash(scene.channel, "library add", file=(name, content))
            return texts(shown(result).components)

        assert (await add("story.txt", HELSINKI.encode())).startswith("### 1 added")
        assert (await add("another-name.txt", HELSINKI.encode())).startswith("### 1 unchanged")
        assert (await add("story.txt", WHATSAPP.encode())).startswith("### 1 added")
        assert (await add("two.jsonl", TWO + b"\nno json")).startswith(
            "### 2 added, 1 failed\nFailed: line 3 of two.jsonl"
        )
        failed = await add("story.exe", b"MZ")
        assert failed.startswith("### 1 failed")
        assert "Failed: story.exe is of a kind that is not read" in failed


async def test_an_article_can_be_pasted_into_a_form(world: World) -> None:
    """Text that is no file, with what is known of it."""
    async with world.scene() as scene:
        admin = scene.admin()
        form = await admin.slash(scene.channel, "library paste")
        assert form.modal is not None
        filled = {"text": HELSINKI, "title": "The summit", "source": "", "published": "", "url": ""}
        result = await admin.submit_modal(form, filled)
        assert texts(shown(result).components).startswith("### 1 added\nThe summit")
        assert "Matsegora" in texts(shown(await scene.ask()).components)


async def test_an_article_is_removed_after_one_question(world: World) -> None:
    """And not before; the titles forget it at once."""
    async with world.scene() as scene:
        admin = scene.admin()
        scene.add(HELSINKI)
        asked = await admin.slash(scene.channel, "library remove", article="helsinki")
        assert texts(shown(asked).components).startswith("### Remove “Helsinki summit”?")
        assert asked.ephemeral
        assert "Matsegora" in texts(shown(await scene.ask()).components)
        await scene.env.restart_bot(world.client())
        done = await admin.click(shown(asked), label="Remove it")
        assert texts(shown(done).components).startswith("### Removed “Helsinki summit”")
        assert await scene.alice.autocomplete(scene.channel, "ask", "article", "helsinki") == []
        assert "### No articles yet" in texts(shown(await scene.ask()).components)
        again = await admin.click(shown(asked), label="Remove it")
        assert "no article goes by" in texts(shown(again).components).casefold()


async def test_the_status_tells_what_readers_think_and_miss(world: World) -> None:
    """Articles, votes and gaps of this server."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        await scene.alice.click(shown(await scene.ask(AMBASSADOR)), label="Helpful")
        nothing = shown(await scene.ask("can I pay with gold coins?"))
        await scene.alice.click(nothing, label="Tell the admins")
        text = texts(shown(await _do(scene, "status")).components)
        for told in (
            "1 article",
            "Last added: Helsinki summit",
            "helpful: 1, not helpful: 0",
            "1 × can I pay with gold",
        ):
            assert told in text


async def test_members_cannot_look_after_the_library(world: World) -> None:
    """The commands are for those who manage the server, until its settings say otherwise."""
    async with world.scene() as scene:
        assert not [name for name in scene.alice.available_commands(scene.channel) if name.startswith("library")]
        with pytest.raises(simcord.SetupError):
            await scene.alice.slash(scene.channel, "library status")


async def test_what_is_added_stays_in_its_server(world: World) -> None:
    """Another server's admin removes nothing here."""
    async with world.scene() as scene:
        article = scene.add(HELSINKI)
        _, kitchen, cook = scene.elsewhere(manages=True)
        result = await cook.slash(kitchen, "library remove", article=article.id)
        assert labels(shown(result).components) == []
        assert "Matsegora" in texts(shown(await scene.ask()).components)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"published": "soon"}, "### “soon” is no date"),
        ({"url": "javascript:alert(1)"}, "### “javascript:alert(1)” is no address"),
    ],
)
async def test_what_is_no_date_or_address_is_refused(world: World, known: dict[str, str], told: str) -> None:
    """And nothing is added."""
    async with world.scene() as scene:
        result = await _do(scene, "add", file=("story.txt", HELSINKI.encode()), **known)
        assert texts(shown(result).components).startswith(told)
        assert "### No articles yet" in texts(shown(await scene.ask()).components)
