"""Files that somebody made to do harm, and files that are merely broken; all of them are made here.

Each is made in a folder of its own. ``ends`` is what adding it must come to, ``told`` what its error must say.
"""

import gzip
import os
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from tests.made import Chapter, column, docx, epub, paragraph, pdf, zipped

STORY = (
    "The harbour bridge was closed on Monday after engineers found cracks in two of its cables. "
    "Mayor Ana Ruiz said that repairs would take six weeks and cost 4 million euros. "
    "Ferries will carry passengers across the river every ten minutes until then."
)
_MB = 1_000_000
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200)
_ELF = b"\x7fELF\x02\x01\x01" + bytes(300)


@dataclass(frozen=True)
class HostileFile:
    """A file to add: ``name`` and what makes its bytes, or ``make``, which puts it into a folder by other means."""

    name: str
    content: Callable[[], bytes] | None = None
    make: Callable[[Path], None] | None = None
    ends: frozenset[str] = frozenset({"failed"})
    told: str = ""

    def put_into(self, folder: Path) -> Path:
        """The path of the file, which is there afterwards."""
        path = folder / self.name
        if self.content is not None:
            path.write_bytes(self.content())
        if self.make is not None:
            self.make(path)
        return path


ADDED = frozenset({"added"})
PARTLY = frozenset({"added", "failed"})


# Archives


def _archive(*parts: tuple[str, bytes], packed: int = ZIP_DEFLATED) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, part in parts:
            archive.writestr(ZipInfo(name), part, packed, compresslevel=1)
    return made.getvalue()


def _zip_of_zeros() -> bytes:
    return _archive(("story.txt", bytes(120 * _MB)))


def _nested_zips() -> bytes:
    inner = _archive(("story.txt", b"\n" * (20 * _MB)))
    for depth in range(8):
        inner = _archive(*((f"{depth}-{n}.zip", inner) for n in range(10)))
    return inner


def _overlapping_zip() -> bytes:
    """Many names for one packed body (after D. Fifield's idea): a small file that unpacks to gigabytes."""
    name = b"0000.txt"
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(b"a" * (40 * _MB)) + body.flush()
    check = zlib.crc32(b"a" * (40 * _MB))
    sizes = struct.pack("<III", check, len(packed), 40 * _MB)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", len(name), 0) + name
    central = b""
    for number in range(1_000):
        own = b"%04d.txt" % number
        central += b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
        central += struct.pack("<HHHHHII", len(own), 0, 0, 0, 0, 0, 0) + own
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1_000, 1_000, len(central), len(local + packed), 0)
    return local + packed + central + end


def _zip_in_itself() -> bytes:
    """A zip that names its own bytes as a part: as near to a quine as a stored part comes."""
    begin = _archive(("story.zip", b""), packed=ZIP_STORED)
    return _archive(("story.zip", begin), ("more.zip", begin * 2), packed=ZIP_STORED) * 2


def _zip_with_paths() -> bytes:
    names = (
        "../../outside.txt",
        "/absolute.txt",
        "..\\..\\windows.txt",
        "C:\\windows.txt",
        "a/../../b.txt",
        "inside.txt",
    )
    return _archive(*((name, f"{STORY} It is the story of {n}.".encode()) for n, name in enumerate(names)))


def _zip_of_many() -> bytes:
    return _archive(*((f"{number}.txt", b"") for number in range(100_000)), packed=ZIP_STORED)


def _zip_with_link() -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        link = ZipInfo("passwd.txt")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return made.getvalue()


def _locked_zip() -> bytes:
    made = bytearray(_archive(("story.txt", STORY.encode())))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.index(sign) + at] |= 1
    return bytes(made)


def _lying_zip() -> bytes:
    """It says that its part has ten bytes."""
    made = bytearray(_archive(("story.txt", bytes(120 * _MB))))
    at = made.index(b"PK\x01\x02") + 24
    made[at : at + 4] = struct.pack("<I", 10)
    return bytes(made)


# PDF


