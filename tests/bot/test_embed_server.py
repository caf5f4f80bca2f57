"""``quoth embed-server``: what it answers, what it refuses, and how it ends."""

import asyncio
import base64
import json
import os
import signal
import socket
import sys
import threading
import time
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import urllib3

from bot.embed_server import MOST_BYTES, MOST_SPANS, MOST_TEXTS, Served, serve
from retrieval import InvalidSettings
from retrieval.remote import RemoteEncoder
from retrieval.settings import ModelSettings
from tests.bot.conftest import AMBASSADOR, HELSINKI, World, shown, texts
from tests.embedding import Running, serving
from tests.toy import ToyEncoder

POOL = urllib3.PoolManager()


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serving(Served("toy", ToyEncoder())) as running:
        yield running


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _say_nothing(sentence: str) -> None:
    raise AssertionError(sentence)


def _embed(server: Running, body: object) -> urllib3.BaseHTTPResponse:
    return POOL.request("POST", f"{server.url}/embeddings", json=body, retries=False)


def _post(server: Running, path: str, body: object, **headers: str) -> tuple[int, Any]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = POOL.request("POST", f"{server.url}/{path}", body=sent, headers=headers, retries=False)
    return answer.status, json.loads(answer.data)


def test_embeddings_are_in_the_form_of_openai(server: Running, toy: ToyEncoder) -> None:
    """One input or several, as numbers or packed, with what they cost."""
    status, one = _post(server, "embeddings", {"input": "The bridge", "model": "toy"})
    assert (status, one["object"], one["model"]) == (200, "list", "toy")
    assert one["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    np.testing.assert_allclose(one["data"][0]["embedding"], toy.encode(["The bridge"])[0], atol=1e-6)
    _, several = _post(server, "embeddings", {"input": ["a", "The bridge"], "encoding_format": "base64"})
    assert [entry["index"] for entry in several["data"]] == [0, 1]
    packed = base64.b64decode(several["data"][1]["embedding"])
    np.testing.assert_array_equal(np.frombuffer(packed, "<f4"), toy.encode(["The bridge"])[0])


def test_models_and_health(server: Running) -> None:
    """What bots ask first; and who restarts the server."""
    (model,) = json.loads(POOL.request("GET", f"{server.url}/models").data)["data"]
    assert (model["id"], model["fingerprint"], model["dimensions"]) == ("toy", "toy", 64)
    assert model["reader"] is None
    assert POOL.request("GET", server.url.removesuffix("/v1") + "/healthz").status == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("embeddings", b"{", 400, "no JSON"),
        ("embeddings", b"\xff", 400, "no JSON"),
        ("embeddings", b"[" * 100_000, 400, "no JSON"),
        ("embeddings", [], 400, "no JSON object"),
        ("embeddings", {}, 400, "input takes"),
        ("embeddings", {"input": []}, 400, "input takes"),
        ("embeddings", {"input": [1, 2]}, 400, "input takes"),
        ("embeddings", b'{"input": "half \\ud83d"}', 400, "input takes"),
        ("embeddings", {"input": "a", "model": "other"}, 404, "model here is toy"),
        ("embeddings", {"input": "a", "encoding_format": "int8"}, 400, "float or base64"),
        ("embeddings", {"input": ["a"] * (MOST_TEXTS + 1)}, 413, "256 texts"),
        ("embeddings", {"input": "a" * MOST_BYTES}, 413, "bytes"),
        ("spans", {"texts": ["a"]}, 400, "spans takes"),
        ("spans", {"texts": ["a"], "spans": [[], []]}, 400, "spans takes"),
        ("spans", {"texts": ["a"], "spans": [5]}, 400, "A span is"),
        ("spans", {"texts": ["a"], "spans": [[[0]]]}, 400, "A span is"),
        ("spans", {"texts": ["a"], "spans": [[[0, True]]]}, 400, "A span is"),
        ("spans", {"texts": ["a"], "spans": [[["0", "1"]]]}, 400, "A span is"),
        ("spans", {"texts": ["a"], "spans": [[[-1, 1]]]}, 400, "A span is"),
        ("spans", {"texts": ["a"], "spans": [[[0, 1]] * (MOST_SPANS + 1)]}, 413, "10000 spans"),
        ("read", {"question": "a", "texts": ["a"], "spans": [[]]}, 404, "no reader"),
        ("nowhere", {}, 404, "There is no POST /v1/nowhere"),
        ("models", {}, 405, "There is no POST /v1/models"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    server: Running, path: str, body: object, status: int, said: str
) -> None:
    """In OpenAI's form; nothing of it ends the server."""
    found, answer = _post(server, path, body)
    assert (found, answer["error"]["code"]) == (status, status)
    assert said in answer["error"]["message"]
    assert _post(server, "embeddings", {"input": "a"})[0] == 200


def test_who_does_not_know_the_key_gets_nothing() -> None:
    """But whether the server is well."""
    with serving(Served("toy", ToyEncoder(), key="sesame")) as server:
        for shown in ({}, {"Authorization": "sesame"}, {"Authorization": "Bearer sésame"}):
            assert _post(server, "embeddings", {"input": "a"}, **shown)[0] == 401
        assert _post(server, "embeddings", {"input": "a"}, Authorization="Bearer sesame")[0] == 200
        assert POOL.request("GET", server.url.removesuffix("/v1") + "/healthz").status == 200


class _Held(ToyEncoder):
    """Reads no passages before ``open`` is set."""

    def __init__(self) -> None:
        self.open = threading.Event()

    def encode(self, texts: Sequence[str]) -> Any:
        assert len(texts) <= 2 or self.open.wait(10)
        return super().encode(texts)


def test_who_comes_when_too_much_waits_is_told_to_come_again() -> None:
    """With the time; a question goes past passages that wait, and what waits is answered in the end."""
    held, many = _Held(), {"input": ["a", "b", "c"]}
    with serving(Served("toy", held), queue=2) as server, ThreadPoolExecutor(12) as bots:
        asked = [bots.submit(_embed, server, many) for _ in range(12)]  # four in slots, two behind them
        while sum(a.done() for a in asked) < 6:
            time.sleep(0.01)
        refused = [a.result() for a in asked if a.done()]
        assert {(r.status, r.headers["Retry-After"]) for r in refused} == {(429, "1")}
        assert _embed(server, {"input": "a question"}).status == 200
        held.open.set()
        assert sorted(a.result().status for a in asked) == [200] * 6 + [429] * 6


def test_what_takes_too_long_is_given_up() -> None:
    """And may be asked again."""
    held = _Held()
    with serving(Served("toy", held), deadline=0.1) as server:
        answer = _embed(server, {"input": ["a", "b", "c"]})
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        held.open.set()


async def test_who_asks_while_the_model_is_away_is_told_so(world: World) -> None:
    """On a card, for the asker alone; and is answered as soon as it is back, by the same bot."""
    port = _free_port()
    there = RemoteEncoder(ModelSettings(name="toy", url=f"http://127.0.0.1:{port}/v1", timeout=0.3))
    async with replace(world, encoder=there).scene() as scene:
        with serving(Served("toy", ToyEncoder()), port=port):
            scene.add(HELSINKI)
        result = await scene.ask()
        assert result.ephemeral
        assert "The model server cannot be reached" in texts(shown(result).components)
        with serving(Served("toy", ToyEncoder()), port=port):
            assert AMBASSADOR in texts(shown(await scene.ask()).components)


@pytest.mark.model
async def test_the_command_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    """It says where; the real model answers; SIGTERM ends it with success, and a port in use is named."""
    port = _free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("QUOTH_")} | {"QUOTH_HOME": str(tmp_path)}
    # It runs the model itself, wherever the bots beside it get theirs.
    environment["QUOTH_MODEL_URL"] = f"http://127.0.0.1:{port}/v1"
    command = (sys.executable, "-m", "bot", "embed-server", "--port", str(port))
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
    assert process.stderr
    try:
        said = await asyncio.wait_for(process.stderr.readline(), timeout=60)
        assert said.decode().startswith(f"all-MiniLM-L6-v2 is served at http://127.0.0.1:{port}/v1")
        encoder = RemoteEncoder(ModelSettings(url=f"http://127.0.0.1:{port}/v1"))
        assert (await asyncio.to_thread(encoder.encode, ["ready"])).shape == (1, 384)
        assert encoder.reader()
        with pytest.raises(InvalidSettings, match="cannot be listened on"):  # with which the command ends, too
            await serve(Served("toy", ToyEncoder()), host="127.0.0.1", port=port, say=_say_nothing)
        process.send_signal(signal.SIGTERM)
        rest = await asyncio.wait_for(process.communicate(), timeout=20)
        assert (process.returncode, rest) == (0, (b"", b""))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
