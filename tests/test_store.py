"""What every place to keep a library promises, whichever it is.

A new kind of store adds its factory to ``STORES`` and passes all of this.
"""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import InvalidSettings, StoreBusy, StoreError
from retrieval.records import Article, Mark
from retrieval.sqlite import SqliteStore
from retrieval.store import Found, Indexed, NewPassage, Rebuilding, Store
from retrieval.text import Span, sentences, terms
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.toy import DIMENSIONS, ToyEncoder

STORES: dict[str, Callable[[Path], Store]] = {
    "sqlite": lambda folder: SqliteStore(folder / "library.sqlite3"),
}
TOY = ToyEncoder()

OpenStore = Callable[[], Store]


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens one and the same library, as often as it is called."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(request.param(tmp_path))


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    """An empty library."""
    return open_store()


def _article(article_id: str, text: str, *, title: str = "Title") -> Article:
    return Article(
        id=article_id,
        doc_id=f"{article_id}.txt",
        title=title,
        source="Gazette",
        author="Jane Roe",
        published="2024-05-01",
        published_from="user",
        url="https://gazette.example/story",
        added="2024-05-01T12:00:00+00:00",
        characters=len(text),
    )


def _passages(text: str) -> tuple[NewPassage, ...]:
    """One passage a sentence."""
    return tuple(
        NewPassage((span,), TOY.encode([words])[0], TOY.encode([words]), tuple(terms(words)))
        for span in sentences(text)
        if (words := text[span.start : span.end])
    )


def _indexed(article: Article, text: str, *, marks: tuple[Mark, ...] = ()) -> Indexed:
    return Indexed(article, text, marks, _passages(text), TOY.fingerprint)


def _put(store: Store, article_id: str, text: str, *, title: str = "Title") -> Article:
    article = _article(article_id, text, title=title)
    store.put(_indexed(article, text))
    return article


def _search(
    store: Store, question: str, asked: Sequence[str] | None = None, *, article_ids: Collection[str] | None = None
) -> Found:
    vector = TOY.encode([question])[0]
    asked = terms(question) if asked is None else asked
    return store.search(vector, asked, model=TOY.fingerprint, count=5, article_ids=article_ids)


def _best(store: Store, question: str) -> str:
    """The id of the article with the passage that scores best by meaning."""
    return max(_search(store, question).candidates, key=lambda c: c.cosine).passage.article_id


def test_an_empty_library_has_nothing(store: Store) -> None:
    """And says so without an error."""
    assert store.articles() == ()
    assert [store.article("a"), store.text("a"), store.model(), store.same_text("text")] == [None] * 4
    assert [store.marks("a"), store.passages("a"), store.containing("word")] == [()] * 3
    assert store.remove("a") is False
    assert store.rebuilding() is None
    assert store.check() == []
    found = _search(store, "word")
    assert found.candidates == ()
    assert set(found.idf) == {"word"}


def test_what_is_put_is_read_back(store: Store) -> None:
    """The article, its text to the character, and its marks."""
    text = "\ufeffOne 🦉.\r\nTwo “é”.\u2028 "
    article = replace(_article("a", text), doc_id=None, published=None, url=None)
    marks = (Mark(0, 1, "byte order mark"), Mark(3, 4, "furniture"))
    store.put(_indexed(article, text, marks=marks))
    assert store.article("a") == article
    assert store.articles() == (article,)
    assert store.text("a") == text
    assert store.marks("a") == marks


def test_passages_come_back_in_their_order(store: Store) -> None:
    """With the spans of their sentences and a vector for each."""
    _put(store, "a", BRIDGE)
    stored = store.passages("a")
    assert [p.position for p in stored] == list(range(len(stored)))
    assert [s for p in stored for s in p.sentences] == sentences(BRIDGE)
    assert all(isinstance(s, Span) for p in stored for s in p.sentences)
    for passage, given in zip(stored, _passages(BRIDGE), strict=True):
        assert passage.article_id == "a"
        assert passage.sentence_vectors.dtype == np.float32
        assert np.allclose(passage.sentence_vectors, given.sentence_vectors, atol=2e-3)


