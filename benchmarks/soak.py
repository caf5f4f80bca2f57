"""A day of a busy bot in half an hour: python -m benchmarks.soak [--seconds 1800] [--events 100000] [--model real]

``quoth run`` is a process of its own; Discord is the stand-in of the tests, over real sockets. Most events are talk
that is not for the bot, as in life; some are questions, suggestions and presses. All the while connections end,
sessions are lost and requests fail. The exit code is 0 where every question got one answer or one honest failure,
nothing was sent that Discord would refuse, sessions were begun seldom, and memory grew by no more than the bound.

What Discord itself says is counted apart: that the bot did not respond, because it was away when somebody pressed a key
and came back less than a second before the three were over; or because the bot was too slow, which has a bound.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from time import monotonic

from benchmarks import report
from tests.conftest import ROOT
from tests.standin import Asked, Server, Standin, standing_in
from tests.standin.faults import broken, cut, limited, slow
from tests.standin.rest import FIRST_RESPONSE_SECONDS

_SLOPE_MB = 1.0  # that memory may grow by in 10,000 events
_SHORT_GROWTH_MB = 12.0  # in all, where there are too few events for a slope: caches fill
_FEW_EVENTS = 20_000
_WARM_SHARE = 1 / 3  # of the time, in which caches fill and the model warms up
_TOO_SLOW = 0.001  # of the questions: those that the bot acknowledged after Discord's three seconds
_LEAST_LEFT = 1.0  # second of the three, for what comes when the bot is back: what has less is not the bot's
_PATIENCE_SECONDS = 75.0  # after which nothing more will come of a question
_FIRST_QUESTIONS, _FIRST_SECONDS = 12, 10.0
_PEOPLE = 2000
_SERVERS = 8
_MIX = {"talk": 0.88, "edit": 0.04, "ask": 0.03, "mention": 0.01, "type": 0.02, "press": 0.02}
_ASKED = ("answer", "failure", "nothing", "too slow")
_OUTCOMES = (*_ASKED, "asked while away", "suggested", "not suggested")
_QUESTIONS = (
    "who is Russia's ambassador to North Korea?",
    "when did the fire start?",
    "how many users has WhatsApp?",
    "who scored in the final?",
    "what colour is the soup of the kitchen?",
)


@dataclass
class Soak:
    """What has happened so far."""

    standin: Standin
    process: Process
    events: int = 0
    open: list[Asked] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    seconds: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)  # events, MB

    def settle(self) -> None:
        """Close what has its answer, and what will get none any more."""
        now, still = monotonic(), []
        for asked in self.open:
            if now - asked.heard < (5.0 if asked.is_settled else _PATIENCE_SECONDS):
                still.append(asked)
                continue
            self.close(asked)
        self.open = still

    def close(self, asked: Asked) -> None:
        is_typing = asked.kind == 4
        if _was_away(asked):
            outcome = "asked while away"
        elif is_typing:
            outcome = "not suggested" if asked.choices is None else "suggested"
        else:
            outcome = asked.outcome if asked.acknowledged else "too slow"
        self.outcomes[outcome] += 1
        self.twice += len(asked.shown) > 1
        if asked.answered and not is_typing:
            self.seconds.append(asked.answered - asked.heard)
        self.standin.ledger.close(asked)

    def measure(self) -> None:
        self.memory.append((float(self.events), _resident(self.process.pid)))


def _was_away(asked: Asked) -> bool:
    """Whether the bot had no connection for it, or got one when next to nothing was left of Discord's three seconds."""
    if not asked.is_heard:
        return True
    left = FIRST_RESPONSE_SECONDS - ((asked.told or inf) - asked.heard)
    return asked.kind != 0 and not asked.acknowledged and asked.choices is None and left < _LEAST_LEFT


