"""How Quoth is measured beside other tools, as far as it goes without them."""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks.baselines import CHUNK, Piece
from benchmarks.rivals import tools
from benchmarks.rivals.__main__ import _PINNED, _REQUIREMENTS, Measured, page
from benchmarks.rivals.prepare import Prepared, pieces_of
from benchmarks.rivals.tools import TOOLS, Vectors
from retrieval.evaluate import Question
from retrieval.text import Span
from tests.articles import BRIDGE, ORCHESTRA
from tests.toy import ToyEncoder

LOCK = Path(__file__).parent.parent / "config" / "locks" / "dev.txt"


class Nearest:
    """A tool that keeps its vectors in a file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "vectors.npy"
        self._vectors: Vectors = np.empty((0, 0), dtype=np.float32)

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        assert len(texts) == len(vectors)
        self._file.parent.mkdir()
        np.save(self._file, vectors)

    def open(self) -> None:
        self._vectors = np.load(self._file)

    def search(self, question: str, vector: Vectors) -> list[int]:
        assert question
        return [int(row) for row in np.argsort(-(self._vectors @ vector))[: tools.SHOWN]]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_tool_is_asked_what_it_stored(tmp_path: Path) -> None:
    """Its answers, its times and its size are as they are; adding is one step, asking the other."""
    encode = ToyEncoder().encode
    texts = [BRIDGE, ORCHESTRA]
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    (tmp_path / "questions.json").write_text(json.dumps([ORCHESTRA, BRIDGE]), encoding="utf-8")
    assert tools._add(Nearest(tmp_path / "nearest"), tmp_path, encode)["seconds"] > 0
    asked = tools._ask(Nearest(tmp_path / "nearest"), tmp_path, "nearest", encode)
    assert [numbers[0] for numbers in asked.found] == [1, 0]
    assert len(asked.embed) == len(asked.search) == 2
    assert asked.disk == (tmp_path / "nearest" / "vectors.npy").stat().st_size


@pytest.mark.parametrize("text", [BRIDGE, ORCHESTRA, f"{BRIDGE}\n\n{'word ' * 200}end. {ORCHESTRA}"])
def test_the_tools_get_whole_sentences_no_longer_than_a_quote(text: str) -> None:
    """All words, in their order; only a sentence that is longer than that is cut, between words."""
    pieces = pieces_of(text)
    assert all(0 < end - start <= CHUNK for start, end in pieces)
    assert " ".join(text[start:end] for start, end in pieces).split() == text.split()


def _measured(question: float, found: list[list[int]]) -> Measured:
    asked = {"opened": 9.0, "embed": [1.0], "search": [question], "found": found, "memory": 1e6, "disk": 2e6}
    return Measured({"real": {"seconds": 5.0}}, {"real": asked, "10000": asked})


def test_the_table_says_who_is_ahead() -> None:
    """The best of each row is bold, and what failed is said."""
    asked = [Question("1", "Who?", "a", (Span(3, 5),), answerable=True)]
    pieces = [Piece("b", Span(0, 9)), Piece("a", Span(0, 4)), Piece("a", Span(2, 9))]
    measured = {
        "Quoth": _measured(4.0, [[1]]),
        "Quoth, no reader": _measured(3.0, [[0]]),
        "txtai": _measured(2.0, [[0, 2]]),
        "Chroma": _measured(8.0, [[0, 1]]),
        "Haystack": Measured(failed="10000: no room"),
    }
    written = page(measured, Prepared([], 2, pieces, asked))
    assert "| quote@3, % | **100** | 0.0 | **100** | 0.0 | – |" in written
    assert "| 10,000 passages: without its embedding, ms | 4.0 | 3.0 | **2.0** | 8.0 | – |" in written
    assert "| adding 2 articles, s | **5.0** | **5.0** | **5.0** | **5.0** | – |" in written
    assert "* Haystack did not get through. 10000: no room" in written


def test_the_tools_run_on_the_versions_of_quoth() -> None:
    """The model is the same weights in the same packages, and every package has its hashes."""
    text = _REQUIREMENTS.read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))
    own = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    assert {*_PINNED, "faiss-cpu"} <= pins.keys()
    for name in ("sentence-transformers", "transformers", "numpy"):
        assert pins[name] == own[name]
    for line in text.splitlines():
        assert re.match(r"#|[\w.-]+==|    --hash=sha256:[0-9a-f]{64}( \\)?$", line), line
    assert set(TOOLS) == set(tools._MODULES)
