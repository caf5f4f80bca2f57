"""The languages that Quoth speaks: a catalogue in gettext's format for each, beside this file.

English is what the code is written in; ``en_US.po`` holds only what Americans spell otherwise. A new
language is a new file and a line in ``NAMES``.
"""

from datetime import date
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import babel
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from retrieval import ENGLISH, Language, Message

NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
FOLDER = Path(__file__).parent
_AMERICAN = "en-US"


class Catalogue:
    """A language by its catalogue, with numbers and dates by Unicode's common locale data (CLDR)."""

    def __init__(self, code: str) -> None:
        self._locale = babel.Locale.parse(code)
        with (FOLDER / f"{code}.po").open("rb") as file:
            catalogue = read_po(file, locale=code)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        self._translations = GNUTranslations(compiled)

    def pattern(self, message: Message) -> str:
        """The pattern in this language, in English where the catalogue does not hold it."""
        if message.plural is None:
            return self._translations.gettext(message.pattern)
        return self._translations.ngettext(message.pattern, message.plural, message.number)

    def shown(self, value: int | date) -> str:
        """A number with its groups of digits, or a date with the month in words."""
        if isinstance(value, int):
            return format_decimal(value, locale=self._locale)
        return format_date(value, "long", locale=self._locale)

    def command(self, kind: str, text: str) -> str | None:
        """A command's name or description, the ``kind`` being gettext's context; None where it stays as it is."""
        found = self._translations.pgettext(kind, text)
        return None if found == text else found


@cache
def catalogue(code: str) -> Catalogue:
    """The catalogue of a language other than English."""
    return Catalogue(code)


def code_of(locale: object) -> str:
    """Which of the languages belongs to one of Discord's locales, such as ``es-419``: English where none does."""
    code = str(locale).split("-", maxsplit=1)[0]
    return code if code in NAMES else "en"


def language(locale: object) -> Language:
    """The language for one of Discord's locales."""
    code = code_of(locale)
    if str(locale) == _AMERICAN:
        return catalogue("en_US")
    return ENGLISH if code == "en" else catalogue(code)


def language_of_server(chosen: str | None, locale: object) -> Language:
    """The language that a server's admins chose, or else that of its locale, which also tells American from British."""
    return language(locale if chosen is None or chosen == code_of(locale) else chosen)
