"""Which addresses of the web are visited: public ones, on the web's usual ports, and nothing else.

An address may come from anybody. It must lead neither to this machine nor to the network that it stands
in. The resolver turns ``127.1``, ``0x7f000001`` and full-width digits into addresses, and names can be made
to lead anywhere. So what counts is the resolved address, held against the lists below.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit, urlunsplit

from retrieval.errors import AddressRefused
from retrieval.messages import say

Address = IPv4Address | IPv6Address

# IANA's IPv4 Special-Purpose Address Registry, multicast, and the addresses of clouds' own services that
# lie in none of its blocks. Also blocks that the registry calls reachable (AS112, AMT): no newspaper is there.
_REFUSED_V4 = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    168.63.129.16/32
"""
# Only 2000::/3 is given out for hosts (RFC 4291). What lies outside holds ::1, addresses with an IPv4 address
# inside (::ffff:0:0/96, ::/96, 64:ff9b::/96, 64:ff9b:1::/48), 100::/64, 5f00::/16, fc00::/7, fe80::/10, fec0::/10
# and ff00::/8. Then IANA's IPv6 Special-Purpose Address Registry: Teredo is in 2001::/23, 6to4 is 2002::/16.
_REFUSED_V6 = """
    ::/3 4000::/2 8000::/1
    2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20
"""
_REFUSED = tuple(ip_network(block) for block in (_REFUSED_V4 + _REFUSED_V6).split())

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST = 2_000  # characters of an address
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # a last label that makes a host an IPv4 address (WHATWG URL)
_SAFE = "!$%&'()*+,-./:;=?@_~[]"  # stay as they are in a path or query

# Parameters that say how a reader came to a page, not which page it is.
_TRACKING = ("utm_", "fbclid", "gclid", "mc_", "cmpid", "ref_src")


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a fetch may go. ``exceptions`` are (address, port) pairs that it may reach all the same.

    The default is for addresses that strangers give. Tests name a server of their own as an exception.
    """

    ports: frozenset[int] = frozenset(_DEFAULT_PORTS.values())
    exceptions: frozenset[tuple[str, int]] = frozenset()

    def check_port(self, target: "Target") -> None:
        """Raises AddressRefused for a port that web pages are not served on."""
        if target.port not in self.ports and all(target.port != port for _, port in self.exceptions):
            happened = say("{address} is on port {port}", address=target.url, port=str(target.port))
            raise AddressRefused(happened, hint=say("Only the ports 80 and 443 are visited"))

    def check(self, address: str, target: "Target") -> None:
        """Raises AddressRefused for a resolved address that is not a public one."""
        if (address, target.port) not in self.exceptions and (target.port not in self.ports or not is_public(address)):
            # Where a name leads inside is told to nobody: it would draw a map of the network.
            raise AddressRefused(
                say("{host} leads to no public address", host=target.host),
                hint=say("Only pages on the public web are fetched"),
            )


def is_public(address: str) -> bool:
    """Whether an address, as a resolver gives it, is one of the public internet."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.scope_id is not None:
        return False
    return not any(found in block for block in _REFUSED if block.version == found.version)


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart: what to look up, what to ask for there."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def netloc(self) -> str:
        """The host as it is written in an address, with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(address: str) -> Target:
    """An address as the web's standards read it. Raises AddressRefused for what is not plain http(s)."""
    address = address.strip()
    if len(address) > _LONGEST or re.search(r"[\x00-\x20\x7f\\]", address):
        raise _unclear(address)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _unclear(address) from None
    if parts.scheme not in _DEFAULT_PORTS:
        happened = say("{address} is no web address", address=_short(address))
        raise AddressRefused(happened, hint=say("Give one that begins with https://"))
    if parts.username is not None:
        raise AddressRefused(say("the address holds a user name or password"), hint=say("Give it without them"))
    if not host or port == 0 or ("[" in parts.netloc and ":" not in host):
        raise _unclear(address)
    path = quote(parts.path or "/", safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(parts.scheme, _host(host, address), port or _DEFAULT_PORTS[parts.scheme], path + query)


def _host(host: str, address: str) -> str:
    """A host in the one form that is looked up: ASCII, small, without a dot at its end."""
    if ":" in host:
        return str(_numeric(host, address))
    if not host.isascii():
        import idna

        try:
            # As browsers do: full-width digits become digits before the host is judged.
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            raise _unclear(address) from None
    host = host.lower().removesuffix(".")
    if not _HOST_NAME.fullmatch(host):
        raise _unclear(address)
    return str(_numeric(host, address)) if _NUMBER.fullmatch(host.rpartition(".")[2]) else host


def _numeric(host: str, address: str) -> Address:
    """Octal, hexadecimal and shortened forms are read differently by different programs: by this one not at all."""
    try:
        found = ip_address(host)
    except ValueError:
        raise _unclear(address) from None
    if isinstance(found, IPv6Address) and found.scope_id is not None:
        raise _unclear(address)
    return found


def _unclear(address: str) -> AddressRefused:
    return AddressRefused(
        say("{address} is no address that can be fetched", address=_short(address)),
        hint=say("Copy it again from the browser's address bar"),
    )


def _short(address: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in address)
    return shown if len(shown) <= 100 else f"{shown[:99]}…"


def is_address(source: object) -> bool:
    """Whether what a person named is meant to be an address, good or bad, and not a file."""
    return isinstance(source, str) and "://" in source


def canonical(url: str) -> str:
    """The address by which a page is known: without tracking parameters and places in the page.

    A fragment that begins with ``/`` or ``!`` names a page of its own on some sites, and stays.
    """
    parts = urlsplit(url)
    query = "&".join(p for p in parts.query.split("&") if not p.startswith(_TRACKING))
    fragment = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", query, fragment))


def is_same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site: one host, but for the prefixes that mark a form of it.

    Not the whole domain: of two hosts below github.io neither speaks for the other.
    """
    return _site(one) == _site(other) != ""


def host_of(url: str | None) -> str:
    """The host of an address as the net knows it, without ``www.``; empty where there is none.

    Letters of other alphabets look like Latin ones, and come as what they are: ``xn--…``.
    """
    try:
        host = (urlsplit(url or "").hostname or "").removesuffix(".")
    except ValueError:
        return ""
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            host = host.encode("ascii", errors="backslashreplace").decode()
    return host.removeprefix("www.")


def _site(url: str) -> str:
    try:
        host = (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return ""
    return re.sub(r"\A(?:www|m|mobile|amp)\.(?=.+\.)", "", host)
