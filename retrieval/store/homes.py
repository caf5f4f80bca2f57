"""Where the libraries of a home directory lie."""

import re
from pathlib import Path

from retrieval.errors import InvalidInput
from retrieval.messages import say

FILE_NAME = "library.sqlite3"
INDEX_NAME = "index"  # a folder beside the file: made from it, and made anew where it is missing
IN_MEMORY = Path(":memory:")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def library_path(home: Path, name: str) -> Path:
    """Where the library of that name lies. Raises InvalidInput for a name that could leave the home."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            say("{name} is no name for a library", name=repr(name)),
            hint=say("Use lower-case letters, digits, - and _, at most {most} of them", most=64),
        )
    return home / "libraries" / name / FILE_NAME


def library_names(home: Path) -> tuple[str, ...]:
    """The libraries of a home directory, by name."""
    return tuple(sorted(path.parent.name for path in (home / "libraries").glob(f"*/{FILE_NAME}")))
