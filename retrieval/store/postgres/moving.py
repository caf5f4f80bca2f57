"""Articles with all that is kept of them, as they move from one store to another: read and written many at a time."""

from collections.abc import Sequence

from retrieval.records import Audience
from retrieval.store.postgres import articles
from retrieval.store.postgres.index import Edition
from retrieval.store.postgres.server import Transaction
from retrieval.store.values import Indexed, Kept

# The numbers of passages are never given twice, but to articles without any: so a digest of the text is beside them.
_STAMPS = (
    "SELECT o.article_id, md5(row(o.edition, o.first, o.marks, a.fields, b.groups, v.number)::text) FROM "
    "(SELECT article_id, edition, first, marks FROM outlines "
    "WHERE guild_id = %(guild)s AND edition = %(edition)s) AS o "
    f"JOIN (SELECT id, row({articles.COLUMNS}, digest) AS fields FROM articles "
    "WHERE guild_id = %(guild)s) AS a ON a.id = o.article_id "
    "LEFT JOIN (SELECT article_id, groups FROM audiences WHERE guild_id = %(guild)s) AS b USING (article_id) "
    "LEFT JOIN (SELECT article_id, max(number) AS number FROM versions WHERE guild_id = %(guild)s "
    "GROUP BY article_id) AS v USING (article_id) ORDER BY o.first, o.article_id"
)


def stamps(tx: Transaction, edition: int) -> dict[str, str]:
    """As ``Store.stamps`` promises it."""
    return dict(tx.rows(_STAMPS, edition=edition))


def kept(tx: Transaction, edition: Edition, article_ids: Sequence[str], *, made_by: str) -> dict[str, Kept]:
    """As ``Store.kept`` promises it; ``made_by`` is the fingerprint of the edition's model."""
    known = articles.articles_of(tx, article_ids)
    if not known:
        return {}
    texts, versions = articles.texts(tx, article_ids), articles.versions_of(tx, article_ids)
    marks, passages = edition.marks_of(article_ids), edition.embedded_of(article_ids)
    audiences = articles.audiences_of(tx, article_ids)
    return {
        i: Kept(
            Indexed(known[i], texts[i], marks.get(i, ()), passages.get(i, ()), made_by),
            versions.get(i, ()),
            audiences.get(i, Audience()),
        )
        for i in article_ids
        if i in known
    }


def bring_beside(tx: Transaction, given: Sequence[Kept]) -> None:
    """Write the versions and audiences of articles that have just been written, in place of what they had."""
    articles.remove_beside(tx, [each.indexed.article.id for each in given])
    for each in given:
        article_id = each.indexed.article.id
        for version in reversed(each.versions):
            articles.put_version(tx, article_id, version)
        if each.audience.groups:
            articles.put_audience(tx, article_id, each.audience)
