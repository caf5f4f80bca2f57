"""robots.txt: where programs are asked to stay away (RFC 9309)."""

import pytest

from retrieval.errors import AddressRefused, RobotsRefused
from retrieval.web.robots import Robots, is_allowed
from tests.sites import Reply, served, web_for

RULES = """\ufeff# for everybody
User-Agent: *
Disallow: /private   # not for programs
Allow: /private/open
Disallow: /*.php$
Disallow: /a*/b
Disallow: /exact$
Disallow:

User-agent: Other
User-agent: Quoth/1.0
Disallow: /quoth
Sitemap: https://news.example/map.xml
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/private", False),
        ("/private/x", False),
        ("/private/open/x", True),
        ("/%70rivate", False),
        ("/x.php", False),
        ("/x.php?a", True),
        ("/.php", False),
        ("/axx/b/c", False),
        ("/b/a", True),
        ("/exact", False),
        ("/exactly", True),
    ],
)
def test_the_longest_rule_that_fits_counts(path: str, allowed: bool) -> None:
    """With ``*`` for anything and ``$`` for the end; of equals, the one that allows."""
    assert is_allowed(RULES.partition("User-agent: Other")[0], path) is allowed


def test_a_group_for_quoth_goes_before_that_for_all() -> None:
    """Then the other does not count at all; several programs may share one."""
    assert is_allowed(RULES, "/private")
    assert not is_allowed(RULES, "/quoth/x")
    assert is_allowed("User-agent: quoth\n\nUser-agent: *\nDisallow: /", "/x") is False
    assert is_allowed("User-agent: quoth\nAllow: /\n\nUser-agent: *\nDisallow: /", "/x")
    assert is_allowed("Disallow: /\nnonsense\n:::", "/x")
    assert is_allowed("User-agent: *\nDisallow: /x\nAllow: /x", "/x")


@pytest.mark.parametrize(
    ("reply", "allowed"),
    [
        (Reply(RULES, kind="text/plain"), False),
        (Reply(status=404), True),
        (Reply(status=403), True),
        (Reply("<!doctype html><html>no such page</html>"), True),
        (Reply(b"%PDF", kind="application/pdf"), True),
        (Reply(status=429), False),
        (Reply(status=503), False),
        (Reply("x" * 6_000_000, kind="text/plain"), False),
    ],
)
def test_a_site_is_asked_once(reply: Reply, allowed: bool) -> None:
    """No rules are none; a server that fails may have some."""
    with served() as site:
        site.pages["/robots.txt"] = reply
        robots = Robots(web_for(site))
        for _ in range(2):
            if allowed:
                robots.check(site.url("/quoth"))
            else:
                with pytest.raises(RobotsRefused, match=r"robots\.txt of news\.example"):
                    robots.check(site.url("/quoth"))
        assert len(site.asked) == 1


def test_what_is_no_address_has_no_robots() -> None:
    """It is refused as an address."""
    with served() as site, pytest.raises(AddressRefused):
        Robots(web_for(site)).check("file:///etc/passwd")


def test_an_address_inside_is_refused_as_that() -> None:
    """Nobody is told that a machine asks programs to stay away which was not asked."""
    with served() as site, pytest.raises(AddressRefused, match="no public address"):
        Robots(web_for(site, resolve=lambda host, port: ["192.168.0.1"])).check(site.url("/"))
    assert site.asked == []
