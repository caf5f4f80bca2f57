"""What benchmarks write into a page of docs/: ``put("summaries", table(head, rows))`` fills that section."""

import os
import platform
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "quality.md"
PERFORMANCE = ROOT / "docs" / "performance.md"


def put(name: str, content: str, page: Path | None = None) -> None:
    """Print Markdown, and write it between ``<!-- NAME -->`` and ``<!-- end NAME -->`` of a page.

    The page is docs/quality.md by default. Raises ValueError where it has no such place; what stands around it is
    written by hand.
    """
    page = page or PAGE
    before = page.read_text(encoding="utf-8")
    place = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
    after, count = place.subn(lambda found: f"{found[1]}{content.strip()}\n{found[2]}", before)
    if count != 1:
        raise ValueError(f"{page} has {count} places for {name!r}, and needs one")
    print(f"\n{name}\n\n{content.strip()}", flush=True)
    page.write_text(after, encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are aligned to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def percent(value: float, low: float | None = None, high: float | None = None) -> str:
    """A rate as ``84.0%``, with its interval as ``84.0% (81.2–86.7)``."""
    written = f"{value:.1%}"
    return written if low is None or high is None else f"{written} ({100 * low:.1f}–{100 * high:.1f})"


def conditions() -> str:
    """The machine and the versions that measured, as a sentence."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("sentence-transformers", "torch", "numpy"))
    return f"Measured on {os.cpu_count()} cores with Python {platform.python_version()}, {versions}."
