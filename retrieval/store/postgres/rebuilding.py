"""Another edition of a library's index, built beside the one that answers."""

from retrieval.errors import StoreBusy
from retrieval.messages import say
from retrieval.store.postgres import index
from retrieval.store.postgres.index import Edition, Place
from retrieval.store.postgres.server import Transaction
from retrieval.store.values import Rebuilding


def begin(tx: Transaction, here: Place, model: str) -> int:
    """The edition that is being built for the model; one for another is dropped."""
    if here.rebuilding is not None:
        if index.model(tx, here.rebuilding) == model:
            return here.rebuilding
        Edition(tx, here.rebuilding, here.table).drop()
    number: int = tx.value(
        "UPDATE libraries SET rebuilding = next_edition, next_edition = next_edition + 1 WHERE guild_id = %(guild)s "
        "RETURNING rebuilding"
    )
    index.begin(tx, number, made_by=model)
    return number


def state(tx: Transaction, edition: int) -> Rebuilding:
    """How far an edition is."""
    lacking = tx.rows(
        "SELECT id FROM articles WHERE guild_id = %(guild)s AND id NOT IN "
        "(SELECT article_id FROM outlines WHERE guild_id = %(guild)s AND edition = %(edition)s) ORDER BY id",
        edition=edition,
    )
    done = tx.value(
        "SELECT count(*) FROM outlines WHERE guild_id = %(guild)s AND edition = %(edition)s", edition=edition
    )
    return Rebuilding(index.model(tx, edition) or "", done, tuple(row[0] for row in lacking))


def require(tx: Transaction, here: Place, model: str) -> int:
    """The edition that is being built for the model. Raises StoreBusy where there is none (any more)."""
    if here.rebuilding is None or index.model(tx, here.rebuilding) != model:
        raise StoreBusy(
            say("another quoth reindex has ended or replaced this one"),
            hint=say("See {command}", command="quoth doctor"),
        )
    return here.rebuilding


def switch(tx: Transaction, here: Place, edition: int) -> None:
    """Let that edition answer, and drop the old one."""
    tx.run(
        "UPDATE libraries SET edition = %(edition)s, rebuilding = NULL, nearest = NULL WHERE guild_id = %(guild)s",
        edition=edition,
    )
    Edition(tx, here.edition, here.table).drop()
