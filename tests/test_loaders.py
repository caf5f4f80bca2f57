"""Files and lines become documents; what cannot be read is reported, and the rest goes on."""

import json
import time
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import loaders
from retrieval.errors import InvalidInput, UnreadableFile
from retrieval.loaders import (
    Document,
    Unread,
    decode,
    from_json_lines,
    from_text,
    is_labelled_set,
    iso_date,
    load,
    web_address,
)
from tests.articles import BRIDGE
from tests.made import Chapter, column, docx, epub, paragraph, pdf

PAGE = f"""<!doctype html><html><head><title>Bridge closed</title>
<meta property="og:title" content="Bridge closed for repairs"><meta property="og:site_name" content="The Gazette">
<meta name="author" content="Jane Roe"><meta property="article:published_time" content="2024-05-01T10:00:00Z">
</head><body><nav><a href="/">Home</a></nav><article><h1>Bridge closed for repairs</h1>
<p>{BRIDGE}</p><p>{BRIDGE.replace("bridge", "tunnel")}</p></article><footer>© The Gazette</footer></body></html>"""


def _documents(path: Path) -> list[Document]:
    found = list(load(path))
    assert [f for f in found if isinstance(f, Unread)] == []
    return [f for f in found if isinstance(f, Document)]


def _error(path: Path) -> str:
    (found,) = load(path)
    assert isinstance(found, Unread)
    return str(found.error)


def _lines(text: str) -> list[Document | Unread]:
    return list(from_json_lines(text, name="docs.jsonl"))


# Files and folders


