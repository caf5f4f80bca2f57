"""Files and folders become documents; what cannot be read is reported, and the rest goes on."""

from pathlib import Path

import pytest

from retrieval.loaders import documents, files
from retrieval.loaders.documents import Document, Unread
from retrieval.loaders.files import is_labelled_set, load
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
    monkeypatch.setattr(files, "LARGEST_FILE", 3)
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


# Web pages


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
    monkeypatch.setattr(documents, "LARGEST_TEXT", 1_000)
    first, long, last = load(path)
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert isinstance(long, Unread)
    assert (first.doc_id, first.source) == (f"{path}/OPS/1.xhtml", "The Gazette")
    assert (last.doc_id, long.name) == (f"{path}/OPS/2.xhtml", f"{path}/OPS/9.xhtml")
