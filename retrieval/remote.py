"""Models on another machine: ``quoth embed-server``, or whatever else speaks OpenAI's ``/v1/embeddings``.

Texts are cut to passages here, with the packaged tokenizer; no weights are loaded. ``quoth embed-server``
gives the vectors that the model gives here. Another server knows nothing of late chunking: each sentence is sent
by itself, so its vectors are of another kind, and their fingerprint says so.
"""

import base64
import binascii
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, pairwise
from typing import Any, TypeVar

import numpy as np
import urllib3

from retrieval.bert import ROOM, load_tokenizer
from retrieval.embed import FEW_TEXTS, Vectors, default_folder, normalised, whole_words
from retrieval.errors import ModelUnavailable
from retrieval.messages import say
from retrieval.rerank import Reading, reader_fingerprint
from retrieval.settings import ModelSettings
from retrieval.text import Span
from retrieval.vectors import Floats

T = TypeVar("T")

_BATCH = 64  # texts of one request, at most: what the server computes before a question of another bot has its turn
_LONGEST = 20_000  # characters of a text that are sent; what a model reads ends long before
_CONNECT_SECONDS = 3.0
_PATIENCE_SECONDS = 5.0  # for which a question is sent again; passages may wait as long as ``model.timeout`` says
_PAUSES = (0.1, 5.0)  # seconds before something is sent again: at first, and at most
_BUSY = (429, 502, 503, 504)  # of a server, or of a proxy before it, that may do better in a moment
_REFUSED = (401, 403)
_MISSING = (404, 405)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a server says of its model; ``is_quoth`` where it is ``quoth embed-server``, ``reader`` what reads there."""

    fingerprint: str
    dimensions: int
    room: int
    is_quoth: bool
    reader: str | None


class RemoteEncoder:
    """An ``Encoder`` at ``model.url``; nothing is asked of the server before the first use.

    What was found then stays, so that no vectors get the fingerprint of others; ``is_outdated`` once the server has
    another model, and a new encoder must take the place of this one.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._name = settings.name
        self._batch = min(settings.batch_size, _BATCH)
        self._server = _Server(settings)
        self._tokenizer = load_tokenizer(default_folder())
        self._found: _Known | None = None
        self.is_outdated = False

    @property
    def fingerprint(self) -> str:
        return self._known().fingerprint

    @property
    def dimensions(self) -> int:
        return self._known().dimensions

    @property
    def room(self) -> int:
        return self._known().room

    @cached_property
    def known_words(self) -> frozenset[str]:
        return whole_words(self._tokenizer.get_vocab())

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self.encode_spans(texts, [()] * len(texts))[0]

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[Vectors, list[Vectors]]:
        """As of every encoder. Raises ModelUnavailable."""
        known = self._known()
        encode = self._encode_there if known.is_quoth else self._encode_each
        patience = None if len(texts) > FEW_TEXTS else _PATIENCE_SECONDS
        whole, parts = [np.empty((0, known.dimensions), np.float32)], []
        for begin in range(0, len(texts), self._batch):
            part = slice(begin, begin + self._batch)
            vectors, of_spans = encode(known, texts[part], spans[part], patience)
            whole.append(vectors)
            parts += of_spans
        return np.vstack(whole), parts

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        encoded = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return [len(pieces.ids) + sum(len(more.ids) for more in pieces.overflowing) for pieces in encoded]

    def reader(self) -> "RemoteReader | None":
        """What reads passages there; None where the server has none. Raises ModelUnavailable, also for another's."""
        found = self._known().reader
        if found is None:
            return None
        _require_own(found)
        return RemoteReader(self._server)

    def _known(self) -> _Known:
        """Not behind a lock: while the server is away, nobody waits for another's attempts."""
        if self._found is None:
            self._found = self._meet()
        return self._found

    def _meet(self) -> _Known:
        models = self._server.models()
        if models is not None and self._name not in models:
            raise ModelUnavailable(
                say("the model server has no model {name}", name=self._name),
                hint=say("Check {key} in the settings", key="model.name"),
            )
        said = (models or {}).get(self._name, {})
        if "fingerprint" in said:
            names = ("fingerprint", "dimensions", "room", "reader")
            return _understood(lambda: _Known(**{name: said[name] for name in names}, is_quoth=True))
        probe = self._embeddings(["ready"], _PATIENCE_SECONDS)
        return _Known(f"{self._name}@embeddings", probe.shape[1], ROOM - 2, False, None)

    def _encode_there(
        self, known: _Known, texts: Sequence[str], spans: Sequence[Sequence[Span]], patience: float | None
    ) -> tuple[Vectors, list[Vectors]]:
        """By ``quoth embed-server``, which pools sentences from their passage."""
        body = {"texts": [text[:_LONGEST] for text in texts], "spans": spans}
        answer = self._server.post("spans", body, patience)
        if answer.get("fingerprint") != known.fingerprint:
            self.is_outdated = True
            raise ModelUnavailable(
                say("the model server was given another model meanwhile"), hint=say("Try again in a minute")
            )
        counts = [len(texts), *map(len, spans)]
        rows = _understood(lambda: _unpacked(answer["vectors"], (sum(counts), known.dimensions)))
        whole, *parts = (rows[begin:end] for begin, end in pairwise(accumulate(counts, initial=0)))
        return whole, parts

    def _encode_each(
        self, known: _Known, texts: Sequence[str], spans: Sequence[Sequence[Span]], patience: float | None
    ) -> tuple[Vectors, list[Vectors]]:
        """By another server, each sentence by itself."""
        sentences = [text[start:end] for text, inside in zip(texts, spans, strict=True) for start, end in inside]
        inputs = [*texts, *sentences]
        batches = (inputs[begin : begin + self._batch] for begin in range(0, len(inputs), self._batch))
        rows = np.vstack([self._embeddings(batch, patience) for batch in batches])
        if rows.shape[1] != known.dimensions:
            raise _nonsense()
        borders = accumulate([len(texts), *map(len, spans)], initial=0)
        whole, *parts = (rows[begin:end] for begin, end in pairwise(borders))
        return whole, parts

    def _embeddings(self, texts: Sequence[str], patience: float | None) -> Vectors:
        body = {"model": self._name, "input": [*self._readable(texts)], "encoding_format": "float"}
        answer = self._server.post("embeddings", body, patience)
        return _understood(lambda: _rows(answer["data"], len(texts)))

    def _readable(self, texts: Sequence[str]) -> Iterator[str]:
        """Each text as far as a model reads it: some servers refuse more."""
        for text, pieces in zip(texts, self._tokenizer.encode_batch(texts, add_special_tokens=False), strict=True):
            yield text[: pieces.offsets[: ROOM - 2][-1][1]] if len(pieces.ids) > ROOM - 2 else text


