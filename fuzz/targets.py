"""One target a parser: bytes in, and nothing out but an error of ours. ``SEEDS`` are what each begins with."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date

from bot import keys, markdown
from retrieval.answers import operators
from retrieval.chunk import split
from retrieval.clean import clean
from retrieval.errors import QuothError
from retrieval.extraction.feeds import parse
from retrieval.extraction.kinds import extract_file
from retrieval.extraction.pages import extract
from retrieval.loaders.documents import decode, from_text
from retrieval.loaders.json_files import from_json, from_json_lines
from retrieval.settings import Settings
from retrieval.web.addresses import canonical, target_of
from retrieval.web.content import kind_of

_TODAY = date(2024, 5, 1)


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _pages(content: bytes) -> None:
    with suppress(QuothError):
        extract(content, name="a.html", address="https://news.example/a")


def _feeds(content: bytes) -> None:
    with suppress(QuothError):
        parse(content, address="https://news.example/feed")


def _file(suffix: str) -> Callable[[bytes], None]:
    def read(content: bytes) -> None:
        with suppress(QuothError):
            extract_file(content, name="a", suffix=suffix)

    return read


def _json(content: bytes) -> None:
    text = _text(content)
    list(from_json_lines(text, name="a.jsonl"))
    with suppress(QuothError):
        list(from_json(text, name="a.json"))


def _texts(content: bytes) -> None:
    """What is kept is in one passage, whatever the text is."""
    with suppress(QuothError):
        document = from_text(decode(content, name="a.md"), name="a.md")
        cleaned = clean(document.text, marks=document.marks)
        passages = split(document.text, cleaned.marks, count=lambda texts: [len(t.split()) for t in texts], room=50)
        spans = sorted([s for p in passages for s in p.sentences] + [(m.start, m.end) for m in cleaned.marks])
        left, at = "", 0
        for start, end in spans:
            if start < at:
                raise AssertionError("two hold one character")
            left, at = left + document.text[at:start], end
        if (left + document.text[at:]).strip():
            raise AssertionError("a character is lost")


def _operators(content: bytes) -> None:
    with suppress(QuothError):
        request = operators.read(_text(content), today=_TODAY)
        request.holds("a text")


def _markdown(content: bytes) -> None:
    text = _text(content)
    if markdown.unescape(markdown.escape(text)) != text:
        raise AssertionError("another text is shown")
    markdown.block_quote(text, (len(text) // 3, len(text) // 2))
    markdown.address(text, 500)
    markdown.heading(text, 80)


def _custom_ids(content: bytes) -> None:
    with suppress(ValueError):
        key, page = keys.decode(_text(content))
        again = keys.encode(key, page)
        if again is not None and keys.decode(again) != (key, page):
            raise AssertionError("a code leads elsewhere")


def _settings(content: bytes) -> None:
    with suppress(QuothError, tomllib.TOMLDecodeError):
        tables = tomllib.loads(_text(content))
        Settings.from_tables({name: table for name, table in tables.items() if isinstance(table, dict)})


def _addresses(content: bytes) -> None:
    text = _text(content)
    with suppress(QuothError):
        target = target_of(text)
        if target_of(target.url) != target:
            raise AssertionError("an address is read in two ways")
        canonical(target.url)
    with suppress(QuothError):
        kind_of(content, text[:60], host="news.example")


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "pages": _pages,
    "feeds": _feeds,
    "pdf": _file(".pdf"),
    "docx": _file(".docx"),
    "epub": _file(".epub"),
    "json": _json,
    "texts": _texts,
    "operators": _operators,
    "markdown": _markdown,
    "custom-ids": _custom_ids,
    "settings": _settings,
    "addresses": _addresses,
}

_STORY = "The bridge was closed on Monday. “No,” she said. Repairs cost 4 million euros."


def seeds() -> Mapping[str, Sequence[bytes]]:
    """A few small inputs for each target, made by the helpers of the tests."""
    from tests.made import Chapter, column, docx, epub, paragraph, pdf
    from tests.sites import item, page, rss

    atom = f'<feed xmlns="http://www.w3.org/2005/Atom">{_STORY}</feed>'
    texts: Mapping[str, Sequence[str]] = {
        "pages": [page("The bridge", _STORY), f"<p hidden>{_STORY}</p><div style='font-size:0'>{_STORY}"],
        "feeds": [rss(item("https://news.example/a", "A")), atom],
        "json": [f'{{"text": "{_STORY}", "title": "A"}}', '{"messages": [{"embeds": []}]}', '[{"maintext": 1}]'],
        "texts": [
            _STORY,
            f"---\ntitle: A\n---\n{_STORY}",
            f"ADVERTISEMENT\n\nBy Jane Roe\n\nPARIS (Reuters) - {_STORY}",
        ],
        "operators": ['source:"A B" after:2018-07 "exact words" in July 2018', "latest news", "what on 5 May 2018?"],
        "markdown": ["# a\n> b\n- [c](https://d.example) <@1> **e** ||f|| :g: `h`", "https://ä.example/#:~:text=a"],
        "custom-ids": ["q1:1:a:0123456789ab.1.2z.abcd", "q1:2:l:search", "q1:1:t:short.topic", "q1:1:s:0123.long"],
        "settings": ["[answers]\nquotes = 3\nconfidence = 0.5\n", "[model]\nthreads = 2\n[web]\nfeed_minutes = 60\n"],
        "addresses": [
            "https://news.example:443/a?b=c#d",
            "http://[::1]/",
            "http://１２７.1/",
            "https://bücher.example/",
        ],
    }
    made: dict[str, Sequence[bytes]] = {name: [text.encode() for text in some] for name, some in texts.items()}
    return made | {
        "pdf": [pdf([column(_STORY, "Another line.")], info={"Title": "A"}), pdf([[]], is_locked=True)],
        "docx": [docx(paragraph(_STORY), properties="<dc:title>A</dc:title>")],
        "epub": [epub(Chapter("a.xhtml", f"<body><h1>A</h1><p>{_STORY * 4}</p></body>"))],
    }
