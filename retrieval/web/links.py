"""Links that open a page at the quoted words.

The URL Fragment Text Directives specification (WICG) names the form ``#:~:text=start,end``.
"""

from urllib.parse import quote, urldefrag

LONGEST_LINK = 512  # characters; Discord's link buttons take no more
_EDGE_WORDS = (5, 3)


def text_link(url: str, text: str) -> str:
    """The page's address with a directive that finds the text; the bare address where that is too long."""
    page = urldefrag(url).url
    words = text.split()
    for edge in _EDGE_WORDS:
        is_short = len(words) <= 2 * edge
        directive = _encoded(words) if is_short else f"{_encoded(words[:edge])},{_encoded(words[-edge:])}"
        link = f"{page}#:~:text={directive}"
        if len(link) <= LONGEST_LINK:
            return link
    return url


def _encoded(words: list[str]) -> str:
    # "-" divides a directive's parts, as "," and "&" do, and quote() leaves it as it is.
    return quote(" ".join(words), safe="").replace("-", "%2D")
