"""A page without the text in it that its readers do not see: hidden, printed in nothing, or set beside the screen.

Programs read such text, and would quote it. A page can hide text in its style sheets, too, which are not fetched:
what it says stands below its own host's name all the same.
"""

import re
from typing import Any

_NOTHING = r"(?:0+(?:\.0*)?|\.0+)(?:[a-z]+|%)?"
# Declarations of a style attribute, lower case and without white space
_HIDING = re.compile(
    r"(?:^|;)(?:"
    r"display:none|visibility:(?:hidden|collapse)|content-visibility:hidden"
    rf"|opacity:{_NOTHING}|font-size:(?:{_NOTHING}|[0-2](?:\.\d+)?p[xt]|0?\.[0-2]\d*r?em|\d(?:\.\d+)?%)"
    r"|(?:left|right|top|bottom|margin-left|margin-top|text-indent):-\d{3,}(?:\.\d+)?(?:[a-z]+|%)"
    r"|clip-path:(?:inset\((?:100|50)%|circle\(0)[^;]*|clip:rect\([01](?:px)?,[^;]*"
    r"|color:(?:transparent|rgba\(\d+,\d+,\d+,0(?:\.0+)?\))"
    r")(?:!important)?(?:;|$)"
)
_COLOUR = re.compile(r"(?:^|;)color:([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_FLAT = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px)?(?:!important)?(?:;|$)")
_CUT_OFF = re.compile(r"(?:^|;)overflow(?:-[xy])?:(?:hidden|clip)")
_NAMED = {"white": "#fff", "black": "#000", "red": "#f00", "#ffffff": "#fff", "#000000": "#000"}
_LONGEST = 2_000  # characters of a style attribute that are looked at
_MOST = 0.5  # of a page's text: where more is hidden at first, a script shows it


def without_hidden(page: str) -> str:
    """The page without elements that hide their text; as it is where there are none, or most would go."""
    from resiliparse.parse.html import HTMLTree, NodeType

    tree: Any = HTMLTree.parse(page)
    body = tree.body
    if body is None:
        return page
    # Walked, not selected: going through what a selector found takes quadratic time.
    hidden = [node for node in body if node.type == NodeType.ELEMENT and _is_hidden(node)]
    if not hidden:
        return page
    whole = len(body.text)
    for element in hidden:
        element.parent.remove_child(element)  # not freed: some of the others stand inside
    return str(tree) if len(body.text) >= whole * _MOST else page


def _is_hidden(element: Any) -> bool:
    if element.tag == "template" or element.hasattr("hidden") or element.getattr("aria-hidden") == "true":
        return True
    style = "".join((element.getattr("style") or "")[:_LONGEST].lower().split())
    return bool(_HIDING.search(style) or (_FLAT.search(style) and _CUT_OFF.search(style)) or _is_on_its_own(style))


def _is_on_its_own(style: str) -> bool:
    """Whether the letters have the colour of what is behind them."""
    colour, background = _COLOUR.search(style), _BACKGROUND.search(style)
    return bool(colour and background) and _colour(colour) == _colour(background)


def _colour(found: re.Match[str] | None) -> str:
    named = found[1].replace("rgb(255,255,255)", "#fff").replace("rgb(0,0,0)", "#000") if found else ""
    return _NAMED.get(named, named)
