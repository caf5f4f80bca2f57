"""Where a site asks programs to stay away: robots.txt, as RFC 9309 reads it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from retrieval.errors import AddressRefused, RobotsRefused, ServerRefused, Unfetched, WrongContent
from retrieval.messages import say
from retrieval.web.addresses import target_of
from retrieval.web.client import Web

_NAME = "quoth"
_LARGEST = 512_000  # bytes; RFC 9309 asks for 500 KiB at least
_ALL = "allow: /"
_NOTHING = "user-agent: *\ndisallow: /"


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line of a group: the longer its path, the more it counts."""

    path: str
    is_allowed: bool

    def fits(self, path: str) -> bool:
        """``*`` stands for anything, and ``$`` at the end for the path's end."""
        is_whole = self.path.endswith("$")
        parts = self.path.removesuffix("$").split("*")
        at = 0
        for number, part in enumerate(parts):
            is_last = number == len(parts) - 1
            if is_last and is_whole and number:
                return path.endswith(part) and len(path) - len(part) >= at
            found = path.find(part, at)
            if found < 0 or (number == 0 and found > 0):
                return False
            at = found + len(part)
        return at == len(path) if is_whole else True


class Robots:
    """What the sites' robots.txt say, each fetched once; make a new one for each poll."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._texts: dict[str, str] = {}

    def check(self, address: str) -> None:
        """Raises RobotsRefused where programs are asked to stay away, AddressRefused for what is not visited at all."""
        target = target_of(address)
        site = f"{target.scheme}://{target.netloc}"
        if site not in self._texts:
            self._texts[site] = self._fetched(f"{site}/robots.txt")
        if not is_allowed(self._texts[site], target.path):
            raise RobotsRefused(
                say(
                    "the robots.txt of {host} asks programs not to fetch {page}",
                    host=target.host,
                    page=target.path[:80],
                ),
                hint=say("Add the page itself: quoth add ADDRESS"),
            )

    def _fetched(self, url: str) -> str:
        try:
            found = self._web.fetch(url)
        except ServerRefused as error:
            # "Unavailable" (4xx) means that there are no rules; a server that fails may have some.
            return _ALL if 400 <= (error.status or 0) < 500 and error.status != 429 else _NOTHING
        except WrongContent:
            return _ALL
        except AddressRefused:
            raise
        except Unfetched:
            return _NOTHING
        return found.content[:_LARGEST].decode("utf-8", errors="replace") if found.kind == "text" else _ALL


def is_allowed(robots: str, path: str) -> bool:
    """Whether a robots.txt lets Quoth fetch a path."""
    groups = list(_groups(robots))
    own = [rule for names, rules in groups if _NAME in names for rule in rules]
    rules = own if any(_NAME in names for names, _ in groups) else [r for n, rules in groups if "*" in n for r in rules]
    wanted = unquote(path)
    fitting = [(len(rule.path), rule.is_allowed) for rule in rules if rule.path and rule.fits(wanted)]
    return max(fitting, default=(0, True))[1]


def _groups(robots: str) -> Iterator[tuple[Sequence[str], list[_Rule]]]:
    """Names of programs, and the rules for them."""
    names: list[str] = []
    rules: list[_Rule] = []
    for line in re.split(r"[\r\n]+", robots.removeprefix("\ufeff")):
        key, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        key = key.lower()
        if key == "user-agent":
            if rules:
                yield names, rules
                names, rules = [], []
            names.append(re.split(r"[/\s]", value.lower())[0])
        elif key in {"allow", "disallow"} and names:
            rules.append(_Rule(unquote(value), key == "allow"))
    yield names, rules
