"""Codes of buttons: short, versioned, and good for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import keys

articles = st.text("0123456789abcdef", min_size=4, max_size=16)
spans = st.builds(
    lambda article, start, length: keys.Span(article, start, start + length, keys.digest(article)),
    articles,
    st.integers(0, 10**7),
    st.integers(1, 50_000),
)
any_key: st.SearchStrategy[keys.Key] = st.one_of(
    st.lists(spans, min_size=1, max_size=3).map(lambda found: keys.QuotesKey(tuple(found))),
    spans.map(keys.ContextKey),
    st.builds(keys.SummaryKey, articles, st.sampled_from(["short", "medium", "long"])),
    st.text(max_size=keys.SEARCH_LIMIT).map(keys.ListKey),
    st.builds(keys.TopicKey, st.text(min_size=1, max_size=40), st.sampled_from(["short", "medium", "long"])),
    spans.map(lambda span: keys.VerifyKey((span,))),
    articles.map(keys.ArticleKey),
    st.text("0123456789abcdef", min_size=12, max_size=12).flatmap(
        lambda answer: st.sampled_from([keys.MoreKey(answer), keys.NearestKey(answer)])
    ),
)


@given(any_key, st.integers(1, 999))
def test_a_code_leads_back_to_its_card_and_page(key: keys.Key, page: int) -> None:
    """Every card that an answer can have fits into the 100 characters of a custom id."""
    code = keys.encode(key, page)
    assert code is not None
    assert len(code.encode("utf-16-le", "surrogatepass")) <= 200
    assert keys.decode(code) == (key, page)


def test_what_does_not_fit_has_no_code() -> None:
    """A button that could not be pressed is left out, not sent."""
    assert keys.encode(keys.QuotesKey((keys.Span("f" * 16, 10**9, 10**9 + 5, "abcd"),) * 4)) is None
    assert keys.encode(keys.SummaryKey("not hexadecimal", "short")) is None


def test_something_else_is_no_code() -> None:
    with pytest.raises(ValueError, match="not a code"):
        keys.decode("q1:choose")
