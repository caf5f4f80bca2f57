"""Train the adapter of ``retrieval/rerank.py``: python -m benchmarks.train_reader DATA

DATA holds SQuAD 2.0 questions in ``squad2_dev_half`` (CC BY-SA 4.0) and CLAPNQ's in ``clapnq_dev``
(annotations Apache 2.0, passages CC BY-SA 3.0), each as ``docs.jsonl`` and ``qa.jsonl``
(docs/formats.md). Every fifth title of the one and every fourth question of the other are held out:
benchmarks/fit_confidence.py fits on them what must be fitted on unseen questions. Paragraphs that
also stand in the sets named with ``--leave-out`` are not trained on, so that those can be reported on.
"""

import argparse
import json
import math
import random
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from retrieval.bert import dtype
from retrieval.evaluate import Question, read_questions
from retrieval.library import Library
from retrieval.rerank import ADAPTER, LORA_SCALE, NONE, Reading, load_base
from retrieval.settings import AnswerSettings, Settings
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.store.values import StoredPassage
from retrieval.text import Span

RANK = 16
BATCH = 16
PEAK_RATE = 6e-4
WARM_UP = 100  # steps
PIECES = 256
UNREAD = Settings(answers=replace(AnswerSettings(), reranker=NONE))
HELD_OUT_TITLES = 5  # every fifth of squad2_dev_half
HELD_OUT_QUESTIONS = 4  # every fourth of clapnq_dev
UNSEEN = 150  # questions of a set held out that training looks at
LOOK = 150  # steps between two looks
MEAN_OVER = 0.995  # of the moving mean, what stays at each step
SAME_PARAGRAPH = 80  # characters that tell two paragraphs apart

Tensor = torch.Tensor


@dataclass(frozen=True, slots=True)
class Example:
    """A passage to be read for a question; ``gold`` are spans of its text, none where it does not answer.

    Where an answer ``is_loose`` it is whole sentences, and may begin and end anywhere in them.
    """

    question: str
    reading: Reading
    gold: tuple[Span, ...]
    is_loose: bool


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the passages of its own article, and the nearest of others."""

    question: Question
    own: tuple[Example, ...]
    others: tuple[Example, ...]


class Lora(nn.Module):
    """A linear layer with a trainable product of two thin matrices beside its frozen weights."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer
        self.lora_a = nn.Parameter(torch.randn(RANK, layer.in_features) / layer.in_features**0.5)
        self.lora_b = nn.Parameter(torch.zeros(layer.out_features, RANK))

    def forward(self, inputs: Tensor) -> Tensor:
        change = functional.linear(functional.linear(inputs, self.lora_a), self.lora_b)
        return torch.as_tensor(self.layer(inputs) + LORA_SCALE * change)


class Trainee(nn.Module):
    """The base model with a LoRA in each linear layer, free biases and norms, and a new head."""

    def __init__(self) -> None:
        super().__init__()
        loaded = load_base()
        self.tokenizer = loaded.tokenizer
        base: Any = loaded[0].auto_model
        for layer in base.encoder.layer:
            layer.attention.self.dropout.p = 0.0  # which would take a third of the time; the others stay
        self.base = base
        for name, parameter in base.named_parameters():
            is_small = name.endswith("bias") or "LayerNorm" in name or "token_type" in name
            parameter.requires_grad_(is_small and not name.startswith("pooler"))
        for name, module in list(base.named_modules()):
            if isinstance(module, nn.Linear) and name.startswith("encoder."):
                parent, _, child = name.rpartition(".")
                setattr(base.get_submodule(parent), child, Lora(module))
        self.head = nn.Linear(base.config.hidden_size, 2)
        self.is_short = dtype("auto") == torch.bfloat16  # products in bfloat16 where that is faster, weights in float32

    def forward(self, encoded: Any) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.is_short):
            vectors = self.get_submodule("base")(**encoded).last_hidden_state
        return torch.as_tensor(self.head(vectors.float()))

    def adapter(self) -> dict[str, Tensor]:
        """What was trained, in half precision, by the names of the base model's own layers."""
        trained = {n: p for n, p in self.get_submodule("base").named_parameters() if p.requires_grad}
        trained |= {f"head.{n}": p for n, p in self.head.named_parameters()}
        return {n.replace(".layer.bias", ".bias"): p.detach().half().contiguous() for n, p in trained.items()}


