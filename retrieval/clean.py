"""What a pasted news article holds besides the article: marked, never deleted.

Cleaning finds spans of the given text that are not the reporter's sentences (a page's furniture,
captions, the headline printed twice) and says what they are. The text itself stays as it was given,
so offsets never move. The rules are data; each is a whole line or a whole paragraph, because a
pattern that runs over a text without line breaks can swallow the rest of the article.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from retrieval.furniture import is_furniture, speaks_of_the_page
from retrieval.layout import (
    LONG_PARAGRAPH,
    Page,
    biographies,
    dates,
    labels,
    link_lists,
    named_captions,
    repeats,
    subheadings,
)
from retrieval.records import Mark
from retrieval.text import Span, trimmed, words

# What the rules call what they mark; marks of other kinds come from a loader.
KINDS = frozenset("furniture trailer headline byline caption repeated subheading dateline".split())

# A line that points elsewhere with an arrow, and a sentence that does so after others. A quotation that
# is opened is closed by such a mark, too.
_TEASER = re.compile(r"[^«»›→]{1,110}\s[»›→]+\W*")
_TEASER_WORDS = 16
_ENDS_INSIDE = re.compile(r"[.!?][\"”’)]* [A-Z]")
_INLINE_TEASER = re.compile(
    r"(?<=[.!?\"”’)] )(?:watch|see|read|hear|learn|find|click|view|listen|look|take|test|explore|meet|check|vote|share|"
    r"e-?mail|join|browse|sound off)\b[^\n!?«»]{2,110} »(?=\s|$)",
    re.I,
)

# Lines after which nothing of the article follows; believed only near its end.
_TRAILER = re.compile(
    r"to contact the (reporters?|editors?|authors?)\b(.*[:@]|[^.]*$)|[-–—\s]*with (assistance|reporting) (from|by)\b|"
    r"\(?(additional )?(reporting|writing|editing|compiled) by\b|©|\(c\) ?\d{4}|copyright \W?\d{4}|all rights reserved|"
    r"this (story|article) (has been|was) (published|syndicated|edited)\b|(the )?views expressed (in|here|are)\b|"
    r"about the author\W*$|contact (the )?(reporter|author|writer|us)\b|our standards\b|write to [^.]{3,60} at \S+@|"
    r"[^.]{3,60} (can|may) be reached (at|by)\b"
)
_TRAILER_FROM = 0.7  # of the text; a contact line stands in its last third

_CAPTION = re.compile(
    r"\((source|photo|photograph|image|picture|credit|file)s?\s*[:/].{1,80}\)|"
    r"\([^()]{0,60}(getty|reuters|afp|ap photo|pti|epa|shutterstock|handout)[^()]{0,60}\)|"
    r"(.{0,200}(/|\bvia ))?(getty images|shutterstock)\W*|.{0,200}\b(ap photo|afp|reuters)/[\w. ]{2,40}\W*|"
    r"(photo|photograph|image|picture)( by| credit| courtesy)?\s*:.{1,120}|"
    r".{0,300}\b(photo(graph)?s?|image|illustration)s? (by|courtesy)\b[^.]{1,60}|"
    r"(.{0,260}[\s(©])?(credit photo|(photo|image) credits?|photo|foto|bild(quelle)?|image|illustration|credit)s?\s?"
    r":\s[^.]{2,60}|(pictured[:,]|(above|below|left|right):) .{3,200}|(this|an) image (provided|released) by .{3,200}|"
    r".{3,260}( / |/)(efe|dpa|afp|ap|pti|pa|epa|reuters|file photo)( hide caption)?|"
    r".{10,260}[.!?] (obtained by|courtesy( of)?|handout( via)?|supplied( by)?|provided by) [^.]{1,60}|"
    r"(representative|representational|file|stock) (image|photo)\W?",
    re.S,
)
_CAPTION_TAIL = re.compile(
    r"\((pictured|pti|ani|afp|file( photo)?)\)$|"
    r"\((source|photo|photograph|image|picture|credit|file)s?\s*[:/][^()]{1,80}\)\W*$|"
    r"\([^()]{0,60}(getty images|reuters/|afp/|ap photo)[^()]{0,60}\)\W*$|(/|\bvia )getty images\W*$"
)
_CREDIT = re.compile(
    r"[.!?] [A-Z][A-Za-z. ]{2,40}/[A-Z][\w ]{2,40}$|\([A-Z][\w.' -]{2,30}(?:/| / | via )[A-Z][\w.' -]{1,40}\)$"
)  # not folded
_CAPTION_WORDS = 40

_AGENCY = r"[A-Z][\w.&’'-]*(?: [A-Z][\w.&’'-]*){0,3}"
_SENTENCE = r"(?=[\"“‘'(]*[A-Z0-9])"  # begins; after "IBM — the company" none does
_DATELINE = re.compile(
    rf"(?:(?P<place>[A-Z][\w.’'-]*(?:[ ,/]{{1,2}}[A-Z][\w.’'-]*){{0,5}}),?\s+(?:\w+\.? \d{{1,2}}\s+)?)?"
    rf"\((?P<agency>{_AGENCY})\)\s*(?:--|\.?[-–—])\s*"
    rf"|(?P<capitals>[A-Z][A-Z.’'-]+(?:[ ,/]{{1,2}}[A-Z][A-Za-z.’'-]*){{0,5}})"
    rf"(?:,? \w+\.? \d{{1,2}})?\s+(?:--|[–—])\s+{_SENTENCE}|(?P<caps>[A-Z]{{3,}}(?: [A-Z]{{3,}}){{0,2}}) - {_SENTENCE}"
)
_DATELINE_LENGTH = 60

_BYLINE = re.compile(
    r"(?:(?:written |reported |edited )?by\s|(?:von:?|von unser\w* \w+|(?:article rédigé )?par|por)\s"
    r"(?=(?-i:[A-ZÀ-Ý])\S+ (?:(?:de|du|la|von|van) )*(?-i:[A-ZÀ-Ý])))(?P<author>[^\d.!?:;@]{3,60})"
    r"(?:\s\S+@\S+)?",
    re.I,
)
_REPORTER = re.compile(
    r"to contact the reporters? on this story\s*:\s*(?P<author>[^\d@:;]{3,60}?)(?: in | at |$)", re.I
)

_HEAD_LINES = 8
_TITLE_LENGTH = 160
_TITLE_WORDS = 4  # a shorter line above the story may be a section's name


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The marks of a text, in order and without overlaps, and what was read from the marked parts."""

    marks: tuple[Mark, ...]
    title: str | None = None
    agency: str | None = None
    author: str | None = None


