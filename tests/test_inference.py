"""Reading for many threads at once: what is read together, what is read first, and who waits for nobody."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from retrieval.inference import Inference, Pieces


@dataclass(frozen=True)
class Text:
    """So many word pieces with the same number."""

    number: int
    length: int = 10

    @property
    def ids(self) -> list[int]:
        return [self.number] * self.length

    @property
    def type_ids(self) -> list[int]:
        return [0] * self.length


@dataclass(eq=False)
class Gate:
    """A model that gives each text's number once it may, and notes which texts came together."""

    is_open: threading.Event = field(default_factory=threading.Event)
    has_begun: threading.Event = field(default_factory=threading.Event)
    batches: list[list[int]] = field(default_factory=list)

    def read(self, texts: Sequence[Pieces]) -> list[int]:
        self.batches.append([text.ids[0] for text in texts])
        self.has_begun.set()
        assert self.is_open.wait(10)
        return [text.ids[0] for text in texts]


def behind_closed_gate(*waiting: Callable[[Inference, Gate], list[Any]]) -> list[list[int]]:
    """The batches, in order, of work that comes one after the other while one thread reads the text 0."""
    inference, gate = Inference(1), Gate()
    with ThreadPoolExecutor() as pool:
        ends = [pool.submit(inference.run, gate, [Text(0)], urgent=False)]
        assert gate.has_begun.wait(10)
        for number, work in enumerate(waiting, 1):
            ends.append(pool.submit(work, inference, gate))
            while len(inference._urgent) + len(inference._others) < number:
                pass
        gate.is_open.set()
        for end in ends:
            end.result(10)
    return gate.batches


def test_results_come_in_the_order_of_the_texts() -> None:
    gate = Gate()
    gate.is_open.set()
    assert Inference(3).run(gate, [Text(n, n + 1) for n in range(50)], urgent=False) == list(range(50))
    assert Inference(3).run(gate, [], urgent=True) == []


def test_what_waits_is_read_together() -> None:
    asked = [lambda i, g, n=n: i.run(g, [Text(n)], urgent=True) for n in (1, 2, 3)]
    assert behind_closed_gate(*asked) == [[0], [1, 2, 3]]


def test_questions_are_read_before_passages() -> None:
    batches = behind_closed_gate(
        lambda i, g: i.run(g, [Text(1)], urgent=False), lambda i, g: i.run(g, [Text(2)], urgent=True)
    )
    assert batches == [[0], [2], [1]]


def test_a_batch_is_bounded() -> None:
    """Or a question would wait for a whole book; a text longer than that is read alone."""
    texts = [Text(1, 600), Text(2, 600), Text(3, 400), Text(4, 5000), Text(5, 5)]
    gate = Gate()
    gate.is_open.set()
    Inference(1).run(gate, texts, urgent=False)
    assert gate.batches == [[1], [2, 3], [4], [5]]


def test_free_threads_share_what_waits() -> None:
    """Of two texts each of two threads reads one, at the same time."""
    together = threading.Barrier(2, timeout=10)

    class Meeting:
        def read(self, texts: Sequence[Pieces]) -> list[int]:
            together.wait()
            return [len(texts)]

    assert Inference(2).run(Meeting(), [Text(1), Text(2)], urgent=True) == [1, 1]


def test_two_models_are_never_mixed_in_a_batch() -> None:
    gate, other = Gate(), Gate()
    for model in (gate, other):
        model.is_open.set()
    inference = Inference(1)
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(inference.run, (gate, other)[n % 2], [Text(n)] * 5, urgent=True) for n in range(20)]
    assert [run.result() for run in runs] == [[n] * 5 for n in range(20)]
    assert {n % 2 for batch in gate.batches for n in batch} == {0}
    assert {n % 2 for batch in other.batches for n in batch} == {1}


def test_an_error_is_raised_where_it_is_waited_for_and_the_thread_goes_on() -> None:
    class Broken:
        def read(self, texts: Sequence[Pieces]) -> list[int]:
            raise RuntimeError(f"{len(texts)} texts")

    inference, gate = Inference(1), Gate()
    gate.is_open.set()
    with pytest.raises(RuntimeError, match="1 texts"):
        inference.run(Broken(), [Text(1)], urgent=True)
    assert inference.run(gate, [Text(2)], urgent=True) == [2]
