"""Articles as JSON Lines, and back again."""

import json
from dataclasses import replace
from pathlib import Path

from retrieval import Document, Library
from retrieval.models import Models
from tests.articles import BRIDGE, ORCHESTRA
from tests.toy import ToyEncoder


def _open(home: Path) -> Library:
    return Library.open(home, models=Models(lambda _settings: ToyEncoder()))


def test_what_is_exported_is_the_same_library_when_it_is_added(tmp_path: Path) -> None:
    """Texts to the character, and all that is known, but the day of adding; a guessed date stays a guess."""
    with _open(tmp_path / "a") as one, _open(tmp_path / "b") as other:
        known = Document(f"\ufeff{BRIDGE}\r\n“é” 🦉\u2028", title="Bridge", source="Gazette", author="Jane Roe")
        one.add(replace(known, published="2018-07-18", published_from="text", url="https://gazette.example/a"))
        one.add(Document(ORCHESTRA, doc_id="1", title="Orchestra"))
        file = tmp_path / "articles.jsonl"
        file.write_bytes("".join(one.export()).encode())
        assert [added.status for added in other.add(file)] == ["added", "added"]
        same = [replace(article, added="") for article in other.articles()]
        assert same == [replace(article, added="") for article in one.articles()]
        assert [other.text(a.id) for a in same] == [one.text(a.id) for a in same]


def test_an_empty_library_exports_nothing(tmp_path: Path) -> None:
    with _open(tmp_path) as library:
        assert list(library.export()) == []


def test_an_origin_of_a_date_that_nobody_knows_is_not_believed(tmp_path: Path) -> None:
    """What a line says beside the known origins counts as given by a person."""
    file = tmp_path / "articles.jsonl"
    file.write_text(json.dumps({"text": BRIDGE, "published": "2018-07-18", "published_from": "an angel"}))
    with _open(tmp_path) as library:
        (added,) = library.add(file)
        assert added.article is not None
        assert added.article.published_from == "user"
