"""The real client and real servers: chains that lead inside, lengths that lie, and what all of it leaves in memory."""

import gc
import gzip
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.errors import AddressRefused, Unfetched
from retrieval.web.client import Limits
from tests.sites import HOST, Raw, Reply, Site, served, web_for
from tests.web.test_addresses import NOT_FETCHED, NOT_PUBLIC

_STATUS = Path("/proc/self/statm")
_START = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_METADATA = (
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://168.63.129.16/machine?comp=goalstate",
    "http://100.100.100.200/latest/meta-data/",
    "http://192.0.0.192/latest/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://169.254.170.2/v2/credentials",
)


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


def _resolve(host: str, port: int) -> list[str]:
    """Names of the sites lead to this machine; numbers to themselves; the clouds' names where they lead there."""
    if host.endswith(".internal"):
        return ["169.254.169.254"]
    return [HOST if host.endswith(".example") else host]


def test_more_than_a_hundred_and_twenty_dangerous_addresses_are_tried() -> None:
    """By the tests of addresses and of the client, each of them one by one."""
    assert len({*NOT_PUBLIC, *NOT_FETCHED, *_METADATA}) >= 120


@pytest.mark.parametrize("hops", range(5))
@pytest.mark.parametrize("inside", _METADATA)
def test_a_chain_of_redirects_is_checked_at_each_hop(site: Site, hops: int, inside: str) -> None:
    """However many harmless ones come before it; the service of the cloud is never asked."""
    for hop in range(hops):
        site.pages[f"/{hop}"] = Reply(status=302, headers={"Location": f"/{hop + 1}"})
    site.pages[f"/{hops}"] = Reply(status=307, headers={"Location": inside})
    with pytest.raises(AddressRefused) as refused:
        web_for(site, resolve=_resolve).fetch(site.url("/0"))
    assert refused.value.hint
    assert site.connections == hops + 1


def test_a_circle_through_many_hosts_ends(site: Site) -> None:
    site.pages["/"] = lambda c: c.sendall(
        f"HTTP/1.1 302 Found\r\nLocation: {site.url('/', host=f'h{site.connections}.example')}\r\n\r\n".encode()
    )
    with pytest.raises(AddressRefused, match="more than 5 times"):
        web_for(site).fetch(site.url())
    assert site.connections == 6


def _sent(*headers: bytes, body: bytes = b"<html>whole</html>") -> Raw:
    return lambda c: c.sendall(_START + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body)


LIES = {
    "too long a length": _sent(b"Content-Length: 1000"),
    "two lengths": _sent(b"Content-Length: 18", b"Content-Length: 1000"),
    "a list of lengths": _sent(b"Content-Length: 18, 1000"),
    "a length beyond all": _sent(b"Content-Length: " + b"9" * 400),
    "a chunk that is none": _sent(b"Transfer-Encoding: chunked", body=b"zz\r\n<html>\r\n0\r\n\r\n"),
    "a negative chunk": _sent(b"Transfer-Encoding: chunked", body=b"-6\r\n<html>\r\n0\r\n\r\n"),
    "a chunk that ends early": _sent(b"Transfer-Encoding: chunked", body=b"ffff\r\n<html>"),
    "a chunk beyond all": _sent(b"Transfer-Encoding: chunked", body=b"f" * 40 + b"\r\n<html>"),
    "chunks without an end": _sent(b"Transfer-Encoding: chunked", body=b"6\r\n<html>\r\n"),
    "brotli": _sent(b"Content-Encoding: br", body=b"\x8b\x03\x80<html>\x03"),
    "zstd": _sent(b"Content-Encoding: zstd", body=b"\x28\xb5\x2f\xfd" + bytes(50)),
    "gzip in gzip": _sent(b"Content-Encoding: gzip", body=gzip.compress(gzip.compress(b"<html>"))),
    "a picture": lambda c: c.sendall(_START + b"\r\n\x89PNG\r\n\x1a\n" + bytes(100)),
}


# urllib3 lets go of a response unclosed whose lengths contradict one another.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_ends_in_words(site: Site, lie: str) -> None:
    """Never in half a page; and never in a stack trace."""
    site.pages["/"] = LIES[lie]
    with pytest.raises(Unfetched) as failed:
        web_for(site, limits=Limits(connect=2.0, total=3.0)).fetch(site.url())
    assert failed.value.hint
    assert str(failed.value).endswith(".")


def test_a_thousand_bad_fetches_leave_little_in_memory(site: Site) -> None:
    """Names that change their minds, bodies that burst, lies and refusals, again and again."""
    if not _STATUS.exists():
        pytest.skip("this system does not tell how much memory a process has")
    bomb = gzip.compress(b"<html>" + b"\n" * 30_000_000, 1)
    site.pages["/bomb"] = Reply(bomb, headers={"Content-Encoding": "gzip"})
    site.pages["/lie"] = LIES["a chunk that is none"]
    site.pages["/inside"] = Reply(status=302, headers={"Location": _METADATA[0]})
    ways = ["/inside", "/lie", "/missing"] * 40 + ["/bomb"] * 2
    held = []
    for _ in range(8):
        for way in ways:
            with pytest.raises(Unfetched):
                web_for(site, resolve=_resolve).fetch(site.url(way))
        gc.collect()
        held.append(int(_STATUS.read_text(encoding="ascii").split()[1]) * 4_096)
    assert held[-1] - held[0] < 50_000_000


def test_a_server_that_hears_and_never_speaks_costs_the_time_of_one_fetch(site: Site) -> None:
    """Cut at the end of its time, and the next page is fetched."""
    silent = Limits(connect=1.0, total=0.5)
    site.pages["/silent"] = lambda c: c.recv(1)
    site.pages["/"] = Reply("<html><p>Fine.</p></html>")
    web = web_for(site, limits=silent)
    with pytest.raises(Unfetched):
        web.fetch(site.url("/silent"))
    assert web.fetch(site.url()).kind == "page"
    assert socket.getdefaulttimeout() is None
