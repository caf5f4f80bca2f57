"""What a news page's lines show by where they stand: menus, lists of links, dates, names, biographies.

A reporter's sentence ends like one. What ends like nothing is believed to be furniture only beside other
furniture: in the head above the story, in the tail below it, in a list of links.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from retrieval.furniture import is_above_links
from retrieval.records import Mark
from retrieval.text import FUNCTION_WORDS, Span, folded, lines, paragraphs, words

QUOTED = re.compile(r"[\"“”„«»]")
MEASURED = re.compile(
    r"[$€£¥]\s?\d|"
    r"\d\s?(%|per ?cent\b|million|billion|millones|tonnes|kilomet|km\b|kg\b|miles|degrees|grad\b|euros?\b)"
)
ENDS = re.compile(r"[.!?…:;,♦][\"'”’»)\]]*$")
LONG_PARAGRAPH = 40  # words; longer ones are prose, whatever they begin with
_PROSE = 9  # words of the shortest line that is taken for prose, if it ends like a sentence
_LABEL = 5  # words of the longest menu item, section or name
_LINK = 16  # words of the longest headline of another article
_LINKS = 12  # lines of the longest list of them
_SUBHEADING = 8  # words
_REPEATED = 5  # words of the shortest paragraph that is not printed twice by chance
_DECK = range(4, LONG_PARAGRAPH)  # words of a standfirst

_ITEM = re.compile(r"[-•*–·]\s|\(?\d{1,2}[.)]\s|[^\W\d][\w ]{2,30}: .*\d")
_CAPTION_HEADINGS = ("image caption", "media caption", "image source")
_SIGNS = "*_#[]|•·-–—>»←→+× "

_MONTHS = (
    "jan(uary|uar|vier)?|feb(ruary|ruar)?|fevr(ier)?|mar(ch|s)?|marz|apr(il)?|avr(il)?|may|mai|june?|juni|juin|july?|"
    "juli|juil(let)?|aug(ust)?|aout|sept?(ember|embre)?|o[ck]t(ober|obre)?|nov(ember|embre)?|de[cz](ember|embre)?|ene(ro)?|febrero|"
    "marzo|abr(il)?|mayo|junio|julio|ago(sto)?|septiembre|octubre|noviembre|dic(iembre)?"
)
_DATE = re.compile(
    rf"\b({_MONTHS})\b\.?,? \d{{1,4}}|\d{{1,2}}(st|nd|rd|th)?\.? ({_MONTHS})\b|\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{2,4}}"
    r"|\d{1,2}[:.h]\d{2}\s?([ap]\.?m)?\b|\b\d{1,2}\s?[ap]\.?m\b|\b\d+ (hours?|days?|minutes?|mins?) ago|^published$"
)
_DATE_WORDS = re.compile(
    rf"\b({_MONTHS}|mon|tue|wed|thu|fri|sat|sun|(mon|tues|wednes|thurs|fri|satur|sun)day|originally|first|last|published|"
    r"updated|posted|modified|uploaded|on|at|by|a\.?m|p\.?m|et|est|edt|pdt|pst|gmt|bst|utc|ist|cest?|uhr|stand|"
    r"veroffentlicht|aktualisiert|publie|modifie|mis|a|le|jour|publicado|actualizado|issue|hours?|days?|minutes?|"
    r"ago|h|el|de|lesedauer|minuten|latest news)\b"
)
_SAID_OF = FUNCTION_WORDS - {"by", "for"}  # in a sentence that tells the time
_PLACES = 4  # words that may stand beside a date
_SENTENCE_END = re.compile(r"[^\W\d]{2,}[.!?][\"”]?$")

_BIOGRAPHY = re.compile(
    r"(?P<name>[^\W\d]\S+( [^\W\d]\S+)?) (is|has|covers|reports|writes|joined|can be reached|reported)\b.{3,240}"
)
_TAIL = 0.6  # of what is kept; biographies and lists stand below


class Page:
    """A text with what is marked of it: the rest as lines and paragraphs, and all of its lines."""

    def __init__(self, text: str, marks: tuple[Mark, ...], kept: list[Span]) -> None:
        self.text = text
        self.marks = marks
        self.every = [line for line in lines(text, Span(0, len(text))) if line.start < line.end]
        self.lines = [line for span in kept for line in lines(text, span) if line.start < line.end]
        self.paragraphs = [paragraph for span in kept for paragraph in paragraphs(text, span)]
        self.prose = [p for p in self.paragraphs if self.is_prose(p)]

    def folded(self, span: Span) -> str:
        """The words of a span, lower case, without the signs around them."""
        return folded(self.slice(span)).strip(_SIGNS)

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]

    def count(self, span: Span) -> int:
        """How many words a span has."""
        return len(self.slice(span).split())

    def is_prose(self, paragraph: Span) -> bool:
        """Whether a paragraph ends like a sentence and is as long as one."""
        return self.count(paragraph) >= _PROSE and bool(ENDS.search(self.slice(paragraph)))

    def may_go(self, span: Span) -> bool:
        """Whether a line may be set aside for its look: not what is quoted, measured or long."""
        content = self.slice(span)
        return not (QUOTED.search(content) or MEASURED.search(content.casefold())) and (
            len(content.split()) <= LONG_PARAGRAPH
        )

    def is_bare(self, line: Span, longest: int) -> bool:
        """Whether a line is short, ends like nothing, and is no item of a list."""
        content = self.slice(line)
        return (
            len(content.split()) <= longest
            and self.may_go(line)
            and not ENDS.search(content)
            and not _ITEM.match(content)
        )

    def last_part(self, share: float) -> int:
        """Where the end of what is kept begins, ``share`` being what stands before it."""
        left = sum(e - s for s, e in self.paragraphs) * share
        for start, end in self.paragraphs:
            left -= end - start
            if left < 0:
                return start
        return len(self.text)


def named_captions(page: Page) -> Iterator[Mark]:
    """The line below ``Image caption,``, which some pages set apart."""
    for line, below in pairwise(page.lines):
        if page.folded(line).rstrip(",:") in _CAPTION_HEADINGS:
            yield Mark(*line, "furniture")
            if page.may_go(below):
                yield Mark(*below, "caption")


def link_lists(page: Page) -> Iterator[Mark]:
    """The headlines of other articles below ``Most read``."""
    open_lines = set(page.lines)
    story = page.prose[0].start if page.prose else len(page.text)
    left = 0
    for line in page.every:
        if line.start < story:  # the headline stands there, too
            continue
        if line not in open_lines:
            heading = page.folded(line).rstrip(":")
            left = _LINKS if is_above_links(heading) else left
        elif left and _is_link(page, line):
            if page.may_go(line):
                yield Mark(*line, "furniture")
            left -= 1
        else:
            left = 0


def _is_link(page: Page, line: Span) -> bool:
    content = page.slice(line)
    ends = ENDS.search(content) and not content.endswith("?")
    return page.count(line) <= _LINK and not ends and not _ITEM.match(content)


def dates(page: Page) -> Iterator[Mark]:
    """Lines that hold a date or a time of day, and hardly anything else."""
    for line in page.lines:
        content = page.folded(line)
        if len(content.split()) > 16 or not _DATE.search(content) or _SENTENCE_END.search(page.slice(line)):
            continue
        rest = words(_DATE_WORDS.sub(" ", _DATE.sub(" ", content)))
        names = [word for word in rest if not word.isdigit()]
        if len(names) <= _PLACES and not _SAID_OF.intersection(names) and page.may_go(line):
            yield Mark(*line, "byline")


def labels(page: Page, *, title: str | None) -> Iterator[Mark]:
    """Menu items above the story, between its paragraphs and below it: short lines that end nothing."""
    if not page.prose:
        return
    begin, end = page.prose[0].start, page.prose[-1].end
    deck = _deck(page, title)
    announced = False
    in_company = _in_company(page)
    alone = _set_apart(page)
    for line in page.lines:
        inside = begin <= line.start < end
        longest = _LINK if line.start >= end or line in alone else _LABEL
        if not announced and line != deck and page.is_bare(line, longest):
            if not inside or line in in_company or page.count(line) > _SUBHEADING:
                yield Mark(*line, "furniture")
            continue
        announced = (inside and page.slice(line).endswith(":")) or (announced and not page.is_prose(line))


def subheadings(page: Page, *, title: str | None) -> Iterator[Mark]:
    """Short lines that end nothing, above prose: ``‘Work With Us’``."""
    deck = _deck(page, title)
    for paragraph, following in pairwise(page.paragraphs):
        below = page.slice(following)
        is_short = page.is_bare(paragraph, _SUBHEADING) and paragraph != deck
        if is_short and ENDS.search(below) and len(below) > paragraph.end - paragraph.start:
            yield Mark(*paragraph, "subheading")


def _deck(page: Page, title: str | None) -> Span | None:
    """The line below the headline, if it is long enough for a standfirst."""
    if title is None or not page.lines:
        return None
    below = max((mark.end for mark in page.marks if mark.kind == "headline"), default=0)
    first = next((line for line in page.lines if line.start >= below), page.lines[0])
    return first if page.count(first) in _DECK else None


def _in_company(page: Page) -> set[Span]:
    """The lines right beside another short one that ends nothing, or beside furniture."""
    furniture = {mark.start for mark in page.marks if mark.kind == "furniture"}
    left = set(page.lines)
    loose = [line.start in furniture or (line in left and page.is_bare(line, _LABEL)) for line in page.every]
    padded = [False, *loose, False]
    return {line for at, line in enumerate(page.every) if padded[at] or padded[at + 2]}


def _set_apart(page: Page) -> set[Span]:
    """The paragraphs below prose or beside furniture: where those end like nothing, they link to something else."""
    below = {paragraph for before, paragraph in pairwise(page.paragraphs) if page.is_prose(before)}
    furniture = {mark.start for mark in page.marks if mark.kind == "furniture"}
    beside = {
        line
        for before, line, after in zip(page.every, page.every[1:], page.every[2:], strict=False)
        if before.start in furniture or after.start in furniture
    }
    return below | (beside & set(page.paragraphs))


def biographies(page: Page) -> Iterator[Mark]:
    """``Jane Roe covers rivers``, near the end, where Jane Roe is named in what is marked already."""
    begin = page.last_part(_TAIL)
    named = [folded(page.text[mark.start : mark.end]) for mark in page.marks]
    for paragraph in page.paragraphs:
        about = _BIOGRAPHY.fullmatch(page.slice(paragraph))
        if about and page.may_go(paragraph) and paragraph.start >= begin:
            name = folded(about["name"])
            if any(re.search(rf"(^|\bby |\band ){re.escape(name)}\b", mark) for mark in named):
                yield Mark(*paragraph, "furniture")


def repeats(page: Page) -> Iterator[Mark]:
    """Paragraphs that were printed before, and pulled quotes: nothing that they say is lost."""
    contents = [tuple(words(page.slice(paragraph))) for paragraph in page.paragraphs]
    joined = [f" {' '.join(content)} " for content in contents]
    holding = defaultdict[tuple[str, ...], set[int]](set)
    for number, content in enumerate(contents):
        for at in range(len(content) - _REPEATED + 1):
            holding[content[at : at + _REPEATED]].add(number)
    seen: set[tuple[str, ...]] = set()
    for number, content in enumerate(contents):
        if len(content) < _REPEATED:
            continue
        others = holding[content[:_REPEATED]]
        if content in seen or any(
            len(joined[number]) < len(joined[other]) and joined[number] in joined[other] for other in others
        ):
            yield Mark(*page.paragraphs[number], "repeated")
        seen.add(content)
