"""What the model costs: python -m benchmarks.embedding

Beside sentence-transformers with the same weights, in turn with it in the same process: adding articles in each
precision, the share of what a plain matrix product reaches, and one question from its words to its quotes.
Fills a section of docs/performance.md.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from sentence_transformers import SentenceTransformer

from benchmarks.report import PERFORMANCE, ROOT, conditions, put, table
from retrieval.bert import Bert, Precision, dtype, load_tokenizer, load_weights
from retrieval.chunk import Passage, passage_text
from retrieval.embed import default_folder, load_model
from retrieval.library import Library
from retrieval.rerank import BUILT_IN, NONE
from retrieval.settings import AnswerSettings, ModelSettings, Settings

_PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16")
_ROUNDS = 5
_OVER = 10.0  # ms that a question may take beside 1.3 times its encoding
_EVERY = 10  # of the demo articles' questions one of so many is asked


def main() -> None:
    """Measure, and write the tables."""
    os.chdir(ROOT)
    bare = {precision: load_model(default_folder(), kind=dtype(precision)) for precision in _PRECISIONS}
    texts = _passages()
    added = {precision: _adding(bare[precision], texts, precision) for precision in _PRECISIONS}
    beside = {
        name: [slow / fast for slow, fast in zip(spent, added["bfloat16"][1], strict=True)]
        for name, spent in zip(("the bare encoding in float32", "Quoth in float32"), added["float32"], strict=True)
    }
    rows = [
        *(_adding_row(f"adding articles, {name}", *spent, count=len(texts)) for name, spent in added.items()),
        *((f"adding articles, bfloat16 against {name}", "", "", _ratio(gains)) for name, gains in beside.items()),
        *(_share_row(precision, texts) for precision in _PRECISIONS),
    ]
    head = ("", "bare", "Quoth", "ratio")
    asked = [_question_row(reranker, bare["float32"]) for reranker in (BUILT_IN, NONE)]
    question_head = (
        "",
        "bare encoding",
        "whole question",
        "over 1.3 × the bare one",
        f"at most {_OVER:.0f} ms over it",
    )
    put(
        "embedding",
        f"{table(head, rows)}\n\n{table(question_head, asked)}\n\nPrecision chosen by itself on this machine: "
        f"{str(dtype('auto')).removeprefix('torch.')}. {conditions()}",
        PERFORMANCE,
    )


def _settings(*, precision: Precision = "auto", reranker: str = BUILT_IN) -> Settings:
    return Settings(
        model=replace(ModelSettings(), precision=precision),
        answers=replace(AnswerSettings(), reranker=reranker),
    )


def _passages() -> list[str]:
    """The demo articles' passages, as the model reads them."""
    with tempfile.TemporaryDirectory() as home, Library.open(home) as library:
        library.add("seeds")
        store = library._store  # noqa: SLF001 - what is embedded is nobody else's business
        found = []
        for article in library.articles():
            for passage in store.passages(article.id):
                body, _ = passage_text(library.text(article.id), Passage(tuple(passage.sentences)))
                found.append(f"{article.title}. {body}")
    return found


def _adding(bare: SentenceTransformer, texts: list[str], precision: Precision) -> tuple[list[float], list[float]]:
    """Seconds of each round: the bare encoding of the passages; everything from the files to the disk."""
    settings = _settings(precision=precision)
    theirs, ours = [], []
    for _ in range(_ROUNDS):
        theirs.append(_seconds(lambda: bare.encode(texts, batch_size=32, show_progress_bar=False)))
        with tempfile.TemporaryDirectory() as home, Library.open(home, settings=settings) as library:
            library.warm_up()
            ours.append(_seconds(lambda: library.add("seeds")))
    return theirs, ours


def _adding_row(name: str, theirs: Sequence[float], ours: Sequence[float], *, count: int) -> tuple[str, ...]:
    rates = (f"{count / statistics.median(spent):.1f} passages/s" for spent in (theirs, ours))
    return (name, *rates, _ratio([slow / fast for slow, fast in zip(theirs, ours, strict=True)]))


def _share_row(precision: Precision, texts: Sequence[str]) -> tuple[str, ...]:
    """Arithmetic a second of the forward pass and of a plain product, each on one thread, by its processor time."""
    import torch

    kind = dtype(precision)
    tokenizer = load_tokenizer(default_folder())
    model = Bert(default_folder(), load_weights(default_folder()), kind)
    encoded = sorted(tokenizer.encode_batch(list(texts)), key=lambda e: len(e.ids))
    batches = [encoded[first : first + 8] for first in range(0, len(encoded), 8)]
    # A layer's matrices have 12 × 384² numbers, and attention goes over all pairs of pieces twice.
    work = sum(6 * (2 * 12 * 384**2 * len(e.ids) + 4 * 384 * len(e.ids) ** 2) for e in encoded)
    matrix = torch.ones(2048, 384 * 4, dtype=kind)
    product = 2 * 2048 * 2048 * matrix.shape[1]
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    shares, limits, rates = [], [], []
    for _ in range(_ROUNDS):
        limit = product / _seconds(lambda: matrix @ matrix.T, clock=time.thread_time)
        rate = work / _seconds(lambda: [model.read(batch) for batch in batches], clock=time.thread_time)
        shares.append(rate / limit)
        limits.append(limit)
        rates.append(rate)
    torch.set_num_threads(before)
    found = (f"{statistics.median(values) / 1e9:.0f} GFLOP/s" for values in (limits, rates))
    return (f"forward pass against a plain matrix product, {precision}", *found, _ratio(shares))


def _question_row(reranker: str, bare: SentenceTransformer) -> tuple[str, ...]:
    theirs, ours, over = [], [], []
    settings = _settings(reranker=reranker)
    with tempfile.TemporaryDirectory() as home, Library.open(home, settings=settings) as library:
        library.add("seeds")
        library.warm_up()
        lines = (ROOT / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines()[::_EVERY]
        for question in [json.loads(line)["question"] for line in lines] * _ROUNDS:
            theirs.append(1000 * _seconds(lambda: bare.encode([question])))  # noqa: B023 - called at once
            ours.append(1000 * _seconds(lambda: library.ask(question)))  # noqa: B023
            over.append(ours[-1] - 1.3 * theirs[-1])
    median = statistics.median
    name = "one question" if reranker == BUILT_IN else f'one question, `answers.reranker = "{reranker}"`'
    above = f"{median(over):+.1f} ms".replace("-", "−")
    within = statistics.mean(ms <= _OVER for ms in over)
    return (name, f"{median(theirs):.1f} ms", f"{median(ours):.1f} ms", above, f"{within:.0%} of the questions")


def _seconds(work: Callable[[], object], *, clock: Callable[[], float] = time.perf_counter) -> float:
    begin = clock()
    work()
    return clock() - begin


def _ratio(ratios: Sequence[float]) -> str:
    return f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f})"


if __name__ == "__main__":
    main()
