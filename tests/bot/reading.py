"""What a reader in Discord sees of a text: a small reading of its markup, made without ``bot/markdown.py``.

It follows Discord's published rules ("Markdown Text 101", and the list of references in the developer
documentation), and takes the more dangerous side where its programs differ: bullets may be ``+``, numbers may
end in ``)``, a heading swallows the number signs at its end, addresses and invitations are live in any case, and
a link's label knows no escapes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that look the same; ``target`` is the address that they open."""

    text: str
    marks: frozenset[str] = frozenset()
    target: str | None = None


_QUOTE = re.compile(r" *>(?!>>) +[^\n]*(?:\n *>(?!>>) +[^\n]*)*\n?")
_QUOTE_ALL = re.compile(r" *>>> +[\s\S]*")
_QUOTE_MARKS = re.compile(r"^ *(?:>>>|>) ?", re.MULTILINE)
# At the beginning of a line: what it becomes, and what of it is shown.
_LINES = {
    "heading": re.compile(r" *#{1,3}\s+((?!\s*#{1,3}\s)[^\n]+?)#*\s*?(?:\n|$)"),
    "small": re.compile(r" *-#\s+([^\n]+?)(?:\n|$)"),
    "list": re.compile(r" *(?:[-*+]|\d+[.)])\s+([^\n]+?)(?:\n|$)"),
}
# Elsewhere, by the character that it begins with; of several the longest counts.
_SPANS = {
    "code": re.compile(r"```(?:[\w+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```|(`+)([\s\S]*?[^`])\2(?!`)"),
    "bold": re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    "underline": re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
    "italics": re.compile(
        r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b"
        r"|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"
    ),
    "strike": re.compile(r"~~((?:\\[\s\S]|[^\\])+?)~~"),
    "spoiler": re.compile(r"\|\|([\s\S]+?)\|\|"),
}
_LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"][\s\S]*?['\"])?\s*\)"
)
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_LIVE = {
    "mention": re.compile(r"<(?:@[!&]?|#)\d+>|<(?:id|\d+):[\w-]+(?::\d+)?>|@everyone|@here"),
    "command": re.compile(r"</[^\n>]+:\d+>"),
    "timestamp": re.compile(r"<t:-?\d+(?::\w)?>"),
    "emoji": re.compile(r"<a?:\w+:\d+>|:[\w+-]+:"),
    "address": re.compile(
        r"<[^: >]+:/[^ >]+>|<[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+>|<(?:tel:|sms:)?\+[\d() ./-]+>"
        r"|(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]"
        r"|discord(?:\.(?:gg|new|gift)|(?:app)?\.com/(?:invite|template|gifts))/\w+",
        re.IGNORECASE,
    ),
}
# Nothing begins in the midst of these.
_PLAIN = re.compile(r"[^\\*_~|`\[<:@\nhsdHSD]+")
_LABEL_LIKE_ADDRESS = re.compile(r"(?:https?|steam|discord)://", re.IGNORECASE)


def read(source: str) -> list[Run]:
    """What is shown of one message, or of one text of its components."""
    return list(_joined(_blocks(source, Run(""), starts=True)))


def texts_of(components: Any) -> list[str]:
    """The texts of a message of components, in reading order."""
    found: list[str] = []
    for item in components:
        found += [item["content"]] if item["type"] == 10 else texts_of(item.get("components") or [])
    return found


def _blocks(source: str, look: Run, *, starts: bool) -> Iterator[Run]:
    at = 0
    while at < len(source):
        if source[at - 1] == "\n" if at else starts:
            found = _line(source, at, look)
            if found:
                runs, at = found
                yield from runs
                continue
        runs, at = _inline(source, at, look, starts=starts and at == 0)
        yield from runs


def _line(source: str, at: int, look: Run) -> tuple[list[Run], int] | None:
    """What a line or a block quote that begins here shows, and where it ends."""
    if "quote" not in look.marks:
        for pattern in (_QUOTE_ALL, _QUOTE):
            if match := pattern.match(source, at):
                inside = _QUOTE_MARKS.sub("", match[0])
                return list(_blocks(inside, _marked(look, "quote"), starts=True)), match.end()
    for mark, pattern in _LINES.items():
        if match := pattern.match(source, at):
            runs = list(_blocks(match[1], _marked(look, mark), starts=False))
            return [*runs, replace(look, text="\n")], match.end()
    return None


def _inline(source: str, at: int, look: Run, *, starts: bool) -> tuple[list[Run], int]:
    if match := _PLAIN.match(source, at):
        return [replace(look, text=match[0])], match.end()
    if "link" not in look.marks and (match := _ESCAPE.match(source, at)):
        return [replace(look, text=match[1])], match.end()
    for mark, pattern in _LIVE.items():
        if match := pattern.match(source, at):
            return [replace(_marked(look, mark), text=match[0])], match.end()
    match = _LINK.match(source, at)
    if match and match[1].strip() and not _LABEL_LIKE_ADDRESS.search(match[1]):
        opened = replace(_marked(look, "link"), target=match[2])
        return list(_blocks(match[1], opened, starts=False)), match.end()
    spans = [(mark, match) for mark, pattern in _SPANS.items() if (match := pattern.match(source, at))]
    if spans:
        mark, match = max(spans, key=lambda found: found[1].end())
        inside, marked = next(filter(None, reversed(match.groups()))), _marked(look, mark)
        runs = [replace(marked, text=inside)] if mark == "code" else list(_blocks(inside, marked, starts=starts))
        return runs, match.end()
    return [replace(look, text=source[at])], at + 1


def _marked(look: Run, mark: str) -> Run:
    return replace(look, marks=look.marks | {mark})


def _joined(runs: Iterator[Run]) -> Iterator[Run]:
    """Runs that look the same in one."""
    held: Run | None = None
    for run in runs:
        if held and (held.marks, held.target) == (run.marks, run.target):
            held = replace(held, text=held.text + run.text)
        else:
            if held:
                yield held
            held = run
    if held:
        yield held
