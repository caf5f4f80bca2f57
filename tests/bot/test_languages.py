"""What people read in their own language, and what stays as it is: the words of articles and of people."""

import re
from collections.abc import Iterator
from datetime import date
from string import Formatter
from typing import Any

import discord
import pytest

from bot import desk, keys, privacy, server, words
from bot.languages import NAMES, language, language_of_server
from bot.library import keeping
from bot.preferences import Preferences
from bot.progress import Progress
from bot.remembered import Votes
from bot.render import Look, Reply, message
from bot.settings import Style
from retrieval import InvalidInput, Message, said_in, say, say_count
from tests.bot.conftest import AMBASSADOR, HELSINKI, SECRET, World, labels, shown, texts

OTHERS = sorted(set(NAMES) - {"en"})
NOWHERE = "can I pay with gold coins?"
QUOTED = "Alexander Matsegora is Russia's ambassador to North Korea."
_LABEL = 38  # characters of a button's label that a phone shows


class _Silent:
    """A language without a word: what it leaves are the words of articles and of people."""

    def pattern(self, message: Message) -> str:
        names = [name for _, name, _, _ in Formatter().parse(message.pattern) if name]
        return " ".join(("·", *(f"{{{name}}}" for name in names)))

    def shown(self, value: int | date) -> str:
        return "0"


def _replies(world: World) -> Iterator[Reply]:
    """A reply of every kind, from a library with more articles than a page lists."""
    article = world.add(1, f"ADVERTISEMENT\n\n{HELSINKI}", author="Jane Roe")
    for number in range(12):
        world.add(1, f"{HELSINKI} It was day {number}.", title=f"Day {number}", url=f"https://news.example/{number}")
    with world.open("guild-1") as library:
        answer = desk.asked(library, AMBASSADOR, answer_id="0" * 12)
        yield answer
        yield desk.asked(library, NOWHERE, answer_id="0" * 12)
        assert isinstance(answer.key, keys.QuotesKey)
        span = answer.key.spans[0]
        gone = keys.VerifyKey((span, keys.Span(span.article, 0, 3, "0000")))
        for key in (
            answer.key,
            keys.ContextKey(span),
            keys.VerifyKey((span,)),
            gone,
            keys.ListKey(""),
            keys.ListKey("day"),
            keys.ListKey("zebra"),
            keys.ArticleKey(article.id),
            keys.SummaryKey(article.id, "medium"),
            keys.TopicKey("Russia", "short"),
            keys.TopicKey("lovage soup", "short"),
        ):
            yield desk.made_again(library, key, 1)
        yield desk.summarised_guest(library, "story.txt", HELSINKI.encode(), "short")
        yield keeping.added(
            library, "story.jsonl", b'{"text": "One story is new."}\nno json', {}, progress=Progress(lambda: False)
        )
        yield keeping.added(library, "story.exe", b"MZ", {}, progress=Progress(lambda: False))
        yield keeping.to_remove(library, article.id)
        yield keeping.removed(library, article.id)
        yield keeping.status(library, Votes(1240, 1, (("It is out of date", 3),)), ())
    yield from (Reply(privacy._card(days, 14)) for days in (0, 7))
    chosen = Preferences("plain", "de", private=True, threads=True, channels=(1,), announcements=1)
    yield from (Reply(server._card(p, None, [words.cannot_read_messages()])) for p in (Preferences(), chosen))
    yield from (Reply(words.hint_card(count, "Quoth")) for count in (None, 1240))
    for error in (words.too_soon(2), words.took_too_long(15), words.question_too_long(301), words.no_article("zebra")):
        yield Reply(words.card_for(error))


def _texts(components: Any) -> Iterator[str]:
    """Everything that can be read in a message's components."""
    for item in components:
        yield from (item[field] for field in ("content", "label", "placeholder") if item.get(field))
        yield from _texts([*item.get("components", ()), *item.get("options", ())])


def test_all_words_of_quoths_own_can_be_said_otherwise(world: World) -> None:
    """In a language without words nothing is left of any card but words of articles and of people."""
    known = f"{HELSINKI} {AMBASSADOR} {NOWHERE} Helsinki summit Example News news example Jane Roe Day day"
    known += " zebra lovage soup Quoth One story is new. Deutsch story.exe story.jsonl .htm .html .jsonl .markdown .md"
    known += " .text .txt .docx .epub .json .pdf .zip"
    for reply in _replies(world):
        made = message(reply, Look("v2", _Silent()))
        said = " ".join(_texts(made.view.to_components()))
        said = re.sub(r"<https:[^>]*>|\b[0-9a-f]{12}\b", "", said)  # addresses, and an article's id
        assert set(re.findall(r"[^\W\d_]+", said)) <= set(re.findall(r"[^\W\d_]+", known)), reply.card


