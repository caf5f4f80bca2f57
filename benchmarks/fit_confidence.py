"""Fit the weights of ``retrieval/confidence.py``: python -m benchmarks.fit_confidence DATA

DATA holds the folders ``squad2_dev_half`` and ``clapnq_dev`` with ``docs.jsonl`` and ``qa.jsonl``
(docs/formats.md). Asked are the questions that benchmarks/train_reader.py held out. The answerable ones
of each set, its unanswerable ones, and those of the other set (subjects that its library does not hold)
count half, a quarter and a quarter. One half of them is fitted on, the other is reported on.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.train_reader import divided, paragraphs
from retrieval.answering import Quoting
from retrieval.confidence import Evidence
from retrieval.embed import Encoder
from retrieval.evaluate import Question
from retrieval.figures import auroc, calibration_error
from retrieval.library import library_path
from retrieval.models import PACKAGED
from retrieval.quote import Rules, rank_sentences, select
from retrieval.rerank import Reranker
from retrieval.search import Retrieved, query, retrieve
from retrieval.settings import Settings
from retrieval.sqlite import SqliteStore
from retrieval.store import Store

_SETS = ("squad2_dev_half", "clapnq_dev")
_QUESTIONS = 600  # of one set, at most
_FOREIGN = 150  # of the other set
_SHARES = {"answerable": 0.5, "unanswerable": 0.25, "foreign": 0.25}


@dataclass(frozen=True, slots=True)
class Sample:
    """A question's kind, its evidence with and without a reader, and whether the quotes answered it."""

    kind: str
    read: Evidence
    unread: Evidence
    is_right: bool


def main() -> None:
    """Print the fitted constants, and how they do on the other half."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--leave-out", nargs="*", default=["xquad_en"])
    arguments = parser.parse_args()
    samples = list(_samples(arguments.data, paragraphs(arguments.data / n / "docs.jsonl" for n in arguments.leave_out)))
    order = np.random.default_rng(0).permutation(len(samples))
    fitted, held_out = ([samples[i] for i in half] for half in (order[: len(order) // 2], order[len(order) // 2 :]))
    for name in ("_UNREAD", "_READ"):
        model = LogisticRegression(C=10.0, max_iter=1_000)
        model.fit(_features(fitted, name), [s.is_right for s in fitted], sample_weight=_weights(fitted))
        print(f"\n{name} = Fit({model.intercept_[0]:.3f}, ({', '.join(f'{w:.3f}' for w in model.coef_[0])}))")
        _report(held_out, model, name)
    print(f"\n_ON_SUBJECT = {_subject(fitted):.3f}; right of the others: {_told_apart(held_out, _subject(fitted)):.1%}")


def _samples(data: Path, left_out: set[str]) -> Iterator[Sample]:
    encoder, reranker = PACKAGED.encoder(Settings()), PACKAGED.reranker(Settings())
    assert reranker is not None
    with tempfile.TemporaryDirectory() as folder:
        homes = {name: Path(folder) / name for name in _SETS}
        questions = {name: divided(data / name, homes[name], left_out=left_out)[1] for name in _SETS}
        for name in _SETS:
            np.random.default_rng(1).shuffle(questions[name])
        for name, other in (_SETS, _SETS[::-1]):
            with SqliteStore(library_path(homes[name], "default")) as store:
                for question in questions[name][:_QUESTIONS]:
                    yield _sample(question, store, encoder, reranker)
                for question in questions[other][:_FOREIGN]:
                    yield _sample(question, store, encoder, reranker, is_foreign=True)


def _sample(
    question: Question, store: Store, encoder: Encoder, reranker: Reranker, *, is_foreign: bool = False
) -> Sample:
    quoting = Quoting(store)
    asked = query(question.text, encoder)
    retrieved = retrieve(asked, store)
    read = quoting.read(asked, retrieved, reranker)

    def evidence(passages: Retrieved) -> Evidence:
        return quoting.evidence(asked, passages, rank_sentences(asked, passages, text_of=quoting.text))

    ids = {a.id: a.doc_id for a in store.articles()}
    is_right = not is_foreign and any(
        ids[s.article_id] == question.doc_id and s.span.start <= g.start and g.end <= s.span.end
        for s in select(rank_sentences(asked, read, text_of=quoting.text), Rules(3), quoting)
        for g in question.gold
    )
    kind = "foreign" if is_foreign else "answerable" if question.answerable else "unanswerable"
    return Sample(kind, evidence(read), evidence(retrieved), is_right)


def _features(samples: Sequence[Sample], name: str) -> list[tuple[float, ...]]:
    evidence = (s.read if name == "_READ" else s.unread for s in samples)
    return [tuple(x for x in astuple(e) if x is not None) for e in evidence]


def _weights(samples: list[Sample]) -> list[float]:
    counts = {kind: sum(s.kind == kind for s in samples) for kind in _SHARES}
    return [_SHARES[s.kind] / counts[s.kind] * len(samples) for s in samples]


def _subject(samples: Sequence[Sample]) -> float:
    """The best passage's cosine from which a question is on a subject of the library, at the best balance."""
    cosines = sorted(s.unread.passage for s in samples)
    return max(cosines, key=lambda threshold: _told_apart(samples, threshold))


def _told_apart(samples: Sequence[Sample], threshold: float) -> float:
    near = [s.unread.passage >= threshold for s in samples if s.kind != "foreign"]
    far = [s.unread.passage < threshold for s in samples if s.kind == "foreign"]
    return float(np.mean(near) + np.mean(far)) / 2


def _report(samples: list[Sample], model: LogisticRegression, name: str) -> None:
    sure = {}
    right: dict[str, list[bool]] = {}
    for kind in _SHARES:
        chosen = [s for s in samples if s.kind == kind]
        sure[kind] = model.predict_proba(_features(chosen, name))[:, 1]
        right[kind] = [s.is_right for s in chosen]
    for kind in ("unanswerable", "foreign"):
        error = calibration_error([*sure["answerable"], *sure[kind]], [*right["answerable"], *right[kind]])
        area = auroc(sure["answerable"], sure[kind])
        print(f"{kind}: AUROC {area:.3f}, calibration error {error:.3f}")
    print("threshold  answered  of the unanswerable  of the foreign")
    for threshold in np.arange(0.1, 0.75, 0.05):
        shares = [float((sure[kind] >= threshold).mean()) for kind in _SHARES]
        print(f"{threshold:9.2f}  {shares[0]:8.1%}  {shares[1]:19.1%}  {shares[2]:14.1%}")


if __name__ == "__main__":
    main()
