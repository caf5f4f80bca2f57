"""A search over segments against the plain way to search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.index import codes
from retrieval.index import snapshot as snapshots
from tests.index.conftest import DIMENSIONS, Passage, Plain, passages, snapshot


def _vector(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).standard_normal(DIMENSIONS).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _halves(held: list[Passage], at: int) -> list[list[Passage]]:
    """The passages in two segments, cut between two articles."""
    while 0 < at < len(held) and held[at].article == held[at - 1].article:
        at += 1
    return [half for half in (held[:at], held[at:]) if half]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 120), st.integers(0, 120), st.sets(st.integers(1, 12), max_size=5), st.integers(0, 3))
def test_what_is_found_is_what_scoring_everything_finds(count: int, cut: int, terms: set[int], removed: int) -> None:
    """With the scores, however the passages are spread over segments and whichever articles are gone."""
    made = passages(count, seed=count)
    articles = list(dict.fromkeys(p.article for p in made))
    gone = set(articles[::2][:removed]) if len(articles) > removed * 2 else set()
    left = [p for p in made if p.article not in gone]
    plain, vector = Plain(left), _vector(cut)
    held = snapshot(*_halves(made, cut), gone=gone)
    found = held.search(vector, plain.idfs(terms), count=5)
    scores = zip(found.cosines, found.bm25, found.article_cosines, found.article_covered, strict=True)
    hits = dict(zip(found.ids, scores, strict=True))
    assert set(hits) == {*plain.by_meaning(vector, count=5), *plain.by_words(terms, count=5)}
    for passage in left:
        if passage.id in hits:
            expected = (float(passage.vector @ vector), plain.bm25(passage, terms))
            assert hits[passage.id] == pytest.approx(
                (*expected, *plain.of_article(passage.article, vector, terms)), abs=1e-4
            )


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 80), st.integers(0, 80), st.booleans())
def test_only_the_articles_asked_for_are_found(count: int, cut: int, is_but: bool) -> None:
    """As if the others were not there, but for the weights of words; those that are not there do no harm."""
    made = passages(count, seed=count)
    plain, vector, terms = Plain(made), _vector(cut), {1, 2, 9}
    named = {p.article for p in made[::3]} | {"nobody"}
    among = [p for p in made if (p.article in named) != is_but]
    held = snapshot(*_halves(made, cut))
    wanted = {"but": named} if is_but else {"only": named}
    found = held.search(vector, plain.idfs(terms), count=5, **wanted)
    assert set(found.ids) == {
        *plain.by_meaning(vector, count=5, among=among),
        *plain.by_words(terms, count=5, among=among),
    }


@pytest.mark.parametrize("gone", [(), ("article 1",)])
def test_many_passages_are_searched_by_their_signs(monkeypatch: pytest.MonkeyPatch, gone: tuple[str, ...]) -> None:
    """And give what scoring everything gives, where as many are scored as have to be."""
    made = passages(3_000, most_terms=3)
    held = snapshot(*_halves(made, 2_000), gone=gone)
    left = [p for p in made if p.article not in gone]
    for vector in map(_vector, range(5)):
        assert set(held.search(vector, {}, count=5).ids) == set(Plain(left).by_meaning(vector, count=5))
    monkeypatch.setattr(snapshots, "_ALL", 5_000)
    vector = _vector(5)
    assert set(held.search(vector, {}, count=5).ids) == set(Plain(left).by_meaning(vector, count=5))


@pytest.mark.parametrize("near", [4, 10])
def test_what_is_gone_is_not_found_by_its_signs(monkeypatch: pytest.MonkeyPatch, near: int) -> None:
    """In whichever segment it stood, and whether signs are compared before they are weighed or not."""
    monkeypatch.setattr(codes, "_NEAR", near)
    made = passages(3_000, most_terms=3)
    gone = {made[at].article for at in (10, 2_500, 2_999)}
    held = snapshot(*_halves(made, 2_000), gone=gone)
    left = [p for p in made if p.article not in gone]
    for passage in made:
        if passage.article in gone:
            found = set(held.search(passage.vector, {}, count=5).ids)
            assert found == set(Plain(left).by_meaning(passage.vector, count=5))


def test_how_segments_are_cut_changes_nothing() -> None:
    """Not the last bit of a score: equal passages are told apart by their ids."""
    made = passages(300)
    made[250:260] = [Passage(p.id, p.article, made[0].vector, made[0].terms) for p in made[250:260]]
    idfs = Plain(made).idfs({1, 2, 3, 4})
    found = [snapshot(*_halves(made, cut)).search(made[0].vector, idfs, count=7) for cut in (0, 1, 100, 200, 255)]
    assert all(hits == found[0] for hits in found)


def test_an_empty_snapshot_finds_nothing() -> None:
    """Nor does one of which everything is gone."""
    assert snapshot().search(_vector(0), {1: 1.0}, count=5).ids == []
    made = passages(3)
    assert snapshot(made, gone={p.article for p in made}).search(_vector(0), {1: 1.0}, count=5).ids == []
