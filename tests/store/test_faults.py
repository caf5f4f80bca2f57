"""Disks that are full, may only be read, or fail: what was said to be kept is kept, and the rest is told in words."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from retrieval.errors import QuothError, StoreError
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.upkeep import backup
from tests.articles import BRIDGE
from tests.conftest import add_text, mounted
from tests.toy import ToyEncoder

QUESTION = "In how many pillars were cracks found?"


def _opened(home: Path) -> Library:
    return Library(SqliteStore(library_path(home, "default")), models=Models(lambda _settings: ToyEncoder()))


def _add_until_refused(library: Library) -> tuple[set[str], str]:
    """The documents that were said to be added, and what was said of the first that was not."""
    added: set[str] = set()
    for number in range(1_000):
        try:
            (result,) = library.add(Document(text=f"{BRIDGE} Number {number}. " * 20, doc_id=f"n{number}"))
        except QuothError as error:
            return added, str(error)
        if result.status == "failed":
            return added, result.error or ""
        added.add(f"n{number}")
    raise AssertionError("it never became full")


def _kept(library: Library) -> set[str]:
    return {str(article.doc_id) for article in library.articles()}


def test_a_full_disk_loses_nothing_that_was_said_to_be_added(disk: Path) -> None:
    """The article that did not fit is refused with advice; questions go on; with more room, so does adding."""
    with _opened(disk) as library:
        added, said = _add_until_refused(library)
        assert "free space" in said
        assert _kept(library) == added
        assert library.ask(QUESTION).question
    mounted("-o", "remount,size=16m", disk)
    with _opened(disk) as library:
        assert library.problems() == []
        assert _kept(library) == added
        add_text(library, BRIDGE, doc_id="one more")
        assert _kept(library) == added | {"one more"}


def test_a_backup_that_does_not_fit_leaves_nothing_behind(disk: Path) -> None:
    """Neither half a file nor what it was made of."""
    with _opened(disk / "home") as library:
        _add_until_refused(library)
    with pytest.raises((QuothError, OSError)):
        backup(disk / "home", disk / "b.zip")
    assert [p.name for p in disk.iterdir()] == ["home"]


def test_a_disk_that_may_only_be_read_is_said(disk: Path) -> None:
    """The library is refused with advice, and is as it was once the disk may be written to again."""
    with _opened(disk) as library:
        add_text(library, BRIDGE, doc_id="bridge")
    mounted("-o", "remount,ro", disk)
    with pytest.raises(StoreError) as refused:
        _opened(disk)
    assert "permissions" in refused.value.hint
    mounted("-o", "remount,rw", disk)
    with _opened(disk) as library:
        assert _kept(library) == {"bridge"}
        assert library.problems() == []


@contextmanager
def _failing_above(size: int) -> Iterator[None]:
    """Writing beyond that size of a file fails with an error of input and output."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("kilobytes", [1, 70, 150, 260])
def test_a_disk_that_fails_loses_nothing_that_was_said_to_be_added(home: Path, kilobytes: int) -> None:
    """Wherever in the file, or in its log, it fails; afterwards everything goes on."""
    with _opened(home) as library:
        add_text(library, BRIDGE, doc_id="bridge")
    with _opened(home) as library:
        with _failing_above(kilobytes * 1024):
            added, said = _add_until_refused(library)
        assert said
        assert _kept(library) == added | {"bridge"}
        add_text(library, BRIDGE, doc_id="one more")
    with _opened(home) as library:
        assert library.problems() == []
        assert _kept(library) == added | {"bridge", "one more"}
