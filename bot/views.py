"""Everything in a message that can be pressed.

Each of these is a DynamicItem, so that nothing is kept in memory and a button works after a restart.
Only links stand beside them: a view that also held an ordinary button would, when it times out, take
the registration of the whole class with it.
"""

import re
from typing import Any, Protocol, Self

import discord

from bot import keys

_CHOOSE = re.compile(r"q1:choose")
_DEED = re.compile(
    r"q1:(?:(?:yes|no|tell|share):[0-9a-f]{12}|remove:[0-9a-f]{4,16}|unwatch:[0-9]{1,12}|forget)",
)
_DANGEROUS = frozenset({"remove", "forget"})


class Pressed(Protocol):
    """What presses lead to: the client."""

    async def pressed(
        self, interaction: "discord.Interaction[Any]", key: keys.Key, *, page: int, replace: bool
    ) -> None:
        """Show the page of the card; with ``replace``, in the place of the one that was pressed."""

    async def acted(self, interaction: "discord.Interaction[Any]", does: str, about: str) -> None:
        """Do what a button does, about an answer or an article."""


class CardButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=keys.CODE):
    """Shows a page of a card."""

    def __init__(self, label: str, custom_id: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        label = getattr(item, "label", None)
        return cls(label or "Show", match.string)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        key, page = keys.decode(self.custom_id)
        # A card that others read too does not change under their eyes.
        message = interaction.message
        own = message is not None and message.flags.ephemeral
        client: Pressed = interaction.client
        await client.pressed(interaction, key, page=page, replace=own and page != keys.BESIDE)


class ChooseArticle(discord.ui.DynamicItem[discord.ui.Select[Any]], template=_CHOOSE):
    """Offers articles to summarise."""

    def __init__(self, placeholder: str, options: list[discord.SelectOption]) -> None:
        super().__init__(discord.ui.Select(custom_id=_CHOOSE.pattern, placeholder=placeholder, options=options))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        return cls("", getattr(item, "options", []))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Pressed = interaction.client
        article = self.item.values[0]
        await client.pressed(interaction, keys.SummaryKey(article, "short"), page=1, replace=False)


class Deed(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_DEED):
    """Does something (votes, tells, shares, removes, forgets) about an answer or an article, or about nothing."""

    def __init__(self, label: str, does: str, about: str) -> None:
        style = discord.ButtonStyle.danger if does in _DANGEROUS else discord.ButtonStyle.secondary
        custom_id = ":".join(filter(None, ("q1", does, about)))
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id, style=style))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(getattr(item, "label", None) or "Do it", *_deed(match.string))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Pressed = interaction.client
        await client.acted(interaction, *_deed(self.custom_id))


def _deed(custom_id: str) -> tuple[str, str]:
    """What is done, and about what."""
    _, does, *about = custom_id.split(":")
    return does, "".join(about)


def deeds_of(message: discord.Message | None) -> dict[str, str]:
    """What the buttons of a message do, and about which answer or article: the card says so even after a restart."""
    rows = message.components if message else []
    buttons = [item for row in rows if isinstance(row, discord.ActionRow) for item in row.children]
    codes = (str(getattr(button, "custom_id", "")) for button in buttons)
    return dict(_deed(code) for code in codes if _DEED.fullmatch(code))


def dynamic_items() -> tuple[type[discord.ui.DynamicItem[Any]], ...]:
    """Every class that the client registers at its start."""
    return (CardButton, ChooseArticle, Deed)
