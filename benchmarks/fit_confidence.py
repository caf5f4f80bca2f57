"""Fit the weights of ``retrieval/confidence.py``: python -m benchmarks.fit_confidence DATA

DATA holds folders with ``docs.jsonl`` and ``qa.jsonl`` (docs/formats.md). The answerable questions of
each set, its unanswerable ones, and the questions of the other sets (subjects that its library does
not hold) count half, a quarter and a quarter. One half of the questions is fitted on, the other is
reported on.
"""

import argparse
import tempfile
from dataclasses import astuple, fields
from itertools import islice
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from retrieval.answering import Quoting
from retrieval.confidence import Evidence
from retrieval.embed import SentenceEncoder
from retrieval.evaluate import Question, read_questions
from retrieval.figures import auroc, calibration_error
from retrieval.library import Library, library_path
from retrieval.quote import Rules, rank_sentences, select
from retrieval.search import query, retrieve
from retrieval.settings import ModelSettings
from retrieval.sqlite import SqliteStore
from retrieval.store import Store

_QUESTIONS = 1_000  # of one set, at most
_FOREIGN = 250  # of each other set
_SHARES = {"answerable": 0.5, "unanswerable": 0.25, "foreign": 0.25}

Sample = tuple[str, tuple[float, ...], bool]


def main() -> None:
    """Print the fitted constants, and how they do on the other half."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["squad2_dev_half", "clapnq_dev"])
    parser.add_argument("--home", type=Path, help="keep the libraries here instead of making them anew")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        samples = _samples(arguments.data, arguments.sets, home=arguments.home or Path(folder))
    order = np.random.default_rng(0).permutation(len(samples))
    fitted, held_out = ([samples[i] for i in half] for half in (order[: len(order) // 2], order[len(order) // 2 :]))
    model = LogisticRegression(C=10.0, max_iter=1_000)
    model.fit([s[1] for s in fitted], [s[2] for s in fitted], sample_weight=_weights(fitted))
    print(f"_INTERCEPT = {model.intercept_[0]:.3f}")
    print(f"_WEIGHTS = ({', '.join(f'{w:.3f}' for w in model.coef_[0])})  # {', '.join(_names())}")
    _report(held_out, model)


def _names() -> list[str]:
    return [field.name for field in fields(Evidence)]


def _samples(data: Path, sets: list[str], *, home: Path) -> list[Sample]:
    encoder = SentenceEncoder(ModelSettings())
    questions: dict[str, list[Question]] = {}
    for name in sets:
        with Library.open(home, name, encoder=lambda _: encoder) as library:
            failed = [a for a in library.add_each([data / name / "docs.jsonl"]) if a.error]
            assert not failed, failed[0].error
            questions[name] = read_questions(data / name / "qa.jsonl", library)
        np.random.default_rng(1).shuffle(questions[name])
    samples = []
    for name in sets:
        with SqliteStore(library_path(home, name)) as store:
            ids = {a.id: a.doc_id for a in store.articles()}
            for question in questions[name][:_QUESTIONS]:
                kind = "answerable" if question.answerable else "unanswerable"
                samples.append((kind, *_sample(question, store, encoder, ids)))
            for other in (o for o in sets if o != name):
                for question in islice(questions[other], _FOREIGN):
                    samples.append(("foreign", _sample(question, store, encoder, ids)[0], False))  # noqa: PERF401
    return samples


def _sample(
    question: Question, store: Store, encoder: SentenceEncoder, ids: dict[str, str | None]
) -> tuple[tuple[float, ...], bool]:
    """The evidence for the best sentence, and whether one of three quotes holds the answer."""
    quoting = Quoting(store)
    asked = query(question.text, encoder)
    retrieved = retrieve(asked, store)
    ranked = rank_sentences(asked, retrieved, text_of=quoting.text)
    selections = select(ranked, Rules(3), quoting)
    is_right = question.answerable and any(
        ids[s.article_id] == question.doc_id and s.span.start <= g.start and g.end <= s.span.end
        for s in selections
        for g in question.gold
    )
    return astuple(quoting.evidence(asked, retrieved, ranked)), is_right


def _weights(samples: list[Sample]) -> list[float]:
    counts = {kind: sum(s[0] == kind for s in samples) for kind in _SHARES}
    return [_SHARES[s[0]] / counts[s[0]] * len(samples) for s in samples]


def _report(samples: list[Sample], model: LogisticRegression) -> None:
    sure = dict.fromkeys(_SHARES, np.empty(0))
    right: dict[str, list[bool]] = {}
    for kind in _SHARES:
        chosen = [s for s in samples if s[0] == kind]
        sure[kind] = model.predict_proba([s[1] for s in chosen])[:, 1]
        right[kind] = [s[2] for s in chosen]
    for kind in ("unanswerable", "foreign"):
        error = calibration_error([*sure["answerable"], *sure[kind]], [*right["answerable"], *right[kind]])
        area = auroc(sure["answerable"].tolist(), sure[kind].tolist())
        print(f"{kind}: AUROC {area:.3f}, calibration error {error:.3f}")
    print("threshold  answered  of the unanswerable  of the foreign")
    for threshold in np.arange(0.1, 0.75, 0.05):
        shares = [float((sure[kind] >= threshold).mean()) for kind in _SHARES]
        print(f"{threshold:9.2f}  {shares[0]:8.1%}  {shares[1]:19.1%}  {shares[2]:14.1%}")


if __name__ == "__main__":
    main()
