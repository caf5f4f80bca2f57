"""Cleaning marks what is not the reporter's own text, and nothing else."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.clean import clean, kept
from retrieval.records import Mark
from tests.articles import AUSTRALIA, HELSINKI, PASTED, Pasted

STORY = (
    "Engineers closed the old bridge over the river on Tuesday.\n\n"
    "Inspectors had found cracks in two of its pillars.\n\n"
    "Repairs will take eleven months and cost 4 million euros.\n\n"
)


def _kept(text: str, *, title: str | None = None) -> str:
    return "\n".join(text[s:e] for s, e in kept(text, clean(text, title=title).marks))


def _kinds(text: str, *, title: str | None = None) -> dict[str, str]:
    return {text[m.start : m.end]: m.kind for m in clean(text, title=title).marks}


@pytest.mark.parametrize("pasted", PASTED, ids=["Helsinki", "Australia"])
def test_no_furniture_is_left_in_a_pasted_article(pasted: Pasted) -> None:
    """Advertisements, headline, caption, dateline, contacts and copyright are all set aside."""
    rest = _kept(pasted.text)
    assert [piece for piece in pasted.furniture if piece in rest] == []


@pytest.mark.parametrize("pasted", PASTED, ids=["Helsinki", "Australia"])
def test_all_of_the_story_is_left(pasted: Pasted) -> None:
    """Every paragraph of more than fifteen words that is no furniture can still be quoted."""
    rest = _kept(pasted.text)
    for line in pasted.text.split("\n"):
        prose = line.removeprefix("(Wireservice) -- ").removeprefix("SYDNEY (Wireservice) - ")
        if len(prose.split()) > 15 and not any(piece in prose for piece in pasted.furniture):
            assert prose in rest


def test_what_is_marked_says_what_it_is() -> None:
    """The kinds are what ``show`` prints."""
    kinds = _kinds(HELSINKI.text)
    assert kinds["ADVERTISEMENT"] == "furniture"
    assert kinds[HELSINKI.title] == "headline"
    assert kinds["(Wireservice) --"] == "dateline"
    assert kinds["©2018 Wireservice L.P."] == "furniture"
    assert {"caption", "trailer"} <= set(kinds.values())


def test_headline_agency_and_reporter_are_read_from_what_is_set_aside() -> None:
    """The furniture still tells who wrote what, for whom."""
    cleaned = clean(HELSINKI.text)
    assert (cleaned.title, cleaned.agency, cleaned.author) == (HELSINKI.title, "Wireservice", "Jane Roe")
    assert clean(AUSTRALIA.text).agency == "Wireservice"


@given(
    st.lists(st.sampled_from([*HELSINKI.text.split("\n"), *STORY.split("\n"), "\ufeff", "By Jane Roe"]), max_size=25)
)
def test_marks_are_ordered_slices_without_overlaps(chosen: list[str]) -> None:
    """In any mixture of lines, marks and kept spans together are the text, each character once."""
    text = "\n".join(chosen)
    marks = clean(text).marks
    assert all(0 <= m.start < m.end <= len(text) for m in marks)
    assert all(a.end <= b.start for a, b in pairwise(marks))
    inside = sum(e - s for s, e in kept(text, marks)) + sum(m.end - m.start for m in marks)
    assert inside <= len(text)
    assert clean(text) == clean(text)


@pytest.mark.parametrize(
    "line",
    [
        "ADVERTISEMENT",
        "Story continues below advertisement",
        "Read more: How the floods hit farmers",
        "ALSO READ | Ten things to know",
        "Related: The long history of the bridge",
        "Related stories",
        "Share this on Facebook",
        "Sign up for our daily newsletter",
        "Follow us on Twitter",
        "Follow the Gazette on Facebook",
        "Get our free app for your phone",
        "12 comments",
        "3 min read",
        "Published: July 18, 2018 6:02 pm",
        "Updated 18 July 2018",
        "Last updated on Wednesday, 18 July 2018",
        "© 2018 Example Media",
        "**Advertisement**",
        "Skip to main content",
        "Don't Miss",
        "In Depth: The long history of the bridge",
        "E-mail to a friend",
        "See photos of the damaged bridge »",
        "Watch engineers climb the bridge ›",
        "Gazette's Jane Roe contributed to this report.",
        "The Example Agency and John Doe contributed to this story.",
        "(Reporting by Jane Roe; Editing by John Doe)",
        "Additional reporting by Jane Roe",
    ],
)
def test_a_line_of_furniture_is_set_aside_wherever_it_stands(line: str) -> None:
    """Whole lines that no reporter writes."""
    assert _kinds(f"{STORY}{line}\n\n{STORY[:-2]} Nobody was hurt.")[line] == "furniture"


@pytest.mark.parametrize(
    "sentence",
    [
        "Related measures were approved by parliament.",
        "Published in 1851, the novel sold badly.",
        "Updated figures for 2018 show slow growth.",
        "Get the approval of the board first, he told them.",
        "Follow the leader was the game that the children played.",
        "Share prices fell by three percent.",
        "Comments by the minister were not published.",
        "“Read more books,” the author told them.",
        "Home sales rose in March.",
        "Advertisement revenue fell by a tenth.",
        "He wrote « See the bridge ».",
        "The engineers contributed to this result.",
    ],
)
def test_a_sentence_that_begins_like_furniture_is_left(sentence: str) -> None:
    """What only begins like a page's furniture is the reporter's."""
    assert sentence in _kept(f"{STORY}{sentence}\n\nNobody was hurt.")


def test_a_sentence_that_points_elsewhere_is_set_aside_alone() -> None:
    """Pages put “Watch the bridge burn »” behind the reporter's sentences; these stay."""
    told = "The bridge was closed on Tuesday. Watch engineers climb it » Nobody was hurt. See photos »"
    assert _kept(f"{STORY}{told}").endswith("The bridge was closed on Tuesday.\nNobody was hurt.")


