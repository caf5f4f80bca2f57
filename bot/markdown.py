"""Discord's markup: escaping what comes from elsewhere, and the little markup of our own.

Articles, titles, questions and searches are data. Escaped, none of their characters starts a link, a
mention, a heading, a list or a spoiler, and the reader sees exactly the characters that are stored.
Discord shows a backslash before punctuation as that punctuation, so ``unescape`` gives the text back.
"""

import re
from unicodedata import normalize
from urllib.parse import quote as percent_encode

import idna

from bot import limits
from retrieval import visible

# What is live wherever it stands: emphasis, spoilers, code, links, and everything in angle brackets.
_ANYWHERE = r"[\\*_~|`\[\]<]"
# A link of ours earlier in the text would reach up to a bracket like this, though it is escaped.
_BRACKET = r"(?<=\])\("
# A colon before // (a bare address becomes a link) or inside :name: (an emoji).
_COLON = r":(?=//|[\w+-]+:)"
# Mentions of everyone: allowed_mentions stops the ping, this stops the highlight.
_AT = r"@(?=everyone|here)"
# Invitations and gifts are recognised without a scheme.
_HOSTS = ("discord.gg", "discord.new", "discord.gift")
_PATHS = ("invite", "template", "gifts")
_INVITES = (*_HOSTS, *(f"discord{app}.com/{path}" for app in ("", "app") for path in _PATHS))
_INVITE = "|".join(f"(?<={re.escape(place)})/" for place in _INVITES)
_INLINE = re.compile(f"{_ANYWHERE}|{_BRACKET}|{_COLON}|{_AT}|{_INVITE}", re.IGNORECASE)
# White space within a line: a run of line breaks, looked through from each of them, takes the square of its length.
_INDENT = r"[^\S\n]*"
_LINE = re.compile(rf"^({_INDENT})(#{{1,6}}(?=\s|$)|-(?=#)|>{{1,3}}(?=\s|$)|[-+](?=\s|$))", re.MULTILINE)
_NUMBERED = re.compile(rf"^({_INDENT}\d+)([.)])(?=\s|$)", re.MULTILINE)
_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
# Bold marks must hug a word on both sides and end on the line where they began.
_LINE_OF_WORDS = re.compile(r"\S(?:[^\n]*\S)?")
# What reads as an address: a scheme, a path, or a host alone at the beginning, as in "bank.example: a story".
_BARE_HOST = r"^\s*(?:[\w-]{1,63}\.){1,4}[^\W\d_]{2,}(?![\w.-])"
_ADDRESS = re.compile(rf"://|^\s*www\.|^\S+\.\S{{2,}}/|{_BARE_HOST}", re.IGNORECASE)
# What may stand in an address inside (<…>) as it is; everything else is percent-encoded.
_HOST = re.compile(r"[^/?#:@\[\]]+")
_ADDRESS_SAFE = "%:/?#@!$&'*+,;=~-._"
# White space but the spaces that do not break: French has them before its marks and in its numbers.
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
# Nobody sees it. A line of a block quote needs a character, or the quote ends there; a heading does, too, and
# swallows the number signs at its end, escaped or not.
_NOTHING = "\u200b"


def escape(text: str) -> str:
    """The text with a backslash before each character that would be markup."""
    return _insert(text, dict.fromkeys(_live(text), "\\"))


def unescape(text: str) -> str:
    """What a reader sees of escaped text: ``unescape(escape(text)) == text``, for every text."""
    return _ESCAPED.sub(r"\1", text)


def inline(text: str, limit: int) -> str:
    """Text as one line of at most ``limit`` characters, escaped; a cut shows as ``…``."""
    return escape(shorten(_SPACES.sub(" ", visible(text)).strip(), limit))


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` code points of the text, ending in ``…`` where some were cut off."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def option(text: str) -> str:
    """Text as one of several to choose from, which is no markup."""
    short = shorten(text, limits.OPTION_TEXT)
    # In UTF-16 units a character counts two at most.
    return short if limits.units(short) <= limits.OPTION_TEXT else shorten(text, limits.OPTION_TEXT // 2)


def block_quote(text: str, focus: tuple[int, int] | None = None) -> str:
    """The text as a block quote, each line with its own mark; ``focus`` is a span of it in bold.

    Control characters and bidirectional marks are left out; every other character is shown.
    """
    start, end = focus or (0, 0)
    before, middle, after = (visible(part) for part in (text[:start], text[start:end], text[end:]))
    whole = before + middle + after
    inserts = dict.fromkeys(_live(whole), "\\")
    for line in _LINE_OF_WORDS.finditer(middle):
        first, last = (len(before) + offset for offset in line.span())
        inserts[first] = "**" + inserts.get(first, "")
        inserts[last] = "**" + inserts.get(last, "")
    return "\n".join(f"> {line or _NOTHING}" for line in _insert(whole, inserts).split("\n"))


def address(url: str | None, limit: int) -> str | None:
    """A web address of at most ``limit`` characters, fit to stand in a link; None where there is none.

    Where the whole is too long, the part that points at a passage is left out. A host in other letters is
    written as the net knows it: Discord would refuse it, encoded like the rest.
    """
    if url is None or not url.lower().startswith(("https://", "http://")):
        return None
    scheme, _, rest = url.partition("://")
    host = _HOST.match(rest)
    if host is None:
        return None
    try:
        known = idna.encode(host[0], uts46=True).decode() if not host[0].isascii() else host[0]
    except idna.IDNAError:
        return None
    whole = f"{scheme}://{known}{rest[host.end() :]}"
    for candidate in (whole, whole.partition("#:~:")[0]):
        encoded = percent_encode(candidate, safe=_ADDRESS_SAFE)
        if len(encoded) <= limit:
            return encoded
    return None


def link(label: str, target: str, limit: int, *, word: str = "source") -> str:
    """``[label](<target>)`` without a preview, from what ``address`` returned.

    A label that reads as one address and opens another would deceive, and in a label Discord heeds brackets
    though they are escaped, and shows the backslashes. Such a label is plain text, and the ``word`` beside
    it is the link.
    """
    shown = inline(label, limit)
    read = normalize("NFKC", "".join(filter(str.isprintable, shown)))  # as it looks: a dot is a dot, at any width
    fits = shown.strip(_NOTHING) and "\\" not in shown and not _ADDRESS.search(read)
    return f"[{shown}](<{target}>)" if fits else f"{shown} [{word}](<{target}>)"


def heading(text: str, limit: int) -> str:
    """A third-level heading of one line."""
    shown = inline(text, limit)
    return f"### {shown}{_NOTHING}" if not shown or shown.endswith("#") else f"### {shown}"


def small(text: str, limit: int) -> str:
    """Small print of one line."""
    return f"-# {inline(text, limit)}"


def _live(text: str) -> list[int]:
    """The positions of the characters that would start markup."""
    positions = [match.start() for match in _INLINE.finditer(text)]
    positions += [match.start(2) for match in _LINE.finditer(text)]
    return positions + [match.start(2) for match in _NUMBERED.finditer(text)]


def _insert(text: str, inserts: dict[int, str]) -> str:
    """The text with each string put in before the character at its position."""
    cuts = sorted(inserts)
    bounds = zip([0, *cuts], [*cuts, len(text)], strict=True)
    parts = [text[start:end] for start, end in bounds]
    return parts[0] + "".join(inserts[cut] + part for cut, part in zip(cuts, parts[1:], strict=True))
