"""The articles of a library: their fields, texts and audiences, and what they were before their updates."""

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from retrieval.errors import StoreDamaged
from retrieval.messages import say
from retrieval.records import Article, Audience, Version
from retrieval.store.postgres.rows import digest
from retrieval.store.postgres.server import Transaction
from retrieval.store.values import Indexed

_HOLDERS = 20  # articles named that hold the same words; a wire story stands in a handful of outlets
_VERSIONS = 20  # of an article; a story that is rewritten all day has a dozen

_ARTICLE = ("id", "doc_id", "title", "source", "author", "published", "published_from", "url", "added", "characters")
COLUMNS = ", ".join(_ARTICLE)
_FIELDS = ", ".join(f"%({name})s::{'integer' if name == 'characters' else 'text'}[]" for name in _ARTICLE)
_PUT = (
    f"INSERT INTO articles (guild_id, {COLUMNS}, text, digest, url_digest) SELECT %(guild)s, new.* FROM "
    f"unnest({_FIELDS}, %(text)s::bytea[], %(digest)s::bytea[], %(url_digest)s::bytea[]) AS new"
)
_DROP = "DELETE FROM {table} WHERE guild_id = %(guild)s AND {column} = ANY (%(ids)s)"
# PostgreSQL's text takes no NUL, and a title or an author with one is shown with this in its place anyway.
_NUL, _NUL_SHOWN = "\0", "\u2400"


def listed(tx: Transaction) -> tuple[Article, ...]:
    return tuple(
        Article(*row)
        for row in tx.rows(f"SELECT {COLUMNS} FROM articles WHERE guild_id = %(guild)s ORDER BY title, id")
    )


def count(tx: Transaction) -> int:
    counted: int = tx.value("SELECT count(*) FROM articles WHERE guild_id = %(guild)s")
    return counted


def article(tx: Transaction, article_id: str) -> Article | None:
    return articles_of(tx, (article_id,)).get(article_id)


def articles_of(tx: Transaction, article_ids: Collection[str]) -> dict[str, Article]:
    rows = tx.rows(
        f"SELECT {COLUMNS} FROM articles WHERE guild_id = %(guild)s AND id = ANY (%(ids)s)", ids=list(article_ids)
    )
    return {row[0]: Article(*row) for row in rows}


def text(tx: Transaction, article_id: str) -> str | None:
    return texts(tx, (article_id,)).get(article_id)


def texts(tx: Transaction, article_ids: Collection[str]) -> dict[str, str]:
    statement = "SELECT id, text, digest FROM articles WHERE guild_id = %(guild)s AND id = ANY (%(ids)s)"
    rows = tx.rows(statement, ids=list(article_ids))
    _hold_against((held, seal) for _, held, seal in rows)
    return {article_id: str(held, "utf-8") for article_id, held, _ in rows}


def put(tx: Transaction, given: Sequence[Indexed]) -> None:
    """Add articles, or replace those with their ids."""
    known = [indexed.article for indexed in given]
    tx.run(_DROP.format(table="articles", column="id"), ids=[article.id for article in known])
    tx.run(
        _PUT,
        **{name: [stored(getattr(article, name)) for article in known] for name in _ARTICLE},
        text=[indexed.text.encode() for indexed in given],
        digest=[digest(indexed.text) for indexed in given],
        url_digest=[digest(article.url) if article.url else None for article in known],
    )


def stored(value: object) -> object:
    """A field of an article as it is kept."""
    return value.replace(_NUL, _NUL_SHOWN) if isinstance(value, str) else value


def remove(tx: Transaction, article_id: str) -> bool:
    """Remove an article, its audience and its versions; whether it was there."""
    remove_beside(tx, [article_id])
    return tx.changed(_DROP.format(table="articles", column="id"), ids=[article_id]) > 0


def remove_beside(tx: Transaction, article_ids: Sequence[str]) -> None:
    """Remove the audiences and the versions of articles."""
    for table in ("audiences", "versions"):
        tx.run(_DROP.format(table=table, column="article_id"), ids=article_ids)


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
    tx.run(_DROP.format(table="audiences", column="article_id"), ids=[article_id])
    if audience.groups and article(tx, article_id):
        put_audience(tx, article_id, audience)


def put_audience(tx: Transaction, article_id: str, audience: Audience) -> None:
    """Let only these see an article that everybody sees so far."""
    tx.run(
        "INSERT INTO audiences (guild_id, article_id, groups) VALUES (%(guild)s, %(id)s, %(groups)s)",
        id=article_id,
        groups=json.dumps([sorted(group) for group in audience.groups]),
    )


def audiences(tx: Transaction) -> dict[str, Audience]:
    rows = tx.rows("SELECT article_id, groups FROM audiences WHERE guild_id = %(guild)s ORDER BY article_id")
    return _audiences(rows)


def audiences_of(tx: Transaction, article_ids: Sequence[str]) -> dict[str, Audience]:
    """Who may see those of these articles that not everybody may see."""
    statement = "SELECT article_id, groups FROM audiences WHERE guild_id = %(guild)s AND article_id = ANY (%(ids)s)"
    return _audiences(tx.rows(statement, ids=article_ids))


def _audiences(rows: Iterable[tuple[str, str]]) -> dict[str, Audience]:
    return {i: Audience(tuple(map(frozenset, json.loads(groups)))) for i, groups in rows}


def keep_version(tx: Transaction, indexed: Indexed) -> None:
    """Keep what an article is, if its text becomes another; of many versions the newest."""
    article_id = indexed.article.id
    statement = "SELECT title, text, digest FROM articles WHERE guild_id = %(guild)s AND id = %(id)s"
    before = tx.rows(statement, id=article_id)
    if not before or before[0][1] == indexed.text.encode():
        return
    title, words, seal = before[0]
    _hold_against([(words, seal)])
    put_version(tx, article_id, Version(title, str(words, "utf-8"), indexed.at))
    tx.run(
        "DELETE FROM versions WHERE guild_id = %(guild)s AND article_id = %(id)s AND number <= "
        "(SELECT max(number) - %(most)s FROM versions WHERE guild_id = %(guild)s AND article_id = %(id)s)",
        id=article_id,
        most=_VERSIONS,
    )


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


def versions_of(tx: Transaction, article_ids: Sequence[str]) -> dict[str, tuple[Version, ...]]:
    """The versions of those of these articles that have some, newest first."""
    rows = tx.rows(
        "SELECT article_id, title, text, until, digest FROM versions WHERE guild_id = %(guild)s "
        "AND article_id = ANY (%(ids)s) ORDER BY article_id, number DESC",
        ids=article_ids,
    )
    _hold_against((packed, seal) for _, _, packed, _, seal in rows)
    return {
        article_id: tuple(Version(title, zlib.decompress(packed).decode(), until) for _, title, packed, until, _ in of)
        for article_id, of in groupby(rows, key=itemgetter(0))
    }


def _hold_against(sealed: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises StoreDamaged where a text has not the digest beside it: a quote of it would not be what was given."""
    if any(hashlib.sha256(held).digest() != seal for held, seal in sealed):
        raise StoreDamaged(say("the text of an article is damaged"), hint=say("Restore a backup with quoth restore"))
