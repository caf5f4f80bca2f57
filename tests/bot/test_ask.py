"""Asking: what a person does, and what that person sees."""

import logging
import re
import time
from dataclasses import replace
from typing import Any

import pytest

from bot import render
from bot.preferences import Preferences
from bot.settings import Style
from retrieval import Library, Quote, StoreBusy
from tests.bot.conftest import AMBASSADOR, HELSINKI, SECRET, WHATSAPP, World, labels, shown, texts


async def test_an_answer_quotes_the_article_word_for_word_and_names_it(world: World) -> None:
    """The quote stands in the article exactly, with title, link, publisher and date below it."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        result = await scene.ask()
        text = texts(shown(result).components)
        quoted = [line[2:].replace("**", "") for line in text.split("\n") if line.startswith("> ")]
        assert quoted
        assert all(line in HELSINKI for line in quoted)
        assert "Alexander Matsegora is Russia's ambassador to North Korea." in " ".join(quoted)
        assert "[Helsinki summit](<https://news.example/helsinki" in text
        assert "-# Example News (news.example) · 18 July 2018" in text
        assert text.startswith(f"### {AMBASSADOR}")
        assert "\n-# Quoted word for word from 1 article. Reference " in text
        assert not result.ephemeral


async def test_nothing_found_is_said_to_the_asker_alone(world: World) -> None:
    """An honest no, with what came nearest, and nobody else has to read it."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        result = await scene.ask("can I pay with gold coins?")
        text = texts(shown(result).components)
        assert text.startswith("### Nothing found")
        assert "> " not in text
        assert "-# Searched 1 article. Try other words." in text
        assert result.ephemeral


async def test_an_empty_library_says_that_it_is_empty(world: World) -> None:
    async with world.scene() as scene:
        result = await scene.ask()
        assert "### No articles yet" in texts(shown(result).components)


async def test_a_private_answer_is_seen_by_the_asker_alone(world: World) -> None:
    async with world.scene() as scene:
        scene.add(HELSINKI)
        assert (await scene.ask(private=True)).ephemeral


async def test_a_question_can_be_about_one_article_named_by_id_or_title(world: World) -> None:
    """Text that was never suggested is resolved again: an id, a title, or words that only one title has."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        deal = scene.add(WHATSAPP, title="Facebook buys WhatsApp", url="https://news.example/deal")
        for named in (deal.id, "Facebook buys WhatsApp", "whatsapp"):
            result = await scene.ask("Will Facebook buy WhatsApp for 19 billion dollars?", article=named)
            text = texts(shown(result).components)
            assert "19 billion dollars" in text
            assert "Helsinki" not in text
        result = await scene.ask(article="no such title")
        assert "“no such title”" in texts(shown(result).components)
        assert result.ephemeral


async def test_a_slow_answer_first_says_that_the_bot_is_thinking(world: World) -> None:
    """Past the limit the command is deferred, and the answer then takes its place."""
    async with world.but(defer_after=0.05).scene() as scene:
        scene.add(HELSINKI)
        scene.slow_down()
        result = await scene.ask()
        callbacks = [body for _, name, body in scene.env.backend.transcript if name.endswith("/callback")]
        assert [body["type"] for body in callbacks] == [5]
        assert "Matsegora" in texts(shown(result).components)
        assert result.followups == []


@pytest.mark.parametrize("why", ["the question waited before", "the loop is late"])
async def test_the_bot_is_thinking_at_once_where_little_of_the_three_seconds_is_left(
    world: World, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What passed before the engine was asked counts, and so does what every step of a busy machine will take."""

    def slow(_guild_id: int) -> Preferences:
        time.sleep(0.4)
        return Preferences()

    async with world.but(defer_after=0.7).scene() as scene:
        scene.add(HELSINKI)
        scene.slow_down()
        if why == "the loop is late":
            scene.bot.lag._measured.append(0.5)
        else:
            monkeypatch.setattr(scene.bot.memory, "preferences", slow)
        await scene.ask()
        callbacks = [body for _, name, body in scene.env.backend.transcript if name.endswith("/callback")]
        assert [body["type"] for body in callbacks] == [5]


