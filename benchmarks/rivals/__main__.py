"""Quoth beside what people would use instead: python -m benchmarks.rivals PYTHON [DATA]

PYTHON is that of an environment with ``benchmarks/rivals/requirements.txt``; `make bench-rivals` makes one. Each tool
runs in processes of its own, on the same articles (the seeds and DATA/*/docs.jsonl), the same questions and the same
weights. Fills a section of docs/performance.md.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.rivals.prepare import REAL, SIZES, Prepared, prepare
from benchmarks.rivals.tools import TOOLS
from retrieval.embed import default_folder
from retrieval.evaluate import holds
from retrieval.store.homes import library_path

_LONGEST = 3_600  # seconds for one step
_QUOTH = {"Quoth": "built-in", "Quoth, no reader": "none"}
_QUIET = {"HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False", "ANONYMIZED_TELEMETRY": "False"}
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_PINNED = ("txtai", "llama-index-core", "llama-index-retrievers-bm25", "haystack-ai", "chromadb")
_MB = 1_000_000

Row = tuple[str, list[float | None], bool]  # what, a value for each tool, and whether more is better


@dataclass(frozen=True, slots=True)
class Measured:
    """What each step of a tool gave, by the folder it worked in; ``failed`` is why there is no more."""

    added: Mapping[str, Any] = field(default_factory=dict)
    asked: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    failed: str = ""


def main() -> None:
    """Measure every tool, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", type=Path, help="the Python of the tools' environment")
    parser.add_argument("data", type=Path, nargs="?", help="a folder of sets: NAME/docs.jsonl, NAME/qa.jsonl")
    parser.add_argument("--home", type=Path, help="where libraries are kept for the next run; else they are removed")
    arguments = parser.parse_args()
    python = arguments.python.absolute()
    sets = sorted(file.parent for file in arguments.data.resolve().glob("*/qa.jsonl")) if arguments.data else []
    home = arguments.home.resolve() if arguments.home else None
    os.chdir(report.ROOT)
    with tempfile.TemporaryDirectory() as folder:
        home = home or Path(folder)
        prepared = prepare(home, sets)
        measured = {name: _quoth(home, reader, prepared) for name, reader in _QUOTH.items()}
        measured |= {name: _tool(home, name, python) for name in TOOLS}
    report.put("rivals", page(measured, prepared), report.PERFORMANCE)


# Measuring


def _quoth(home: Path, reader: str, prepared: Prepared) -> Measured:
    command = [sys.executable, "-m", "benchmarks.rivals.quoth", reader]
    shutil.rmtree(library_path(home / REAL, "default").parent, ignore_errors=True)
    return _steps(home, lambda step, folder: [*command, step, str(folder), *map(str, prepared.sources)], set())


def _tool(home: Path, name: str, python: Path) -> Measured:
    command = [str(python), "-m", "benchmarks.rivals.tools", name]
    shutil.rmtree(home / REAL / name, ignore_errors=True)
    missing = {str(size) for size in SIZES if not (home / str(size) / name).exists()}
    return _steps(home, lambda step, folder: [*command, step, str(folder), str(default_folder())], missing)


def _steps(home: Path, command: Callable[[str, Path], Sequence[str]], missing: set[str]) -> Measured:
    """Add the real articles, and what is missing; then ask in each folder, until something fails."""
    added, asked = {}, {}
    for name in (REAL, *map(str, SIZES)):
        try:
            if name == REAL or name in missing:
                added[name] = _run(command("add", home / name))
            asked[name] = _run(command("ask", home / name))
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            lines = str(error.stderr or f"it took more than {_LONGEST} s").strip().splitlines()
            return Measured(added, asked, f"{name}: {lines[-1]}")
    return Measured(added, asked)


