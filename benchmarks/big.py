"""Libraries of any size, made in minutes: real passages of real vectors, changed a little, over and over.

An article is ten passages drawn from real ones. Of each sentence every third word is replaced by a word of any
real sentence, as frequent ones are more often, so that no two are copies; before it stands a made-up word, of which
some are frequent and most are rare (Zipf), so that the vocabulary grows with the library. A
passage's vector is that of a real passage or sentence with noise that has the directions of the real vectors: it
moves them about as far from one another as neighbours are. The rows are written as ``SqliteStore`` would write
them, all in one transaction without waiting for the disk, which nobody should do with a library of their own.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.library import Library
from retrieval.store.database import sha256
from retrieval.store.homes import library_path
from retrieval.store.schema import KNOWN
from retrieval.store.sqlite import SqliteStore
from retrieval.text import terms, words
from retrieval.vectors import Floats

_PASSAGES = 10  # an article
_NAMES = 2_000_000  # made-up words to draw from
_ZIPF = 1.2
_EXCHANGED = 3  # a word of so many
_NOISE = 0.55  # the length of the noise beside a vector of length 1


@dataclass(frozen=True, slots=True)
class Real:
    """A passage as it was added: its sentences, and their vectors as they are stored."""

    sentences: tuple[str, ...]
    sentence_vectors: bytes


@dataclass(frozen=True, slots=True)
class Material:
    """What is drawn from: passages, and vectors of passages and sentences, shape (vectors, dimensions)."""

    passages: Sequence[Real]
    vectors: Floats
    model: str


def material(library: Library) -> Material:
    """The passages and vectors of a library, of any articles."""
    store = library._store  # noqa: SLF001 - what is stored, as it is stored
    found, vectors = [], []
    for article in store.articles():
        text = store.text(article.id) or ""
        for passage in store.embedded(article.id):
            contents = tuple(text[s.start : s.end] for s in passage.sentences)
            packed = passage.sentence_vectors.astype("<f2").tobytes()
            found.append(Real(contents, packed))
            vectors += [passage.vector[np.newaxis], passage.sentence_vectors]
    return Material(found, np.concatenate(vectors), store.model() or "")


class Maker:
    """Makes passages; the same seed gives the same ones."""

    def __init__(self, source: Material, *, seed: int = 1) -> None:
        self._source = source
        self._random = np.random.default_rng(seed)
        centred = source.vectors - source.vectors.mean(axis=0)
        values, directions = np.linalg.eigh(centred.T @ centred / len(centred))
        spread = directions * np.sqrt(np.maximum(values, 0))
        self._spread = (spread / np.sqrt(np.maximum(values, 0).sum())).T.astype(np.float32)
        self.ids: dict[str, int] = {}
        self.held: Counter[int] = Counter()
        self._words = [word for passage in source.passages for s in passage.sentences for word in s.split(" ")]

    def vectors(self, count: int) -> Floats:
        """So many vectors, shape (count, dimensions), each of length 1."""
        drawn = self._source.vectors[self._random.integers(0, len(self._source.vectors), count)]
        noise = self._random.standard_normal(drawn.shape).astype(np.float32) @ self._spread
        made = drawn + np.float32(_NOISE) * noise
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)

    def article(self, number: int, passages: int) -> tuple[str, list[tuple[bytes, bytes, bytes]]]:
        """The text of an article, and of each passage its sentences, sentence vectors and terms, packed."""
        parts: list[str] = []
        rows, at = [], 0
        names = iter(np.minimum(self._random.zipf(_ZIPF, 30 * passages), _NAMES).tolist())
        for drawn in self._random.integers(0, len(self._source.passages), passages).tolist():
            real, spans = self._source.passages[drawn], []
            held: Counter[str] = Counter()
            for content in real.sentences:
                sentence = f"{_name(next(names))} {self._changed(content)}"
                parts.append(sentence)
                spans.append((at, at + len(sentence)))
                at += len(sentence) + 1
                held.update(terms(sentence))
            counted = [(self.ids.setdefault(term, len(self.ids) + 1), count) for term, count in sorted(held.items())]
            for term, _ in counted:
                self.held[term] += 1
            rows.append((_packed(spans), real.sentence_vectors, _packed(counted)))
        return " ".join(parts), rows

    def _changed(self, sentence: str) -> str:
        """The sentence with other words in places of its own."""
        own = sentence.split(" ")
        places = range(int(self._random.integers(_EXCHANGED)), len(own), _EXCHANGED)
        drawn = self._random.integers(0, len(self._words), len(places)).tolist()
        for place, word in zip(places, drawn, strict=True):
            own[place] = self._words[word]
        return " ".join(own)


def make(home: Path, name: str, passages: int, source: Material) -> None:
    """A library of so many passages, unless it is there already."""
    path = library_path(home, name)
    if path.exists():
        return
    SqliteStore(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    maker = Maker(source)
    for first in range(0, passages, _PASSAGES * 1_000):
        _write(connection, maker, first, min(passages, first + _PASSAGES * 1_000))
    held = ((number, term, maker.held[number]) for term, number in maker.ids.items() if maker.held[number])
    connection.executemany("INSERT INTO terms (id, term, passages) VALUES (?, ?, ?)", held)
    connection.execute("INSERT INTO facts VALUES ('model', ?)", (source.model,))
    connection.create_function("sha256", 1, sha256, deterministic=True)
    connection.execute("UPDATE articles SET digest = sha256(text)")
    connection.execute(f"UPDATE articles SET seal = sha256({KNOWN})")  # noqa: S608 - a constant
    connection.execute("COMMIT")
    connection.close()


def _write(connection: sqlite3.Connection, maker: Maker, first: int, behind: int) -> None:
    vectors = maker.vectors(behind - first)
    for start in range(first, behind, _PASSAGES):
        count = min(_PASSAGES, behind - start)
        text, rows = maker.article(start // _PASSAGES, count)
        article_id = f"{start // _PASSAGES:016x}"
        title = " ".join(words(text)[:6])
        day = f"{2015 + start % 10}-{1 + start // 10 % 12:02}-{1 + start // 120 % 28:02}"
        connection.execute(
            "INSERT INTO articles (id, doc_id, title, source, author, published, published_from, url, added, "
            "characters, text, marks, digest) "
            "VALUES (?, ?, ?, ?, '', ?, 'user', NULL, '2024-05-01T12:00:00+00:00', ?, ?, '[]', ?)",
            (article_id, f"{start}.txt", title, f"Source {start % 97}", day, len(text), text, article_id),
        )
        connection.executemany(
            "INSERT INTO passages (article_id, position, sentences, vector, sentence_vectors, terms) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [
                (article_id, place, spans, vectors[start - first + place].tobytes(), of_sentences, counted)
                for place, (spans, of_sentences, counted) in enumerate(rows)
            ],
        )


def _name(number: int) -> str:
    """A made-up word for a number, which stemming leaves as it is."""
    letters = "xz"
    while number:
        number, letter = divmod(number, 16)
        letters += "bcdfghjkmnpqrtvw"[letter]
    return letters


def _packed(pairs: Sequence[tuple[int, int]]) -> bytes:
    return np.array(pairs, dtype="<u4").tobytes()
