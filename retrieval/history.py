"""What updates changed in an article: sentence by sentence, and what calls itself a correction."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from retrieval.records import Change, Revision, Version
from retrieval.text import sentences

# How newsrooms begin such notices, as they stand at the head or the end of a story.
_PIECE = r"(?:story|article|post|report)"
_NOTICE = re.compile(
    r"^\W*(?:corrections?|corrected|clarification|editor['’]s note|updated?"
    rf"|this {_PIECE}(?: \w+){{0,3}} (?:has been|was|have been) (?:updated|corrected|amended|clarified|changed)"
    rf"|an earlier version of this {_PIECE})\b",
    re.IGNORECASE,
)


def revisions(versions: Sequence[Version], text: str) -> tuple[Revision, ...]:
    """The updates that led from the oldest version to the text, newest first; ``versions`` are newest first."""
    texts = [text, *(version.text for version in versions)]
    return tuple(
        _revision(version.until, _sentences(before), _sentences(after))
        for version, before, after in zip(versions, texts[1:], texts, strict=False)
    )


def _revision(at: str, before: Sequence[str], after: Sequence[str]) -> Revision:
    changes = tuple(_changes(before, after))
    notices = tuple(s for s in after if s not in set(before) and _NOTICE.match(s))
    return Revision(at, changes, notices)


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """The places where two texts differ; ``autojunk`` would pass over sentences that repeat."""
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Change(" ".join(before[i:j]), " ".join(after[k:m]))


def _sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentences(text)]
