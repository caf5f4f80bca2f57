"""Zip archives, as people pack them and as nobody should."""

from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from retrieval import Library
from retrieval.errors import UnreadableFile
from retrieval.loaders import archives
from retrieval.loaders.archives import members
from retrieval.models import Models
from tests.articles import BRIDGE, ORCHESTRA
from tests.toy import ToyEncoder


def _zip(**files: bytes) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_the_articles_of_an_archive_are_added(tmp_path: Path) -> None:
    """Those of every kind that is read, in folders, too; a file of another kind is passed over, a bad one is told."""
    files = {
        "b/bridge.txt": BRIDGE.encode(),
        "a.jsonl": b'{"text": "The orchestra plays.", "title": "Music"}',
        "photo.jpg": b"\xff\xd8",
        "__MACOSX/b/bridge.txt": BRIDGE.encode(),
        ".hidden.txt": ORCHESTRA.encode(),
        "README.md": b"About this archive. It is not an article.",
        "empty.txt": b"",
    }
    path = tmp_path / "all.zip"
    path.write_bytes(_zip(**files))
    with Library.open(tmp_path, models=Models(lambda _settings: ToyEncoder())) as library:
        results = library.add(path)
        assert [added.status for added in results] == ["added", "added", "failed"]
        assert "empty.txt is empty" in (results[2].error or "")
        assert library.add(path)[0].status == "unchanged"


def test_an_archive_without_articles_says_so(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(_zip(**{"photo.jpg": b"\xff\xd8"}))
    with Library.open(tmp_path, models=Models(lambda _settings: ToyEncoder())) as library:
        (added,) = library.add(path)
        assert "holds no article files" in (added.error or "")


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no archive", _zip(**{"a.txt": b"text"})[:-30], b""], ids="other cut empty".split()
)
def test_what_is_no_archive_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"all\.zip cannot be unpacked"):
        list(members(content, name="all.zip"))


def test_an_archive_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says of its sizes is not believed; nor may it hold too many files."""
    monkeypatch.setattr(archives, "_LARGEST", 1_000_000)
    bomb = _zip(**{"a.txt": bytes(900_000), "b.txt": bytes(900_000)})
    assert len(bomb) < 5_000
    with pytest.raises(UnreadableFile, match="unpacks to more than 1 MB"):
        list(members(bomb, name="all.zip"))
    monkeypatch.setattr(archives, "_MOST_FILES", 1)
    with pytest.raises(UnreadableFile, match="more than 1 files"):
        list(members(bomb, name="all.zip"))
