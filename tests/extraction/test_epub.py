"""An EPUB becomes its chapters; a newspaper's become its articles."""

import pytest

from retrieval.errors import DamagedFile, LockedFile, UnreadableFile
from retrieval.extraction.epub import read_epub
from tests.articles import BRIDGE, ORCHESTRA
from tests.made import Chapter, epub, zipped

METADATA = "<dc:title>The Gazette, 1 May</dc:title><dc:creator>Jane Roe</dc:creator><dc:date>2024-05-01</dc:date>"


def _story(path: str, title: str, text: str, **known: str) -> Chapter:
    return Chapter(path, f"<body><h2>{title}</h2><p>{text}</p></body>", **known)


BRIDGE_STORY = _story("a/bridge.xhtml", "Bridge closed", BRIDGE)
ORCHESTRA_STORY = _story(
    "orchestra.xhtml", "Orchestra plays", f"{ORCHESTRA} The hall is sold out, and the concert will be on the radio."
)


def _titles(*chapters: Chapter, metadata: str = "") -> list[str | None]:
    return [page.title for page in read_epub(epub(*chapters, metadata=metadata), name="paper.epub")]


def test_each_chapter_is_an_article() -> None:
    """In the order in which they are read, each with its path, and with what the book says of itself."""
    first, second = read_epub(epub(BRIDGE_STORY, ORCHESTRA_STORY, metadata=METADATA), name="paper.epub")
    assert (first.part, second.part) == ("OPS/a/bridge.xhtml", "OPS/orchestra.xhtml")
    assert (first.title, second.title) == ("Bridge closed", "Orchestra plays")
    assert first.text.startswith("Bridge closed\n\n")
    assert " ".join(BRIDGE.split()) in " ".join(first.text.split())
    assert (first.source, first.author, first.dates) == ("The Gazette, 1 May", "Jane Roe", (("2024-05-01", "meta"),))


@pytest.mark.parametrize(
    "aside",
    [
        _story("nav.xhtml", "Contents", BRIDGE, item='properties="nav"'),
        _story("cover.xhtml", "Cover", BRIDGE, item='properties="cover-image svg"'),
        _story("note.xhtml", "A note", BRIDGE, reference='linear="no"'),
        _story("short.xhtml", "Short", "Part two."),
        Chapter("toc.xhtml", f'<body epub:type="frontmatter toc"><p>{BRIDGE}</p></body>'),
        Chapter("imprint.xhtml", f'<body><section role="doc-colophon"><p>{BRIDGE}</p></section></body>'),
        Chapter("picture.xhtml", '<body><svg><image href="a.png"/></svg></body>'),
    ],
    ids=lambda chapter: chapter.path,
)
def test_what_tells_no_story_is_left_out(aside: Chapter) -> None:
    assert _titles(aside, ORCHESTRA_STORY) == ["Orchestra plays"]


def test_what_an_older_book_calls_its_contents_is_left_out() -> None:
    """EPUB 2 has a guide for that."""
    references = '<reference type="toc" href="contents%20a.html#top"/><reference type="text" href="a/bridge.xhtml"/>'
    guide = f"<guide>{references}</guide>"
    contents = _story("contents a.html", "Contents", BRIDGE)
    assert _titles(contents, BRIDGE_STORY, metadata=guide) == ["Bridge closed"]


def test_what_a_program_writes_where_nobody_is_known_is_no_name_and_no_date() -> None:
    metadata = "<dc:creator>calibre</dc:creator><dc:date>0101-01-01T00:00:00+00:00</dc:date>"
    (page,) = read_epub(epub(BRIDGE_STORY, metadata=metadata), name="paper.epub")
    assert (page.author, page.source, page.dates) == (None, None, ())


def test_a_book_whose_fonts_alone_are_locked_is_read() -> None:
    lock = '<e><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></e>'
    assert len(read_epub(epub(BRIDGE_STORY, more={"META-INF/encryption.xml": lock}), name="a.epub")) == 1


LOCK = '<e><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></e>'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (epub(BRIDGE_STORY, more={"META-INF/encryption.xml": LOCK}), LockedFile),
        (epub(BRIDGE_STORY)[:300], DamagedFile),
        (zipped({"a.txt": "Text."}), DamagedFile),
        (zipped({"META-INF/container.xml": "<container/>"}), DamagedFile),
        (epub(), UnreadableFile),
    ],
    ids="locked truncated zip no-package empty".split(),
)
def test_what_cannot_be_read_is_told_in_a_sentence(content: bytes, kind: type[UnreadableFile]) -> None:
    with pytest.raises(kind, match=r"^paper\.epub "):
        read_epub(content, name="paper.epub")
