"""The real model: its vectors, its weights, and what happens where it is not there."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from retrieval import embed
from retrieval.embed import (
    DEFAULT_MODEL,
    MiniLM,
    SentenceEncoder,
    check_model,
    default_folder,
    load_encoder,
    normalised,
)
from retrieval.errors import ModelUnavailable
from retrieval.inference import Inference
from retrieval.settings import ModelSettings
from retrieval.text import Span
from tests.toy import ToyEncoder

TEXT = "Engineers closed the bridge. The orchestra has a new conductor."
SPANS = (Span(0, 28), Span(29, len(TEXT)))


@pytest.mark.model
def test_vectors_have_length_one(encoder: MiniLM) -> None:
    """One a text, in single precision."""
    vectors = encoder.encode(["A bridge.", "An orchestra."])
    assert vectors.shape == (2, encoder.dimensions) == (2, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.model
def test_meaning_counts_and_not_the_words(encoder: MiniLM) -> None:
    """A question lies nearer to its answer than to what only sounds like it."""
    question, answer, other = encoder.encode(
        ["Who leads the orchestra?", "Ada Lindqvist is the new conductor.", "The question leads nowhere."]
    )
    assert question @ answer > question @ other


@pytest.mark.model
def test_sentences_are_pooled_from_their_passage(encoder: MiniLM) -> None:
    """One vector a span, near to that of the sentence alone and unlike the other's."""
    whole, (parts,) = encoder.encode_spans([TEXT], [SPANS])
    alone = encoder.encode([TEXT[s:e] for s, e in SPANS])
    assert whole.shape == (1, 384)
    assert whole[0] == pytest.approx(encoder.encode([TEXT])[0], abs=1e-4)
    assert np.linalg.norm(parts, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert parts[0] @ alone[0] > parts[0] @ alone[1]
    assert parts[1] @ alone[1] > parts[1] @ alone[0]


@pytest.mark.model
def test_a_sentence_beyond_what_the_model_reads_has_a_vector_too(encoder: MiniLM) -> None:
    """That of the passage."""
    text = f"{'word ' * 400}. The end."
    _, (parts,) = encoder.encode_spans([text], [(Span(0, 4), Span(len(text) - 8, len(text)))])
    assert np.isfinite(parts).all()
    assert np.linalg.norm(parts, axis=1) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.model
def test_the_packaged_model_gives_the_vectors_of_sentence_transformers() -> None:
    """To the fifth decimal in single precision, and to a cosine of .999 in half of it: one library may hold both."""
    texts = [TEXT, "A bridge.", "word " * 400, "Straße, naïve, 東京, 🙂", ""]
    theirs = SentenceEncoder(ModelSettings(name=str(default_folder()), precision="float32"))
    exact, half = (load_encoder(ModelSettings(precision=p), lambda: Inference(2)) for p in ("float32", "bfloat16"))
    np.testing.assert_allclose(exact.encode(texts), theirs.encode(texts), atol=1e-5)
    spans = [SPANS, *[(Span(0, len(text)),) for text in texts[1:]]]
    ours, other = exact.encode_spans(texts, spans), theirs.encode_spans(texts, spans)
    np.testing.assert_allclose(np.vstack([ours[0], *ours[1]]), np.vstack([other[0], *other[1]]), atol=1e-5)
    assert (half.encode(texts) * exact.encode(texts)).sum(axis=1).min() > 0.999
    assert exact.count_pieces(texts) == theirs.count_pieces(texts)
    assert exact.known_words == theirs.known_words
    assert exact.fingerprint == half.fingerprint


@pytest.mark.model
def test_word_pieces_are_counted(encoder: MiniLM) -> None:
    """Long words have several; the model reads about 250."""
    assert encoder.count_pieces(["bridge", "", "the bridge", "antidisestablishmentarianism"])[:3] == [1, 0, 2]
    assert encoder.count_pieces(["antidisestablishmentarianism"])[0] > 3
    assert encoder.count_pieces([]) == []
    assert encoder.room == 254


@pytest.mark.model
def test_the_batch_changes_no_vector(encoder: MiniLM) -> None:
    """A text has the same vector alone and among longer ones."""
    texts = ["A bridge.", "word " * 100, "An orchestra."]
    together = encoder.encode(texts)
    assert all(np.allclose(encoder.encode([t])[0], v, atol=1e-4) for t, v in zip(texts, together, strict=True))


@pytest.mark.model
def test_the_fingerprint_names_the_weights(encoder: MiniLM) -> None:
    """The published ones."""
    assert encoder.fingerprint == f"{DEFAULT_MODEL}@{embed._DEFAULT_SHA256[:16]}"
    assert check_model(DEFAULT_MODEL) == "packaged, weights as published"


def test_other_weights_under_the_same_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before they are loaded."""
    monkeypatch.setattr(embed, "_DEFAULT_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="not the published ones"):
        load_encoder(ModelSettings(), lambda: Inference(1))


def test_a_model_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do."""
    monkeypatch.setattr(embed, "_DEFAULT_PACKAGE", "no_such_package")
    with pytest.raises(ModelUnavailable, match="is not installed"):
        check_model(DEFAULT_MODEL)


def test_a_package_without_weights_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here one that is no model at all."""
    monkeypatch.setattr(embed, "_DEFAULT_PACKAGE", "json")
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        check_model(DEFAULT_MODEL)


@pytest.mark.model
def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    """The key to look at is named."""
    with pytest.raises(ModelUnavailable, match="cannot be loaded") as error:
        SentenceEncoder(ModelSettings(name=str(tmp_path)))
    assert "model.name" in error.value.hint


def test_what_is_known_of_a_model_without_loading_it(tmp_path: Path) -> None:
    """A folder with its weights, or a name on the hub."""
    assert "weights unknown" in check_model(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert f"weights {hashlib.sha256(b'weights').hexdigest()[:16]}" in check_model(str(tmp_path))
    assert "fetched at its first use" in check_model("someone/some-model")


def test_a_vector_of_zeros_stays_what_it_is() -> None:
    """Nothing is divided by its length."""
    vectors = np.array([[3, 4], [0, 0]], dtype=np.float32)
    assert normalised(vectors) == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))


def test_the_toy_keeps_the_same_promises() -> None:
    """So that tests with it say something about the engine."""
    toy = ToyEncoder()
    whole, (parts,) = toy.encode_spans([TEXT], [SPANS])
    assert toy.encode([]).shape == (0, toy.dimensions)
    assert (whole.shape, parts.shape) == ((1, toy.dimensions), (2, toy.dimensions))
    assert np.linalg.norm(np.vstack([whole, parts, toy.encode(["", "the"])]), axis=1) == pytest.approx(1, abs=1e-5)
    assert (toy.encode(["the bridge"]) == ToyEncoder().encode(["the bridge"])).all()
