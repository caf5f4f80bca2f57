"""The day that a page's text calls its first, where it names the day of its last change beside it."""

import re

_MONTH = r"[A-Z][a-z]{2,8}\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|{_DAY} {_MONTH},? \d{{4}}|{_MONTH} {_DAY},? \d{{4}})"
_UPDATED = rf"\b(?i:updated|modified)\b[^.\n]{{0,40}}?{_DATE}"
_PUBLISHED = rf"\b(?i:published)\b:?(?: (?i:on|at))?:? (?:[A-Z][a-z]{{2,8}},? )?(?P<day>{_DATE})"
# Some time of day, a dot or a stroke may stand between the two; a sentence that tells when something else was
# published does not stand there.
_BETWEEN = r".{0,30}?(?i:\b(?:first|originally) |\b)"
_ORDERS = (re.compile(_UPDATED + _BETWEEN + _PUBLISHED), re.compile(_PUBLISHED + r".{0,30}?" + _UPDATED))


def first_published(text: str) -> str | None:
    """The date as it is written there; None where the text does not name both."""
    line = " ".join(text.split())
    found = next((match for order in _ORDERS if (match := order.search(line))), None)
    return found["day"] if found else None
