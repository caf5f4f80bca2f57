"""The cases of every command, menu, button, select and form, and the stage on which they are tried."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import simcord

from bot import keys, readers
from bot.remembered import Watch
from tests.bot.conftest import AMBASSADOR, HELSINKI, SECRET, WHATSAPP, Scene, World, shown, texts
from tests.sites import Site, newspaper, served, web_for

SOUP = "What is the secret ingredient of the soup?"
NOWHERE = "can I pay with gold coins?"
UNKNOWN = "0123456789ab"
REMEMBERED = "no longer remembered"
NO_ARTICLE = "### No article, or more than one, goes by"
IN_SERVERS = "### Quoth answers in servers only"


@dataclass
class Stage:
    """A server with an article for all and one for cooks, which neither its admin nor Alice are."""

    scene: Scene
    site: Site
    admin: simcord.MemberActor
    article: keys.Span
    soup: keys.Span

    async def restart(self) -> None:
        """The same bot in another process."""
        await self.scene.env.restart_bot(self.scene.world.client())

    def asked(self, question: str) -> str:
        """The id of an answer that was given some time ago."""
        return self.scene.bot.memory.asked(self.scene.guild.id, self.scene.alice.id, question)

    async def press(self, person: Any, code: str, *, channel: Any = None) -> simcord.InteractionResult:
        """A person presses a button, or chooses from a select, that the bot showed some time ago."""
        channel = channel or self.scene.channel
        item: dict[str, Any] = {"type": 2, "style": 2, "label": "Press", "custom_id": code}
        is_choice = code.startswith("q1:choose")
        code, _, value = code.partition("=")
        if is_choice:
            item = {"type": 3, "custom_id": code, "options": [{"label": "Article", "value": value}]}
        backend, row = self.scene.env.backend, {"type": 1, "components": [item]}
        backend.create_message(channel.id, backend.bot_user.id, "Look", components=[row])
        pressed = (
            person.select(channel.last_message, [value])
            if is_choice
            else person.click(channel.last_message, custom_id=code)
        )
        return await pressed  # type: ignore[no-any-return]


Made = Callable[[Stage], Any]


def seen(result: simcord.InteractionResult) -> str:
    """All that a person sees of what a command or a press led to."""
    form = str(result.modal) if result.modal else ""
    told = texts(shown(result).components) if result.response else ""
    return told + form + "".join(texts(message.components) for message in result.followups)


@asynccontextmanager
async def staged(world: World, **options: Any) -> AsyncIterator[Stage]:
    with served() as site:
        newspaper(site, "/a", "/b")
        async with replace(world, web=web_for(site)).scene(**options) as scene:
            ids = scene.add(HELSINKI).id, scene.add(SECRET, title="Soup", url="https://news.example/soup").id
            cooks = scene.guild.create_role("Cooks")
            with scene.world.open(f"guild-{scene.guild.id}") as library:
                library.limit(ids[1], readers.audience([cooks.id], [], is_adult=False))
            spans = (span_of(article, text) for article, text in zip(ids, (HELSINKI, SECRET), strict=True))
            yield Stage(scene, site, scene.admin(), *spans)


def span_of(article: str, text: str) -> keys.Span:
    end = text.index(". ") + 1
    return keys.Span(article, 0, end, keys.digest(text[:end]))


@dataclass(frozen=True)
class Command:
    """Options that work and what is told then; others that do not; and options about what only cooks may see.

    Commands for admins are not offered to members. ``told`` is a part of the title where a form is shown.
    """

    told: str
    good: Made = lambda _: {}
    bad: Made | None = None
    refused: str = ""
    about_soup: Made | None = None


def _story(name: str = "story.txt") -> Made:
    return lambda _: {"file": (name, WHATSAPP.encode())}


ZEBRA: Made = lambda _: {"article": "zebra"}  # noqa: E731 - one of many small ones
HELSINKI_NAMED: Made = lambda _: {"article": "helsinki"}  # noqa: E731
SOUP_NAMED: Made = lambda stage: {"article": stage.soup.article}  # noqa: E731

COMMANDS = {
    "ask": Command(
        "Matsegora",
        lambda _: {"question": AMBASSADOR},
        lambda _: {"question": AMBASSADOR, "article": "zebra"},
        NO_ARTICLE,
        lambda _: {"question": SOUP},
    ),
    "summarise": Command("### Summary: Helsinki", HELSINKI_NAMED, ZEBRA, NO_ARTICLE, SOUP_NAMED),
    "topic": Command(
        "### Key points",
        lambda _: {"words": "North Korea"},
        lambda _: {"words": "?!"},
        "### ",
        lambda _: {"words": "soup ingredient"},
    ),
    "article": Command("### Helsinki summit", HELSINKI_NAMED, ZEBRA, NO_ARTICLE, SOUP_NAMED),
    "articles": Command(
        "### 1 article",
        bad=lambda _: {"search": "zebra"},
        refused="### No articles matching",
        about_soup=lambda _: {"search": "secret"},
    ),
    "watch": Command(
        "Watched from now on",
        lambda _: {"question": AMBASSADOR},
        lambda _: {"question": "???"},
        "### ",
        lambda _: {"question": SOUP},
    ),
    "privacy": Command("### What is kept of you"),
    "settings": Command("How Quoth answers here"),
    "library add": Command("### 1 added", _story(), lambda _: {"url": "javascript:alert(1)"}, "is no address"),
    "library paste": Command("Add an article"),
    "library refresh": Command("failed", HELSINKI_NAMED, ZEBRA, NO_ARTICLE),
    "library edit": Command("Correct an article", HELSINKI_NAMED, ZEBRA, NO_ARTICLE),
    "library audience": Command("Who may see this article?", HELSINKI_NAMED, ZEBRA, NO_ARTICLE),
    "library remove": Command("### Remove “Helsinki summit”?", HELSINKI_NAMED, ZEBRA, NO_ARTICLE),
    "library feed add": Command(
        "### Subscribed to The Gazette", lambda s: {"url": s.site.url("/feed")}, lambda _: {"url": "zebra"}, "### "
    ),
    "library feed list": Command("### No feeds yet"),
    "library feed remove": Command(
        "### ", lambda s: {"feed": s.site.url("/feed")}, lambda _: {"feed": "zebra"}, "### "
    ),
    "library export": Command("### 2 articles in articles.jsonl"),
    "library import": Command("### 1 added", _story("a.jsonl"), _story("a.exe"), "“a.exe” is no exported file"),
    "library status": Command("### The library of this server"),
}
COMMANDS["library import"] = replace(
    COMMANDS["library import"], good=lambda _: {"file": ("a.jsonl", b'{"text": "The orchestra plays."}')}
)
# A message that works, what is told of it, one that does not, and one about what only cooks may see.
MENUS = {
    "Ask about this": (AMBASSADOR, "Matsegora", "🦉", "### The message holds no words to ask about", SOUP),
    "Summarise this": (HELSINKI, "It was not added", "javascript://zebra", "### ", "soup"),
}


@dataclass(frozen=True)
class Press:
    """A code that works and what is told then; one that does not any more; and one about what only cooks may see."""

    told: str
    good: Made
    bad: Made | None = None
    refused: str = ""
    about_soup: Made | None = None


def _code(key: Callable[[Any], keys.Key], good: Made, bad: Made, soup: Made, *, page: int = keys.BESIDE) -> Any:
    """How the codes of one kind of key are made: from what is good, bad and about soup."""
    return tuple((lambda s, about=about: keys.encode(key(about(s)), page)) for about in (good, bad, soup))


ARTICLE: Made = lambda s: s.article.article  # noqa: E731
OTHERS: Made = lambda s: s.soup.article  # noqa: E731
SPANS = (lambda s: s.article, lambda s: replace(s.article, digest="0000"), lambda s: s.soup)
ASKED = (lambda s: s.asked(AMBASSADOR), lambda _: UNKNOWN, lambda s: s.asked(SOUP))


def _presses() -> Mapping[str, Press]:
    """By the letter of a key, or by what a button does."""

    def press(told: str, refused: str, codes: Any) -> Press:
        return Press(told, codes[0], codes[1], refused, codes[2])

    named = (ARTICLE, lambda _: UNKNOWN, OTHERS)
    words = (lambda _: "North Korea", lambda _: "?!", lambda _: "soup ingredient")
    titles = (lambda _: "", lambda _: "zebra", lambda _: "secret")
    deeds = {does: tuple((lambda s, d=does, a=a: f"q1:{d}:{a(s)}") for a in ASKED) for does in ("tell", "share")}
    return {
        "a": press("Matsegora", "changed since", _code(lambda s: keys.QuotesKey((s,)), *_whole(), page=1)),
        "c": press("### The quote in its context", "changed since", _code(keys.ContextKey, *SPANS)),
        "v": press("### Word for word", "### Changed since", _code(lambda s: keys.VerifyKey((s,)), *SPANS)),
        "m": press("Matsegora", REMEMBERED, _code(keys.MoreKey, *ASKED)),
        "n": press("Matsegora", REMEMBERED, _code(keys.NearestKey, *ASKED)),
        "s": press("### Summary: Hel", NO_ARTICLE, _code(lambda a: keys.SummaryKey(a, "long"), *named)),
        "i": press("### Helsinki summit", NO_ARTICLE, _code(keys.ArticleKey, *named)),
        "t": press("### Key points", "### ", _code(lambda a: keys.TopicKey(a, "short"), *words)),
        "l": press("### 1 article", "### No articles matching", _code(keys.ListKey, *titles, page=1)),
        "yes": Press("### Thank you", lambda s: f"q1:yes:{s.asked(AMBASSADOR)}"),
        "no": Press("What was wrong", lambda s: f"q1:no:{s.asked(AMBASSADOR)}"),
        "tell": press("### The admins will see it", REMEMBERED, deeds["tell"]),
        "share": press("Matsegora", REMEMBERED, deeds["share"]),
        "remove": Press("### Removed", lambda s: f"q1:remove:{ARTICLE(s)}", lambda _: f"q1:remove:{UNKNOWN}", "### "),
        "forget": Press("### Your data is deleted", lambda _: "q1:forget"),
        "unwatch": Press("### You watch no", watched, lambda _: "q1:unwatch:99", "### Your standing questions"),
        "choose": press("### Summary: Hel", NO_ARTICLE, tuple((lambda s, a=a: f"q1:choose={a(s)}") for a in named)),
    }


def _whole() -> tuple[Made, Made, Made]:
    """As ``SPANS``, of the whole article."""

    def whole(stage: Stage) -> keys.Span:
        return replace(stage.article, end=len(HELSINKI), digest=keys.digest(HELSINKI))

    return whole, lambda s: replace(whole(s), digest="0000"), SPANS[2]


def watched(stage: Stage) -> str:
    """A standing question of Alice's, which stays until the button that ends it is pressed."""
    memory, scene = stage.scene.bot.memory, stage.scene
    if not memory.watches(scene.guild.id):
        memory.watch(Watch(0, scene.guild.id, scene.alice.id, scene.channel.id, NOWHERE, "en-GB"))
    return f"q1:unwatch:{memory.watches(scene.guild.id)[0].id}"


PRESSES = _presses()


@dataclass(frozen=True)
class Filling:
    """What shows a form, what is filled in, and what is told then; and what does not do."""

    shown_by: tuple[str, Made]
    good: Mapping[str, Any]
    told: str
    bad: Mapping[str, Any] | None = None
    refused: str = ""


EDITED = {"title": "The summit", "source": "Gazette", "author": "", "published": "", "url": ""}
PASTED = {"text": WHATSAPP, "title": "", "source": "", "published": "", "url": ""}
CHOSEN = {"style": ["default"], "language": ["de"]}
FORMS = {
    "why": Filling(("no", PRESSES["no"].good), {"reason": ["It is out of date"]}, "### Thank you"),
    "paste": Filling(
        ("library paste", lambda _: {}), PASTED, "### 1 added", PASTED | {"published": "soon"}, "“soon” is no date"
    ),
    "edit": Filling(
        ("library edit", HELSINKI_NAMED),
        EDITED,
        "### The summit",
        EDITED | {"published": "soon"},
        "'soon' is no date",
    ),
    "audience": Filling(("library audience", HELSINKI_NAMED), {"adults": True}, "Only those whom you chose"),
    "settings": Filling(("settings", lambda _: {}), CHOSEN, "Language: Deutsch"),
}
