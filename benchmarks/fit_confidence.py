"""Fit the weights of ``retrieval/answers/confidence.py``: python -m benchmarks.fit_confidence DATA

DATA holds the folders ``squad2_dev_half`` and ``clapnq_dev`` with ``docs.jsonl`` and ``qa.jsonl``
(docs/formats.md). Asked are the questions that benchmarks/train_reader.py held out, those of
squad2_dev_half also with five paragraphs made one article each: news is long, and what holds of a
paragraph need not hold of an article. The answerable ones of each set, its unanswerable ones, and those
of another set (subjects that its library does not hold) count half, a quarter and a quarter. One half of
them is fitted on, the other is reported on.
"""

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from benchmarks.train_reader import SAME_PARAGRAPH, divided, paragraphs
from retrieval.answers.answering import Quoting
from retrieval.answers.confidence import Evidence, Fit, gather
from retrieval.answers.quote import Rules, rank_sentences, select
from retrieval.answers.search import Retrieved, query, retrieve
from retrieval.embed import Encoder
from retrieval.evaluate import Question
from retrieval.figures import auroc, calibration_error
from retrieval.models import PACKAGED
from retrieval.rerank import Reranker
from retrieval.settings import Settings
from retrieval.store.homes import library_path
from retrieval.store.protocol import Store
from retrieval.store.sqlite import SqliteStore
from retrieval.vectors import Floats

SHORT, LONG, OTHER = "squad2_dev_half", "long", "clapnq_dev"
_FOREIGN_TO = {LONG: OTHER, OTHER: SHORT, SHORT: OTHER}
_PARAGRAPHS = 5  # of one title that make up a long article
_QUESTIONS = 300  # of one set, at most
_FOREIGN = 130  # of the other set
_SHARES = {"answerable": 0.5, "unanswerable": 0.25, "foreign": 0.25}
_UNLIKELY = -4.0  # log-odds
_PENALTY = 1e-2  # of a squared weight of a feature of unit variance: a weaker one leans on one feature


@dataclass(frozen=True, slots=True)
class Sample:
    """A question's set and kind, its evidence with and without a reader, and whether the quotes answered it."""

    set: str
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
        fit = _fit(fitted, name)
        print(f"\n{name} = Fit({fit.intercept:.3f}, ({', '.join(f'{w:.3f}' for w in fit.weights)}))")
        for of in _FOREIGN_TO:
            _report(of, [s for s in held_out if s.set == of], fit, name)
    print(f"\n_ON_SUBJECT = {_subject(fitted):.3f}; right of the others: {_told_apart(held_out, _subject(fitted)):.1%}")


def _samples(data: Path, left_out: set[str]) -> Iterator[Sample]:
    reranker = PACKAGED.reranker(Settings())
    assert reranker is not None
    models = PACKAGED.encoder(Settings()), reranker
    with tempfile.TemporaryDirectory() as folder:
        sources = {SHORT: data / SHORT, OTHER: data / OTHER, LONG: Path(folder) / LONG}
        _join(sources[SHORT], sources[LONG], left_out=left_out)
        homes = {name: Path(folder) / f"home-{name}" for name in sources}
        questions = {name: divided(sources[name], homes[name], left_out=left_out)[1] for name in sources}
        for name in sources:
            np.random.default_rng(1).shuffle(questions[name])
        for name, other in _FOREIGN_TO.items():
            with SqliteStore(library_path(homes[name], "default")) as store:
                for question in questions[name][:_QUESTIONS]:
                    yield _sample(name, question, store, models)
                for question in questions[other][:_FOREIGN]:
                    yield _sample(name, question, store, models, is_foreign=True)


def _join(source: Path, target: Path, *, left_out: set[str]) -> None:
    """Write a set whose articles are several paragraphs of one title, with the same questions."""
    by_title: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in _lines(source / "docs.jsonl"):
        if document["text"][:SAME_PARAGRAPH] not in left_out:
            by_title[document["title"]].append(document)
    places: dict[str, tuple[str, int]] = {}
    joined = []
    for parts in by_title.values():
        for first in range(0, len(parts), _PARAGRAPHS):
            text = ""
            for part in parts[first : first + _PARAGRAPHS]:
                places[part["doc_id"]] = (f"long-{parts[first]['doc_id']}", len(text))
                text += part["text"] + "\n\n"
            joined.append(parts[first] | {"doc_id": f"long-{parts[first]['doc_id']}", "text": text.strip()})
    asked = [question for question in _lines(source / "qa.jsonl") if question["doc_id"] in places]
    for question in asked:
        question["doc_id"], moved = places[question["doc_id"]]
        for found in question.get("answers") or ():
            found["start"] += moved
    target.mkdir()
    for name, values in (("docs.jsonl", joined), ("qa.jsonl", asked)):
        (target / name).write_text("\n".join(json.dumps(value) for value in values), encoding="utf-8")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    yield from (json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip())


