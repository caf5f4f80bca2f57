"""The words of a news page that are not the reporter's, as ``furniture.toml`` lists them."""

import re
import tomllib
from functools import cache
from importlib import resources

_ENOUGH = 4  # words of address, at most two, and likely topics; set with tests/pastes/tuned/


def is_furniture(line: str) -> bool:
    """Whether a folded line is, from its first to its last character, what pages print around articles."""
    return bool(_pattern("line", "link-heading").fullmatch(line))


def is_above_links(line: str) -> bool:
    """Whether a folded line announces links to other articles."""
    return bool(_pattern("link-heading").fullmatch(line))


def speaks_of_the_page(line: str) -> bool:
    """Whether a folded line tells the reader about newsletters, accounts, cookies or the newsroom.

    It must address somebody, and have one of the surest topics or enough of the likely ones.
    """
    addresses = min(2, len(_found("address", line)))
    if not addresses or _found("reported", line):
        return False
    return bool(_found("surest", line)) or addresses + len(_found("likely", line)) >= _ENOUGH


def _found(section: str, line: str) -> set[str]:
    return {found[0] for found in _pattern(section, whole_words=True).finditer(line)}


@cache
def _pattern(*sections: str, whole_words: bool = False) -> re.Pattern[str]:
    patterns = "|".join(p for section in sections for row in _rows()[section] for p in row["patterns"])
    return re.compile(rf"\b(?:{patterns})\b" if whole_words else patterns)


@cache
def _rows() -> dict[str, list[dict[str, list[str]]]]:
    table = resources.files("retrieval").joinpath("furniture.toml").read_text(encoding="utf-8")
    rows: dict[str, list[dict[str, list[str]]]] = tomllib.loads(table)
    return rows
