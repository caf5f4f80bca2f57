"""Which sentences belong together."""

import pytest

from retrieval.answers.neighbours import completions
from retrieval.text import sentences


def _completed(text: str, quoted: str) -> list[str]:
    """What the sentences become that are those of ``quoted``, rule by rule until nothing is left to add."""
    outline = sentences(text)
    start = text.index(quoted)
    inside = [at for at, span in enumerate(outline) if start <= span.start < start + len(quoted)]
    run = (inside[0], inside[-1])
    grown = []
    while wider := next(iter(completions(text, outline, run)), None):
        run = wider
        grown.append(text[outline[run[0]].start : outline[run[1]].end])
    return grown


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("The city named Ada Lindqvist.", "She is a violinist."),
        ("Nobody paid.", "But the museum stayed open."),
        ("Two firms made an offer.", "The company that lost went to court."),
    ],
)
def test_who_or_what_is_meant_is_said_before(before: str, sentence: str) -> None:
    """A pronoun, a conjunction, a noun that stands for a name."""
    assert _completed(f"It rained. {before} {sentence} The concert is in May.", sentence)[0] == f"{before} {sentence}"


def test_a_sentence_that_stands_alone_needs_nothing() -> None:
    """Nor does the first one of an article, whatever it begins with."""
    assert _completed("Ada came. Repairs take a year. Ada left.", "Repairs take a year.") == []
    assert _completed("He came. Ada left.", "He came.") == []


@pytest.mark.parametrize(
    "text",
    [
        "Macron addressed the nation. The president said the roof was lost. “We will rebuild it.” Crowds sang.",
        "Crowds sang. “We will rebuild it.” Macron said so on Monday evening.",
        "Crowds sang. According to the mayor it was chaos. “We will rebuild it. All of it.” Crowds left.",
    ],
)
def test_a_quotation_keeps_its_speaker(text: str) -> None:
    """Who stands in the sentence before it or, failing that, in the one behind it."""
    quoted = next(text[s.start : s.end] for s in sentences(text) if text[s.start] == "“")
    (whole,) = _completed(text, quoted)[:1]
    assert quoted in whole
    assert any(word in whole for word in ("president said", "Macron said", "According to the mayor"))
    assert "Crowds" not in whole


def test_a_quotation_that_names_its_speaker_is_whole() -> None:
    """As most do."""
    text = "The mayor said little. “We will rebuild it,” Macron said. The mayor told us more."
    assert _completed(text, "“We will rebuild it,” Macron said.") == []


def test_a_long_quotation_leads_back_to_its_speaker() -> None:
    """Paragraph by paragraph, each with an opening mark."""
    text = "The roof is gone, Macron said.\n\n“It was old.”\n\n“We will rebuild it.”\n\nCrowds sang."
    assert _completed(text, "“We will rebuild it.”")[-1] == text.removesuffix("\n\nCrowds sang.")


LIST = "The rules are new.\n\nThe park has three rules:\n\n- no smoking\n- no dogs\n- no phones\n\nThe park is open."


@pytest.mark.parametrize("quoted", ["The park has three rules:", "- no dogs", "- no smoking"])
def test_a_list_stays_with_what_announces_it(quoted: str) -> None:
    """From the head to the item at least; from the head, to all items."""
    whole = _completed(LIST, quoted)[-1]
    assert whole.startswith("The park has three rules:")
    assert quoted in whole
    assert "open" not in whole
    if quoted.endswith(":"):
        assert whole.endswith("- no phones")


def test_what_a_colon_announces_need_not_be_a_list() -> None:
    """The sentence behind it is enough."""
    text = "She had one wish:\nA boat for the harbour.\nThe mayor came."
    assert _completed(text, "She had one wish:") == ["She had one wish:\nA boat for the harbour."]
    assert _completed(text, "A boat for the harbour.") == ["She had one wish:\nA boat for the harbour."]
