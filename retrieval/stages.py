"""How much each stage of answering weighs, in one place, so that a benchmark can switch one off."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stages:
    """The weights of one library's answers; 0 switches a stage off.

    Passages are ordered by ``meaning`` (cosine) and ``words`` (BM25 over the best passage's);
    sentences by ``sentence_meaning``, ``sentence_words``, their ``passage``'s score and whether they
    hold what is ``expected`` (a date for "when"). Chosen on squad2_dev_half and clapnq_dev;
    docs/quality.md shows what each is worth.
    """

    # 0.5 to 0.7 beside words that fill it up to 1 differ by less than 0.3 points of passage recall@4.
    meaning: float = 0.6
    words: float = 0.4
    sentence_meaning: float = 0.6
    sentence_words: float = 0.2
    passage: float = 1.0
    # 0.1 gains 0.6 (squad2_dev_half) to 3.8 (seeds) points of focus@1.
    expected: float = 0.1
    # Whether a quote grows by the neighbours that belong to its sentence.
    neighbours: bool = True


DEFAULT_STAGES = Stages()