def clean(text: str, *, title: str | None = None, marks: Iterable[Mark] = ()) -> Cleaned:
    """Mark what is not the reporter's own text.

    ``title`` is the headline where it is known, so that its repetitions are found; ``marks`` are
    spans that a loader has already set aside. The same input gives the same marks.
    """
    found = Cleaned(marks=tuple(marks), title=title)
    for find in (named_captions, _furniture, link_lists, _teasers, _trailer):
        found = _mark(found, find(_page(text, found)))
    found = _headline(_page(text, found), found)
    found = _byline(_page(text, found), found)
    for find in (dates, _captions, repeats, biographies):
        found = _mark(found, find(_page(text, found)))
    found = _mark(found, labels(_page(text, found), title=found.title))
    found = _mark(found, biographies(_page(text, found)))
    found = _mark(found, subheadings(_page(text, found), title=found.title))
    return _dateline(_page(text, found), found)


def _page(text: str, found: Cleaned) -> Page:
    return Page(text, found.marks, kept(text, found.marks))


def kept(text: str, marks: Iterable[Mark]) -> list[Span]:
    """The spans between the marks, in order, without white space around them."""
    spans, start = [], 0
    for mark in sorted(marks, key=lambda m: (m.start, m.end)):
        spans.append(trimmed(text, Span(start, max(start, mark.start))))
        start = max(start, mark.end)
    spans.append(trimmed(text, Span(start, len(text))))
    return [span for span in spans if span.start < span.end]


def _mark(found: Cleaned, marks: Iterable[Mark]) -> Cleaned:
    return replace(found, marks=tuple(sorted((*found.marks, *marks), key=lambda m: (m.start, m.end))))


def _furniture(page: Page) -> Iterator[Mark]:
    for line in page.lines:
        content = page.folded(line)
        if page.may_go(line) and (not content or is_furniture(content) or speaks_of_the_page(content)):
            yield Mark(*line, "furniture")


