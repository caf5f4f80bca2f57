"""A person who types, or a program that types for one: suggestions are cheap, however many are asked for."""

from time import process_time
from typing import Any

import pytest

from bot.readers import everyone
from bot.titles import matching
from retrieval import Document, Library
from tests.bot.conftest import HELSINKI, World
from tests.toy import ToyEncoder

_A_MINUTE = 10_000
_ARTICLES = 100


async def test_suggestions_never_search_the_library(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its titles are read once, and no model and no index is asked."""
    read: list[str] = []
    asked = [(Library, name) for name in ("ask", "summarise", "summarise_topic", "text", "articles")]
    for kind, name in (*asked, (ToyEncoder, "encode"), (ToyEncoder, "encode_spans")):
        real = getattr(kind, name)

        def counted(it: Any, *args: Any, real: Any = real, name: str = name, **options: Any) -> Any:
            read.append(name)
            return real(it, *args, **options)

        monkeypatch.setattr(kind, name, counted)
    async with world.scene() as scene:
        scene.add(HELSINKI)
        read.clear()
        for length in range(40):
            typed = "helsinki summit of the presidents"[:length]
            for command, option in (("ask", "article"), ("summarise", "article"), ("article", "article")):
                await scene.alice.autocomplete(scene.channel, command, option, typed)
        assert read == ["articles"]


async def test_one_person_is_suggested_no_more_than_they_can_type(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that asks for hundreds in a second has the titles looked through a few times; others have theirs."""
    looked: list[str] = []

    def looks(titles: Any, typed: str) -> Any:
        looked.append(typed)
        return matching(titles, typed)

    monkeypatch.setattr("bot.articles.matching", looks)
    async with world.scene() as scene:
        scene.add(HELSINKI)
        for _ in range(300):
            await scene.alice.autocomplete(scene.channel, "ask", "article", "hel")
        assert 10 < len(looked) <= 300 / 2
        bob = scene.guild.add_member(scene.env.create_user("bob"))
        assert await bob.autocomplete(scene.channel, "ask", "article", "hel")


async def test_ten_thousand_suggestions_a_minute_leave_the_processor_for_others(world: World) -> None:
    """One list is read, and each suggestion looks through it: so many take a small part of a minute."""
    async with world.scene() as scene:
        with world.open(f"guild-{scene.guild.id}") as library:
            library.add(*(Document(f"Bridge number {n} is closed.", title=f"Bridge {n}") for n in range(_ARTICLES)))
        reader = everyone(scene.guild.id, scene.channel)
        reads, within = 0, scene.bot.worker.within

        async def counted(*args: Any, **options: Any) -> Any:
            nonlocal reads
            reads += 1
            return await within(*args, **options)

        scene.bot.worker.within = counted  # type: ignore[method-assign]
        began = process_time()
        for number in range(_A_MINUTE):
            found = matching(await scene.bot.titles.of(reader), f"bridge {number % _ARTICLES}")
            assert found
        assert process_time() - began < 30
        assert reads <= 3  # one, and another where the list is half a minute old
