"""Reading question and passage together, with the real adapter and with a cross-encoder made here."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import InvalidSettings, ModelUnavailable
from retrieval.inference import Inference
from retrieval.rerank import (
    ADAPTER,
    BUILT_IN,
    NONE,
    AdaptedReader,
    HubReranker,
    Reading,
    Reranker,
    load_base,
    load_reranker,
)
from retrieval.settings import ModelSettings
from retrieval.text import Span, sentences

TEXT = (
    "The bridge over the Tamar opened on Tuesday after four years of work. Its engineer, Ines Duarte, cut the ribbon "
    "beside the mayor. The whole structure cost 41 million pounds. Ferries will go on until the end of June."
)
OTHER = "Rain fell on the market all morning. Nobody bought the pears."


def reading(text: str = TEXT, *, title: str = "New_bridge") -> Reading:
    return Reading.of(title, text, tuple(sentences(text, Span(0, len(text)))))


def loaded(name: str) -> Reranker | None:
    return load_reranker(name, ModelSettings(threads=1), lambda: Inference(1))


@pytest.fixture(scope="module")
def reader() -> AdaptedReader:
    return AdaptedReader(Inference(2))


def test_a_reading_names_its_sentences_under_the_title() -> None:
    found = reading()
    assert found.text.startswith("New bridge. The bridge")
    assert [found.text[s:e] for s, e in found.sentences] == [TEXT[s:e] for s, e in sentences(TEXT, Span(0, len(TEXT)))]


def test_none_is_no_reranker() -> None:
    assert loaded(NONE) is None


def test_the_adapter_is_small() -> None:
    assert ADAPTER.stat().st_size < 2_000_000


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "answering"),
    [
        ("Who designed the bridge?", 1),
        ("How much did the bridge cost?", 2),
        ("When did the bridge open?", 0),
        ("How long will the ferries still run?", 3),
    ],
)
def test_the_answering_sentence_gets_the_highest_number(reader: AdaptedReader, question: str, answering: int) -> None:
    (scores,) = reader.scores(question, [reading()])
    assert int(scores.argmax()) == answering


@pytest.mark.model
def test_a_passage_that_does_not_answer_gets_lower_numbers(reader: AdaptedReader) -> None:
    here, elsewhere = reader.scores("How much did the bridge cost?", [reading(), reading(OTHER, title="Market")])
    assert here.max() > elsewhere.max() + 2


@pytest.mark.model
def test_a_passage_is_read_the_same_alone_and_among_others(reader: AdaptedReader) -> None:
    question = "Who cut the ribbon?"
    among = reader.scores(question, [reading(OTHER), reading(), reading(OTHER * 3)])
    alone = reader.scores(question, [reading()])
    np.testing.assert_allclose(among[1], alone[0], atol=1e-3)
    assert [len(scores) for scores in among] == [len(reading(t).sentences) for t in (OTHER, TEXT, OTHER * 3)]


@pytest.mark.model
def test_what_the_model_cannot_read_is_never_the_answer(reader: AdaptedReader) -> None:
    long = reading(" ".join([TEXT] * 8))
    (scores,) = reader.scores("Who cut the ribbon?", [long])
    assert scores[-1] == scores.min() < scores[1]


@pytest.mark.model
def test_no_passages_are_read_in_no_time(reader: AdaptedReader) -> None:
    assert reader.scores("Who?", []) == []


def test_a_missing_adapter_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        AdaptedReader(Inference(1), adapter=tmp_path / "none.safetensors")


def cross_encoder(folder: Path, *, labels: int) -> str:
    """A small cross-encoder with random weights, as a folder."""
    from transformers import BertConfig, BertForSequenceClassification

    tokenizer = load_base().tokenizer
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=labels,  # type: ignore[call-arg] # of every configuration
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.mark.model
def test_a_cross_encoder_in_a_folder_judges_every_sentence(tmp_path: Path) -> None:
    reranker = loaded(cross_encoder(tmp_path, labels=1))
    assert isinstance(reranker, HubReranker)
    assert not reranker.is_calibrated
    scores = reranker.scores("Who cut the ribbon?", [reading(), reading(OTHER)])
    assert [s.shape for s in scores] == [(4,), (2,)]
    assert len(set(scores[0].tolist())) > 1


@pytest.mark.model
def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="gives 3 numbers"):
        loaded(cross_encoder(tmp_path, labels=3))


def test_a_reranker_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelUnavailable, match=r"answers\.reranker"):
        loaded(str(tmp_path / "empty"))


@pytest.mark.model
def test_the_built_in_reader_is_the_default() -> None:
    assert isinstance(loaded(BUILT_IN), AdaptedReader)
