"""What many threads have read by models: in batches, the questions first."""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

# Word pieces of a batch. Larger ones are hardly faster, and a question waits for the batch under way.
_BATCH = 1024


class Pieces(Protocol):
    """A text as a tokenizer cuts it: its word pieces, and to which text of a pair each belongs."""

    @property
    def ids(self) -> list[int]: ...

    @property
    def type_ids(self) -> list[int]: ...


class Model(Protocol):
    """What is run here."""

    def read(self, texts: Sequence[Pieces]) -> Sequence[Any]:
        """One result a text; called by several threads at once."""
        ...


@dataclass(frozen=True, slots=True)
class _Task:
    model: Model
    text: Pieces
    result: "Future[Any]" = field(default_factory=Future)


class Inference:
    """As many threads as ``threads`` says, each with one batch at a time; they end with the process.

    Threads that share one matrix product wait for each other at every layer, which on a busy machine
    takes 480 ms instead of 20 for a question. So each has texts of its own. What waits when a thread
    is free becomes one batch: nothing ever waits to fill one.
    """

    def __init__(self, threads: int) -> None:
        self._changed = threading.Condition()
        self._urgent: deque[_Task] = deque()
        self._others: deque[_Task] = deque()
        self._free = threads
        for number in range(threads):
            threading.Thread(target=self._work, name=f"inference-{number}", daemon=True).start()

    def run(self, model: Model, texts: Sequence[Pieces], *, urgent: bool) -> list[Any]:
        """What the model makes of each text; ``urgent`` ones are read before all others. Raises what it raises."""
        tasks = [_Task(model, text) for text in texts]
        with self._changed:
            (self._urgent if urgent else self._others).extend(tasks)
            self._changed.notify_all()
        return [task.result.result() for task in tasks]

    def _work(self) -> None:
        import torch

        torch.set_num_threads(1)
        while True:
            batch = self._next()
            try:
                found = batch[0].model.read([task.text for task in batch])
            except BaseException as error:  # raised again where it is waited for
                for task in batch:
                    task.result.set_exception(error)
            else:
                for task, result in zip(batch, found, strict=True):
                    task.result.set_result(result)
            del batch  # or what was read last would stay in memory until the next text
            with self._changed:
                self._free += 1

    def _next(self) -> list[_Task]:
        """The longest waiting texts for one model: a fair share among the free threads, and at most a batch."""
        with self._changed:
            self._changed.wait_for(lambda: self._urgent or self._others)
            waiting = self._urgent or self._others
            share = -(-sum(len(task.text.ids) for task in waiting) // self._free)
            self._free -= 1
            batch = [waiting.popleft()]
            pieces = len(batch[0].text.ids)
            while waiting and waiting[0].model is batch[0].model:
                pieces += len(waiting[0].text.ids)
                if pieces > min(share, _BATCH):
                    break
                batch.append(waiting.popleft())
            return batch
