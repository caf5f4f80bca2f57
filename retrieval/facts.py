"""Who, where, when and how many: what an article names, read off by form and in its own words.

Capitals, titles, prepositions, units and a list of well-known places tell a person from a place, weighed
over the whole article. What stays unclear counts as somebody, and nothing is invented.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from retrieval.places import PLACES
from retrieval.records import Facts, Mark
from retrieval.text import FUNCTION_WORDS

_SHOWN = 6

_DAYS = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTHS = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Aug|Sept?|Oct|Nov|Dec)\.)"
)
_YEAR = r"(?:1[5-9]|20)\d\d"
_WHEN = re.compile(
    rf"\b(?:(?:early|late) )?(?:{_DAYS}(?:,? (?:\d{{1,2}} {_MONTHS}|{_MONTHS} \d{{1,2}})\b)?|"
    rf"\d{{1,2}} {_MONTHS}(?:,? {_YEAR})?|{_MONTHS} \d{{1,2}}\b(?:, {_YEAR})?|{_MONTHS} {_YEAR}|"
    rf"(?:(?<=in )|(?<=last )|(?<=this ))(?!May\b|March\b){_MONTHS}|{_YEAR}s?)(?![\w–-])"
)

# A number without what it counts says nothing, unless it is a score, a time or a share.
_MAGNITUDE = r"(?: (?:thousand|million|billion|trillion))?"
_NUMBER = re.compile(
    rf"(?<![\w.,:–-])(?:[A-Z]{{0,2}}[$€£¥]\d[\d,]*(?:\.\d+)?{_MAGNITUDE}|\d[\d,]*–\d+(?![\w:-])|\d+:\d\d:\d\d|"
    rf"\d[\d,]*(?:\.\d+)?(?:%|°C| ?(?:percent|per cent|km|kg)\b|{_MAGNITUDE} "
    r"(?:(?!(?:years? old|members? of)\b)(?:[a-z-]+ ){0,2}?(?:[a-z-]{3,}(?<![su])s\b|people|men|women|children|feet)|"
    r"(?<=illion )[a-z]+)|(?:,\d{3})+))"
)
_NOT_COUNTED = re.compile(r" (?:a|an|and|as|at|by|for|from|in|is|of|on|or|that|the|to|was|were|when|with|has|had)\b")

_CAPITAL = r"(?:[A-Z][\w’'-]*\w(?:\.com)?|(?:[A-Z]\.){2,}|[A-Z]\.(?= [A-Z]))"
_JOINED = r"(?: (?:of|of the|de|van|von|bin|al))? "
_RUN = re.compile(
    rf"(?<![\w’'.-]){_CAPITAL}\.?(?:(?<!['’]s){_JOINED}{_CAPITAL})*"
    r"(?: \d{1,3}\b(?![.,:]\d| \w+s\b))?"
)
_OF = re.compile(
    r"(?<!Bank)(?<!House)(?<!University)(?<!Institute)(?<!Ministry)(?<!Department)(?<!Court)(?<!Church) of "
)
_ENDING = re.compile(r"(?:['’]s|(?<=s)['’]|(?<!Inc)(?<!Corp)(?<!\.[A-Z])(?<!Jr)\.)$")
_LOWER = re.compile(r"\b[a-z]+\b")
_TITLE = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen)\b\.?|Sir|Lord|Lady|Professors?|President|Prime Minister|Chancellor|"
    r"Pope|Prince|Princess|Secretary(?: of State)?|Senator|Senate Majority Leader|Governor|Mayor|Judge|Justice|General|"
    r"Colonel|Captain|Father|(?:Foreign )?Minister|Special Counsel|Speaker|Chairman|Ambassador) (?=[A-Z])"
)
_WORK = re.compile(r"[“\"][^“”\".,!?]{1,60}[”\"]")  # the name of a book or a song, or a word that was said
_TIME_WORD = re.compile(rf"(?:{_DAYS}|{_MONTHS})(?:['’]s|\.)?$")
_PEOPLES = re.compile(
    r"(?:(?:North|South) )?(?:American|African|Asian|European|British|English|Scots?|Scottish|Welsh|Irish|French|"
    r"Dutch|German|Belgian|Swiss|Swedish|Danish|Norwegian|Finnish|Spanish|Polish|Greek|Czech|Turkish|Arab|Jewish|Thai|Chinese|Korean|Israeli|Iraqi|"
    r"Democratic|Republican|Democrat|Conservative|Christian|Muslim|Briton|[A-Z][a-z]{2,}(?:ese|ian))s?"
)
_PLACE = re.compile(
    r".* (?:Avenue|Bay|Beach|Bridge|Canal|Cathedral|Cave|Coast|County|District|Hospital|Hotel|Islands?|"
    r"Lake|Mountain|Ocean|Palace|Peninsula|Port|Province|River|Road|Sea|Square|Stadium|Street|Town|"
    r"Valley|Village|Airport|States|Kingdom|Republic)"
)
_THING = re.compile(
    r"(?:.* )?(?:Act|Agreement|Article|Ball|Boot|Championships?|Classic|Cup|Day|Declaration|Final|Games|"
    r"Journal|League|Letters|Medal|Model|Mission|Movement|Monthly|Open|Oscar|Prize|Protocol|Resolution|Series|Treaty|"
    r"War|Week|President|Olympics?|Christmas|Easter|TV|GMT|CEO|Earth|Moon|Sun|North|South|East|"
    r"West|Literature)(?: \d+)?"
)

_IN = re.compile(
    r"(?<![Ss]take )(?<![Ss]hares )(?<!confidence )(?<!faith )\b"
    r"(?:[Ii]n|[Nn]ear|[Oo]utside|[Tt]hroughout|[Aa]cross|"
    r"(?:north|south|east|west|north-\w+|south-\w+) of)(?: the)?(?: (?:northern|southern|eastern|western|central))? $"
)
_SPEAKS = re.compile(
    r"(?:, \d\d,|,)? (?:said|says|told|wrote|added|announced|asked|called|tweeted|explained|argued|promised|who)\b"
)
_LOCATED = re.compile(r" (?:cave|river|canal|district|province|county|peninsula|island|village|valley|airport)\b")
_LISTED = re.compile(r", | and |, and ")
_AFTER_LISTED = re.compile(r"[,.;]| and\b|$")
_DATELINE_PLACE = re.compile(r"[A-Z][\w.’']*(?:[ -][A-Z][\w.’']*)*")
_NO_NAMES = frozenset(
    (
        "yes no mr mrs i'm i've it's we've last next one two three four five six seven eight nine ten eleven twelve "
        "thirteen now today yesterday however many several since within under upon among according like"
    ).split()
)


@dataclass(slots=True)
class _Name:
    """A name, how often it is named, and how often with what shows a place or a person."""

    text: str
    first: tuple[int, int]
    count: int = 0
    place: int = 0
    person: int = 0
    titled: int = 0


@dataclass(frozen=True, slots=True)
class _Mention:
    """Capitalised words in a row, within their sentence."""

    text: str
    start: int
    is_titled: bool
    before: str
    after: str

    @property
    def is_first(self) -> bool:
        return not self.before.strip("\"“'‘( ")


def facts(sentences: Sequence[str], article: Sequence[str] = (), *, place: str = "") -> Facts:
    """The names and places of an article, most named first, and the times and numbers of ``sentences``.

    ``sentences`` are those of its summary, ``article`` is all of them, ``place`` stands in its dateline.
    """
    told = " ".join(sentences)
    names = [n for n in _names(article or sentences) if n.count > 1 or n.text in told]
    names.sort(key=lambda n: (-n.count, n.first))
    where = [n.text for n in names if _is_place(n)]
    where = [place, *(w for w in where if w.casefold() != place.casefold())] if place else where
    who = [n.text for n in names if not _is_place(n) and n.text.casefold() != place.casefold()]
    return Facts(*(tuple(found[:_SHOWN]) for found in (who, where, _times(sentences), _numbers(sentences))))


def dateline(text: str, marks: Iterable[Mark]) -> str:
    """The place that the article's dateline names, as the text writes it elsewhere, or in ordinary letters."""
    for mark in marks:
        if mark.kind == "dateline" and (place := _DATELINE_PLACE.match(text, mark.start, mark.end)):
            written = re.finditer(rf"\b{re.escape(place[0])}\b", text, re.IGNORECASE)
            return next((w[0] for w in written if not w[0].isupper() and not w[0].islower()), place[0].title())
    return ""


