"""What Discord refuses in a message, as its documentation of messages and components has it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_V2 = 1 << 15
_ROW, _BUTTON, _TEXT = 1, 2, 10


def faults_of(message: Mapping[str, Any]) -> list[str]:
    """Each rule that a message breaks, in words; with one of them Discord answers 50035.

    That nobody is notified is Quoth's own promise; Discord would take such a message.
    """
    found = [] if _notifies_nobody(message.get("allowed_mentions")) else ["it may notify somebody"]
    components = list(_walk(message.get("components") or ()))
    content = message.get("content") or ""
    texts = [c["content"] for c in components if c["type"] == _TEXT]
    ids = [c["custom_id"] for c in components if c.get("custom_id")]
    is_v2 = bool(message.get("flags", 0) & _V2)
    rules = {
        "content is longer than 2,000": len(content) > 2000,
        "it is empty": not content and not components and not message.get("attachments"),
        "it has more than 40 components": len(components) > 40,
        "its texts are longer than 4,000": sum(map(len, texts)) > 4000,
        "a text is empty": not all(texts),
        "ids are not unique": len(ids) != len(set(ids)),
        "an id is longer than 100": any(len(i) > 100 for i in ids),
        "a row has more than five": any(len(c["components"]) > 5 for c in components if c["type"] == _ROW),
        "a label is missing or longer than 80": any(
            not 1 <= len(c.get("label") or "") <= 80 for c in components if c["type"] == _BUTTON
        ),
        "an address is longer than 512": any(len(c.get("url") or "") > 512 for c in components),
        "components come with content": is_v2 and bool(content or message.get("embeds")),
        "it has text components without the flag": bool(texts) and not is_v2,
    }
    return found + [rule for rule, is_broken in rules.items() if is_broken]


def faults_of_choices(choices: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each rule that suggestions break."""
    found = ["more than 25 choices"] if len(choices) > 25 else []
    parts = [str(c[part]) for c in choices for part in ("name", "value")]
    return found + [f"a choice of {len(part)} characters" for part in parts if not 1 <= len(part) <= 100]


def texts_of(message: Mapping[str, Any]) -> str:
    """All that a message says."""
    said = [message.get("content") or ""]
    said += [c["content"] for c in _walk(message.get("components") or ()) if c["type"] == _TEXT]
    return "\n".join(filter(None, said))


def ids_of(message: Mapping[str, Any]) -> list[str]:
    """The custom ids of what can be pressed, in reading order."""
    return [c["custom_id"] for c in _walk(message.get("components") or ()) if c.get("custom_id")]


def _notifies_nobody(allowed: Mapping[str, Any] | None) -> bool:
    return allowed is not None and not any(allowed.get(k) for k in ("parse", "users", "roles", "replied_user"))


def _walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        yield component
        yield from _walk(component.get("components") or ())
