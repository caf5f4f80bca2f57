"""Question → candidates: the passages that may answer, found by meaning and by words."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from retrieval.answers.operators import Request, sure_words
from retrieval.answers.stages import DEFAULT_STAGES, Stages
from retrieval.embed import Encoder
from retrieval.errors import InvalidQuestion
from retrieval.messages import say
from retrieval.records import Article
from retrieval.store.protocol import Store
from retrieval.store.values import Candidate, Found, StoredPassage, packed
from retrieval.text import FUNCTION_WORDS, Span, terms, words
from retrieval.vectors import Floats

LONGEST_QUESTION = 1_000  # characters; Discord's /ask takes 300

# Passages taken from each of the two searches, and passages whose sentences are compared.
# Past 50 no more gold passages come in on xquad_en and clapnq_dev; past 10 no better sentences.
_CANDIDATES = 50
_KEPT = 10
# Many more where a phrase must be held: which passages hold it is known only when they are read.
_CANDIDATES_FOR_PHRASE = 1_000

# A passage that scores this share of the best fits, too: among those the date may decide.
_FITS = 0.75

# Two passages count as copies where this share of their sentences, and two at least, have the same
# lengths: a coincidence costs nothing, because a copy is kept beside the ten.
_COPIED = 0.6
_LEAST_COPIED = 2

# So many terms of a phrase stand near one another: they are more than there are in three passages that are cut short.
_RUN = 8
_READ_AT_ONCE = 100  # articles

SUREST = 8.0  # log-odds beyond which a reader is no surer
# How far reading leans to a sentence that was not read, as to log-odds of -4: what stands behind those that were
# rarely answers.
_UNREAD = 0.25

_DISCORD_MARKS = re.compile(r"<(?:@[!&]?|#|a?:\w+:)\d+>|</[^:>]+:\d+>|https?://\S+|[`*_~|]{1,3}")


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is searched for: its words as asked, its terms, its vector (dimensions,).

    ``model`` is the fingerprint of what made the vector; ``request`` is what it says besides. In a
    conversation, the ``articles`` that answered before are preferred, and where the question says too
    little by itself, it needs the words of the one ``before``.
    """

    text: str
    terms: tuple[str, ...]
    vector: Floats
    model: str
    request: Request = field(default_factory=Request)
    before: str = ""
    articles: tuple[str, ...] = ()

    @property
    def in_full(self) -> str:
        """The question with what it needs to be understood."""
        return f"{self.before} {self.text}".strip()


