"""The log: lines to be read, or one JSON object a line; no token in either, whatever is logged."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

from bot.settings import HealthSettings

READABLE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# As Discord makes them: the bot's id, when the token was made, and a signature, each in base64. Looked for where a word
# begins: from each letter of a long one, it would take the square of its length.
_TOKEN = re.compile(r"(?<![\w-])[\w-]{18,}\.[\w-]{6,7}\.[\w-]{25,}")
_HIDDEN = "[a token]"


class Readable(logging.Formatter):
    """A line a record, and the traceback below it."""

    def __init__(self) -> None:
        super().__init__(READABLE)

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))


class JsonLines(logging.Formatter):
    """A JSON object a record: ``at``, ``level``, ``logger``, ``message``, the ``fields`` of ``extra``, ``trace``."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return without_tokens(json.dumps(said, ensure_ascii=False, default=str))


def without_tokens(text: str) -> str:
    """The text, and in place of each bot token in it a word that says so."""
    return _TOKEN.sub(_HIDDEN, text)


def log_to_stderr(settings: HealthSettings) -> None:
    """Begin to log, in the form and from the level that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log == "json" else Readable())
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    logging.basicConfig(level=level, handlers=[handler])
    # Below INFO discord.py logs what people write, and tokens of interactions.
    logging.getLogger("discord").setLevel(max(level, logging.INFO))
