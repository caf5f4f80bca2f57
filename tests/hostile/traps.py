"""Long, dull texts: what makes a careless pattern go through the same characters again and again."""

import importlib
import re
from collections.abc import Iterator

from tests.conftest import ROOT

# Each is repeated, and then ends in something that a pattern does not expect.
PIECES = (
    *"a A 1 . , ; : - _ / \\ | ( ) [ ] < > « » “ ” ' \" @ # * ~ ` = & % ! ?".split(),
    *(" ", "\n", "\t", "\r\n", "\n\n", "\u00a0", "\u200b", "é", "中", "a ", "A ", "A. ", "a. ", "1 ", "1,", "a-", "a/"),
    *(
        "a@",
        "A.A.",
        "ab cd ",
        "Ab Cd ",
        "AB CD ",
        "a\n",
        "A\n\n",
        "by a ",
        "(a",
        "(a)",
        "a) ",
        "<a ",
        "<a>",
        "<!--",
        "](",
    ),
    *("source:", 'source:"', "http://", "www.", "« a ", "“a ", "said ", "Mr. ", "Jan 1 ", "© ", "read more ", "said, "),
    *(":a:", "photo by ", "reporting by ", "follow us ", "you ", "$1 ", "q1:", "0123456789abcdef.", "%41", "&amp;"),
)
_ENDS = ("", "\x00")


def traps(length: int) -> Iterator[str]:
    """Texts of about that many characters."""
    for piece in PIECES:
        for end in _ENDS:
            yield piece * (length // len(piece)) + end


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that a file of ours compiles when it is imported, with its name."""
    for package in ("retrieval", "bot"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if name.endswith("__main__"):
                continue
            for variable, value in vars(importlib.import_module(name)).items():
                for number, found in enumerate(value if isinstance(value, tuple) else [value]):
                    if isinstance(found, re.Pattern) and isinstance(found.pattern, str):
                        yield f"{name}.{variable}[{number}]", found