class Ranked(NamedTuple):
    """A candidate with its score, 0 to about 1; it is ordered with ``bonus``, for what its article is.

    ``read`` are the log-odds that the answer stands in each of its sentences, shape (sentences,); None
    where it was not read.
    """

    candidate: Candidate
    score: float
    bonus: float = 0.0
    read: Floats | None = None

    @property
    def total(self) -> float:
        """What it is ordered by, before it is read."""
        return self.score + self.bonus

    def likely(self) -> Floats:
        """The probability, by reading, that the answer stands in each sentence; 0 where it was not read."""
        if self.read is None:
            return np.zeros(len(self.candidate.passage.sentences), dtype=np.float32)
        return np.asarray(1 / (1 + np.exp(-self.read)), dtype=np.float32)

    def leaning(self) -> Floats:
        """How far reading leans to each sentence, 0 to 1: in proportion to its log-odds, which are in the middle at 0.

        Where the answer stands in none, a probability tells sentences apart no longer; this does.
        """
        if self.read is None:
            return np.full(len(self.candidate.passage.sentences), _UNREAD, dtype=np.float32)
        return np.asarray(self.read.clip(-SUREST, SUREST) / (2 * SUREST) + 0.5, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The best passages for a query, best first, and how much each of its terms tells.

    ``is_calibrated`` says whether what was read of them are log-odds that confidence was fitted on.
    """

    passages: tuple[Ranked, ...]
    idf: Mapping[str, float]
    is_calibrated: bool = False


def read_question(question: str) -> str:
    """The question without mentions, custom emoji, links and formatting marks.

    Raises InvalidQuestion where nothing is left to search for, or it is too long.
    """
    text = " ".join(_DISCORD_MARKS.sub(" ", question).split())
    if not words(text):
        raise InvalidQuestion(
            say("the question holds no words"), hint=say("Ask in a sentence, such as: who won the cup in 2018?")
        )
    if len(text) > LONGEST_QUESTION:
        raise InvalidQuestion(
            say(
                "the question has {number} characters; at most {most} can be asked",
                number=len(text),
                most=LONGEST_QUESTION,
            ),
            hint=say("Ask for one thing at a time"),
        )
    return text


def query(question: str, encoder: Encoder, *, request: Request | None = None) -> Query:
    """The question made ready for searching. Raises InvalidQuestion."""
    text = read_question(question)
    # A question of function words alone is matched by those; any other by what it is about.
    asked = tuple(terms(text)) or tuple(w for w in words(text) if w in FUNCTION_WORDS)
    return Query(text, asked, encoder.encode([text])[0], encoder.fingerprint, request or Request())


def retrieve(
    asked: Query, store: Store, *, article_id: str | None = None, stages: Stages = DEFAULT_STAGES
) -> Retrieved:
    """The passages most likely to answer, at most ten and their copies, by a weighted sum of cosine and scaled BM25.

    Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2022,
    arXiv:2210.11934: a convex combination needs one parameter and beats rank fusion.
    """
    ranked, idf = candidates(asked, store, article_id=article_id, stages=stages)
    kept = _kept(_timed(ranked, asked.request, stages=stages))
    stored = {p.id: p for p in store.with_vectors([r.candidate.passage for r in kept])}
    if kept and not stored:  # the index was replaced since they were found
        return retrieve(asked, store, article_id=article_id, stages=stages)
    passages = tuple(
        r._replace(candidate=r.candidate._replace(passage=stored[r.candidate.passage.id]))
        for r in kept
        if r.candidate.passage.id in stored
    )
    return Retrieved(passages, idf)


def candidates(
    asked: Query, store: Store, *, article_id: str | None = None, stages: Stages = DEFAULT_STAGES
) -> tuple[list[Ranked], Mapping[str, float]]:
    """All passages that were looked at, best first, before dates count; and how much each term tells."""
    request = asked.request
    count = _CANDIDATES_FOR_PHRASE if request.phrases else _CANDIDATES
    allowed = admitted(request, store, article_id=article_id)

    if allowed is not None and not allowed:
        return [], {}

    def search(article_ids: frozenset[str] | None) -> Found:
        return store.search(
            asked.vector, (*asked.terms, *terms(asked.before)), model=asked.model, count=count, article_ids=article_ids
        )

    found = search(None if allowed is None else frozenset(allowed))
    preferred = frozenset(i for i in asked.articles if allowed is None or i in allowed)
    further = search(preferred).candidates if preferred else ()
    every = {c.passage.id: c for c in (*found.candidates, *further)}.values() if further else found.candidates
    places = allowed or {}
    holding = [c for c in every if not request.phrases or _is_beside(c.passage, places[c.passage.article_id])]
    highest = max((c.bm25 for c in holding), default=0.0) or 1.0
    support = [stages.article_meaning * c.article_cosine + stages.article_words * c.article_covered for c in holding]
    best_supported = max(support, default=0.0)
    ranked = [
        Ranked(
            c,
            stages.meaning * c.cosine + stages.words * c.bm25 / highest,
            # Against the article that fits best, so that the best passages keep their scale.
            fits - best_supported + stages.conversation * (c.passage.article_id in preferred),
        )
        for c, fits in zip(holding, support, strict=True)
    ]
    ranked.sort(key=lambda r: (-r.score - r.bonus, r.candidate.passage.id))
    return ranked, found.idf


def admitted(request: Request, store: Store, *, article_id: str | None = None) -> Mapping[str, Sequence[Span]] | None:
    """The ids of the articles that the question allows to be quoted, each with where it has the phrases asked for.

    None where it allows all.
    """
    if not request.limits and not request.phrases:
        return None if article_id is None else {article_id: ()}
    admitted_ids = _holding_phrases(request, store)
    if article_id is not None:
        admitted_ids = {article_id} if admitted_ids is None or article_id in admitted_ids else set()
    if admitted_ids is None:
        articles: Iterable[Article] = store.articles()
    else:
        articles = store.articles_of(admitted_ids).values()
    admitted_ids = {article.id for article in articles if request.admits(article)}
    return dict(_places(request, admitted_ids, store) if request.phrases else dict.fromkeys(admitted_ids, ()))


def _places(request: Request, article_ids: Collection[str], store: Store) -> Iterator[tuple[str, Sequence[Span]]]:
    """The articles whose texts hold all of the phrases, and where they do."""
    ids = sorted(article_ids)
    for at in range(0, len(ids), _READ_AT_ONCE):
        texts = store.texts(ids[at : at + _READ_AT_ONCE])
        found = ((article_id, request.places_of_all(text)) for article_id, text in texts.items())
        yield from ((article_id, places) for article_id, places in found if places)


def _holding_phrases(request: Request, store: Store) -> Collection[str] | None:
    """Of the articles those that can hold the phrases; None where that cannot be told from their terms.

    What stands under pictures is in no passage, and so has no terms.
    """
    if request.wants_captions:
        return None
    asked = [terms(sure_words(phrase)) for phrase in request.phrases]
    # Of a long phrase the words may stand in passages farther from one another.
    runs = [run for held in asked for run in (held[at : at + _RUN] for at in range(0, len(held), _RUN))]
    return frozenset.intersection(*map(store.holding, runs)) if runs else None


def _is_beside(passage: StoredPassage, places: Sequence[Span]) -> bool:
    """Whether the passage has at least a part of one of the places."""
    start, end = passage.sentences[0].start, passage.sentences[-1].end
    return any(place.start < end and start < place.end for place in places)


def _timed(ranked: list[Ranked], request: Request, *, stages: Stages) -> list[Ranked]:
    """The passages in their order, those that fit with what the date of their article is worth.

    The newest of the articles that fit gets the whole weight of recency, the next ones less, and one
    without a date nothing.
    """
    least = _FITS * ranked[0].total if ranked else 0.0
    fitting = [r for r in ranked if r.total >= least]  # the first ones: they come in that order
    days = sorted({r.candidate.published for r in fitting} - {""})
    share = {day: place / len(days) for place, day in enumerate(days, 1)}
    weight = stages.latest if request.latest else stages.recency
    worth = {day: weight * share[day] + stages.period * request.names(day) for day in days}
    timed = [Ranked(r.candidate, r.score, r.bonus + worth.get(r.candidate.published, 0.0)) for r in fitting]
    return [*sorted(timed, key=lambda r: -r.score - r.bonus), *ranked[len(fitting) :]]


def _kept(ranked: Sequence[Ranked]) -> list[Ranked]:
    """The ten best passages and, among the others, copies of them: a wire story takes one place, not all."""
    kept: list[Ranked] = []
    with_length: defaultdict[int, list[int]] = defaultdict(list)  # places in ``kept``
    places = 0
    for found, lengths in zip(ranked, _lengths([r.candidate.passage for r in ranked]), strict=True):
        shared = with_length.keys() & lengths
        is_copy = False
        if len(shared) >= _LEAST_COPIED:
            enough = max(_LEAST_COPIED, _COPIED * len(set(lengths)))
            is_copy = len(shared) >= enough and any(
                n >= enough and kept[at].candidate.passage.article_id != found.candidate.passage.article_id
                for at, n in Counter(at for length in shared for at in with_length[length]).items()
            )
        if is_copy or places < _KEPT:
            for length in set(lengths):
                with_length[length].append(len(kept))
            kept.append(found)
            places += not is_copy
    return kept


def _lengths(passages: Sequence[StoredPassage]) -> Iterator[list[int]]:
    """How many characters each sentence of a passage has; of many passages, of which most are not kept."""
    spans = np.frombuffer(b"".join(packed(p.sentences) for p in passages), dtype="<u4").reshape(-1, 2)
    lengths, at = (spans[:, 1] - spans[:, 0]).tolist(), 0
    for passage in passages:
        end = at + len(passage.sentences)
        yield lengths[at:end]
        at = end