def _times(sentences: Sequence[str]) -> list[str]:
    found = dict.fromkeys(match[0] for sentence in sentences for match in _WHEN.finditer(sentence))
    return [time for time in found if not any(time != other and time in other for other in found)]


def _numbers(sentences: Sequence[str]) -> list[str]:
    without_times = [_WHEN.sub(lambda m: "#" * len(m[0]), sentence) for sentence in sentences]
    found = dict.fromkeys(match[0] for sentence in without_times for match in _NUMBER.finditer(sentence))
    return [number for number in found if not _NOT_COUNTED.search(number)]


def _is_place(name: _Name) -> bool:
    return name.text in PLACES or bool(_PLACE.fullmatch(name.text)) or name.place > name.person


def _names(sentences: Sequence[str]) -> list[_Name]:
    """The names of an article, each in its fullest or most usual form."""
    mentions = [list(_mentions(sentence)) for sentence in sentences]
    surely = {m.text for found in mentions for m in found if not m.is_first}
    lower = {word for sentence in sentences for word in _LOWER.findall(sentence)}
    names: dict[str, _Name] = {}
    for number, found in enumerate(mentions):
        listed_from = -1
        for mention in found:
            end = mention.start + len(mention.text)
            is_in = bool(_IN.search(mention.before) or _LOCATED.match(mention.after)) or (
                listed_from >= 0
                and bool(_LISTED.fullmatch(mention.before[listed_from:]))
                and bool(_AFTER_LISTED.match(mention.after))
            )
            listed_from = end if is_in else -1
            any_word = mention.is_first and not mention.is_titled and " " not in mention.text
            if any_word and (mention.text not in surely or mention.text.lower() in lower):
                continue
            name = names.setdefault(mention.text, _Name(mention.text, (number, mention.start)))
            name.count += 1
            name.place += is_in
            name.titled += mention.is_titled
            name.person += mention.is_titled or bool(_SPEAKS.match(mention.after))
    return _merged(names.values())


