"""The forward pass of the packaged model, over texts laid end to end: nothing is padded, nothing masked.

What sentence-transformers computes with the same weights (docs/performance.md holds one against the
other), in a third of the time: padding, masks, and seconds of imports are left out.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt

from retrieval.inference import Pieces

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

    Weights = Mapping[str, "torch.Tensor"]
    Linear = Callable[["torch.Tensor"], "torch.Tensor"]

Floats = npt.NDArray[np.float32]
Precision = Literal["auto", "float32", "bfloat16"]

ROOM = 256  # word pieces that the model reads, the marks that open and close a text among them
_ROWS = 64  # of a product that a matrix is put in order for; it serves larger ones as well
_FINITE = 80.0  # where scores of attention are cut, so that the sum of their exponentials stays a number
_WORTH = 1.5  # times faster than float32: what makes up for bfloat16's shorter numbers


def load_weights(folder: Path) -> "dict[str, torch.Tensor]":
    """The weights of a model folder, by name. Raises OSError."""
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def load_tokenizer(folder: Path) -> "Tokenizer":
    """The tokenizer of a model folder; a text too long is cut, and of a pair the longer one."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(ROOM)
    return tokenizer


def device() -> "torch.device":
    """A GPU where torch has one, else the processor."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def dtype(precision: Precision) -> "torch.dtype":
    """The numbers to compute with; "auto" takes bfloat16 where this processor is the faster for it."""
    import torch

    if precision == "auto":
        return torch.bfloat16 if device().type == "cpu" and _is_bfloat16_fast() else torch.float32
    return cast(torch.dtype, getattr(torch, precision))


@cache
def _is_bfloat16_fast() -> bool:
    """Whether a matrix product of the model's size says so: a hundredth of a second, once a process."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    spent = {}
    for kind in (torch.float32, torch.bfloat16):
        rows = torch.ones(128, 384, dtype=kind)
        product = linear(torch.ones(1536, 384, dtype=kind), torch.ones(1536, dtype=kind))
        runs = []
        for _ in range(6):  # the first one sets things up, and any may be interrupted: the shortest counts
            begin = time.thread_time()
            product(rows)
            runs.append(time.thread_time() - begin)
        spent[kind] = min(runs)
    torch.set_num_threads(before)
    return spent[torch.float32] > _WORTH * spent[torch.bfloat16]


