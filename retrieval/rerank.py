"""Question and passage read together: how likely each sentence holds the answer.

Embeddings are made without knowing the question; a cross-encoder lets every word of the one look at
every word of the other. That costs a pass of the model for each passage, so only the best are read.
"""

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from retrieval.bert import Bert, Precision, device, dtype, linear, load_tokenizer, load_weights
from retrieval.chunk import Passage, passage_text
from retrieval.embed import default_folder, load_model, processors
from retrieval.errors import InvalidSettings, ModelUnavailable
from retrieval.inference import Inference
from retrieval.messages import say
from retrieval.settings import ModelSettings
from retrieval.text import Span
from retrieval.vectors import Floats

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer
    from tokenizers import Encoding

BUILT_IN = "built-in"
NONE = "none"
ADAPTER = Path(__file__).parent / "reader.safetensors"
LORA_SCALE = 2.0  # what the product of an adapter's two matrices is multiplied by

_UNREAD = -20.0  # log-odds of a sentence past the end of what the model reads


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage to be read: its text under its article's title, and where its sentences stand in it."""

    text: str
    sentences: tuple[Span, ...]

    @classmethod
    def of(cls, title: str, text: str, sentences: Sequence[Span]) -> Self:
        """From an article's title and text, and the sentences of one of its passages."""
        prefix = f"{title.replace('_', ' ')}. "
        body, spans = passage_text(text, Passage(tuple(sentences)))
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


def load_reranker(name: str, model: ModelSettings, inference: Callable[[], Inference]) -> Reranker | None:
    """The reranker of that name; None for "none". The built-in one computes as ``model`` says, in ``inference()``.

    Raises ModelUnavailable, InvalidSettings.
    """
    if name == NONE:
        return None
    if name == BUILT_IN:
        return AdaptedReader(inference(), precision=model.precision)
    return HubReranker(name, threads=model.threads)


@cache
def reader_fingerprint() -> str:
    """Names the built-in reader; confidence is fitted on the numbers of that one and no other."""
    return f"reader@{hashlib.sha256(ADAPTER.read_bytes()).hexdigest()[:16]}"


class AdaptedReader:
    """all-MiniLM-L6-v2, turned by a small adapter into a reader of question and passage.

    It marks where an answer begins and ends, or points at its first piece where the passage holds
    none (Devlin et al. 2019, arXiv:1810.04805, section 4.3); a sentence's number is the log-odds of
    an answer in it against none. The adapter is a LoRA (Hu et al. 2021, arXiv:2106.09685), trained by
    benchmarks/train_reader.py on SQuAD 2.0 (CC BY-SA 4.0) and CLAPNQ (Apache 2.0).
    """

    is_calibrated = True

    def __init__(self, inference: Inference, *, precision: Precision = "auto", adapter: Path = ADAPTER) -> None:
        folder = default_folder()
        self._inference = inference
        self._tokenizer = load_tokenizer(folder)
        self._model = _adapted(folder, adapter, dtype(precision))

    def scores(self, question: str, readings: Sequence[Reading]) -> list[Floats]:
        pairs = self._tokenizer.encode_batch([(question, reading.text) for reading in readings])
        marks = self._inference.run(self._model, pairs, urgent=True)
        return [_log_odds(*read) for read in zip(marks, pairs, readings, strict=True)]


def _log_odds(marks: Floats, pieces: "Encoding", reading: Reading) -> Floats:
    """The log-odds of an answer in each sentence, from the (pieces, 2) logits of its begin and end."""
    in_passage = np.array(pieces.type_ids) == 1
    starts, ends = np.array(pieces.offsets).T
    found = []
    for start, end in reading.sentences:
        inside = in_passage & (starts >= start) & (ends <= end) & (ends > starts)
        odds = np.logaddexp.reduce(marks[inside], axis=0).mean() - marks[0].mean() if inside.any() else _UNREAD
        found.append(float(odds))
    return np.array(found)


def load_base() -> "SentenceTransformer":
    """The model that the adapter was trained for, ready to be trained. Raises ModelUnavailable."""
    return load_model(default_folder())


def _adapted(folder: Path, adapter: Path, kind: "torch.dtype") -> Bert:
    """The packaged model with the adapter merged into its weights, and with its head. Raises ModelUnavailable."""
    from safetensors.torch import load_file

    try:
        tensors = {name: value.float() for name, value in load_file(adapter).items()}
    except OSError as error:
        happened = say("{path} cannot be read", path=str(adapter))
        raise ModelUnavailable(happened, hint=say("Install Quoth again")) from error
    head = linear(*(tensors.pop(f"head.{name}").to(device()) for name in ("weight", "bias")))
    weights = load_weights(folder)
    for name, value in tensors.items():
        if name.endswith(".lora_b"):
            layer = name.removesuffix(".lora_b")
            weights[f"{layer}.weight"] += LORA_SCALE * value @ tensors[f"{layer}.lora_a"]
        elif not name.endswith(".lora_a"):
            weights[name] = value
    return Bert(folder, weights, kind, head=head)


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
