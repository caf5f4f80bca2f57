"""What several articles say about a topic, in their own sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from retrieval.answers.search import Query, query, read_question
from retrieval.embed import Encoder
from retrieval.records import Article, KeyPoint, Length, TopicSummary
from retrieval.store.protocol import Store
from retrieval.summarise import Outline, Terms, choose, merits, stands_alone
from retrieval.text import terms
from retrieval.vectors import Floats

# Key points of one article at most: fewer than in its own summary, because there are several.
_POINTS: Mapping[Length, int] = {"short": 2, "medium": 3, "long": 5}
_ARTICLES = 8  # at most; the further ones are hardly about the topic, and nobody reads on
_CANDIDATES = 200  # passages; an article on a topic holds some ten

# A passage or sentence is about a topic from this cosine on; one that holds at least half of the
# topic's words, weighed by how rare they are, needs up to _WORDS less. Chosen over the seeds: topics
# that they have (names, events, kinds of event) come out above, and others below.
_ABOUT = 0.41
_WORDS = 0.2
_HALF = 0.5
# What has less than this share of what the best passage has is about something beside the topic.
_BESIDE = 0.7

# Two sentences of different articles say the same from this sum on: their cosine and the share of
# the shorter one's words that the other has, too.
_SAME = 1.05


@dataclass(frozen=True, slots=True)
class _Subject:
    """A topic as it is looked for, and how much each of its terms tells."""

    asked: Query
    idf: Mapping[str, float]

    def fit(self, cosine: float, said: Terms) -> float:
        """How much words of these terms and this cosine are about the topic."""
        held = sum(self.idf.get(t, 0.0) for t in self.asked.terms if t in said)
        share = held / (sum(self.idf.get(t, 0.0) for t in self.asked.terms) or 1.0)
        return cosine + (_WORDS * share if share >= _HALF else 0.0)


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence that was chosen: its terms, and its vector (dimensions,)."""

    said: Terms
    vector: Floats


def about(topic: str, store: Store, encoder: Callable[[], Encoder], *, length: Length) -> TopicSummary:
    """Key points of the articles that are about a topic, newest article first, none said twice.

    Within an article they come in its order. ``encoder`` is called unless the store is empty.
    Raises InvalidQuestion for a topic without words.
    """
    if store.model() is None:  # no article was ever added: the model would be loaded for nothing
        read_question(topic)
        return TopicSummary(topic, (), "the library holds no articles yet")
    subject, fits = _look_up(topic, store, encoder())
    told: list[_Told] = []
    points: list[KeyPoint] = []
    for article in _newest_first(fits, store):
        outline = Outline.of(article.id, store)
        chosen = list(islice(_chosen(article, outline, subject, told=told, store=store), _POINTS[length]))
        told += [point for _, point in chosen]
        sentences = outline.sentences([at for at, _ in chosen])
        points += [KeyPoint(article, s.start, s.end, s.text) for s in sentences]
    return TopicSummary(topic, tuple(points), None if points else "no article is about this")


def _look_up(topic: str, store: Store, encoder: Encoder) -> tuple[_Subject, dict[str, float]]:
    """The topic, and the articles that are about it, each with how well its best passage fits."""
    asked = query(topic, encoder)
    found = store.search(asked.vector, asked.terms, model=asked.model, count=_CANDIDATES)
    subject = _Subject(asked, found.idf)
    texts: dict[str, tuple[str, str]] = {}
    fits: dict[str, float] = {}
    for candidate in found.candidates:
        passage = candidate.passage
        if passage.article_id not in texts:
            article = store.article(passage.article_id)
            texts[passage.article_id] = (article.title if article else "", store.text(passage.article_id) or "")
        title, text = texts[passage.article_id]
        said = frozenset(terms(" ".join((title, *(text[s:e] for s, e in passage.sentences)))))
        fit = subject.fit(candidate.cosine, said)
        fits[passage.article_id] = max(fit, fits.get(passage.article_id, 0.0))
    least = max(_ABOUT, _BESIDE * max(fits.values(), default=0.0))
    best = sorted((-fit, article_id) for article_id, fit in fits.items() if fit >= least)[:_ARTICLES]
    return subject, {article_id: -fit for fit, article_id in best}


def _newest_first(fits: Mapping[str, float], store: Store) -> list[Article]:
    articles = [article for article_id in fits if (article := store.article(article_id))]
    articles.sort(key=lambda a: a.title)
    return sorted(articles, key=lambda a: a.published or "", reverse=True)


def _chosen(
    article: Article, outline: Outline, subject: _Subject, *, told: Sequence[_Told], store: Store
) -> Iterator[tuple[int, _Told]]:
    """The places of an article's sentences that are about the topic and new, the most telling first."""
    vectors = np.concatenate([passage.sentence_vectors for passage in store.passages(article.id)])
    cosines = vectors @ subject.asked.vector
    fit = [subject.fit(float(cosine), said) for cosine, said in zip(cosines, outline.said, strict=True)]
    least = _BESIDE * max(fit, default=0.0)
    usable = [
        at
        for at, content in enumerate(outline.contents)
        if fit[at] >= least
        and stands_alone(content)
        and not any(_is_same(_Told(outline.said[at], vectors[at]), other) for other in told)
    ]
    focus = frozenset((*subject.asked.terms, *terms(article.title)))
    bonus = [a + b for a, b in zip(fit, merits(outline), strict=True)]
    for at in choose(outline, usable, focus=focus, bonus=bonus, told=[other.said for other in told]):
        yield at, _Told(outline.said[at], vectors[at])


def _is_same(one: _Told, other: _Told) -> bool:
    shorter = min(len(one.said), len(other.said)) or 1
    return float(one.vector @ other.vector) + len(one.said & other.said) / shorter >= _SAME