@pytest.mark.parametrize("name", ["a.txt", "a.md", "A.TXT", "article"])
def test_a_text_file_is_one_document_known_by_its_path(tmp_path: Path, name: str) -> None:
    """The text is the file, character by character."""
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbfOne.\r\nTwo \xf0\x9f\xa6\x89.\n")
    (document,) = _documents(path)
    assert document.text == "\ufeffOne.\r\nTwo 🦉.\n"
    assert document.doc_id == str(path)
    assert document.is_file


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    """Deep files too; hidden ones, other kinds, readmes and question sets are passed over."""
    for name in ("b.txt", "a/c.md", ".hidden.txt", ".git/d.txt", "photo.jpg", "README.md", "z.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PAGE if name.endswith("html") else BRIDGE, encoding="utf-8")
    (tmp_path / "qa.jsonl").write_text('{"question": "Who?", "answers": [{"text": "x"}]}\n', encoding="utf-8")
    found = [str(Path(str(d.doc_id)).relative_to(tmp_path)) for d in _documents(tmp_path)]
    assert found == ["a/c.md", "b.txt", "z.html"]


def test_a_folder_below_a_hidden_one_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person names is read, be it ``../articles`` or below ``~/.local``."""
    folder = tmp_path / ".local" / "articles"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(BRIDGE, encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert len(_documents(folder)) == len(_documents(Path("../.local/articles"))) == 1


def test_a_folder_without_articles_says_so(tmp_path: Path) -> None:
    """An empty folder is no success."""
    assert "holds no article files" in _error(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.txt", None, "does not exist"),
        ("empty.txt", b" \n", "is empty"),
        ("photo.jpg", b"\xff\xd8", "of a kind that is not read"),
        ("binary.txt", b"PK\x03\x04\x00\x00", "is not a text file"),
        ("front.md", b"---\ntitle: A\n---\n  \n", "holds no article"),
        ("mark.txt", b"\xef\xbb\xbf", "holds no article"),
        ("bad.md", b"---\ntitle: [\n---\nBody.", "is not valid YAML"),
        ("empty.html", b"<html></html>", "holds no article"),
        ("broken.pdf", b"%PDF-1.4", "is damaged"),
        ("broken.docx", b"PK", "is damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    """One sentence that names the file, and what to do."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    error = _error(path)
    assert error.startswith(str(path)) or f"of {path}" in error
    assert said in error


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is looked at before the bytes are."""
    monkeypatch.setattr(loaders, "LARGEST_FILE", 3)
    (tmp_path / "a.txt").write_text("Four", encoding="utf-8")
    assert "is larger than" in _error(tmp_path / "a.txt")


def test_a_bad_file_does_not_stop_the_folder(tmp_path: Path) -> None:
    """The article after it comes too."""
    (tmp_path / "a.txt").write_bytes(b"\x00\x01")
    (tmp_path / "b.txt").write_text(BRIDGE, encoding="utf-8")
    assert [type(found) for found in load(tmp_path)] == [Unread, Document]


def test_a_file_with_an_impossible_name_is_reported(tmp_path: Path) -> None:
    """A name that is no text could not be stored."""
    path = tmp_path / "caf\udce9.txt"
    path.write_text(BRIDGE, encoding="utf-8")
    assert "holds half a character" in _error(path)
    _error(path).encode()


def test_a_labelled_set_is_told_from_articles(tmp_path: Path) -> None:
    """By its first line; a file that cannot be read is none."""
    path = tmp_path / "lines.jsonl"
    path.write_text('\n{"doc_id": "a", "text": "Is this a \\"question\\"?"}\n', encoding="utf-8")
    assert not is_labelled_set(path)
    path.write_text('{"id": "1", "question": "Who?", "answers": [{"text": "x", "start": 1}]}', encoding="utf-8")
    assert is_labelled_set(path)
    path.write_text('{"doc_id": "a", "summary": "It reopened."}', encoding="utf-8")
    assert is_labelled_set(path)
    path.write_text('{"doc_id": "a", "text": "The bridge is open again.", "summary": "It reopened."}', encoding="utf-8")
    assert not is_labelled_set(path)
    assert not is_labelled_set(tmp_path / "missing.jsonl")


# Characters


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_utf8_is_decoded_without_changing_a_character(text: str) -> None:
    """What is decoded encodes to the same bytes: line ends, byte order mark and all."""
    assert decode(text.encode(), name="a.txt") == text


def test_other_character_sets_are_recognised() -> None:
    """Old Windows files and UTF-16 are text as well."""
    text = (
        "Le président a déclaré mercredi que la réunion était prévue à Genève. “C’est une première étape”, a-t-il "
        "ajouté, après avoir rencontré les représentants des régions concernées. Où et quand, il ne l’a pas précisé. "
        "Les négociations seront menées à l’étranger, peut-être même cet été, à condition que tous soient d’accord."
    )
    assert decode(text.encode("cp1252"), name="a.txt") == text
    assert decode(text.encode("utf-16"), name="a.txt").lstrip("\ufeff") == text


# Plain text and Markdown


def test_front_matter_says_what_is_known() -> None:
    """Title, outlet, author, date and address; the text keeps the front matter, set aside."""
    text = "---\ntitle: Bridge closed\nsource: Gazette\nauthor: [Jane Roe, Max Doe]\ndate: 2024-05-01\nurl: https://g.example/b\n---\nBody.\n"
    document = from_text(text, name="b.md")
    assert document.text == text
    assert (document.title, document.source, document.author) == ("Bridge closed", "Gazette", "Jane Roe, Max Doe")
    assert (document.published, document.published_from) == ("2024-05-01", "user")
    assert document.url == "https://g.example/b"
    assert [(m.kind, text[m.end :]) for m in document.marks] == [("front matter", "Body.\n")]


@pytest.mark.parametrize("text", ["---\nA rule above.\n---\nBody.", "---\n- a list\n---\nBody.", "---\n\n---\nBody."])
def test_a_text_that_begins_with_a_rule_has_no_front_matter(text: str) -> None:
    """Dashes alone set nothing aside."""
    assert from_text(text).marks == ()


@pytest.mark.parametrize("value", ["2018-13-45", "{a: [", "!!python/object/apply:os.system [ls]", "[" * 700])
def test_front_matter_that_is_no_yaml_is_refused(value: str) -> None:
    """Whatever the parser stumbles over, the file is named, and nothing is run."""
    with pytest.raises(UnreadableFile, match=r"front matter of a\.md"):
        from_text(f"---\ntitle: A\ndate: {value}\n---\nBody.", name="a.md")


def test_front_matter_cannot_grow_without_bound() -> None:
    """Nine lines of references to references are not written out."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    begin = time.monotonic()
    document = from_text("---\n" + "\n".join([*lines, "title: *i", "author: {b: *i}"]) + "\n---\nBody.")
    assert (document.title, document.author) == (None, None)
    assert time.monotonic() - begin < 5


def test_heading_signs_and_a_byte_order_mark_are_set_aside() -> None:
    """They are no part of a quote."""
    text = "\ufeff# One\n\nBody.\n\n## Two\n"
    assert [text[m.start : m.end] for m in from_text(text).marks] == ["\ufeff# ", "## "]
    assert [(m.start, m.end, m.kind) for m in from_text("\ufeffBody.").marks] == [(0, 1, "byte order mark")]


# JSON Lines


def test_each_line_is_a_document() -> None:
    """Known by its own id; optional fields may be missing; blank lines are passed over."""
    line = '{"doc_id": 7, "title": "A", "text": "One.\\r\\n", "published": "2024-05-01", "author": null}'
    first, second = _lines(f'{line}\n\n{{"text": "Two."}}')
    assert first == Document(
        "One.\r\n", doc_id="7", title="A", published="2024-05-01", published_from="user", is_file=False
    )
    assert second == Document("Two.")


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '"text"',
        "{}",
        '{"text": ""}',
        '{"text": 5}',
        '{"text": "half \\ud800"}',
        '{"text": "A.", "title": "half \\udfff"}',
        '{"text": "A.", "doc_id": "\\ud83e"}',
        "[" * 100_000,
        f'{{"doc_id": {"9" * 5_000}, "text": "A."}}',
    ],
)
def test_a_bad_line_is_reported_by_its_number(line: str) -> None:
    """And the lines around it are read."""
    before, bad, after = _lines(f'{{"text": "One."}}\n{line}\n{{"text": "Two."}}')
    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert isinstance(bad, Unread)
    assert bad.name == "line 2 of docs.jsonl"
    str(bad.error).encode()


