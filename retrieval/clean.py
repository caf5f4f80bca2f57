"""What a pasted news article holds besides the article: marked, never deleted.

Cleaning finds spans of the given text that are not the reporter's sentences (a page's furniture,
captions, the headline printed twice) and says what they are. The text itself stays as it was given,
so offsets never move. The rules are data; each is a whole line or a whole paragraph, because a
pattern that runs over a text without line breaks can swallow the rest of the article.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from retrieval.records import Mark
from retrieval.text import Span, folded, lines, paragraphs, trimmed, words

# What the rules call what they mark; marks of other kinds come from a loader.
KINDS = frozenset("furniture trailer headline byline caption repeated subheading dateline".split())

# A line that is one of these, from its first to its last character, is a page's furniture.
_FURNITURE = re.compile(
    "|".join(
        (
            r"advertisements?|advertising|sponsored( content)?|promoted( content)?|paid post|ad",
            r"(story|article) continues( below)?( (this )?advertisement)?|continue reading( .{0,80})?",
            r"(also |must )?reads?( more| also| next| this)?\s*[:|»>-]\s*.{0,120}|read more|more on this( story)?",
            r"see also\s*:?.{0,100}|related( (articles?|stories|coverage|content|topics|news|video))?(\s*:.{0,100})?",
            r"recommended( for you| stories| reading)?|most (read|popular|viewed|shared)|trending( now)?|top stories",
            r"(click|tap) (here|to) .{0,100}|watch( now| live| more)?\s*:.{0,100}|listen( now| to this article)?",
            r"share( (this|on|via) .{0,60})?|tweet|e-?mail( (this|to) .{0,40})?|print|save|copy link",
            r"do ?n.?t miss|in depth\s*:.{1,100}|(story )?highlights|ireport(\.com)?\s*:.{1,120}|more\s*:.{1,100}",
            r"all about( [^.]{1,60}•.{1,60})?|(hear|watch|see|view|read) (the|a) (full|related) [^.]{1,60}",
            r"\((additional |some )?(reporting|writing|editing|compiled)( and \w+)? (by|from) .{1,200}\)",
            r"(additional|some) reporting (by|from) .{1,100}|reporting by .{1,100}; ?(writing|editing) by .{1,100}",
            r"(the |\w+.?s )?.{0,120} contributed to th(is|e) (report|story|article)\W*",
            r"whats ?app|facebook|twitter|reddit|linkedin",
            r"(sign up|subscribe|register|log ?in|sign ?in)( .{0,120})?|(already )?(a )?subscriber\??( .{0,40})?",
            r"(get|download) (the|our) .{0,60}\b(app|newsletter|alerts?)\b.{0,60}|.{0,60}\bnewsletters?[.!]?",
            r"follow (us|@\w+)( .{0,60})?|follow the .{0,40}\bon (facebook|instagram|twitter|x|youtube)\W*",
            r"join (the|our) (conversation|discussion|community).{0,60}",
            r"(view |show |post |leave |add )?(\d+ |a )?comments?( \(\d+\))?|skip (to|advert|ad)( .{0,40})?",
            r"loading\W*|image (caption|source|credit).{0,100}|(photo|image|video) gallery.{0,60}|\d+ min(ute)?s? read",
            r"(we use|this (web)?site uses) cookies.{0,160}|accept( all)?( cookies)?",
            r"privacy policy|terms of (use|service)",
            (
                r"(first |last )?(published|updated|modified|posted)"
                r"( on| at|\s*:| (mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?= \d))"
                r".{0,60}\d{4}.{0,30}"
            ),
            r"back to top|home|menu",
            r"(all rights reserved|copyright|©|\(c\)).{0,120}|.{0,60}all rights reserved\.?",
        )
    )
)

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
    r"to contact the (reporters?|editors?|authors?)\b|[-–—\s]*with (assistance|reporting|help) (from|by)\b|"
    r"\(?(additional )?(reporting|writing|editing|compiled) by\b|©|\(c\) ?\d{4}|copyright \W?\d{4}|all rights reserved|"
    r"this (story|article) (has been|was) (published|syndicated|edited)\b|(the )?views expressed\b|about the author\b|"
    r"contact (the )?(reporter|author|writer|us)\b|our standards\b",
)
_TRAILER_FROM = 0.7  # of the text; a contact line stands in its last third

_CAPTION = re.compile(
    r"\((source|photo|photograph|image|picture|credit|file)s?\s*[:/].{1,80}\)|"
    r"\([^()]{0,60}(getty|reuters|afp|ap photo|pti|epa|shutterstock|handout)[^()]{0,60}\)|"
    r"(.{0,200}(/|\bvia ))?(getty images|shutterstock)\W*|.{0,200}\b(ap photo|afp|reuters)/[\w. ]{2,40}\W*|"
    r"(photo|photograph|image|picture)( by| credit| courtesy)?\s*:.{1,120}|"
    r".{0,300}\b(photo(graph)?|image) (by|courtesy)\b.{1,60}",
    re.S,
)
_CAPTION_TAIL = re.compile(
    r"\((source|photo|photograph|image|picture|credit|file)s?\s*[:/][^()]{1,80}\)\W*$|"
    r"\([^()]{0,60}(getty images|reuters/|afp/|ap photo)[^()]{0,60}\)\W*$|(/|\bvia )getty images\W*$"
)
_CAPTION_WORDS = 40

_AGENCY = r"[A-Z][\w.&’'-]*(?: [A-Z][\w.&’'-]*){0,3}"
_SENTENCE = r"(?=[\"“‘'(]*[A-Z0-9])"  # begins; after "IBM — the company" none does
_DATELINE = re.compile(
    rf"(?:(?P<place>[A-Z][\w.’'-]*(?:[ ,/]{{1,2}}[A-Z][\w.’'-]*){{0,5}}),?\s+(?:\w+\.? \d{{1,2}}\s+)?)?"
    rf"\((?P<agency>{_AGENCY})\)\s*(?:--|[-–—])\s*"
    rf"|(?P<capitals>[A-Z][A-Z.’'-]+(?:[ ,/]{{1,2}}[A-Z][A-Za-z.’'-]*){{0,5}})"
    rf"(?:,? \w+\.? \d{{1,2}})?\s+(?:--|[–—])\s+{_SENTENCE}|(?P<caps>[A-Z]{{3,}}(?: [A-Z]{{3,}}){{0,2}}) - {_SENTENCE}"
)
_DATELINE_LENGTH = 60

_BYLINE = re.compile(r"(?:written |reported )?by (?P<author>[^\d.!?:;]{3,60})", re.I)
_REPORTER = re.compile(
    r"to contact the reporters? on this story\s*:\s*(?P<author>[^\d@:;]{3,60}?)(?: in | at |$)", re.I
)

_QUOTED = re.compile(r"[\"“”«»]")
_MEASURED = re.compile(r"[$€£¥]\s?\d|\d\s?(%|per ?cent|million|billion|tonnes|kilomet|km\b|miles|degrees)")
_LONG_PARAGRAPH = 40  # words; longer ones are prose, whatever they begin with
_HEAD_LINES = 8
_SUBHEADING_WORDS = 8
_ENDS = re.compile(r"[.!?…:;,][\"'”’»)\]]*$")
_TITLE_LENGTH = 160


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
    given = tuple(marks)
    page = _Page(text, given)
    found = Cleaned(marks=given, title=title)
    found = _mark(found, _furniture(page))
    found = _mark(found, _teasers(_Page(text, found.marks)))
    found = _mark(found, _trailer(_Page(text, found.marks)))
    found = _headline(_Page(text, found.marks), found)
    found = _byline(_Page(text, found.marks), found)
    found = _mark(found, _captions(_Page(text, found.marks)))
    found = _mark(found, _repeated(_Page(text, found.marks)))
    found = _mark(found, _subheadings(_Page(text, found.marks)))
    return _dateline(_Page(text, found.marks), found)


def kept(text: str, marks: Iterable[Mark]) -> list[Span]:
    """The spans between the marks, in order, without white space around them."""
    spans, start = [], 0
    for mark in sorted(marks, key=lambda m: (m.start, m.end)):
        spans.append(trimmed(text, Span(start, max(start, mark.start))))
        start = max(start, mark.end)
    spans.append(trimmed(text, Span(start, len(text))))
    return [span for span in spans if span.start < span.end]


class _Page:
    """The unmarked part of a text, as lines and paragraphs."""

    def __init__(self, text: str, marks: tuple[Mark, ...]) -> None:
        self.text = text
        spans = kept(text, marks)
        self.lines = [line for span in spans for line in lines(text, span) if line.start < line.end]
        self.paragraphs = [paragraph for span in spans for paragraph in paragraphs(text, span)]

    def folded(self, span: Span) -> str:
        return folded(self.text[span.start : span.end])


def _mark(found: Cleaned, marks: Iterable[Mark]) -> Cleaned:
    return replace(found, marks=tuple(sorted((*found.marks, *marks), key=lambda m: (m.start, m.end))))


def _furniture(page: _Page) -> Iterator[Mark]:
    for line in page.lines:
        words_in_line = page.folded(line).strip("*_#[]|•·-–—>» ")
        if not _FURNITURE.fullmatch(words_in_line) or len(words_in_line.split()) > _LONG_PARAGRAPH:
            continue
        if not _QUOTED.search(page.text, line.start, line.end) and not _MEASURED.search(words_in_line):
            yield Mark(line.start, line.end, "furniture")


def _teasers(page: _Page) -> Iterator[Mark]:
    for line in page.lines:
        content = page.text[line.start : line.end]
        if _TEASER.fullmatch(content) and len(content.split()) <= _TEASER_WORDS and not _ENDS_INSIDE.search(content):
            yield Mark(*line, "furniture")
        else:
            for found in _INLINE_TEASER.finditer(page.text, line.start, line.end):
                yield Mark(*found.span(), "furniture")


def _trailer(page: _Page) -> Iterator[Mark]:
    begin = len(page.text) * _TRAILER_FROM
    for number, paragraph in enumerate(page.paragraphs):
        if paragraph.start < begin or not _TRAILER.match(page.folded(paragraph)):
            continue
        rest = page.paragraphs[number:]
        if all(len(page.text[s:e].split()) <= _LONG_PARAGRAPH for s, e in rest):
            yield from (Mark(s, e, "trailer") for s, e in rest)
            return


def _headline(page: _Page, found: Cleaned) -> Cleaned:
    """Mark the headline wherever it stands among the first lines; without a title, find it there."""
    head = page.lines[:_HEAD_LINES]
    title = found.title or _title(page, head)
    if title is None:
        return found
    known = words(title)
    repeated = [line for line in head if words(page.text[line.start : line.end].lstrip("# ")) == known]
    return replace(_mark(found, (Mark(s, e, "headline") for s, e in repeated)), title=title)


def _title(page: _Page, head: list[Span]) -> str | None:
    if len(page.lines) < 2 or not head:
        return None
    first = page.text[head[0].start : head[0].end].lstrip("# ").strip()
    is_sentence = first.endswith((".", ",", ";", ":")) and not first.endswith(("U.S.", "Inc."))
    return first if first and len(first) <= _TITLE_LENGTH and not is_sentence else None


def _byline(page: _Page, found: Cleaned) -> Cleaned:
    author = None
    for mark in found.marks:
        if mark.kind == "trailer" and (named := _REPORTER.match(page.text[mark.start : mark.end])):
            author = named["author"].strip()
    for line in page.lines[:_HEAD_LINES]:
        if named := _BYLINE.fullmatch(page.text[line.start : line.end]):
            return replace(_mark(found, [Mark(*line, "byline")]), author=named["author"].strip())
    return replace(found, author=author)


def _captions(page: _Page) -> Iterator[Mark]:
    for paragraph in page.paragraphs:
        content = page.folded(paragraph)
        if len(content.split()) > _CAPTION_WORDS:
            continue
        if _CAPTION.fullmatch(content) or _CAPTION_TAIL.search(content):
            yield Mark(*paragraph, "caption")


def _repeated(page: _Page) -> Iterator[Mark]:
    seen: set[tuple[str, ...]] = set()
    for paragraph in page.paragraphs:
        content = tuple(words(page.text[paragraph.start : paragraph.end]))
        if len(content) >= 5 and content in seen:
            yield Mark(*paragraph, "repeated")
        seen.add(content)


def _subheadings(page: _Page) -> Iterator[Mark]:
    """Short lines that end nothing, above prose: ``‘Work With Us’``."""
    for paragraph, following in pairwise(page.paragraphs):
        content = page.text[paragraph.start : paragraph.end]
        is_short = len(content.split()) <= _SUBHEADING_WORDS
        below = page.text[following.start : following.end]
        if is_short and not _ENDS.search(content) and _ENDS.search(below) and len(below) > len(content):
            yield Mark(*paragraph, "subheading")


def _dateline(page: _Page, found: Cleaned) -> Cleaned:
    """Mark ``PARIS (Reuters) -`` before the first sentence; it stays with the article as its agency."""
    for paragraph in page.paragraphs[:3]:
        opening = _DATELINE.match(page.text, paragraph.start, paragraph.end)
        if opening and opening.end() - paragraph.start <= _DATELINE_LENGTH:
            marked = _mark(found, [Mark(*trimmed(page.text, Span(paragraph.start, opening.end())), "dateline")])
            return replace(marked, agency=opening["agency"])
    return found
