"""Address → bytes: a client that may be given any address by anybody.

A name is resolved once. Every address that it leads to is checked, and the connection is made to the one
that was checked, so a name that changes its mind in between gains nothing. TLS is verified against the name
all the same. Each redirect goes the same way from the beginning. There are no cookies, no credentials
and no proxies, and each size and time has an end.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPException
from importlib.metadata import version
from queue import Empty, SimpleQueue
from time import monotonic
from urllib.parse import urljoin
from weakref import WeakValueDictionary

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from retrieval.errors import AddressRefused, ServerRefused, TooLarge, TooSlow, Unfetched, Unreachable
from retrieval.messages import say
from retrieval.web.addresses import Rules, Target, target_of
from retrieval.web.content import Kind, Unpacker, is_packed, kind_of, sitemap_in

Resolve = Callable[[str, int], Sequence[str]]

_PIECE = 65_536  # bytes read at once
_MOST_ADDRESSES = 3  # of a host are tried; a page that is on none of them is not worth the time
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LASTING = frozenset({301, 308})
_ACCEPT = "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, text/plain;q=0.8, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may take, with all of its redirects: seconds, bytes and hops."""

    connect: float = 5.0
    total: float = 20.0
    sent: int = 5_000_000
    unpacked: int = 10_000_000
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: ``url`` after all redirects, and no content where ``is_unchanged``.

    ``etag`` and ``modified`` are what the server wants to hear the next time, word for word. ``moved`` is where
    the redirects lead that are meant to last, up to the first that is not.
    """

    url: str
    kind: Kind
    content: bytes
    charset: str | None = None
    etag: str | None = None
    modified: str | None = None
    is_unchanged: bool = False
    moved: str | None = None


def system_addresses(host: str, port: int) -> Sequence[str]:
    """What this machine's resolver says. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Web:
    """Fetches pages, texts and feeds; may be used from several threads.

    ``rules`` say which addresses are reached, ``resolve`` turns a host into addresses, and ``tls`` makes
    the context that certificates are verified with. No host is asked for two things at the same time.
    """

    def __init__(
        self,
        *,
        rules: Rules | None = None,
        limits: Limits | None = None,
        resolve: Resolve = system_addresses,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._rules = rules or Rules()
        self._limits = limits or Limits()
        self._resolve = resolve
        self._tls = tls
        self._turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()
        self._lock = threading.Lock()

    def fetch(self, address: str, *, etag: str | None = None, modified: str | None = None) -> Fetched:
        """What is at an address; with ``etag`` or ``modified``, only if it has changed since.

        Raises Unfetched, in one of its kinds.
        """
        headers = {"User-Agent": f"Quoth/{version('quoth')}", "Accept": _ACCEPT, "Accept-Encoding": "gzip"}
        headers |= {name: v for name, v in {"If-None-Match": etag, "If-Modified-Since": modified}.items() if v}
        deadline = _Deadline(self._limits.total)
        target = target_of(address)
        moved, is_lasting = None, True
        for _ in range(self._limits.redirects + 1):
            with self._exchange(target, headers, deadline) as response:
                location = response.headers.get("location")
                if response.status not in _REDIRECTS or not location:
                    return replace(self._fetched(target, response, deadline), moved=moved)
            target = _next(target, location)
            is_lasting = is_lasting and response.status in _LASTING
            moved = target.url if is_lasting else moved
        raise AddressRefused(
            say("{address} redirects more than {number} times", address=address, number=self._limits.redirects),
            hint=say("Give the address of the page itself"),
        )

    @contextmanager
    def _exchange(
        self, target: Target, headers: Mapping[str, str], deadline: "_Deadline"
    ) -> Iterator[BaseHTTPResponse]:
        """Ask for a target, and give the response while its body can still be read."""
        with self._turn(target.host, deadline), _in_words(target, deadline):
            connection = self._connected(target, deadline)
            try:
                with deadline.cutting(connection.sock):
                    connection.timeout = deadline.left(target)
                    connection.request(
                        "GET",
                        target.path,
                        headers={**headers, "Host": target.netloc},
                        preload_content=False,
                        decode_content=False,
                    )
                    with closing(connection.getresponse()) as response:
                        deadline.left(target)  # headers that were cut off look like all of them
                        yield response
            finally:
                connection.close()

    @contextmanager
    def _turn(self, host: str, deadline: "_Deadline") -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(host, _Turn())
        if not turn.lock.acquire(timeout=max(deadline.seconds, 0)):
            raise TooSlow(say("{host} is still busy with another page", host=host), hint=say("Try again later"))
        try:
            yield
        finally:
            turn.lock.release()

    def _connected(self, target: Target, deadline: "_Deadline") -> HTTPConnection:
        """A connection to one of the target's addresses, all of which were checked just before."""
        self._rules.check_port(target)
        addresses = list(dict.fromkeys(self._addresses(target, deadline)))
        for address in addresses:
            self._rules.check(address, target)
        for last, address in enumerate(addresses[:_MOST_ADDRESSES], start=1):
            connection = self._connection(address, target, timeout=min(self._limits.connect, deadline.left(target)))
            try:
                connection.connect()
            except ssl.SSLCertVerificationError as error:
                connection.close()
                raise Unreachable(
                    say("{host} has no valid certificate", host=target.host),
                    hint=say("Do not trust what it says, or try again later"),
                ) from error
            except (HTTPError, OSError):
                connection.close()
                if last == min(len(addresses), _MOST_ADDRESSES):
                    raise
            else:
                return connection
        raise _not_found(target)

    def _connection(self, address: str, target: Target, *, timeout: float) -> HTTPConnection:
        if target.scheme == "http":
            return HTTPConnection(address, target.port, timeout=timeout)
        # The name that the certificate must be for is the target's, not the address.
        return HTTPSConnection(
            address, target.port, timeout=timeout, ssl_context=self._tls(), server_hostname=target.host
        )

    def _addresses(self, target: Target, deadline: "_Deadline") -> Sequence[str]:
        """What the host resolves to. In a thread: a resolver's own patience can be longer than ours."""
        answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self._resolve(target.host, target.port))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=look_up, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=min(self._limits.connect, deadline.left(target)))
        except Empty:
            happened = say("the name {host} was not found in time", host=target.host)
            raise TooSlow(happened, hint=say("Try again later")) from None
        if isinstance(answer, Exception):
            raise _not_found(target) from answer
        return answer

    def _fetched(self, target: Target, response: BaseHTTPResponse, deadline: "_Deadline") -> Fetched:
        headers = response.headers
        etag, modified = headers.get("etag"), headers.get("last-modified")
        if response.status == 304:
            return Fetched(target.url, "feed", b"", etag=etag, modified=modified, is_unchanged=True)
        if response.status != 200:
            raise _refusal(target, response)
        content = self._body(target, response, deadline)
        if is_packed(content):
            content = sitemap_in(content, host=target.host, most=self._limits.unpacked)
            return Fetched(target.url, "sitemap", content, None, etag, modified)
        kind, charset = kind_of(content, headers.get("content-type", ""), host=target.host)
        return Fetched(target.url, kind, content, charset, etag, modified)

    def _body(self, target: Target, response: BaseHTTPResponse, deadline: "_Deadline") -> bytes:
        """The whole body, unpacked. Counted while it comes: neither length that a server states is believed."""
        unpacker = Unpacker(response.headers.get("content-encoding", ""), host=target.host, most=self._limits.unpacked)
        announced = response.headers.get("content-length", "")
        received, stated = 0, int(announced) if announced.isdecimal() and len(announced) < 20 else 0
        content = bytearray()
        while max(received, stated) <= self._limits.sent:
            piece = response.read(_PIECE, decode_content=False)
            if not piece:
                deadline.left(target)  # what was cut off looks like an end
                unpacker.check_end()
                return bytes(content)
            content += unpacker.unpacked(piece, so_far=len(content))
            received += len(piece)
        raise TooLarge(
            say("the page of {host} has over {number} bytes", host=target.host, number=self._limits.sent),
            hint=say("Save its text and add the file"),
        )