async def test_preferences_that_cannot_be_read_are_those_that_last_could(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server where nothing was ever read gets private answers."""

    def fail(_guild_id: int) -> Preferences:
        raise StoreBusy("another process is writing", hint="Try again")

    async with world.scene() as scene:
        scene.add(HELSINKI)
        read = scene.bot.memory.preferences
        for known, is_private in ((False, True), (True, False)):
            if known:
                monkeypatch.setattr(scene.bot.memory, "preferences", read)
                await scene.ask()
            monkeypatch.setattr(scene.bot.memory, "preferences", fail)
            assert (await scene.ask()).ephemeral == is_private


async def test_an_answer_past_its_deadline_is_given_up_in_words(world: World) -> None:
    async with world.but(defer_after=0.05, deadline=0.2).scene() as scene:
        scene.add(HELSINKI)
        scene.slow_down()
        text = texts(shown(await scene.ask()).components)
        assert text.startswith("### No answer was ready after 0.2 seconds")
        assert "Try again" in text


async def test_a_quote_that_is_not_in_its_article_is_never_shown(world: World) -> None:
    """Each quote is checked against the store just before it is sent; a wrong one is an error."""

    def forging(library: Library) -> Library:
        answer = library.ask

        def ask(question: str, **options: Any) -> Any:
            honest = answer(question, **options)
            forged = [_with(quote, "He never said this.") for quote in honest.quotes]
            return replace(honest, quotes=tuple(forged))

        library.ask = ask  # type: ignore[method-assign]
        return library

    async with world.scene() as scene:
        scene.add(HELSINKI)
        world.opened = forging
        result = await scene.ask()
        text = texts(shown(result).components)
        assert "He never said this." not in text
        assert "no longer in the article" in text
        assert result.ephemeral


def _with(quote: Quote, text: str) -> Quote:
    return replace(quote, text=text)


async def test_an_unforeseen_error_is_shown_as_a_reference_and_logged_in_full(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The person sees no exception text; the log has it, under the same reference."""

    def failing(library: Library) -> Library:
        def ask(*_: object, **__: object) -> None:
            raise RuntimeError("the database password is hunter2")

        library.ask = ask  # type: ignore[method-assign, assignment]
        return library

    async with world.scene(check_errors=False) as scene:
        scene.add(HELSINKI)
        world.opened = failing
        with caplog.at_level(logging.INFO):
            result = await scene.ask()
        text = texts(shown(result).components)
        assert "hunter2" not in text
        reference = text.rpartition("Reference ")[2]
        entry = next(record for record in caplog.records if reference in record.getMessage())
        assert entry.exc_info is not None
        assert "hunter2" in str(entry.exc_info[1])
        question = next(record for record in caplog.records if record.getMessage().startswith("Question "))
        assert question.fields["reference"] in "".join(getattr(entry.exc_info[1], "__notes__", ()))  # type: ignore[attr-defined]
        assert result.ephemeral


@pytest.mark.parametrize("style", ["v2", "plain"])
@pytest.mark.parametrize("question", [AMBASSADOR, "What colour is the soup of the kitchen?"])
async def test_the_card_shows_the_reference_of_the_line_in_the_log(
    world: World, style: Style, question: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Answered or not, as a command, as a mention, shared, and on the next page: a person can name it to an admin."""
    async with world.but(style=style).scene() as scene:
        scene.add(HELSINKI)
        with caplog.at_level(logging.INFO, logger="bot.journal"):
            asked = shown(await scene.ask(question, private=True))
            await scene.mention(question)
            mentioned = scene.stored()[-1]
        lines = [record.fields["reference"] for record in caplog.records]  # type: ignore[attr-defined]
        assert [_reference(asked), _reference(mentioned)] == lines
        if question == AMBASSADOR:
            assert _reference(shown(await scene.alice.click(asked, label="Share in channel"))) == lines[0]


def _reference(message: Any) -> str:
    found = re.search(r"-# [^\n]*Reference ([0-9a-f]{12})$", message.content or texts(message.components), re.MULTILINE)
    assert found
    return found[1]


async def test_one_person_cannot_ask_without_a_pause(world: World) -> None:
    """The pause is each person's own."""
    async with world.but(cooldown=600).scene() as scene:
        scene.add(HELSINKI)
        assert "Matsegora" in texts(shown(await scene.ask()).components)
        again = await scene.ask()
        assert texts(shown(again).components).startswith("### That was quick")
        assert again.ephemeral
        bob = scene.guild.add_member(scene.env.create_user("bob"))
        result = await bob.slash(scene.channel, "ask", question=AMBASSADOR)
        assert "Matsegora" in texts(shown(result).components)


async def test_servers_never_see_each_others_articles(world: World) -> None:
    """Neither questions, titles, lists, summaries nor ids reach another server's library."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        other, kitchen, cook = scene.elsewhere()
        secret = scene.add(SECRET, guild=other, title="Soup", url=None)
        question = "What is the secret ingredient of the soup?"
        assert "lovage" in texts(shown(await cook.slash(kitchen, "ask", question=question)).components)
        for options in ({}, {"article": secret.id}, {"article": "Soup"}):
            assert "lovage" not in texts(shown(await scene.ask(question, **options)).components)
        assert await scene.alice.autocomplete(scene.channel, "ask", "article", "soup") == []
        for command, options in (("summarise", {"article": secret.id}), ("articles", {})):
            result = await scene.alice.slash(scene.channel, command, **options)
            assert "lovage" not in texts(shown(result).components)
            assert "1 article" in texts(shown(result).components) or command == "summarise"


async def test_context_is_shown_privately_and_also_after_a_restart(world: World) -> None:
    """A button carries all it needs: a new process answers a press on an old message."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        answer = shown(await scene.ask("Who said that a summit is on the agenda?"))
        await scene.env.restart_bot(world.client())
        label = next(label for label in labels(answer.components) if label.startswith("Show context"))
        result = await scene.alice.click(answer, label=label)
        text = texts(shown(result).components)
        assert text.startswith("### The quote in its context")
        assert "ambassador to North Korea." in text
        assert "Officials did not respond at once." in text
        assert result.ephemeral


async def test_long_context_is_turned_in_its_place(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sentences around the quote, in pages if they are long; forth and back in one private message."""
    monkeypatch.setitem(render._BUDGETS, "v2", 700)
    around = [f"{what} {' '.join(['and on'] * 60)}." for what in ("It began", "It went", "It came", "It ended")]
    text = " ".join(("Far before.", *around[:2], HELSINKI.split(". ")[1] + ".", *around[2:], "Far after."))
    async with world.scene() as scene:
        scene.add(text)
        answer = shown(await scene.ask())
        first = shown(await scene.alice.click(answer, label="Show context"))
        pages, page = [first], first
        while "Next page" in labels(page.components):
            page = shown(await scene.alice.click(page, label="Next page"))
            pages.append(page)
        assert len(pages) > 2
        assert {page.id for page in pages} == {first.id}
        while "Previous page" in labels(page.components):
            page = shown(await scene.alice.click(page, label="Previous page"))
            assert page.id == first.id
        assert "Page 1 of" in texts(page.components)
        assert "Far" not in texts(page.components)


async def test_a_button_finds_only_what_its_own_server_has(world: World) -> None:
    """Pressed after its article was removed, it says so in words."""
    async with world.scene() as scene:
        article = scene.add(HELSINKI)
        answer = shown(await scene.ask())
        with world.open(f"guild-{scene.guild.id}") as library:
            library.remove(article.id)
        label = next(label for label in labels(answer.components) if label.startswith("Show context"))
        result = await scene.alice.click(answer, label=label)
        assert result.ephemeral
        assert "goes by" in texts(shown(result).components)


async def test_when_all_slots_and_the_queue_are_taken_people_are_told(world: World) -> None:
    """Nobody waits without end, and nobody is left without a word."""
    async with world.but(slots=1, queue=0).scene() as scene:
        scene.add(HELSINKI)
        async with scene.occupied():
            text = texts(shown(await scene.ask()).components)
        assert text.startswith("### Quoth is busy with other questions")


async def test_a_button_never_shows_other_words_as_the_quote(world: World) -> None:
    """Pressed after its article has changed, it says so instead of showing what stands there now."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        answer = shown(await scene.ask())
        scene.add(f"Correction: an earlier version was wrong. {HELSINKI}")
        label = next(label for label in labels(answer.components) if label.startswith("Show context"))
        text = texts(shown(await scene.alice.click(answer, label=label)).components)
        assert "The article has changed since" in text
        assert "Correction" not in text