class Bert:
    """BERT (Devlin et al. 2019, arXiv:1810.04805): the vectors of a text's word pieces.

    ``weights`` are named as in its checkpoints; ``head``, if there is one, turns each piece's vector into
    what is returned.
    """

    def __init__(self, folder: Path, weights: "Weights", kind: "torch.dtype", *, head: "Linear | None" = None) -> None:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self._heads: int = config["num_attention_heads"]
        self._epsilon: float = config["layer_norm_eps"]
        self._device = device()
        self._head = head
        held = {n: w.to(self._device, kind) for n, w in weights.items() if w.is_floating_point()}
        tables = ("word", "position", "token_type")
        self._words, self._places, self._kinds = (held[f"embeddings.{name}_embeddings.weight"] for name in tables)
        self._first = self._normed(held, "embeddings.LayerNorm")
        self._layers = [self._layer(held, f"encoder.layer.{at}") for at in range(config["num_hidden_layers"])]

    def read(self, texts: Sequence[Pieces]) -> list[Floats]:
        """The vectors of each text's pieces, shape (pieces, dimensions)."""
        import torch

        lengths = [len(text.ids) for text in texts]
        rows = ((t.ids for t in texts), (range(n) for n in lengths), (t.type_ids for t in texts))
        words, places, kinds = (torch.tensor(list(chain.from_iterable(r)), device=self._device) for r in rows)
        with torch.inference_mode():
            vectors = self._first(self._words[words] + self._places[places] + self._kinds[kinds])
            for attended, mixed, normed, widened, narrowed, last in self._layers:
                vectors = normed(vectors + mixed(self._attention(attended(vectors), lengths)))
                vectors = last(vectors + narrowed(widened(vectors)))
            found = (self._head(vectors.float()) if self._head else vectors.float()).cpu()
        return [part.numpy() for part in torch.split(found, lengths)]

    def _attention(self, rows: "torch.Tensor", lengths: list[int]) -> "torch.Tensor":
        """What each piece takes from the others of its text; ``rows`` are their queries, keys and values."""
        import torch

        parts = []
        for part in torch.split(rows, lengths):
            queries, keys, values = part.view(1, len(part), 3, self._heads, -1).permute(2, 0, 3, 1, 4)
            parts.append(_attend(queries, keys, values).transpose(1, 2).reshape(len(part), -1))
        return torch.cat(parts)

    def _layer(self, held: "Weights", name: str) -> "tuple[Linear, ...]":
        import torch

        three = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        weight, bias = (torch.cat([held[f"{part}.{kind}"] for part in three]) for kind in ("weight", "bias"))
        attention, wide, narrow = f"{name}.attention.output", f"{name}.intermediate", f"{name}.output"
        return (
            linear(weight, bias),
            linear(held[f"{attention}.dense.weight"], held[f"{attention}.dense.bias"]),
            self._normed(held, f"{attention}.LayerNorm"),
            linear(held[f"{wide}.dense.weight"], held[f"{wide}.dense.bias"], bent=True),
            linear(held[f"{narrow}.dense.weight"], held[f"{narrow}.dense.bias"]),
            self._normed(held, f"{narrow}.LayerNorm"),
        )

    def _normed(self, held: "Weights", name: str) -> "Linear":
        from torch.nn.functional import layer_norm

        weight, bias, epsilon = held[f"{name}.weight"], held[f"{name}.bias"], self._epsilon
        return lambda rows: layer_norm(rows, weight.shape, weight, bias, epsilon)


def _attend(queries: "torch.Tensor", keys: "torch.Tensor", values: "torch.Tensor") -> "torch.Tensor":
    """Attention of one text, each shaped (1, heads, pieces, dimensions of a head).

    The processor's fused operator computes as float32 what is bfloat16; three plain ones take half its time.
    """
    import torch

    if queries.device.type != "cpu" or queries.dtype != torch.bfloat16:
        return torch.nn.functional.scaled_dot_product_attention(queries, keys, values)
    scores = torch.matmul(queries * queries.shape[-1] ** -0.5, keys.transpose(-1, -2))
    shares = scores.clamp_(-_FINITE, _FINITE).exp_()
    return torch.matmul(shares, values).div_(shares.sum(-1, keepdim=True))


def linear(weight: "torch.Tensor", bias: "torch.Tensor", *, bent: bool = False) -> "Linear":
    """Rows times a matrix, and through a GELU where they are ``bent``.

    On the processor by the operators of torch's compiler, which put the matrix in the processor's own order
    once, not at every call, and apply the GELU in passing. In float32 they also stand in for a library that
    takes twice their time on AMD's processors.
    """
    import torch
    from torch.nn.functional import gelu
    from torch.nn.functional import linear as product

    operators: Any = torch.ops.mkldnn
    is_cpu = weight.device.type == "cpu" and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if is_cpu and (weight.dtype == torch.float32 or operators._is_mkldnn_bf16_supported()):  # noqa: SLF001 - no other
        ordered = operators._reorder_linear_weight(weight.contiguous(), _ROWS)  # noqa: SLF001
        how: tuple[str, list[float], str] = ("gelu", [], "none") if bent else ("none", [], "")
        return lambda rows: cast("torch.Tensor", operators._linear_pointwise(rows, ordered, bias, *how))  # noqa: SLF001
    if bent:
        return lambda rows: gelu(product(rows, weight, bias))
    return lambda rows: product(rows, weight, bias)
