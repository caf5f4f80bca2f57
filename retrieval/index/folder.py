"""The folder of a library's segments: a manifest says which files belong together, and what is gone from them.

Whatever is in it can be made anew from the database, and is never believed without a check.
"""

import fcntl
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from retrieval.index import arrays
from retrieval.index.segment import Segment
from retrieval.index.snapshot import Mark, Part, Snapshot

_MANIFEST = "manifest.json"
_FORM = 3  # of the files; those of another are made anew


class Folder:
    """Where a library's segments lie. Several processes may use it: one of them writes at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def new_path(self) -> Path:
        """A path for a segment that nothing has yet."""
        self.path.mkdir(exist_ok=True)
        return self.path / f"{uuid4().hex}.segment"

    @contextmanager
    def writing(self) -> Iterator[bool]:
        """Whether this process alone may write meanwhile; it does not wait for another."""
        try:
            self.path.mkdir(exist_ok=True)
            file = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:  # a folder that may only be read
            yield False
            return
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
            else:
                yield True
        finally:
            os.close(file)

    def mark(self) -> Mark | None:
        """The change of the library up to which everything is in the files."""
        manifest = self._manifest()
        return (manifest["mark"][0], manifest["mark"][1]) if manifest else None

    def segments(self) -> int:
        """How many segments there are."""
        manifest = self._manifest()
        return len(manifest["segments"]) if manifest else 0

    def read(self, known: Sequence[Segment] = ()) -> Snapshot | None:
        """What is in the files; None where there is nothing, or it is damaged.

        Segments that are ``known`` already are not opened again.
        """
        manifest = self._manifest()
        while manifest is not None:
            try:
                return self._snapshot(manifest, {segment.path: segment for segment in known})
            except (arrays.Damaged, KeyError, TypeError, ValueError):
                before, manifest = manifest, self._manifest()
                if before == manifest:  # else another process has replaced the files meanwhile
                    return None
        return None

    def _snapshot(self, manifest: dict[str, Any], mapped: Mapping[Path | None, Segment]) -> Snapshot:
        parts = []
        for entry in manifest["segments"]:
            path = self.path / entry["file"]
            gone = [np.arange(first, behind) for first, behind in entry["gone"]]
            segment = mapped.get(path) or Segment.open(path)
            parts.append(Part(segment, np.concatenate([np.empty(0, dtype=np.int64), *gone])))
        return Snapshot((manifest["mark"][0], manifest["mark"][1]), manifest["model"], manifest["last"], tuple(parts))

    def write(self, snapshot: Snapshot) -> None:
        """Make these segments, which all have files, the folder's; whatever else lies in it is removed."""
        entries = [
            {"file": part.segment.path.name, "gone": _runs(part.gone)} for part in snapshot.parts if part.segment.path
        ]
        content = json.dumps(
            {
                "form": _FORM,
                "mark": snapshot.mark,
                "model": snapshot.model,
                "last": snapshot.last,
                "segments": entries,
            }
        )
        new = self.path / f"{_MANIFEST}.new"
        new.write_text(f"{zlib.crc32(content.encode()):08x} {content}", encoding="utf-8")
        new.replace(self.path / _MANIFEST)
        held = {entry["file"] for entry in entries}
        for path in self.path.glob("*.segment"):
            if path.name not in held:
                path.unlink(missing_ok=True)

    def verify(self) -> None:
        """Read everything once. Raises Damaged where something is not what was written."""
        manifest = self._manifest()
        if manifest is None:
            if (self.path / _MANIFEST).exists():
                raise arrays.Damaged("the manifest is not what was written")
            return
        for entry in manifest["segments"]:
            arrays.verify(self.path / entry["file"])

    def distrust(self) -> None:
        """Let nobody read these files any more."""
        (self.path / _MANIFEST).unlink(missing_ok=True)

    def _manifest(self) -> dict[str, Any] | None:
        try:
            check, content = (self.path / _MANIFEST).read_text(encoding="utf-8").split(" ", 1)
            if int(check, 16) != zlib.crc32(content.encode()):
                return None
            manifest: dict[str, Any] = json.loads(content)
        except (OSError, ValueError):
            return None
        return manifest if manifest.get("form") == _FORM else None


def _runs(rows: np.ndarray[Any, Any]) -> list[list[int]]:
    """Ascending rows as [first, behind the last] runs."""
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) > 1)
    firsts = rows[np.concatenate(([0], breaks + 1))]
    lasts = rows[np.concatenate((breaks, [len(rows) - 1]))]
    return [[int(first), int(last) + 1] for first, last in zip(firsts, lasts, strict=True)]