def test_articles_are_listed_by_title_then_id(store: Store) -> None:
    """The order does not depend on when they came."""
    for article_id, title in (("c", "B"), ("b", "A"), ("a", "B")):
        _put(store, article_id, f"{BRIDGE} {article_id}", title=title)
    assert [a.id for a in store.articles()] == ["b", "a", "c"]


def test_an_article_with_the_same_id_is_replaced_whole(store: Store) -> None:
    """Nothing of the old text is found any more."""
    _put(store, "a", BRIDGE)
    _put(store, "a", ORCHESTRA)
    assert store.text("a") == ORCHESTRA
    assert len(store.articles()) == 1
    assert [s for p in store.passages("a") for s in p.sentences] == sentences(ORCHESTRA)
    assert store.containing("pillars") == ()
    found = _search(store, "cracks pillars")
    assert all(c.bm25 == 0 for c in found.candidates)
    assert store.check() == []


def test_an_article_that_is_removed_is_gone(store: Store) -> None:
    """With text, marks, passages and the terms it was found by; the others stay."""
    _put(store, "a", BRIDGE)
    kept = _put(store, "b", ORCHESTRA)
    assert store.remove("a") is True
    assert store.remove("a") is False
    assert store.articles() == (kept,)
    assert store.text("a") is None
    assert [store.marks("a"), store.passages("a"), store.containing("pillars")] == [()] * 3
    found = _search(store, "cracks pillars")
    assert {c.passage.article_id for c in found.candidates} == {"b"}
    assert all(c.bm25 == 0 for c in found.candidates)


def test_a_failed_put_changes_nothing(store: Store) -> None:
    """The article is there as it was before."""
    _put(store, "a", BRIDGE)
    broken = replace(_passages(ORCHESTRA)[0], terms=("half \ud800",))
    with pytest.raises((StoreError, UnicodeError)):
        store.put(replace(_indexed(_article("a", ORCHESTRA), ORCHESTRA), passages=(*_passages(ORCHESTRA), broken)))
    assert store.text("a") == BRIDGE
    assert [s for p in store.passages("a") for s in p.sentences] == sentences(BRIDGE)
    assert store.check() == []


def test_the_same_text_is_recognised(store: Store) -> None:
    """To the character."""
    _put(store, "a", BRIDGE)
    assert store.same_text(BRIDGE) == "a"
    assert store.same_text(f"{BRIDGE} ") is None


def test_exact_words_are_found_where_they_stand(store: Store) -> None:
    """With the offset of the first place in each article, as characters and not bytes."""
    _put(store, "a", f"🦉 é. {BRIDGE}", title="A")
    _put(store, "b", BRIDGE + BRIDGE, title="B")
    _put(store, "c", ORCHESTRA, title="C")
    at = BRIDGE.index("cracks in two")
    assert store.containing("cracks in two") == (("a", at + 5), ("b", at))
    assert store.containing("Cracks in two") == ()
    assert store.containing("100%_'; --") == ()


def test_a_search_gives_both_scores(store: Store) -> None:
    """The nearest by meaning, the best by words, and how much each asked term tells."""
    for article_id, text in (("a", BRIDGE), ("b", ORCHESTRA), ("c", WHATSAPP)):
        _put(store, article_id, text)
    question = "cracks in the pillars"
    vector = TOY.encode([question])[0]
    found = store.search(vector, [*terms(question), "unheard"], model=TOY.fingerprint, count=2)
    best = max(found.candidates, key=lambda c: c.bm25)
    start, end = best.passage.sentences[0]
    assert "cracks in two of its pillars" in BRIDGE[start:end]
    assert best == max(found.candidates, key=lambda c: c.cosine)
    assert best.cosine == pytest.approx(float(TOY.encode([BRIDGE[start:end]])[0] @ vector), abs=1e-3)
    assert found.idf["unheard"] > found.idf[terms("cracks")[0]] > 0
    assert len(found.candidates) <= 4


