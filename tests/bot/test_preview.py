"""The try-out: the real bot and the real model, in a browser."""

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright

from bot.preview import PEOPLE, servers_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
SEEDS = Path(__file__).parents[2] / "seeds"
_START_SECONDS = 180
_ANSWER_MS = 60_000


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _start(home: Path, *options: str, **variables: str) -> Process:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DISCORD_", "QUOTH_"))} | variables
    command = (sys.executable, "-m", "bot", "try", "--home", str(home), *options)
    return await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a running try-out with four of the seed articles; Ctrl-C ends it at the end."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("helsinki-russia-north-korea", "facebook-whatsapp-deal", "notre-dame-fire", "black-hole-first-image"):
        shutil.copy(SEEDS / f"{name}.md", seeds)
    options = ("--port", str(_free_port()), "--seeds", str(seeds))
    process = await _start(tmp_path / "home", *options, DISCORD_TOKEN="x.y.z")
    assert process.stderr is not None
    lines: list[str] = []
    async with asyncio.timeout(_START_SECONDS):
        while not (line := (await process.stderr.readline()).decode()).startswith("Open "):
            assert line, lines
            lines.append(line)
    assert "quoth run" in lines[0]
    yield line.split()[1]
    process.send_signal(signal.SIGINT)
    _, rest = await asyncio.wait_for(process.communicate(), timeout=60)
    assert process.returncode == 0
    assert b"Traceback" not in rest


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    """The try-out's page in a browser."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        page = await browser.new_page(viewport={"width": 1200, "height": 1000})
        await page.goto(address)
        await page.wait_for_selector("#channel-composer-input")
        yield page
        await browser.close()


def _articles() -> str:
    texts = [path.read_text(encoding="utf-8") for path in SEEDS.glob("*.md")]
    return re.sub(r"\s+", " ", " ".join(texts))


async def _quotes(page: Page) -> list[str]:
    """The quoted paragraphs of the last card on the page."""
    shown = await page.locator("blockquote").all_inner_texts()
    return [re.sub(r"\s+", " ", text.split("\n[1]")[0].split("\n")[0]).strip() for text in shown]


async def _enter(page: Page, shown: Locator) -> None:
    """Press Enter until it worked: while the page follows a change of its own, it drops keys."""
    async with asyncio.timeout(_ANSWER_MS / 1000):
        while not await shown.is_visible():
            await page.keyboard.press("Enter")
            await page.wait_for_timeout(500)


async def _type(page: Page, typed: str, shown: Locator) -> None:
    """Type until it worked: the page empties the box, too, while it follows a change of its own."""
    async with asyncio.timeout(_ANSWER_MS / 1000):
        while not await shown.is_visible():
            await page.locator("#channel-composer-input").fill("")
            await page.locator("#channel-composer-input").fill(typed)
            await page.wait_for_timeout(1_000)


@pytest.mark.browser
@pytest.mark.model
async def test_a_newcomer_asks_by_mention_and_by_command_and_reads_quotes(page: Page) -> None:
    """A typed @Quoth is a mention, /ask is a command, and every quote stands in an article."""
    box = page.locator("#channel-composer-input")
    assert "@Quoth" in await page.locator("body").inner_text()
    await box.fill("@Quoth what did Alexander Matsegora tell the RIA Novosti news agency?")
    await _enter(page, page.locator("text=Quoted word for word").first)
    quotes = await _quotes(page)
    assert quotes
    assert all(quote in _articles() for quote in quotes)

    await box.click()
    await page.keyboard.type("/ask")
    await page.locator("text=Ask a question; the answer").first.wait_for(timeout=_ANSWER_MS)
    await page.keyboard.press("Enter")
    await page.keyboard.type("How much did Facebook agree to pay for WhatsApp?")
    await _enter(page, page.locator("text=Ada (admin) used"))
    await page.locator("text=Quoted word for word").nth(1).wait_for(timeout=_ANSWER_MS)
    quotes = await _quotes(page)
    assert all(quote in _articles() for quote in quotes)


@pytest.mark.browser
@pytest.mark.model
async def test_three_people_are_in_two_servers_that_know_nothing_of_each_other(page: Page) -> None:
    """Each sees the commands that are theirs; a link leads to the other server, where other articles are."""
    box = page.locator("#channel-composer-input")
    assert await page.locator("#viewer-picker option").all_inner_texts() == list(PEOPLE)
    for name, role in PEOPLE.items():
        await page.select_option("#viewer-picker", label=name)
        await page.wait_for_function("!document.querySelector('#channel-composer-input').disabled")
        status = page.locator("text=What the library holds")
        if role == "Admins":
            await _type(page, "/library sta", status.first)
        else:
            await box.fill("/library sta")
            await page.wait_for_timeout(1_000)
            assert await status.count() == 0
        await box.fill("")
    other = await page.locator("a:has-text('go to the observatory')").get_attribute("href")
    assert other is not None
    await page.goto(other)
    await page.locator("text=I have read 1 article and").first.wait_for(timeout=_ANSWER_MS)
    await box.fill("@Quoth who is Russia's ambassador to North Korea?")
    await _enter(page, page.locator("text=Nothing found").first)
    assert "Matsegora" not in await page.locator("body").inner_text()


def test_what_is_read_where_is_decided_by_the_articles(tmp_path: Path) -> None:
    """A folder with nothing for the second server makes one; no article is in both."""
    one = servers_of([tmp_path / "mine.md", tmp_path / "yours.txt"])
    assert [server.name for server in one] == ["newsroom"]
    two = servers_of(sorted(SEEDS.glob("*.md")))
    assert len({server.guild_id for server in two}) == 2
    read = [path for server in two for path in server.sources]
    assert sorted(read) == sorted(SEEDS.glob("*.md"))


async def _sentence(process: Process) -> str:
    _, err = await asyncio.wait_for(process.communicate(), timeout=60)
    assert process.returncode == 1
    lines = err.decode().splitlines()
    assert len(lines) == 1
    return lines[0]


async def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    """And at once, before anything slow is begun."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert f"port {port}" in await _sentence(await _start(tmp_path, PORT=str(port)))


async def test_a_folder_without_articles_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("About this folder.", encoding="utf-8")
    process = await _start(tmp_path, "--port", str(_free_port()), "--seeds", str(tmp_path))
    assert "no articles" in await _sentence(process)
