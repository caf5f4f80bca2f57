"""An article with a word that nothing else has, and where that word is in the files of a home."""

import io
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

CANARY = "zyxomma"
TEXT = f"The {CANARY} flies at dusk over the old bridge. Nobody sees it before the lamps are lit.\n\nIt is brown."


def holding(home: Path) -> list[str]:
    """Where the canary is: in the bytes of each file, of each packed column, and of each member of an archive."""
    found = []
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        found += [f"{path.relative_to(home)}{place}" for place, content in _contents(path) if _has(content)]
    return found


def _has(content: bytes) -> bool:
    lowered = content.lower()
    return any(CANARY.encode(kind) in lowered for kind in ("utf-8", "utf-16-le", "utf-16-be"))


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    content = path.read_bytes()
    yield "", content + str(path).encode()
    if content.startswith(b"SQLite format 3"):
        yield from _columns(path)
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from ((f"/{name}", archive.read(name)) for name in archive.namelist())


def _columns(path: Path) -> Iterator[tuple[str, bytes]]:
    """What is packed in the file's tables, unpacked; every other value is in the file's bytes as it is."""
    with closing(sqlite3.connect(path)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                for value in row:
                    if isinstance(value, bytes):
                        try:
                            yield f" {table}", zlib.decompress(value)
                        except zlib.error:
                            continue
