"""``quoth run`` and all that belongs to it, in a process of its own, with a toy in the place of the real model."""

import sys
import time
from collections.abc import Sequence

from bot.__main__ import main
from retrieval import models
from retrieval.embed import Vectors
from retrieval.rerank import BUILT_IN
from retrieval.settings import ModelSettings
from tests.toy import ToyEncoder

HOURGLASS = "hourglass"


class _Slow(ToyEncoder):
    """A toy that takes a minute for one word, as a thread may that cannot be stopped."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        if any(HOURGLASS in text for text in texts):
            time.sleep(60)
        return super().encode(texts)


if __name__ == "__main__":
    models._loaded._loaded[ModelSettings()] = _Slow()
    models._loaded._loaded[(BUILT_IN, ModelSettings().threads)] = None
    sys.exit(main())
