"""Any file of a library cut off, or with one bit turned: repaired, or refused with what to do, never a wrong quote."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.errors import StoreError
from retrieval.library import Library
from retrieval.models import Models
from retrieval.records import Answer
from retrieval.settings import Settings
from retrieval.store import indexing
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.conftest import add_text
from tests.toy import ToyEncoder

TEXTS = {"bridge": BRIDGE, "orchestra": ORCHESTRA, "whatsapp": WHATSAPP}
QUESTIONS = ("In how many pillars were cracks found?", "Who is the new conductor?", "What will Facebook pay?")
# Every flip is a library opened and asked thrice, some 10 ms.
_FLIPS = 40
_CUTS = 8


def _opened(home: Path) -> Library:
    return Library(
        SqliteStore(library_path(home, "default")),
        settings=Settings.from_tables({"answers": {"confidence": 0.0}}),
        models=Models(lambda _settings: ToyEncoder()),
    )


@pytest.fixture(autouse=True)
def _derived_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is searched lies in files, as that of a larger library does."""
    monkeypatch.setattr(indexing, "_IN_MEMORY", 2)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A home with a library of three articles, one of them with an earlier version, that was asked and closed."""
    home = tmp_path / "whole"
    with _opened(home) as library:
        add_text(library, ORCHESTRA.replace("Ada", "Eva"), doc_id="orchestra")
        for doc_id, text in TEXTS.items():
            add_text(library, text, doc_id=doc_id, title=doc_id)
        _asked(library)
    assert len(_files(home)) > 2  # the database is not alone
    return home


def _asked(library: Library) -> list[Answer]:
    return [library.ask(question) for question in QUESTIONS]


def _files(home: Path) -> list[Path]:
    """All that hold anything; the others are locks."""
    return sorted(p.relative_to(home) for p in home.rglob("*") if p.is_file() and p.stat().st_size)


def _outcome(home: Path) -> str:
    """What becomes of the library: "refused", or "asked" where every quote is right; fails where one is not."""
    try:
        with _opened(home) as library:
            for answer in _asked(library):
                for quote in (*answer.quotes, *answer.nearest):
                    given = TEXTS.get(str(quote.article.doc_id), "")
                    assert given[quote.start : quote.end] == quote.text != ""
    except StoreError as error:
        return "refused" if error.hint else "refused without advice"
    return "asked"


def _noticed(home: Path) -> bool:
    """Whether the check says so."""
    try:
        with _opened(home) as library:
            return library.problems() != []
    except StoreError:
        return True


def test_a_turned_bit_never_gives_a_wrong_quote(whole: Path, tmp_path: Path) -> None:
    """Anywhere in any file, whatever becomes of the rest."""
    rng = random.Random(8)
    outcomes = []
    for name in _files(whole):
        for _ in range(_FLIPS):
            home = shutil.copytree(whole, tmp_path / "flipped")
            content = bytearray((home / name).read_bytes())
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            (home / name).write_bytes(content)
            outcomes.append((name.suffix == ".sqlite3", _outcome(home)))
            shutil.rmtree(home)
    # What is derived is made anew, and stops nobody.
    assert set(outcomes) == {(True, "refused"), (True, "asked"), (False, "asked")}


def test_a_file_that_is_cut_off_never_gives_a_wrong_quote(whole: Path, tmp_path: Path) -> None:
    """It is refused, made anew, or was of no use; the check says so where articles are gone."""
    rng = random.Random(9)
    for name in _files(whole):
        size = (whole / name).stat().st_size
        for length in (0, size - 1, *(rng.randrange(1, size) for _ in range(_CUTS))):
            home = shutil.copytree(whole, tmp_path / "cut")
            with (home / name).open("r+b") as file:
                file.truncate(length)
            outcome = _outcome(home)
            assert outcome in {"refused", "asked"}
            if outcome == "asked" and length:
                with _opened(home) as library:
                    assert len(library.articles()) == len(TEXTS) or _noticed(home)
            shutil.rmtree(home)


def test_what_is_damaged_while_it_is_mapped_is_made_anew(whole: Path) -> None:
    """By whatever else writes on the disk: the next question is answered, and no restart is needed."""
    with _opened(whole) as library:
        before = [answer.quotes for answer in _asked(library)]
        segments = list(whole.rglob("*.segment"))
        assert segments
        for segment in segments:
            with segment.open("r+b") as file:
                file.seek(64)
                file.write(b"\xff" * (segment.stat().st_size - 64))
        assert [answer.quotes for answer in _asked(library)] == before
        assert library.problems() == []


@pytest.mark.parametrize("words", ["cracks in two", "violinist", "19 billion"])
def test_a_letter_that_changed_in_a_text_is_noticed(whole: Path, words: str) -> None:
    """The very case that no structure of the file shows: the article is not quoted, and the check names it."""
    path = library_path(whole, "default")
    content = path.read_bytes()
    assert content.count(words.encode()) >= 1
    path.write_bytes(content.replace(words.encode(), words.upper().encode()))
    assert _noticed(whole)
    with pytest.raises(StoreError, match="damaged"), _opened(whole) as library:
        _asked(library)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE versions SET title = upper(title)",
        "UPDATE versions SET text = substr(text, 2)",
        "UPDATE versions SET until = '2001-01-01'",
    ],
)
def test_a_letter_that_changed_in_an_earlier_version_is_noticed(whole: Path, change: str) -> None:
    """What the history shows is what was stored; the article itself is quoted all the same."""
    with closing(sqlite3.connect(library_path(whole, "default"))) as connection, connection:
        assert connection.execute(change).rowcount == 1
    with _opened(whole) as library:
        assert library.problems() == [f"an earlier version of article {_id(library)} is not the one that was stored"]
        with pytest.raises(StoreError, match="damaged"):
            library.versions(_id(library))
    assert _outcome(whole) == "asked"


def _id(library: Library) -> str:
    return library.article("orchestra").id


def test_a_lost_file_is_an_empty_library_or_made_anew(whole: Path, tmp_path: Path) -> None:
    """What can be derived is derived again; a library that is gone is not there, and says nothing wrong."""
    for name in _files(whole):
        home = shutil.copytree(whole, tmp_path / "lost")
        (home / name).unlink()
        assert _outcome(home) == "asked"
        shutil.rmtree(home)