def _pdf(content: str, *, more: str = "", length: int | None = None) -> bytes:
    return (
        "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 4 0 R>>endobj\n"
        f"4 0 obj<</Length {length or len(content)}{more}>>stream\n{content}\nendstream endobj\n"
        "trailer<</Root 1 0 R/Size 5>>\n%%EOF"
    ).encode("latin-1")


def _pdf_bomb() -> bytes:
    once = zlib.compress(b"(a) Tj " * 3 * _MB, 9)
    twice = zlib.compress(once, 9).decode("latin-1")
    return _pdf(twice, more="/Filter[/FlateDecode/FlateDecode]")


def _pdf_with_endless_xref() -> bytes:
    return b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer<</Size 1/Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF"


def _pdf_with_endless_pages() -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj "
        b"2 0 obj<</Type/Pages/Count 2147483647/Kids[2 0 R]>>endobj trailer<</Root 1 0 R>>"
    )


def _pdf_with_huge_page() -> bytes:
    letters = "BT /F1 1 Tf " + "(aaaaaaaaaaaaaaaaaaaa) Tj " * 20_000 + "ET"
    packed = zlib.compress(letters.encode(), 9).decode("latin-1")
    made = _pdf(packed, more="/Filter/FlateDecode")
    font = b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    return made.replace(b"/MediaBox", font + b"/MediaBox")


# XML in Word and EPUB files

_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)) + "]>"
)
_OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'


def _docx_with(document: str) -> bytes:
    parts: dict[str, str | bytes] = {}
    with ZipFile(BytesIO(docx(""))) as whole:
        parts |= {name: whole.read(name) for name in whole.namelist()}
    return zipped({**parts, "word/document.xml": document})


_BODY = '{}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'


def _docx_of_laughs() -> bytes:
    return _docx_with(_BODY.format(_LAUGHS, "<w:p><w:r><w:t>&a11;</w:t></w:r></w:p>"))


def _docx_of_another_file() -> bytes:
    return _docx_with(_BODY.format(_OUTSIDE, paragraph(STORY) + "<w:p><w:r><w:t>&f;</w:t></w:r></w:p>"))


def _deep_docx() -> bytes:
    return _docx_with(_BODY.format("", "<w:sdt>" * 200 + paragraph(STORY) + "</w:sdt>" * 200))


def _deeper_docx() -> bytes:
    return _docx_with(_BODY.format("", "<w:sdt>" * 100_000 + "</w:sdt>" * 100_000))


def _docx_of_zeros() -> bytes:
    return _docx_with(_BODY.format("", " " * 60 * _MB))


def _epub_of_laughs() -> bytes:
    return epub(Chapter("a.xhtml", ""), more={"OPS/book.opf": f"{_LAUGHS}<package>&a11;</package>"})


def _epub_of_one_chapter_many_times() -> bytes:
    body = f"<body><h1>Story</h1><p>{STORY}</p></body>"
    chapters = [Chapter("a.xhtml", body)]
    items = "".join(f'<item id="c{n}" href="a.xhtml#{n}"/>' for n in range(20_000))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(20_000))
    return epub(
        *chapters, more={"OPS/book.opf": f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>"}
    )


# Texts


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1_000 * _MB)


