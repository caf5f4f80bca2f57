"""Pages and feeds in Discord: added by their address, asked for what is new, and shown where that is wanted."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import simcord

from bot import readers
from bot.library import keeping
from bot.preferences import Preferences
from retrieval import Library
from tests.bot.conftest import HELSINKI, Scene, World, labels, shown, texts
from tests.sites import Reply, Site, newspaper, page, served, web_for


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        newspaper(site, "/a", "/b")
        yield site


@pytest.fixture
def reading(world: World, site: Site) -> World:
    """A world whose libraries may visit the site."""
    return replace(world, web=web_for(site))


async def _do(scene: Scene, command: str, who: simcord.MemberActor | None = None, **options: Any) -> str:
    """What an admin is told who looks after the library."""
    result = await (who or scene.admin()).slash(scene.channel, f"library {command}", **options)
    assert result.ephemeral
    return texts(shown(result).components)


def _titles(world: World, scene: Scene) -> list[str]:
    with world.open(f"guild-{scene.guild.id}") as library:
        return [article.title for article in library.articles()]


async def test_a_page_is_added_by_its_address(reading: World, site: Site) -> None:
    """What is said of it goes before what it says itself; another time it is unchanged."""
    async with reading.scene() as scene:
        told = await _do(scene, "add", url=site.url("/a"), title="The bridge")
        assert told.startswith("### 1 added\n[The bridge]")
        assert "The Gazette (news.example) · 1 May 2024" in told
        again = await _do(scene, "add", url=site.url("/b"))
        assert again.startswith("### 1 added\n[Story b]")
        assert (await _do(scene, "add", url=site.url("/b"))).startswith("### 1 unchanged")


async def test_the_pages_of_a_sitemap_are_added_by_its_address(reading: World, site: Site) -> None:
    """Another time there is nothing to add: what the library has did not change."""
    listed = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in ("/a", "/b"))
    site.pages["/sitemap.xml"] = Reply(f"<urlset>{listed}</urlset>", kind="application/xml")
    async with reading.scene() as scene:
        assert (await _do(scene, "add", url=site.url("/sitemap.xml"))).startswith("### 2 added")
        assert _titles(reading, scene) == ["Story a", "Story b"]
        assert "There was nothing to add" in await _do(scene, "add", url=site.url("/sitemap.xml"))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://169.254.169.254/latest/", "leads to no public address"),
        ("javascript:alert(1)", "is no address"),
    ],
)
async def test_what_may_not_be_visited_is_told_in_words(world: World, url: str, told: str) -> None:
    """And nothing is added."""
    async with world.scene() as scene:
        assert told in await _do(scene, "add", url=url)
        assert _titles(world, scene) == []


async def test_one_person_and_one_server_have_so_many_visits_in_an_hour(reading: World, site: Site) -> None:
    """Nobody can send the bot to a site without end, not through several people either."""
    enough = reading.but(person_visits=2, server_visits=3)
    async with enough.scene() as scene:
        url, boss = site.url("/a"), scene.admin()
        for command, options in (("add", {"url": url}), ("refresh", {})):
            assert "for you" not in await _do(scene, command, boss, **options)
        for command, options in (("add", {"url": url}), ("refresh", {}), ("feed add", {"url": url})):
            told = await _do(scene, command, boss, **options)
            assert told == "### Quoth visited enough sites for you in this hour\nTry again in 60 minutes."
        assert "1 unchanged" in await _do(scene, "refresh")  # by another admin
        told = await _do(scene, "refresh")
        assert told == "### Quoth visited enough sites for this server in this hour\nTry again in 60 minutes."
        summary = await scene.alice.slash(scene.channel, "summarise", article=url)
        assert "for this server" in texts(shown(summary).components)


async def test_links_in_messages_and_sitemaps_are_visits_as_well(reading: World, site: Site) -> None:
    """For each person, and for the server; what needs no visit goes on, and a refused one makes none."""
    listed = f"<url><loc>{site.url('/a')}</loc></url>"
    site.pages["/sitemap.xml"] = Reply(f"<urlset>{listed}</urlset>", kind="application/xml")
    async with reading.but(person_visits=2, server_visits=3).scene() as scene:

        async def summarised(who: simcord.MemberActor, text: str) -> str:
            """What the menu of a message tells a person."""
            message = await scene.alice.send(scene.channel, text)
            return texts(shown(await who.context_menu(scene.channel, "Summarise this", message)).components)

        for _ in range(2):
            assert "It was not added" in await summarised(scene.alice, site.url("/b"))
        visited = len(site.asked)
        assert "enough sites for you" in await summarised(scene.alice, site.url("/b"))
        assert "It was not added" in await summarised(scene.alice, HELSINKI)
        boss = scene.admin()
        assert len(site.asked) == visited
        assert (await _do(scene, "add", boss, url=site.url("/sitemap.xml"))).startswith("### 1 added")
        visited = len(site.asked)
        assert "enough sites for this server" in await _do(scene, "add", boss, url=site.url("/sitemap.xml"))
        assert "enough sites for you" in await summarised(boss, site.url("/b"))
        assert len(site.asked) == visited


async def test_articles_are_fetched_again(reading: World, site: Site) -> None:
    """One or all; what has changed is updated, and what has no address stays."""
    async with reading.scene() as scene:
        for path in ("/a", "/b"):
            await _do(scene, "add", url=site.url(path))
        scene.add("A story without an address. It stays as it is.", title="Pasted", url=None)
        site.pages["/a"] = Reply(page("Story a", "Another text of the story. It has two sentences now."))
        assert (await _do(scene, "refresh", article="story b")).startswith("### 1 unchanged")
        assert (await _do(scene, "refresh")).startswith("### 1 unchanged, 1 updated")
        assert "no address to fetch" in (await _do(scene, "refresh", article="Pasted")).casefold()


async def test_a_page_that_moved_is_the_same_article_for_the_same_people(reading: World, site: Site) -> None:
    """A redirect, or another canonical address, must not make a second article that everybody may see."""
    async with reading.scene() as scene:
        admin = scene.admin()
        for path, moved in (("/a", "/new-a"), ("/b", "/new-b")):
            await _do(scene, "add", url=site.url(path))
            form = await admin.slash(scene.channel, "library audience", article=f"Story {path[1:]}")
            await admin.submit_modal(form, {"roles": [scene.guild.create_role("Editors")]})
            site.pages[moved] = site.pages[path]
        site.pages["/a"] = Reply(status=301, headers={"Location": site.url("/new-a")})
        canonical = f'<link rel="canonical" href="{site.url("/new-b")}">'
        site.pages["/b"] = Reply(
            page("Story b", "Another text of the story. It has two sentences now.", head=canonical)
        )
        assert "1 unchanged, 1 updated" in await _do(scene, "refresh")
        assert _titles(reading, scene) == ["Story a", "Story b"]
        assert "Story" not in texts(shown(await scene.alice.slash(scene.channel, "articles")).components)


async def test_what_was_corrected_stays_when_a_page_is_fetched_again(reading: World, site: Site) -> None:
    """Its text is what is fetched; what nobody knew yet is taken from the page."""
    async with reading.scene() as scene:
        admin = scene.admin()
        await _do(scene, "add", url=site.url("/a"))
        form = await admin.slash(scene.channel, "library edit", article="Story a")
        filled = {"title": "The bridge", "source": "", "author": "Ada", "published": "2024-04-30"}
        await admin.submit_modal(form, {**filled, "url": site.url("/a")})
        site.pages["/a"] = Reply(page("Story a", "Another text of the story. It has two sentences now."))
        told = await _do(scene, "refresh")
        assert told.startswith("### 1 updated\n[The bridge]")
        assert "The Gazette (news.example) · 30 April 2024" in told
        assert "Ada" in texts(shown(await scene.alice.slash(scene.channel, "article", article="bridge")).components)


async def test_a_feed_is_subscribed_to_listed_and_ended(reading: World, site: Site) -> None:
    """Its articles come at once, and stay afterwards."""
    async with reading.scene() as scene:
        told = await _do(scene, "feed add", url=site.url("/feed"))
        assert told.startswith("### Subscribed to The Gazette")
        assert "Story a" in told
        assert "1 feed" in await _do(scene, "status")
        listed = await _do(scene, "feed list")
        assert listed.startswith("### 1 feed\n[The Gazette]")
        assert "2 articles" in listed
        (choice,) = await scene.admin().autocomplete(scene.channel, "library feed remove", "feed", "gaz")
        assert (await _do(scene, "feed remove", feed=choice["value"])).startswith("### No longer subscribed to")
        assert (await _do(scene, "feed list")).startswith("### No feeds yet")
        assert _titles(reading, scene) == ["Story a", "Story b"]


async def test_what_is_no_feed_is_told(reading: World, site: Site) -> None:
    async with reading.scene() as scene:
        assert "### " in await _do(scene, "feed add", url=site.url("/a"))
        assert (await _do(scene, "feed remove", feed="http://nowhere.example")).startswith("### ")
        assert (await _do(scene, "feed list")).startswith("### No feeds yet")


async def test_new_articles_are_shown_in_the_channel_for_them(reading: World, site: Site) -> None:
    """With key points, once, and mentioning nobody; many are not shown one by one."""
    async with reading.scene() as scene:
        news = scene.guild.create_text_channel("news")
        scene.bot.memory.prefer(scene.guild.id, Preferences(announcements=news.id))
        await _do(scene, "feed add", url=site.url("/feed"))
        newspaper(site, *(f"/{number}" for number in range(7)))
        _due(reading, scene)
        await scene.bot.go_round()
        sent = [message for _, message in sorted(scene.env.backend.messages[news.id].items())]
        told = [texts(message.components) for message in sent]
        assert [text.split("\n")[0].startswith("### Story") for text in told] == [True] * 5 + [False]
        assert told[-1].startswith("### 2 more new articles")
        assert "> " in told[0]
        assert all(message.allowed_mentions.users == frozenset() for message in sent)
        _due(reading, scene)
        await scene.bot.go_round()
        assert len(scene.env.backend.messages[news.id]) == 6


@pytest.mark.parametrize(("after", "listed"), [("polled", 2), ("still_there", 4)])
async def test_what_not_all_may_see_who_read_there_is_not_shown_as_new(
    reading: World, site: Site, monkeypatch: pytest.MonkeyPatch, after: str, listed: int
) -> None:
    """Not as a card, nor in the list of more, nor counted: be it limited before they are shown, or meanwhile."""
    async with reading.scene() as scene:
        news = scene.guild.create_text_channel("news")
        editors = readers.audience([scene.guild.create_role("Editors").id], [], is_adult=False)
        hidden = {"Story 1", "Story 4", "Story 6"} if after == "polled" else {"Story 3", "Story 6"}
        scene.bot.memory.prefer(scene.guild.id, Preferences(announcements=news.id))
        await _do(scene, "feed add", url=site.url("/feed"))
        newspaper(site, *(f"/{number}" for number in range(10)))
        step, was_limited = getattr(keeping, after), False

        def then_limited(library: Library, *args: Any, **more: Any) -> Any:
            """As it is; then an admin limits some of the articles, once."""
            nonlocal was_limited
            given = step(library, *args, **more)
            with reading.open(f"guild-{scene.guild.id}") as whole:
                for article in () if was_limited else whole.articles():
                    if article.title in hidden:
                        whole.limit(article.id, editors)
            was_limited = True
            return given

        monkeypatch.setattr(keeping, after, then_limited)
        _due(reading, scene)
        await scene.bot.go_round()
        told = [texts(m.components) for _, m in sorted(scene.env.backend.messages[news.id].items())]
        assert not [title for title in hidden if title in "".join(told)]
        shown_as_cards = [text.split("\n")[0] for text in told]
        assert len(shown_as_cards) + listed - 1 == 10 - len(hidden)
        assert shown_as_cards[-1] == f"### {listed} more new articles"
        assert hidden <= set(_titles(reading, scene))


async def test_without_a_channel_new_articles_are_added_silently(reading: World, site: Site) -> None:
    async with reading.scene() as scene:
        await _do(scene, "feed add", url=site.url("/feed"))
        before = len(scene.stored())
        newspaper(site, "/c")
        _due(reading, scene)
        await scene.bot.go_round()
        assert "Story c" in _titles(reading, scene)
        assert len(scene.stored()) == before


async def test_a_link_is_summarised_without_adding_it(reading: World, site: Site) -> None:
    """By /summarise or from a message; an article of the library is summarised as such."""
    async with reading.scene() as scene:
        url = site.url("/a")
        result = await scene.alice.slash(scene.channel, "summarise", article=url)
        text = texts(shown(result).components)
        assert text.startswith("### Summary: Story a")
        assert "It was not added to the articles." in text
        assert result.ephemeral
        said = await scene.alice.send(scene.channel, url)
        menu = await scene.alice.context_menu(scene.channel, "Summarise this", said)
        assert "It was not added to the articles." in texts(shown(menu).components)
        assert _titles(reading, scene) == []
        await _do(scene, "add", url=url)
        known = shown(await scene.alice.slash(scene.channel, "summarise", article=url))
        assert "It was not added" not in texts(known.components)
        assert "Longer" in labels(known.components)


def _due(world: World, scene: Scene) -> None:
    """Every feed of the server is to be asked again now."""
    with world.open(f"guild-{scene.guild.id}") as library:
        store: Any = library._store
        with store._file.transaction():
            store._file.execute("UPDATE feeds SET next_poll = '2000-01-01T00:00:00+00:00'")
