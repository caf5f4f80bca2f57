"""Lists, summaries and suggestions."""

import asyncio
from typing import Any

import pytest

from bot import limits
from bot.titles import Title, _Snapshot, fold, matching
from retrieval import Article, Audience
from tests.bot.conftest import HELSINKI, WHATSAPP, World, labels, shown, texts


async def test_a_summary_is_made_of_the_articles_own_sentences(world: World) -> None:
    """Public, short by default, and each sentence stands in the article."""
    async with world.scene() as scene:
        article = scene.add(HELSINKI)
        result = await scene.alice.slash(scene.channel, "summarise", article=article.id)
        text = texts(shown(result).components)
        assert text.startswith("### Summary: Helsinki summit")
        sentences = [line[2:] for line in text.split("\n") if line.startswith("> ")]
        assert sentences
        assert all(sentence in HELSINKI for sentence in sentences)
        assert "word for word" in text
        assert not result.ephemeral


async def test_a_summary_can_be_made_longer_and_shorter(world: World) -> None:
    """On a public card that opens a private one, which then changes in place."""
    async with world.scene() as scene:
        article = scene.add(" ".join(f"Sentence number {n} tells of the summit." for n in range(30)))
        public = shown(await scene.alice.slash(scene.channel, "summarise", article=article.id))
        assert [label for label in labels(public.components) if label in {"Shorter", "Longer"}] == ["Longer"]
        private = await scene.alice.click(public, label="Longer")
        assert private.ephemeral
        assert shown(private).id != public.id
        longest = await scene.alice.click(shown(private), label="Longer")
        assert shown(longest).id == shown(private).id
        assert "Longer" not in labels(shown(longest).components)
        assert texts(shown(longest).components).count("> ") > texts(public.components).count("> ")


async def test_the_list_is_paged_and_leads_to_summaries(world: World) -> None:
    """Ten a page; at an end the button that leads nowhere is left out."""
    async with world.scene() as scene:
        for number in range(23):
            scene.add(f"{HELSINKI} Number {number}.", title=f"Article {number:02}", url=None)
        first = shown(await scene.alice.slash(scene.channel, "articles"))
        assert first.ephemeral
        assert "### Articles 1–10 of 23" in texts(first.components)
        assert labels(first.components) == ["Next page"]
        second = shown(await scene.alice.click(first, label="Next page"))
        assert second.id == first.id
        assert "### Articles 11–20 of 23" in texts(second.components)
        assert labels(second.components) == ["Previous page", "Next page"]
        third = shown(await scene.alice.click(second, label="Next page"))
        assert labels(third.components) == ["Previous page"]
        assert "Article 22" in texts(third.components)
        options = third.components[1]["components"][0]["options"]
        summary = await scene.alice.select(third, [options[0]["value"]])
        assert "### Summary: Article 20" in texts(shown(summary).components)


