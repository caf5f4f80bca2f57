"""The index of a SQLite library: kept up with the file by reading what has changed, and never more.

The database is the truth. Passages that came since the segments were written are held in memory; when
there are many, whoever notices writes them to a segment, and neighbouring segments are joined now and
then so that there are few (O'Neil et al., "The log-structured merge-tree", 1996).
"""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from retrieval.index.arrays import Damaged
from retrieval.index.folder import Folder
from retrieval.index.segment import Row, Segment, join
from retrieval.index.snapshot import Mark, Part, Snapshot
from retrieval.store.database import Database, understood

K = TypeVar("K")
T = TypeVar("T")

# Passages held in memory: reading so many when a library is opened takes a hundredth of a second.
_IN_MEMORY = 1_000
# Passages that are read at a time where the index is made anew: 100 MB.
_AT_A_TIME = 30_000
# So many segments of about the same size are joined: each passage is written five times on the way to a million.
_JOINED = 4
# Where this share of a segment is gone it is written anew.
_GONE = 0.25


class Indexing:
    """What is searched of the library in ``file``; what is mapped lies in ``folder``, None for nowhere.

    Call ``current`` inside a moment of the file, and ``asked`` outside of one.
    """

    def __init__(self, file: Database, folder: Path | None) -> None:
        self._file = file
        self._folder = Folder(folder) if folder else None
        self._joining = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._written: Mark | None = None  # of the manifest that this process wrote or read last
        self._added = 0

    def _mark(self) -> Mark:
        mark: Mark = self._file.rows("SELECT seq, stamp FROM changes ORDER BY seq DESC LIMIT 1")[0]
        return mark

    def current(self) -> Snapshot:
        """The index as the library is now."""
        mark = self._mark()
        if self._snapshot is None:
            self._snapshot = self._brought_up(_NOTHING, mark)
        elif self._snapshot.mark != mark:
            self._snapshot = self._brought_up(self._snapshot, mark)
        return self._snapshot

    def asked(self, read: Callable[[], K], ask: Callable[[Snapshot, K], T]) -> T:
        """What ``ask`` finds in the index, with what ``read`` gives of the same moment of the library.

        Where the index makes no sense, as its files were damaged while they were mapped, it is made anew.
        """

        def once() -> T:
            with self._file.moment(), understood(self._file.path):
                snapshot, known = self.current(), read()
            return ask(snapshot, known)

        try:
            return once()
        except (IndexError, ValueError):
            self.distrust()
            return once()

    def added(self, passages: int) -> None:
        """So many passages came in: write and join segments where it is time. Questions do not wait for it."""
        self._added += passages
        if self._folder and (self._added >= _IN_MEMORY or self._folder.segments() > 2 * _JOINED):
            self._added = 0
            with self._file.moment():
                self.current()
            while self._join():
                pass

    def check(self) -> list[str]:
        """What in the files is not what the library says, which is then made anew at the next question."""
        try:
            if self._folder:
                self._folder.verify()
            with self._file.moment():
                is_right = self._is_right(self.current())
        except Damaged:
            is_right = False
        if is_right:
            return []
        self.distrust()
        return ["the index beside the library is not what the library says; the next question makes it anew"]

    def distrust(self) -> None:
        """Make everything anew at the next question."""
        self._snapshot = None
        if self._folder:
            self._folder.distrust()

    def _is_right(self, snapshot: Snapshot) -> bool:
        at = 0
        for rows in self._rows_since(0):
            ids, vectors = snapshot.read(at, at + len(rows))
            if ids.tolist() != [row[0] for row in rows] or vectors.tobytes() != b"".join(row[2] for row in rows):
                return False
            at += len(rows)
        return at == snapshot.passages

    def close(self) -> None:
        """Let go of the files."""
        self._snapshot = None

    def _leads_here(self, mark: Mark) -> bool:
        """Whether the library once was what this mark says, and all its changes since are known."""
        number, stamp = mark
        return bool(self._file.rows("SELECT 1 FROM changes WHERE seq = ? AND stamp = ?", number, stamp))

    def _brought_up(self, held: Snapshot, mark: Mark) -> Snapshot:
        """The snapshot with what has changed since."""
        held = self._newer_in_files(held, mark)
        if not self._leads_here(held.mark):
            held = _NOTHING
        removed = self._file.rows("SELECT first, last FROM changes WHERE seq > ? AND first IS NOT NULL", held.mark[0])
        parts = tuple(part.without_ids(removed) for part in held.parts) if removed else held.parts
        now = Snapshot(mark, self._model(), held.last, parts)
        for rows in self._rows_since(held.last):
            now = self._with(now, rows)
        if held is _NOTHING and len(_saved(now)) > 1:
            now = self._in_one(now)
        return now

    def _newer_in_files(self, held: Snapshot, mark: Mark) -> Snapshot:
        """What another process has written since this one looked, if it has. What is damaged is given up."""
        if self._folder is None or self._folder.mark() in (None, self._written):
            return held
        read = self._folder.read([part.segment for part in held.parts])
        if read is None or not self._leads_here(read.mark):
            # Of a later change than this moment's it may be right, and is read at the next.
            if read is None or read.mark[0] <= mark[0]:
                self._folder.distrust()
            return held
        self._written = read.mark
        return read

    def _model(self) -> str | None:
        model: str | None = self._file.value("SELECT value FROM facts WHERE name = 'model'")
        return model

    def _rows_since(self, last: int) -> Iterator[list[Row]]:
        """The passages with higher ids, some at a time and never a part of an article."""
        statement = "SELECT id, article_id, vector, terms, sentences FROM passages WHERE id > ? ORDER BY id LIMIT ?"
        while rows := self._file.rows(statement, last, _AT_A_TIME):
            if len(rows) == _AT_A_TIME:
                rows = [row for row in rows if row[1] != rows[-1][1]] or rows
            yield rows
            last = rows[-1][0]

    def _with(self, held: Snapshot, rows: list[Row]) -> Snapshot:
        """The snapshot with further passages, in one piece with those that are only in memory."""
        tail = [*_unsaved(held), _whole(Segment.of(rows, self._days(rows)))]
        if len(tail) > 1:
            tail = [_whole(_joined(tail))]
        now = replace(held, last=rows[-1][0], parts=(*_saved(held), *tail))
        return self._with_saved_tail(now) if len(tail[0].segment) > _IN_MEMORY else now

    def _days(self, rows: list[Row]) -> dict[str, str]:
        """The dates of the articles with these passages, by id."""
        statement = (
            "SELECT id, published FROM articles WHERE published IS NOT NULL "
            "AND id IN (SELECT DISTINCT article_id FROM passages WHERE id BETWEEN ? AND ?)"
        )
        return dict(self._file.rows(statement, rows[0][0], rows[-1][0]))

    def _with_saved_tail(self, now: Snapshot) -> Snapshot:
        """The snapshot with everything in files, unless another process is writing, or the disk is full."""
        if self._folder is None:
            return now
        with self._folder.writing() as may_write, suppress(OSError):
            if may_write and self._folder.mark() in (None, self._written):
                now = replace(now, parts=tuple(map(self._in_a_file, now.parts)))
                self._write(now)
        return now

    def _in_a_file(self, part: Part) -> Part:
        """The part with its segment in a file, also where that has been removed."""
        path = part.segment.path
        if self._folder is None or (path and path.exists()):
            return part
        return Part(part.segment.saved(self._folder.new_path()), part.gone)

    def _write(self, now: Snapshot) -> None:
        """Make what has files of the snapshot the folder's content."""
        tail = _unsaved(now)
        last = int(tail[0].segment.ids[0]) - 1 if tail else now.last
        if self._folder:
            self._folder.write(replace(now, last=last, parts=_saved(now)))
        self._written = now.mark

    def _in_one(self, now: Snapshot) -> Snapshot:
        """The snapshot with all of its segments joined."""
        if self._folder is None:
            return now
        with self._folder.writing() as may_write, suppress(OSError):
            if may_write and self._folder.mark() == self._written:
                whole = _whole(_joined(_saved(now), self._folder.new_path()))
                now = replace(now, parts=(whole, *_unsaved(now)))
                self._write(now)
        return now

    def _join(self) -> bool:
        """Join segments if it is time; whether it was."""
        if self._folder is None or not self._joining.acquire(blocking=False):
            return False
        try:
            with self._folder.writing() as may_write, suppress(OSError):
                if may_write and self._folder.mark() == self._written and self._snapshot:
                    return self._joined_from(self._snapshot)
            return False
        finally:
            self._joining.release()

    def _joined_from(self, then: Snapshot) -> bool:
        saved = _saved(then)
        start = _due(saved)
        if start is None or self._folder is None:
            return False
        path = self._folder.new_path()
        joined = _joined(saved[start:], path)
        with self._file.moment():
            now = self.current()  # articles may have come and gone meanwhile
            if [part.segment for part in _saved(now)] != [part.segment for part in saved]:
                path.unlink()
                return False
            gone = np.concatenate([part.segment.ids[part.gone] for part in _saved(now)[start:]])
            rows = np.flatnonzero(np.isin(joined.ids, gone))
            kept = (Part(joined, rows),) if len(joined) else ()
            self._snapshot = replace(now, parts=(*_saved(now)[:start], *kept, *_unsaved(now)))
            self._write(self._snapshot)
        return True


_NOTHING = Snapshot((0, ""), None, 0, ())


def _saved(snapshot: Snapshot) -> tuple[Part, ...]:
    return tuple(part for part in snapshot.parts if part.segment.path)


def _unsaved(snapshot: Snapshot) -> tuple[Part, ...]:
    return tuple(part for part in snapshot.parts if not part.segment.path)


def _whole(segment: Segment) -> Part:
    return Part(segment, np.empty(0, dtype=np.int64))


def _joined(parts: Sequence[Part], path: Path | None = None) -> Segment:
    return join([part.segment for part in parts], [part.kept() for part in parts], path=path)


def _due(parts: Sequence[Part]) -> int | None:
    """The place from which on the parts should be joined; None where there are few enough."""
    levels = [int(math.log(max(len(part.segment), _IN_MEMORY) / _IN_MEMORY, _JOINED)) for part in parts]
    for level in sorted(set(levels)):
        start = len(parts)
        while start and levels[start - 1] <= level:
            start -= 1
        if len(parts) - start >= _JOINED:
            return start
    many = [at for at, part in enumerate(parts) if len(part.gone) > _GONE * len(part.segment)]
    return many[0] if many else None
