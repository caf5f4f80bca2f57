"""The process apart: hostile pages end with an error, and this process lives."""

import contextlib
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Pipe

import pytest

from retrieval.errors import DamagedFile, LockedFile, PicturesOnly, TooElaborate, UnreadableFile, WrongContent
from retrieval.extraction.apart import Allowance, Worker, serve
from retrieval.extraction.feeds import parse
from retrieval.extraction.kinds import extract_file
from retrieval.extraction.pages import extract
from tests.articles import BRIDGE
from tests.conftest import ROOT
from tests.made import Chapter, column, docx, epub, paragraph, pdf
from tests.sites import item, page, rss

PAGE = page("Bridge closed", BRIDGE).encode()
FEED = rss(item("https://news.example/a", "A"), title="Gazette").encode()


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


def test_a_page_is_read_as_it_would_be_here(worker: Worker) -> None:
    """Nothing is lost on the way."""
    found = worker.page(PAGE, name="page", address="https://news.example/b?utm_source=x")
    assert found == extract(PAGE, name="page", address="https://news.example/b?utm_source=x")
    assert worker.feed(FEED, address="https://news.example/f") == parse(FEED, address="https://news.example/f")


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".pdf", pdf([column("The ferry sails again since Monday.")], info={"CreationDate": "D:20240501"})),
        (".docx", docx(paragraph(BRIDGE))),
        (".epub", epub(Chapter("a.xhtml", f"<body><p>{BRIDGE}</p></body>"))),
        (".html", PAGE),
    ],
    ids="pdf docx epub html".split(),
)
def test_a_file_is_read_as_it_would_be_here(worker: Worker, suffix: str, content: bytes) -> None:
    """Of every kind, with its chapters."""
    found = worker.file(content, name="a", suffix=suffix)
    assert found == extract_file(content, name="a", suffix=suffix)
    assert len(found.pages) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [(pdf([[]], is_locked=True), LockedFile), (b"%PDF", DamagedFile), (pdf([[]]), PicturesOnly)],
    ids="locked damaged scanned".split(),
)
def test_why_a_file_is_refused_there_is_said_here(worker: Worker, content: bytes, kind: type[UnreadableFile]) -> None:
    with pytest.raises(kind, match=r"^ferry\.pdf "):
        worker.file(content, name="ferry.pdf", suffix=".pdf")


def test_files_that_were_tampered_with_end_with_an_error(worker: Worker) -> None:
    """Cut off or with wrong bytes, anywhere: a sentence or a text, and the next file is read."""
    chance = random.Random(7)
    for suffix, whole in (
        (".pdf", pdf([column("The ferry sails again since Monday.")] * 3)),
        (".docx", docx(paragraph(BRIDGE))),
        (".epub", epub(Chapter("a.xhtml", f"<body><p>{BRIDGE}</p></body>"))),
    ):
        for _ in range(40):
            broken = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.3 else whole)
            for _ in range(chance.randrange(8)):
                if broken:
                    broken[chance.randrange(len(broken))] = chance.randrange(256)
            with contextlib.suppress(UnreadableFile, TooElaborate):
                worker.file(bytes(broken), name="a", suffix=suffix)
        assert worker.file(whole, name="a", suffix=suffix).pages[0].text


def test_what_is_refused_there_is_refused_here(worker: Worker) -> None:
    """With the same words."""
    with pytest.raises(UnreadableFile, match="page holds no article"):
        worker.page(b"<html>", name="page")
    with pytest.raises(WrongContent, match="no feed"):
        worker.feed(b"hello", address="https://news.example/f")


@pytest.mark.parametrize(
    "hostile",
    [
        b"<div>" * 16_000 + PAGE + b"</div>" * 16_000,
        b"<b><i><p>" * 20_000 + PAGE,
        b"<p title='" + b"x" * 9_000_000 + b"'>" + PAGE,
        b"<a " + b"a=1 " * 200_000 + b">" + PAGE,
        b"<table><tr><td>" * 5_000 + PAGE,
        b"&lt;" * 1_000_000 + PAGE,
        b"<!--" * 10_000 + PAGE,
        b"\xff" * 100_000 + PAGE,
    ],
    ids="nested unclosed long-attribute attributes tables entities comments bytes".split(),
)
def test_a_hostile_page_is_read_or_refused_in_a_sentence(hostile: bytes) -> None:
    """In bounded time, and the next page is read."""
    with Worker(Allowance(seconds=6.0, processor=4)) as worker:
        begin = time.monotonic()
        with contextlib.suppress(TooElaborate, UnreadableFile):
            assert worker.page(hostile, name="page").text
        assert time.monotonic() - begin < 15
        assert "cracks in two" in worker.page(PAGE, name="page").text


@pytest.mark.parametrize(
    "allowance",
    [Allowance(seconds=0.001), Allowance(processor=0), Allowance(memory=100_000_000)],
    ids="clock processor memory".split(),
)
def test_each_limit_ends_the_page_alone(allowance: Allowance) -> None:
    """The clock, the processor, the memory: the parent says which page it was, and starts anew."""
    heavy = b"<p>hello.</p>" * 500_000
    with Worker(allowance) as worker:
        for _ in range(2):
            with pytest.raises(TooElaborate, match=r"^heavy takes too long or too much memory"):
                worker.page(heavy, name="heavy")
            assert worker._process is None


def test_a_process_that_dies_is_replaced() -> None:
    """Whatever killed it."""
    with Worker() as worker:
        worker.page(PAGE, name="page")
        process = worker._process
        assert process
        process.kill()
        with pytest.raises(TooElaborate):
            worker.page(PAGE, name="page")
        assert "cracks in two" in worker.page(PAGE, name="page").text
        again = worker._process
        assert again
        assert again.pid != process.pid
    assert again.returncode is not None
    worker.close()


def test_the_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch, worker: Worker) -> None:
    """Of this one's environment it gets nothing."""
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    with Worker() as fresh:
        fresh.page(PAGE, name="page")
        assert fresh._process
        try:
            with open(f"/proc/{fresh._process.pid}/environ", "rb") as environment:  # noqa: PTH123 - not on every system
                assert b"secret" not in environment.read()
        except FileNotFoundError:
            pytest.skip("this system shows no process's environment")


def test_the_server_in_the_process_answers_until_it_is_left() -> None:
    """One answer a question; what is refused has its words; then it ends."""
    ours, theirs = Pipe()
    turns: list[int] = []
    thread = threading.Thread(target=serve, args=(theirs, lambda: turns.append(1)))
    thread.start()
    for content, expected in ((PAGE, "text"), (b"<html>", "error")):
        ours.send_bytes(json.dumps({"job": "page", "arguments": {"name": "page"}}).encode())
        ours.send_bytes(content)
        assert expected in json.loads(ours.recv_bytes())
    ours.close()
    thread.join(5)
    assert not thread.is_alive()
    assert turns == [1, 1]
    theirs.close()


def test_the_limits_are_the_processs_own() -> None:
    """Its memory, its files and its time; set in a child that does nothing else."""
    code = (
        "import resource; from retrieval.extraction.apart import *;"
        "confine(Allowance(memory=3_000_000_000)); limit_processor(5);"
        "print(*(resource.getrlimit(getattr(resource, f'RLIMIT_{name}'))[0] for name in 'AS FSIZE CORE CPU'.split()))"
    )
    # An environment of its own: what measures coverage could not write its file any more.
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    memory, files, core, processor = map(int, ran.stdout.split())
    assert (files, core) == (0, 0)
    assert 5 <= processor < 60
    assert memory == 3_000_000_000 or sys.platform == "darwin"
