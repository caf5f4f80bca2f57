"""Escaping: nothing in an article is live, and nothing in it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import markdown

_MARKUP = [*"\\*_~|`[]()<>#-+. 1:/@\n", "@everyone", "<@1>", "](", "https://", "discord.gg/x", ":a:", "```"]
hostile = st.lists(st.one_of(st.sampled_from(_MARKUP), st.characters())).map("".join)


@given(hostile)
def test_unescaping_gives_back_what_was_escaped(text: str) -> None:
    """No character is lost, added or exchanged by escaping, whatever the text."""
    assert markdown.unescape(markdown.escape(text)) == text


@given(hostile)
def test_every_character_that_opens_markup_stands_behind_a_backslash(text: str) -> None:
    """Emphasis, code, spoilers, links, mentions and emoji cannot begin."""
    escaped = markdown.escape(text)
    at = 0
    while at < len(escaped):
        if escaped[at] == "\\":
            at += 2
            continue
        assert escaped[at] not in "*_~|`[]<"
        at += 1


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (
            "[safe](x) click [Free nitro](https://evil.example)",
            r"\[safe\]\(x) click \[Free nitro\]\(https\://evil.example)",
        ),
        ("# Heading", r"\# Heading"),
        ("-# small", r"\-# small"),
        ("> quote", r"\> quote"),
        ("#", r"\#"),  # with the next line, it would be a heading
        ("1234567890. x", r"1234567890\. x"),
        ("- a\n+ b\n* c\n1. d\n2) e", "\\- a\n\\+ b\n\\* c\n1\\. d\n2\\) e"),
        ("@everyone and <@123> in <#4>", r"\@everyone and \<@123> in \<#4>"),
        ("</ask:1> <t:1:R> <:x:1> :smile:", r"\</ask:1> \<t\:1:R> \<\:x:1> \:smile:"),
        ("||spoiler|| ~~gone~~ ```code```", r"\|\|spoiler\|\| \~\~gone\~\~ \`\`\`code\`\`\`"),
        ("discord.gg/abc discordapp.com/invite/x", r"discord.gg\/abc discordapp.com/invite\/x"),
        ("3-1 at 10:30, C# and 5 > 4", "3-1 at 10:30, C# and 5 > 4"),
    ],
)
def test_what_is_markup_is_escaped_and_what_is_not_is_left_alone(text: str, escaped: str) -> None:
    assert markdown.escape(text) == escaped


def test_every_line_of_a_quote_has_its_own_mark() -> None:
    """An empty line would end the block quote, so it carries an invisible character."""
    assert markdown.block_quote("one\n\ntwo") == "> one\n> \u200b\n> two"


def test_the_focus_of_a_quote_is_bold_on_each_of_its_lines() -> None:
    text = "First. *Second*\nline. Third."
    assert markdown.block_quote(text, (7, 21)) == "> First. **\\*Second\\***\n> **line.** Third."


@given(hostile, st.data())
def test_bold_marks_are_all_that_a_focus_adds(text: str, data: st.DataObject) -> None:
    """With a focus anywhere, the reader still sees exactly the visible characters of the text."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    plain = markdown.block_quote(text[:start] + text[start:end] + text[end:])
    marked = markdown.block_quote(text, (start, end))
    if "\r" not in text:  # a carriage return and its line feed may be parted by the focus
        assert _shown(marked.replace("**", "")) == _shown(plain.replace("**", ""))


def _shown(quoted: str) -> str:
    return markdown.unescape(quoted.replace("\n> ", "\n"))


def test_control_characters_and_bidirectional_marks_are_not_shown() -> None:
    """They could reorder or hide words of a quote; every other character is shown."""
    assert markdown.block_quote("a\u202eb\x07c\u200fd\ufeff\u2066e") == "> abcde"


