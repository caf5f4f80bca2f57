"""Discord's limits on messages, checked here because the library does not.

The numbers are from Discord's documentation of messages and components; the total of all Text
Displays is the library's own note and is kept well below.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

CONTENT = 2000
COMPONENTS = 40
TEXT_TOTAL = 4000
BUTTONS_IN_ROW = 5
LABEL = 80
LINK = 512
CUSTOM_ID = 100
OPTIONS = 25
OPTION_TEXT = 100
PLACEHOLDER = 150
ROWS = 5

_ROW, _BUTTON, _SELECT, _TEXT, _CONTAINER = 1, 2, 3, 10, 17
_LINK_STYLE = 5


class LimitError(ValueError):
    """A message that Discord would refuse; a defect, never a reader's fault."""


def check_message(content: str | None, components: Sequence[Mapping[str, Any]], *, v2: bool) -> None:
    """Raise LimitError where a message of this content and these components would be refused."""
    if v2:
        _require(not content, "a V2 message carries no content")
        _require(bool(components), "a V2 message has components")
    else:
        _require(1 <= units(content or "") <= CONTENT, "content has 1 to 2,000 characters")
        _require(len(components) <= ROWS, "at most 5 rows")
    every = list(_walk(components))
    _require(len(every) <= COMPONENTS, "at most 40 components")
    texts = [units(str(item["content"])) for item in every if item["type"] == _TEXT]
    _require(all(length > 0 for length in texts), "no text is empty")
    _require(sum(texts) <= TEXT_TOTAL, "at most 4,000 characters of text")
    ids = [item["custom_id"] for item in every if item.get("custom_id")]
    _require(len(ids) == len(set(ids)), "custom ids are unique")
    _require(all(item["type"] != _BUTTON for item in components), "buttons stand in rows")
    for item in every:
        _check_item(item)


def units(text: str) -> int:
    """Discord's clients count UTF-16 units; that is never fewer than code points."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _check_item(item: Mapping[str, Any]) -> None:
    if item["type"] == _ROW:
        inside = item["components"]
        selects = [child for child in inside if child["type"] == _SELECT]
        _require(1 <= len(inside) <= (1 if selects else BUTTONS_IN_ROW), "a row holds 5 buttons or 1 select")
    elif item["type"] == _BUTTON:
        _check_button(item)
    elif item["type"] == _SELECT:
        _check_select(item)


def _check_button(item: Mapping[str, Any]) -> None:
    _require(1 <= units(item.get("label") or "") <= LABEL, "a button's label has 1 to 80 characters")
    if item["style"] == _LINK_STYLE:
        _require(1 <= len(item["url"]) <= LINK, "a button's address has at most 512 characters")
        _require(item["url"].startswith(("https://", "http://")), "a button opens http or https")
    else:
        _require(1 <= units(item["custom_id"]) <= CUSTOM_ID, "a custom id has 1 to 100 characters")


def _check_select(item: Mapping[str, Any]) -> None:
    options = item["options"]
    _require(1 <= len(options) <= OPTIONS, "a select has 1 to 25 options")
    _require(units(item.get("placeholder") or "") <= PLACEHOLDER, "a placeholder has at most 150 characters")
    for option in options:
        for part in (option["label"], option["value"]):
            _require(1 <= units(part) <= OPTION_TEXT, "an option has 1 to 100 characters")
    values = [option["value"] for option in options]
    _require(len(values) == len(set(values)), "the values of a select are unique")
    _require(1 <= units(item["custom_id"]) <= CUSTOM_ID, "a custom id has 1 to 100 characters")


def _walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for item in components:
        yield item
        yield from _walk(item.get("components", ()))


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise LimitError(rule)
