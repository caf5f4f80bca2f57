"""From a document to what is stored of it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from retrieval.errors import InvalidInput, UnreadableFile
from retrieval.library import Library
from retrieval.loaders.documents import Document, Unread
from retrieval.records import Added
from retrieval.settings import Settings
from retrieval.web.addresses import canonical
from tests.articles import AUSTRALIA, BRIDGE, HELSINKI, ORCHESTRA, WHATSAPP
from tests.conftest import Opener, add_text, article_of


def _status(library: Library, *documents: Document) -> list[str]:
    return [added.status for added in library.add(*documents)]


def _file(name: str, text: str = BRIDGE) -> Document:
    return Document(text=text, doc_id=name, is_file=True)


# The same article again


def test_an_article_is_added_once(library: Library) -> None:
    """Unchanged the second time, updated where its text or what is known of it has changed."""
    document = Document(BRIDGE, doc_id="1", title="Bridge closed")
    assert _status(library, document) == ["added"]
    assert _status(library, document) == ["unchanged"]
    assert _status(library, Document(BRIDGE, doc_id="1", title="Bridge is closed")) == ["updated"]
    assert _status(library, Document(ORCHESTRA, doc_id="1", title="Bridge is closed")) == ["updated"]
    (article,) = library.articles()
    assert library.text(article.id) == ORCHESTRA


def test_an_update_keeps_the_id_and_the_day_of_adding(library: Library) -> None:
    """Links to an article stay good."""
    first = add_text(library, BRIDGE, doc_id="1")
    library._now = lambda: datetime(2030, 1, 1, tzinfo=UTC)
    second = add_text(library, ORCHESTRA, doc_id="1")
    assert (second.id, second.added) == (first.id, first.added)


def test_the_same_file_under_another_name_is_the_same_article(library: Library) -> None:
    """A file that was moved is not there twice."""
    first = article_of(library.add(_file("a.txt"))[0])
    (again,) = library.add(_file("b.txt"))
    assert (again.status, again.article) == ("unchanged", first)


def test_two_copies_in_one_go_are_one_article(library: Library) -> None:
    """Whether they are embedded together makes no difference."""
    assert _status(library, _file("a.txt"), _file("b.txt"), _file("c.txt", ORCHESTRA)) == [
        "added",
        "unchanged",
        "added",
    ]
    assert len(library.articles()) == 2


def test_the_last_of_two_versions_in_one_go_is_kept(library: Library) -> None:
    """Each is reported as what it was."""
    versions = (Document(BRIDGE, doc_id="1"), Document(ORCHESTRA, doc_id="1"), Document(ORCHESTRA, doc_id="1"))
    assert _status(library, *versions) == ["added", "updated", "unchanged"]
    (article,) = library.articles()
    assert library.text(article.id) == ORCHESTRA


def test_an_address_is_an_article_however_one_came_to_it(library: Library) -> None:
    """Tracking parameters, fragments and capitals in the host do not make another."""
    url = "https://gazette.example/story?id=7"
    marked = "https://Gazette.Example/story?id=7&utm_source=chat#comments"
    assert _status(library, Document(BRIDGE, url=url), Document(ORCHESTRA, url=marked)) == ["added", "updated"]
    assert [a.url for a in library.articles()] == [marked]


def test_a_page_behind_a_fragment_is_a_page_of_its_own(library: Library) -> None:
    """Some sites keep all their pages behind one address and a ``#/``."""
    pages = [Document(text, url=f"https://gazette.example/#/{n}") for n, text in enumerate((BRIDGE, ORCHESTRA))]
    assert _status(library, *pages) == ["added", "added"]


def test_the_input_may_name_two_articles_with_the_same_text(library: Library) -> None:
    """Ids in a set of documents are obeyed: only of files is the name a mere place."""
    assert _status(library, Document(BRIDGE, doc_id="1"), Document(BRIDGE, doc_id="2")) == ["added", "added"]


# What is known of an article


def test_what_the_input_says_comes_first(library: Library) -> None:
    """Over what cleaning found."""
    article = add_text(library, HELSINKI.text, title="A title", source="Gazette", author="Ann Other")
    assert (article.title, article.source, article.author) == ("A title", "Gazette", "Ann Other")


def test_what_cleaning_found_comes_second(library: Library) -> None:
    """Headline, agency and reporter of a pasted article."""
    article = add_text(library, HELSINKI.text)
    assert (article.title, article.source, article.author) == (HELSINKI.title, "Wireservice", "Jane Roe")
    assert (article.published, article.published_from) == (None, "unknown")


def test_without_an_outlet_the_address_names_it(library: Library) -> None:
    """The host, without www."""
    assert add_text(library, BRIDGE, url="https://www.gazette.example/a").source == "gazette.example"
    assert add_text(library, ORCHESTRA).source == ""


def test_without_a_headline_the_first_sentence_is_the_title(library: Library) -> None:
    """Cut at a word where it is long."""
    assert add_text(library, BRIDGE).title == "Engineers closed the old bridge over the river on Tuesday."
    long = add_text(library, f"The {'very ' * 30}old bridge is closed. It was old.").title
    assert len(long) <= 100
    assert long.endswith("very…")


def test_the_given_text_is_stored_as_it_is(library: Library) -> None:
    """However dirty."""
    article = add_text(library, HELSINKI.text)
    assert library.text(article.id) == HELSINKI.text
    assert article.characters == len(HELSINKI.text)


