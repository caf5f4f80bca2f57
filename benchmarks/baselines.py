"""What plain search finds on the same questions: chunks and passages, by vectors, by BM25, and fused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.chunk import split
from retrieval.embed import Encoder, Vectors
from retrieval.evaluate import Question, holds
from retrieval.index.postings import Postings, Terms
from retrieval.lexical import idf, length_norms, saturated
from retrieval.text import Span, terms
from retrieval.vectors import best_rows

CHUNK = 350  # characters: the longest quote
_DEPTH = 10
_RRF = 60  # Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet …", 2009
_RANKED = 1_000  # of each ranking that is fused

Ranking = Sequence[int]
Cut = Callable[[str], list[Span]]
Scores = Mapping[str, list[float]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an article that a plain search returns."""

    doc_id: str
    span: Span


class PlainSearch:
    """Pieces of articles as they were given: nothing cleaned, no titles before them."""

    def __init__(self, texts: Mapping[str, str], cut: Cut, encoder: Encoder) -> None:
        self._encoder = encoder
        self.pieces = [Piece(doc_id, span) for doc_id, text in texts.items() for span in cut(text)]
        contents = [texts[p.doc_id][p.span.start : p.span.end] for p in self.pieces]
        self._vectors: Vectors = encoder.encode(contents)
        self._ids: dict[str, int] = {}
        counted = [self._counted(content) for content in contents]
        self._postings = Postings.of(counted)
        lengths = np.array([count[:, 1].sum() for count in counted])
        self._norms = length_norms(lengths, float(lengths.mean()))

    def _counted(self, text: str) -> Terms:
        ids = [self._ids.setdefault(term, len(self._ids)) for term in terms(text)]
        return np.stack(np.unique(ids, return_counts=True), axis=1).astype(np.uint32).reshape(-1, 2)

    def dense(self, question: str) -> Ranking:
        """By cosine with the question's vector."""
        return self._best(self._vectors @ self._encoder.encode([question])[0])

    def bm25(self, question: str) -> Ranking:
        """By words, stemmed and without function words."""
        scores = np.zeros(len(self.pieces), dtype=np.float32)
        for term in sorted({self._ids[t] for t in terms(question) if t in self._ids}):
            rows, counts = self._postings.of_term(term)
            scores[rows] += idf(len(scores), len(rows)) * saturated(counts.astype(np.float32), self._norms[rows])
        return self._best(scores)

    def fused(self, question: str) -> Ranking:
        """By reciprocal rank fusion of the two."""
        scores = np.zeros(len(self.pieces), dtype=np.float32)
        for ranking in (self.dense(question), self.bm25(question)):
            scores[ranking] += 1 / (_RRF + 1 + np.arange(len(ranking)))
        return self._best(scores)

    def _best(self, scores: Vectors) -> Ranking:
        return [int(row) for row in best_rows(scores, _RANKED)]


def chunks(text: str) -> list[Span]:
    """Cut after every 350 characters, at the white space before that where there is some."""
    found, start = [], 0
    while start < len(text):
        end = start + CHUNK
        if end < len(text) and (space := max(text.rfind(c, start + 1, end + 1) for c in " \n")) > 0:
            end = space
        found.append(Span(start, min(end, len(text))))
        start = found[-1].end
    return found


def passages(encoder: Encoder) -> Cut:
    """Whole sentences, up to 110 words of them."""

    def cut(text: str) -> list[Span]:
        found = split(text, (), count=encoder.count_pieces, room=encoder.room)
        return [Span(passage.start, passage.end) for passage in found]

    return cut


def baselines(
    texts: Mapping[str, str], questions: Sequence[Question], encoder: Encoder
) -> Iterator[tuple[str, Scores]]:
    """Each plain search by name, with its scores: one for each answerable question, in their order."""
    asked = [q for q in questions if q.answerable]
    by_chunk = PlainSearch(texts, chunks, encoder)
    for name, search in (("vectors", by_chunk.dense), ("BM25", by_chunk.bm25), ("both", by_chunk.fused)):
        ranks = [_ranks(q, search(q.text), by_chunk.pieces) for q in asked]
        yield f"{CHUNK}-character chunks, {name}", _scores(ranks, {"quote@1": 1, "quote@3": 3})
    by_passage = PlainSearch(texts, passages(encoder), encoder)
    for name, search in (("vectors", by_passage.dense), ("BM25", by_passage.bm25)):
        ranks = [_ranks(q, search(q.text), by_passage.pieces) for q in asked]
        yield f"110-word passages, {name}", _scores(ranks, {"passage@1": 1, "passage@4": 4, "passage@10": 10})


def _ranks(question: Question, ranking: Ranking, pieces: Sequence[Piece]) -> tuple[bool, int]:
    """Whether the first piece is of the right article, and the rank of the first with the answer; else beyond all."""
    found = [pieces[row] for row in ranking[:_DEPTH]]
    hits = (
        rank
        for rank, piece in enumerate(found, start=1)
        if piece.doc_id == question.doc_id and holds(piece.span, question.gold)
    )
    return found[0].doc_id == question.doc_id, next(hits, _DEPTH + 1)


def _scores(ranks: Sequence[tuple[bool, int]], depths: Mapping[str, int]) -> Scores:
    return {
        "article@1": [float(is_first) for is_first, _ in ranks],
        **{name: [float(rank <= depth) for _, rank in ranks] for name, depth in depths.items()},
    }
