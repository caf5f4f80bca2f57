"""Passages: neighbouring sentences, cut at sentence borders, small enough for the model to read whole."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from retrieval.clean import kept
from retrieval.records import Mark
from retrieval.text import Span, sentences

# Words of a passage. On xquad_en and the seeds, 80 to 140 words differ by less than 0.5 points of
# passage recall@4; 110 words with a title stay below the model's 256 word pieces nearly always.
PASSAGE_WORDS = 110

CountPieces = Callable[[Sequence[str]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring sentences of one article; ``sentences`` are their spans in the given text."""

    sentences: tuple[Span, ...]

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end


def split(text: str, marks: Iterable[Mark], *, count: CountPieces, room: int) -> list[Passage]:
    """The passages of a text, in order, without what the marks set aside.

    ``count`` gives the word pieces of each of some texts; a passage has at most ``room`` of them,
    unless one sentence alone has more.
    """
    found = [sentence for span in kept(text, marks) for sentence in sentences(text, span)]
    pieces = count([text[s:e] for s, e in found])
    passages: list[Passage] = []
    current: list[Span] = []
    words_so_far = pieces_so_far = 0
    for sentence, size in zip(found, pieces, strict=True):
        length = len(text[sentence.start : sentence.end].split())
        if current and (words_so_far + length > PASSAGE_WORDS or pieces_so_far + size > room):
            passages.append(Passage(tuple(current)))
            current, words_so_far, pieces_so_far = [], 0, 0
        current.append(sentence)
        words_so_far += length
        pieces_so_far += size
    if current:
        passages.append(Passage(tuple(current)))
    return passages


def passage_text(text: str, passage: Passage) -> tuple[str, tuple[Span, ...]]:
    """A passage as the model reads it, and where its sentences stand in that.

    What is set aside between two sentences is left out, so the spans count in the returned text.
    """
    parts, spans, at = [], [], 0
    for start, end in passage.sentences:
        parts.append(text[start:end])
        spans.append(Span(at, at + end - start))
        at += end - start + 1
    return " ".join(parts), tuple(spans)
