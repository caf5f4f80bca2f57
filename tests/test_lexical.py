"""BM25 against figures computed by hand."""

from retrieval.lexical import idf, sentence_scores


def test_a_rare_term_tells_more_than_a_common_one() -> None:
    """The weight falls with the number of passages that hold the term, and never below zero."""
    assert idf(3, 0) > idf(3, 1) > idf(3, 2) > idf(3, 3) > 0


def test_a_sentence_with_the_rare_word_comes_first() -> None:
    """Sentences are weighed with the library's idf; a word it does not know counts nothing."""
    sentences = [["sanction", "stay"], ["matsegora", "spoke"], []]
    scores = sentence_scores(["matsegora", "sanction", "unknown"], sentences, {"matsegora": 3.0, "sanction": 1.0})
    assert scores.argmax() == 1
    assert scores[0] > scores[2] == 0


def test_no_sentences_have_no_scores() -> None:
    """An empty list gives an empty array."""
    assert sentence_scores(["word"], [], {"word": 1.0}).tolist() == []
