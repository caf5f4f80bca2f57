"""The targets of ``make fuzz``: alive, and at peace with what they begin with, cut anywhere."""

import re

import pytest

from fuzz.seeds import seeds
from fuzz.targets import TARGETS
from tests.conftest import ROOT


def test_every_target_has_something_to_begin_with() -> None:
    assert set(seeds()) == set(TARGETS)


def test_make_fuzz_tries_every_target() -> None:
    """In the order in which they stand."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"or \$\(TARGET\),([^)]*)\)", makefile)[1].split() == list(TARGETS)  # type: ignore[index]


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds_whole_cut_and_turned(name: str) -> None:
    """As a fuzzer would begin; nothing but an error of ours comes out."""
    for seed in seeds()[name]:
        for cut in range(0, len(seed), max(1, len(seed) // 12)):
            for content in (seed[:cut], seed[cut:], seed[:cut] + b"\xff" + seed[cut + 1 :], seed[cut:] + seed[:cut]):
                TARGETS[name](content)
        TARGETS[name](seed)
