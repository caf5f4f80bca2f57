"""Lines that an outlet puts around every story: seen in three or more of its articles, near their beginning or end.

One page does not show that a line is no part of its story; several of one source do. An article's neighbours are the
newest of its source in the library, so what is marked follows from what is there, whatever came first.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from retrieval.clean import kept
from retrieval.records import Article, Mark
from retrieval.store.protocol import Store
from retrieval.text import Span, folded, lines

KIND = "recurring"
_EDGE = 5  # lines from the beginning and from the end
_STORIES = 3  # in which a line stands that belongs to none of them
_NEIGHBOURS = 100  # articles of a source that are looked at; an outlet's boxes are those of this year


@dataclass(frozen=True, slots=True)
class Outline:
    """The lines near an article's beginning and end, by their words, and a sign of which story it tells.

    Versions of one story have its sentences in common, and are one: the sign is its longest line.
    """

    edges: frozenset[str]
    story: bytes


def outline(text: str) -> Outline:
    """The outline of an article's text."""
    every = _lines(text)
    longest = max((folded(text[s:e]) for s, e in every), key=len, default="")
    return Outline(frozenset(_key(text, line) for line in _edges(every)), sha256(longest.encode()).digest())


class _Source:
    """The outlines of one source's articles, and for each line in which stories and articles it stands."""

    def __init__(self) -> None:
        self._outlines: dict[str, Outline] = {}
        self._stories: defaultdict[str, Counter[bytes]] = defaultdict(Counter)
        self.holders: defaultdict[str, set[str]] = defaultdict(set)

    def put(self, article_id: str, found: Outline) -> None:
        former = self._outlines.get(article_id, Outline(frozenset(), b""))
        for line in former.edges:
            self._stories[line] -= Counter([former.story])
            self.holders[line].discard(article_id)
        for line in found.edges:
            self._stories[line][found.story] += 1
            self.holders[line].add(article_id)
        self._outlines[article_id] = found

    def shared(self, own: Outline) -> frozenset[str]:
        """The lines at the edges of one article that stand in enough stories, with its own."""
        return frozenset(line for line in own.edges if self._count(line, own.story) >= _STORIES)

    def _count(self, line: str, own: bytes) -> int:
        stories = self._stories[line]
        return len(stories) + (own not in stories)


class Neighbours:
    """What the sources of articles print around them, each source read when it is first needed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sources: dict[str, _Source] = {}
        self._looked_at: defaultdict[str, set[str]] = defaultdict(set)  # lines, by articles

    def marks(self, article: Article, text: str, aside: Sequence[Mark]) -> Iterator[Mark]:
        """The lines of an article that are those of its source, as far as they are not set ``aside`` already."""
        shared = self._source(article.source).shared(outline(text)) if article.source else frozenset()
        left = kept(text, aside) if shared else []
        for line in _edges(_lines(text)) if shared else ():
            if _key(text, line) in shared:
                parts = (Span(max(s, line.start), min(e, line.end)) for s, e in left)
                yield from (Mark(*part, KIND) for part in parts if part.start < part.end)

    def stored(self, article: Article, text: str) -> None:
        """An article is in the store now, with this text."""
        if article.source:
            self._looked_at.pop(article.id, None)
            self._source(article.source).put(article.id, outline(text))

    def unmarked(self, added: Iterable[tuple[Article, str]]) -> list[str]:
        """The articles with lines that are known as their source's only since these were added."""
        suspected = set[str]()
        for article, text in added:
            source = self._source(article.source) if article.source else _Source()
            for line in source.shared(outline(text)):
                new = {i for i in source.holders[line] if line not in self._looked_at[i]}
                for article_id in new:
                    self._looked_at[article_id].add(line)
                suspected |= new
        return [article_id for article_id in sorted(suspected) if self._is_unmarked(article_id)]

    def _is_unmarked(self, article_id: str) -> bool:
        article, text = self._store.article(article_id), self._store.text(article_id)
        if article is None or text is None:
            return False
        return any(self.marks(article, text, self._store.marks(article_id)))

    def _source(self, name: str) -> _Source:
        if name not in self._sources:
            self._sources[name] = source = _Source()
            for article_id in self._store.newest_of(name, most=_NEIGHBOURS):
                if (text := self._store.text(article_id)) is not None:
                    source.put(article_id, outline(text))
        return self._sources[name]


def _lines(text: str) -> list[Span]:
    return [line for line in lines(text, Span(0, len(text))) if line.start < line.end]


def _edges(every: Sequence[Span]) -> Sequence[Span]:
    return every if len(every) <= 2 * _EDGE else [*every[:_EDGE], *every[-_EDGE:]]


def _key(text: str, line: Span) -> str:
    return " ".join(folded(text[line.start : line.end]).split())
