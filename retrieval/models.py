"""The models of this process: loaded at their first use, then shared by all libraries."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.settings import Settings

if TYPE_CHECKING:
    from retrieval.embed import Encoder
    from retrieval.inference import Inference
    from retrieval.remote import RemoteEncoder
    from retrieval.rerank import Reranker


def _no_reranker(_settings: Settings) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Models:
    """What makes the models that the settings name, when they are first needed."""

    encoder: "Callable[[Settings], Encoder]"
    reranker: "Callable[[Settings], Reranker | None]" = _no_reranker


class _Loaded:
    """Weights take 90 MB a model: they are not loaded once a library."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: dict[object, Any] = {}
        self._threads: dict[int, Inference] = {}

    def _get(self, key: object, load: Callable[[], object]) -> Any:
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = load()
            return self._loaded[key]

    def encoder(self, settings: Settings) -> "Encoder":
        if settings.model.url:
            return self._remote(settings)
        from retrieval.embed import load_encoder

        encoder: Encoder = self._get(settings.model, lambda: load_encoder(settings.model, self._inference(settings)))
        return encoder

    def reranker(self, settings: Settings) -> "Reranker | None":
        from retrieval.rerank import BUILT_IN, load_reranker

        # Where the server has no reader, the model is loaded here for that.
        if settings.model.url and settings.answers.reranker == BUILT_IN and (there := self._remote(settings).reader()):
            return there
        name, model = settings.answers.reranker, settings.model
        key = (name, model.threads, model.precision)
        reranker: Reranker | None = self._get(key, lambda: load_reranker(name, model, self._inference(settings)))
        return reranker

    def _remote(self, settings: Settings) -> "RemoteEncoder":
        from retrieval.remote import RemoteEncoder

        def found() -> RemoteEncoder:
            encoder: RemoteEncoder = self._get(settings.model, lambda: RemoteEncoder(settings.model))
            return encoder

        if (encoder := found()).is_outdated:
            with self._lock:
                if self._loaded.get(settings.model) is encoder:
                    del self._loaded[settings.model]
        return found()

    def _inference(self, settings: Settings) -> "Callable[[], Inference]":
        """The threads that all models of these settings share; asked for while one of the models is loaded."""
        from retrieval.embed import processors
        from retrieval.inference import Inference

        def shared() -> Inference:
            count = processors(settings.model.threads)
            if count not in self._threads:
                self._threads[count] = Inference(count)
            return self._threads[count]

        return shared


_loaded = _Loaded()
PACKAGED = Models(_loaded.encoder, _loaded.reranker)
