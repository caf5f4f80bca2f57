"""A library from one kind of store to another, and back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import InvalidInput, InvalidSettings, StoreDamaged
from retrieval.records import Audience, Mark
from retrieval.store.moving import Moved, checksum, move
from retrieval.store.protocol import Store
from retrieval.store.sqlite import SqliteStore
from retrieval.store.values import Found, Kept, ReadFile
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.store.conftest import OpenStore, an_article, indexed, indexed_otherwise, put, search

FEED = "https://gazette.example/feed"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Store]:
    """A library in a file with something of everything."""
    with SqliteStore(tmp_path / "here.sqlite3") as store:
        put(store, "z", BRIDGE)
        put(store, "z", f"{BRIDGE} The mayor resigned.")
        dirty = f"\ufeff{ORCHESTRA}\0\r\n🦉"
        marks = (Mark(0, 1, "byte order mark"),)
        store.put(indexed(replace(an_article("b", dirty), title="A\0B", url=None), dirty, marks=marks))
        put(store, "c", WHATSAPP)
        store.limit("c", Audience((frozenset({"cook", "chef"}), frozenset({"kitchen"}))))
        feeds = store.subscriptions
        feeds.add(FEED, title="Gazette", added="2024-05-01")
        feeds.succeeded(FEED, title="Gazette", at="2024-05-01", next_poll="2024-05-02", validators=('"x"', None))
        feeds.record(FEED, "entry " * 1_000, article_id="z")
        feeds.record(FEED, "failed", article_id=None)
        store.folders.put("/news", "a.txt", ReadFile("1", ("z",)))
        yield store


@pytest.fixture
def there(store: Store) -> Store:
    """An empty library of each kind."""
    return store


def _same(one: Store, other: Store) -> None:
    assert other.in_order() == one.in_order()
    assert [checksum(_kept(other, i)) for i in other.in_order()] == [checksum(_kept(one, i)) for i in one.in_order()]
    assert other.subscriptions.kept() == one.subscriptions.kept()
    assert other.folders.files("/news") == one.folders.files("/news")
    assert (other.model(), other.passage_count()) == (one.model(), one.passage_count())
    assert other.vocabulary("", shortest=0, longest=99) == one.vocabulary("", shortest=0, longest=99)
    assert other.check() == []


def _kept(store: Store, article_id: str) -> Kept:
    kept = store.kept(article_id)
    assert kept is not None
    return kept


def test_everything_arrives(here: Store, there: Store) -> None:
    """Texts to the character, vectors to the bit, versions, audiences, feeds and folders; and it answers the same."""
    last = list(move(here, there))[-1]
    assert last == Moved(3, 3, 3)
    _same(here, there)
    assert there.text("b") == here.text("b")
    assert [v.text for v in there.versions("z")] == [BRIDGE]
    for question in ("cracks in the pillars", "conductor", "regulators"):
        ours, theirs = (search(store, question) for store in (here, there))
        assert theirs.idf == pytest.approx(ours.idf)
        holding = tuple(c for c in ours.candidates if c.bm25 > 0)
        assert set(_scores(replace(ours, candidates=holding))) <= set(_scores(theirs)) <= set(_scores(ours))
        assert all(scores == pytest.approx(_scores(ours)[at], abs=1e-5) for at, scores in _scores(theirs).items())


def _scores(found: Found) -> dict[tuple[str, int], tuple[float, ...]]:
    return {
        (c.passage.article_id, c.passage.position): (c.cosine, c.bm25, c.article_cosine, c.article_covered)
        for c in found.candidates
    }


def test_and_back(here: Store, there: Store, tmp_path: Path) -> None:
    """What comes back is what went."""
    list(move(here, there))
    with SqliteStore(tmp_path / "back.sqlite3") as back:
        list(move(there, back))
        _same(there, back)
        assert back.text("b") == here.text("b")


def test_an_interrupted_move_goes_on(here: Store, there: Store) -> None:
    """Nothing is copied twice."""
    steps = move(here, there)
    assert next(steps).copied == 1
    del steps
    assert list(move(here, there))[-1].copied == 2
    assert list(move(here, there))[-1].copied == 0


_CHANGES: dict[str, Callable[[Store], object]] = {
    "added": lambda store: put(store, "new", ORCHESTRA),
    "updated": lambda store: put(store, "z", WHATSAPP),
    "removed": lambda store: store.remove("z"),
    "limited": lambda store: store.limit("z", Audience((frozenset({"x"}),))),
    "unsubscribed": lambda store: store.subscriptions.remove(FEED),
    "polled": lambda store: store.subscriptions.record(FEED, "failed", article_id="c"),
    "read": lambda store: store.folders.drop("/news", "a.txt"),
}


@pytest.mark.parametrize("change", _CHANGES.values(), ids=list(_CHANGES))
def test_what_changes_meanwhile_arrives_too(here: Store, there: Store, change: Callable[[Store], object]) -> None:
    """The library answers and is added to while it moves."""
    steps = move(here, there)
    assert [next(steps) for _ in range(3)][-1] == Moved(3, 3, 3)
    change(here)
    list(steps)
    assert set(there.in_order()) == set(here.in_order())
    for article_id in here.in_order():
        assert checksum(_kept(there, article_id)) == checksum(_kept(here, article_id))
    assert there.subscriptions.kept() == here.subscriptions.kept()
    assert there.folders.files("/news") == here.folders.files("/news")


def test_a_library_with_other_articles_is_not_touched(here: Store, there: Store) -> None:
    """Somebody named the wrong one."""
    put(there, "other", ORCHESTRA)
    with pytest.raises(InvalidInput, match="1 article is there that is not here"):
        list(move(here, there))
    assert there.in_order() == ("other",)


def test_two_models_do_not_meet(here: Store, there: Store) -> None:
    """Nor by a move."""
    there.put(indexed_otherwise(an_article("c", WHATSAPP), WHATSAPP))
    with pytest.raises(InvalidSettings):
        list(move(here, there))


def test_what_comes_back_otherwise_is_noticed(here: Store, open_store: OpenStore) -> None:
    """A store that loses a bit on the way is not trusted."""

    class Forgetful:
        def __init__(self, store: Store) -> None:
            self._store = store

        def __getattr__(self, name: str) -> object:
            return getattr(self._store, name)

        def bring(self, kept: Kept) -> None:
            self._store.bring(replace(kept, versions=()))

    with pytest.raises(StoreDamaged, match="does not come back"):
        list(move(here, Forgetful(open_store())))  # type: ignore[arg-type]