def test_a_search_says_how_well_each_whole_article_fits(store: Store) -> None:
    """The mean of its passages' cosines, and the share of the terms that any of them holds."""
    for article_id, text in (("a", BRIDGE), ("b", ORCHESTRA)):
        _put(store, article_id, text)
    question = "cracks in the pillars of the conductor"
    vector = TOY.encode([question])[0]
    candidates = _search(store, question).candidates
    cosines = [float(p.vector @ vector) for p in _passages(BRIDGE)]
    fits = {(c.passage.article_id, c.article_cosine, c.article_covered) for c in candidates}
    assert {article_id for article_id, _, _ in fits} == {"a", "b"}
    assert len(fits) == 2
    of = {article_id: (cosine, covered) for article_id, cosine, covered in fits}
    assert of["a"][0] == pytest.approx(sum(cosines) / len(cosines), abs=1e-3)
    assert 1 > of["a"][1] > of["b"][1] > 0


def test_a_search_in_one_article_stays_there(store: Store) -> None:
    """However much better another fits."""
    _put(store, "a", BRIDGE)
    _put(store, "b", ORCHESTRA)
    found = _search(store, "conductor", article_ids={"a"})
    assert {c.passage.article_id for c in found.candidates} == {"a"}
    assert _search(store, "x", article_ids={"gone"}).candidates == ()


def test_the_vocabulary_is_what_passages_hold(store: Store) -> None:
    """By their beginning and up to a length, with the passages that hold each; what is gone is forgotten."""
    _put(store, "a", BRIDGE)
    _put(store, "b", BRIDGE.replace("Engineers", "Surveyors"))
    everything = store.vocabulary("", shortest=0, longest=99)
    assert set(everything) == {t for text in (BRIDGE, "Surveyors") for t in terms(text)}
    assert store.vocabulary("bridg", shortest=5, longest=5) == {"bridg": everything["bridg"]}
    assert everything["bridg"] > everything["surveyor"] == 1
    assert store.vocabulary("bri", shortest=0, longest=4) == store.vocabulary("%", shortest=0, longest=9) == {}
    assert "bridg" not in store.vocabulary("bri", shortest=6, longest=9)
    assert store.remove("b")
    assert "surveyor" not in store.vocabulary("s", shortest=0, longest=99)


def test_terms_that_are_no_words_are_searched_for_literally(store: Store) -> None:
    """Quotes, wildcards and commands are characters like any other."""
    _put(store, "a", BRIDGE)
    asked = ["'; DROP TABLE articles; --", '"', "%", "\\", "[]", "cafe\u0301", "🦉"]
    assert set(_search(store, "x", asked).idf) == set(asked)
    assert len(store.articles()) == 1


def test_an_article_may_have_no_passage(store: Store) -> None:
    """It is listed and read, and found by its exact words alone."""
    store.put(replace(_indexed(_article("a", BRIDGE), BRIDGE), passages=()))
    assert store.text("a") == BRIDGE
    assert store.passages("a") == ()
    assert _search(store, "bridge").candidates == ()
    assert store.containing("pillars")


# The model

OTHER = np.full(4, 0.5, dtype=np.float32)


def _other(article: Article, text: str, *, marks: tuple[Mark, ...] = ()) -> Indexed:
    """The same words as vectors of another model, in fewer dimensions and one passage."""
    spans = tuple(sentences(text))
    passage = NewPassage(spans, OTHER, np.stack([OTHER] * len(spans)), tuple(terms(text)))
    return Indexed(article, text, marks, (passage,), "other")


def _search_other(store: Store, question: str) -> Found:
    return store.search(OTHER, terms(question), model="other", count=5)


def test_the_model_is_remembered(open_store: OpenStore) -> None:
    """From the first article on, also by the next one who opens the library, and after a removal."""
    store = open_store()
    _put(store, "a", BRIDGE)
    assert open_store().model() == "toy"
    store.remove("a")
    assert open_store().model() == "toy"


def test_two_models_are_never_mixed(store: Store) -> None:
    """Another's vectors are neither stored nor searched for, and nothing changes."""
    article = _put(store, "a", BRIDGE)
    for other in (_article("b", ORCHESTRA), replace(article, title="Another")):
        with pytest.raises(InvalidSettings, match="made with the model toy, and the settings name other"):
            store.put(_other(other, ORCHESTRA))
    with pytest.raises(InvalidSettings, match="quoth reindex"):
        _search_other(store, "bridge")
    assert store.articles() == (article,)
    assert store.text("a") == BRIDGE
    assert store.model() == "toy"