async def main() -> int:
    """Run it, print what was found, and say whether it holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=1800.0, help="how long it takes (default: %(default)s)")
    parser.add_argument("--events", type=int, default=100_000, help="how many events (default: %(default)s)")
    parser.add_argument(
        "--model", choices=("toy", "real"), default="toy", help="toy: words are vectors; nothing is loaded"
    )
    parser.add_argument("--publish", action="store_true", help="write what was found into docs/performance.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        async with standing_in() as standin:
            servers = [standin.add_server() for _ in range(_SERVERS)]
            async with _running(Path(home), standin, servers, model=arguments.model) as process:
                soak = Soak(standin, process)
                faults = asyncio.create_task(_break(standin, seconds=arguments.seconds))
                await _live(soak, servers, events=arguments.events, seconds=arguments.seconds)
                faults.cancel()
                standin.faults.clear()
                await _finish(soak)
                return _report(soak, seconds=arguments.seconds, is_published=arguments.publish)


async def _live(soak: Soak, servers: list[Server], *, events: int, seconds: float) -> None:
    """Events at an even pace; memory is measured a hundred times."""
    chance = random.Random(1)
    began, pressed = monotonic(), list[Asked]()
    while soak.events < events:
        due = min(events, int((monotonic() - began) / seconds * events))
        while soak.events < due:
            asked = await _happen(chance, chance.choice(servers), pressed)
            soak.events += 1
            if asked is not None and asked.is_heard:
                soak.open.append(asked)
            elif asked is not None:  # no session was there to be told; Discord says so to whoever asked
                soak.outcomes["asked while away"] += 1
            if soak.events % max(1, events // 100) == 0:
                soak.measure()
        soak.settle()
        pressed[:] = [a for a in soak.open if a.outcome == "answer" and a.kind == 2][-20:]
        soak.standin.channels.forget()
        await asyncio.sleep(0.02)


async def _happen(chance: random.Random, server: Server, pressed: list[Asked]) -> Asked | None:
    what = chance.choices(list(_MIX), list(_MIX.values()))[0]
    person, question = 5000 + chance.randrange(_PEOPLE), chance.choice(_QUESTIONS)
    if what == "ask":
        return await server.ask(question, person=person)
    if what == "mention":
        return await server.mention(question, person=person)
    if what == "type":
        return await server.type_article(question[: chance.randrange(8)])
    if what == "press" and pressed:
        answer = chance.choice(pressed)
        return await server.press(answer)
    talk = await server.write("", person=person)
    server.ledger.close(talk)
    if what == "edit":
        await server.gateway.emit(server.id, "CHANNEL_UPDATE", server.payload["channels"][0])
    return None


async def _break(standin: Standin, *, seconds: float) -> None:
    """Something goes wrong every few seconds; a session is lost three times."""
    gateway, faults = standin.gateway, standin.faults
    every, lost = max(1.0, seconds / 200), 0
    most_lost = 3 if seconds > 300 else 1
    while True:
        for number in range(8):
            await asyncio.sleep(every)
            where = ("callback", "messages$", "@original", "PATCH /api/channels")[number % 4]
            faults.add(where, (limited(0.3), broken(502), cut(is_done=True), slow(0.5))[number // 2])
            if number == 1:
                await gateway.ask_to_reconnect()
            elif number == 3:
                await gateway.close(4000)
            elif number == 5:
                gateway.cut()
            elif number == 7:
                faults.add("POST", limited(0.5, scope="global"))
                await gateway.repeat(5)
        if lost < most_lost:
            lost += 1
            gateway.invalid_sessions = 1
            gateway.cut()


async def _finish(soak: Soak) -> None:
    """Wait for what is still being answered."""
    with contextlib.suppress(TimeoutError):
        await soak.standin.until(lambda: all(a.is_settled for a in soak.open), seconds=_PATIENCE_SECONDS)
    for asked in soak.open:
        soak.close(asked)


def _report(soak: Soak, *, seconds: float, is_published: bool) -> int:
    ledger = soak.standin.ledger
    warm = [point for point in soak.memory if point[0] >= soak.events * _WARM_SHARE]
    slope = statistics.linear_regression(*zip(*warm, strict=True)).slope * 10_000
    growth = warm[-1][1] - warm[0][1]
    asked = sum(soak.outcomes[o] for o in _ASKED)
    found = {
        "events": soak.events,
        "events a second": round(soak.events / seconds, 1),
        "questions and presses": asked,
        **{outcome: soak.outcomes[outcome] for outcome in _OUTCOMES},
        "answered twice": soak.twice,
        "what Discord would refuse": len(ledger.problems),
        "connections": ledger.connections,
        "resumed": ledger.resumes,
        "sessions begun": len(ledger.identifies),
        "refused requests": sum(ledger.refusals.values()),
        "ms until answered, median": round(1000 * statistics.median(soak.seconds)),
        "ms until answered, of 99 %": round(1000 * statistics.quantiles(soak.seconds, n=100)[-1]),
        "MB at the end": round(warm[-1][1], 1),
        "MB more after the first third": round(growth, 1),
        "MB more in 10,000 events": round(slope, 2),
    }
    print(json.dumps(found, indent=2))
    if is_published:
        report.put("soak", report.table(("", ""), [(k, f"{v:,}") for k, v in found.items()]), report.PERFORMANCE)
    failures = [
        *(["somebody was answered twice"] if soak.twice else []),
        *ledger.problems[:5],
        *(["somebody got no answer"] if soak.outcomes["nothing"] else []),
        *(["the bot was too slow too often"] if soak.outcomes["too slow"] > max(1, _TOO_SLOW * asked) else []),
        *(["sessions were begun too often"] if len(ledger.identifies) > 5 else []),
        *([_grew(soak.events, slope, growth)] if _grew(soak.events, slope, growth) else []),
        *(["the process has ended"] if soak.process.returncode is not None else []),
    ]
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _grew(events: int, slope: float, growth: float) -> str:
    if events < _FEW_EVENTS:
        return "memory grew too much" if growth > _SHORT_GROWTH_MB else ""
    return "memory grew too much" if slope > _SLOPE_MB else ""


@asynccontextmanager
async def _running(home: Path, standin: Standin, servers: list[Server], *, model: str) -> AsyncIterator[Process]:
    """``quoth run`` on a home whose libraries hold the demo articles."""
    (home / "quoth.toml").write_text(
        "[answers]\nconfidence = 0.2\n[discord]\ncooldown = 0.0\nqueue = 100\n"
        f'api_url = "{standin.api_url}"\ngateway_url = "{standin.gateway_url}"\n',
        encoding="utf-8",
    )
    module = "tests.wire.toy_run" if model == "toy" else "bot"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DISCORD_", "QUOTH_"))}
    environment |= {"DISCORD_TOKEN": "not.a.token", "QUOTH_HOME": str(home), "PYTHONPATH": str(ROOT)}

    async def quoth(*words: str) -> Process:
        command = (sys.executable, "-m", module, *words)
        return await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL)

    adding = await quoth("add", "--library", f"guild-{servers[0].id}", "seeds/")
    assert await adding.wait() == 0
    for server in servers[1:]:
        shutil.copytree(home / "libraries" / f"guild-{servers[0].id}", home / "libraries" / f"guild-{server.id}")
    process = await quoth("run")
    try:
        await standin.until(lambda: any(s.sequence > _SERVERS for s in standin.gateway.sessions.values()), seconds=120)
        await _warm_up(standin, servers[0])
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), timeout=15)


async def _warm_up(standin: Standin, server: Server) -> None:
    """Ask until an answer comes: the first question may be too much for a machine that still loads what it needs."""
    for _ in range(_FIRST_QUESTIONS):
        first = await server.ask(_QUESTIONS[0])
        with contextlib.suppress(TimeoutError):
            await standin.until(lambda asked=first: asked.answered, seconds=_FIRST_SECONDS)  # type: ignore[misc]
        standin.ledger.close(first)
        if first.answered:
            return
    raise TimeoutError("the bot answers nothing")


def _resident(pid: int) -> float:
    """Megabytes of a process's memory that are in use."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