def _run(command: Sequence[str]) -> dict[str, Any]:
    print(" ".join(command[2:5]), flush=True)
    done = subprocess.run(
        command, env=os.environ | _QUIET, check=True, capture_output=True, text=True, timeout=_LONGEST
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


# The table


def page(measured: Mapping[str, Measured], prepared: Prepared) -> str:
    """The table, the best of each row in bold, and what failed."""
    rows = [(name, *_cells(values, more)) for name, values, more in _rows(measured, prepared)]
    failed = [f"* {name} did not get through. {m.failed}" for name, m in measured.items() if m.failed]
    return "\n\n".join(filter(None, (report.table(("", *measured), rows), "\n".join(failed), _notes(prepared))))


def _rows(measured: Mapping[str, Measured], prepared: Prepared) -> Iterator[Row]:
    def values(of: str, value: Callable[[Mapping[str, Any]], float]) -> list[float | None]:
        return [value(m.asked[of]) if of in m.asked else None for m in measured.values()]

    added = [m.added[REAL]["seconds"] if REAL in m.added else None for m in measured.values()]
    yield f"adding {prepared.articles} articles, s", added, False
    hits = [_hits(name, m, prepared) for name, m in measured.items()]
    yield "quote@3, %", hits, True
    for size in map(str, SIZES):
        of = f"{int(size):,} passages"
        yield f"{of}: a question, ms", values(size, lambda a: statistics.median(map(sum, _pairs(a)))), False
        yield f"{of}: without its embedding, ms", values(size, lambda a: statistics.median(a["search"])), False
        yield f"{of}: opening and the first question, ms", values(size, lambda a: a["opened"]), False
        yield f"{of}: memory beyond the model, MB", values(size, lambda a: a["memory"] / _MB), False
        yield f"{of}: disk, MB", values(size, lambda a: a["disk"] / _MB), False


def _pairs(asked: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    return zip(asked["embed"], asked["search"], strict=True)


def _hits(name: str, measured: Measured, prepared: Prepared) -> float | None:
    """Of the questions, how many have the answer in what was returned, in per cent; Quoth has counted them itself."""
    if REAL not in measured.asked:
        return None
    found = measured.asked[REAL]["found"]
    if name in _QUOTH:
        return 100 * statistics.fmean(hit for (hit,) in found)
    right = []
    for question, numbers in zip(prepared.questions, found, strict=True):
        returned = (prepared.pieces[number] for number in numbers)
        right.append(any(p.doc_id == question.doc_id and holds(p.span, question.gold) for p in returned))
    return 100 * statistics.fmean(right)


def _best(values: Sequence[float | None], more: bool) -> float | None:
    known = sorted(value for value in values if value is not None)
    return known[-1 if more else 0] if known else None


def _cells(values: Sequence[float | None], more: bool) -> list[str]:
    return [_cell(value, is_best=value == _best(values, more)) for value in values]


def _cell(value: float | None, *, is_best: bool) -> str:
    if value is None:
        return "–"
    written = f"{value:,.{1 if value < 100 else 0}f}"
    return f"**{written}**" if is_best else written


def _notes(prepared: Prepared) -> str:
    pins = dict(re.findall(r"^(\S+)==(\S+)", _REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE))
    tools = ", ".join(f"{name} {pins[name]}" for name in _PINNED)
    return (
        "Milliseconds and seconds are processor time, of all threads; medians of the questions; the best is bold. "
        f"Quoth is given articles; each other tool gets their {len(prepared.pieces):,} pieces of whole sentences, "
        "at most 350 characters, which is Quoth's longest quote. Adding includes the embedding, and ends when all is "
        f"on disk. quote@3: of {len(prepared.questions)} questions, how many have the answer, whole, in one of the "
        "three quotes or pieces returned. The 10,000 and 100,000 passages are made as above, with the same vectors for "
        "all; each tool opens what it has stored. Memory is the peak from there on. The weights are the same. "
        f"{tools}. {report.conditions()}"
    )


if __name__ == "__main__":
    main()