def main() -> None:
    """Train for so many passes, and write the adapter."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--leave-out", nargs="*", default=["xquad_en"])
    parser.add_argument("--epochs", type=float, default=2.5)
    parser.add_argument("--out", type=Path, default=ADAPTER)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    left_out = paragraphs(arguments.data / name / "docs.jsonl" for name in arguments.leave_out)
    questions: list[Labelled] = []
    unseen: list[Labelled] = []
    for name in ("squad2_dev_half", "clapnq_dev"):
        some, held_out = labelled_questions(arguments.data / name, left_out=left_out)
        questions += some
        unseen += held_out
    train(Trainee(), questions, unseen, epochs=arguments.epochs, out=arguments.out)


def paragraphs(files: Iterable[Path]) -> set[str]:
    """How the texts of some sets begin, by which they are known again."""
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return {json.loads(line)["text"][:SAME_PARAGRAPH] for line in lines}


def divided(folder: Path, home: Path, *, left_out: set[str]) -> tuple[list[Question], list[Question]]:
    """The questions of a set that are trained on, and those held out; its articles are added to ``home``."""
    with Library.open(home, settings=UNREAD) as library, SqliteStore(library_path(home, "default")) as store:
        failed = [a for a in library.add(folder / "docs.jsonl") if a.error]
        assert not failed, failed[0].error
        articles = {a.doc_id: a for a in library.articles()}
        questions = [
            question
            for question in read_questions(folder / "qa.jsonl", library)
            if library.text(articles[question.doc_id].id)[:SAME_PARAGRAPH] not in left_out
            and (not question.answerable or _stands_whole(question, store.passages(articles[question.doc_id].id)))
        ]
    titles = sorted({a.title for a in articles.values()})
    if is_loose(len(titles)):
        held_out = {q.id for q in questions[::HELD_OUT_QUESTIONS]}
    else:
        held_out = {q.id for q in questions if articles[q.doc_id].title in titles[::HELD_OUT_TITLES]}
    return [q for q in questions if q.id not in held_out], [q for q in questions if q.id in held_out]


def is_loose(titles: int) -> bool:
    """Whether a set's answers are whole sentences: CLAPNQ has a title an article, SQuAD many paragraphs a title."""
    return titles > 100


def _stands_whole(question: Question, passages: Sequence[StoredPassage]) -> bool:
    spans = [Span(p.sentences[0].start, p.sentences[-1].end) for p in passages]
    return any(s.start <= g.start and g.end <= s.end for s in spans for g in question.gold)


def labelled_questions(folder: Path, *, left_out: set[str]) -> tuple[list[Labelled], list[Labelled]]:
    """The questions of a set that are trained on, with what is read for them, and some of those held out."""
    with tempfile.TemporaryDirectory() as home:
        questions, held_out = divided(folder, Path(home), left_out=left_out)
        with Library.open(home, settings=UNREAD) as library:
            articles = {a.doc_id: a for a in library.articles()}
            loose = is_loose(len({a.title for a in articles.values()}))

            def labelled(some: Sequence[Question]) -> list[Labelled]:
                return [_labelled(q, library, articles[q.doc_id].id, is_loose=loose) for q in some]

            return labelled(questions), labelled(random.Random(0).sample(held_out, min(UNSEEN, len(held_out))))


def _labelled(question: Question, library: Library, article_id: str, *, is_loose: bool) -> Labelled:
    retrieved = library.trace(question.text).retrieved
    own: list[Example] = []
    others: list[Example] = []
    for found in retrieved.passages:
        passage = found.candidate.passage
        text = library.text(passage.article_id)
        reading = Reading.of(library.article(passage.article_id).title, text, passage.sentences)
        gold = tuple(_moved(question, passage.sentences, reading)) if passage.article_id == article_id else ()
        example = Example(question.text, reading, gold, is_loose)
        (own if passage.article_id == article_id else others).append(example)
    return Labelled(question, tuple(own), tuple(others))


def _moved(question: Question, sentences: Sequence[Span], reading: Reading) -> Iterator[Span]:
    """The question's gold spans where they stand in a passage's reading text."""
    for gold in question.gold:
        for sentence, moved in zip(sentences, reading.sentences, strict=True):
            start, end = max(gold.start, sentence.start), min(gold.end, sentence.end)
            if start < end:
                yield Span(start - sentence.start + moved.start, end - sentence.start + moved.start)


def epoch(questions: Sequence[Labelled], chance: random.Random) -> list[Example]:
    """The examples of one pass: answers, near misses, and passages of other articles."""
    examples: list[Example] = []
    for labelled in questions:
        answering = [e for e in labelled.own if e.gold]
        silent = [e for e in labelled.own if not e.gold]
        is_loose = any(e.is_loose for e in labelled.own)
        if labelled.question.answerable:
            examples += answering + silent[: max(0, 3 - len(answering))]
            count = int(chance.random() < 0.5) + 2 * is_loose
        else:
            examples += silent[: 3 if is_loose else 1 + (chance.random() < 0.25)]
            count = 2 * is_loose
        examples += chance.sample(labelled.others[:8], min(count, len(labelled.others[:8])))
    chance.shuffle(examples)
    return examples


