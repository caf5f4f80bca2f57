"""Article titles in memory, for what must answer in a blink: autocomplete, and the count in a reply.

The list of a server is read through the worker and looked at again when it is older than half a
minute: articles may be added by another process at any time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from bot import words
from bot.readers import Reader, keeper
from bot.worker import Worker
from retrieval import Article, Audience, Library, NotFound, QuothError

_FRESH_SECONDS = 30.0
_SERVERS_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Title:
    """An article, its title as it is compared, and who may see it."""

    folded: str
    article: Article
    audience: Audience


@dataclass(frozen=True, slots=True)
class _Snapshot:
    titles: tuple[Title, ...]
    read_at: float


class Titles:
    """The titles of each server's articles, sorted, no older than they need to be."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._snapshots: OrderedDict[int, _Snapshot] = OrderedDict()
        self._reading: dict[int, asyncio.Task[tuple[Title, ...]]] = {}

    async def of(self, reader: Reader) -> tuple[Title, ...]:
        """The titles that a reader may see; an old list is returned at once while it is read again.

        Raises what reading the library raises, where there is no list yet.
        """
        return tuple(title for title in await self._all(reader.guild_id) if reader.sees(title.audience))

    async def _all(self, guild_id: int) -> tuple[Title, ...]:
        now = asyncio.get_running_loop().time()
        snapshot = self._snapshots.get(guild_id)
        if snapshot is not None and now - snapshot.read_at < _FRESH_SECONDS:
            return snapshot.titles
        reading = self._reading.get(guild_id)
        if reading is None:
            reading = self._reading[guild_id] = asyncio.create_task(self._read(guild_id))
            reading.add_done_callback(lambda task: self._ended(guild_id, task))
        return snapshot.titles if snapshot is not None else await asyncio.shield(reading)

    async def count(self, reader: Reader) -> int | None:
        """How many articles a reader may see; None where that cannot be said now."""
        try:
            return len(await self.of(reader))
        except QuothError:
            return None

    def forget(self, guild_id: int) -> None:
        """Read the list of a server again when it is next needed; what is being read may be the old one."""
        self._snapshots.pop(guild_id, None)
        self._reading.pop(guild_id, None)

    async def _read(self, guild_id: int) -> tuple[Title, ...]:
        titles = await self._worker.within(keeper(guild_id), read)
        if self._reading.get(guild_id) is not asyncio.current_task():  # the library changed meanwhile
            return titles
        self._snapshots[guild_id] = _Snapshot(titles, asyncio.get_running_loop().time())
        self._snapshots.move_to_end(guild_id)
        if len(self._snapshots) > _SERVERS_REMEMBERED:
            self._snapshots.popitem(last=False)
        return titles

    def _ended(self, guild_id: int, task: asyncio.Task[tuple[Title, ...]]) -> None:
        if self._reading.get(guild_id) is task:
            del self._reading[guild_id]
        # Looked at, so that a failure while an old list was in use is not reported as never retrieved.
        if not task.cancelled():
            task.exception()


def matching(titles: Sequence[Title], search: str) -> tuple[Article, ...]:
    """The articles whose title holds every word of the search; those that begin with it come first."""
    wanted = fold(search)
    found = list(titles)
    for word in wanted.split():  # a pass for each: of tens of thousands the first one leaves few
        found = [title for title in found if word in title.folded]
    found.sort(key=lambda title: not title.folded.startswith(wanted))
    return tuple(title.article for title in found)


def fold(text: str) -> str:
    """Text as it is compared: without case, compatibility forms and surplus spaces."""
    return " ".join(normalize("NFKC", text).casefold().split())


def resolve(library: Library, reference: str) -> Article:
    """The article that a person meant: its id, its title, or the only one whose title matches.

    Raises NotFound. People may submit text that was never suggested to them.
    """
    try:
        return library.article(reference.strip())
    except NotFound as error:
        found = matching(read(library), reference)
        if len(found) == 1:
            return found[0]
        raise words.no_article(reference) from error


def read(library: Library) -> tuple[Title, ...]:
    """The titles of a library, in its own order."""
    limits = library.audiences()
    return tuple(Title(fold(a.title), a, limits.get(a.id, Audience())) for a in library.articles())
