"""A server may be slow, send much, or lie about how much: each has a bound."""

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from retrieval.errors import (
    TooLarge,
    TooSlow,
    Unreachable,
    WrongContent,
)
from retrieval.web.client import Limits
from tests.sites import HOST, PAGE, START, Raw, Reply, Site, is_a_sentence, web_for

SHORT = Limits(connect=1.0, total=1.0)


# Time


def _slowly(*pieces: bytes, pause: float = 0.1) -> Raw:
    def send(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return send


@pytest.mark.parametrize(
    "page",
    [
        _slowly(START + b"Content-Length: 1000\r\n\r\n<html>", *[b"x"] * 100),
        _slowly(START + b"\r\n<html>", *[b"x"] * 100),
        _slowly(START + b"Transfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n", *[b"1\r\nx\r\n"] * 100),
        _slowly(START + b"Transfer-Encoding: chunked\r\n\r\n", *[b"0"] * 100),
        _slowly(b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100),
        _slowly(*[b"H"] * 100),
        _slowly(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 100),
        _slowly(b"", pause=10),
    ],
    ids="length no-length chunked chunk-size headers status continue silence".split(),
)
def test_what_trickles_is_cut_off(site: Site, page: Raw) -> None:
    """At the deadline, though no single byte was late."""
    site.pages["/"] = page
    begin = time.monotonic()
    with pytest.raises(TooSlow) as slow:
        web_for(site, limits=SHORT).fetch(site.url())
    assert time.monotonic() - begin < 8
    assert is_a_sentence(slow.value)


def test_redirects_share_one_deadline(site: Site) -> None:
    """Each hop is fast enough by itself."""
    site.pages["/"] = _slowly(b"HTTP/1.1 302 Found\r\n", b"Location: /\r\n", b"Content-Length: 0\r\n", b"\r\n")
    begin = time.monotonic()
    with pytest.raises(TooSlow):
        web_for(site, limits=Limits(total=1.0, redirects=100)).fetch(site.url())
    assert time.monotonic() - begin < 8


def test_a_resolver_is_not_waited_for(site: Site) -> None:
    """Some take half a minute."""
    done = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        done.wait(10)
        return [HOST]

    begin = time.monotonic()
    with pytest.raises(TooSlow, match=r"news\.example"):
        web_for(site, resolve=resolve, limits=Limits(connect=0.2)).fetch(site.url())
    done.set()
    assert time.monotonic() - begin < 8


def test_a_host_that_accepts_and_says_nothing_of_tls_is_too_slow() -> None:
    """The handshake has an end, too."""
    with socket.create_server((HOST, 0)) as deaf:
        site = Site(deaf.getsockname()[1])
        with pytest.raises(TooSlow):
            web_for(site, limits=Limits(connect=0.3)).fetch(site.url(scheme="https"))


def test_a_host_is_asked_for_one_thing_at_a_time(site: Site) -> None:
    """Two fetches wait for one another; a third that has no time left says so."""
    together: list[int] = []
    now: list[int] = []

    def page(connection: socket.socket) -> None:
        now.append(1)
        together.append(len(now))
        time.sleep(0.3)
        now.pop()
        connection.sendall(START + b"Content-Length: 6\r\n\r\n<html>")

    site.pages["/"] = page
    web = web_for(site)
    threads = [threading.Thread(target=web.fetch, args=(site.url(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    web._limits = Limits(total=0.1)
    with pytest.raises(TooSlow, match="busy"):
        web.fetch(site.url())
    for thread in threads:
        thread.join()
    assert together == [1, 1, 1]


# Size


def test_a_length_that_is_too_large_is_refused_at_once(site: Site) -> None:
    """Before the body is read."""
    site.pages["/"] = Reply(b"<html>", headers={"Content-Length": "999999999999"})
    with pytest.raises(TooLarge, match="5,000,000"):
        web_for(site).fetch(site.url())


@pytest.mark.parametrize("header", ["", "Content-Length: x\r\n", "Content-Length: -5\r\n", "Content-Length: ²\r\n"])
def test_a_body_without_a_length_is_counted(site: Site, header: str) -> None:
    """Whatever stands in the header."""
    site.pages["/"] = lambda c: c.sendall(START + header.encode("latin-1") + b"\r\n<html>" + b"x" * 200_000)
    with pytest.raises(TooLarge):
        web_for(site, limits=Limits(sent=100_000)).fetch(site.url())
    assert len(web_for(site).fetch(site.url()).content) == 200_006


def test_a_body_shorter_than_its_length_is_no_page(site: Site) -> None:
    """Half an article could be quoted out of context."""
    site.pages["/"] = lambda c: c.sendall(START + b"Content-Length: 1000\r\n\r\n<html>half")
    with pytest.raises(Unreachable, match="broke off"):
        web_for(site).fetch(site.url())


def test_a_body_longer_than_its_length_ends_there(site: Site) -> None:
    """What follows is nobody's."""
    site.pages["/"] = lambda c: c.sendall(START + b"Content-Length: 6\r\n\r\n<html>and more")
    assert web_for(site).fetch(site.url()).content == b"<html>"


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<html>"],
)
def test_an_answer_that_is_no_http_is_told_in_a_sentence(site: Site, answer: bytes) -> None:
    """Never with a stack trace."""
    site.pages["/"] = lambda c: c.sendall(answer)
    with pytest.raises(Unreachable) as failed:
        web_for(site).fetch(site.url())
    assert is_a_sentence(failed.value)


def test_headers_and_chunk_sizes_without_end_are_refused(site: Site) -> None:
    """They are held in memory, too."""
    for answer in (
        START + b"X: " + b"x" * 10_000_000,
        START + b"X: y\r\n" * 10_000 + b"\r\n<html>",
        START + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 10_000_000,
    ):
        site.pages["/"] = lambda c, answer=answer: c.sendall(answer)  # type: ignore[misc]
        with pytest.raises(Unreachable):
            web_for(site).fetch(site.url())


def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"\n" * 1_000_000
    return b"".join(
        [packer.compress(b"<html>"), *(packer.compress(zeros) for _ in range(size // 1_000_000)), packer.flush()]
    )


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_page_that_unpacks_without_end_costs_little_memory(site: Site, encoding: str) -> None:
    """300 MB out of 300 KB are stopped at ten."""
    packed = _bomb(300_000_000) if encoding == "gzip" else zlib.compress(b"<html>".ljust(60_000_000))
    site.pages["/"] = Reply(packed, headers={"Content-Encoding": encoding})
    assert len(packed) < 5_000_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="unpacked"):
            web_for(site).fetch(site.url())
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", lambda page: gzip.compress(page[:9]) + gzip.compress(page[9:]) + b"\0\0"),
        ("deflate", zlib.compress),
        ("deflate", lambda page: zlib.compress(page)[2:-4]),
        ("identity", bytes),
    ],
    ids="gzip x-gzip two-parts deflate raw-deflate identity".split(),
)
def test_a_packed_page_is_unpacked(site: Site, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    """gzip, which is asked for, and what some servers send instead."""
    site.pages["/"] = Reply(pack(PAGE.encode()), headers={"Content-Encoding": encoding})
    assert web_for(site).fetch(site.url()).content == PAGE.encode()


@pytest.mark.parametrize("size", [262_138, 262_147, 262_320, 1_000_000, 9_999_000])
@pytest.mark.parametrize("window", [31, 15, -15], ids="gzip zlib raw".split())
def test_a_page_that_packs_well_is_whole(site: Site, window: int, size: int) -> None:
    """However much a few last bytes unpack to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    packed = packer.compress(b"<html>" + b"x" * size) + packer.flush()
    site.pages["/"] = Reply(packed, headers={"Content-Encoding": "gzip" if window == 31 else "deflate"})
    assert len(web_for(site).fetch(site.url()).content) == size + 6


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "x" * 500])
def test_a_packing_that_was_not_asked_for_is_refused(site: Site, encoding: str) -> None:
    """Naming it; brotli and zstd can grow without bound."""
    site.pages["/"] = Reply(PAGE, headers={"Content-Encoding": encoding})
    with pytest.raises(WrongContent, match=encoding[:40]) as refused:
        web_for(site).fetch(site.url())
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "body",
    [gzip.compress(PAGE.encode() * 99)[:-20], b"no gzip", gzip.compress(b"<html>")[:9]],
    ids="end no-gzip begin".split(),
)
def test_a_damaged_packing_is_refused(site: Site, body: bytes) -> None:
    """Half a page is not taken for a whole one."""
    site.pages["/"] = Reply(body, headers={"Content-Encoding": "gzip"})
    with pytest.raises(WrongContent, match="damaged"):
        web_for(site).fetch(site.url())
