"""News pages as seventeen kinds of outlets build them, made here with a text of our own, and what is in each.

``write(folder)`` makes 102 of them, always the same, in the layout of the public article-extraction benchmark:
``ground-truth.json`` and ``html/ID.html.gz``.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.outlets.layouts import LAYOUTS
from tests.outlets.stories import Story, story

_STORIES = 6  # for each layout


@dataclass(frozen=True, slots=True)
class OutletPage:
    """A page as bytes, with the story that is in it."""

    name: str
    html: bytes
    story: Story


def pages() -> Iterator[OutletPage]:
    """Each layout with stories of its own."""
    for place, (name, layout) in enumerate(LAYOUTS.items()):
        for number in range(_STORIES):
            told = story(place * _STORIES + number)
            made = layout(told)
            html = made if isinstance(made, bytes) else made.encode()
            yield OutletPage(f"{name}-{number}", html, told)


def write(folder: Path) -> None:
    """Write all pages and their ground truth into a folder."""
    (folder / "html").mkdir(parents=True, exist_ok=True)
    truth = {}
    for page in pages():
        (folder / "html" / f"{page.name}.html.gz").write_bytes(gzip.compress(page.html, mtime=0))
        told = page.story
        truth[page.name] = {
            "url": told.url,
            "articleBody": "\n\n".join(told.paragraphs),
            "headline": told.title,
            "datePublished": told.day.isoformat(),
        }
    (folder / "ground-truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False), encoding="utf-8")
