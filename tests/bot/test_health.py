"""Health and metrics: what they say, and that they say it to this machine alone."""

import asyncio
import contextlib
import json
import logging
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import psycopg
import pytest

from bot.health import Health, Metrics
from bot.settings import HealthSettings
from retrieval import InvalidSettings, StoreSettings
from retrieval.store.postgres.store import PostgresStore
from tests.articles import BRIDGE
from tests.bot.conftest import World
from tests.conftest import ROOT
from tests.store.conftest import put

DASHBOARD = ROOT / "docs" / "grafana.json"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
async def health(tmp_path: Path) -> AsyncIterator[Health]:
    """Served on a port of its own, and there is no client yet."""
    health = Health(tmp_path, HealthSettings(port=_free_port()))
    async with health.served():
        yield health


async def _get(health: Health, path: str) -> tuple[int, str]:
    address = f"http://127.0.0.1:{health.settings.port}{path}"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, await answer.text()


def _values(text: str) -> dict[str, float]:
    """By name and labels."""
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


async def test_a_bot_that_is_not_ready_is_not_healthy(health: Health) -> None:
    """It says what it waits for."""
    assert await _get(health, "/healthz") == (503, '{"state": "waiting for a token"}')
    values = _values((await _get(health, "/metrics"))[1])
    assert values["quoth_gateway_ready"] == 0
    assert values['quoth_questions_total{outcome="answered"}'] == 0


async def test_questions_are_counted_and_timed(world: World, health: Health, caplog: pytest.LogCaptureFixture) -> None:
    """By what became of them and by stage; a bot that is ready is healthy; the libraries are measured."""
    health.home = world.home
    caplog.set_level(logging.INFO, logger="bot")
    async with world.scene() as scene:
        health.client = scene.bot
        assert await _get(health, "/healthz") == (200, '{"state": "ready"}')
        world.add(scene.guild.id, "The ambassador is Alexander Matsegora. He spoke on Wednesday.")
        await scene.alice.slash(scene.channel, "ask", question="Who is the ambassador?")
        await scene.alice.slash(scene.channel, "ask", question="Which submarine sank in Antarctica?")
        values = _values((await _get(health, "/metrics"))[1])
    assert values['quoth_questions_total{outcome="answered"}'] == 1
    assert values['quoth_questions_total{outcome="declined"}'] == 1
    for stage in ("embed", "search", "quote", "whole"):
        assert values[f'quoth_question_seconds_count{{stage="{stage}"}}'] == 2
    assert values["quoth_gateway_ready"] == 1
    assert values["quoth_servers"] == 1
    assert (values["quoth_libraries"], values["quoth_articles"]) == (1, 1)
    assert values["quoth_passages"] >= 1
    assert values["quoth_library_bytes"] > 10_000
    assert values["quoth_waiting"] == 0


async def test_libraries_in_a_database_are_counted_there(health: Health, fresh: StoreSettings) -> None:
    """All of them, as its server estimates; the last numbers stand while it cannot be asked."""
    health.store, passages = fresh, 0
    for guild in (1, 2):
        with PostgresStore(replace(fresh, large_from=1 if guild == 1 else 1_000), f"guild-{guild}") as store:
            put(store, "bridge", BRIDGE)
            passages += store.passage_count()
    with psycopg.connect(fresh.url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    values = _values((await _get(health, "/metrics"))[1])
    assert (values["quoth_libraries"], values["quoth_articles"]) == (2, 2)
    assert values["quoth_passages"] == passages > 2
    assert values["quoth_library_bytes"] > 100_000
    health.store = replace(fresh, url="postgresql://postgres@127.0.0.1:1/x")
    assert health._sizes
    health._sizes = -1_000_000.0, health._sizes[1]
    assert _values((await _get(health, "/metrics"))[1])["quoth_articles"] == 2


async def test_processes_of_one_bot_have_ports_of_their_own(health: Health, tmp_path: Path) -> None:
    """The settings' port, and those after it."""
    with contextlib.suppress(InvalidSettings):  # the next one may be somebody else's
        async with Health(tmp_path, health.settings).served(beside=1):
            beside = Health(tmp_path, replace(health.settings, port=health.settings.port + 1))
            assert (await _get(beside, "/healthz"))[0] == 503


def test_errors_in_the_log_are_counted() -> None:
    metrics = Metrics()
    log = logging.Logger("anything")
    log.addHandler(metrics)
    log.warning("no error")
    log.error("an error")
    assert metrics.registry.get_sample_value("quoth_errors_total") == 1


async def test_nothing_listens_unless_a_port_is_set(tmp_path: Path) -> None:
    """And then only for this machine."""
    assert (HealthSettings().port, HealthSettings().host) == (0, "127.0.0.1")
    before = {task.get_name() for task in asyncio.all_tasks()}
    async with Health(tmp_path, HealthSettings()).served():
        assert {task.get_name() for task in asyncio.all_tasks()} == before


async def test_a_port_that_is_taken_is_said(health: Health, tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="cannot be listened on"):
        async with Health(tmp_path, health.settings).served():
            pass


def test_the_dashboard_asks_for_numbers_that_there_are() -> None:
    """Each name in docs/grafana.json is one of the metrics, and each metric of Quoth's is shown."""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = {
        name
        for panel in board["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\b(?:quoth|process)_\w+", target["expr"])
    }
    kinds = {family.name: family.type for family in Metrics().registry.collect()}
    ends = {"counter": ("_total",), "histogram": ("_bucket",), "gauge": ("",)}
    known = {name + end for name, kind in kinds.items() for end in ends[kind]}
    assert asked <= known
    assert {name for name in known if name.startswith("quoth_")} <= asked
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