@pytest.mark.parametrize("style", ["v2", "plain"])
@pytest.mark.parametrize("code", OTHERS)
def test_every_card_fits_in_every_language(world: World, code: str, style: Style) -> None:
    """Discord takes it, and buttons show their whole label."""
    for reply in _replies(world):
        made = message(reply, Look(style, language(code)))
        assert [label for label in labels(made.view.to_components()) if len(label) > _LABEL] == []


@pytest.mark.parametrize(
    ("code", "number", "day"),
    [
        ("de", "1.240 Artikel", "18. Juli 2018"),
        ("fr", "1\u202f240 articles", "18 juillet 2018"),
        ("es", "1.240 artículos", "18 de julio de 2018"),
        ("en-US", "1,240 articles", "July 18, 2018"),
        ("en-GB", "1,240 articles", "18 July 2018"),
    ],
)
def test_numbers_and_dates_are_those_of_the_language(code: str, number: str, day: str) -> None:
    assert said_in(language(code), say_count("{n} article", "{n} articles", 1240)) == number
    assert said_in(language(code), say("{day}", day=date(2018, 7, 18))) == day


def test_a_server_that_chose_english_has_the_english_of_its_locale() -> None:
    """And one that chose another language has that."""
    assert language_of_server("en", "en-US") is language_of_server(None, "en-US") is language("en-US")
    assert language_of_server("en", "de") is language("en-GB")
    assert language_of_server("fr", "en-US") is language("fr")


async def test_americans_read_american_in_sentences_too(world: World) -> None:
    async with world.scene() as scene:
        article = scene.add(HELSINKI)
        scene.speak("en-US", server="en-US")
        card = shown(await scene.alice.slash(scene.channel, "article", article=article.id))
        assert "Summarize" in labels(card.components)
        assert "Example News (news.example) · July 18, 2018" in texts(card.components)


def test_french_counts_none_as_one() -> None:
    """The forms of a number are those of the language, not of English."""
    none = say_count("{n} article", "{n} articles", 0)
    assert [said_in(language(code), none) for code in ("de", "fr", "es")] == ["0 Artikel", "0 article", "0 artículos"]


def test_a_reason_begins_its_sentence_in_every_language() -> None:
    """The record has a clause; a heading begins with a capital letter, but a file keeps its name."""
    german = language("de")
    card = words.card_for(InvalidInput(say("the file cannot be read")))
    assert [said_in(spoken, card).heading for spoken in (language("en"), german)] == [
        "The file cannot be read",
        "Die Datei kann nicht gelesen werden",
    ]
    card = words.card_for(InvalidInput(say("{path} is empty", path="story.txt")))
    assert said_in(german, card).heading == "story.txt ist leer"


def test_what_quoth_does_not_speak_is_english() -> None:
    assert language("ja") is language("en-GB") is language(None)
    assert language("es-419") is language(discord.Locale.spain_spanish)


async def test_a_private_answer_is_in_the_persons_language(world: World) -> None:
    """All but the question, the quote and its source."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        scene.speak("de", server="fr")
        result = await scene.ask(private=True)
        assert re.sub("#:~:[^>]*|[0-9a-f]{12}$", "", texts(shown(result).components)).split("\n") == [
            f"### {AMBASSADOR}",
            f"> Russia has agreed to help with North Korea, the president said on Wednesday. **{QUOTED}**",
            "[Helsinki summit](<https://news.example/helsinki>)",
            "-# Example News (news.example) · 18. Juli 2018",
            "-# Wörtlich zitiert aus 1 Artikel. Kennung ",
        ]
        assert labels(shown(result).components) == [
            "Quelle öffnen",
            "Kontext zeigen",
            "Überprüfen",
            "Mehr Zitate",
            "Hilfreich",
            "Nicht hilfreich",
            "Im Kanal teilen",
        ]


async def test_what_all_see_is_in_the_servers_language(world: World) -> None:
    """And what is pressed there, which only the person sees, in the person's."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        scene.speak("de", server="fr")
        answer = shown(await scene.ask())
        assert "\n-# Cité mot pour mot à partir de 1 article. Référence " in texts(answer.components)
        pressed = await scene.alice.click(answer, label="Vérifier")
        assert texts(shown(pressed).components).startswith("### Wort für Wort\nDas Zitat ist Zeichen ")


