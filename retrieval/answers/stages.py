"""How much each stage of answering weighs, in one place, so that a benchmark can switch one off."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stages:
    """The weights of one library's answers; 0 switches a stage off.

    Passages are ordered by ``meaning`` (cosine) and ``words`` (BM25 over the best passage's), and by how
    well their whole article fits (``article_meaning``, ``article_words``), then by what the ``reader`` says of
    their best sentence; sentences by ``sentence_meaning``, ``sentence_words``, their ``passage``'s score, whether
    they hold what is ``expected`` (a date for "when"), and by ``reading``. ``recency``, ``latest`` and ``period``
    weigh the article's date, ``variety`` that several articles are quoted.
    Chosen on squad2_dev_half and clapnq_dev; docs/quality.md shows what each is worth.
    """

    # 0.5 to 0.7 beside words that fill it up to 1 differ by less than 0.3 points of passage recall@4.
    meaning: float = 0.6
    words: float = 0.4
    # Of each, 0.2 gains a point of article@1 on squad2_dev_half, clapnq_dev and the seeds.
    article_meaning: float = 0.2
    article_words: float = 0.2
    # A sentence's weights were fitted together, by how likely they make the one that answers the first of all, on
    # the questions of squad2_dev_half, also in longer articles, and clapnq_dev that the reader was not trained on.
    sentence_meaning: float = 0.88
    sentence_words: float = 0.18
    passage: float = 0.25
    expected: float = 0.12
    reading: float = 1.0
    # What a passage gains whose best sentence, as the reranker reads it, surely answers.
    reader: float = 0.4
    # What the date of an article is worth: of equal ones the newer comes first (0.02 costs one in 300 on
    # xquad_en and clapnq_dev with dates drawn at random); where the latest is asked for, it leads even
    # if it fits less well; and a time that the question names is looked at first.
    recency: float = 0.02
    latest: float = 0.3
    period: float = 0.1
    # What an article's captions gain over its best passage where the question asks for a picture.
    captions: float = 0.1
    # What passages gain whose article answered an earlier question of the conversation. On every other one
    # of seeds/conversations.jsonl 0.2 to 0.4 differ by at most one in 60.
    conversation: float = 0.3
    # What a sentence loses where its article is quoted already, so that others have their say:
    # no loss of quote@3 on seeds and xquad_en, and a point gained on clapnq_dev.
    variety: float = 0.05
    # Whether a quote grows by the neighbours that belong to its sentence.
    neighbours: bool = True


DEFAULT_STAGES = Stages()
