"""What updates changed in an article."""

from pathlib import Path

import pytest

from retrieval import Change, Document, Library, NotFound
from retrieval.history import revisions
from retrieval.models import Models
from retrieval.records import Version
from tests.conftest import Opener
from tests.toy import ToyEncoder

FIRST = "The bridge has closed. Engineers found cracks in two pillars. It may open soon."
SECOND = "The bridge has closed. Engineers found cracks in three pillars. It may open soon. Buses run instead."
THIRD = f"{SECOND} Correction: an earlier version gave the wrong number of pillars."


def _add(library: Library, text: str, title: str = "The bridge") -> None:
    (added,) = library.add(Document(text, title=title, url="https://gazette.example/bridge"))
    assert added.article is not None


def test_an_update_keeps_what_was_there_and_tells_what_changed(library: Library) -> None:
    """Newest first, by sentences, with notices; a correction of the title by hand is no update."""
    for text in (FIRST, SECOND, SECOND, THIRD):
        _add(library, text)
    library.edit("The bridge", source="The Gazette")
    last, first = library.history("The bridge")
    notice = "Correction: an earlier version gave the wrong number of pillars."
    assert last.changes == (Change("", notice),)
    assert last.notices == (notice,)
    assert first.notices == ()
    assert first.changes == (
        Change("Engineers found cracks in two pillars.", "Engineers found cracks in three pillars."),
        Change("", "Buses run instead."),
    )
    assert [version.text for version in library.versions(library.article("The bridge").id)] == [SECOND, FIRST]


def test_an_article_that_was_never_updated_has_no_history(library: Library) -> None:
    _add(library, FIRST)
    assert library.history("The bridge") == ()
    with pytest.raises(NotFound):
        library.history("nobody")


def test_many_versions_end_with_the_oldest(library: Library) -> None:
    """A story that is rewritten all the time does not fill the disk."""
    for number in range(23):
        _add(library, f"The bridge has closed. It is day {number}.")
    assert len(library.history("The bridge")) == 20


def test_nothing_of_a_removed_article_is_left_in_any_file(home: Path) -> None:
    """Neither its text nor what it was before, nor its title; not even where the file had it once."""
    canary = "zyxomma"
    with Library.open(home, models=Models(lambda _settings: ToyEncoder())) as library:
        for number in range(3):
            _add(library, f"The {canary} flies at dusk, number {number}. Nobody sees it.", title=f"A {canary}")
        library.remove(library.articles()[0].id)
        held = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        assert canary.encode() not in held
        assert library.versions("") == ()


@pytest.mark.parametrize(
    ("sentence", "is_notice"),
    [
        ("UPDATE: The bridge is open again.", True),
        ("Updated at noon with a comment from the mayor.", True),
        ("Corrections & clarifications: the mayor was misquoted.", True),
        ("This article was amended on 5 May 2024.", True),
        ("This story about the bridge has been updated.", True),
        ("An earlier version of this story misspelt the name.", True),
        ("Editor’s note: the bridge is open.", True),
        ("The correction of the plan took a year.", False),
        ("Updates are expected in May.", False),
        ("This story has a hero.", False),
    ],
)
def test_notices_are_known_by_how_newsrooms_begin_them(sentence: str, is_notice: bool) -> None:
    before = Version("", "The bridge has closed.", "2024-05-01T12:00:00+00:00")
    (revision,) = revisions((before,), f"The bridge has closed. {sentence}")
    assert bool(revision.notices) is is_notice


# What did not change is not embedded again


def test_passages_that_did_not_change_keep_their_vectors(open_library: Opener) -> None:
    """Only what is new is read by the model; the answers are those of a library that was made at once."""
    paragraphs = [f"The bridge number {n} has closed. Engineers found {n} cracks in its pillars." for n in range(40)]
    text = "\n\n".join(paragraphs)
    changed = text.replace(paragraphs[-1], "The tower was painted at night. Nobody knows by whom.")
    with open_library() as library:
        first = library.add(Document(text, title="Closures", doc_id="1"))[0]
        again = library.add(Document(changed, title="Closures", doc_id="1"))[0]
        assert first.embedded == first.passages > 3
        assert again.status == "updated"
        assert 0 < again.embedded < again.passages
        assert library.add(Document(changed, title="Other title", doc_id="1"))[0].embedded == again.passages
        assert "painted" in library.ask("Was the tower painted?").quotes[0].text
        assert library.problems() == []
