"""Reading a text: lines, paragraphs, sentences and words, always by offsets into the given text."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval import text as text_module
from retrieval.text import LONGEST_SENTENCE, Span, folded, lines, paragraphs, sentences, terms, trimmed, words

# Letters, marks and line breaks in the mixture that breaks careless splitters.
TEXTS = st.text(alphabet=st.sampled_from("aB é.!?,;“”\"'()\r\n\t\u00a0\u2028🦉\ufeff1"), max_size=300)


def _cut(text: str, spans: list[Span]) -> list[str]:
    return [text[start:end] for start, end in spans]


def _whole(text: str) -> Span:
    return Span(0, len(text))


@given(TEXTS)
@example("\r\n\r\n\r\n")
@example("")
def test_sentences_are_slices_in_order_that_hold_every_character_but_white_space(text: str) -> None:
    """Nothing is lost between sentences, and none overlaps another."""
    found = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(text[s:e] == text[s:e].strip() != "" for s, e in found)
    assert "".join("".join(_cut(text, found)).split()) == "".join(text.split())


@given(TEXTS)
def test_a_sentence_never_crosses_a_paragraph(text: str) -> None:
    """What stands between empty lines is not quoted as one sentence."""
    borders = list(paragraphs(text, _whole(text)))
    assert all(any(p.start <= s.start and s.end <= p.end for p in borders) for s in sentences(text))


@pytest.mark.parametrize(
    "text",
    [
        "The U.S. agreed with J.P. Morgan Inc. on terms at 9 a.m. on Jan. 5. Nobody objected.",
        "The price was Rs. 500 a share. Mr. Lee paid $1.5 billion.",
        "“It is over!” the minister said on Monday. She left at once.",
        "It left at 7:49 a.m. Eastern time. Nobody had expected it before noon.",
        "Dr. Smith of St. Louis won. His rival did not.",
    ],
)
def test_abbreviations_and_attributions_do_not_end_a_sentence(text: str) -> None:
    """Each of these is two sentences, however many full stops it has."""
    assert len(sentences(text)) == 2


def test_sentences_can_be_asked_for_in_a_part_of_the_text() -> None:
    """Offsets count from the start of the whole text."""
    text = "First here. Second there. Third."
    assert _cut(text, sentences(text, Span(12, 25))) == ["Second there."]


def test_a_wrapped_block_is_one_paragraph() -> None:
    """Line breaks that a program put at column 70 do not end sentences."""
    text = (
        "The inspectors had found cracks in two of the pillars of the old\n"
        "bridge, which carries forty thousand cars a day across the river and\n"
        "is the only one for miles."
    )
    assert _cut(text, list(paragraphs(text, _whole(text)))) == [text]
    assert _cut(text, sentences(text)) == [text]


def test_lines_that_end_by_themselves_are_paragraphs() -> None:
    """A headline above a story does not become the beginning of its first sentence."""
    text = "Bridge closed for repairs\nThe inspectors had found cracks in two pillars."
    assert _cut(text, sentences(text)) == text.split("\n")


def test_two_lines_are_wrapped_only_where_the_second_goes_on() -> None:
    """Of two long lines, a capital letter starts a new paragraph and a small one does not."""
    first = "The inspectors had found cracks in two of the pillars of the old"
    assert len(sentences(f"{first}\nbridge over the river.")) == 1
    assert len(sentences(f"{first}\nBridge repairs begin.")) == 2


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_break_ends_a_line(line_break: str) -> None:
    """Unix, Windows and old Mac files read alike."""
    text = line_break.join(("one", " two ", "", "three"))
    assert _cut(text, list(lines(text, _whole(text)))) == ["one", "two", "", "three"]
    assert _cut(text, list(paragraphs(text, _whole(text)))) == ["one", "two", "three"]


@pytest.mark.parametrize("filler", ["word ", "word, ", "word; ", "x"])
def test_a_text_without_full_stops_is_split_all_the_same(filler: str) -> None:
    """No sentence is longer than the longest that people write."""
    text = filler * (3 * LONGEST_SENTENCE // len(filler))
    found = sentences(text)
    assert all(end - start <= LONGEST_SENTENCE for start, end in found)
    assert "".join("".join(_cut(text, found)).split()) == "".join(text.split())


def test_trimming_stops_at_the_other_end() -> None:
    """White space alone leaves an empty span."""
    assert trimmed("  a  ", Span(0, 5)) == (2, 3)
    start, end = trimmed("     ", Span(0, 5))
    assert start == end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. and the U.N.", ["the", "us", "and", "the", "un"]),
        ("1,000 people, 3.5 km", ["1000", "people", "3.5", "km"]),
        ("Russia’s ambassador", ["russia", "ambassador"]),
        ("Niinistö’s CAFÉ", ["niinisto", "cafe"]),
        ("the players' bus", ["the", "players", "bus"]),
        ("don't", ["don't"]),
        ("🦉 … —", []),
    ],
)
def test_words_are_folded(text: str, expected: list[str]) -> None:
    """Case, accents, possessives and the points of abbreviations do not hide a word."""
    assert words(text) == expected


def test_terms_are_stems_of_words_that_carry_meaning() -> None:
    """How a sentence is built does not count as what it is about."""
    assert terms("Who was sanctioning the sanctioned?") == terms("sanctions sanction")
    assert terms("who was it and what did they do") == []


def test_folding_keeps_what_is_no_letter() -> None:
    """Digits and marks stay; only case, accents and curly apostrophes go."""
    assert folded("Ça coûte 5 €, c’est ÉTÉ") == "ca coute 5 €, c'est ete"


def test_offsets_that_are_off_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the splitter's words are not those at its offsets, the paragraph counts as one sentence."""
    shifted = [{"start_index": 1, "end_index": 6, "text": "First"}]
    monkeypatch.setattr(text_module, "get_sentence_boundaries", lambda _language, _body: shifted)
    assert sentences("First here. Second there.") == [(0, 25)]


def test_an_empty_piece_is_no_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A splitter may return the white space between two sentences."""
    pieces = [(0, 3, "Yes"), (3, 4, " "), (4, 7, "No.")]
    boundaries = [{"start_index": s, "end_index": e, "text": t} for s, e, t in pieces]
    monkeypatch.setattr(text_module, "get_sentence_boundaries", lambda _language, _body: boundaries)
    assert sentences("Yes No.") == [(0, 3), (4, 7)]


@pytest.mark.parametrize("space", ["\xa0", "\u202f", " \xa0 ", "\u3000\n"])
def test_space_between_a_letter_and_its_full_stop_ends_nothing(space: str) -> None:
    """As French typography has it, and as a fuzzer found: sentencex gives up on it, and with it whoever asks."""
    text = f"He admired Louis V{space}. She did not."
    assert [text[s.start : s.end] for s in sentences(text)][-1] == "She did not."
    assert sentences(f"V{space}.")


def test_a_panic_of_the_splitter_leaves_the_paragraph_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of Rust's, which is no Exception; what else ends a program ends it."""

    class PanicException(BaseException): ...

    def panic(_language: str, _text: str) -> list[dict[str, object]]:
        raise ended

    monkeypatch.setattr("retrieval.text.get_sentence_boundaries", panic)
    ended: BaseException = PanicException()
    assert sentences("One ends. Two ends.") == [Span(0, 19)]
    ended = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        sentences("One ends. Two ends.")
