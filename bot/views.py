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
_VOTE = re.compile(r"q1:(?P<vote>yes|no):(?P<answer>[0-9a-f]{12})")
_TELL = re.compile(r"q1:tell:(?P<answer>[0-9a-f]{12})")
_REMOVE = re.compile(r"q1:remove:(?P<article>[0-9a-f]{4,16})")
_FORGET = re.compile(r"q1:forget")
_SHARE = re.compile(r"q1:share:(?P<answer>[0-9a-f]{12})")


class Pressed(Protocol):
    """What presses lead to: the client."""

    async def pressed(
        self, interaction: "discord.Interaction[Any]", key: keys.Key, *, page: int, replace: bool
    ) -> None:
        """Show the page of the card; with ``replace``, in the place of the one that was pressed."""

    async def voted(self, interaction: "discord.Interaction[Any]", answer: str, *, is_helpful: bool) -> None:
        """Count what the person thinks of the answer."""

    async def told(self, interaction: "discord.Interaction[Any]", answer: str) -> None:
        """Remember for the admins that a question has no answer."""

    async def shared(self, interaction: "discord.Interaction[Any]", answer: str) -> None:
        """Show everyone the answer that the person alone sees."""

    async def forgotten(self, interaction: "discord.Interaction[Any]") -> None:
        """Delete what is kept of the person."""

    async def removed(self, interaction: "discord.Interaction[Any]", article: str) -> None:
        """Remove an article from the library."""


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
        # A card that others read too does not change under their eyes, and a quote stays in view
        # beside its context.
        message = interaction.message
        own = message is not None and message.flags.ephemeral
        client: Pressed = interaction.client
        turns = page != keys.BESIDE and not (isinstance(key, keys.ContextKey) and page == 1)
        await client.pressed(interaction, key, page=page, replace=own and turns)


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


class Vote(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_VOTE):
    """Says whether an answer helped."""

    def __init__(self, label: str, answer: str, *, is_helpful: bool) -> None:
        custom_id = f"q1:{'yes' if is_helpful else 'no'}:{answer}"
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(getattr(item, "label", None) or "Vote", match["answer"], is_helpful=match["vote"] == "yes")

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        _, vote, answer = self.custom_id.split(":")
        client: Pressed = interaction.client
        await client.voted(interaction, answer, is_helpful=vote == "yes")


class Tell(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_TELL):
    """Puts a question without an answer on the admins' list."""

    def __init__(self, label: str, answer: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"q1:tell:{answer}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(getattr(item, "label", None) or "Tell the admins", match["answer"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Pressed = interaction.client
        await client.told(interaction, self.custom_id.rpartition(":")[2])


class Forget(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_FORGET):
    """Deletes what is kept of the person who presses it."""

    def __init__(self, label: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=_FORGET.pattern, style=discord.ButtonStyle.danger))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        return cls(getattr(item, "label", None) or "Delete my data")

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Pressed = interaction.client
        await client.forgotten(interaction)


class Remove(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_REMOVE):
    """Removes an article from the library."""

    def __init__(self, label: str, article: str) -> None:
        custom_id = f"q1:remove:{article}"
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id, style=discord.ButtonStyle.danger))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(getattr(item, "label", None) or "Remove it", match["article"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Pressed = interaction.client
        await client.removed(interaction, self.custom_id.rpartition(":")[2])


class Share(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_SHARE):
    """Shows everyone in the channel an answer that one person sees."""

    def __init__(self, label: str, answer: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"q1:share:{answer}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(getattr(item, "label", None) or "Share in channel", match["answer"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client: Pressed = interaction.client
        await client.shared(interaction, self.custom_id.rpartition(":")[2])


def dynamic_items() -> tuple[type[discord.ui.DynamicItem[Any]], ...]:
    """Every class that the client registers at its start."""
    return (CardButton, ChooseArticle, Vote, Tell, Share, Forget, Remove)
