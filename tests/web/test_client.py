"""The client for addresses that strangers give: real servers, a real client, and names that lead astray."""

import itertools
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from retrieval.errors import (
    AddressRefused,
    ServerRefused,
    Unreachable,
)
from retrieval.web.addresses import Rules
from retrieval.web.client import Limits, Web, system_addresses
from tests.sites import HOST, PAGE, START, Reply, Site, is_a_sentence, served, web_for
from tests.web.test_addresses import NOT_FETCHED, NOT_PUBLIC

SHORT = Limits(connect=1.0, total=1.0)


@pytest.fixture
def forbidden(site: Site) -> Iterator[Site]:
    """A server inside the network, on the port of the site that may be visited."""
    with served("127.0.0.2", port=site.port) as inside:
        inside.pages["/"] = Reply("<html>secret</html>")
        yield inside


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
        assert is_a_sentence(refused.value)
        assert address not in str(refused.value)  # who asks shall not learn the network's map
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
    assert is_a_sentence(refused.value)
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


# What the server says


@pytest.mark.parametrize("status", [201, 204, 300, 302, 400, 401, 402, 403, 404, 410, 418, 429, 451, 500, 503])
def test_what_is_no_page_is_told_in_a_sentence(site: Site, status: int) -> None:
    """With the status, and when the server wants to be asked again."""
    site.pages["/"] = Reply(PAGE if status != 204 else b"", status=status, headers={"Retry-After": "120"})
    with pytest.raises(ServerRefused, match=str(status)) as refused:
        web_for(site).fetch(site.url())
    assert (refused.value.status, refused.value.retry_after) == (status, "120")
    assert is_a_sentence(refused.value)


def test_a_server_that_hangs_up_is_told_in_a_sentence(site: Site) -> None:
    """In the middle of a page, too."""
    for page in (
        lambda c: c.close(),
        lambda c: (c.sendall(START + b"Content-Length: 9\r\n\r\n<ht"), c.shutdown(socket.SHUT_RDWR)),
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