def _teasers(page: Page) -> Iterator[Mark]:
    for line in page.lines:
        content = page.text[line.start : line.end]
        if _TEASER.fullmatch(content) and len(content.split()) <= _TEASER_WORDS and not _ENDS_INSIDE.search(content):
            yield Mark(*line, "furniture")
        else:
            for found in _INLINE_TEASER.finditer(page.text, line.start, line.end):
                yield Mark(*found.span(), "furniture")


def _trailer(page: Page) -> Iterator[Mark]:
    begin = page.last_part(_TRAILER_FROM)
    for number, paragraph in enumerate(page.paragraphs):
        if paragraph.start < begin or not _TRAILER.match(page.folded(paragraph)):
            continue
        rest = page.paragraphs[number:]
        if all(page.count(span) <= LONG_PARAGRAPH for span in rest):
            yield from (Mark(*span, "trailer") for span in rest if _is_trailer(page, span))
            return


def _is_trailer(page: Page, paragraph: Span) -> bool:
    """Whether a paragraph after a trailer's first line is part of it: corrections are not."""
    if _TRAILER.match(page.folded(paragraph)) or "@" in page.slice(paragraph):
        return True
    return page.may_go(paragraph) and not page.is_prose(paragraph)


def _headline(page: Page, found: Cleaned) -> Cleaned:
    """Mark the headline wherever it stands among the first lines; without a title, find it there."""
    head = page.lines[:_HEAD_LINES]
    title = found.title or _title(page, head)
    if title is None:
        return found
    known = words(title)
    repeated = [line for line in head if words(page.text[line.start : line.end].lstrip("# ")) == known]
    return replace(_mark(found, (Mark(s, e, "headline") for s, e in repeated)), title=title)


def _title(page: Page, head: list[Span]) -> str | None:
    """The first line above the story that is long enough for a headline; else the first one."""
    story = page.prose[0].start if page.prose else len(page.text)
    if len(page.lines) < 2:
        return None
    above = [line for line in head if line.start < story or line == head[0]]
    titles = [line for line in above if _may_be_title(page, line)]
    if not titles:
        return None
    long_enough = (line for line in titles if page.count(line) >= _TITLE_WORDS)
    return page.slice(next(long_enough, titles[0])).lstrip("# ").strip()


def _may_be_title(page: Page, line: Span) -> bool:
    content = page.slice(line).lstrip("# ").strip()
    bare = content.rstrip("\"'”’»)]")
    is_sentence = bare.endswith((".", ",", ";", ":")) and not content.endswith(("U.S.", "Inc."))
    # A line within a wrapped paragraph is a part of a sentence.
    return line in page.paragraphs and 0 < len(content) <= _TITLE_LENGTH and not is_sentence


def _byline(page: Page, found: Cleaned) -> Cleaned:
    author = None
    for mark in found.marks:
        if mark.kind == "trailer" and (named := _REPORTER.match(page.text[mark.start : mark.end])):
            author = named["author"].strip()
    named_lines = [(line, _BYLINE.fullmatch(page.slice(line))) for line in page.lines[:_HEAD_LINES]]
    bylines = [(line, named) for line, named in named_lines if named]
    if bylines:
        author = bylines[0][1]["author"].strip()
    return replace(_mark(found, (Mark(*line, "byline") for line, _ in bylines)), author=author)


def _captions(page: Page) -> Iterator[Mark]:
    for paragraph in page.paragraphs:
        content = page.folded(paragraph)
        if len(content.split()) > _CAPTION_WORDS:
            continue
        credited = _CREDIT.search(page.slice(paragraph))
        if credited or _CAPTION.fullmatch(content) or _CAPTION_TAIL.search(content):
            yield Mark(*paragraph, "caption")


def _dateline(page: Page, found: Cleaned) -> Cleaned:
    """Mark ``PARIS (Reuters) -`` before the first sentence; it stays with the article as its agency."""
    for paragraph in page.paragraphs[:3]:
        opening = _DATELINE.match(page.text, paragraph.start, paragraph.end)
        if opening and opening.end() - paragraph.start <= _DATELINE_LENGTH:
            marked = _mark(found, [Mark(*trimmed(page.text, Span(paragraph.start, opening.end())), "dateline")])
            return replace(marked, agency=opening["agency"])
    return found
