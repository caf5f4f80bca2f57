"""``quoth run`` and all that belongs to it, in a process of its own, with a toy in the place of the real model."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from bot.__main__ import main
from retrieval import models
from retrieval.embed import Vectors
from retrieval.settings import ModelSettings
from tests.toy import ToyEncoder

HOURGLASS = "hourglass"


class _Slow(ToyEncoder):
    """A toy that takes a minute for one word, as a thread may that cannot be stopped."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        if any(HOURGLASS in text for text in texts):
            time.sleep(60)
        return super().encode(texts)


_TOY = _Slow()


def _toys(key: object, _load: Callable[[], object]) -> Any:
    """The toy for whoever asks for an encoder, and no reranker: real ones are never loaded here."""
    return _TOY if isinstance(key, ModelSettings) else None


if __name__ == "__main__":
    models._loaded._get = _toys  # type: ignore[assignment]
    sys.exit(main())
