"""The targets of ``make fuzz``: alive, and at peace with what they begin with, cut anywhere."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.seeds import seeds
from fuzz.targets import TARGETS
from tests.conftest import ROOT
from tests.hostile.test_properties import TEXTS


def test_every_target_has_something_to_begin_with() -> None:
    assert set(seeds()) == set(TARGETS)


def test_make_fuzz_tries_every_target() -> None:
    """In the order in which they stand."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"or \$\(TARGET\),([^)]*)\)", makefile)[1].split() == list(TARGETS)  # type: ignore[index]


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@settings(max_examples=40)
def test_a_target_takes_whatever_hypothesis_thinks_of(name: str, data: st.DataObject) -> None:
    """Bytes, texts, and pieces of its seeds in any order."""
    seed = data.draw(st.sampled_from(seeds()[name]))
    places = st.integers(0, len(seed))
    pieces = st.tuples(places, places).map(lambda place: seed[min(place) : max(place)])
    content = st.binary(max_size=200) | TEXTS.map(lambda text: text.encode(errors="replace"))
    TARGETS[name](b"".join(data.draw(st.lists(pieces | content, max_size=6))))


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds_whole_cut_and_turned(name: str) -> None:
    """As a fuzzer would begin; nothing but an error of ours comes out."""
    for seed in seeds()[name]:
        for cut in range(0, len(seed), max(1, len(seed) // 12)):
            for content in (seed[:cut], seed[cut:], seed[:cut] + b"\xff" + seed[cut + 1 :], seed[cut:] + seed[:cut]):
                TARGETS[name](content)
        TARGETS[name](seed)
