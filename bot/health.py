"""Health and metrics on a private port: ``/healthz`` for who restarts the bot, ``/metrics`` for Prometheus.

The counters count what the journal says (``bot/journal.py``); the rest is looked up when it is asked for.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.settings import HealthSettings
from retrieval import InvalidSettings, QuothError, Sizes, StoreSettings, library_sizes

if TYPE_CHECKING:
    from bot.client import Quoth

# Seconds. Half of all answers take 0.1 to 0.4 on two cores (docs/quality.md); at 3 Discord gives an interaction up.
_BUCKETS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 15.0, 60.0)
_STAGES = ("embed", "search", "quote", "whole")
_GAUGES = {
    "waiting": "Questions that are worked on or wait for it",
    "loop_lag_seconds": "How late the event loop was, at most, in the last half minute",
    "gateway_ready": "1 while Discord's gateway is connected and ready",
    "gateway_latency_seconds": "Between a heartbeat and its answer",
    "servers": "Servers that the bot is in",
    "libraries": "Libraries in the home or the database",
    "articles": "Articles of all libraries",
    "passages": "Passages of all libraries",
    "library_bytes": "Size of all libraries on disk",
}
_SIZES_SECONDS = 60.0  # how old the sizes may be: they are counted in the files
_SIZES_WITHIN = 5.0  # seconds; Prometheus waits for ten
_FILES = StoreSettings()
_log = logging.getLogger(__name__)


class Metrics(logging.Handler):
    """Every number there is, in a registry of its own; as a handler of the log it counts what is told there."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.questions = Counter(
            "quoth_questions", "Questions, by what became of them", ["outcome"], registry=self.registry
        )
        self.seconds = Histogram(
            "quoth_question_seconds",
            "How long a question took, by stage",
            ["stage"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.errors = Counter("quoth_errors", "Errors in the log", registry=self.registry)
        self._gauges = {name: Gauge(f"quoth_{name}", told, registry=self.registry) for name, told in _GAUGES.items()}
        for outcome in ("answered", "declined"):  # so that a share can be computed from the first question on
            self.questions.labels(outcome)
        for stage in _STAGES:
            self.seconds.labels(stage)

    def show(self, **gauges: float) -> None:
        """Set gauges, by their names in ``_GAUGES``."""
        for name, value in gauges.items():
            self._gauges[name].set(value)

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.errors.inc()
        fields = getattr(record, "fields", {})
        if fields.get("event") == "question":
            self.questions.labels(fields["outcome"]).inc()
            for stage in _STAGES:
                if (ms := fields.get(f"{stage}_ms")) is not None:
                    self.seconds.labels(stage).observe(ms / 1000)


@dataclass(slots=True)
class Health:
    """What is served; ``client`` is None until there is one. ``store`` says where the libraries are."""

    home: Path
    settings: HealthSettings
    store: StoreSettings = _FILES
    client: "Quoth | None" = None
    metrics: Metrics = field(default_factory=Metrics)
    _sizes: tuple[float, Sizes] | None = None

    @asynccontextmanager
    async def served(self, *, beside: int = 0) -> AsyncIterator[None]:
        """Serve inside; nothing at all where no port is set. Raises InvalidSettings where it cannot be had.

        Of several processes of one bot each takes a port of its own: ``beside`` is added to the settings'.
        """
        if not self.settings.port:
            yield
            return
        root = logging.getLogger()
        application = web.Application()
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/metrics", self._metrics)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        root.addHandler(self.metrics)
        try:
            await self._listen(runner, self.settings.port + beside)
            yield
        finally:
            root.removeHandler(self.metrics)
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner, port: int) -> None:
        host = self.settings.host
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise InvalidSettings(
                f"health.port: {host}:{port} cannot be listened on", hint="Name another port or host, or 0 for none"
            ) from error

    def _is_ready(self) -> bool:
        return self.client is not None and self.client.is_ready() and not self.client.is_closed()

    async def _healthz(self, _request: web.Request) -> web.Response:
        if self._is_ready():
            return web.json_response({"state": "ready"})
        return web.json_response({"state": "starting" if self.client else "waiting for a token"}, status=503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        await self._look()
        return web.Response(body=generate_latest(self.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _look(self) -> None:
        """Bring the gauges up to date."""
        client, sizes = self.client, await self._sizes_of_late()
        self.metrics.show(
            gateway_ready=self._is_ready(),
            libraries=sizes.libraries,
            articles=sizes.articles,
            passages=sizes.passages,
            library_bytes=sizes.bytes,
        )
        if client is not None:
            self.metrics.show(
                waiting=client.worker.waiting(),
                loop_lag_seconds=client.lag.worst,
                servers=len(client.guilds),
                gateway_latency_seconds=client.latency if isfinite(client.latency) else 0.0,
            )

    async def _sizes_of_late(self) -> Sizes:
        if self._sizes is None or monotonic() - self._sizes[0] > _SIZES_SECONDS:
            self._sizes = monotonic(), await self._counted()
        return self._sizes[1]

    async def _counted(self) -> Sizes:
        """The sizes; those that were counted last where the database cannot be asked in time."""
        try:
            async with asyncio.timeout(_SIZES_WITHIN):
                return await asyncio.to_thread(library_sizes, self.home, self.store)
        except (TimeoutError, QuothError) as error:
            _log.warning("The libraries cannot be counted: %s", str(error) or "it takes too long")
            return self._sizes[1] if self._sizes else Sizes()
