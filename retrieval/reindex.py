"""A library's passages and vectors made anew, beside the old ones, which answer until all are there."""

from collections.abc import Callable, Iterable, Iterator

from retrieval.adding import Addition, embed, is_full, prepare_again
from retrieval.embed import Encoder
from retrieval.records import Reindexed
from retrieval.recurring import Neighbours
from retrieval.store.protocol import Store


def reindex(store: Store, encoder: Callable[[], Encoder], *, batch: int) -> Iterator[Reindexed]:
    """Clean, split and embed every article anew, then switch; says how far it is, first and after each article.

    Each article is stored in a transaction of its own, so that what an interrupted run has done stays
    done; what is added, changed or removed meanwhile is seen before the switch. A library that never
    had an article has nothing to be said, and no model is loaded for it.
    """
    if store.model() is None:
        return
    model = encoder()
    begun = store.rebuild(model.fingerprint)
    before = begun.done
    while True:
        done = begun.done
        yield Reindexed(model.fingerprint, done, begun.total, before)
        for additions in _batches(begun.lacking, model, store=store, batch=batch):
            for indexed in embed(additions, model):
                done += store.put_rebuilt(indexed)
                yield Reindexed(model.fingerprint, done, begun.total, before)
        if store.switch(model.fingerprint):
            return
        begun = store.rebuild(model.fingerprint)


def _batches(article_ids: Iterable[str], model: Encoder, *, store: Store, batch: int) -> Iterator[list[Addition]]:
    waiting: list[Addition] = []
    neighbours = Neighbours(store)
    for article_id in article_ids:
        addition = prepare_again(article_id, model, store=store, neighbours=neighbours)
        if addition is not None:
            waiting.append(addition)
        if is_full(waiting, batch=batch):
            yield waiting
            waiting = []
    if waiting:
        yield waiting
