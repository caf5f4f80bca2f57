"""The benchmarks' own parts: what is compared with what, and how it comes onto the page."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks import answers, plots, report
from benchmarks.ablations import EVERYTHING, VARIATIONS, Untitled, WholePassages, ablations, remembering
from benchmarks.baselines import CHUNK, PlainSearch, baselines, chunks, passages
from benchmarks.big import make, material
from retrieval.evaluate import Question, scores
from retrieval.figures import Figure, Point
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.records import Mark
from retrieval.rerank import Reading
from retrieval.settings import Settings
from retrieval.text import Span
from retrieval.vectors import Floats
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import add_text
from tests.toy import ToyEncoder

TEXTS = {"bridge": BRIDGE, "orchestra": ORCHESTRA}


def _asked(question: str, doc_id: str, words: str) -> Question:
    at = TEXTS[doc_id].index(words)
    return Question(question, question, doc_id, (Span(at, at + len(words)),), answerable=True)


LONG = _asked("How long will repairs of the bridge take?", "bridge", "eleven months")
STRANGE = Question("2", "Who repaired the cathedral?", "bridge", (), answerable=False)


# The page


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page with two places, to be written instead of the real one."""
    path = tmp_path / "page.md"
    monkeypatch.setattr(report, "PAGE", path)
    path.write_text("By hand.\n<!-- a -->\nold\n<!-- end a -->\nMore.\n<!-- b -->\n<!-- end b -->\n", encoding="utf-8")
    return path


def test_a_table_replaces_the_one_before_it(page: Path) -> None:
    """And nothing else on the page, however often."""
    for _ in range(2):
        report.put("a", "new \\1\n")
        report.put("b", "other")
    assert page.read_text(encoding="utf-8") == (
        "By hand.\n<!-- a -->\nnew \\1\n<!-- end a -->\nMore.\n<!-- b -->\nother\n<!-- end b -->\n"
    )


def test_a_table_without_a_place_is_refused(page: Path) -> None:
    """The page stays as it was."""
    before = page.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="0 places for 'c'"):
        report.put("c", "new")
    assert page.read_text(encoding="utf-8") == before


def test_tables_are_markdown() -> None:
    """Rates are in per cent, with their intervals."""
    assert report.table(("", "x"), [("a", "1")]) == "|  | x |\n| --- | ---: |\n| a | 1 |"
    assert report.percent(0.5) == "50.0%"
    assert report.percent(0.5, 0.25, 0.75) == "50.0% (25.0–75.0)"


def test_every_place_on_the_page_is_closed() -> None:
    """A benchmark that ran for minutes must find where its table goes."""
    text = report.PAGE.read_text(encoding="utf-8")
    for name in (
        "sets",
        "compared",
        "figures",
        "declining",
        "ablations",
        "summaries",
        "conversations",
        "perturbed",
        "pastes",
    ):
        assert text.count(f"<!-- {name} -->\n") == text.count(f"<!-- end {name} -->\n") == 1
    text = report.PERFORMANCE.read_text(encoding="utf-8")
    for name in ("index", "scale", "embedding", "threads", "start", "rivals"):
        assert text.count(f"<!-- {name} -->\n") == text.count(f"<!-- end {name} -->\n") == 1


def test_a_plot_is_a_picture(tmp_path: Path) -> None:
    """One panel a set, also for a single one; the same curves give the same bytes."""
    curve = [Point(1 - n / 10, n / 10, Figure(n / 20, 0.0, n / 15)) for n in range(1, 11)]
    for count in (1, 3):
        path, again = tmp_path / f"{count}.png", tmp_path / f"{count} again.png"
        for file in (path, again):
            plots.declining({str(n): curve for n in range(count)}, file, threshold=0.3)
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.read_bytes() == again.read_bytes()