async def test_what_all_see_although_it_is_no_answer_is_in_the_servers_language(world: World) -> None:
    """Quoth had begun to think where everybody sees it, and that cannot be changed any more."""
    async with world.but(defer_after=0.0).scene() as scene:
        scene.slow_down()
        scene.add(SECRET)
        scene.speak("de", server="es-ES")
        result = await scene.ask(NOWHERE)
        assert not result.ephemeral
        assert texts(shown(result).components).startswith("### No se ha encontrado nada\n")


async def test_a_server_may_choose_its_language(world: World) -> None:
    """For what all see; a person still reads in their own."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        scene.speak("fr", server="fr")
        scene.bot.memory.prefer(scene.guild.id, Preferences(language="es"))
        assert "\n-# Citado palabra por palabra de 1 artículo. Referencia " in texts(
            shown(await scene.ask()).components
        )
        private = shown(await scene.ask(private=True))
        assert "\n-# Cité mot pour mot à partir de 1 article. Référence " in texts(private.components)
        await scene.mention(AMBASSADOR)
        assert "\n-# Citado palabra por palabra de 1 artículo. Referencia " in texts(scene.stored()[-1].components)


async def test_an_error_is_in_the_persons_language(world: World) -> None:
    async with world.scene() as scene:
        scene.speak("de")
        result = await scene.alice.slash(scene.channel, "summarise", article="zebra")
        assert texts(shown(result).components) == (
            "### Kein Artikel oder mehr als einer ist unter „zebra“ zu finden\n/artikelliste zeigt sie alle."
        )


async def test_a_command_that_is_gone_is_told_in_the_persons_language(world: World) -> None:
    async with world.scene(check_errors=False) as scene:
        scene.speak("fr")
        scene.bot.tree.remove_command("articles")
        result = await scene.alice.slash(scene.channel, "articles")
        assert texts(shown(result).components).startswith("### Cette commande vient d’être mise à jour")


async def test_a_mention_is_answered_in_the_servers_language(world: World) -> None:
    """From the first message, which says what Quoth is doing, to the answer."""
    async with world.scene() as scene:
        guild = scene.env.create_guild("Lecteurs", preferred_locale="fr")
        channel, reader = guild.create_text_channel("questions"), guild.add_member(scene.env.create_user("reader"))
        await scene.env.settle()
        scene.add(HELSINKI, guild=guild)
        await reader.send(channel, f"<@{scene.env.backend.bot_user.id}> {AMBASSADOR}")
        assert "Je parcours 1 article…" in str(scene.env.backend.transcript)
        (answer,) = (m for m in scene.env.backend.messages[channel.id].values() if m.author_id != reader.user.id)
        assert "\n-# Cité mot pour mot à partir de 1 article. Référence " in texts(answer.components)


@pytest.mark.parametrize("locale", OTHERS)
async def test_a_form_is_in_the_persons_language_and_fits(world: World, locale: str) -> None:
    """Title, labels and what explains them; what is filled in stays as it is."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        scene.speak(locale)
        role = scene.guild.create_role("Editors", permissions=discord.Permissions(manage_guild=True))
        admin = scene.guild.add_member(scene.env.create_user("admin"), roles=[role])
        forms = [
            await admin.slash(scene.channel, "library paste"),
            await admin.slash(scene.channel, "library edit", article="Helsinki"),
            await admin.slash(scene.channel, "library audience", article="Helsinki"),
            await admin.slash(scene.channel, "settings"),
            await admin.click(shown(await scene.ask()), label="Not helpful"),
        ]
        for form in forms:
            assert form.modal is not None
            _check_form(form.modal)
        assert forms[0].modal is not None
        assert forms[0].modal["title"] == said_in(language(locale), say("Add an article")) != "Add an article"


def _check_form(modal: Any) -> None:
    assert len(modal["title"]) <= 45
    for item in modal["components"]:
        assert 1 <= len(item["label"]) <= 45
        assert len(item.get("description") or "") <= 100
        assert all(1 <= len(option["label"]) <= 100 for option in item["component"].get("options", ()))


async def test_a_reason_that_is_chosen_in_german_is_kept_in_english(world: World) -> None:
    """So that the admins can count it."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        scene.speak("de", server="de")
        asked = await scene.alice.click(shown(await scene.ask()), label="Nicht hilfreich")
        result = await scene.alice.submit_modal(asked, {"reason": ["It is out of date"]})
        assert texts(shown(result).components).startswith("### Danke\n")
        votes = scene.bot.memory._records
        (here,) = votes.guilds("votes")
        assert votes.rows(here, "SELECT reason FROM votes") == [("It is out of date",)]
