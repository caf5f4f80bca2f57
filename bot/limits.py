"""Discord's limits on messages, forms and suggestions, checked here because the library does not.

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
FORM_TITLE = 45
FORM_FIELDS = 5
FIELD_NAME = 45
FIELD_ABOUT = 100
FIELD_TEXT = 4000
FIELD_PLACEHOLDER = 100
BOXES = 10

_ROW, _BUTTON, _SELECT, _FIELD, _TEXT, _SEPARATOR, _FILE, _CONTAINER, _LABEL = 1, 2, 3, 4, 10, 14, 13, 17, 18
_SELECTS = frozenset({_SELECT, 5, 6, 7, 8})
_BOXES = frozenset({21, 22})
# What is made here: another kind of component has limits that nobody has looked up yet.
_IN_MESSAGES = frozenset({_ROW, _BUTTON, _SELECT, _TEXT, _SEPARATOR, _FILE, _CONTAINER})
_IN_CONTAINERS = _IN_MESSAGES - {_CONTAINER, _BUTTON, _SELECT}
_IN_FORMS = frozenset({_FIELD, *_SELECTS, *_BOXES, 23})
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
    _require(not {_BUTTON, _SELECT} & {item["type"] for item in components}, "buttons and selects stand in rows")
    for item in every:
        _check_item(item)


def check_form(form: Mapping[str, Any]) -> None:
    """Raise LimitError where a form would be refused."""
    _require(1 <= units(form["title"]) <= FORM_TITLE, "a form's title has 1 to 45 characters")
    _require(1 <= units(form["custom_id"]) <= CUSTOM_ID, "a custom id has 1 to 100 characters")
    fields = form["components"]
    _require(1 <= len(fields) <= FORM_FIELDS, "a form has 1 to 5 components")
    for field in fields:
        _require(field["type"] == _LABEL, "what can be filled in stands below a label")
        _require(1 <= units(field["label"]) <= FIELD_NAME, "a label has 1 to 45 characters")
        _require(units(field.get("description") or "") <= FIELD_ABOUT, "what is below a label has 100 characters")
        _check_field(field["component"])
    ids = [field["component"]["custom_id"] for field in fields]
    _require(len(ids) == len(set(ids)), "custom ids are unique")


def check_choices(choices: Sequence[Mapping[str, Any]]) -> None:
    """Raise LimitError where suggestions would be refused."""
    _require(len(choices) <= OPTIONS, "at most 25 suggestions")
    for choice in choices:
        for part in (choice["name"], choice["value"]):
            _require(1 <= units(str(part)) <= OPTION_TEXT, "a suggestion has 1 to 100 characters")


def units(text: str) -> int:
    """Discord's clients count UTF-16 units; that is never fewer than code points."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _check_item(item: Mapping[str, Any]) -> None:
    _require(item["type"] in _IN_MESSAGES, "a message consists of what is known here")
    if item["type"] == _CONTAINER:
        inside = {child["type"] for child in item["components"]}
        _require(bool(inside) and inside <= _IN_CONTAINERS, "a container holds rows, texts, separators and files")
    elif item["type"] == _ROW:
        inside = item["components"]
        selects = [child for child in inside if child["type"] == _SELECT]
        _require(1 <= len(inside) <= (1 if selects else BUTTONS_IN_ROW), "a row holds 5 buttons or 1 select")
    elif item["type"] == _BUTTON:
        _check_button(item)
    elif item["type"] == _SELECT:
        _check_options(item, most=OPTIONS)
    elif item["type"] == _FILE:
        _require(item["file"]["url"].startswith("attachment://"), "a file is one that is attached")


def _check_field(item: Mapping[str, Any]) -> None:
    _require(item["type"] in _IN_FORMS, "a form consists of what is known here")
    _require(1 <= units(item["custom_id"]) <= CUSTOM_ID, "a custom id has 1 to 100 characters")
    if item["type"] == _FIELD:
        most = item.get("max_length") or FIELD_TEXT
        _require(1 <= most <= FIELD_TEXT, "a field takes 1 to 4,000 characters")
        _require(units(item.get("value") or "") <= most, "what stands in a field is no longer than it takes")
        _require(units(item.get("placeholder") or "") <= FIELD_PLACEHOLDER, "an example has 100 characters")
    elif item["type"] in _BOXES:
        _check_options(item, most=BOXES)
    elif item["type"] in _SELECTS:
        most = item.get("max_values", 1)
        _require(0 <= item.get("min_values", 1) <= most <= OPTIONS, "at most 25 can be chosen")
        _require(len(item.get("default_values") or ()) <= most, "no more is chosen than may be")
        if item["type"] == _SELECT:
            _check_options(item, most=OPTIONS)


def _check_button(item: Mapping[str, Any]) -> None:
    _require(1 <= units(item.get("label") or "") <= LABEL, "a button's label has 1 to 80 characters")
    if item["style"] == _LINK_STYLE:
        _require(1 <= len(item["url"]) <= LINK, "a button's address has at most 512 characters")
        _require(item["url"].startswith(("https://", "http://")), "a button opens http or https")
    else:
        _require(1 <= units(item["custom_id"]) <= CUSTOM_ID, "a custom id has 1 to 100 characters")


def _check_options(item: Mapping[str, Any], *, most: int) -> None:
    options = item["options"]
    _require(1 <= len(options) <= most, "there are 1 to 25 options, or 10 boxes")
    _require(units(item.get("placeholder") or "") <= PLACEHOLDER, "a placeholder has at most 150 characters")
    for option in options:
        for part in (option["label"], option["value"]):
            _require(1 <= units(part) <= OPTION_TEXT, "an option has 1 to 100 characters")
        _require(units(option.get("description") or "") <= OPTION_TEXT, "an option's description has 100 characters")
    values = [option["value"] for option in options]
    _require(len(values) == len(set(values)), "the values of options are unique")
    _require(1 <= units(item["custom_id"]) <= CUSTOM_ID, "a custom id has 1 to 100 characters")


def _walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for item in components:
        yield item
        yield from _walk(item.get("components", ()))


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise LimitError(rule)
