"""A library from one store to another, with its vectors, while it answers and changes."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from retrieval.errors import InvalidInput, StoreBusy, StoreDamaged
from retrieval.messages import say, say_count
from retrieval.store.protocol import Folders, Store, Subscriptions
from retrieval.store.values import Kept

# A library that changes faster than it is read over and over is not looked at for ever.
_PASSES = 20
# Of the articles that are copied in one transaction: some 800 passages, which take 20 MB with their vectors.
_CHARACTERS = 600_000
_LOOKED_AT = 1_000  # articles whose lengths are read together


@dataclass(frozen=True, slots=True)
class Moved:
    """How far the move of a library is: articles that are the same in both, of how many, and those just copied."""

    done: int
    total: int
    copied: int


def move(source: Store, target: Store) -> Iterator[Moved]:
    """Make ``target`` the same as ``source``; says how far it is after each transaction of some articles.

    An article is compared by a checksum over all that is kept of it, read back from both, and copied where it
    differs: an interrupted move goes on where it stopped. What changes meanwhile is compared again, until
    nothing has changed. Raises InvalidInput where the target has other articles, StoreDamaged
    where it does not give back what was copied, StoreBusy where the source never stands still.
    """
    _refuse_others(source, target)
    copied = 0
    compared: Mapping[str, str] = {}
    for _ in range(_PASSES):
        stamps = source.stamps()
        order = [article_id for article_id, stamp in stamps.items() if compared.get(article_id) != stamp]
        done = len(stamps) - len(order)
        for some in _together(source, order):
            copied += _copy(some, source, target)
            done += len(some)
            yield Moved(done, len(stamps), copied)
        changed = _copy_the_rest(source, target)
        for article_id in target.stamps().keys() - stamps.keys():
            changed |= target.remove(article_id)  # it was removed here meanwhile
        if not order and not changed:
            _compare_counts(source, target)
            target.settle()
            yield Moved(done, len(stamps), copied)
            return
        compared = stamps
    raise StoreBusy(say("the library changes faster than it is moved"), hint=say("Try again in a minute"))


def _refuse_others(source: Store, target: Store) -> None:
    others = target.stamps().keys() - source.stamps().keys()
    if others:
        many = say_count(
            "{n} article is there that is not here", "{n} articles are there that are not here", len(others)
        )
        raise InvalidInput(many, hint=say("Remove them there, or name another database or --home"))


def _together(source: Store, order: Sequence[str]) -> Iterator[list[str]]:
    """The articles in parts that memory has room for; an article of any length goes into one."""
    part: list[str] = []
    length = 0
    for start in range(0, len(order), _LOOKED_AT):
        some = order[start : start + _LOOKED_AT]
        known = source.articles_of(some)
        for article_id in some:
            characters = known[article_id].characters if article_id in known else 0
            if part and length + characters > _CHARACTERS:
                yield part
                part, length = [], 0
            part.append(article_id)
            length += characters
    if part:
        yield part


def _copy(article_ids: Sequence[str], source: Store, target: Store) -> int:
    """How many of these articles had to be copied; those that were removed meanwhile are left out."""
    here = source.kept(article_ids)
    sums = {article_id: checksum(kept) for article_id, kept in here.items()}
    there = _checksums(target, article_ids)
    others = [kept for article_id, kept in here.items() if there.get(article_id) != sums[article_id]]
    if not others:
        return 0
    target.bring(others)
    arrived = _checksums(target, [kept.indexed.article.id for kept in others])
    for article in (kept.indexed.article for kept in others):
        if arrived.get(article.id) != sums[article.id]:
            raise StoreDamaged(
                say("an article that was copied does not come back as it was: {title}", title=article.title),
                hint=say("Check the disk, and try again"),
            )
    return len(others)


def _checksums(store: Store, article_ids: Sequence[str]) -> dict[str, str]:
    return {article_id: checksum(kept) for article_id, kept in store.kept(article_ids).items()}


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
    if source.passage_count() != target.passage_count() or source.article_count() != target.article_count():
        raise StoreBusy(say("the library changed at the end of its move"), hint=say("Try again in a minute"))


def checksum(kept: Kept) -> str:
    """Of all that is kept of an article: its fields, text, marks, passages, vectors, terms, versions and audience."""
    indexed = kept.indexed
    total = hashlib.sha256()
    known = [asdict(indexed.article), indexed.text, indexed.marks, indexed.model, kept.versions]
    groups = [sorted(group) for group in kept.audience.groups]
    # A database's text takes no NUL, and keeps this instead in what is not the text of an article.
    total.update(json.dumps([known, groups], default=asdict).replace("\\u0000", "\\u2400").encode())
    total.update(json.dumps([(passage.sentences, sorted(passage.terms)) for passage in indexed.passages]).encode())
    for passage in indexed.passages:
        total.update(passage.vector.astype("<f4").tobytes())
        total.update(passage.sentence_vectors.astype("<f2").tobytes())
    return total.hexdigest()
