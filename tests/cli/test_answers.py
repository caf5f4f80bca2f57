"""``ask``, ``summarise``, ``verify`` and ``evaluate``."""

import json
from pathlib import Path

import pytest

from retrieval.cli import COULD_NOT, DONE
from tests.articles import BRIDGE, ORCHESTRA
from tests.cli.conftest import ANSWER, ARTICLE, QUOTE, Quoth, parsed


def test_an_answer_asparsed(quoth: Quoth, bridge: Path) -> None:
    """The contract's keys, and quotes that are slices of the given text."""
    quoth("add", bridge)
    code, printed, complained = quoth("ask", "--json", "How long will repairs take?")
    (answer,) = parsed(printed)
    assert (code, complained) == (DONE, "")
    assert list(answer) == ANSWER
    assert list(answer["ms"]) == ["embed", "search", "quote", "total"]
    assert list(answer["quotes"][0]) == QUOTE
    assert list(answer["quotes"][0]["article"]) == ARTICLE
    for quote in answer["quotes"]:
        assert BRIDGE[quote["start"] : quote["end"]] == quote["text"]
        assert quote["start"] <= quote["focus"][0] < quote["focus"][1] <= quote["end"]


def test_an_answer_as_a_card(quoth: Quoth, bridge: Path) -> None:
    """The words of the article, for a person."""
    quoth("add", bridge)
    code, printed, _ = quoth("ask", "How long will repairs take?")
    assert code == DONE
    assert "eleven months" in " ".join(printed.split())
    assert "\x1b" not in printed


def test_the_number_of_quotes_can_be_chosen(quoth: Quoth, tmp_path: Path) -> None:
    """``--quotes N``."""
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text(f"Engineers closed bridge number {number}.", encoding="utf-8")
    quoth("add", tmp_path)
    for count in (1, 2, 4):
        (answer,) = parsed(quoth("ask", "--json", "--quotes", count, "Which bridge did engineers close?")[1])
        assert len(answer["quotes"]) == count


def test_questions_can_be_asked_in_a_batch(quoth: Quoth, bridge: Path, tmp_path: Path) -> None:
    """One Answer a line under its id; a bad line is named, and the rest goes on."""
    (tmp_path / "o.txt").write_text(ORCHESTRA, encoding="utf-8")
    quoth("add", bridge, tmp_path / "o.txt")
    lines = [
        '\ufeff{"id": "q1", "question": "How long will repairs take?"}',
        "",
        "not json",
        '{"id": 7, "question": "And when?", "history": ["Who is the new conductor?"]}',
        json.dumps({"id": "q3", "question": "How long will repairs take?", "article": str(tmp_path / "o.txt")}),
        '{"id": "q4"}',
        '{"id": "q5", "question": "Who?", "history": "x"}',
        '{"id": "q6", "question": "Who?", "article": 5}',
        '{"id": "q7", "question": "?"}',
        "[" * 100_000,
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(lines), encoding="utf-8")
    code, printed, complained = quoth("ask", "--batch", tmp_path / "q.jsonl")
    answers = parsed(printed)
    assert code == COULD_NOT
    assert [a["id"] for a in answers] == ["q1", 7, "q3"]
    assert all(list(a) == ["id", *ANSWER] for a in answers)
    assert {q["article"]["doc_id"] for q in answers[2]["quotes"]} == {str(tmp_path / "o.txt")}
    assert [c.split(":")[1] for c in complained.splitlines()] == [f" line {n}" for n in (3, 6, 7, 8, 9, 10)]


def test_a_summary_asparsed(quoth: Quoth, bridge: Path) -> None:
    """The contract's keys; sentences that are slices."""
    quoth("add", bridge)
    code, printed, _ = quoth("summarise", "--json", bridge)
    (summary,) = parsed(printed)
    assert code == DONE
    assert list(summary) == ["article", "sentences", "facts"]
    assert list(summary["facts"]) == ["who", "where", "when", "numbers"]
    assert summary["sentences"]
    for sentence in summary["sentences"]:
        assert list(sentence) == ["start", "end", "text"]
        assert BRIDGE[sentence["start"] : sentence["end"]] == sentence["text"]


def test_a_summary_as_a_card(quoth: Quoth, bridge: Path) -> None:
    """At each length."""
    quoth("add", bridge)
    for length in ("short", "medium", "long"):
        code, printed, _ = quoth("summarise", "--length", length, bridge)
        assert code == DONE
        assert "Engineers closed the old bridge" in " ".join(printed.split())