def _mean(mean: Tensor, now: Tensor, steps: Any) -> Tensor:
    """The exponential moving mean of what is trained, which fits unseen questions better than its last value.

    Of the first steps it is their plain mean.
    """
    return mean + (now - mean) * max(1 - MEAN_OVER, 1 / (int(steps) + 1))


def train(
    model: Trainee, questions: Sequence[Labelled], unseen: Sequence[Labelled], *, epochs: float, out: Path
) -> None:
    """AdamW with a linear warm-up and decline; passages of like length in one batch.

    What fits the unseen questions best, of all that was looked at, is written.
    """
    chance = random.Random(0)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=PEAK_RATE, weight_decay=0.01)
    steps = int(epochs * len(epoch(questions, random.Random(0))) / BATCH)
    torch.set_num_threads(1)  # several wait for each other at every layer, and longest on a busy machine
    begin, losses, best = time.perf_counter(), [], math.inf
    mean, held_out = AveragedModel(model, avg_fn=_mean), epoch(unseen, random.Random(0))
    model.train()
    for step, batch in enumerate(_batches(questions, chance)):
        if step == steps:
            return
        for group in optimiser.param_groups:
            group["lr"] = PEAK_RATE * min(1, (step + 1) / WARM_UP) * max(0.02, 1 - step / steps)
        loss = _loss(model, batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        mean.update_parameters(model)
        losses.append(loss.item())
        if step % 50 == 49:
            speed = BATCH * (step + 1) / (time.perf_counter() - begin)
            print(
                f"step {step + 1} of {steps}: loss {np.mean(losses[-50:]):.3f}, {speed:.1f} passages a second",
                flush=True,
            )
        if step % LOOK == LOOK - 1 or step == steps - 1:
            found = _unseen_loss(cast(Trainee, mean.module), held_out)
            print(f"unseen: loss {found:.3f}", flush=True)
            if found < best:
                best = found
                save_file(cast(Trainee, mean.module).adapter(), out)


@torch.no_grad()
def _unseen_loss(model: Trainee, examples: Sequence[Example]) -> float:
    model.eval()
    near = sorted(examples, key=lambda e: len(e.reading.text))
    losses = [_loss(model, near[at : at + BATCH]).item() for at in range(0, len(near), BATCH)]
    return float(np.mean(losses))


def _batches(questions: Sequence[Labelled], chance: random.Random) -> Iterator[list[Example]]:
    while True:
        examples = epoch(questions, chance)
        for begin in range(0, len(examples), 16 * BATCH):
            near = sorted(examples[begin : begin + 16 * BATCH], key=lambda e: len(e.reading.text))
            batches = [near[at : at + BATCH] for at in range(0, len(near), BATCH)]
            chance.shuffle(batches)
            yield from batches


def _loss(model: Trainee, batch: Sequence[Example]) -> Tensor:
    """The mean negative log-likelihood of where the answers begin and end; the first piece says: nowhere."""
    encoded = model.tokenizer(
        [e.question for e in batch],
        [e.reading.text for e in batch],
        truncation="only_second",
        max_length=PIECES,
        padding=True,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    offsets = encoded.pop("offset_mapping").numpy()
    allowed = np.zeros(offsets.shape[:2], dtype=bool)
    gold = np.zeros(offsets.shape, dtype=bool)
    for at, example in enumerate(batch):
        in_passage = np.array([s == 1 for s in encoded.sequence_ids(at)])
        allowed[at] = in_passage & (offsets[at, :, 0] >= example.reading.sentences[0].start)
        for span in example.gold:
            inside = np.flatnonzero(allowed[at] & (offsets[at, :, 0] < span.end) & (offsets[at, :, 1] > span.start))
            gold[at, inside if example.is_loose else inside[:1], 0] = True
            gold[at, inside if example.is_loose else inside[-1:], 1] = True
        gold[at, 0] |= ~gold[at].any(axis=0)
    allowed[:, 0] = True
    logits = model(encoded).masked_fill(~torch.from_numpy(allowed)[..., None], -1e4)
    right = torch.logsumexp(logits.masked_fill(~torch.from_numpy(gold), -1e4), dim=1)
    return (torch.logsumexp(logits, dim=1) - right).mean()


if __name__ == "__main__":
    main()
