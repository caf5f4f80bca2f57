"""``/settings``: how Quoth behaves in a server, as its admins choose."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any, get_args

import discord
from discord import app_commands

from bot import languages, words
from bot.client import Quoth
from bot.forms import Filled, Form
from bot.preferences import Preferences
from bot.render import Reply
from bot.settings import Style
from retrieval import Card, Language, Message, Words, joined, said_in, say

_MOST_CHANNELS = 25
_ASKED_IN = [discord.ChannelType.text, discord.ChannelType.forum]
_ANNOUNCED_IN = [discord.ChannelType.text, discord.ChannelType.news]
_AS_IT_IS = "default"
_STYLES: dict[str, Message] = {"v2": say("Cards"), "plain": say("Plain messages")}
_MANNERS: dict[str, Message] = {
    "private": say("/ask answers the one who asks alone"),
    "threads": say("Mentions are answered in a thread"),
}


def settings_command() -> app_commands.Command[Any, ..., None]:
    """``/settings``."""

    @app_commands.command(name="settings", description="Choose how Quoth answers in this server")
    @app_commands.default_permissions(manage_guild=True)
    async def settings(interaction: discord.Interaction[Quoth]) -> None:
        await _open(interaction, await interaction.client.preferences(interaction.guild_id))

    return settings


async def chosen(interaction: discord.Interaction[Quoth], _about: str, filled: Filled) -> None:
    """Keep what an admin chose."""
    code = filled.text("language")
    preferences = Preferences(
        style=_style(filled.chosen("style")),
        language=code if code in languages.NAMES else None,
        channels=filled.ids("channels"),
        announcements=next(iter(filled.ids("announcements")), None),
        **{name: name in filled.chosen("manners") for name in _MANNERS},
    )
    await interaction.client.respond(interaction, _save(interaction, preferences))


async def _open(interaction: discord.Interaction[Quoth], now: Preferences) -> None:
    form = Form(say("How Quoth answers here"), "settings", locale=interaction.locale)
    said = form.language
    form.field(say("Style"), _select("style", {_AS_IT_IS: say("As the bot is set up"), **_STYLES}, now.style, said))
    known = {code: say("{name}", name=name) for code, name in languages.NAMES.items()}
    form.field(
        say("Language"),
        _select("language", {_AS_IT_IS: say("As the server is set in Discord"), **known}, now.language, said),
        about=say("Of what all see; what one person sees is in that person's language"),
    )
    form.field(say("Manners"), _boxes("manners", _MANNERS, [name for name in _MANNERS if getattr(now, name)], said))
    form.field(
        say("Answer every question in"),
        _channels("channels", _ASKED_IN, now.channels, most=_MOST_CHANNELS),
        about=say("Channels and forums, without a mention; the bot must be let read messages"),
    )
    form.field(
        say("Show new articles of feeds in"),
        _channels("announcements", _ANNOUNCED_IN, [i for i in [now.announcements] if i], most=1),
    )
    await form.show(interaction)


async def _save(interaction: discord.Interaction[Quoth], chosen: Preferences) -> Reply:
    client, server = interaction.client, words.server_of(interaction)
    await client.worker.soon(client.memory.prefer, server, chosen)
    warnings = [words.cannot_read_messages()] if chosen.channels and not client.manner.hears_all else []
    warnings += _missing(interaction.guild, {*chosen.channels, chosen.announcements})
    return Reply(_card(chosen, interaction.guild, warnings))


def _missing(guild: discord.Guild | None, ids: Collection[int | None]) -> list[Message]:
    """What the bot may not do in channels where it is to write, by the names that Discord shows."""
    found = []
    for channel in [guild.get_channel(number) for number in ids if number] if guild else []:
        if channel is None:
            continue
        may = channel.permissions_for(channel.guild.me)
        sends = "send_messages_in_threads" if isinstance(channel, discord.ForumChannel) else "send_messages"
        missing = words.lacking(may, "view_channel", sends)
        if missing:
            found.append(say("In #{channel} Quoth lacks: {permissions}", channel=channel.name, permissions=missing))
    return found


def _card(chosen: Preferences, guild: discord.Guild | None, warnings: list[Message]) -> Card:
    """What is set now, in words."""
    code = chosen.language or ""
    lines = [
        say("Style: {style}", style=_STYLES.get(chosen.style or "", say("As the bot is set up"))),
        say("Language: {language}", language=languages.NAMES.get(code, say("As the server is set in Discord"))),
        *(text for name, text in _MANNERS.items() if asdict(chosen)[name]),
    ]
    if chosen.channels:
        lines.append(say("Every question is answered in {channels}", channels=_named(guild, chosen.channels)))
    if chosen.announcements:
        lines.append(say("New articles are shown in {channels}", channels=_named(guild, [chosen.announcements])))
    return Card("notice", say("Settings of this server"), (Words(joined("\n", lines)), *(Words(w) for w in warnings)))


def _named(guild: discord.Guild | None, ids: Any) -> str:
    """The names of channels; a card mentions nothing."""
    found = [guild.get_channel(number) for number in ids] if guild else []
    return ", ".join(f"#{channel.name}" for channel in found if channel)


def _style(values: Collection[str]) -> Style | None:
    return next((style for style in get_args(Style) if style in values), None)


def _select(name: str, choices: dict[str, Message], now: str | None, language: Language) -> discord.ui.Select[Any]:
    """A choice of one, with what is set now."""
    options = [
        discord.SelectOption(label=said_in(language, text), value=value, default=value == (now or _AS_IT_IS))
        for value, text in choices.items()
    ]
    return discord.ui.Select(custom_id=name, options=options, required=True)


def _boxes(
    name: str, choices: dict[str, Message], ticked: list[str], language: Language
) -> discord.ui.CheckboxGroup[Any]:
    boxes = [
        discord.CheckboxGroupOption(label=said_in(language, text), value=value, default=value in ticked)
        for value, text in choices.items()
    ]
    return discord.ui.CheckboxGroup(custom_id=name, options=boxes, required=False, min_values=0, max_values=len(boxes))


def _channels(name: str, kinds: list[discord.ChannelType], now: Any, *, most: int) -> discord.ui.ChannelSelect[Any]:
    return discord.ui.ChannelSelect(
        custom_id=name,
        channel_types=kinds,
        min_values=0,
        max_values=most,
        required=False,
        default_values=[
            discord.SelectDefaultValue(id=number, type=discord.SelectDefaultValueType.channel) for number in now
        ],
    )
