"""Question and passage read together: how likely each sentence holds the answer.

Embeddings are made without knowing the question; a cross-encoder lets every word of the one look at
every word of the other. That costs a pass of the model for each passage, so only the best are read.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from retrieval.chunk import Passage, passage_text
from retrieval.embed import default_folder, load_model, processors
from retrieval.errors import InvalidSettings, ModelUnavailable
from retrieval.messages import say
from retrieval.text import Span
from retrieval.vectors import Floats

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer

BUILT_IN = "built-in"
NONE = "none"
ADAPTER = Path(__file__).parent / "reader.safetensors"
LORA_SCALE = 2.0  # what the product of an adapter's two matrices is multiplied by

_UNREAD = -20.0  # log-odds of a sentence past the end of what the model reads
_BATCH = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage to be read: its text under its article's title, and where its sentences stand in it."""

    text: str
    sentences: tuple[Span, ...]

    @classmethod
    def of(cls, title: str, text: str, sentences: tuple[Span, ...]) -> Self:
        """From an article's title and text, and the sentences of one of its passages."""
        prefix = f"{title.replace('_', ' ')}. "
        body, spans = passage_text(text, Passage(sentences))
        return cls(prefix + body, tuple(Span(s + len(prefix), e + len(prefix)) for s, e in spans))


class Reranker(Protocol):
    """Reads passages for a question.

    ``is_calibrated`` says whether the numbers are the log-odds that ``retrieval.answers.confidence`` was
    fitted on, or only order sentences.
    """

    is_calibrated: bool

    def scores(self, question: str, readings: Sequence[Reading]) -> list[Floats]:
        """For each passage one number a sentence, shape (sentences,): higher where the answer stands."""
        ...


def load_reranker(name: str, *, threads: int) -> Reranker | None:
    """The reranker of that name; None for "none". Raises ModelUnavailable, InvalidSettings."""
    if name == NONE:
        return None
    if name == BUILT_IN:
        return AdaptedReader(threads=threads)
    return HubReranker(name, threads=threads)


