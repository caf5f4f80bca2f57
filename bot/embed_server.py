"""``quoth embed-server``: one model for many bots, over HTTP.

``/v1/models`` and ``/v1/embeddings`` are as OpenAI has them; ``/v1/spans`` gives passages with their sentences, and
``/v1/read`` what the reader makes of a question and passages (``retrieval/remote.py`` asks them). What is refused is
refused in a sentence: 400 for what makes no sense, 401 without the key, 413 for too much, 429 and 503 for "come again".
"""

import base64
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from bot.run import leave_in_time, stop_event
from bot.words import Busy, TookTooLong
from bot.worker import Lane
from retrieval import (
    BUILT_IN,
    PACKAGED,
    Encoder,
    InvalidSettings,
    Reading,
    Reranker,
    Settings,
    Span,
    reader_fingerprint,
)

MOST_TEXTS = 256
MOST_SPANS = 10_000  # of all texts of a request together
MOST_BYTES = 8_000_000
_FEW_TEXTS = 2  # as many are a question
_AGAIN_SECONDS = 1  # after which who was sent away may come again
_DRAIN_SECONDS = 8.0

Body = Mapping[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Served:
    """The model and its name, what reads passages (None: nothing), and the key that callers must show ("": none)."""

    name: str
    encoder: Encoder
    reader: Reranker | None = None
    key: str = ""


class Refused(Exception):
    """What was asked makes no sense, or is too much: an HTTP status, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def served(settings: Settings) -> Served:
    """The models that the settings name, loaded here, wherever ``model.url`` points. Raises ModelUnavailable."""
    here = replace(settings, model=replace(settings.model, url=""))
    reader = PACKAGED.reranker(here) if settings.answers.reranker == BUILT_IN else None
    return Served(settings.model.name, PACKAGED.encoder(here), reader, settings.model.api_key)


async def serve(what: Served, *, host: str, port: int, say: Callable[[str], None]) -> int:
    """Serve until a signal; what has begun is finished. Raises InvalidSettings where the port cannot be had."""
    stop = stop_event()
    server = EmbedServer(what)
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=_DRAIN_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise InvalidSettings(
                f"{host}:{port} cannot be listened on", hint="Name another --port or --host"
            ) from error
        say(f"{what.name} is served at http://{host}:{port}/v1: what bots take as model.url.")
        await stop.wait()
        leave_in_time()
    finally:
        await runner.cleanup()
        server.close()
    return 0


class EmbedServer:
    """Answers requests in two lanes, so that no question waits for passages that are being added.

    Each lane holds ``queue`` requests besides those in its slots; further ones are told to come again.
    """

    def __init__(self, what: Served, *, queue: int = 64, deadline: float = 60.0) -> None:
        self._what = what
        self._reader = reader_fingerprint() if what.reader else None
        self._questions = Lane(16, queue=queue, deadline=deadline)
        self._passages = Lane(4, queue=queue, deadline=deadline)

    def application(self) -> web.Application:
        """What aiohttp serves."""
        application = web.Application(client_max_size=MOST_BYTES, middlewares=[self._guard])
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/v1/models", self._models)
        application.router.add_post("/v1/embeddings", self._embeddings)
        application.router.add_post("/v1/spans", self._spans)
        application.router.add_post("/v1/read", self._read)
        return application

    def close(self) -> None:
        """Begin nothing more."""
        self._questions.close()
        self._passages.close()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Lets in who has the key, and turns every refusal into words."""
        try:
            if request.path != "/healthz" and not self._is_known(request):
                raise Refused(401, "The key is missing or is not the one that is wanted here.")
            return await handler(request)
        except Refused as refused:
            return _problem(refused.status, str(refused))
        except (Busy, TookTooLong) as error:
            status = 429 if isinstance(error, Busy) else 503
            return _problem(status, "There is too much to do; come again in a moment.", again=True)
        except web.HTTPRequestEntityTooLarge:
            return _problem(413, f"A request may have {MOST_BYTES} bytes; send fewer texts at once.")
        except web.HTTPException as error:
            return _problem(error.status, f"There is no {request.method} {request.path} here.")

    def _is_known(self, request: web.Request) -> bool:
        wanted, shown = f"Bearer {self._what.key}", request.headers.get("Authorization", "")
        return not self._what.key or hmac.compare_digest(wanted.encode(), shown.encode(errors="surrogateescape"))

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"state": "ready"})

    async def _models(self, _request: web.Request) -> web.Response:
        encoder = self._what.encoder
        model = {
            "id": self._what.name,
            "object": "model",
            "owned_by": "quoth",
            "fingerprint": encoder.fingerprint,
            "dimensions": encoder.dimensions,
            "room": encoder.room,
            "reader": self._reader,
        }
        return web.json_response({"object": "list", "data": [model]})

    async def _embeddings(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if body.get("model", self._what.name) != self._what.name:
            raise Refused(404, f"The model here is {self._what.name}.")
        texts = _texts([body["input"]] if isinstance(body.get("input"), str) else body.get("input"), "input")
        form = body.get("encoding_format", "float")
        if form not in ("float", "base64"):
            raise Refused(400, "encoding_format takes float or base64.")

        def work() -> dict[str, Any]:
            vectors, pieces = self._what.encoder.encode(texts), sum(self._what.encoder.count_pieces(texts))
            found = [_packed(vector) if form == "base64" else vector.tolist() for vector in vectors]
            return {
                "object": "list",
                "data": [{"object": "embedding", "index": at, "embedding": one} for at, one in enumerate(found)],
                "model": self._what.name,
                "usage": {"prompt_tokens": pieces, "total_tokens": pieces},
            }

        return await self._worked(texts, work)

    async def _spans(self, request: web.Request) -> web.Response:
        body = await _body(request)
        texts = _texts(body.get("texts"), "texts")
        spans = _spans_of(body.get("spans"), texts)

        def work() -> dict[str, Any]:
            whole, parts = self._what.encoder.encode_spans(texts, spans)
            packed = b"".join(rows.astype("<f4").tobytes() for rows in (whole, *parts))
            return {
                "fingerprint": self._what.encoder.fingerprint,
                "vectors": base64.b64encode(packed).decode("ascii"),
            }

        return await self._worked(texts, work)

    async def _read(self, request: web.Request) -> web.Response:
        body = await _body(request)
        reader = self._what.reader
        if reader is None:
            raise Refused(404, "There is no reader here.")
        (question,) = _texts([body.get("question")], "question")
        texts = _texts(body.get("texts"), "texts")
        spans = _spans_of(body.get("spans"), texts)
        readings = [Reading(*pair) for pair in zip(texts, spans, strict=True)]

        def work() -> dict[str, Any]:
            scores = [of_text.tolist() for of_text in reader.scores(question, readings)]
            return {"fingerprint": self._reader, "scores": scores}

        return await self._worked([question], work)

    async def _worked(self, texts: Sequence[str], work: Callable[[], dict[str, Any]]) -> web.Response:
        """What ``work`` finds, as JSON that is written in its thread too. Raises Busy, TookTooLong."""
        lane = self._questions if len(texts) <= _FEW_TEXTS else self._passages
        text = await lane.run(lambda: json.dumps(work()))
        return web.Response(text=text, content_type="application/json")


async def _body(request: web.Request) -> Body:
    try:
        found = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The body is no JSON.") from error
    if not isinstance(found, dict):
        raise Refused(400, "The body is no JSON object.")
    return found


def _texts(given: object, name: str) -> list[str]:
    if not isinstance(given, list) or not given or not all(map(_is_text, given)):
        raise Refused(400, f"{name} takes a text, or a list of one or more where there may be several.")
    if len(given) > MOST_TEXTS:
        raise Refused(413, f"A request may have {MOST_TEXTS} texts.")
    return given


def _is_text(given: object) -> bool:
    """Whether it is a text that can be written: JSON may hold half a character."""
    return isinstance(given, str) and given.encode(errors="replace").decode() == given


def _spans_of(given: object, texts: Sequence[str]) -> list[tuple[Span, ...]]:
    if not isinstance(given, list) or len(given) != len(texts):
        raise Refused(400, "spans takes for each text a list of places in it.")
    try:
        spans = [tuple(Span(start, end) for start, end in inside) for inside in given]
    except (TypeError, ValueError) as error:
        raise Refused(400, "A span is a list of two numbers.") from error
    every = [number for inside in spans for span in inside for number in span]
    if not all(type(number) is int and 0 <= number < 2**31 for number in every):
        raise Refused(400, "A span is a list of two whole numbers, counted in characters.")
    if len(every) > 2 * MOST_SPANS:
        raise Refused(413, f"A request may have {MOST_SPANS} spans.")
    return spans


def _packed(vector: Any) -> str:
    """A vector's little-endian float32 in base64, as OpenAI packs them."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")


def _problem(status: int, message: str, *, again: bool = False) -> web.Response:
    """A refusal in OpenAI's form."""
    headers = {"Retry-After": str(_AGAIN_SECONDS)} if again else None
    return web.json_response({"error": {"message": message, "code": status}}, status=status, headers=headers)