def test_a_byte_order_mark_before_json_is_no_error() -> None:
    """Windows programs put it there."""
    assert _lines('\ufeff{"text": "One."}') == [Document("One.")]


def test_a_line_separator_inside_a_text_does_not_end_the_line() -> None:
    """U+2028 is a character of the text."""
    text = "One.\u2028Two.\x85"
    assert _lines(json.dumps({"text": text}, ensure_ascii=False)) == [Document(text)]


def test_an_article_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts characters."""
    monkeypatch.setattr(loaders, "LARGEST_TEXT", 4)
    (found,) = _lines('{"text": "12345"}')
    assert isinstance(found, Unread)
    assert isinstance(found.error, InvalidInput)


# HTML


def test_a_page_gives_its_article_and_what_it_says_of_it(tmp_path: Path) -> None:
    """Menus and footers are left out; title, outlet, author and date are read."""
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    (document,) = _documents(tmp_path / "a.html")
    assert "cracks in two of its pillars" in document.text
    assert "Home" not in document.text
    assert document.title == "Bridge closed for repairs"
    assert (document.published, document.published_from) == ("2024-05-01", "meta")


def test_a_deeply_nested_page_still_gives_its_text(tmp_path: Path) -> None:
    """Where one extractor returns nothing, the other is asked."""
    nested = f"<html><body>{'<div>' * 1_200}<p>{BRIDGE}</p>{'</div>' * 1_200}</body></html>"
    (tmp_path / "a.html").write_text(nested, encoding="utf-8")
    (document,) = _documents(tmp_path / "a.html")
    assert "cracks in two of its pillars" in document.text


# PDF, Word and EPUB


def test_a_pdf_and_a_word_document_are_an_article_each(tmp_path: Path) -> None:
    """Known by their paths; the day on which a file was made may not be that of publication."""
    (tmp_path / "a.pdf").write_bytes(pdf([column(*BRIDGE.split("\n"))], info={"CreationDate": "D:20240501"}))
    (tmp_path / "b.DOCX").write_bytes(docx(paragraph(BRIDGE)))
    first, second = _documents(tmp_path)
    assert (first.doc_id, first.is_file) == (str(tmp_path / "a.pdf"), True)
    assert (first.published, first.published_from) == ("2024-05-01", "file")
    assert (second.doc_id, second.text, second.published_from) == (str(tmp_path / "b.DOCX"), BRIDGE, "unknown")


def test_each_chapter_of_an_epub_is_known_by_its_path_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be taken does not stop the others."""
    path = tmp_path / "paper.epub"
    chapters = [Chapter(f"{n}.xhtml", f"<body><p>{BRIDGE * n}</p></body>") for n in (1, 9, 2)]
    path.write_bytes(epub(*chapters, metadata="<dc:title>The Gazette</dc:title>"))
    monkeypatch.setattr(loaders, "LARGEST_TEXT", 1_000)
    first, long, last = load(path)
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert isinstance(long, Unread)
    assert (first.doc_id, first.source) == (f"{path}/OPS/1.xhtml", "The Gazette")
    assert (last.doc_id, long.name) == (f"{path}/OPS/2.xhtml", f"{path}/OPS/9.xhtml")


# Addresses and dates


@pytest.mark.parametrize("value", ["https://news.example/a?b=1#c", "http://127.0.0.1/", " https://news.example "])
def test_an_address_is_kept(value: str) -> None:
    """http and https, with a host."""
    assert web_address(value) == value.strip()


@pytest.mark.parametrize(
    "value",
    [None, 5, "", "news.example", "ftp://a.example", "https://", "javascript:alert(1)", "https://a b", "http://[x"],
)
def test_what_is_no_address_is_none(value: object) -> None:
    """No link is made of it."""
    assert web_address(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2018-07-18", "2018-07-18"),
        ("2018-07-18T22:10:00Z", "2018-07-18"),
        (date(2018, 7, 18), "2018-07-18"),
        (datetime(2018, 7, 18, 9), "2018-07-18"),
        ("July 18, 2018", "2018-07-18"),
        ("18 July 2018 6:02 pm", "2018-07-18"),
        ("July 2018", None),
        ("2018", None),
        ("18 July", None),
        ("next Wednesday 2018", None),
        ("yesterday", None),
        ("", None),
        (20180718, None),
        (None, None),
    ],
)
def test_a_date_is_read_only_where_it_is_whole(value: object, expected: str | None) -> None:
    """A day that nobody wrote is not invented."""
    assert iso_date(value) == expected