# Another index beside the one that answers


def test_the_old_index_answers_until_the_switch(open_store: OpenStore) -> None:
    """Then the new one does, for everybody, with its marks and its passages."""
    here, there = open_store(), open_store()
    bridge, orchestra = _put(here, "a", BRIDGE), _put(here, "b", ORCHESTRA)
    assert here.rebuild("other") == Rebuilding("other", 0, ("a", "b"))
    marks = (Mark(0, 9, "furniture"),)
    assert here.put_rebuilt(_other(bridge, BRIDGE, marks=marks))
    assert here.switch("other") is False
    assert there.rebuilding() == Rebuilding("other", 1, ("b",))
    for store in (here, there):
        assert _best(store, "cracks in two of its pillars") == "a"
        assert len(store.passages("a")) == len(sentences(BRIDGE))
        assert (store.model(), store.marks("a")) == ("toy", ())
    assert here.put_rebuilt(_other(orchestra, ORCHESTRA))
    assert here.switch("other") is True
    for store in (here, there):
        assert [c.passage.article_id for c in _search_other(store, "cracks").candidates] == ["a", "b"]
        assert [len(p.sentences) for p in store.passages("a")] == [len(sentences(BRIDGE))]
        assert (store.model(), store.marks("a"), store.rebuilding()) == ("other", marks, None)
        assert store.check() == []
        with pytest.raises(InvalidSettings, match="made with the model other"):
            _search(store, "cracks")
    assert here.articles() == (bridge, orchestra)


def test_an_unfinished_index_is_gone_on_with(open_store: OpenStore) -> None:
    """By whoever asks for the same model; for another model it is begun anew."""
    with open_store() as store:
        article = _put(store, "a", BRIDGE)
        _put(store, "b", ORCHESTRA)
        store.rebuild("other")
        store.put_rebuilt(_other(article, BRIDGE))
    store = open_store()
    assert store.rebuild("other") == Rebuilding("other", 1, ("b",))
    assert store.rebuild("toy") == store.rebuilding() == Rebuilding("toy", 0, ("a", "b"))
    with pytest.raises(StoreBusy, match="another quoth reindex"):
        store.put_rebuilt(_other(article, BRIDGE))
    with pytest.raises(StoreBusy):
        store.switch("other")
    assert store.check() == []


def test_what_changes_meanwhile_is_indexed_again(store: Store) -> None:
    """An article that is added, updated or removed while an index is built is not forgotten in it."""
    article = _put(store, "a", BRIDGE)
    removed = _put(store, "b", ORCHESTRA)
    store.rebuild("other")
    assert store.put_rebuilt(_other(article, BRIDGE))
    assert store.put_rebuilt(_other(removed, ORCHESTRA))
    updated = _put(store, "a", WHATSAPP)
    added = _put(store, "c", ORCHESTRA)
    store.remove("b")
    assert store.switch("other") is False
    assert store.rebuild("other") == Rebuilding("other", 0, ("a", "c"))
    # What was read before the change comes too late.
    assert store.put_rebuilt(_other(article, BRIDGE)) is False
    assert store.put_rebuilt(_other(updated, BRIDGE)) is False
    assert store.put_rebuilt(_other(replace(updated, title="Old title"), WHATSAPP)) is False
    assert store.put_rebuilt(_other(removed, ORCHESTRA)) is False
    assert store.put_rebuilt(_other(updated, WHATSAPP))
    assert store.put_rebuilt(_other(added, ORCHESTRA))
    assert store.switch("other") is True
    assert {c.passage.article_id for c in _search_other(store, "deal").candidates} == {"a", "c"}
    assert store.check() == []


def test_the_vocabulary_is_that_of_the_index_that_answers(store: Store) -> None:
    """Words are not counted twice while another is built, and those of the old one go with it."""
    article = _put(store, "a", BRIDGE)
    before = store.vocabulary("", shortest=0, longest=99)
    store.rebuild("toy")
    store.put_rebuilt(replace(_indexed(article, BRIDGE), passages=_passages(ORCHESTRA)))
    assert store.vocabulary("", shortest=0, longest=99) == before
    store.rebuild("other")
    assert store.vocabulary("", shortest=0, longest=99) == before
    store.put_rebuilt(_other(article, ORCHESTRA.replace("Tampere", "Turku")))
    assert store.put_rebuilt(_other(article, BRIDGE))
    store.switch("other")
    assert store.vocabulary("", shortest=0, longest=99) == dict.fromkeys(before, 1)
    store.remove("a")
    assert store.vocabulary("", shortest=0, longest=99) == {}