def test_a_contact_line_in_the_middle_does_not_cut_off_the_article() -> None:
    """A trailer is believed only near the end."""
    text = "To contact the reporter was hard, she said.\n\n" + STORY * 2
    assert _kept(text).startswith("To contact")


def test_a_contact_line_before_a_long_paragraph_is_no_trailer() -> None:
    """Where prose follows, the article has not ended."""
    prose = "The bridge " + "carries cars and trains and people on foot " * 6 + "every day."
    text = f"{STORY * 4}About the author of the report little is known.\n\n{prose}"
    assert "About the author" in _kept(text)


@pytest.mark.parametrize(
    "caption",
    [
        "The bridge in May. (Photo: Example Images)",
        "The bridge in May (Jane Roe/Getty Images)",
        "Photo: The bridge in May",
        "The bridge in May. Photograph by Jane Roe",
        "The bridge seen from the east. AP Photo/Jane Roe",
    ],
)
def test_a_caption_is_set_aside(caption: str) -> None:
    """Short paragraphs with a credit say what a picture shows, not what happened."""
    assert _kinds(f"{STORY}{caption}\n\nNobody was hurt.")[caption] == "caption"


def test_a_long_paragraph_with_a_credit_is_prose() -> None:
    """Over forty words no caption goes on."""
    prose = "The picture, which hangs in the museum, shows the bridge " + "and the river " * 12 + "(Photo: Jane Roe)"
    assert prose in _kept(f"{STORY}{prose}\n\nNobody was hurt.")


def test_a_paragraph_that_is_printed_twice_is_kept_once() -> None:
    """The first one stays."""
    first = STORY.split("\n\n", maxsplit=1)[0]
    text = f"{STORY}{first}"
    assert _kept(text).count(first) == 1
    assert clean(text).marks[-1] == Mark(len(STORY), len(text), "repeated")


def test_a_short_line_may_be_printed_twice() -> None:
    """“No comment.” twice is twice what was said."""
    assert _kept(f"{STORY}He said no.\n\nShe agreed with him.\n\nHe said no.").count("He said no.") == 2


@pytest.mark.parametrize(
    ("opening", "agency"),
    [
        ("PARIS (Reuters) - ", "Reuters"),
        ("(Bloomberg) -- ", "Bloomberg"),
        ("WASHINGTON — ", None),
        ("NEW YORK, July 18 (Agence Example) – ", "Agence Example"),
        ("BERLIN - ", None),
    ],
)
def test_a_dateline_is_no_part_of_the_first_sentence(opening: str, agency: str | None) -> None:
    """Place and agency stand before the story."""
    cleaned = clean(opening + STORY)
    assert _kept(opening + STORY).startswith("Engineers closed")
    assert cleaned.agency == agency


@pytest.mark.parametrize("opening", ["He came (late) - ", "Paris - "])
def test_what_only_looks_like_a_dateline_stays(opening: str) -> None:
    """A dash in a sentence does not cut its beginning off where no place or agency stands before it."""
    text = f"{opening}and then engineers closed the bridge."
    assert _kept(text) == text


def test_a_byline_names_the_author_and_is_not_quoted() -> None:
    """``By Jane Roe`` above the story."""
    text = f"Bridge closed\n\nBy Jane Roe\n\n{STORY}"
    cleaned = clean(text)
    assert cleaned.author == "Jane Roe"
    assert "By Jane Roe" not in _kept(text)


def test_a_given_headline_is_found_below_its_heading_sign() -> None:
    """Markdown's signs and other capitals do not hide a repetition."""
    text = f"# BRIDGE CLOSED FOR REPAIRS\n\nBridge closed for repairs\n\n{STORY}"
    assert _kept(text, title="Bridge Closed for Repairs").startswith("Engineers")


@pytest.mark.parametrize("text", ["", "   ", "One sentence alone.", "Short line\n", STORY])
def test_without_a_headline_none_is_invented(text: str) -> None:
    """A text that begins with a sentence has no title of its own."""
    assert clean(text).title is None


def test_what_a_loader_set_aside_stays_set_aside() -> None:
    """Front matter that looks like a story is not the story."""
    given_mark = Mark(0, len(STORY.split("\n\n", maxsplit=1)[0]), "front matter")
    assert given_mark in clean(STORY, marks=[given_mark]).marks
    assert "Engineers" not in "".join(STORY[s:e] for s, e in kept(STORY, [given_mark]))


def test_kept_spans_survive_marks_that_overlap() -> None:
    """Marks in any order, one inside another, leave what none of them covers."""
    marks = [Mark(6, 9, "b"), Mark(0, 4, "a"), Mark(7, 8, "c")]
    assert ["abcd efghij"[s:e] for s, e in kept("abcd efghij", marks)] == ["e", "ij"]


def test_a_subheading_is_no_sentence() -> None:
    """A short line that ends nothing, above prose, is not quoted with it."""
    assert _kinds(f"Bridge closed\n\n{STORY}‘Work With Us’\n\nNobody was hurt, the police said.")["‘Work With Us’"]
