"""JSON of other programs → the fields of articles: news extractors' records, and an exported Discord channel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from retrieval.text import sentences

# What the fields of an article are called, here and by newspaper4k, news-please, trafilatura and in CC-News; the first
# that holds something counts.
_NAMES: Mapping[str, Sequence[str]] = {
    "text": ("text", "maintext"),
    "title": ("title",),
    "source": ("source", "sitename", "source-hostname", "meta_site_name", "source_domain", "domain", "hostname"),
    "author": ("author", "authors"),
    "published": ("published", "date", "publish_date", "date_publish"),
    "url": ("url", "canonical_link"),
}
_LONG_ENOUGH = 200  # characters of a message, and sentences: what is shorter is talk
_SENTENCES = 3
_HEADLINE = 120  # characters of a message's first line that may be its headline


def may_hold_articles(content: bytes) -> bool:
    """Whether a JSON file may hold articles, and not a program's settings: it names a text or messages."""
    return any(f'"{name}"'.encode() in content for name in (*_NAMES["text"], "messages"))


def article_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the fields of an article under the names that Quoth has for them."""
    found = {field: next(filter(None, map(record.get, names)), None) for field, names in _NAMES.items()}
    if isinstance(found["source"], str) and found["source"].startswith(("https://", "http://")):
        # trafilatura calls the page's address its source, others the outlet.
        found["url"] = found["url"] or found["source"]
        found["source"] = next((record[name] for name in _NAMES["source"][1:] if record.get(name)), None)
    if not found["source"] and isinstance(record.get("source_url"), str):
        found["source"] = _host(record["source_url"])
    return {**record, **found}


def _host(address: str) -> str | None:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Channel:
    """The messages of a Discord channel that are articles, as fields of such, and how many others there are."""

    articles: tuple[dict[str, Any], ...]
    others: int


def channel_of(exported: object) -> Channel | None:
    """What DiscordChatExporter's JSON holds; None where this is something else."""
    if not isinstance(exported, dict) or not isinstance(exported.get("messages"), list):
        return None
    channel, guild = _table(exported.get("channel")), _table(exported.get("guild"))
    messages = [message for message in exported["messages"] if isinstance(message, dict)]
    found = [_fields(message, channel, guild) for message in messages]
    articles = tuple(fields for fields in found if fields)
    return Channel(articles, others=len(messages) - len(articles))


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _fields(message: Mapping[str, Any], channel: Mapping[str, Any], guild: Mapping[str, Any]) -> dict[str, Any] | None:
    """The article in a message: its own words, or those of the first embed that has enough; None where it is talk."""
    told = next(filter(_is_article, _told(message)), None)
    if told is None:
        return None
    return {
        **told,
        "source": channel.get("name"),
        "published": message.get("timestamp"),
        "published_from": "header",
        **_place(guild.get("id"), channel.get("id"), message.get("id")),
    }


def _told(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    author = _table(message.get("author"))
    content = message.get("content")
    first, _, rest = str(content).strip().partition("\n")
    title = first.strip("#*_ ") if rest and len(first) <= _HEADLINE else None
    yield {"text": content, "title": title, "author": author.get("nickname") or author.get("name")}
    embeds = message.get("embeds")
    for embed in map(_table, embeds if isinstance(embeds, list) else []):
        name = _table(embed.get("author")).get("name")
        yield {"text": embed.get("description"), "title": embed.get("title"), "author": name}


def _is_article(told: Mapping[str, Any]) -> bool:
    text = told["text"]
    if not isinstance(text, str) or len(text) < _LONG_ENOUGH:
        return False
    whole = text.encode(errors="replace").decode()  # a half of a character is refused later, in words
    return len(sentences(whole)) >= _SENTENCES


def _place(*ids: object) -> dict[str, str]:
    """By what a message is known: its number, and its address where it was in a server."""
    if not all(isinstance(part, str) and part.isdecimal() for part in ids):
        return {}
    guild, channel, message = map(str, ids)
    known = {"doc_id": f"discord {channel}/{message}"}
    return known | ({"url": f"https://discord.com/channels/{guild}/{channel}/{message}"} if int(guild) else {})
