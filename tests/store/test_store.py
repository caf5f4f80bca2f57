"""What every place to keep a library promises, whichever it is."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from retrieval.errors import StoreError
from retrieval.records import Audience, Mark
from retrieval.store.protocol import Store
from retrieval.store.values import AllBut, ReadFile
from retrieval.text import Span, sentences, terms
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.store.conftest import TOY, OpenStore, an_article, best, indexed, passages_of, put, search


def test_an_empty_library_has_nothing(store: Store) -> None:
    """And says so without an error."""
    assert (store.articles(), store.article_count()) == ((), 0)
    assert [store.article("a"), store.text("a"), store.model(), store.same_text("text")] == [None] * 4
    assert [store.marks("a"), store.passages("a"), store.containing("word")] == [()] * 3
    assert store.remove("a") is False
    assert store.rebuilding() is None
    assert store.check() == []
    found = search(store, "word")
    assert found.candidates == ()
    assert set(found.idf) == {"word"}


def test_what_is_put_is_read_back(store: Store) -> None:
    """The article, its text to the character, and its marks."""
    text = "\ufeffOne 🦉.\r\nTwo “é”.\u2028 "
    article = replace(an_article("a", text), doc_id=None, published=None, url=None)
    marks = (Mark(0, 1, "byte order mark"), Mark(3, 4, "furniture"))
    store.put(indexed(article, text, marks=marks))
    assert store.article("a") == article
    assert store.articles() == (article,)
    assert store.article_count() == 1
    assert store.text("a") == text
    assert store.marks("a") == marks


def test_passages_come_back_in_their_order(store: Store) -> None:
    """With the spans of their sentences and a vector for each."""
    put(store, "a", BRIDGE)
    stored = store.passages("a")
    assert [p.position for p in stored] == list(range(len(stored)))
    assert [s for p in stored for s in p.sentences] == sentences(BRIDGE)
    assert all(isinstance(s, Span) for p in stored for s in p.sentences)
    for passage, given in zip(stored, passages_of(BRIDGE), strict=True):
        assert passage.article_id == "a"
        assert passage.sentence_vectors.dtype == np.float32
        assert np.allclose(passage.sentence_vectors, given.sentence_vectors, atol=2e-3)


def test_articles_are_listed_by_title_then_id(store: Store) -> None:
    """The order does not depend on when they came."""
    for article_id, title in (("c", "B"), ("b", "A"), ("a", "B")):
        put(store, article_id, f"{BRIDGE} {article_id}", title=title)
    assert [a.id for a in store.articles()] == ["b", "a", "c"]


def test_an_article_with_the_same_id_is_replaced_whole(store: Store) -> None:
    """Nothing of the old text is found any more."""
    put(store, "a", BRIDGE)
    put(store, "a", ORCHESTRA)
    assert store.text("a") == ORCHESTRA
    assert len(store.articles()) == 1
    assert [s for p in store.passages("a") for s in p.sentences] == sentences(ORCHESTRA)
    assert store.containing("pillars") == ()
    found = search(store, "cracks pillars")
    assert all(c.bm25 == 0 for c in found.candidates)
    assert store.check() == []


def test_an_article_that_is_removed_is_gone(store: Store) -> None:
    """With text, marks, passages and the terms it was found by; the others stay."""
    put(store, "a", BRIDGE)
    kept = put(store, "b", ORCHESTRA)
    assert store.remove("a") is True
    assert store.remove("a") is False
    assert store.articles() == (kept,)
    assert store.text("a") is None
    assert [store.marks("a"), store.passages("a"), store.containing("pillars")] == [()] * 3
    found = search(store, "cracks pillars")
    assert {c.passage.article_id for c in found.candidates} == {"b"}
    assert all(c.bm25 == 0 for c in found.candidates)


def test_a_failed_put_changes_nothing(store: Store) -> None:
    """The article is there as it was before."""
    put(store, "a", BRIDGE)
    broken = replace(passages_of(ORCHESTRA)[0], terms=("half \ud800",))
    with pytest.raises((StoreError, UnicodeError)):
        store.put(replace(indexed(an_article("a", ORCHESTRA), ORCHESTRA), passages=(*passages_of(ORCHESTRA), broken)))
    assert store.text("a") == BRIDGE
    assert [s for p in store.passages("a") for s in p.sentences] == sentences(BRIDGE)
    assert store.check() == []


def test_the_same_text_is_recognised(store: Store) -> None:
    """To the character."""
    put(store, "a", BRIDGE)
    assert store.same_text(BRIDGE) == "a"
    assert store.same_text(f"{BRIDGE} ") is None


def test_an_address_is_recognised(store: Store) -> None:
    """As it is stored, to the character."""
    article = put(store, "a", BRIDGE)
    assert article.url
    assert store.same_url(article.url) == "a"
    assert store.same_url(f"{article.url}/") is None


def test_the_newest_articles_of_a_source_are_named(store: Store) -> None:
    """As many as are wanted, of that source alone; of equal age by their ids."""
    source = {put(store, article_id, BRIDGE).source for article_id in "cab"}.pop()
    assert store.newest_of(source, most=2) == ("a", "b")
    assert store.newest_of(source, most=9) == ("a", "b", "c")
    later = replace(an_article("c", BRIDGE), added="2030-01-01T00:00:00+00:00")
    store.put(indexed(later, BRIDGE))
    assert store.newest_of(source, most=2) == ("c", "a")
    assert store.newest_of(f"{source}?", most=9) == ()


def test_an_audience_lasts_until_the_article_is_removed(open_store: OpenStore) -> None:
    """Through updates and for whoever opens the library next; without an article there is none."""
    store, cooks = open_store(), Audience((frozenset({"b", "a"}), frozenset()))
    put(store, "a", BRIDGE)
    for article_id in ("a", "nobody"):
        store.limit(article_id, cooks)
    put(store, "a", ORCHESTRA)
    assert open_store().audiences() == {"a": cooks}
    store.remove("a")
    put(store, "a", BRIDGE)
    assert store.audiences() == {}


def test_exact_words_are_found_where_they_stand(store: Store) -> None:
    """With the offset of the first place in each article, as characters and not bytes."""
    put(store, "a", f"🦉 é. {BRIDGE}", title="A")
    put(store, "b", BRIDGE + BRIDGE, title="B")
    put(store, "c", ORCHESTRA, title="C")
    at = BRIDGE.index("cracks in two")
    assert store.containing("cracks in two") == (("a", at + 5), ("b", at))
    assert store.containing("Cracks in two") == ()
    assert store.containing("100%_'; --") == ()


def test_a_search_gives_both_scores(store: Store) -> None:
    """The nearest by meaning, the best by words, and how much each asked term tells."""
    for article_id, text in (("a", BRIDGE), ("b", ORCHESTRA), ("c", WHATSAPP)):
        put(store, article_id, text)
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
        put(store, article_id, text)
    question = "cracks in the pillars of the conductor"
    vector = TOY.encode([question])[0]
    candidates = search(store, question).candidates
    cosines = [float(p.vector @ vector) for p in passages_of(BRIDGE)]
    fits = {(c.passage.article_id, c.article_cosine, c.article_covered) for c in candidates}
    assert {article_id for article_id, _, _ in fits} == {"a", "b"}
    assert len(fits) == 2
    of = {article_id: (cosine, covered) for article_id, cosine, covered in fits}
    assert of["a"][0] == pytest.approx(sum(cosines) / len(cosines), abs=1e-3)
    assert 1 > of["a"][1] > of["b"][1] > 0


def test_a_search_in_one_article_stays_there(store: Store) -> None:
    """However much better another fits."""
    put(store, "a", BRIDGE)
    put(store, "b", ORCHESTRA)
    found = search(store, "conductor", article_ids={"a"})
    assert {c.passage.article_id for c in found.candidates} == {"a"}
    assert search(store, "x", article_ids={"gone"}).candidates == ()
    for named in ({"a"}, AllBut(frozenset({"b"}))):
        assert {c.passage.article_id for c in search(store, "cracks conductor", article_ids=named).candidates} == {"a"}


def test_the_vocabulary_is_what_passages_hold(store: Store) -> None:
    """By their beginning and up to a length, with the passages that hold each; what is gone is forgotten."""
    put(store, "a", BRIDGE)
    put(store, "b", BRIDGE.replace("Engineers", "Surveyors"))
    everything = store.vocabulary("", shortest=0, longest=99)
    assert set(everything) == {t for text in (BRIDGE, "Surveyors") for t in terms(text)}
    assert store.vocabulary("bridg", shortest=5, longest=5) == {"bridg": everything["bridg"]}
    assert everything["bridg"] > everything["surveyor"] == 1
    assert store.vocabulary("bri", shortest=0, longest=4) == store.vocabulary("%", shortest=0, longest=9) == {}
    assert "bridg" not in store.vocabulary("bri", shortest=6, longest=9)
    assert store.frequencies(["bridg", "surveyor", "unheard"]) == {"bridg": everything["bridg"], "surveyor": 1}
    assert store.remove("b")
    assert "surveyor" not in store.vocabulary("s", shortest=0, longest=99)
    assert store.frequencies(["surveyor"]) == {}


def test_terms_that_are_no_words_are_searched_for_literally(store: Store) -> None:
    """Quotes, wildcards and commands are characters like any other."""
    put(store, "a", BRIDGE)
    asked = ["'; DROP TABLE articles; --", '"', "%", "\\", "[]", "cafe\u0301", "🦉"]
    assert set(search(store, "x", asked).idf) == set(asked)
    assert len(store.articles()) == 1


def test_an_article_may_have_no_passage(store: Store) -> None:
    """It is listed and read, and found by its exact words alone."""
    store.put(replace(indexed(an_article("a", BRIDGE), BRIDGE), passages=()))
    assert store.text("a") == BRIDGE
    assert store.passages("a") == ()
    assert search(store, "bridge").candidates == ()
    assert store.containing("pillars")


def test_the_files_of_a_folder_are_remembered(open_store: OpenStore) -> None:
    """By folder and key, with what became of them; the last reading counts."""
    folders, there = open_store().folders, open_store().folders
    for file, read in (
        ("a.txt", ReadFile("1", ())),
        ("a.txt", ReadFile("2", ("x", "y"))),
        ("b.txt", ReadFile("1", ("x",))),
    ):
        folders.put("/news", file, read)
    folders.put("/other", "a.txt", ReadFile("3", ("y",)))
    assert there.files("/news") == {"a.txt": ReadFile("2", ("x", "y")), "b.txt": ReadFile("1", ("x",))}
    assert tuple(there.holders("y")) == (("/news", "a.txt"), ("/other", "a.txt"))
    there.drop("/news", "a.txt")
    assert set(folders.files("/news")) == {"b.txt"}
    assert folders.files("/nowhere") == {}


def test_what_one_opens_the_other_sees(open_store: OpenStore) -> None:
    """Two open handles on one library: additions and removals show at the next search."""
    here, there = open_store(), open_store()
    put(here, "a", BRIDGE)
    assert best(there, "conductor") == "a"
    put(here, "b", ORCHESTRA)
    assert best(there, "new conductor of the orchestra") == "b"
    there.remove("b")
    assert best(here, "new conductor of the orchestra") == "a"


def test_a_library_survives_its_closing(open_store: OpenStore) -> None:
    """What was put is there when it is opened again."""
    with open_store() as store:
        article = put(store, "a", BRIDGE)
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
    put(store, "a", BRIDGE)
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
                found = search(store, "bridge")
                spans = {c.passage.article_id: c.passage.sentences[-1].end for c in found.candidates}
                faults.extend(i for i, end in spans.items() if end > len(store.text(i) or ""))
            except Exception as error:
                faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(30):
        put(store, f"a{number % 10}", f"{BRIDGE} Number {number}.")
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert len(store.articles()) == 10


def test_several_articles_are_read_at_once(store: Store) -> None:
    """Those that are there, each as it is read by itself."""
    for article_id, text in (("a", BRIDGE), ("b", ORCHESTRA)):
        put(store, article_id, text)
    assert store.texts(["a", "b", "c"]) == {"a": BRIDGE, "b": ORCHESTRA}
    assert store.articles_of(["b", "c"]) == {"b": store.article("b")}
    assert store.outline("a") == tuple(s for p in store.passages("a") for s in p.sentences)
    assert store.outline("c") == ()


def test_what_is_found_stands_where_it_was_put(store: Store) -> None:
    """Each passage with its sentences, its place in its article, and the day of the article, if that is known."""
    put(store, "a", BRIDGE)
    store.put(indexed(replace(an_article("b", ORCHESTRA), published=None), ORCHESTRA))
    found = search(store, "bridge conductor").candidates
    assert {c.passage.article_id: c.published for c in found} == {"a": "2024-05-01", "b": ""}
    stored = {p.id: p for article_id in "ab" for p in store.passages(article_id)}
    for passage in (c.passage for c in found):
        kept = stored[passage.id]
        assert (passage.article_id, passage.position) == (kept.article_id, kept.position)
        assert [*passage.sentences] == [*kept.sentences]
        assert (len(passage.sentences), passage.sentences[-1]) == (len(kept.sentences), kept.sentences[-1])


def test_what_is_found_gets_its_vectors_when_they_are_asked_for(store: Store) -> None:
    """And what has been removed since the search is left out."""
    for article_id, text in (("a", BRIDGE), ("b", ORCHESTRA)):
        put(store, article_id, text)
    found = [c.passage for c in search(store, "bridge").candidates]
    assert all(not p.sentence_vectors.size for p in found)
    store.remove("b")
    with_vectors = store.with_vectors(found)
    assert {p.article_id for p in with_vectors} == {"a"}
    stored = {p.id: p for p in store.passages("a")}
    for passage in with_vectors:
        assert passage.sentences == stored[passage.id].sentences
        assert np.array_equal(passage.sentence_vectors, stored[passage.id].sentence_vectors)


def test_the_articles_that_hold_all_of_some_terms_near_one_another_are_known(store: Store) -> None:
    """Whatever was put and removed since; a term that nothing holds leaves none, nor do neighbouring articles."""
    between = "It rained."
    for article_id, sentences_of in (
        ("a", ("The lighthouse closed.",)),
        ("b", ("A ferry sank.",)),
        ("beside", ("The lighthouse closed.", between, "A ferry sank.")),
        ("before", ("A ferry sank.", between, "The lighthouse closed.")),
        ("apart", ("The lighthouse closed.", between, between, between, "A ferry sank.")),
    ):
        put(store, article_id, " ".join(sentences_of))
    lighthouse, ferry = terms("lighthouse ferry")
    assert store.holding([lighthouse]) == {"a", "beside", "before", "apart"}
    assert store.holding([lighthouse, ferry]) == store.holding([ferry, lighthouse]) == {"beside", "before"}
    assert store.holding([lighthouse, "zzzz"]) == frozenset()
    store.remove("beside")
    store.remove("a")
    assert store.holding([lighthouse, ferry]) == {"before"}
    assert store.holding([lighthouse]) == {"before", "apart"}