async def test_the_list_can_be_searched(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        scene.add(WHATSAPP, title="Facebook buys WhatsApp", url=None)
        found = texts(shown(await scene.alice.slash(scene.channel, "articles", search="whats")).components)
        assert "### 1 article matching “whats”" in found
        assert "Helsinki" not in found
        none = texts(shown(await scene.alice.slash(scene.channel, "articles", search="opera")).components)
        assert "### No articles matching “opera”" in none


async def test_suggestions_are_titles_with_ids_and_fit_discord(world: World) -> None:
    """At most 25, names cut between characters, with room for Discord's own counting, values the ids."""
    async with world.scene() as scene:
        long = scene.add(HELSINKI, title="Summit " + "🎉" * 200)
        for number in range(30):
            scene.add(f"{WHATSAPP} Number {number}.", title=f"Deal {number:02}", url=None)
        choices = await scene.alice.autocomplete(scene.channel, "summarise", "article", "")
        assert len(choices) == 25
        choice = (await scene.alice.autocomplete(scene.channel, "ask", "article", "SUMMIT"))[0]
        assert choice["value"] == long.id
        assert 50 <= len(choice["name"]) <= limits.units(choice["name"]) <= 100
        assert choice["name"].endswith("…")
        assert await scene.alice.autocomplete(scene.channel, "ask", "article", "nothing like it") == []


def _article(number: int, title: str = "") -> Article:
    return Article(f"{number:012x}", None, title or f"Article {number}", "", "", None, "", None, "", 0)


def test_among_ten_thousand_titles_the_nearest_comes_first() -> None:
    """How long it takes is in benchmarks/suggestions.py."""
    titles = [Title(fold(f"Article {n} about the deal"), _article(n), Audience()) for n in range(10_000)]
    found = matching(titles, "ARTICLE 99 deal")
    assert found[0].title == "Article 99"


@pytest.mark.parametrize("style", ["v2", "plain"])
async def test_both_styles_say_the_same(world: World, style: Any) -> None:
    """Plain style is for readers and tools that cannot show cards; nothing is missing there."""
    async with world.but(style=style).scene() as scene:
        scene.add(HELSINKI)
        response = shown(await scene.ask("Who is the ambassador to North Korea of Russia?"))
        text = response.content or texts(response.components)
        assert ("### " in response.content) == (style == "plain")
        assert "> " in text
        assert "Quoted word for word from 1 article." in text
        assert any(label.startswith("Show context") for label in labels(response.components))
        await scene.mention("who is the ambassador to North Korea of Russia?")
        stored = scene.stored()[-1]
        assert "Matsegora" in (stored.content or texts(stored.components))
        listed = shown(await scene.alice.slash(scene.channel, "articles"))
        assert "Helsinki summit" in (listed.content or texts(listed.components))


async def test_a_topic_is_told_from_all_its_articles(world: World) -> None:
    """Each point word for word, with its source; where nothing is about it, that is said to the person alone."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        scene.add(WHATSAPP, title="Facebook buys WhatsApp", url=None)
        result = await scene.alice.slash(scene.channel, "topic", words="  North Korea   sanctions ")
        text = texts(shown(result).components)
        assert text.startswith("### Key points: North Korea sanctions")
        assert "Helsinki summit" in text
        points = [line[2:] for line in text.split("\n") if line.startswith("> ")]
        assert points
        assert all(point in HELSINKI for point in points)
        assert not result.ephemeral
        nothing = await scene.alice.slash(scene.channel, "topic", words="glaciers of Patagonia")
        assert nothing.ephemeral
        assert "No article is about “glaciers of Patagonia”" in texts(shown(nothing).components)


STORY = "\n\n".join(["Engineers closed the bridge at Tampere.", HELSINKI, "Repairs will take eleven months."])


async def test_an_attached_file_is_summarised_and_not_added(world: World) -> None:
    """By the command and by the menu of a message, for the person alone."""
    async with world.scene() as scene:
        scene.add(WHATSAPP)
        by_command = await scene.alice.slash(scene.channel, "summarise", file=("story.txt", STORY.encode()))
        message = await scene.alice.send(scene.channel, "look!", attachments=[("story.txt", STORY.encode())])
        by_menu = await scene.alice.context_menu(scene.channel, "Summarise this", message)
        for result in (by_command, by_menu):
            text = texts(shown(result).components)
            assert text.startswith("### Summary: ")
            points = [line[2:] for line in text.split("\n") if line.startswith("> ")]
            assert points
            assert all(point in STORY for point in points)
            assert text.endswith("-# It was not added to the articles.")
            assert labels(shown(result).components) == []
            assert result.ephemeral
        listed = await scene.alice.slash(scene.channel, "articles")
        assert texts(shown(listed).components).startswith("### 1 article")


async def test_a_message_is_summarised_by_its_text(world: World) -> None:
    """A pasted article needs no file."""
    async with world.scene() as scene:
        message = await scene.alice.send(scene.channel, STORY)
        result = await scene.alice.context_menu(scene.channel, "Summarise this", message)
        assert "It was not added" in texts(shown(result).components)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("../..", b"", "is empty"),
        ("st\x00ry.exe", b"MZ", "ry.exe is of a kind"),
        ("story.exe", b"MZ\x00\x01", "story.exe"),
        ("story.txt", b"", "story.txt"),
        ("story.txt", b"x" * 5_000_001, "“story.txt” is larger than 5 million bytes"),
        ("two.jsonl", b'{"text": "One. Two."}\n{"text": "Three. Four."}', "It holds 2 articles"),
    ],
)
async def test_a_file_that_is_no_article_is_refused_in_words(
    world: World, name: str, content: bytes, reason: str
) -> None:
    """One sentence that names the file, to the person alone."""
    async with world.scene() as scene:
        result = await scene.alice.slash(scene.channel, "summarise", file=(name, content))
        assert result.ephemeral
        assert reason.casefold() in texts(shown(result).components).casefold()
        assert "Something went wrong" not in texts(shown(result).components)
        assert f"/{name}" not in texts(shown(result).components)


async def test_summarise_needs_an_article_or_a_file(world: World) -> None:
    async with world.scene() as scene:
        result = await scene.alice.slash(scene.channel, "summarise")
        assert texts(shown(result).components).startswith("### There is nothing to summarise yet")
        assert result.ephemeral


async def test_an_article_card_tells_what_is_known_of_it(world: World) -> None:
    """Its facts, its key points, and how much of it is never quoted, to the person alone."""
    pasted = f"ADVERTISEMENT\n\n{STORY}\n\nADVERTISEMENT\n\nThe bridge in May. (Photo: Jane Roe)"
    async with world.scene() as scene:
        added = scene.add(pasted, title="The bridge", author="Jane Roe")
        scene.add(WHATSAPP, title="Facebook buys WhatsApp", url=None)
        result = await scene.alice.slash(scene.channel, "article", article="bridge")
        text = texts(shown(result).components)
        assert text.startswith("### The bridge")
        for told in (
            "Example News (news.example) · 18 July 2018",
            "By Jane Roe",
            f"{len(pasted):,} characters",
            added.id,
        ):
            assert told in text
        assert "Never quoted: 2 × furniture, 1 × caption" in text
        points = [line[2:] for line in text.split("\n") if line.startswith("> ")]
        assert points
        assert all(point in STORY for point in points)
        assert result.ephemeral
        longer = await scene.alice.click(shown(result), label="Summarise")
        assert texts(shown(longer).components).startswith("### Summary: The bridge")
        clean = await scene.alice.slash(scene.channel, "article", article="whatsapp")
        assert "All of its text may be quoted" in texts(shown(clean).components)


async def test_summaries_have_the_cooldown_of_questions(world: World) -> None:
    """It is one and the same: a question and then a summary, at once, is too quick."""
    async with world.but(cooldown=600).scene() as scene:
        article = scene.add(HELSINKI)
        await scene.ask()
        for command, options in (("summarise", {"article": article.id}), ("topic", {"words": "Russia"})):
            result = await scene.alice.slash(scene.channel, command, **options)
            assert texts(shown(result).components).startswith("### That was quick")
            assert result.ephemeral


async def test_of_ten_thousand_titles_as_many_are_suggested_as_discord_takes(world: World) -> None:
    """25 of at most 100 characters, those that begin with the typed text first; for other text none, or few."""
    async with world.scene() as scene:
        long = " ".join(["words"] * 40)
        found = tuple(
            Title(fold(a.title), a, Audience()) for a in (_article(n, f"Article {n}: {long}") for n in range(10_000))
        )
        moment = asyncio.get_running_loop().time()
        scene.bot.titles._snapshots[scene.guild.id] = _Snapshot(found, moment)
        for typed, first, count in (
            ("", "Article 0:", 25),
            ("words article 7", "Article 7:", 25),
            ("ARTICLE 999", "Article 999:", 19),
            ("9999:", "Article 9999:", 1),
            ("no such title", "", 0),
            ("\u202e*|\\", "", 0),
        ):
            choices = await scene.alice.autocomplete(scene.channel, "ask", "article", typed)
            assert len(choices) == count, typed
            assert all(len(choice["name"]) <= 100 and len(choice["value"]) <= 100 for choice in choices)
            assert not choices or choices[0]["name"].startswith(first)
