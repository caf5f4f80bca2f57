"""The bot's token: where it is looked for, and how it stays out of sight."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from retrieval import InvalidSettings

DEFAULT_FILE = Path("/run/secrets/discord_token")


@dataclass(frozen=True, slots=True)
class Token:
    """A token that does not appear in its own representation."""

    value: str = field(repr=False)


def secret_file() -> Path:
    """The file that may hold the token: ``DISCORD_TOKEN_FILE``, else the container's secret."""
    return Path(os.environ.get("DISCORD_TOKEN_FILE") or DEFAULT_FILE)


def find_token() -> Token | None:
    """The token from ``DISCORD_TOKEN``, else from the secret file, else None.

    Raises InvalidSettings where there is one that cannot be read or cannot be a token.
    """
    value = os.environ.get("DISCORD_TOKEN", "").strip()
    origin = "DISCORD_TOKEN"
    path = secret_file()
    if not value and path.is_file():
        origin = str(path)
        value = _read(path)
    if not value:
        return None
    if not value.isascii() or len(value.split()) != 1:
        raise InvalidSettings(
            f"{origin} does not hold a bot token", hint="It takes one line without spaces, from the Bot page"
        )
    return Token(value)


def where_it_goes() -> str:
    """One sentence that tells where the token goes."""
    return (
        "Quoth has no Discord token yet: put the bot's token into the file "
        f"{secret_file()} or the environment variable DISCORD_TOKEN; 'quoth try' works without one."
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(
            f"cannot read the token file {path}", hint="Check its permissions and that it is text"
        ) from error
