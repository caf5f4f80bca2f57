"""Which addresses are visited, and by which form of its address a page is known."""

import pytest

from retrieval.errors import AddressRefused
from retrieval.web.addresses import Rules, Target, is_public, is_same_site, target_of

# What a resolver may return for a name that somebody set up on purpose.
NOT_PUBLIC = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.0.0.53 127.255.255.254 169.254.0.1
    169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.170 192.0.0.192 192.0.2.1
    192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255
    198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16
    :: ::1 ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1
    64:ff9b::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::1 64:ff9b:1:ffff::1 100::1
    100:0:0:1::1 200::1 400::1 1000::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1::1 2001:2::1 2001:10::1
    2001:20::1 2001:db8::1 2002:7f00:1:: 2002:7f00:1::1 2002:a9fe:a9fe::1 2002:808:808::1 2620:4f:8000::1 3fff::1
    4000::1 5f00::1 6000::1 8000::1 c000::1 fc00::1 fd00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fe80::5efe:127.0.0.1
    fec0::1 feff::1 ff00::1 ff02::1 ff0e::1 2606:4700::1%1
""".split()
PUBLIC = """
    1.1.1.1 8.8.8.8 93.184.216.34 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
    172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 168.63.129.17
    2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1 2a00:1450::1 2003:7f00:1::
""".split()
# What can be typed; the resolver of most machines would turn many of these into 127.0.0.1.
NOT_FETCHED = """
    http://127.1/ http://127.0.1/ http://0/ http://0x7f000001/ http://0x7f.1/ http://0x7f.0x0.0x0.0x1/ http://2130706433/
    http://017700000001/ http://0177.0.0.1/ http://0177.0.0.01/ http://127.0.0.1.1/ http://1.1.1.0x/ http://256.1.1.1/
    http://010.8.8.8/ http://127.0.0.08/ http://a.0x7f/ http://1.2.3.4.5/ http://134744072/ http://0x08080808/
    http://１２７.１/ http://①②⑦.1/ http://０x7f000001/ http://127。1/ http://２１３０７０６４３３/
    http://user@news.example/ http://user:secret@news.example/ http://@news.example/ http://:@news.example/
    http://news.example@127.0.0.1/ http://news.example%40127.0.0.1/ http://news.example:80@127.0.0.1:80/
    http://news.example\\@127.0.0.1/ http:\\\\127.0.0.1\\ http://news.example\\.evil/
    http:///x http:// https:news.example http:/news.example news.example //news.example/x
    http://[::1 http://[::1%25lo]/ http://[fe80::1%25eth0]/ http://[fe80::1%eth0]/ http://[v1.x]/ http://[]/ http://[1.2.3.4]/
    http://::1/ http://news.example:x/ http://news.example:99999/ http://news.example:0/ http://news.example:-1/
    file:///etc/passwd ftp://news.example/ gopher://127.0.0.1:6379/_x dict://127.0.0.1:11211/ data:text/html,x
    javascript:alert(1) jar:http://news.example!/ unix:///var/run/docker.sock ws://news.example/ HTTPX://news.example/
    http://.../ http://./ http://a..b/ http://-.%2e/ http://news.example.. http://%31%32%37.0.0.1/ http://a%00b/
    http://news_example,com/ http://-ä.example/ http://ä­‍.example/ http://*/
""".split()


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_of_the_public_internet_is_refused(address: str) -> None:
    """This machine, its network, clouds' own services, and every way to write an IPv4 address as IPv6."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    """Also those just beside a block that is not."""
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "news.example", "127.1", "1.2.3", "1.2.3.4/8"])
def test_what_is_no_address_at_all_is_not_public(text: str) -> None:
    """Rather refused than guessed at."""
    assert not is_public(text)


@pytest.mark.parametrize("address", [*NOT_FETCHED, "http://a b/", "http://a\x00b/", "http://a\nb/", "http://a\tb/"])
def test_an_unclear_address_is_refused_before_anything_is_looked_up(address: str) -> None:
    """Each with a sentence of its own, and without what cannot be printed."""
    with pytest.raises(AddressRefused) as refused:
        target_of(address)
    assert refused.value.hint
    assert str(refused.value).isprintable()


def test_a_very_long_address_is_refused() -> None:
    """And is not repeated in full."""
    with pytest.raises(AddressRefused) as refused:
        target_of("http://news.example/" + "a" * 3_000)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("http://News.Example", Target("http", "news.example", 80, "/")),
        (" https://news.example./a?b=1#c ", Target("https", "news.example", 443, "/a?b=1")),
        ("https://news.example:8443/", Target("https", "news.example", 8443, "/")),
        ("HTTP://news.example:80/ä%20ö?q=ü", Target("http", "news.example", 80, "/%C3%A4%20%C3%B6?q=%C3%BC")),
        ("http://bücher.example/", Target("http", "xn--bcher-kva.example", 80, "/")),
        ("http://１.１.１.１/", Target("http", "1.1.1.1", 80, "/")),
        ("http://１２７.０.０.１/", Target("http", "127.0.0.1", 80, "/")),
        ("http://[0:0::1]/", Target("http", "::1", 80, "/")),
    ],
)
def test_a_clear_address_is_taken_apart(address: str, target: Target) -> None:
    """The host in one form; what it leads to is judged later."""
    assert target_of(address) == target


def test_an_address_is_put_together_again() -> None:
    """As it is asked for: the port where it is not the usual one, IPv6 in brackets."""
    assert target_of("https://News.example:443/a b".replace(" ", "%20")).url == "https://news.example/a%20b"
    assert target_of("http://[2606:4700::1]:8080/x").url == "http://[2606:4700::1]:8080/x"


@pytest.mark.parametrize("port", [22, 25, 6379, 8080, 11211])
def test_only_the_ports_of_the_web_are_visited(port: int) -> None:
    """Before the name is looked up."""
    with pytest.raises(AddressRefused, match=f"port {port}"):
        Rules().check_port(target_of(f"http://news.example:{port}/"))


def test_an_exception_is_one_address_on_one_port() -> None:
    """Its neighbours stay refused, and so do public addresses on that port."""
    rules = Rules(exceptions=frozenset({("127.0.0.1", 8080)}))
    there = target_of("http://news.example:8080/")
    rules.check_port(there)
    rules.check("127.0.0.1", there)
    for address, url in (
        ("127.0.0.2", "http://news.example:8080/"),
        ("8.8.8.8", "http://news.example:8080/"),
        ("127.0.0.1", "http://news.example/"),
        ("::ffff:127.0.0.1", "http://news.example:8080/"),
    ):
        with pytest.raises(AddressRefused):
            rules.check(address, target_of(url))


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("https://news.example/a", "http://www.news.example/b", True),
        ("https://m.news.example/a", "https://news.example/a", True),
        ("https://news.example/", "https://evil.example/", False),
        ("https://a.github.example/", "https://github.example/", False),
        ("https://www.example/", "https://example/", False),
        ("https://[x", "https://[x", False),
        ("nonsense", "nonsense", False),
    ],
)
def test_a_site_is_one_host_in_its_usual_forms(one: str, other: str, is_one: bool) -> None:
    """Nobody speaks for another host, however near its name."""
    assert is_same_site(one, other) is is_one
