"""Lines on pages → paragraphs: heads and feet left out, hyphens at line ends undone, page breaks bridged."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, median_low

_EDGE = 3  # lines at the top and at the bottom of a page that may be its head or foot
_REPEATED = 1 / 3  # of the pages: left and right pages may have heads of their own, and chapters, too
_SAME_SIZE = 0.12  # of the font size; a heading differs by more
_WIDE_GAP = 1.3  # of the usual distance of two lines; what is further apart are two paragraphs
_INDENT = 0.8  # of the font size
_SAME_COLUMN = 2.5  # of the font size: how far left ends of a column's lines differ
_HEADLINE = 1.2  # of the usual font size
_DIVIDED = 0.02  # of the lines end in a hyphen where a program divides words: 5 % to 20 %; else one in 200

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.I)
_ENDED = re.compile(r"[.!?…:。！？][\"'”’»)\]]*$")
_BROKEN = re.compile(r"(\w+)[-\u2010]$")
_LINKED = frozenset("and or to und oder bis et ou y o".split())  # "two- and three-year"


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand on one line: where it begins and ends and its font size, in points from below left."""

    text: str
    left: float
    right: float
    bottom: float
    size: float


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without running heads and page numbers: what several have at their edges, but for the number."""
    seen = Counter(key for page in pages for key in {_key(line) for line in _edges(page)})
    least = max(2, len(pages) * _REPEATED)
    found = []
    for page in pages:
        furniture = {id(line) for line in _edges(page) if seen[_key(line)] >= least}
        found.append([line for line in page if id(line) not in furniture])
    return found if any(found) else [list(page) for page in pages]


def _edges(page: Sequence[Line]) -> list[Line]:
    by_height = sorted(page, key=lambda line: -line.bottom)
    return by_height[:_EDGE] + by_height[max(len(page) - _EDGE, _EDGE) :]


def _key(line: Line) -> str:
    return _NUMBER.sub("#", line.text.casefold())


def headline(lines: Sequence[Line]) -> str | None:
    """The first lines in a font that is larger than the usual one."""
    if not lines:
        return None
    largest = max(line.size for line in lines)
    if largest < _usual_size(lines) * _HEADLINE:
        return None
    at = next(at for at, line in enumerate(lines) if _is_same_size(line.size, largest))
    end = next((n for n in range(at, len(lines)) if not _is_same_size(lines[n].size, largest)), len(lines))
    return " ".join(line.text for line in lines[at:end])


def _usual_size(lines: Sequence[Line]) -> float:
    return median(size for line in lines for size in [line.size] * (1 + len(line.text) // 10))


def _is_same_size(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME_SIZE * max(one, other)


def paragraphs(lines: Sequence[Line]) -> list[str]:
    """The lines as paragraphs, each without a line break."""
    found: list[str] = []
    begins, spelling = _Layout(lines), _Spelling(lines)
    for number, line in enumerate(lines):
        if number and not begins.paragraph_at(number):
            found[-1] = spelling.joined(found[-1], line.text)
        else:
            found.append(line.text)
    return found


class _Layout:
    """Where paragraphs begin in a sequence of lines."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        gaps = [
            (a.bottom - b.bottom) / a.size
            for a, b in pairwise(lines)
            if _is_below(b, a) and _is_same_size(a.size, b.size)
        ]
        self._gap = median_low(gaps) if gaps else 1.2
        self._right: dict[int, float] = {}
        for line in lines:
            self._right[_column(line)] = max(self._right.get(_column(line), 0.0), line.right)

    def paragraph_at(self, number: int) -> bool:
        """Whether a paragraph begins with the line of that number."""
        before, line = self._lines[number - 1], self._lines[number]
        if not _is_same_size(before.size, line.size):
            return True
        if _BROKEN.search(before.text) and line.text[0].islower():
            return False
        if not _is_below(line, before):  # on the next page, or in the next column
            return bool(_ENDED.search(before.text))
        is_far = before.bottom - line.bottom > self._gap * before.size * _WIDE_GAP
        return is_far or self._had_room(before, line) or self._is_indented(number)

    def _had_room(self, before: Line, line: Line) -> bool:
        """Whether the next line's first word would have fitted: then the break was meant."""
        first = line.text.split(" ", 1)[0]
        needed = (line.right - line.left) * (len(first) + 1) / len(line.text)
        edge = max(self._right[column] for column in (_column(before), _column(line)))
        return before.right + needed < edge - before.size

    def _is_indented(self, number: int) -> bool:
        """Whether a first line is set in; where the next is set in as far, they are the rest of a list's item."""
        before, line = self._lines[number - 1], self._lines[number]
        if not _INDENT * line.size < line.left - before.left < 4 * line.size:
            return False
        after = self._lines[number + 1] if number + 1 < len(self._lines) else None
        if after is None or not _is_below(after, line):
            return bool(_ENDED.search(before.text))
        return line.left - after.left > _INDENT * line.size / 2


def _is_below(line: Line, other: Line) -> bool:
    return 0 < other.bottom - line.bottom < 4 * max(line.size, other.size) and line.left < other.right


def _column(line: Line) -> int:
    return round(line.left / (_SAME_COLUMN * max(line.size, 1.0)))


class _Spelling:
    """How words that go on in the next line are spelt, as far as the other lines say it."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._words = Counter(re.findall(r"\w+(?:-\w+)*", " ".join(line.text.casefold() for line in lines)))
        self._dividers = "-\u2010"
        if any(line.text.endswith("\u2010") for line in lines):
            self._dividers = "\u2010"  # a sign of the program's own for words that it divides: others were typed
        elif sum(line.text.endswith("-") for line in lines) < _DIVIDED * len(lines):
            self._dividers = ""

    def joined(self, before: str, line: str) -> str:
        """Two lines as one, with a word that was divided put together again."""
        broken = _BROKEN.search(before)
        first = re.match(r"\w+", line)
        if not broken or not first or first[0].casefold() in _LINKED:
            return f"{before} {line}"
        is_divided = before[-1] in self._dividers and first[0][0].islower()
        is_usual = self._words[f"{broken[1]}-{first[0]}".casefold()] > self._words[f"{broken[1]}{first[0]}".casefold()]
        return f"{before[:-1] if is_divided and not is_usual else before}{line}"