def test_growth_is_a_picture(tmp_path: Path) -> None:
    """The same curves give the same bytes."""
    for name in ("one.png", "two.png"):
        plots.growing({"a": [(10, 1.0), (100, 2.0)], "b": [(10, 3.0), (100, 30.0)]}, tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


# Big libraries


def test_a_big_library_is_one_that_was_added(tmp_path: Path) -> None:
    """What is written past the store agrees with itself, is searched by words and vectors, and takes articles."""
    models = Models(lambda _settings: ToyEncoder())
    with Library.open(tmp_path, "real", models=models) as library:
        add_text(library, BRIDGE)
        add_text(library, ORCHESTRA)
        source = material(library)
    make(tmp_path, "made", 57, source)
    with Library.open(tmp_path, "made", models=models) as library:
        assert library.passage_count() == 57
        assert library.problems() == []
        found = library.ask("Where were cracks found in the bridge?")
        assert "cracks" in (found.quotes or found.nearest)[0].text
        add_text(library, BRIDGE)
        assert library.problems() == []


# Plain searches


def test_chunks_are_the_whole_text_in_order() -> None:
    """None longer than a quote may be, and cut at white space where there is some."""
    text = "word " * 200 + "x" * 800
    found = chunks(text)
    assert "".join(text[s:e] for s, e in found) == text
    assert all(0 < e - s <= CHUNK for s, e in found)
    assert text[: found[0].end].endswith("word")
    assert chunks("") == []


def test_passages_are_whole_sentences(toy: ToyEncoder) -> None:
    """From the first word to the last."""
    found = passages(toy)(BRIDGE)
    assert (found[0].start, found[-1].end) == (0, len(BRIDGE.rstrip()))


def test_a_plain_search_finds_what_it_is_asked_for(toy: ToyEncoder) -> None:
    """By vectors, by words, and by both."""
    search = PlainSearch(TEXTS, passages(toy), toy)
    for rank in (search.dense, search.bm25, search.fused):
        assert search.pieces[rank(LONG.text)[0]].doc_id == "bridge"


def test_rank_fusion_prefers_what_both_rank_high(toy: ToyEncoder) -> None:
    """First in both is first."""
    search = PlainSearch({"a": "Ferry boats cross.", "b": "Trains stop.", "c": "Ferry trains."}, passages(toy), toy)
    assert search.dense("ferry trains")[0] == search.bm25("ferry trains")[0] == search.fused("ferry trains")[0] == 2


def test_each_baseline_scores_the_answerable_questions(toy: ToyEncoder) -> None:
    """Only chunks are quoted, and only passages are looked for at depth ten."""
    found = dict(baselines(TEXTS, [LONG, STRANGE], toy))
    assert [name.split(",")[0] for name in found] == ["350-character chunks"] * 3 + ["110-word passages"] * 2
    assert found["110-word passages, BM25"] == {
        "article@1": [1.0],
        "passage@1": [1.0],
        "passage@4": [1.0],
        "passage@10": [1.0],
    }
    assert set(found["350-character chunks, BM25"]) == {"article@1", "quote@1", "quote@3"}


# Stages switched off


class _Reader:
    """Counts what it reads; a sentence's number is its passage's length."""

    is_calibrated = True

    def __init__(self) -> None:
        self.read: list[str] = []

    def scores(self, question: str, readings: Sequence[Reading]) -> list[Floats]:
        self.read += [f"{question} {r.text}" for r in readings]
        return [np.full(len(r.sentences), len(r.text), dtype=np.float32) for r in readings]


def test_a_passage_is_read_once_for_a_question(toy: ToyEncoder) -> None:
    """Whatever else is read with it; another question reads it again."""
    reader = _Reader()
    models = remembering(Models(lambda _settings: toy, lambda _settings: reader), Settings())
    one, other = (Reading(text, (Span(0, len(text)),)) for text in ("One.", "Other."))
    reranker = models.reranker(Settings())
    assert reranker is not None
    assert [s.tolist() for s in reranker.scores("Who?", [one])] == [[4.0]]
    assert [s.tolist() for s in reranker.scores("Who?", [other, one])] == [[6.0], [4.0]]
    reranker.scores("Who?", [one, other])
    reranker.scores("When?", [one])
    assert reader.read == ["Who? One.", "Who? Other.", "When? One."]
    assert models.encoder(Settings()).encode(["Who?"]) is models.encoder(Settings()).encode(["Who?"])


def test_a_title_can_be_kept_from_the_model(toy: ToyEncoder) -> None:
    """What stands before the first sentence is not read."""
    sentences = [Span(8, 14), Span(15, 20)]
    whole, parts = Untitled(toy).encode_spans(["Bridge. Lorem. Ipsum"], [sentences])
    assert (whole == toy.encode(["Lorem. Ipsum"])).all()
    assert (parts[0] == toy.encode(["Lorem.", "Ipsum"])).all()


def test_sentences_can_be_given_their_passages_vector(toy: ToyEncoder) -> None:
    """All of them the same."""
    whole, parts = WholePassages(toy).encode_spans(["Lorem. Ipsum"], [[Span(0, 6), Span(7, 12)]])
    assert (parts[0] == whole[0]).all()
    assert parts[0].shape == (2, toy.dimensions)


def test_each_stage_is_switched_off_in_turn(toy: ToyEncoder) -> None:
    """The same questions are asked each time."""
    documents = [
        Document(text=text, doc_id=name, title=name.title(), marks=(Mark(0, 1, "front matter"),))
        for name, text in TEXTS.items()
    ]
    found = dict(ablations(documents, [LONG, STRANGE], Models(lambda _: toy), settings=Settings()))
    assert list(found) == [EVERYTHING, *(v.label for v in VARIATIONS)]
    assert all([r.question for r in results] == [LONG, STRANGE] for results in found.values())
    assert scores("quote@3", found[EVERYTHING]) == [1.0]


def test_without_cleaning_furniture_is_quoted(toy: ToyEncoder) -> None:
    """And with it, it is not."""
    text = f"Advertisement\n\n{BRIDGE}"
    at = text.index("Advertisement")
    asked = Question("1", "Where is the advertisement?", "a", (Span(at, at + 13),), answerable=True)
    found = dict(
        ablations([Document(text=text, doc_id="a", title="A")], [asked], Models(lambda _: toy), settings=Settings())
    )
    assert scores("passage@10", found["cleaning"]) == [1.0]
    assert scores("passage@10", found[EVERYTHING]) == [0.0]


# All of it


def test_a_run_writes_every_table_and_the_plot(
    page: Path, tmp_path: Path, toy_everywhere: ToyEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the seeds and for each labelled set in the folder that was given."""
    folder = tmp_path / "data" / "two bridges"
    folder.mkdir(parents=True)
    docs = [{"doc_id": name, "title": name, "text": text} for name, text in TEXTS.items()]
    labels = [
        {"question": q.text, "doc_id": q.doc_id, "answers": [{"text": BRIDGE[s:e], "start": s} for s, e in q.gold]}
        for q in (LONG, STRANGE)
    ]
    for name, lines in (("docs.jsonl", docs), ("qa.jsonl", labels)):
        (folder / name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    names = ("sets", "compared", "figures", "declining", "ablations")
    page.write_text("".join(f"<!-- {n} -->\n<!-- end {n} -->\n" for n in names), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(answers, "_SEEDS", answers.Labelled("seeds", folder / "docs.jsonl", folder / "qa.jsonl"))
    monkeypatch.setattr("benchmarks.ablations.VARIATIONS", VARIATIONS[-2:])
    monkeypatch.setattr("sys.argv", ["answers", "data"])
    answers.main()
    tables = page.read_text(encoding="utf-8")
    assert (tmp_path / answers._PLOT).read_bytes().startswith(b"\x89PNG")
    for name in ("seeds", "two bridges"):
        assert f"| {name} | 2 | 0 | 2 | 1 | 0 | 2 |" in tables
    assert "| 110-word passages, BM25 | 100.0% (100.0–100.0) | 100.0% (100.0–100.0) |" in tables
    assert re.search(r"^\| exact quotes \| 100.0% \| 100.0% \|$", tables, re.MULTILINE)
    assert tables.count("| without | passage@4 |") == 2
    assert [tables.count(f"| {v.label} |") for v in VARIATIONS[-3:]] == [0, 2, 2]


def test_a_change_is_bold_where_it_is_no_chance() -> None:
    """In points, with a sign."""
    assert answers._points(Figure(-0.05, -0.09, -0.01)) == "**−5.0**"
    assert answers._points(Figure(0.05, -0.01, 0.09)) == "+5.0"
    assert answers._points(None) == "–"


def test_the_sample_is_the_same_each_time() -> None:
    """In the order of the file, and all of it where it is small."""
    questions = [Question(str(n), "Who?", "a", (), answerable=False) for n in range(100)]
    sample = answers.sample(questions, 10)
    assert sample == answers.sample(questions, 10) == sorted(sample, key=lambda q: int(q.id))
    assert len(sample) == 10
    assert answers.sample(questions, 1_000) == questions
