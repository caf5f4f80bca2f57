"""The figures, against figures computed by hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from retrieval.errors import InvalidInput, NotFound, UnreadableFile
from retrieval.evaluate import Question, Result, curve, figures, measure, read_questions, run, scores, table
from retrieval.figures import Figure
from retrieval.library import Library
from retrieval.records import Answer, Article, Milliseconds, Quote
from retrieval.settings import Settings
from retrieval.text import Span
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import add_text
from tests.toy import ToyEncoder


def _quote(article: Article, words: str) -> Quote:
    at = BRIDGE.index(words)
    return Quote(article, at, at + len(words), words, (at, at + len(words)), 1.0, None)


def _result(article: Article, words: str, *, rank: int | None, answered: bool = True, sure: float = 0.9) -> Result:
    """A question after the repairs, answered with some words."""
    at = BRIDGE.index("eleven months")
    question = Question("1", "How long?", "bridge", (Span(at, at + len("eleven months")),), answerable=True)
    quotes = (_quote(article, words),)
    answer = Answer(
        question="How long?",
        answered=answered,
        confidence=sure,
        quotes=quotes if answered else (),
        nearest=() if answered else quotes,
        reason=None,
        ms=Milliseconds(1.0, 2.0, 3.0, 6.0),
    )
    return Result(question, answer, first_article=rank == 1, rank=rank)


RIGHT, WRONG = "Repairs will take eleven months and cost 4 million euros.", "The mayor apologised to commuters."


def _value(figure: Any) -> Any:
    return figure.value if isinstance(figure, Figure) else figure


def test_figures_by_hand(library: Library) -> None:
    """Three answerable questions, one that is not."""
    article = add_text(library, BRIDGE, doc_id="bridge")
    strange = _result(article, WRONG, rank=None, answered=True, sure=0.4)
    results = [
        _result(article, RIGHT, rank=1),
        _result(article, RIGHT, rank=2, answered=False, sure=0.3),
        _result(article, WRONG, rank=None),
        replace(strange, question=replace(strange.question, answerable=False, gold=())),
    ]
    found = {name: _value(figure) for name, figure in figures(results, library=library).items()}
    assert (found["questions"], found["answerable"]) == (4, 3)
    assert found["article@1"] == pytest.approx(1 / 3)
    assert [found[f"passage@{k}"] for k in (1, 4, 10)] == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    assert found["MRR@10"] == pytest.approx((1 + 1 / 2) / 3)
    assert found["nDCG@10"] == pytest.approx((1 + 0.6309298) / 3)
    assert found["focus@1"] == found["quote@1"] == found["quote@3"] == pytest.approx(2 / 3)
    assert found["exact quotes"] == 1.0
    assert found["answered"] == pytest.approx(2 / 3)
    assert found["answered wrongly"] == 1.0
    assert found["AUROC"] == pytest.approx(2 / 3)
    assert found["calibration error"] == pytest.approx((2 * abs(0.9 - 0.5) + abs(0.3 - 1) + 0.4) / 4)
    assert found["median quote"] == pytest.approx((len(RIGHT) + len(WRONG)) / 2)
    assert [found[f"{part} ms"] for part in ("embed", "search", "quote", "total")] == [1.0, 2.0, 3.0, 6.0]


def test_a_quote_that_is_no_slice_spoils_the_figure(library: Library) -> None:
    """One wrong quote of two."""
    article = add_text(library, BRIDGE, doc_id="bridge")
    right = _result(article, RIGHT, rank=1)
    altered = replace(right.answer.quotes[0], text=RIGHT.upper())
    wrong = replace(right, answer=replace(right.answer, quotes=(altered,)))
    assert figures([right, wrong], library=library)["exact quotes"] == 0.5


def test_an_interval_holds_its_value(library: Library) -> None:
    """And is the same each time."""
    article = add_text(library, BRIDGE, doc_id="bridge")
    results = [_result(article, RIGHT if n % 3 else WRONG, rank=1 if n % 3 else None) for n in range(30)]
    one, other = (figures(results, library=library)["quote@1"] for _ in range(2))
    assert isinstance(one, Figure)
    assert one == other
    assert 0 < one.low < one.value < one.high < 1


def test_a_rate_over_no_questions_is_none(library: Library) -> None:
    """Rather than zero."""
    article = add_text(library, BRIDGE, doc_id="bridge")
    found = figures([_result(article, RIGHT, rank=1)], library=library)
    assert found["answered wrongly"] is found["AUROC"] is None
    assert figures([], library=library)["quote@1"] is None


def test_scores_are_in_the_order_of_the_answerable_questions(library: Library) -> None:
    """So that two systems can be compared question by question."""
    article = add_text(library, BRIDGE, doc_id="bridge")
    right, wrong = _result(article, RIGHT, rank=4), _result(article, WRONG, rank=None)
    strange = replace(right, question=replace(right.question, answerable=False, gold=()))
    assert scores("passage@4", [right, strange, wrong]) == [1.0, 0.0]
    assert scores("MRR@10", [wrong, right]) == [0.0, 0.25]


def test_the_curve_counts_what_nothing_answers_as_wrong(library: Library) -> None:
    """Though the quote is the same; and what was held back counts as it would have been shown."""
    article = add_text(library, BRIDGE, doc_id="bridge")
    right = _result(article, RIGHT, rank=1, sure=0.9)
    strange = replace(
        _result(article, RIGHT, rank=1, sure=0.6), question=replace(right.question, answerable=False, gold=())
    )
    held_back = _result(article, RIGHT, rank=1, answered=False, sure=0.1)
    points = [(p.confidence, p.coverage, p.error.value) for p in curve([strange, held_back, right])]
    assert points == [
        (0.9, pytest.approx(1 / 3), 0.0),
        (0.6, pytest.approx(2 / 3), 0.5),
        (0.1, 1.0, pytest.approx(1 / 3)),
    ]


def test_a_run_says_where_each_answer_came_from(library: Library) -> None:
    """The rank of the first passage with the labelled words, and whether the first article is right."""
    add_text(library, BRIDGE, doc_id="bridge")
    add_text(library, ORCHESTRA, doc_id="orchestra")
    at = BRIDGE.index("eleven months")
    gold = (Span(at, at + len("eleven months")),)
    asked = Question("1", "How long will repairs of the bridge take?", "bridge", gold, answerable=True)
    lost = replace(asked, doc_id="orchestra", gold=(Span(0, len(ORCHESTRA) + 1),))
    found, not_found = run(library, [asked, lost])
    assert (found.first_article, found.rank) == (True, 1)
    assert (not_found.first_article, not_found.rank) == (False, None)


def test_an_empty_library_answers_nothing(library: Library) -> None:
    """No rank, no article, no quote."""
    (result,) = run(library, [Question("1", "Who?", "gone", (), answerable=False)])
    assert (result.first_article, result.rank) == (False, None)
    assert figures([result], library=library)["exact quotes"] is None


# Labels


def _written(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines), encoding="utf-8")
    return path


def test_labels_are_read(library: Library, tmp_path: Path) -> None:
    """With offsets, as sentences to be looked up, or none; ids and answerability have defaults."""
    add_text(library, BRIDGE, doc_id="bridge")
    base = {"question": "Who?\u2028", "doc_id": "bridge"}
    path = _written(
        tmp_path / "q.jsonl",
        {**base, "id": "a", "answers": [{"text": "old", "start": 21}], "answerable": True},
        "",
        {**base, "answers": [{"selected_sentences": [" A ferry will cross ", "gone", ""]}]},
        json.dumps({**base, "answers": [{"text": "Engineers"}]}, ensure_ascii=False),
        {**base, "answers": []},
    )
    first, second, third, last = read_questions(path, library)
    assert first == Question("a", "Who?\u2028", "bridge", (Span(21, 24),), answerable=True)
    assert [BRIDGE[s:e] for s, e in second.gold] == ["A ferry will cross"]
    assert (second.id, second.answerable) == ("3", True)
    assert third.gold == (Span(0, 9),)
    assert (last.gold, last.answerable) == ((), False)


@pytest.mark.parametrize("line", ["not json", "[]", "5", '{"question": "Who?"}', '{"doc_id": "bridge"}'])
def test_a_bad_label_is_named_by_its_line(library: Library, tmp_path: Path, line: str) -> None:
    """And nothing is measured."""
    add_text(library, BRIDGE, doc_id="bridge")
    with pytest.raises(InvalidInput, match="line 2 of"):
        read_questions(_written(tmp_path / "q.jsonl", "", line), library)


def test_a_label_of_an_unknown_article_is_refused(library: Library, tmp_path: Path) -> None:
    """Its file was not given."""
    with pytest.raises(NotFound, match="names the article 'gone'"):
        read_questions(_written(tmp_path / "q.jsonl", {"question": "Who?", "doc_id": "gone"}), library)


def test_labels_that_are_not_there_are_refused(library: Library, tmp_path: Path) -> None:
    """The file is named."""
    with pytest.raises(UnreadableFile, match=r"gone\.jsonl"):
        read_questions(tmp_path / "gone.jsonl", library)


# Output


def test_a_set_is_measured_whole(toy_everywhere: ToyEncoder, tmp_path: Path) -> None:
    """Every figure with its interval where it is an estimate, and the curve."""
    docs = _written(
        tmp_path / "docs.jsonl",
        {"doc_id": "bridge", "title": "Bridge", "text": BRIDGE},
        {"doc_id": "orchestra", "title": "Orchestra", "text": ORCHESTRA},
    )
    at = BRIDGE.index("eleven months")
    gold = [{"text": "eleven months", "start": at}]
    questions = _written(
        tmp_path / "qa.jsonl",
        {"question": "How long will repairs of the bridge take?", "doc_id": "bridge", "answers": gold},
        {"question": "Who conducts in Vienna?", "doc_id": "orchestra", "answers": []},
    )
    found = measure([str(docs)], questions, settings=Settings())
    plain = {"questions", "answerable", "exact quotes", "curve"}
    assert {name for name, value in found.items() if not isinstance(value, dict)} == plain
    assert (found["questions"], found["answerable"], found["exact quotes"]) == (2, 1, 1.0)
    assert found["quote@3"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    points = found["curve"]
    assert isinstance(points, list)
    assert points[-1]["coverage"] == 1.0
    assert points[-1]["error"]["value"] == 0.5
    assert json.loads(json.dumps(found)) == found


def test_a_set_without_questions_is_refused(toy_everywhere: ToyEncoder, tmp_path: Path) -> None:
    """There is nothing to measure."""
    docs = _written(tmp_path / "docs.jsonl", {"doc_id": "bridge", "title": "Bridge", "text": BRIDGE})
    with pytest.raises(InvalidInput, match="holds no questions"):
        measure([str(docs)], _written(tmp_path / "qa.jsonl", ""), settings=Settings())


def test_the_table_is_aligned() -> None:
    """Rates in per cent with their interval, milliseconds and counts as they are."""
    lines = table(
        {
            "questions": 4,
            "quote@3": {"value": 0.5, "low": 0.25, "high": 0.75},
            "AUROC": None,
            "embed ms": {"value": 1.25, "low": 1.0, "high": 2.0},
            "calibration error": {"value": 0.05, "low": 0.04, "high": 0.06},
            "exact quotes": 1.0,
        }
    ).split("\n")
    assert [line[21:].strip() for line in lines] == [
        "4",
        "50.0%   (25.0% to 75.0%)",
        "–",
        "1.2   (1.0 to 2.0)",
        "0.050   (0.040 to 0.060)",
        "100.0%",
    ]


def test_the_table_ends_with_the_curve() -> None:
    """Ten of its points and the last one, however many there are."""
    points = [
        {"confidence": 1 - n / 50, "coverage": n / 50, "error": {"value": 0.1, "low": 0.0, "high": 0.2}}
        for n in range(1, 51)
    ]
    head, *lines = table({"questions": 4, "curve": points}).split("\n")[2:]
    assert head.startswith("answered    of these wrong")
    assert [line.split()[0] for line in lines] == [f"{n}.0%" for n in range(10, 101, 10)]
    assert lines[-1].split() == "100.0% 10.0% (0.0% to 20.0%) 0.00 or more".split()
