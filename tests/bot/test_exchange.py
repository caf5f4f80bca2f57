"""``/library export`` and ``import``."""

from typing import Any

import pytest

from tests.bot.conftest import HELSINKI, WHATSAPP, Scene, World, shown, texts


async def _export(scene: Scene) -> tuple[str, bytes]:
    """The file that an admin gets, and its name."""
    result = await scene.admin().slash(scene.channel, "library export")
    assert result.ephemeral
    (attached,) = shown(result).attachments
    return attached.filename, await attached.read()


async def _import(scene: Scene, name: str, content: bytes, who: Any = None, where: Any = None) -> str:
    result = await (who or scene.admin()).slash(where or scene.channel, "library import", file=(name, content))
    return texts(shown(result).components)


@pytest.mark.parametrize("style", ["v2", "plain"])
async def test_articles_move_to_another_server_in_a_file(world: World, style: Any) -> None:
    """It is attached where the admin sees it alone, and adds the same articles there."""
    async with world.but(style=style).scene() as scene:
        scene.add(HELSINKI)
        scene.add(WHATSAPP, title="Deal", url="https://news.example/deal")
        name, content = await _export(scene)
        assert name == "articles.jsonl"
        other, kitchen, cook = scene.elsewhere(manages=True)
        await cook.slash(kitchen, "library import", file=(name, content))
        with world.open(f"guild-{other.id}") as library:
            assert [article.title for article in library.articles()] == ["Deal", "Helsinki summit"]


async def test_an_export_that_is_too_large_is_packed_or_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord says how much it takes; what is packed is read again."""
    async with world.scene() as scene:
        scene.add(f"{HELSINKI} " * 9)
        monkeypatch.setattr("bot.library.exchange._most", lambda _interaction: 700)
        name, content = await _export(scene)
        assert name == "articles.zip"
        assert (await _import(scene, name, content)).startswith("### 1 unchanged")
        monkeypatch.setattr("bot.library.exchange._most", lambda _interaction: 70)
        refused = texts(shown(await scene.admin().slash(scene.channel, "library export")).components)
        assert refused.startswith("### The articles take 1 million bytes")


async def test_an_empty_library_has_nothing_to_export(world: World) -> None:
    async with world.scene() as scene:
        result = await scene.admin().slash(scene.channel, "library export")
        assert texts(shown(result).components).startswith("### No articles yet")


async def test_only_exported_files_are_imported(world: World) -> None:
    async with world.scene() as scene:
        assert (await _import(scene, "story.txt", HELSINKI.encode())).startswith("### “story.txt” is no exported file")
