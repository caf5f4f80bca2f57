"""A folder that a library keeps in step with: what is added, changed, renamed and deleted there."""

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from retrieval.adding import Adder
from retrieval.errors import InvalidInput
from retrieval.loaders.documents import Document, Unread
from retrieval.loaders.files import ARCHIVE, SUFFIXES, article_files, is_folder
from retrieval.loaders.reading import Reader
from retrieval.messages import say
from retrieval.records import Added
from retrieval.store.protocol import Store
from retrieval.store.values import ReadFile

# Milliseconds in which nothing more may happen: an editor writes a new file, then puts it in the old one's place.
_QUIET = 400
_LONGEST = 5_000  # milliseconds that a folder in which something always happens is waited for
# Network drives and some containers' volumes tell of no changes: then looking is all there is.
_LOOK = 60_000  # milliseconds


def changes(folder: Path, *, stop: threading.Event | None = None) -> Iterator[None]:
    """Once for each time that something may have changed in a folder, when it is quiet again, and each minute.

    Ends at ``stop``, and at an interruption from the keyboard while it waits.
    """
    from watchfiles import watch

    kinds = SUFFIXES | {ARCHIVE, ""}  # without an end: a folder
    seen = watch(
        folder,
        watch_filter=lambda _change, path: Path(path).suffix.lower() in kinds,
        debounce=_LONGEST,
        step=_QUIET,
        rust_timeout=_LOOK,
        yield_on_timeout=True,
        stop_event=stop,
    )
    with suppress(KeyboardInterrupt):
        for _ in seen:
            yield


@dataclass(frozen=True, slots=True)
class Watcher:
    """Brings a library in step with a folder. A file is known by its path: in the store by a hash of it."""

    folder: Path
    store: Store
    reader: Reader
    adder: Adder

    def sync(self) -> Iterator[Added]:
        """One result for each article that comes, changes or goes, as soon as that is stored.

        A file is read again only if its size or time is another. An article goes with the last file that holds it.
        Raises InvalidInput where the folder is not there, or where all files that were known are gone at once, as on a
        drive that is not connected.
        """
        if not is_folder(self.folder):
            happened = say("there is no folder {path}", path=str(self.folder))
            raise InvalidInput(happened, hint=say("Nothing was removed. Check its name, or connect its drive"))
        known = self.store.folders.files(str(self.folder))
        present = dict(_present(self.folder))
        if known and not present:
            happened = say("the folder {path} holds no articles any more", path=str(self.folder))
            raise InvalidInput(happened, hint=say("Nothing was removed. Connect its drive, or use quoth remove"))
        changed = {file: at for file, at in present.items() if _differs(known.get(_key(file)), at)}
        read: dict[str, ReadFile] = {}
        yield from self._read(changed, known, read)
        gone = known.keys() - {_key(file) for file in present}
        yield from self._let_go(known, read, gone)
        for key in sorted(read):
            self.store.folders.put(str(self.folder), key, read[key])
        for key in sorted(gone):
            self.store.folders.drop(str(self.folder), key)

    def _read(
        self, files: Mapping[Path, str], known: Mapping[str, ReadFile], read: dict[str, ReadFile]
    ) -> Iterator[Added]:
        """Add what these files hold, and say in ``read`` what became of each.

        A file that is new is recorded as soon as all of it is stored, so that an interruption costs nothing.
        """
        owners: list[str] = []

        def documents() -> Iterator[Document | Unread]:
            for file in files:
                for document in self.reader.documents([file]):
                    owners.append(_key(file))
                    yield document

        stamps = {_key(file): stamp for file, stamp in files.items()}
        before = None
        for number, added in enumerate(self.adder.add_each(documents())):  # one result a document, in their order
            key = owners[number]
            if before and before != key and before not in known:
                self.store.folders.put(str(self.folder), before, read[before])
            # What cannot be read may be half written: its article stays as it was.
            former = known[key].article_ids if key in known else ()
            ids = (added.article.id,) if added.article else former
            read[key] = ReadFile(stamps[key], (*(read[key].article_ids if key in read else ()), *ids))
            before = key
            yield added

    def _let_go(
        self, known: Mapping[str, ReadFile], read: Mapping[str, ReadFile], gone: Collection[str]
    ) -> Iterator[Added]:
        """Remove the articles that stood in a file that is gone or is another now, and stand in no file any more."""
        kept = {i for file in read.values() for i in file.article_ids}
        lost = [i for key in known if key in gone or key in read for i in known[key].article_ids]
        for article_id in dict.fromkeys(lost):
            holders = self.store.folders.holders(article_id)
            is_held = any(f != str(self.folder) or (k not in gone and k not in read) for f, k in holders)
            article = self.store.article(article_id)
            if article and article_id not in kept and not is_held:
                self.store.remove(article_id)
                yield Added("removed", article, None)


def _present(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of a folder, each with what changes when it does."""
    for file in article_files(folder):
        try:
            found = file.stat()
        except OSError:  # it went in between
            continue
        yield file, f"{found.st_size} {found.st_mtime_ns}"


def _differs(known: ReadFile | None, stamp: str) -> bool:
    return known is None or known.stamp != stamp


def _key(file: Path) -> str:
    """What a file is known by in the store: its name may say what was in a removed article."""
    return sha256(str(file).encode(errors="surrogateescape")).hexdigest()[:32]