def test_a_label_that_looks_like_an_address_is_not_the_link() -> None:
    """Otherwise a title could read as one site and open another."""
    made = markdown.link("https://bank.example", "https://evil.example", 80)
    assert made == r"https\://bank.example [source](<https://evil.example>)"
    assert markdown.link("A (title)", "https://news.example", 80) == "[A (title)](<https://news.example>)"


@pytest.mark.parametrize(
    "title",
    [
        *("bank.example", "Bank.example – the mayor resigns", "news.bank.co.uk: a story", "банк.рф", "www.bank"),
        *("\u202ewww.bank.example", "\u200bbank.example", "ba\u00adnk.example", "bank．example", "bank\u2024example"),
    ],
)
def test_a_label_that_begins_with_a_host_is_not_the_link(title: str) -> None:
    """Whatever stands unseen in it, and however wide its dots are."""
    made = markdown.link(title, "https://evil.example", 80)
    assert made.endswith(" [source](<https://evil.example>)")
    assert not made.startswith("[")


@pytest.mark.parametrize(
    "title", ["U.S.-China talks", "U.S. economy", "Ph.D. students", "No.10 is empty", "A.I. in 2.0 years"]
)
def test_a_label_with_dots_that_is_no_host_is_the_link(title: str) -> None:
    assert markdown.link(title, "https://news.example", 80).startswith(f"[{title}](<")


@pytest.mark.parametrize("title", ["A [title]", "2] or", "snake_case", "# 1", "\u200b", "\u202e"])
def test_a_title_that_discord_would_not_take_for_a_label_stands_beside_its_link(title: str) -> None:
    """In a label Discord ends at brackets and shows backslashes, whether or not they escape."""
    made = markdown.link(title, "https://news.example", 80)
    assert made == f"{markdown.inline(title, 80)} [source](<https://news.example>)"


def test_no_link_reaches_into_the_text_after_it() -> None:
    """Discord looks for the last ``](`` that could end a label, and takes an escaped bracket for one."""
    assert "](" not in markdown.escape("](mailto:evil@evil.example) [a](b) ]](")


def test_number_signs_at_the_end_of_a_heading_are_shown() -> None:
    """Discord takes them for the end of the heading; a heading of no visible character is still one."""
    assert markdown.heading("What is C#", 80) == "### What is C#\u200b"
    assert markdown.heading("\u202e", 80) == "### \u200b"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://bücher.example/größe?q=ä#ß", "https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe?q=%C3%A4#%C3%9F"),
        ("https://例え.example:8080/", "https://xn--r8jz45g.example:8080/"),
        ("https://news.example", "https://news.example"),
        ("https://a\u202eb.example/", None),
        ("https:///path", None),
    ],
)
def test_a_host_in_other_letters_is_written_as_the_net_knows_it(url: str, shown: str | None) -> None:
    """Discord refuses a button whose address has a percent sign in its host."""
    assert markdown.address(url, 300) == shown


def test_addresses_cannot_break_out_of_their_link() -> None:
    assert markdown.address("https://a.example/x y>)(<z", 99) == "https://a.example/x%20y%3E%29%28%3Cz"


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "file:///etc/passwd", "ftp://a.example", ""])
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert markdown.address(url, 512) is None


def test_a_link_to_a_passage_that_is_too_long_opens_the_page() -> None:
    url = "https://a.example/page#:~:text=" + "x" * 600
    assert markdown.address(url, 512) == "https://a.example/page"
    assert markdown.address("https://a.example/" + "x" * 600, 512) is None


def test_a_line_keeps_the_spaces_that_do_not_break() -> None:
    """All others become one: in French a mark would begin the next line otherwise."""
    assert markdown.inline(" Résumé\u202f:  la\n\tfin\u00a0! ", 80) == "Résumé\u202f: la fin\u00a0!"


def test_long_text_is_cut_by_code_points_and_says_so() -> None:
    assert markdown.shorten("🎉" * 101, 100) == "🎉" * 99 + "…"
