"""A library from one store to another, with its vectors, while it answers and changes."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from retrieval.errors import InvalidInput, StoreBusy, StoreDamaged
from retrieval.messages import say, say_count
from retrieval.store.protocol import Folders, Store, Subscriptions
from retrieval.store.values import Kept

# A library that changes faster than it is read over and over is not looked at for ever.
_PASSES = 20


@dataclass(frozen=True, slots=True)
class Moved:
    """How far the move of a library is: articles that are the same in both, of how many, and those just copied."""

    done: int
    total: int
    copied: int


def move(source: Store, target: Store) -> Iterator[Moved]:
    """Make ``target`` the same as ``source``; says how far it is after each article.

    An article is compared by a checksum over all that is kept of it, read back from both, and copied where it
    differs: an interrupted move goes on where it stopped. What changes meanwhile is copied again, until a
    whole pass finds nothing to do. Raises InvalidInput where the target has other articles, StoreDamaged
    where it does not give back what was copied, StoreBusy where the source never stands still.
    """
    _refuse_others(source, target)
    copied = 0
    for _ in range(_PASSES):
        before = copied
        order = source.in_order()
        for done, article_id in enumerate(order, start=1):
            copied += _copy(article_id, source, target)
            yield Moved(done, len(order), copied)
        changed = _copy_the_rest(source, target)
        for article_id in set(target.in_order()).difference(source.in_order()):
            changed |= target.remove(article_id)  # it was removed here meanwhile
        if copied == before and not changed:
            _compare_counts(source, target)
            return
    raise StoreBusy(say("the library changes faster than it is moved"), hint=say("Try again in a minute"))


def _refuse_others(source: Store, target: Store) -> None:
    others = set(target.in_order()).difference(source.in_order())
    if others:
        many = say_count(
            "{n} article is there that is not here", "{n} articles are there that are not here", len(others)
        )
        raise InvalidInput(many, hint=say("Remove them there, or name another database or --home"))


def _copy(article_id: str, source: Store, target: Store) -> bool:
    """Whether an article had to be copied."""
    kept = source.kept(article_id)
    if kept is None:  # removed meanwhile
        return False
    if _is_same(kept, target.kept(article_id)):
        return False
    target.bring(kept)
    if not _is_same(kept, target.kept(article_id)):
        raise StoreDamaged(
            say("an article that was copied does not come back as it was: {title}", title=kept.indexed.article.title),
            hint=say("Check the disk, and try again"),
        )
    return True


def _is_same(kept: Kept, there: Kept | None) -> bool:
    return there is not None and checksum(there) == checksum(kept)


def _copy_the_rest(source: Store, target: Store) -> bool:
    """Feeds with their entries, and the files of folders; whether any differed."""
    feeds = _copy_feeds(source.subscriptions, target.subscriptions)
    folders = {*source.folders.all(), *target.folders.all()}
    return any([feeds, *(_copy_files(folder, source.folders, target.folders) for folder in sorted(folders))])


def _copy_feeds(source: Subscriptions, target: Subscriptions) -> bool:
    here, there = ({kept.feed.url: kept for kept in feeds.kept()} for feeds in (source, target))
    for url in there.keys() - here.keys():
        target.remove(url)
    for url, kept in here.items():
        if kept != there.get(url):
            target.bring(kept)
    return here != there


def _copy_files(folder: str, source: Folders, target: Folders) -> bool:
    here, there = source.files(folder), target.files(folder)
    for file in there.keys() - here.keys():
        target.drop(folder, file)
    for file, read in here.items():
        if read != there.get(file):
            target.put(folder, file, read)
    return here != there


def _compare_counts(source: Store, target: Store) -> None:
    if source.passage_count() != target.passage_count() or len(source.in_order()) != len(target.in_order()):
        raise StoreBusy(say("the library changed at the end of its move"), hint=say("Try again in a minute"))


def checksum(kept: Kept) -> str:
    """Of all that is kept of an article: its fields, text, marks, passages, vectors, terms, versions and audience."""
    indexed = kept.indexed
    total = hashlib.sha256()
    known = [asdict(indexed.article), indexed.text, indexed.marks, indexed.model, kept.versions]
    groups = [sorted(group) for group in kept.audience.groups]
    # A database's text takes no NUL, and keeps this instead in what is not the text of an article.
    total.update(json.dumps([known, groups], default=asdict).replace("\\u0000", "\\u2400").encode())
    for passage in indexed.passages:
        total.update(json.dumps([passage.sentences, sorted(passage.terms)]).encode())
        total.update(passage.vector.astype("<f4").tobytes())
        total.update(passage.sentence_vectors.astype("<f2").tobytes())
    return total.hexdigest()
