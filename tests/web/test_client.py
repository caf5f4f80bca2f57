"""The client for addresses that strangers give: real servers, a real client, and names that lead astray."""

import gzip
import itertools
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

import pytest

from retrieval.errors import (
    AddressRefused,
    ServerRefused,
    TooLarge,
    TooSlow,
    Unfetched,
    Unreachable,
    WrongContent,
)
from retrieval.web.addresses import Rules
from retrieval.web.client import Limits, Web, system_addresses
from tests.sites import HOST, Raw, Reply, Site, served, web_for
from tests.web.test_addresses import NOT_FETCHED, NOT_PUBLIC

PAGE = "<!doctype html><html><body><p>Engineers closed the bridge.</p></body></html>"
SHORT = Limits(connect=1.0, total=1.0)


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        site.pages["/"] = Reply(PAGE)
        yield site


@pytest.fixture
def forbidden(site: Site) -> Iterator[Site]:
    """A server inside the network, on the port of the site that may be visited."""
    with served("127.0.0.2", port=site.port) as inside:
        inside.pages["/"] = Reply("<html>secret</html>")
        yield inside


def _is_a_sentence(error: Unfetched) -> bool:
    return (
        bool(error.happened) and "\n" not in str(error) and "Traceback" not in str(error) and str(error).endswith(".")
    )


def test_a_page_is_fetched_with_its_final_address(site: Site) -> None:
    """Its bytes as they were sent, and what the server says of them."""
    site.pages["/a?b=1"] = Reply(PAGE, headers={"ETag": '"7"', "Last-Modified": "Wed, 01 May 2024 10:00:00 GMT"})
    fetched = web_for(site).fetch(site.url("/a?b=1#c"))
    assert (fetched.url, fetched.kind, fetched.charset) == (site.url("/a?b=1"), "page", "utf-8")
    assert fetched.content == PAGE.encode()
    assert (fetched.etag, fetched.modified) == ('"7"', "Wed, 01 May 2024 10:00:00 GMT")


def test_a_request_says_who_asks_and_nothing_else(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cookie of an earlier answer, no credentials, and no proxy that the environment names."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.pages["/"] = Reply(PAGE, headers={"Set-Cookie": "a=b"})
    web = web_for(site)
    web.fetch(site.url())
    web.fetch(site.url())
    headers = site.asked[1][1]
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}
    assert headers["User-Agent"].startswith("Quoth/")
    assert headers["Accept-Encoding"] == "gzip"
    assert headers["Host"] == f"news.example:{site.port}"


def test_a_server_is_told_what_is_known_already(site: Site) -> None:
    """304 is no page, and no error."""
    site.pages["/"] = Reply(status=304, headers={"ETag": '"7"'})
    fetched = web_for(site).fetch(site.url(), etag='"7"', modified="yesterday")
    assert (fetched.is_unchanged, fetched.content, fetched.etag) == (True, b"", '"7"')
    headers = site.asked[0][1]
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"7"', "yesterday")


# Where it goes


@pytest.mark.parametrize("address", sorted({*NOT_PUBLIC} - {HOST}))
def test_a_name_that_leads_inside_is_refused(site: Site, address: str) -> None:
    """Also where another of its addresses may be visited: nothing is connected to."""
    for answer in ([address], [HOST, address], [address, HOST]):
        with pytest.raises(AddressRefused) as refused:
            web_for(site, resolve=lambda host, port, answer=answer: answer).fetch(site.url())  # type: ignore[misc]
        assert _is_a_sentence(refused.value)
    assert site.connections == 0


@pytest.mark.parametrize("url", NOT_FETCHED)
def test_an_unclear_address_is_never_looked_up(url: str) -> None:
    """Nobody's resolver gets to read it its own way."""
    looked_up: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return [HOST]

    with pytest.raises(AddressRefused):
        Web(resolve=resolve).fetch(url)
    assert looked_up == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "１２７.０.０.１", "[::ffff:127.0.0.1]", "localhost."]
)
def test_this_machine_is_refused_by_default(site: Site, host: str) -> None:
    """With the resolver of the system, and the rules as they are."""
    for url in (f"http://{host}/", f"http://{host}:{site.port}/"):
        with pytest.raises((AddressRefused, Unreachable)):
            Web().fetch(url)
    assert site.connections == 0


