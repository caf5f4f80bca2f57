"""Models on another machine: the same vectors and answers, and words for whatever goes wrong on the way."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.embed_server import Served
from retrieval.embed import MiniLM
from retrieval.errors import InvalidSettings, ModelUnavailable
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import PACKAGED
from retrieval.remote import RemoteEncoder, check_remote
from retrieval.rerank import AdaptedReader, Reading
from retrieval.settings import ModelSettings, Settings, read_settings
from retrieval.text import Span
from tests.embedding import Running, serving
from tests.toy import ToyEncoder

TEXT = "The harbour bridge opens in May. It cost ninety million crowns. 東京 🙂 was not asked."
SPANS = (Span(0, 32), Span(33, 63), Span(64, 86))
NAME = ModelSettings().name


@pytest.fixture(scope="module")
def server(encoder: MiniLM) -> Iterator[Running]:
    """The real model and reader, served on a port of this machine."""
    reader = PACKAGED.reranker(Settings())
    with serving(Served(NAME, encoder, reader)) as running:
        yield running


@pytest.fixture
def remote(server: Running) -> RemoteEncoder:
    return RemoteEncoder(ModelSettings(url=server.url))


class Toy(ToyEncoder):
    """A toy that says to be the packaged model."""


def _settings(url: str, **known: Any) -> Settings:
    return Settings.from_tables({"model": {"url": url, **known}, "answers": {"confidence": 0.0, "reranker": "none"}})


# The same as here


@pytest.mark.model
def test_vectors_are_those_of_the_model_here(encoder: MiniLM, remote: RemoteEncoder) -> None:
    """Of passages, of their sentences, and of questions; however many texts there are."""
    texts = [TEXT, "A bridge.", "word " * 400, *(f"Report number {n}." for n in range(200))]
    spans = [SPANS, (), (Span(0, 4), Span(1990, 1999)), *([(Span(0, 6),)] * 200)]
    here, there = encoder.encode_spans(texts, spans), remote.encode_spans(texts, spans)
    assert [len(part) for part in there[1]] == [len(part) for part in spans]
    assert there[0].dtype == np.float32
    np.testing.assert_allclose(there[0], here[0], atol=5e-3)  # bfloat16 rounds by what is in a batch
    assert min(float((a * b).sum(axis=1).min()) for a, b in zip(here[1], there[1], strict=True) if len(a)) > 0.9995
    np.testing.assert_array_equal(remote.encode(["a question"]), encoder.encode(["a question"]))


@pytest.mark.model
def test_all_that_is_known_of_the_model_is_the_same(encoder: MiniLM, remote: RemoteEncoder) -> None:
    """So a library may be filled from here and searched from there."""
    texts = [TEXT, "", "antidisestablishmentarianism", "word " * 400]
    assert (remote.fingerprint, remote.dimensions, remote.room) == (encoder.fingerprint, 384, 254)
    assert remote.count_pieces(texts) == encoder.count_pieces(texts)
    assert remote.known_words == encoder.known_words
    assert remote.encode([]).shape == (0, 384)
    assert check_remote(ModelSettings(url=remote._server._url))[1] == encoder.fingerprint


@pytest.mark.model
def test_the_reader_of_another_quoth_is_refused(remote: RemoteEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Confidence is fitted on the numbers of one reader: another's would pass for it."""
    reader = remote.reader()
    assert reader
    monkeypatch.setattr("retrieval.remote.reader_fingerprint", lambda: "reader@another")
    for ask in (remote.reader, lambda: reader.scores("What?", [Reading(TEXT, SPANS)])):
        with pytest.raises(ModelUnavailable, match="reader of another Quoth"):
            ask()


