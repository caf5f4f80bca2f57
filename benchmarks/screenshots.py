"""Pictures of every card for docs/cards.md, from the try-out with the demo articles: ``make screenshots``.

The page is used as a person would: typing, pressing, and looking at the message that appears.
"""

import asyncio
import re
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page, async_playwright

from benchmarks.report import ROOT

FOLDER = ROOT / "docs" / "cards"
_BROWSER = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()
_PORT = 8091
_WIDTH, _HEIGHT = 950, 2400  # as wide as a card, and so high that none needs scrolling
_MARGIN = 8
_COLOURS = 48  # of a picture: flat areas and text need no more
_WAIT_MS = 90_000
_SUGGESTED_MS = 1_500  # the page asks the bot for suggestions
_BOX = "#channel-composer-input"
_MESSAGES = "article.channel-message"
# An article of the demo that the server of these pictures does not have, and how much of it a form takes.
_PASTED = ROOT / "seeds" / "black-hole-first-image.md"
_PASTED_LENGTH = 2_000


@dataclass
class Album:
    """The page, and the pictures that are taken of it."""

    page: Page

    async def say(self, text: str) -> None:
        """Send a message and wait for what the bot makes of it."""
        await self._shown_after(self._enter(text))

    async def command(self, name: str, value: str = "", *, option: bool = False) -> None:
        """Send a slash command with a value for its first option, which has to be chosen where it is an ``option``."""
        await self._begin(name)
        if option:
            await self.page.keyboard.press("Enter")
        await self.page.keyboard.type(value)
        await self.page.wait_for_timeout(_SUGGESTED_MS)
        if await self.page.locator("[role=option]").count() and value:
            await self.page.keyboard.press("Enter")
        await self._shown_after(self.page.locator("#send-message").click())

    async def press(self, label: str) -> None:
        """Press the last button of that name."""
        await self._shown_after(self._button(label).click())

    async def form(self, label: str) -> Locator:
        """Press the last button of that name, which opens a form."""
        await self._button(label).click()
        return await self._dialog()

    async def opened(self, name: str, value: str = "") -> Locator:
        """Send a slash command that opens a form, with a value for its first option."""
        await self._begin(name)
        await self.page.keyboard.type(value)
        await self.page.wait_for_timeout(_SUGGESTED_MS)
        if value:
            await self.page.keyboard.press("Enter")
        await self.page.locator("#send-message").click()
        return await self._dialog()

    async def show(self, name: str, form: Locator) -> None:
        """Keep a picture of a form, and close it."""
        await self.take(name, form)
        await form.get_by_role("button", name="Cancel").click()

    async def paste(self) -> None:
        """Fill in the form for an article, and send it."""
        form = await self.opened("library paste")
        for field, text in _pasted().items():
            await form.locator(f"[name={field}]").fill(text)
        await self._shown_after(form.get_by_role("button", name="Submit").click())

    async def take(self, name: str, what: Locator | None = None) -> None:
        """Keep a picture of the last message, or of something else."""
        await self.page.evaluate("document.activeElement.blur()")
        await self.page.mouse.move(0, 0)
        target = what or self.page.locator(_MESSAGES).last
        await target.scroll_into_view_if_needed()
        path, box = FOLDER / f"{name}.png", await target.bounding_box()
        assert box is not None
        top = box["y"] - _MARGIN
        clip = FloatRect(x=box["x"], y=top, width=box["width"], height=box["height"] + _MARGIN)
        await self.page.screenshot(path=path, clip=clip)
        Image.open(path).convert("RGB").quantize(_COLOURS).save(path, optimize=True)
        print(f"{name}: {path.stat().st_size // 1024} KiB")

    def _button(self, label: str) -> Locator:
        return self.page.locator(_MESSAGES).get_by_role("button", name=label, exact=True).last

    async def _dialog(self) -> Locator:
        dialog = self.page.get_by_role("dialog").last
        await dialog.wait_for(timeout=_WAIT_MS)
        await self.page.wait_for_timeout(500)
        return dialog

    async def _enter(self, text: str) -> None:
        await self.page.locator(_BOX).fill(text)
        await self.page.keyboard.press("Enter")

    async def _begin(self, name: str) -> None:
        await self.page.locator(_BOX).click()
        await self.page.keyboard.type(f"/{name}")
        await self.page.wait_for_timeout(_SUGGESTED_MS)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_timeout(_SUGGESTED_MS)

    async def _shown_after(self, doing: Awaitable[object]) -> None:
        """Do something, and wait until the message that follows is there and no longer changes."""
        before = await self._last()
        await doing
        async with asyncio.timeout(_WAIT_MS / 1000):
            while await self._last() == before or "Looking through" in await self._last():
                await self.page.wait_for_timeout(300)
        text = ""
        while text != await self._last():
            text = await self._last()
            await self.page.wait_for_timeout(1_000)

    async def _last(self) -> str:
        return str(await self.page.locator(_MESSAGES).last.inner_text())


def _pasted() -> dict[str, str]:
    """What somebody would fill into the form."""
    _, known, text = _PASTED.read_text(encoding="utf-8").split("---\n", 2)
    facts = dict(line.split(": ", 1) for line in known.splitlines())
    body = text[: text.rindex("\n\n", 0, _PASTED_LENGTH)].strip()
    return {"title": facts["title"], "text": body, "source": facts["source"], "published": facts["date"]}


async def take_all(album: Album) -> None:
    """Every kind of card, in an order in which each has what it needs."""
    await album.command("summarise")
    await album.take("error")
    await album.say("@Quoth who is Russia's ambassador to North Korea?")
    await album.take("answer")
    await album.press("Show context 1")
    await album.take("context")
    await album.press("Verify")
    await album.take("verify")
    await album.show("not-helpful", await album.form("Not helpful"))
    await album.say('@Quoth when was the first stone of Notre-Dame laid "in 1163"?')
    await album.take("one-quote")
    await album.say("@Quoth which bridge was closed in Paris?")
    await album.take("nothing")
    await album.press("Show the nearest passages")
    await album.take("nearest")
    await album.command("summarise", "Notre-Dame", option=True)
    await album.take("summary")
    await album.command("topic", "the rescue from a cave in Thailand")
    await album.take("topic")
    await album.command("article", "trillion")
    await album.take("article")
    await album.command("articles")
    await album.take("articles")
    await album.command("privacy")
    await album.take("privacy")
    await album.paste()
    await album.take("added")
    await album.command("watch", "which bridge was closed in Paris?", option=True)
    await album.take("watch")
    await album.command("library status")
    await album.take("status")
    await album.show("audience", await album.opened("library audience", "Notre-Dame"))
    await album.show("settings", await album.opened("settings"))


@asynccontextmanager
async def _try_out() -> AsyncIterator[str]:
    """The address of a try-out of its own."""
    with TemporaryDirectory() as home:
        command = (sys.executable, "-m", "bot", "try", "--home", home, "--port", str(_PORT))
        process = await asyncio.create_subprocess_exec(*command, stderr=PIPE)
        assert process.stderr is not None
        try:
            async for line in process.stderr:
                if address := re.match(r"Open (\S+)", line.decode()):
                    yield address[1]
                    break
        finally:
            process.terminate()
            await process.wait()


async def main() -> None:
    """Take all pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    async with _try_out() as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_BROWSER)
        page = await browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        await page.goto(address)
        await page.wait_for_selector(_BOX)
        await take_all(Album(page))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
