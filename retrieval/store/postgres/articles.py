"""The articles of a library: their fields, texts and audiences, and what they were before their updates."""

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from retrieval.errors import StoreDamaged
from retrieval.messages import say
from retrieval.records import Article, Audience, Version
from retrieval.store.postgres.rows import digest
from retrieval.store.postgres.server import Transaction
from retrieval.store.values import Indexed

_HOLDERS = 20  # articles named that hold the same words; a wire story stands in a handful of outlets
_VERSIONS = 20  # of an article; a story that is rewritten all day has a dozen

_ARTICLE = ("id", "doc_id", "title", "source", "author", "published", "published_from", "url", "added", "characters")
_COLUMNS = ", ".join(_ARTICLE)
_PUT = (
    f"INSERT INTO articles (guild_id, {_COLUMNS}, text, digest, url_digest) "
    f"VALUES (%(guild)s, {', '.join(f'%({name})s' for name in _ARTICLE)}, %(text)s, %(digest)s, %(url_digest)s)"
)
_DROP = "DELETE FROM articles WHERE guild_id = %(guild)s AND id = %(id)s"
# PostgreSQL's text takes no NUL, and a title or an author with one is shown with this in its place anyway.
_NUL, _NUL_SHOWN = "\0", "\u2400"


def listed(tx: Transaction) -> tuple[Article, ...]:
    return tuple(
        Article(*row)
        for row in tx.rows(f"SELECT {_COLUMNS} FROM articles WHERE guild_id = %(guild)s ORDER BY title, id")
    )


def article(tx: Transaction, article_id: str) -> Article | None:
    return articles_of(tx, (article_id,)).get(article_id)


def articles_of(tx: Transaction, article_ids: Collection[str]) -> dict[str, Article]:
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM articles WHERE guild_id = %(guild)s AND id = ANY (%(ids)s)", ids=list(article_ids)
    )
    return {row[0]: Article(*row) for row in rows}


def text(tx: Transaction, article_id: str) -> str | None:
    return texts(tx, (article_id,)).get(article_id)


def texts(tx: Transaction, article_ids: Collection[str]) -> dict[str, str]:
    statement = "SELECT id, text, digest FROM articles WHERE guild_id = %(guild)s AND id = ANY (%(ids)s)"
    rows = tx.rows(statement, ids=list(article_ids))
    _hold_against((held, seal) for _, held, seal in rows)
    return {article_id: str(held, "utf-8") for article_id, held, _ in rows}


def put(tx: Transaction, given: Article, words: str) -> None:
    """Add an article, or replace the one with its id."""
    with tx.together():
        tx.run(_DROP, id=given.id)
        tx.run(
            _PUT,
            **{name: stored(getattr(given, name)) for name in _ARTICLE},
            text=words.encode(),
            digest=digest(words),
            url_digest=digest(given.url) if given.url else None,
        )


def stored(value: object) -> object:
    """A field of an article as it is kept."""
    return value.replace(_NUL, _NUL_SHOWN) if isinstance(value, str) else value


def remove(tx: Transaction, article_id: str) -> bool:
    """Remove an article, its audience and its versions; whether it was there."""
    for table in ("audiences", "versions"):
        tx.run(f"DELETE FROM {table} WHERE guild_id = %(guild)s AND article_id = %(id)s", id=article_id)
    return tx.changed(_DROP, id=article_id) > 0


def same_text(tx: Transaction, words: str) -> str | None:
    holder: str | None = tx.value(
        "SELECT id FROM articles WHERE guild_id = %(guild)s AND digest = %(digest)s ORDER BY id LIMIT 1",
        digest=digest(words),
    )
    return holder


def same_url(tx: Transaction, url: str) -> str | None:
    holder: str | None = tx.value(
        "SELECT id FROM articles WHERE guild_id = %(guild)s AND url_digest = %(digest)s ORDER BY id LIMIT 1",
        digest=digest(url),
    )
    return holder


