"""A library from one kind of store to another, and back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import InvalidInput, InvalidSettings, StoreDamaged
from retrieval.records import Audience, Mark
from retrieval.store import moving
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
    assert _checksums(other) == _checksums(one)
    assert other.subscriptions.kept() == one.subscriptions.kept()
    assert other.folders.files("/news") == one.folders.files("/news")
    assert (other.model(), other.passage_count()) == (one.model(), one.passage_count())
    assert other.vocabulary("", shortest=0, longest=99) == one.vocabulary("", shortest=0, longest=99)
    assert other.check() == []


def _checksums(store: Store) -> list[tuple[str, str]]:
    """Of all articles, in their order."""
    return [(article_id, checksum(kept)) for article_id, kept in store.kept(list(store.stamps())).items()]


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


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each article is copied in a transaction of its own, as one is that is very long."""
    monkeypatch.setattr(moving, "_CHARACTERS", 1)


@pytest.mark.usefixtures("one_by_one")
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


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize("change", _CHANGES.values(), ids=list(_CHANGES))
def test_what_changes_meanwhile_arrives_too(here: Store, there: Store, change: Callable[[Store], object]) -> None:
    """The library answers and is added to while it moves."""
    steps = move(here, there)
    assert [next(steps) for _ in range(3)][-1] == Moved(3, 3, 3)
    change(here)
    list(steps)
    assert dict(_checksums(there)) == dict(_checksums(here))
    assert there.subscriptions.kept() == here.subscriptions.kept()
    assert there.folders.files("/news") == here.folders.files("/news")


def test_a_library_with_other_articles_is_not_touched(here: Store, there: Store) -> None:
    """Somebody named the wrong one."""
    put(there, "other", ORCHESTRA)
    with pytest.raises(InvalidInput, match="1 article is there that is not here"):
        list(move(here, there))
    assert list(there.stamps()) == ["other"]


def test_two_models_do_not_meet(here: Store, there: Store) -> None:
    """Nor by a move."""
    there.put(indexed_otherwise(an_article("c", WHATSAPP), WHATSAPP))
    with pytest.raises(InvalidSettings):
        list(move(here, there))


def _reindex(store: Store) -> None:
    store.rebuild("other")
    store.put_rebuilt(indexed_otherwise(an_article("z", BRIDGE), BRIDGE))
    assert store.switch("other")


_KEPT_CHANGES: dict[str, Callable[[Store], object]] = {
    **{name: _CHANGES[name] for name in ("updated", "limited")},
    "titled": lambda store: put(store, "z", BRIDGE, title="Another"),
    "and back": lambda store: [put(store, "z", text) for text in (ORCHESTRA, BRIDGE)],
    "emptied": lambda store: store.put(replace(indexed(an_article("z", "!"), "!"), passages=())),
    "reindexed": _reindex,
}


@pytest.mark.parametrize("change", _KEPT_CHANGES.values(), ids=list(_KEPT_CHANGES))
def test_whatever_changes_of_an_article_changes_its_stamp(store: Store, change: Callable[[Store], object]) -> None:
    """By that a move knows what it has to look at again; what stays the same keeps it."""
    put(store, "z", BRIDGE)
    before = store.stamps()["z"]
    store.subscriptions.add(FEED, title="Gazette", added="2024-05-01")
    assert store.stamps()["z"] == before
    change(store)
    assert store.stamps()["z"] != before


@pytest.mark.usefixtures("one_by_one")
def test_only_what_changed_is_looked_at_again(here: Store, there: Store) -> None:
    """However large the library is, a bot that adds now and then does not keep its move from ending."""
    looked_at: list[str] = []

    class Watched(_Wrapped):
        def kept(self, article_ids: Sequence[str]) -> Mapping[str, Kept]:
            looked_at.extend(article_ids)
            return self._store.kept(article_ids)

    for _ in move(Watched(here), there):  # type: ignore[arg-type]
        if len(looked_at) == 3:
            put(here, "c", ORCHESTRA)
    assert looked_at == ["z", "b", "c", "c"]


class _Wrapped:
    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_articles_are_brought_all_or_none(here: Store, there: Store) -> None:
    """Where one of them cannot be, the others are not there half or alone."""
    kept = list(here.kept(["z", "b", "c"]).values())
    kept[1] = replace(kept[1], indexed=replace(kept[1].indexed, model="other"))
    with pytest.raises(InvalidSettings):
        there.bring(kept)
    assert (there.stamps(), there.passage_count(), there.model()) == ({}, 0, None)
    assert there.check() == []


def test_what_is_kept_is_asked_for_in_order(here: Store) -> None:
    """The order settles ties, there as here; what is not there is left out."""
    assert list(here.kept(["c", "gone", "z"])) == ["c", "z"]


def test_memory_holds_a_part_of_a_library(here: Store, there: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Articles are copied together as long as they are not too long together."""
    lengths = {article.id: article.characters for article in here.articles()}
    monkeypatch.setattr(moving, "_CHARACTERS", lengths["z"] + lengths["b"])
    monkeypatch.setattr(moving, "_LOOKED_AT", 2)
    assert [step.done for step in move(here, there)][:2] == [2, 3]
    _same(here, there)


def test_what_comes_back_otherwise_is_noticed(here: Store, open_store: OpenStore) -> None:
    """A store that loses a bit on the way is not trusted."""

    class Forgetful(_Wrapped):
        def bring(self, kept: Sequence[Kept]) -> None:
            self._store.bring([replace(each, versions=()) for each in kept])

    with pytest.raises(StoreDamaged, match="does not come back"):
        list(move(here, Forgetful(open_store())))  # type: ignore[arg-type]