def _sample(
    name: str, question: Question, store: Store, models: tuple[Encoder, Reranker], *, is_foreign: bool = False
) -> Sample:
    encoder, reranker = models
    quoting = Quoting(store)
    asked = query(question.text, encoder)
    retrieved = retrieve(asked, store)
    read = quoting.read(asked, retrieved, reranker)

    def evidence(passages: Retrieved) -> Evidence:
        return gather(asked, passages, rank_sentences(asked, passages, text_of=quoting.text))

    ids = {a.id: a.doc_id for a in store.articles()}
    is_right = not is_foreign and any(
        ids[s.article_id] == question.doc_id and s.span.start <= g.start and g.end <= s.span.end
        for s in select(rank_sentences(asked, read, text_of=quoting.text), Rules(3), quoting)
        for g in question.gold
    )
    kind = "foreign" if is_foreign else "answerable" if question.answerable else "unanswerable"
    return Sample(name, kind, evidence(read), evidence(retrieved), is_right)


def _features(samples: Sequence[Sample], name: str) -> Floats:
    """One row a sample; whose best sentence was not read is taken for one that is hardly the answer."""
    if name == "_UNREAD":
        return np.array([replace(s.unread, read=None).features for s in samples])
    return np.array(
        [(s.read if s.read.read is not None else replace(s.read, read=_UNLIKELY)).features for s in samples]
    )


def _fit(samples: Sequence[Sample], name: str) -> Fit:
    """A logistic regression without negative weights: evidence for one set must be none against on another."""
    features = _features(samples, name)
    mean, scale = features.mean(axis=0), features.std(axis=0)
    normal = (features - mean) / scale
    is_right = np.array([s.is_right for s in samples], dtype=float)
    weights = _weights(samples)

    def loss(parameters: Any) -> tuple[float, Any]:
        logits = parameters[0] + normal @ parameters[1:]
        error = weights * (1 / (1 + np.exp(-logits)) - is_right)
        penalty = np.append(0.0, parameters[1:])
        value = (weights * (np.logaddexp(0, logits) - is_right * logits)).sum() + _PENALTY * (penalty**2).sum()
        return value, np.append(error.sum(), normal.T @ error) + 2 * _PENALTY * penalty

    bounds = [(None, None), *[(0, None)] * len(mean)]
    found = minimize(loss, np.zeros(len(mean) + 1), jac=True, bounds=bounds).x
    fitted = found[1:] / scale
    return Fit(float(found[0] - fitted @ mean), tuple(map(float, fitted)))


def _weights(samples: Sequence[Sample]) -> Floats:
    groups = [(s.set, s.kind) for s in samples]
    shares = np.array([_SHARES[s.kind] / groups.count((s.set, s.kind)) for s in samples])
    return np.asarray(shares / shares.sum(), dtype=np.float32)


def _subject(samples: Sequence[Sample]) -> float:
    """How near the library must come for a question to be on a subject of it, at the best balance."""
    return max((s.unread.nearness for s in samples), key=lambda threshold: _told_apart(samples, threshold))


def _told_apart(samples: Sequence[Sample], threshold: float) -> float:
    near = [s.unread.nearness >= threshold for s in samples if s.kind != "foreign"]
    far = [s.unread.nearness < threshold for s in samples if s.kind == "foreign"]
    return float(np.mean(near) + np.mean(far)) / 2


def _report(of: str, samples: Sequence[Sample], fit: Fit, name: str) -> None:
    sure = {}
    right: dict[str, list[bool]] = {}
    for kind in _SHARES:
        chosen = [s for s in samples if s.kind == kind]
        sure[kind] = 1 / (1 + np.exp(-fit.intercept - _features(chosen, name) @ np.array(fit.weights)))
        right[kind] = [s.is_right for s in chosen]
    print(f"on the other half of {of}:")
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
