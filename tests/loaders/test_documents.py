"""A text becomes a document: its front matter, its characters, its dates and addresses."""

import time
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UnreadableFile
from retrieval.loaders.documents import decode, from_text, iso_date, web_address

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


@pytest.mark.parametrize(
    "value",
    [
        *("2018-13-45", "{a: [", "!!python/object/apply:os.system [ls]", "[" * 700),
        *("!!bool maybe", '!!int ""', "!!timestamp soon", "!!float x"),
    ],
)
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


def test_what_is_longer_than_any_front_matter_is_none() -> None:
    """A number in base 60 would take minutes, and a list of letters gigabytes."""
    for long in ("n: " + "1:" * 100_000 + "1", "n: [" + "a," * 100_000 + "a]"):
        document = from_text(f"---\ntitle: A\n{long}\n---\nBody.")
        assert document.title is None
        assert not any(mark.kind == "front matter" for mark in document.marks)


def test_heading_signs_and_a_byte_order_mark_are_set_aside() -> None:
    """They are no part of a quote."""
    text = "\ufeff# One\n\nBody.\n\n## Two\n"
    assert [text[m.start : m.end] for m in from_text(text).marks] == ["\ufeff# ", "## "]
    assert [(m.start, m.end, m.kind) for m in from_text("\ufeffBody.").marks] == [(0, 1, "byte order mark")]


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
        ("18 July 2018 10:00 GM", "2018-07-18"),
        ("189999999999999999999920180718h", None),
        ("July 18, 2018" + " ," * 100, None),
        (20180718, None),
        (None, None),
    ],
)
def test_a_date_is_read_only_where_it_is_whole(value: object, expected: str | None) -> None:
    """A day that nobody wrote is not invented."""
    assert iso_date(value) == expected


ENCODED = {
    "cp1252": "“C’est une première étape”, a-t-il ajouté, après avoir rencontré les représentants des régions.",
    "latin-1": "Der Bürgermeister erklärte, die Brücke müsse für Jahre geschlossen bleiben; die Fähre fährt häufiger.",
    "iso-8859-2": "Starosta prohlásil, že most zůstane několik měsíců zavřený; přívoz pojede každých deset minut.",
    "cp1250": "Burmistrz powiedział, że most będzie zamknięty przez jedenaście miesięcy, a prom popłynie częściej.",
    "koi8-r": "Мэр сообщил во вторник, что старый мост через реку закрыт, потому что в двух опорах нашли трещины.",
    "cp1251": "Мэр сообщил во вторник, что старый мост через реку закрыт, потому что в двух опорах нашли трещины.",
    "iso-8859-7": "Ο δήμαρχος είπε την Τρίτη ότι η παλιά γέφυρα πάνω από το ποτάμι έκλεισε, επειδή βρέθηκαν ρωγμές.",
    "cp1255": "ראש העיר אמר ביום שלישי כי הגשר הישן מעל הנהר נסגר, משום שנמצאו סדקים בשניים מעמודיו.",
    "shift_jis": "市長は火曜日、川に架かる古い橋を閉鎖したと述べた。二本の橋脚にひびが見つかったためである。",
    "euc-jp": "市長は火曜日、川に架かる古い橋を閉鎖したと述べた。二本の橋脚にひびが見つかったためである。",
    "gb18030": "市长周二表示，河上的旧桥已经关闭，因为两个桥墩上发现了裂缝。修理需要十一个月，费用为四百万欧元。",
    "big5": "市長週二表示，河上的舊橋已經關閉，因為兩個橋墩上發現了裂縫。修理需要十一個月，費用為四百萬歐元。",
    "euc-kr": "시장은 화요일에 강 위의 오래된 다리를 폐쇄했다고 말했다. 두 개의 교각에서 균열이 발견되었기 때문이다.",
    "utf-16": "The old bridge is closed.",
    "utf-16-le": "\ufeffThe old bridge is closed.",
    "utf-8-sig": "The old bridge is closed.",
}


@pytest.mark.parametrize("charset", ENCODED)
def test_a_dozen_character_sets_are_detected(charset: str) -> None:
    """Of a text as long as a short article; its characters are those that were written."""
    text = "\n".join([ENCODED[charset]] * 6) if not charset.startswith("utf") else ENCODED[charset]
    assert decode(text.encode(charset), name="a.txt").lstrip("\ufeff") == text.lstrip("\ufeff")
