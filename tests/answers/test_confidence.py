"""How sure an answer is. The weights are fitted elsewhere; what must hold whatever they are is here."""

import pytest

from retrieval.answers.confidence import Evidence, confidence, gather
from retrieval.answers.quote import rank_sentences
from retrieval.answers.search import query, retrieve
from retrieval.library import Library
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.conftest import add_text
from tests.toy import ToyEncoder


def _evidence(library: Library, toy: ToyEncoder, question: str) -> Evidence:
    asked = query(question, toy)
    retrieved = retrieve(asked, library._store)
    ranked = rank_sentences(asked, retrieved, text_of=library.text)
    return gather(asked, retrieved, ranked)


def test_an_exact_question_has_more_evidence_than_a_strange_one(library: Library, toy: ToyEncoder) -> None:
    """Whose words stand in one sentence, against whose words stand nowhere."""
    for text in (BRIDGE, ORCHESTRA, WHATSAPP):
        add_text(library, text)
    exact = _evidence(library, toy, "Inspectors had found cracks in two of its pillars")
    strange = _evidence(library, toy, "Which glacier melts fastest in Patagonia")
    assert exact.covered == pytest.approx(1.0)
    assert strange.covered == 0.0
    assert exact.sentence > strange.sentence
    assert confidence(exact) > confidence(strange)


def test_a_single_passage_has_evidence_too(library: Library, toy: ToyEncoder) -> None:
    """There is no second one to compare it with."""
    add_text(library, ORCHESTRA)
    assert 0 < confidence(_evidence(library, toy, "Who is the conductor?")) < 1


def test_confidence_is_a_probability() -> None:
    """At both ends of the evidence."""
    nothing, everything = (Evidence(passage=x, sentence=x, covered=x, gap=x, read=x) for x in (0.0, 1.0))
    assert 0 < confidence(nothing) < confidence(everything) < 1