def test_ids_come_from_content(open_library: Opener) -> None:
    """The same input gives the same ids in every library."""
    documents = (Document(BRIDGE), Document(BRIDGE, doc_id="1"), Document(BRIDGE, url="https://a.example/"))
    here, there = open_library("here"), open_library("there")
    ids = [[article_of(added).id for added in library.add(*documents)] for library in (here, there)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


# Several at once


def _documents(drawn: list[str]) -> Iterator[Document]:
    for text in (BRIDGE, ORCHESTRA, WHATSAPP, HELSINKI.text, AUSTRALIA.text):
        drawn.append(text)
        yield Document(text)


def _drawn_before_each(library: Library) -> list[int]:
    drawn: list[str] = []
    return [len(drawn) for _ in library.add_each(_documents(drawn))]


def test_each_result_comes_as_soon_as_its_batch_is_stored(open_library: Opener) -> None:
    """With a batch of one passage, nothing waits; with a large one, all are embedded together."""
    one = Settings.from_tables({"model": {"batch_size": 1}})
    assert _drawn_before_each(open_library("one", settings=one)) == [1, 2, 3, 4, 5]
    assert _drawn_before_each(open_library("many")) == [5, 5, 5, 5, 5]


def test_the_size_of_a_batch_changes_nothing_that_is_stored(open_library: Opener) -> None:
    """The same articles, passages and vectors."""
    one = open_library("one", settings=Settings.from_tables({"model": {"batch_size": 1}}))
    many = open_library("many")
    for library in (one, many):
        library.add(*_documents([]))
    assert one.articles() == many.articles()
    for article in one.articles():
        pairs = zip(one._store.passages(article.id), many._store.passages(article.id), strict=True)
        for here, there in pairs:
            assert here.sentences == there.sentences
            assert (here.sentence_vectors == there.sentence_vectors).all()


def test_what_fails_does_not_stop_the_rest(library: Library) -> None:
    """Results come in the order of the input, each failure with its reason."""
    sources: Iterable[Document | Unread] = (
        Document(BRIDGE),
        Unread("a.txt", UnreadableFile("a.txt is empty", hint="Add a file")),
        Document("ADVERTISEMENT\n\nShare", doc_id="menu"),
        Document(ORCHESTRA),
    )
    results: list[Added] = list(library.add_each(sources))
    assert [r.status for r in results] == ["added", "failed", "failed", "added"]
    assert results[1] == Added("failed", None, "a.txt is empty. Add a file.", name="a.txt")
    assert "menu holds no sentence that could be quoted" in str(results[2].error)
    assert len(library.articles()) == 2


def test_a_result_says_what_was_set_aside(library: Library) -> None:
    """Also of an article that is there already."""
    first, second = (library.add(Document(HELSINKI.text))[0] for _ in range(2))
    assert (first.status, second.status) == ("added", "unchanged")
    assert {m.kind for m in first.set_aside} >= {"furniture", "headline", "dateline"}
    assert second.set_aside == first.set_aside == library.marks(article_of(first).id)


def test_passages_hold_no_furniture_and_do_not_overlap(library: Library) -> None:
    """What is embedded is the story."""
    article = add_text(library, AUSTRALIA.text)
    spans = [s for p in library._store.passages(article.id) for s in p.sentences]
    stored = "\n".join(AUSTRALIA.text[s:e] for s, e in spans)
    assert [piece for piece in AUSTRALIA.furniture if piece in stored] == []
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_a_very_long_title_leaves_room_for_the_text(library: Library) -> None:
    """A title takes at most its share of what the model reads."""
    text = " ".join(f"Bridge number {number} was closed on Tuesday." for number in range(40))
    article = add_text(library, text, title="word " * 300)
    assert len(library._store.passages(article.id)) > 1


def test_files_are_known_by_their_paths(library: Library, tmp_path: Path) -> None:
    """As they were given."""
    (tmp_path / "a.txt").write_text(BRIDGE, encoding="utf-8")
    assert article_of(library.add(tmp_path)[0]).doc_id == str(tmp_path / "a.txt")
    assert library.add(str(tmp_path / "a.txt"))[0].status == "unchanged"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://A.Example", "https://a.example/"),
        ("https://a.example/p?utm_source=x&b=&a=1&fbclid=2#frag", "https://a.example/p?b=&a=1"),
        ("http://a.example:8080/P/", "http://a.example:8080/P/"),
    ],
)
def test_an_address_has_one_form(url: str, expected: str) -> None:
    """Only what names the page is kept, as it was written."""
    assert canonical(url) == expected


# Corrections by hand


def test_what_is_known_of_an_article_can_be_corrected(library: Library) -> None:
    """Its text and its quotes stay; it is found by its new title, and by its address when that is added."""
    article = add_text(library, BRIDGE, doc_id="1", title="Untitled")
    edited = library.edit(
        "Untitled", title=" Closed  for months ", published="18 July 2018", url="https://a.example/b?utm_x=1"
    )
    assert (edited.id, edited.title, edited.published, edited.published_from) == (
        article.id,
        "Closed for months",
        "2018-07-18",
        "user",
    )
    assert edited == library.article("Closed for months")
    assert library.text(article.id) == BRIDGE
    assert library.ask("What did engineers find in the bridge?").answered
    document = Document(BRIDGE, title="Closed for months", url="https://a.example/b")
    assert library.add(document)[0].article == library.article(article.id)
    assert len(library.articles()) == 1
    cleared = library.edit(article.id, published="", url="", source="")
    assert (cleared.published, cleared.published_from, cleared.url, cleared.source) == (None, "unknown", None, "")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"published": "soon"}, "'soon' is no date"),
        ({"url": "ftp://a"}, "'ftp://a' is no address"),
        ({"title": " "}, "an article needs a title"),
    ],
)
def test_what_cannot_be_is_not_stored(library: Library, wrong: dict[str, str], told: str) -> None:
    article = add_text(library, BRIDGE, title="Bridge")
    with pytest.raises(InvalidInput, match=told):
        library.edit(article.id, **{"source": "Other", **wrong})
    assert library.article(article.id) == article
