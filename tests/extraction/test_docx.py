"""A Word document becomes its text, as it would be printed without its reviewers."""

import pytest

from retrieval.errors import DamagedFile, LockedFile, UnreadableFile
from retrieval.extraction.docx import read_docx
from tests.made import docx, paragraph, zipped

PROPERTIES = (
    "<dc:title>Ferry back in service</dc:title><dc:creator>Jane Roe</dc:creator>"
    "<dcterms:created>2024-05-01T08:00:00Z</dcterms:created>"
)


def _text(body: str) -> str:
    (page,) = read_docx(docx(body), name="ferry.docx")
    return page.text


def test_paragraphs_and_properties_are_read() -> None:
    """A word may be in pieces; the day on which the file was made is not certain to be that of publication."""
    body = paragraph("The fer", "ry sails again.") + paragraph() + paragraph("Its engines are new & loud.")
    (page,) = read_docx(docx(body, properties=PROPERTIES), name="ferry.docx")
    assert page.text == "The ferry sails again.\n\nIts engines are new & loud."
    assert (page.title, page.author) == ("Ferry back in service", "Jane Roe")
    assert page.dates == (("2024-05-01T08:00:00Z", "file"),)


def test_a_document_may_say_nothing_of_itself() -> None:
    (page,) = read_docx(docx(paragraph("The ferry sails again.")), name="ferry.docx")
    assert (page.title, page.author, page.dates) == (None, None, ())


def test_what_was_deleted_under_review_is_no_text() -> None:
    """What was inserted is; links and fields show their words."""
    body = (
        "<w:p><w:r><w:t>The ferry </w:t></w:r><w:del><w:r><w:delText>sank</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>sails</w:t></w:r></w:ins><w:hyperlink><w:r><w:t> again</w:t></w:r></w:hyperlink>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:tab/><w:t>on</w:t><w:br/><w:t>Monday.</w:t></w:r></w:p>"
    )
    assert _text(body) == "The ferry sails again\ton\nMonday."


def test_a_row_of_a_table_is_one_paragraph() -> None:
    cells = "".join(f"<w:tc><w:tcPr/>{paragraph(word)}</w:tc>" for word in ("Monday", "six sailings"))
    assert (
        _text(f"<w:tbl><w:tblPr/><w:tr>{cells}</w:tr></w:tbl>{paragraph('More.')}") == "Monday\tsix sailings\n\nMore."
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xd0\xcf\x11\xe0 a file with a password", LockedFile),
        (b"plain text", DamagedFile),
        (docx(paragraph("Text."))[:200], DamagedFile),
        (zipped({"a.txt": "Text."}), DamagedFile),
        (zipped({"_rels/.rels": "<Relationships/>"}), DamagedFile),
        (docx("<w:p>"), DamagedFile),
        (docx(paragraph("")), UnreadableFile),
    ],
    ids="locked text truncated zip no-text-part broken-xml empty".split(),
)
def test_what_cannot_be_read_is_told_in_a_sentence(content: bytes, kind: type[UnreadableFile]) -> None:
    with pytest.raises(kind, match=r"^ferry\.docx "):
        read_docx(content, name="ferry.docx")


def test_entities_are_not_replaced() -> None:
    """Neither by other files nor by copies of copies."""
    bomb = '<!DOCTYPE d [<!ENTITY a "boom boom"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    body = "<d><body><p><r><t>Safe&a;&f;</t></r></p></body></d>"
    rels = '<R><R Type="x/officeDocument" Target="/d.xml"/></R>'
    (page,) = read_docx(zipped({"_rels/.rels": rels, "d.xml": bomb + body}), name="bomb.docx")
    assert page.text == "Safe"
