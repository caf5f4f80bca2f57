"""The model of a library, and a new index that grows beside the one that answers."""

import contextlib
import threading
from dataclasses import replace

import pytest

from retrieval.errors import InvalidSettings, StoreBusy
from retrieval.records import Mark
from retrieval.store.protocol import Store
from retrieval.store.values import Rebuilding
from retrieval.text import sentences
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.store.conftest import (
    OpenStore,
    an_article,
    best,
    indexed,
    indexed_otherwise,
    passages_of,
    put,
    search,
    search_other,
)
from tests.toy import DIMENSIONS


def test_the_model_is_remembered(open_store: OpenStore) -> None:
    """From the first article on, also by the next one who opens the library, and after a removal."""
    store = open_store()
    put(store, "a", BRIDGE)
    assert open_store().model() == "toy"
    store.remove("a")
    assert open_store().model() == "toy"


def test_two_models_are_never_mixed(store: Store) -> None:
    """Another's vectors are neither stored nor searched for, and nothing changes."""
    article = put(store, "a", BRIDGE)
    for other in (an_article("b", ORCHESTRA), replace(article, title="Another")):
        with pytest.raises(InvalidSettings, match="made with the model toy, and the settings name other"):
            store.put(indexed_otherwise(other, ORCHESTRA))
    with pytest.raises(InvalidSettings, match="quoth reindex"):
        search_other(store, "bridge")
    assert store.articles() == (article,)
    assert store.text("a") == BRIDGE
    assert store.model() == "toy"


def test_the_old_index_answers_until_the_switch(open_store: OpenStore) -> None:
    """Then the new one does, for everybody, with its marks and its passages."""
    here, there = open_store(), open_store()
    bridge, orchestra = put(here, "a", BRIDGE), put(here, "b", ORCHESTRA)
    assert here.rebuild("other") == Rebuilding("other", 0, ("a", "b"))
    marks = (Mark(0, 9, "furniture"),)
    assert here.put_rebuilt(indexed_otherwise(bridge, BRIDGE, marks=marks))
    assert here.switch("other") is False
    assert there.rebuilding() == Rebuilding("other", 1, ("b",))
    for store in (here, there):
        assert best(store, "cracks in two of its pillars") == "a"
        assert len(store.passages("a")) == len(sentences(BRIDGE))
        assert (store.model(), store.marks("a")) == ("toy", ())
    assert here.put_rebuilt(indexed_otherwise(orchestra, ORCHESTRA))
    assert here.switch("other") is True
    for store in (here, there):
        assert [c.passage.article_id for c in search_other(store, "cracks").candidates] == ["a", "b"]
        assert [len(p.sentences) for p in store.passages("a")] == [len(sentences(BRIDGE))]
        assert (store.model(), store.marks("a"), store.rebuilding()) == ("other", marks, None)
        assert store.check() == []
        with pytest.raises(InvalidSettings, match="made with the model other"):
            search(store, "cracks")
    assert here.articles() == (bridge, orchestra)


def test_an_unfinished_index_is_gone_on_with(open_store: OpenStore) -> None:
    """By whoever asks for the same model; for another model it is begun anew."""
    with open_store() as store:
        article = put(store, "a", BRIDGE)
        put(store, "b", ORCHESTRA)
        store.rebuild("other")
        store.put_rebuilt(indexed_otherwise(article, BRIDGE))
    store = open_store()
    assert store.rebuild("other") == Rebuilding("other", 1, ("b",))
    assert store.rebuild("toy") == store.rebuilding() == Rebuilding("toy", 0, ("a", "b"))
    with pytest.raises(StoreBusy, match="another quoth reindex"):
        store.put_rebuilt(indexed_otherwise(article, BRIDGE))
    with pytest.raises(StoreBusy):
        store.switch("other")
    assert store.check() == []