def _json_of_nothing(size: int) -> bytes:
    """So many bytes of empty tables: a hundred times as many in memory."""
    return b'{"text": [' + b"{}," * (size // 3) + b"0]}"


def _letters(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


_NESTED = 16_000
_GOOD = b'{"text": "%s", "title": "%s"}'

FILES: dict[str, HostileFile] = {
    # archives
    "zip of zeros": HostileFile("a.zip", _zip_of_zeros, told="unpacks to more than"),
    "zips in zips": HostileFile("a.zip", _nested_zips, told="holds no article files"),
    "overlapping zip": HostileFile("a.zip", _overlapping_zip, told="characters"),
    "zip in itself": HostileFile("a.zip", _zip_in_itself, told="holds no article files"),
    "zip with paths": HostileFile("a.zip", _zip_with_paths, ends=ADDED),
    "zip of 100,000 files": HostileFile("a.zip", _zip_of_many, told="10,000 files"),
    "zip with a link": HostileFile("a.zip", _zip_with_link, told="holds no article files"),
    "locked zip": HostileFile("a.zip", _locked_zip, told="unpacked"),
    "zip that lies": HostileFile("a.zip", _lying_zip, told="unpacked"),
    "half a zip": HostileFile("a.zip", lambda: _zip_with_paths()[:-100], told="unpacked"),
    "gzip named zip": HostileFile("a.zip", lambda: gzip.compress(STORY.encode()), told="unpacked"),
    "gzip": HostileFile("a.gz", lambda: gzip.compress(bytes(50 * _MB)), told="kind that is not read"),
    "gzip named text": HostileFile("a.txt", lambda: gzip.compress(STORY.encode()), told="not a text file"),
    # PDF
    "PDF bomb": HostileFile("a.pdf", _pdf_bomb, told="pictures"),
    "PDF with an endless table": HostileFile("a.pdf", _pdf_with_endless_xref, told="damaged"),
    "PDF with endless pages": HostileFile("a.pdf", _pdf_with_endless_pages, told="damaged"),
    "PDF with a password": HostileFile("a.pdf", lambda: pdf([column(STORY)], is_locked=True), told="password"),
    "PDF of one huge page": HostileFile("a.pdf", _pdf_with_huge_page, told="damaged"),
    "half a PDF": HostileFile("a.pdf", lambda: pdf([column(STORY)])[:300], told="damaged"),
    "PDF of noise": HostileFile("a.pdf", lambda: b"%PDF-1.7\n" + _letters(1, _MB), told="damaged"),
    # Word, EPUB
    "Word with a billion laughs": HostileFile("a.docx", _docx_of_laughs, told="damaged"),
    "Word that names another file": HostileFile("a.docx", _docx_of_another_file, ends=ADDED),
    "deep Word": HostileFile("a.docx", _deep_docx, ends=ADDED),
    "deeper Word": HostileFile("a.docx", _deeper_docx, told="damaged"),
    "Word of zeros": HostileFile("a.docx", _docx_of_zeros, told="unpacks to more than"),
    "EPUB with a billion laughs": HostileFile("a.epub", _epub_of_laughs, told="damaged"),
    "EPUB of one chapter": HostileFile("a.epub", _epub_of_one_chapter_many_times, ends=ADDED),
    # JSON
    "million deep JSON": HostileFile("a.json", lambda: b'{"text":' + b"[" * _MB + b"]" * _MB + b"}", told="not JSON"),
    "million deep JSON line": HostileFile("a.jsonl", lambda: b"[" * _MB, told="not JSON"),
    "huge number": HostileFile("a.json", lambda: b'{"text": "a", "n": ' + b"9" * _MB + b"}", told="not JSON"),
    "duplicate keys": HostileFile(
        "a.json", lambda: b'{"text": "One.", "text": ' + b'"' + STORY.encode() + b'"}', ends=ADDED
    ),
    "one bad line": HostileFile(
        "a.jsonl",
        lambda: b"\n".join([_GOOD % (STORY.encode(), b"One"), b'{"text": ', _GOOD % (b"A storm came. " * 9, b"Two")]),
        ends=PARTLY,
        told="line 2",
    ),
    "JSON of nothing": HostileFile("a.json", lambda: _json_of_nothing(9 * _MB), told="values"),
    "zip of a JSON of nothing": HostileFile(
        "a.zip", lambda: _archive(("a.json", _json_of_nothing(49 * _MB))), told="values"
    ),
    "million numbers": HostileFile("a.json", lambda: b'["text"' + b",0" * _MB + b"]", told="has no text"),
    "million bad lines": HostileFile("a.jsonl", lambda: b"x\n" * _MB, told="not JSON"),
    "millions of line breaks": HostileFile("a.jsonl", lambda: b"x" + b"\n" * (9 * _MB), told="not JSON"),
    "half characters": HostileFile("a.jsonl", lambda: b'{"text": "\\ud800 is half."}', told="half a character"),
    # pages
    "nested divs": HostileFile("a.html", lambda: b"<div>" * _NESTED + STORY.encode() + b"</div>" * _NESTED, ends=ADDED),
    "page without an end": HostileFile("a.html", lambda: b"<a " * _MB, told="no article"),
    "page of open comments": HostileFile("a.html", lambda: b"<!--" * _MB, told="no article"),
    "page of tables": HostileFile("a.html", lambda: b"<table><tr><td>" * 80_000 + STORY.encode(), ends=ADDED),
    # texts
    "NUL": HostileFile("a.txt", lambda: STORY.encode() + b"\0" + STORY.encode(), told="not a text file"),
    "late NUL": HostileFile("a.txt", lambda: STORY.encode() * 50 + b"\0", told="not a text file"),
    "broken UTF-8": HostileFile("a.txt", lambda: STORY.encode() + b"\xff\xfe\xc3\x28" + STORY.encode(), ends=ADDED),
    "UTF-16 without a mark": HostileFile("a.txt", lambda: STORY.encode("utf-16-le"), told="not a text file"),
    "noise named text": HostileFile(
        "a.txt", lambda: _letters(2, _MB).replace(b"\0", b"a"), told="unknown character set"
    ),
    "one line of 50 MB": HostileFile("a.txt", lambda: b"a" * (50 * _MB), told="characters"),
    "one line of 1 MB": HostileFile("a.txt", lambda: b"a" * _MB, ends=ADDED),
    "a line of 50 MB in JSON Lines": HostileFile(
        "a.jsonl", lambda: b'{"text": "' + b"a" * (49 * _MB) + b'"}', told="characters"
    ),
    "picture named text": HostileFile("a.txt", lambda: _PNG, told="not a text file"),
    "program named Markdown": HostileFile("a.md", lambda: _ELF, told="not a text file"),
    "YAML that grows": HostileFile(
        "a.md",
        lambda: (
            b"---\na: &a [x,x,x,x,x,x,x,x,x]\n"
            + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(98, 107))
            + b"title: *j\n---\n"
            + STORY.encode()
        ),
        ends=ADDED,
    ),
    "YAML number in base 60": HostileFile(
        "a.md", lambda: b"---\ntitle: A\nn: 1" + b":1" * (_MB // 4) + b"\n---\n" + STORY.encode(), ends=ADDED
    ),
    "YAML that is not what it says": HostileFile(
        "a.md", lambda: b"---\ntitle: !!bool maybe\n---\n" + STORY.encode(), told="front matter"
    ),
    "millions of headings": HostileFile("a.md", lambda: b"# \n" * (3 * _MB), told="characters"),
    "deep YAML": HostileFile(
        "a.md", lambda: b"---\na: " + b"[" * 9_000 + b"\n---\n" + STORY.encode(), told="front matter"
    ),
    "bidirectional marks": HostileFile("a.txt", f"\u202e{STORY}\u202c \u2066{STORY[::-1]}\u2069".encode, ends=ADDED),
    "nothing": HostileFile("a.txt", lambda: b"", told="empty"),
    "white space": HostileFile("a.txt", lambda: b" \n\t\r\n" * 100_000, told="empty"),
    "invisible": HostileFile("a.txt", lambda: "\u200b\u2060\ufeff\u00ad".encode() * 1_000, told="no sentence"),
    "boilerplate": HostileFile(
        "a.txt", lambda: b"ADVERTISEMENT\n\nRead more\n\nShare this article\n", told="no sentence"
    ),
    # the disk
    "FIFO": HostileFile("a.txt", make=os.mkfifo, told="pipe or a device"),
    "folder named text": HostileFile("a.txt", make=lambda path: path.mkdir(), told="no article files"),
    "endless device": HostileFile("a.txt", make=lambda path: path.symlink_to("/dev/zero"), told="pipe or a device"),
    "link in a circle": HostileFile("a.txt", make=lambda path: path.symlink_to(path), told="cannot be read"),
    "sparse": HostileFile("a.txt", make=_sparse, told="larger than 50 MB"),
}


ATTACHED = tuple(name for name, file in FILES.items() if file.content is not None)  # what can come with a message