class AdaptedReader:
    """all-MiniLM-L6-v2, turned by a small adapter into a reader of question and passage.

    It marks where an answer begins and ends, or points at its first piece where the passage holds
    none (Devlin et al. 2019, arXiv:1810.04805, section 4.3); a sentence's number is the log-odds of
    an answer in it against none. The adapter is a LoRA (Hu et al. 2021, arXiv:2106.09685), trained by
    benchmarks/train_reader.py on SQuAD 2.0 (CC BY-SA 4.0) and CLAPNQ (Apache 2.0).
    """

    is_calibrated = True

    def __init__(self, *, threads: int = 0, adapter: Path = ADAPTER) -> None:
        self._lock = threading.Lock()
        self._model, self._head, self._tokenizer = _adapted(adapter)
        self._room = 256
        # Threads that each read passages of their own never wait for each other, as the threads of
        # one matrix product do at every layer: beside a busy program that is twice as fast.
        is_cpu = self._head.weight.device.type == "cpu"
        self._readers = processors(threads) if is_cpu else 1
        self._pool = ThreadPoolExecutor(self._readers, thread_name_prefix="reader")

    def scores(self, question: str, readings: Sequence[Reading]) -> list[Floats]:
        import torch

        # Of like length side by side: what a batch is padded with is read for nothing.
        order = sorted(range(len(readings)), key=lambda at: len(readings[at].text))
        shares = max(self._readers, -(-len(order) // _BATCH))
        batches = [part for first in range(shares) if (part := order[first::shares])]
        with self._lock:
            torch.set_num_threads(1)
            encoded = [self._encoded(question, [readings[at] for at in batch]) for batch in batches]
            logits = list(self._pool.map(self._logits, encoded))
        found: dict[int, Floats] = {}
        for batch, pieces, marks in zip(batches, encoded, logits, strict=True):
            for row, at in enumerate(batch):
                in_passage = np.array([s == 1 for s in pieces.sequence_ids(row)])
                offsets = pieces["offset_mapping"][row].numpy()
                spans = readings[at].sentences
                found[at] = np.array([_log_odds(marks[row], in_passage, offsets, span) for span in spans])
        return [found[at] for at in range(len(readings))]

    def _encoded(self, question: str, readings: Sequence[Reading]) -> Any:
        return self._tokenizer(
            [question] * len(readings),
            [r.text for r in readings],
            truncation="only_second",
            max_length=self._room,
            padding=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )

    def _logits(self, encoded: Any) -> Floats:
        """Where the answer begins and ends, shape (passages, pieces, 2)."""
        import torch

        inputs = {name: values for name, values in encoded.items() if name != "offset_mapping"}
        with torch.inference_mode():
            pieces = self._model(**{n: v.to(self._head.weight.device) for n, v in inputs.items()}).last_hidden_state
            return np.asarray(self._head(pieces).float().cpu().numpy())


def _log_odds(logits: Floats, in_passage: Any, offsets: Any, span: Span) -> float:
    """The log-odds of an answer in one sentence, from the (pieces, 2) logits of its begin and end."""
    inside = in_passage & (offsets[:, 0] >= span.start) & (offsets[:, 1] <= span.end) & (offsets[:, 1] > offsets[:, 0])
    if not inside.any():
        return _UNREAD
    return float(np.logaddexp.reduce(logits[inside], axis=0).mean() - logits[0].mean())


def load_base() -> "SentenceTransformer":
    """The model that the adapter was trained for. Raises ModelUnavailable."""
    return load_model(default_folder())


def _adapted(adapter: Path) -> "tuple[torch.nn.Module, torch.nn.Linear, Any]":
    """The base model with the adapter merged into its weights, the head, and the tokenizer."""
    import torch
    from safetensors.torch import load_file

    base = load_base()
    model: Any = base[0].auto_model
    try:
        tensors = {name: value.float() for name, value in load_file(adapter).items()}
    except OSError as error:
        happened = say("{path} cannot be read", path=str(adapter))
        raise ModelUnavailable(happened, hint=say("Install Quoth again")) from error
    head = torch.nn.Linear(model.config.hidden_size, 2)
    head.load_state_dict({name: tensors.pop(f"head.{name}") for name in ("weight", "bias")})
    weights = model.state_dict()
    for name, value in tensors.items():
        if name.endswith(".lora_b"):
            layer = name.removesuffix(".lora_b")
            weights[f"{layer}.weight"] += LORA_SCALE * value @ tensors[f"{layer}.lora_a"]
        elif not name.endswith(".lora_a"):
            weights[name].copy_(value)
    return model.eval(), head.eval().to(model.device), base.tokenizer


class HubReranker:
    """A cross-encoder by its name on the model hub, or its folder: it judges one sentence at a time."""

    is_calibrated = False

    def __init__(self, name: str, *, threads: int = 0) -> None:
        self._lock = threading.Lock()
        self._threads = processors(threads)
        self._model = _cross_encoder(name)

    def scores(self, question: str, readings: Sequence[Reading]) -> list[Floats]:
        import torch

        pairs = [(question, r.text[s:e]) for r in readings for s, e in r.sentences]
        with self._lock:
            torch.set_num_threads(self._threads)
            judged = self._model.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
        borders = np.cumsum([len(r.sentences) for r in readings])[:-1]
        return np.split(np.asarray(judged, dtype=np.float32), borders)


def _cross_encoder(name: str) -> "CrossEncoder":
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model: CrossEncoder
    try:
        model = CrossEncoder(name, local_files_only=Path(name).is_dir())
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise ModelUnavailable(
            say("the reranker {name} cannot be loaded", name=name),
            hint=say(
                "Check {key} in the settings, and the connection if it is a name on the hub", key="answers.reranker"
            ),
        ) from error
    if model.num_labels != 1:
        raise InvalidSettings(
            say("{name} gives {number} numbers a pair, and a reranker gives one", name=name, number=model.num_labels),
            hint=say("Name a cross-encoder made for ranking in {key}", key="answers.reranker"),
        )
    return model