def test_what_changes_meanwhile_is_indexed_again(store: Store) -> None:
    """An article that is added, updated or removed while an index is built is not forgotten in it."""
    article = put(store, "a", BRIDGE)
    removed = put(store, "b", ORCHESTRA)
    store.rebuild("other")
    assert store.put_rebuilt(indexed_otherwise(article, BRIDGE))
    assert store.put_rebuilt(indexed_otherwise(removed, ORCHESTRA))
    updated = put(store, "a", WHATSAPP)
    added = put(store, "c", ORCHESTRA)
    store.remove("b")
    assert store.switch("other") is False
    assert store.rebuild("other") == Rebuilding("other", 0, ("a", "c"))
    # What was read before the change comes too late.
    assert store.put_rebuilt(indexed_otherwise(article, BRIDGE)) is False
    assert store.put_rebuilt(indexed_otherwise(updated, BRIDGE)) is False
    assert store.put_rebuilt(indexed_otherwise(replace(updated, title="Old title"), WHATSAPP)) is False
    assert store.put_rebuilt(indexed_otherwise(removed, ORCHESTRA)) is False
    assert store.put_rebuilt(indexed_otherwise(updated, WHATSAPP))
    assert store.put_rebuilt(indexed_otherwise(added, ORCHESTRA))
    assert store.switch("other") is True
    assert {c.passage.article_id for c in search_other(store, "deal").candidates} == {"a", "c"}
    assert store.check() == []


def test_the_vocabulary_is_that_of_the_index_that_answers(store: Store) -> None:
    """Words are not counted twice while another is built, and those of the old one go with it."""
    article = put(store, "a", BRIDGE)
    before = store.vocabulary("", shortest=0, longest=99)
    store.rebuild("toy")
    store.put_rebuilt(replace(indexed(article, BRIDGE), passages=passages_of(ORCHESTRA)))
    assert store.vocabulary("", shortest=0, longest=99) == before
    store.rebuild("other")
    assert store.vocabulary("", shortest=0, longest=99) == before
    store.put_rebuilt(indexed_otherwise(article, ORCHESTRA.replace("Tampere", "Turku")))
    assert store.put_rebuilt(indexed_otherwise(article, BRIDGE))
    store.switch("other")
    assert store.vocabulary("", shortest=0, longest=99) == dict.fromkeys(before, 1)
    store.remove("a")
    assert store.vocabulary("", shortest=0, longest=99) == {}


def test_an_index_of_the_same_model_replaces_the_old_one(store: Store) -> None:
    """As after an upgrade that splits articles in another way; building one article twice does no harm."""
    article = put(store, "a", BRIDGE)
    store.rebuild("toy")
    whole = replace(indexed(article, BRIDGE), passages=passages_of(BRIDGE)[:1])
    assert store.put_rebuilt(indexed(article, BRIDGE))
    assert store.put_rebuilt(whole)
    assert store.switch("toy") is True
    assert [p.sentences for p in store.passages("a")] == [whole.passages[0].sentences]
    assert all(c.bm25 == 0 for c in search(store, "ferry").candidates)
    with pytest.raises(StoreBusy):
        store.switch("toy")


def test_a_library_whose_articles_are_gone_can_change_its_model(store: Store) -> None:
    """There is nothing to be built."""
    put(store, "a", BRIDGE)
    store.remove("a")
    assert store.rebuild("other") == Rebuilding("other", 0, ())
    assert store.switch("other") is True
    store.put(indexed_otherwise(an_article("b", ORCHESTRA), ORCHESTRA))
    assert store.model() == "other"


def test_a_reader_sees_one_index_or_the_other(open_store: OpenStore) -> None:
    """While indexes are switched in a thread, no search mixes them, and none finds nothing."""
    here, there = open_store(), open_store()
    article = put(here, "a", BRIDGE)
    makers = {"toy": indexed, "other": indexed_otherwise}
    searches = {"toy": search, "other": search_other}
    faults: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for model, look in searches.items():
                with contextlib.suppress(InvalidSettings):
                    found = look(there, "bridge").candidates
                    whole = there.with_vectors([c.passage for c in found])  # none where it was switched since
                    sizes = {len(passage.sentence_vectors[0]) for passage in whole}
                    if not found or not sizes <= {4 if model == "other" else DIMENSIONS}:
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