def test_the_systems_resolver_gives_addresses() -> None:
    """As text, without asking for a name where there is none."""
    assert system_addresses("127.0.0.1", 80) == ["127.0.0.1"]


def test_a_name_is_looked_up_once_for_each_request(site: Site, forbidden: Site) -> None:
    """A thousand names that are public at the first look and inside at the second lead nowhere else.

    Every other page redirects to its own name, which is then looked up again, and refused.
    """
    site.pages["/again"] = Reply(status=302, headers={"Location": "/"})
    looks = itertools.count()
    resolve = lambda host, port: [HOST if next(looks) % 2 == 0 else "127.0.0.2"]  # noqa: E731
    refused = fetched = 0
    for number in range(1_000):
        looks = itertools.count()
        try:
            assert web_for(site, resolve=resolve).fetch(site.url("/again" if number % 2 else "/")).kind == "page"
            fetched += 1
        except AddressRefused:
            refused += 1
    assert (fetched, refused) == (500, 500)
    assert forbidden.connections == 0
    assert site.connections == 1_000


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00:ec2::254]/",
        "//10.0.0.1/",
        "https://[64:ff9b::7f00:1]/",
        "http://2130706433/",
        "http://user@news.example/",
        "file:///etc/passwd",
        "gopher://news.example/",
        "http://news.example:22/",
        "http://[",
    ],
)
def test_a_redirect_is_checked_like_the_first_address(site: Site, location: str) -> None:
    """However it is written."""
    site.pages["/"] = Reply(status=302, headers={"Location": location})
    real = lambda host, port: [HOST if host == "news.example" else host]  # noqa: E731
    with pytest.raises(AddressRefused) as refused:
        web_for(site, resolve=real).fetch(site.url())
    assert _is_a_sentence(refused.value)
    assert site.connections == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(site: Site, status: int) -> None:
    """Relative to where it stands."""
    site.pages["/a/b"] = Reply(status=status, headers={"Location": "../?x=ü"})
    site.pages["/?x=%C3%BC"] = Reply(PAGE)
    assert web_for(site).fetch(site.url("/a/b")).url == site.url("/?x=%C3%BC")


def test_redirects_end(site: Site) -> None:
    """Five are followed; a circle is not."""
    for number in range(7):
        site.pages[f"/{number}"] = Reply(status=302, headers={"Location": f"/{number - 1}"})
    site.pages["/0"] = Reply(PAGE)
    assert web_for(site).fetch(site.url("/5")).kind == "page"
    with pytest.raises(AddressRefused, match="more than 5 times"):
        web_for(site).fetch(site.url("/6"))
    site.pages["/circle"] = Reply(status=301, headers={"Location": "/circle"})
    with pytest.raises(AddressRefused):
        web_for(site).fetch(site.url("/circle"))


def test_another_address_of_a_host_is_tried(site: Site) -> None:
    """Where the first does not answer; both have been checked."""
    rules = Rules(exceptions=frozenset({("::1", site.port), (HOST, site.port)}))
    web = Web(rules=rules, resolve=lambda host, port: ["::1", HOST])
    assert web.fetch(site.url()).kind == "page"


def test_a_host_where_nobody_listens_is_told_in_a_sentence() -> None:
    """With its name, not with a number of the system's."""
    with socket.create_server((HOST, 0)) as taken:
        site = Site(taken.getsockname()[1])
    with pytest.raises(Unreachable, match=r"news\.example cannot be reached"):
        web_for(site).fetch(site.url())


@pytest.mark.parametrize(
    "error", [socket.gaierror(-2, "not known"), OSError("no network"), UnicodeError("label too long")]
)
def test_a_name_that_nobody_knows_is_told_in_a_sentence(site: Site, error: Exception) -> None:
    """Whatever the resolver stumbles over."""

    def resolve(host: str, port: int) -> list[str]:
        raise error

    with pytest.raises(Unreachable, match=r"there is no site news\.example"):
        web_for(site, resolve=resolve).fetch(site.url())
    with pytest.raises(Unreachable):
        web_for(site, resolve=lambda host, port: []).fetch(site.url())


# TLS


