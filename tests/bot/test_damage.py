"""Files that the disk damaged: refused with what to do, or begun anew; members learn nothing of where they lie."""

import contextlib
import logging
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.doctor import examine_discord
from bot.memory import Memory
from bot.preferences import Preferences
from bot.remembered import Watch
from retrieval import StoreError
from retrieval.store.homes import library_path
from tests.bot.conftest import AMBASSADOR, HELSINKI, WHATSAPP, World, shown, texts

_FLIPS = 60


def _opened(home: Path) -> Memory:
    return Memory(home, days=7, departed_days=14)


@pytest.fixture
def remembered(tmp_path: Path) -> Path:
    """A home in which something of every kind is remembered."""
    home = tmp_path / "home"
    home.mkdir()
    with closing(_opened(home)) as memory:
        for number in range(40):
            answer = memory.asked(1, number, f"Who paid for bridge {number}?")
            memory.vote(1, answer, number, is_helpful=False, reason="wrong")
            memory.tell(1, f"Who paid for bridge {number}?")
        memory.prefer(1, Preferences(private=True))
        memory.watch(Watch(0, 1, 2, 3, "Who paid for the bridge?", "en-GB"))
        memory.left(4)
    return home


def _used(home: Path) -> None:
    with closing(_opened(home)) as memory:
        memory.votes(1), memory.gaps(1), memory.watches(1), memory.departed(), memory.preferences(1)
        memory.asked(1, 2, "Who paid?")
        memory.vote(1, "0" * 12, 2, is_helpful=True)


def _damages(content: bytes) -> Iterator[bytes]:
    """Cut off and with single bits turned, at places of chance."""
    chance = random.Random(8)
    for length in (1, len(content) - 1, *(chance.randrange(len(content)) for _ in range(8))):
        yield content[:length]
    for _ in range(_FLIPS):
        at, bit = chance.randrange(len(content)), chance.randrange(8)
        yield content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def test_what_is_remembered_is_refused_with_what_to_do_where_it_is_damaged(remembered: Path, tmp_path: Path) -> None:
    """No backup holds it; moved away, everything begins anew."""
    cures = []
    for content in _damages((remembered / "servers.sqlite3").read_bytes()):
        home = shutil.copytree(remembered, tmp_path / "damaged")
        (home / "servers.sqlite3").write_bytes(content)
        try:
            _used(home)
        except StoreError as error:
            cures.append(error.hint)
            (home / "servers.sqlite3").unlink()
            _used(home)
        shutil.rmtree(home)
    assert len(cures) > 5
    assert all("Move this file away" in cure for cure in cures)


def test_damaged_questions_are_begun_anew(remembered: Path, caplog: pytest.LogCaptureFixture) -> None:
    """They are of some days, and no reason to answer nobody; votes and settings stay."""
    (remembered / "questions.sqlite3").write_bytes(b"Dear diary, " * 99)
    with closing(_opened(remembered)) as memory:
        answer = memory.asked(1, 2, "Who paid?")
        assert memory.recalled(1, answer) == ("Who paid?", ())
        assert memory.votes(1).not_helpful == 40
    assert "the questions of the last 7 days are forgotten" in caplog.text


def test_the_doctor_finds_damage_to_what_is_remembered(remembered: Path) -> None:
    """And changes nothing."""
    assert [check.name for check in examine_discord(remembered) if not check.well] == []
    file = remembered / "servers.sqlite3"
    content = bytearray(file.read_bytes())
    content[4_096:8_192] = bytes(4_096)
    file.write_bytes(content)
    (problem,) = [check for check in examine_discord(remembered) if not check.well]
    assert problem.name == "what is remembered"
    assert "Move this file away" in problem.advice
    assert file.read_bytes() == content


async def test_a_member_who_asks_a_damaged_library_learns_a_reference(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """What happened and what to do stands in the log, as an error: no file's place is anybody's business."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        file = library_path(world.home, f"guild-{scene.guild.id}")
        shutil.rmtree(file.parent / "index", ignore_errors=True)
        file.write_bytes(b"Dear diary, " * 99)
        told = texts(shown(await scene.ask()).components)
    assert "What is stored for this server cannot be used just now" in told
    assert str(world.home) not in told
    (logged,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "Restore a backup with quoth restore" in logged.getMessage()
    assert logged.getMessage().split("reference ")[1][:6] in told


def _fill(folder: Path) -> None:
    with (folder / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (65_536, 512, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


async def test_a_full_disk_stops_no_answer(world: World, disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The question is not remembered, which the log says; what is written anew is refused in words, and once."""
    async with replace(world, home=disk / "home").scene() as scene:
        scene.add(HELSINKI)
        await scene.ask()
        _fill(disk)
        told = texts(shown(await scene.ask()).components)
        await scene.mention(AMBASSADOR)
        mentioned = texts(scene.stored()[-1].components)
        added = await scene.admin().slash(scene.channel, "library add", file=("deal.txt", WHATSAPP.encode()))
        refused = texts(shown(added).components)
    assert "Matsegora" in told
    assert "Matsegora" in mentioned
    assert "A question cannot be remembered" in caplog.text
    assert "What is stored for this server cannot be used just now" in refused


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_file_that_the_disk_has_no_room_for_is_refused_in_words(
    world: World, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container what is attached lies in memory for a moment, beside that of other servers."""
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    async with world.scene() as scene:
        added = await scene.admin().slash(scene.channel, "library add", file=("deal.txt", WHATSAPP.encode() * 20_000))
    assert texts(shown(added).components).startswith("### There is no room to read “deal.txt” just now")
    assert _names(disk) == []


def test_the_doctor_calls_nothing_damaged_where_the_disk_is_full(disk: Path) -> None:
    """To move the file away would help nobody."""
    home = disk / "home"
    home.mkdir()
    _opened(home).close()
    _fill(disk)
    problems = [check for check in examine_discord(home) if not check.well]
    assert all("damaged" not in check.finding and "Move this file" not in check.advice for check in problems)