def test_an_index_of_the_same_model_replaces_the_old_one(store: Store) -> None:
    """As after an upgrade that splits articles in another way; building one article twice does no harm."""
    article = _put(store, "a", BRIDGE)
    store.rebuild("toy")
    whole = replace(_indexed(article, BRIDGE), passages=_passages(BRIDGE)[:1])
    assert store.put_rebuilt(_indexed(article, BRIDGE))
    assert store.put_rebuilt(whole)
    assert store.switch("toy") is True
    assert [p.sentences for p in store.passages("a")] == [whole.passages[0].sentences]
    assert all(c.bm25 == 0 for c in _search(store, "ferry").candidates)
    with pytest.raises(StoreBusy):
        store.switch("toy")


def test_a_library_whose_articles_are_gone_can_change_its_model(store: Store) -> None:
    """There is nothing to be built."""
    _put(store, "a", BRIDGE)
    store.remove("a")
    assert store.rebuild("other") == Rebuilding("other", 0, ())
    assert store.switch("other") is True
    store.put(_other(_article("b", ORCHESTRA), ORCHESTRA))
    assert store.model() == "other"


def test_a_reader_sees_one_index_or_the_other(open_store: OpenStore) -> None:
    """While indexes are switched in a thread, no search mixes them, and none finds nothing."""
    here, there = open_store(), open_store()
    article = _put(here, "a", BRIDGE)
    makers = {"toy": _indexed, "other": _other}
    searches = {"toy": _search, "other": _search_other}
    faults: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for model, search in searches.items():
                with contextlib.suppress(InvalidSettings):
                    found = search(there, "bridge").candidates
                    sizes = {len(c.passage.sentence_vectors[0]) for c in found}
                    if sizes != {4 if model == "other" else DIMENSIONS}:
                        faults.append((model, sizes))

    reader = threading.Thread(target=read)
    reader.start()
    for model in ["other", "toy"] * 40:
        here.rebuild(model)
        here.put_rebuilt(makers[model](article, BRIDGE))
        assert here.switch(model)
    done.set()
    reader.join()
    assert faults == []


def test_what_one_opens_the_other_sees(open_store: OpenStore) -> None:
    """Two open handles on one library: additions and removals show at the next search."""
    here, there = open_store(), open_store()
    _put(here, "a", BRIDGE)
    assert _best(there, "conductor") == "a"
    _put(here, "b", ORCHESTRA)
    assert _best(there, "new conductor of the orchestra") == "b"
    there.remove("b")
    assert _best(here, "new conductor of the orchestra") == "a"


def test_a_library_survives_its_closing(open_store: OpenStore) -> None:
    """What was put is there when it is opened again."""
    with open_store() as store:
        article = _put(store, "a", BRIDGE)
    assert open_store().articles() == (article,)


def test_a_closed_library_refuses(store: Store) -> None:
    """With an error of ours, and closing twice does no harm."""
    store.close()
    store.close()
    with pytest.raises(StoreError):
        store.articles()


def test_a_forgotten_library_is_empty_when_it_is_opened_again(open_store: OpenStore) -> None:
    """Nothing of it is left, not even the model's name."""
    store = open_store()
    _put(store, "a", BRIDGE)
    store.forget()
    assert open_store().articles() == ()
    assert open_store().model() is None


def test_searches_during_additions_see_whole_articles(store: Store) -> None:
    """Readers and a writer in threads: each candidate's article is there, with its text."""
    faults: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                found = _search(store, "bridge")
                spans = {c.passage.article_id: c.passage.sentences[-1].end for c in found.candidates}
                faults.extend(i for i, end in spans.items() if end > len(store.text(i) or ""))
            except Exception as error:
                faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(30):
        _put(store, f"a{number % 10}", f"{BRIDGE} Number {number}.")
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert len(store.articles()) == 10