def test_a_certificate_is_checked_against_the_name_though_the_address_is_connected_to() -> None:
    """The name is the certificate's, and no other; who signed it must be known."""
    with served(is_tls=True) as site:
        site.pages["/"] = Reply(PAGE)
        assert web_for(site).fetch(site.url(scheme="https")).kind == "page"
        for url in (site.url(scheme="https", host="other.example"), site.url(scheme="https", host=HOST)):
            with pytest.raises(Unreachable, match="certificate"):
                web_for(site).fetch(url)
        web = web_for(site)
        web._tls = ssl.create_default_context
        with pytest.raises(Unreachable, match="certificate"):
            web.fetch(site.url(scheme="https"))
        with pytest.raises(Unreachable):
            web.fetch(site.url(scheme="http"))


# Time


def _slowly(*pieces: bytes, pause: float = 0.1) -> Raw:
    def send(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return send


_START = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize(
    "page",
    [
        _slowly(_START + b"Content-Length: 1000\r\n\r\n<html>", *[b"x"] * 100),
        _slowly(_START + b"\r\n<html>", *[b"x"] * 100),
        _slowly(_START + b"Transfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n", *[b"1\r\nx\r\n"] * 100),
        _slowly(_START + b"Transfer-Encoding: chunked\r\n\r\n", *[b"0"] * 100),
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
    assert _is_a_sentence(slow.value)


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
        connection.sendall(_START + b"Content-Length: 6\r\n\r\n<html>")

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
    site.pages["/"] = lambda c: c.sendall(_START + header.encode("latin-1") + b"\r\n<html>" + b"x" * 200_000)
    with pytest.raises(TooLarge):
        web_for(site, limits=Limits(sent=100_000)).fetch(site.url())
    assert len(web_for(site).fetch(site.url()).content) == 200_006


def test_a_body_shorter_than_its_length_is_no_page(site: Site) -> None:
    """Half an article could be quoted out of context."""
    site.pages["/"] = lambda c: c.sendall(_START + b"Content-Length: 1000\r\n\r\n<html>half")
    with pytest.raises(Unreachable, match="broke off"):
        web_for(site).fetch(site.url())


def test_a_body_longer_than_its_length_ends_there(site: Site) -> None:
    """What follows is nobody's."""
    site.pages["/"] = lambda c: c.sendall(_START + b"Content-Length: 6\r\n\r\n<html>and more")
    assert web_for(site).fetch(site.url()).content == b"<html>"


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", _START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<html>"],
)
def test_an_answer_that_is_no_http_is_told_in_a_sentence(site: Site, answer: bytes) -> None:
    """Never with a stack trace."""
    site.pages["/"] = lambda c: c.sendall(answer)
    with pytest.raises(Unreachable) as failed:
        web_for(site).fetch(site.url())
    assert _is_a_sentence(failed.value)


def test_headers_and_chunk_sizes_without_end_are_refused(site: Site) -> None:
    """They are held in memory, too."""
    for answer in (
        _START + b"X: " + b"x" * 10_000_000,
        _START + b"X: y\r\n" * 10_000 + b"\r\n<html>",
        _START + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 10_000_000,
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


# What the server says


@pytest.mark.parametrize("status", [201, 204, 300, 302, 400, 401, 402, 403, 404, 410, 418, 429, 451, 500, 503])
def test_what_is_no_page_is_told_in_a_sentence(site: Site, status: int) -> None:
    """With the status, and when the server wants to be asked again."""
    site.pages["/"] = Reply(PAGE if status != 204 else b"", status=status, headers={"Retry-After": "120"})
    with pytest.raises(ServerRefused, match=str(status)) as refused:
        web_for(site).fetch(site.url())
    assert (refused.value.status, refused.value.retry_after) == (status, "120")
    assert _is_a_sentence(refused.value)


def test_a_server_that_hangs_up_is_told_in_a_sentence(site: Site) -> None:
    """In the middle of a page, too."""
    for page in (
        lambda c: c.close(),
        lambda c: (c.sendall(_START + b"Content-Length: 9\r\n\r\n<ht"), c.shutdown(socket.SHUT_RDWR)),
    ):
        site.pages["/"] = page
        with pytest.raises(Unreachable):
            web_for(site).fetch(site.url())


def test_the_sites_of_these_tests_are_real(site: Site) -> None:
    """Or none of this would mean anything."""
    connection = HTTPConnection(HOST, site.port, timeout=5)
    connection.request("GET", "/")
    assert connection.getresponse().read() == PAGE.encode()
    connection.close()
