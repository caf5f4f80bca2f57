"""What Discord sends: users, servers, messages and interactions as JSON."""

from typing import Any

from tests.standin.ids import snowflake

BOT = 1000
APPLICATION = 1000
MANAGER = str((1 << 53) - 1)  # every permission
TEXT_CHANNEL, THREAD = 0, 11
COMMAND, COMPONENT, SUGGESTION = 2, 3, 4

Payload = dict[str, Any]


def user(user_id: int, name: str, *, is_bot: bool = False) -> Payload:
    return {"id": str(user_id), "username": name, "discriminator": "0", "avatar": None, "bot": is_bot}


def bot_user() -> Payload:
    return user(BOT, "Quoth", is_bot=True)


def application() -> Payload:
    about = {"id": str(APPLICATION), "name": "Quoth", "description": "", "icon": None, "owner": bot_user()}
    return about | {"summary": "", "bot_public": True, "bot_require_code_grant": False, "verify_key": "", "flags": 0}


def member(who: Payload) -> Payload:
    return {
        "user": who,
        "roles": [],
        "joined_at": "2024-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def channel(channel_id: int, guild_id: int, *, kind: int = TEXT_CHANNEL, parent: int | None = None) -> Payload:
    place = {"id": str(channel_id), "guild_id": str(guild_id), "type": kind, "name": "questions", "position": 0}
    place |= {"permission_overwrites": [], "nsfw": False, "parent_id": str(parent) if parent else None, "topic": None}
    if kind == THREAD:
        archived = {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": "2024-01-01T00:00:00+00:00"}
        place |= {"owner_id": str(BOT), "message_count": 0, "member_count": 1, "thread_metadata": archived}
    return place


def guild(guild_id: int, channels: list[Payload]) -> Payload:
    everyone = {"id": str(guild_id), "name": "@everyone", "permissions": MANAGER, "position": 0, "color": 0}
    everyone |= {"hoist": False, "managed": False, "mentionable": False, "flags": 0}
    about: Payload = {
        "id": str(guild_id),
        "name": "Readers",
        "owner_id": "1",
        "roles": [everyone],
        "channels": channels,
    }
    about |= {"members": [member(bot_user())], "member_count": 2, "threads": [], "preferred_locale": "en-US"}
    return about | {"emojis": [], "stickers": [], "features": [], "unavailable": False}


def message(channel_id: int, guild_id: int, author: Payload, content: str, **known: Any) -> Payload:
    body: Payload = {"id": str(snowflake()), "channel_id": str(channel_id), "guild_id": str(guild_id), "type": 0}
    body |= {"author": author, "content": content, "timestamp": "2024-01-01T00:00:00+00:00", "edited_timestamp": None}
    body |= {"tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": []}
    return body | {"embeds": [], "components": [], "pinned": False, "flags": 0, "member": member(author)} | known


def interaction(kind: int, where: Payload, author: Payload, data: Payload, **known: Any) -> Payload:
    """An interaction; its token is as long as Discord's are."""
    number = snowflake()
    body: Payload = {"id": str(number), "application_id": str(APPLICATION), "type": kind, "version": 1, "data": data}
    body |= {"token": f"t{number}".ljust(80, "0"), "guild_id": where["guild_id"], "channel": where, "entitlements": []}
    body |= {"channel_id": where["id"], "member": member(author) | {"permissions": MANAGER}, "context": 0}
    body |= {
        "app_permissions": MANAGER,
        "locale": "en-US",
        "guild_locale": "en-US",
        "attachment_size_limit": 10_485_760,
    }
    return body | {"guild": {"id": where["guild_id"], "features": [], "locale": "en-US"}} | known