class RemoteReader:
    """The built-in ``Reranker``, run by ``quoth embed-server``."""

    is_calibrated = True

    def __init__(self, server: "_Server") -> None:
        self._server = server

    def scores(self, question: str, readings: Sequence[Reading]) -> list[Floats]:
        """As of every reranker. Raises ModelUnavailable."""
        body = {
            "question": question,
            "texts": [reading.text[:_LONGEST] for reading in readings],
            "spans": [reading.sentences for reading in readings],
        }
        answer = self._server.post("read", body, _PATIENCE_SECONDS)
        _require_own(answer.get("fingerprint"))
        return _understood(lambda: _scores(answer["scores"], [len(r.sentences) for r in readings]))


def _require_own(fingerprint: object) -> None:
    """Raises ModelUnavailable for a reader whose numbers confidence was not fitted on."""
    if fingerprint != reader_fingerprint():
        raise ModelUnavailable(
            say("the model server has the reader of another Quoth"), hint=say("Run the same version on both")
        )


class _Server:
    """Requests to ``model.url``: sent again where that may help, and every failure a ModelUnavailable."""

    def __init__(self, settings: ModelSettings) -> None:
        self._url = settings.url.rstrip("/")
        self._timeout = settings.timeout
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if settings.api_key:
            self._headers["Authorization"] = f"Bearer {settings.api_key}"
        self._pool = urllib3.PoolManager(maxsize=8)

    def models(self) -> Mapping[str, Mapping[str, Any]] | None:
        """What the server says of each of its models, by name; None where it has no such list."""
        answer = self._send("GET", "models", None, _PATIENCE_SECONDS)
        if answer.status in _MISSING:
            return None
        listed = self._json(answer)
        return _understood(lambda: {str(model["id"]): dict(model) for model in listed["data"]})

    def post(self, path: str, body: Mapping[str, object], patience: float | None) -> Mapping[str, Any]:
        """What the server answers, tried for so many seconds; None stands for ``model.timeout``."""
        return self._json(self._send("POST", path, json.dumps(body).encode(), patience))

    def _json(self, answer: urllib3.BaseHTTPResponse) -> Mapping[str, Any]:
        if answer.status in _REFUSED:
            raise ModelUnavailable(
                say("the model server refuses the key"), hint=say("Check {key} in the settings", key="model.api_key")
            )
        if answer.status != 200:
            raise ModelUnavailable(
                say("the model server answered with status {status}", status=answer.status),
                hint=say("Check {key} in the settings", key="model.url"),
            )
        found = _understood(lambda: json.loads(answer.data))
        if not isinstance(found, dict):
            raise _nonsense()
        return found

    def _send(self, method: str, path: str, body: bytes | None, patience: float | None) -> urllib3.BaseHTTPResponse:
        """The first answer that is no request to come again."""
        end = time.monotonic() + min(patience or self._timeout, self._timeout)
        pause, longest = _PAUSES
        while True:
            failure, wanted = self._try(method, path, body)
            if isinstance(failure, urllib3.BaseHTTPResponse):
                return failure
            # Many bots that wait for one server do not come back in the same moment.
            wait = max(wanted, pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            if time.monotonic() + wait >= end:
                raise failure
            time.sleep(wait)
            pause = min(2 * pause, longest)

    def _try(
        self, method: str, path: str, body: bytes | None
    ) -> tuple[urllib3.BaseHTTPResponse | ModelUnavailable, float]:
        """An answer, or why there is none that counts, with the seconds that the server wants to be left alone."""
        timeout = urllib3.Timeout(connect=min(_CONNECT_SECONDS, self._timeout), read=self._timeout)
        try:
            answer = self._pool.request(
                method,
                f"{self._url}/{path}",
                body=body,
                headers=self._headers,
                timeout=timeout,
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.ReadTimeoutError as error:  # once more would only add to what it cannot do
            raise ModelUnavailable(
                say("the model server took longer than {seconds} s", seconds=f"{self._timeout:g}"),
                hint=say("Try again in a minute"),
            ) from error
        except urllib3.exceptions.HTTPError:
            return _away(), 0.0
        if answer.status in _BUSY:
            return _busy(), _seconds(answer.headers.get("Retry-After"))
        return answer, 0.0


def check_remote(settings: ModelSettings) -> tuple[str, str]:
    """What is known of the model at ``model.url``, and its fingerprint. Raises ModelUnavailable."""
    encoder = RemoteEncoder(settings)
    return f"at {settings.url}, {encoder.dimensions} dimensions", encoder.fingerprint


def _understood(read: Callable[[], T]) -> T:
    """What ``read`` takes from an answer. Raises ModelUnavailable where it is not of the form that was asked for."""
    try:
        return read()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise _nonsense() from error


def _unpacked(packed: str, shape: tuple[int, int]) -> Vectors:
    """Vectors from base64 of little-endian float32. Raises ValueError where they are not of that shape."""
    try:
        found = np.frombuffer(base64.b64decode(packed, validate=True), dtype="<f4").reshape(shape)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if not np.isfinite(found).all():
        raise ValueError("no numbers")
    return found.astype(np.float32)


def _rows(data: Sequence[Mapping[str, Any]], count: int) -> Vectors:
    """The vectors of an answer in OpenAI's form, in the order of the inputs. Raises ValueError."""
    by_index = {int(entry["index"]): entry["embedding"] for entry in data}
    found = np.array([by_index[number] for number in range(count)], dtype=np.float32)
    if found.ndim != 2 or not np.isfinite(found).all():
        raise ValueError("no vectors")
    return normalised(found)


def _scores(scores: Sequence[Sequence[float]], counts: Sequence[int]) -> list[Floats]:
    found = [np.array(of_text, dtype=float) for of_text in scores]
    if [len(of_text) for of_text in found] != counts or not all(map(np.isfinite, chain.from_iterable(found))):
        raise ValueError("no scores")
    return found


def _seconds(retry_after: str | None) -> float:
    """A ``Retry-After`` in seconds; 0 for none, or for a date, which asks for more than anybody here waits."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else 0.0


def _away() -> ModelUnavailable:
    return ModelUnavailable(
        say("the model server cannot be reached"),
        hint=say("Try again in a minute; if that does not help, check {key} in the settings", key="model.url"),
    )


def _busy() -> ModelUnavailable:
    return ModelUnavailable(say("the model server has too much to do"), hint=say("Try again in a minute"))


def _nonsense() -> ModelUnavailable:
    return ModelUnavailable(
        say("the model server answered with something else than was asked for"),
        hint=say("Check {key} in the settings", key="model.url"),
    )