@pytest.mark.model
def test_the_reader_is_there_too(remote: RemoteEncoder) -> None:
    """With the numbers that it gives here."""
    readings = [Reading(TEXT, SPANS), Reading("Nothing of that kind.", (Span(0, 21),))]
    here, there = PACKAGED.reranker(Settings()), remote.reader()
    assert isinstance(here, AdaptedReader)
    assert there
    assert there.is_calibrated
    for ours, theirs in zip(
        here.scores("What did the bridge cost?", readings),
        there.scores("What did the bridge cost?", readings),
        strict=True,
    ):
        np.testing.assert_allclose(theirs, ours, atol=0.5)


@pytest.mark.model
def test_answers_are_those_of_the_model_here(server: Running, seeds: Library) -> None:
    """Asked of the same library, with one model here and one there."""
    lines = (Path(__file__).parent.parent / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines()[:16]
    there = Library(seeds._store, settings=Settings.from_tables({"model": {"url": server.url}}))
    same = 0
    for line in lines:
        question = json.loads(line)["question"]
        ours, theirs = seeds.ask(question), there.ask(question)
        assert theirs.confidence == pytest.approx(ours.confidence, abs=0.05)
        same += [q.text for q in ours.quotes] == [q.text for q in theirs.quotes]
    assert same >= len(lines) - 1


@pytest.mark.model
def test_a_thin_process_loads_no_weights(server: Running, home: Path) -> None:
    """It adds and answers without torch, which takes most of the memory."""
    home.mkdir()
    (home / "quoth.toml").write_text(f'[model]\nurl = "{server.url}"\n', encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from retrieval import Library, Document, read_settings\n"
        "home = Path(sys.argv[1])\n"
        "with Library.open(home, settings=read_settings(home)) as library:\n"
        "    library.add(Document(text='The harbour bridge cost ninety million crowns. It opens in May.'))\n"
        "    assert library.ask('What did the harbour bridge cost?').answered\n"
        "assert 'torch' not in sys.modules and 'sentence_transformers' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, str(home)], check=True, timeout=60)


# What goes wrong


def test_another_model_is_refused() -> None:
    """By its weights, as everywhere; by its name; and in the middle of work."""
    toy = Toy()
    with serving(Served(NAME, toy)) as running:
        encoder = RemoteEncoder(ModelSettings(url=running.url))
        assert encoder.encode(["a", "b"]).shape == (2, 64)
        with Library.in_memory(settings=_settings(running.url)) as library:
            library.add(Document(text="The harbour bridge opens in May."))
            toy.fingerprint = "another"
            with pytest.raises(ModelUnavailable, match="another model meanwhile"):
                library.ask("When does the bridge open?")
            with pytest.raises(InvalidSettings, match="made with the model toy, and the settings name another"):
                library.ask("When does the bridge open?")
        with pytest.raises(ModelUnavailable, match="has no model someone/else") as refused:
            RemoteEncoder(ModelSettings(url=running.url, name="someone/else")).encode(["a"])
        assert "model.name" in refused.value.hint


def test_a_key_is_shown_where_one_is_wanted() -> None:
    """And who shows none, or a wrong one, is told so; it is printed nowhere."""
    with serving(Served(NAME, Toy(), key="sesame")) as running:
        assert len(RemoteEncoder(ModelSettings(url=running.url, api_key="sesame")).encode(["a"])) == 1
        for wrong in ("", "hunter2"):
            settings = ModelSettings(url=running.url, api_key=wrong)
            assert "hunter2" not in repr(settings)
            with pytest.raises(ModelUnavailable, match="refuses the key"):
                RemoteEncoder(settings).encode(["a"])


def test_a_server_that_comes_back_is_waited_for(home: Path) -> None:
    """It ends in the middle of adding, another takes its port, and the addition goes on; nothing is stored twice."""
    toy, port = _Ending(), _free_port()
    texts = [f"Article {number} reports about harbour number {number}. It is long." for number in range(8)]
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(serving(Served(NAME, toy), port=port))
        toy.end = first.stop

        def come_back() -> None:
            first.stopped.wait(10)
            time.sleep(0.3)
            stack.enter_context(serving(Served(NAME, ToyEncoder()), port=port))

        coming = threading.Thread(target=come_back)
        coming.start()
        with Library.open(home, settings=_settings(first.url, batch_size=2)) as library:
            results = library.add(*(Document(text=text) for text in texts))
            assert [r.status for r in results] == ["added"] * 8
            assert len(library.articles()) == 8
        coming.join()


def test_a_server_that_stays_away_leaves_nothing_half_done(home: Path) -> None:
    """What was stored before stays whole, what comes after is not begun, and both are there when it is back."""
    toy, port = _Ending(), _free_port()
    texts = [f"Article {number} reports about harbour number {number}. It is long." for number in range(8)]
    with serving(Served(NAME, toy), port=port) as first:
        toy.end = first.stop
        with Library.open(home, settings=_settings(first.url, batch_size=2, timeout=0.5)) as library:
            with pytest.raises(ModelUnavailable, match="cannot be reached") as failed:
                library.add(*(Document(text=text) for text in texts))
            assert "model.url" in failed.value.hint
            stored = len(library.articles())
            assert 0 < stored < 8
            assert {library.text(article.id) for article in library.articles()} == set(texts[:stored])
            with serving(Served(NAME, ToyEncoder()), port=port):
                results = library.add(*(Document(text=text) for text in texts))
            assert [r.status for r in results] == ["unchanged"] * stored + ["added"] * (8 - stored)


class _Ending(Toy):
    """Ends its server while it reads the third batch."""

    end: Callable[[], None]
    read = 0

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Any:
        self.read += 1
        if self.read == 3:
            threading.Thread(target=self.end).start()
            time.sleep(0.5)
        return super().encode_spans(texts, spans)


# Other servers


@pytest.fixture
def other() -> Iterator["_Other"]:
    with _Other() as running:
        yield running


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(other: "_Other", status: int) -> None:
    """After as long as it says; one that stays busy is given up, in words."""
    encoder = RemoteEncoder(ModelSettings(url=other.url, name="toy"))
    assert encoder.fingerprint == "toy@embeddings"
    other.refusals = [(status, "1"), (status, None)]
    begin = time.monotonic()
    assert encoder.encode(["a bridge"]).shape == (1, 64)
    assert time.monotonic() - begin > 1
    other.refusals = [(status, "60")] * 3
    with pytest.raises(ModelUnavailable, match="too much to do"):
        encoder.encode(["a bridge"])
    assert len(other.refusals) == 2  # and not asked before the minute is over


def test_a_slow_server_is_given_up_in_words(other: "_Other") -> None:
    """And not asked again, as that would only add to what it has to do."""
    encoder = RemoteEncoder(ModelSettings(url=other.url, name="toy", timeout=0.3))
    assert encoder.dimensions == 64
    other.pause, asked = 1.0, other.asked
    with pytest.raises(ModelUnavailable, match=r"longer than 0\.3 s"):
        encoder.encode(["a bridge"])
    assert other.asked == asked + 1


def test_another_server_reads_each_sentence_by_itself(other: "_Other", toy: ToyEncoder) -> None:
    """Also one that has no list of its models, and gives vectors of any length in any order."""
    encoder = RemoteEncoder(ModelSettings(url=other.url, name="toy", batch_size=2))
    whole, (parts, none) = encoder.encode_spans([TEXT, "A bridge."], [SPANS, ()])
    np.testing.assert_allclose(whole, toy.encode([TEXT, "A bridge."]), atol=1e-6)
    np.testing.assert_allclose(parts, toy.encode([TEXT[s:e] for s, e in SPANS]), atol=1e-6)
    assert none.shape == (0, 64)
    assert encoder.reader() is None
    encoder.encode(["word " * 1000])
    assert other.longest < 254 * len("word ")
    with Library.in_memory(settings=_settings(other.url, name="toy")) as library:
        library.add(Document(text="The harbour bridge opens in May. It cost ninety million crowns."))
        assert library.model() == "toy@embeddings"
        assert library.ask("What did the harbour bridge cost?").quotes[0].focus


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"data": []}',
        b'{"data": [{"index": 0, "embedding": "AAAA"}]}',
        b'{"data": [{"index": 0, "embedding": [NaN]}]}',
        b'{"data": [{"index": 1, "embedding": [1]}]}',
        b'{"data": [{"index": 0, "embedding": [1, 0]}]}',
    ],
)
def test_what_is_no_vector_is_refused(other: "_Other", answer: bytes) -> None:
    """Whatever else was sent, and vectors of another length than before; nothing of it gets into a library."""
    encoder = RemoteEncoder(ModelSettings(url=other.url, name="toy"))
    assert encoder.dimensions == 64
    other.answer = answer
    with pytest.raises(ModelUnavailable, match="something else than was asked for"):
        encoder.encode(["a bridge"])