def _mentions(sentence: str) -> Iterator[_Mention]:
    sentence = _WORK.sub(lambda m: "#" * len(m[0]), sentence)
    for match in _RUN.finditer(sentence):
        at = match.start()
        for part in _OF.split(match[0]):
            start, run = at, part
            at += len(part) + len(" of ")
            while run and _is_no_name(run.split(" ", 1)[0]):
                start, run = start + run.find(" ") + 1 if " " in run else start, run.partition(" ")[2]
            title = _TITLE.match(run)
            if title:
                start, run = start + title.end(), run[title.end() :]
            run = _ENDING.sub("", run)
            if len(run) > 1 and run[0].isupper() and not _PEOPLES.fullmatch(run) and not _THING.fullmatch(run):
                yield _Mention(run, start, bool(title), sentence[:start], sentence[start + len(run) :])


def _is_no_name(word: str) -> bool:
    return word.lower() in FUNCTION_WORDS or word.lower() in _NO_NAMES or bool(_TIME_WORD.match(word))


def _merged(names: Iterable[_Name]) -> list[_Name]:
    """One name for all that go by it: ``Mr. Lee`` counts for Lee Sedol, ``Apple Inc`` for Apple."""
    kept: list[_Name] = []
    for name in sorted(names, key=lambda n: (-len(n.text.split()), n.first)):
        full = next((k for k in kept if _is_same(name, k)), None)
        if full is None:
            kept.append(name)
            continue
        if full.text.startswith(name.text) and not name.titled and name.count >= full.count:
            full.text = name.text
        full.count += name.count
        full.place += name.place
        full.person += name.person
        full.first = min(full.first, name.first)
    return kept


def _is_same(short: _Name, full: _Name) -> bool:
    if short.text in PLACES or full.text in PLACES:
        return False
    is_surname = full.text.endswith(f" {short.text}") and not short.text.isupper()
    return is_surname or full.text.startswith(f"{short.text} ")