def test_several_articles_are_summarised_one_after_another(quoth: Quoth, bridge: Path, tmp_path: Path) -> None:
    """A Summary a line, or a card each; one that is not there is named, and the rest goes on."""
    (tmp_path / "o.txt").write_text(ORCHESTRA, encoding="utf-8")
    quoth("add", bridge, tmp_path / "o.txt")
    code, printed, complained = quoth("summarise", "--json", bridge, "gone", tmp_path / "o.txt")
    assert code == COULD_NOT
    assert [s["article"]["doc_id"] for s in parsed(printed)] == [str(bridge), str(tmp_path / "o.txt")]
    assert "gone" in complained
    code, printed, _ = quoth("summarise", bridge, tmp_path / "o.txt")
    assert code == DONE
    assert printed.count("Summary: ") == 2


def test_articles_are_summarised_by_topic(quoth: Quoth, bridge: Path, tmp_path: Path) -> None:
    """Each key point with its source; nothing about it is an answer, too: one sentence, and done."""
    (tmp_path / "o.txt").write_text(ORCHESTRA, encoding="utf-8")
    assert quoth("summarise", "--about", "bridge repairs")[1].startswith("No articles yet")
    quoth("add", bridge, tmp_path / "o.txt")
    code, printed, _ = quoth("summarise", "--json", "--about", "bridge repairs")
    (summary,) = parsed(printed)
    assert code == DONE
    assert list(summary) == ["about", "points", "reason"]
    assert [list(point) for point in summary["points"]] == [["article", "start", "end", "text"]] * len(
        summary["points"]
    )
    assert {point["article"]["doc_id"] for point in summary["points"]} == {str(bridge)}
    assert all(BRIDGE[point["start"] : point["end"]] == point["text"] for point in summary["points"])
    code, printed, _ = quoth("summarise", "--about", "bridge repairs")
    assert code == DONE
    assert summary["points"][0]["article"]["title"] in " ".join(printed.split())
    assert quoth("summarise", "--about", "glaciers") == (
        DONE,
        "No article is about “glaciers” (2 articles searched).\n",
        "",
    )


@pytest.mark.parametrize(
    ("quoted", "standing", "code"),
    [
        ("found cracks in two of its pillars", "found", DONE),
        ("Inspectors had found holes in two of its pillars.", "altered", COULD_NOT),
        ("The glacier melted in Patagonia last summer", "not found", COULD_NOT),
    ],
)
def test_a_quote_is_verified(quoth: Quoth, bridge: Path, quoted: str, standing: str, code: int) -> None:
    """The exit code tells a script; the line tells a person."""
    quoth("add", bridge)
    assert quoth("verify", quoted)[:1] == (code,)
    assert quoth("verify", quoted)[1].startswith(standing)
    (found,) = parsed(quoth("verify", "--json", quoted)[1])
    assert list(found) == ["standing", "quote", "others"]
    assert found["standing"] == standing


def test_every_article_with_the_words_is_named(quoth: Quoth, bridge: Path, tmp_path: Path) -> None:
    """The first one in full, the others below it."""
    (tmp_path / "z.txt").write_text(f"Zebras. {BRIDGE}", encoding="utf-8")
    quoth("add", bridge, tmp_path / "z.txt")
    code, printed, _ = quoth("verify", "found cracks in two of its pillars", "--article", tmp_path / "z.txt")
    assert code == DONE
    assert printed.startswith("found: Zebras.")
    assert "also in: Engineers closed" in printed


def test_figures_are_printed(quoth: Quoth, bridge: Path, tmp_path: Path) -> None:
    """As a table or as JSON."""
    at = BRIDGE.index("eleven months")
    line = {"id": "1", "question": "How long will repairs take?", "doc_id": str(bridge)}
    labelled = {**line, "answers": [{"text": "eleven months", "start": at}], "answerable": True}
    (tmp_path / "q.jsonl").write_text(json.dumps(labelled), encoding="utf-8")
    asked = ("evaluate", "--docs", bridge, "--questions", tmp_path / "q.jsonl")
    code, printed, _ = quoth(*asked)
    assert code == DONE
    assert "exact quotes" in printed
    (figures,) = parsed(quoth(*asked, "--json")[1])
    assert figures["quote@3"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert figures["exact quotes"] == 1.0
    assert figures["answered wrongly"] is None
