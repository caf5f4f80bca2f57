"""BM25 against figures computed by hand."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.lexical import K1, B, LexicalIndex, TermCounts, idf, sentence_scores


def _index(*passages: list[int]) -> LexicalIndex:
    return LexicalIndex([_counts(passage) for passage in passages])


def _counts(terms: list[int]) -> TermCounts:
    return np.array(sorted(Counter(terms).items()), dtype=np.uint32).reshape(-1, 2)


def _bm25(asked: set[int], passage: list[int], passages: list[list[int]]) -> float:
    """The formula as the paper prints it, one term at a time."""
    average = sum(map(len, passages)) / len(passages)
    total = 0.0
    for term in asked:
        count, holders = passage.count(term), sum(term in p for p in passages)
        inverse = math.log(1 + (len(passages) - holders + 0.5) / (holders + 0.5))
        if count:
            total += inverse * count * (K1 + 1) / (count + K1 * (1 - B + B * len(passage) / average))
    return total


TERMS = st.lists(st.integers(1, 6), max_size=12)


@given(st.lists(TERMS, min_size=1, max_size=8), st.sets(st.integers(1, 8), max_size=5))
def test_scores_are_those_of_the_formula(passages: list[list[int]], asked: set[int]) -> None:
    """The inverted index gives what a loop over all passages gives."""
    expected = [_bm25(asked, passage, passages) for passage in passages]
    assert _index(*passages).scores(asked).tolist() == pytest.approx(expected, abs=1e-4)


def test_one_passage_by_hand() -> None:
    """One of two passages holds the term once, at average length: idf · 2.2 / 2.2."""
    assert _index([7, 8], [9, 9]).scores([7]).tolist() == pytest.approx([math.log(1 + 1.5 / 1.5), 0.0])


def test_a_rare_term_tells_more_than_a_common_one() -> None:
    """The weight falls with the number of passages that hold the term, and never below zero."""
    index = _index([1, 2], [1], [1])
    assert index.idf(99) > index.idf(2) > index.idf(1) > 0
    assert idf(3, 3) > 0


def test_an_empty_library_has_no_scores() -> None:
    """No passages, no numbers, no division by zero."""
    assert _index().scores([1]).tolist() == []


def test_passages_without_terms_score_nothing() -> None:
    """Three passages of function words alone."""
    assert _index([], [], []).scores([1, 2]).tolist() == [0, 0, 0]


def test_a_sentence_with_the_rare_word_comes_first() -> None:
    """Sentences are weighed with the library's idf; a word it does not know counts nothing."""
    sentences = [["sanction", "stay"], ["matsegora", "spoke"], []]
    scores = sentence_scores(["matsegora", "sanction", "unknown"], sentences, {"matsegora": 3.0, "sanction": 1.0})
    assert scores.argmax() == 1
    assert scores[0] > scores[2] == 0


def test_no_sentences_have_no_scores() -> None:
    """An empty list gives an empty array."""
    assert sentence_scores(["word"], [], {"word": 1.0}).tolist() == []


def test_terms_are_counted_over_a_group_of_passages() -> None:
    """What one passage lacks another of its group may hold; a term that several hold counts once."""
    index = _index([1], [2, 2], [1], [3])
    covered = index.covered([1, 2], np.array([0, 0, 1, 2]))
    rare, common = index.idf(2), index.idf(1)
    assert covered.tolist() == pytest.approx([1.0, common / (rare + common), 0.0])
    assert _index().covered([1], np.array([], dtype=np.int64)).tolist() == []