class _Turn:
    """A host's, which one fetch has at a time."""

    __slots__ = ("__weakref__", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()


class _Deadline:
    """The moment at which a fetch is over, whatever trickles in."""

    def __init__(self, seconds: float) -> None:
        self._total = seconds
        self._end = monotonic() + seconds

    @property
    def seconds(self) -> float:
        return self._end - monotonic()

    def left(self, target: Target) -> float:
        """Seconds until then. Raises TooSlow where there are none."""
        if (seconds := self.seconds) <= 0:
            happened = say("{host} took over {seconds} seconds", host=target.host, seconds=f"{self._total:g}")
            raise TooSlow(happened, hint=say("Try again later"))
        return seconds

    @contextmanager
    def cutting(self, connected: socket.socket) -> Iterator[None]:
        """Cut a connection off at the deadline.

        A time limit of the socket's own begins anew with each byte, also while headers are read.
        """

        def cut() -> None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

        watch = threading.Timer(max(self.seconds, 0), cut)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()


@contextmanager
def _in_words(target: Target, deadline: _Deadline) -> Iterator[None]:
    """What goes wrong between us and a server, in our words."""
    try:
        yield
    except Unfetched:
        raise
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        deadline.left(target)
        if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
            raise TooSlow(say("{host} does not answer", host=target.host), hint=say("Try again later")) from error
        raise Unreachable(
            say("{host} cannot be reached or broke off", host=target.host),
            hint=say("Check the address, or try again later"),
        ) from error


def _not_found(target: Target) -> Unreachable:
    return Unreachable(say("there is no site {host}", host=target.host), hint=say("Check the address"))


def _next(target: Target, location: str) -> Target:
    try:
        return target_of(urljoin(target.url, location))
    except (AddressRefused, ValueError) as error:
        raise AddressRefused(
            say("{host} redirects to an address that is not fetched", host=target.host),
            hint=say("Give the address of the page itself"),
        ) from error


def _refusal(target: Target, response: BaseHTTPResponse) -> ServerRefused:
    names = {"host": target.host, "page": target.path[:80], "status": str(response.status)}
    save = say("Open it in a browser, save the page and add the file")
    check, later = say("Check the address"), say("Try again later")
    happened, hint = {
        401: (say("{host} wants a login for {page} (status {status})", **names), save),
        402: (say("{host} wants a payment for {page} (status {status})", **names), save),
        403: (say("{host} does not give programs {page} (status {status})", **names), save),
        404: (say("{host} has no page {page} (status {status})", **names), check),
        410: (say("{host} no longer has {page} (status {status})", **names), check),
        429: (say("{host} was asked too often for {page} (status {status})", **names), later),
        451: (say("{host} may not give out {page} (status {status})", **names), ""),
    }.get(response.status, (say("{host} failed to give {page} (status {status})", **names), later))
    return ServerRefused(
        happened,
        hint=hint,
        status=response.status,
        retry_after=response.headers.get("retry-after"),
    )


PUBLIC_WEB = Web()  # one for the whole process: a host is not asked for two things at once by two libraries
