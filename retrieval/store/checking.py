"""Whether what a library's file holds agrees with itself: text, passages, vectors and words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retrieval.store.database import Database, sha256, understood
from retrieval.store.schema import EARLIER, KNOWN

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Counts = npt.NDArray[np.int64]

# Where passages stand, and the column of terms that counts those with a term.
COUNTED = {"passages": "passages", "rebuilt_passages": "rebuilt"}
# Rows that are looked at together; with 1,000 the terms of a thousand passages take half a megabyte.
_AT_ONCE = 1_000


def problems_of(file: Database) -> list[str]:
    """What is wrong with a library's file as it is at this moment, a sentence each.

    Reads all of it: about a second for 10,000 articles. Raises StoreDamaged where SQLite cannot read it.
    """
    with file.moment(), understood(file.path):
        problems = [f"SQLite says: {row[0]}" for row in file.rows("PRAGMA quick_check(5)") if row[0] != "ok"]
        problems += _texts(file)
        for table in COUNTED:
            problems += _passages(file, table)
            problems += _words(file, table)
        return problems


def _texts(file: Database) -> Iterator[str]:
    for article_id, characters, text, digest in file.execute("SELECT id, characters, text, digest FROM articles"):
        if len(text) != characters:
            yield f"the text of article {article_id} has {len(text)} characters instead of {characters}"
        elif sha256(text) != digest:
            yield f"the text of article {article_id} is not the one that was stored"
    for (article_id,) in file.execute(f"SELECT id FROM articles WHERE seal <> sha256({KNOWN})"):
        yield f"what is known of article {article_id} is not what was stored"
    for (article_id,) in file.execute(f"SELECT DISTINCT article_id FROM versions WHERE seal <> sha256({EARLIER})"):
        yield f"an earlier version of article {article_id} is not the one that was stored"


def _passages(file: Database, table: str) -> Iterator[str]:
    orphans = file.value(f"SELECT count(*) FROM {table} WHERE article_id NOT IN (SELECT id FROM articles)")
    if orphans:
        yield f"{orphans} passages belong to no article"
    if len(file.rows(f"SELECT DISTINCT length(vector) FROM {table}")) > 1:
        yield "vectors of different lengths stand side by side"
    lacking = file.value(
        f"SELECT count(*) FROM {table} WHERE length(sentences) = 0 "
        "OR length(sentences) * length(vector) <> length(sentence_vectors) * 16"  # 8 bytes, 4 a number, 2 a number
    )
    if lacking:
        yield f"{lacking} passages have not as many vectors as sentences"
    yield from _spans(file, table)


def _spans(file: Database, table: str) -> Iterator[str]:
    import numpy as np

    statement = f"SELECT article_id, characters, sentences FROM {table} JOIN articles ON articles.id = article_id"
    for article_id, characters, sentences in file.execute(statement):
        bounds = np.frombuffer(sentences, dtype="<u4").astype(np.int64)
        if len(bounds) % 2 or (np.diff(bounds) < 0).any() or bounds[-1:].max(initial=0) > characters:
            yield f"a passage of article {article_id} has sentences that its text has not"


def _words(file: Database, table: str) -> Iterator[str]:
    import numpy as np

    known = np.array(file.rows(f"SELECT id, {COUNTED[table]} FROM terms ORDER BY id"), dtype=np.int64).reshape(-1, 2)
    held = _held(file, table, size=int(known[:, 0].max(initial=0)) + 1)
    counted = np.zeros(len(held), dtype=np.int64)
    counted[known[:, 0]] = known[:, 1]
    if wrong := int((held != counted).sum()):
        yield f"{wrong} words are counted in more or fewer passages than hold them"


def _held(file: Database, table: str, *, size: int) -> "Counts":
    """By a term's id, how many passages hold it; in the last place, how many hold one that there is not."""
    import numpy as np

    held = np.zeros(size + 1, dtype=np.int64)
    rows = file.execute(f"SELECT terms FROM {table}")
    while some := rows.fetchmany(_AT_ONCE):
        ids = np.frombuffer(b"".join(row[0] for row in some), dtype="<u4")[::2]
        held += np.bincount(np.minimum(ids, size), minlength=size + 1)
    return held