def test_a_wrong_address_is_named(other: "_Other") -> None:
    """Of a server that has no such path, or sends elsewhere; the key goes nowhere else."""
    with pytest.raises(ModelUnavailable, match="answered with status 404") as refused:
        RemoteEncoder(ModelSettings(url=other.url + "/nowhere")).encode(["a"])
    assert "model.url" in refused.value.hint
    other.refusals = [(302, None)]
    with pytest.raises(ModelUnavailable, match="answered with status 302"):
        RemoteEncoder(ModelSettings(url=other.url)).encode(["a"])


@pytest.mark.parametrize(
    "wrong", ["ftp://x/v1", "127.0.0.1:8020", "http://", "http://me:secret@host/v1", "http://h/?a=b"]
)
def test_an_address_that_is_none_is_refused(wrong: str) -> None:
    """By its key; a password in it is not shown."""
    with pytest.raises(InvalidSettings, match=r"model\.url") as refused:
        ModelSettings(url=wrong)
    assert "secret" not in refused.value.told


def test_address_and_key_may_come_from_outside(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment, or from a file that it names."""
    (tmp_path / "key").write_text("sesame\n", encoding="utf-8")
    monkeypatch.setenv("QUOTH_MODEL_URL", "https://models.example/v1")
    monkeypatch.setenv("QUOTH_MODEL_API_KEY_FILE", str(tmp_path / "key"))
    assert read_settings(home).model == replace(ModelSettings(), url="https://models.example/v1", api_key="sesame")
    (tmp_path / "key").write_text("ses\name\n", encoding="utf-8")
    with pytest.raises(InvalidSettings, match=r"model\.api_key"):
        read_settings(home)


class _Other:
    """A stand-in for a server that is not Quoth's: a toy behind ``/embeddings``, and no list of models."""

    def __init__(self) -> None:
        self.refusals: list[tuple[int, str | None]] = []
        self.answer: bytes | None = None
        self.pause = 0.0
        self.asked = self.longest = 0
        outer, toy = self, ToyEncoder()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(*(outer.refusals.pop(0) if outer.refusals else (404, None)), b"{}")

            def do_POST(self) -> None:
                outer.asked += 1
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.longest = max(map(len, body["input"]))
                time.sleep(outer.pause)
                if outer.refusals:
                    self._send(*outer.refusals.pop(0), b"{}")
                elif self.path != "/v1/embeddings":
                    self._send(404, None, b"{}")
                else:
                    rows = enumerate(7 * toy.encode(body["input"]))
                    found = [{"index": at, "embedding": row.tolist()} for at, row in rows][::-1]
                    self._send(200, None, outer.answer or json.dumps({"data": found}).encode())

            def _send(self, status: int, wait: str | None, body: bytes) -> None:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    if wait:
                        self.send_header("Retry-After", wait)
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> "_Other":
        threading.Thread(target=self._server.serve_forever, args=(0.05,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