def newest_of(tx: Transaction, source: str, *, most: int) -> tuple[str, ...]:
    rows = tx.rows(
        "SELECT id FROM articles WHERE guild_id = %(guild)s AND source = %(source)s ORDER BY added DESC, id "
        "LIMIT %(most)s",
        source=stored(source),
        most=most,
    )
    return tuple(row[0] for row in rows)


def containing(tx: Transaction, words: str) -> tuple[tuple[str, int], ...]:
    rows = tx.rows(
        "SELECT id, text FROM articles WHERE guild_id = %(guild)s AND position(%(words)s::bytea IN text) > 0 "
        "ORDER BY title, id LIMIT %(most)s",
        words=words.encode(),
        most=_HOLDERS,
    )
    return tuple((article_id, held.decode().index(words)) for article_id, held in rows)


def limit(tx: Transaction, article_id: str, audience: Audience) -> None:
    tx.run("DELETE FROM audiences WHERE guild_id = %(guild)s AND article_id = %(id)s", id=article_id)
    if audience.groups and article(tx, article_id):
        tx.run(
            "INSERT INTO audiences (guild_id, article_id, groups) VALUES (%(guild)s, %(id)s, %(groups)s)",
            id=article_id,
            groups=json.dumps([sorted(group) for group in audience.groups]),
        )


def audiences(tx: Transaction) -> Mapping[str, Audience]:
    rows = tx.rows("SELECT article_id, groups FROM audiences WHERE guild_id = %(guild)s ORDER BY article_id")
    return {i: Audience(tuple(map(frozenset, json.loads(groups)))) for i, groups in rows}


def keep_version(tx: Transaction, indexed: Indexed) -> None:
    """Keep what an article is, if its text becomes another; of many versions the newest."""
    article_id = indexed.article.id
    before = article(tx, article_id)
    words = text(tx, article_id) if before else None
    if before is None or words is None or words == indexed.text:
        return
    put_version(tx, article_id, Version(before.title, words, indexed.at))
    tx.run(
        "DELETE FROM versions WHERE guild_id = %(guild)s AND article_id = %(id)s AND number <= "
        "(SELECT max(number) - %(most)s FROM versions WHERE guild_id = %(guild)s AND article_id = %(id)s)",
        id=article_id,
        most=_VERSIONS,
    )


def bring_versions(tx: Transaction, article_id: str, versions: Sequence[Version]) -> None:
    """Keep these, newest first, in place of what is kept of an article."""
    tx.run("DELETE FROM versions WHERE guild_id = %(guild)s AND article_id = %(id)s", id=article_id)
    for version in reversed(versions):
        put_version(tx, article_id, version)


def put_version(tx: Transaction, article_id: str, version: Version) -> None:
    """Add a version that is newer than the others."""
    tx.run(
        "INSERT INTO versions (guild_id, article_id, number, until, title, text) "
        "SELECT %(guild)s, %(id)s, coalesce(max(number), 0) + 1, %(until)s, %(title)s, %(text)s "
        "FROM versions WHERE guild_id = %(guild)s AND article_id = %(id)s",
        id=article_id,
        until=version.until,
        title=version.title,
        text=zlib.compress(version.text.encode()),
    )


def versions(tx: Transaction, article_id: str) -> tuple[Version, ...]:
    rows = tx.rows(
        "SELECT title, text, until, digest FROM versions WHERE guild_id = %(guild)s AND article_id = %(id)s "
        "ORDER BY number DESC",
        id=article_id,
    )
    _hold_against((packed, seal) for _, packed, _, seal in rows)
    return tuple(Version(title, zlib.decompress(packed).decode(), until) for title, packed, until, _ in rows)


def _hold_against(sealed: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises StoreDamaged where a text has not the digest beside it: a quote of it would not be what was given."""
    if any(hashlib.sha256(held).digest() != seal for held, seal in sealed):
        raise StoreDamaged(say("the text of an article is damaged"), hint=say("Restore a backup with quoth restore"))
