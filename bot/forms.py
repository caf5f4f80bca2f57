"""Forms that people fill in, in their own language."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import discord

from bot import languages
from retrieval import Language, Message, said_in

Component = TypeVar("Component", bound=discord.ui.Item[Any])

_OPEN_SECONDS = 3_600.0


class Form(discord.ui.Modal):
    """A form; ``sent`` is called when it comes back, and reads what was filled in from its components."""

    def __init__(
        self,
        title: Message,
        interaction: discord.Interaction[Any],
        sent: Callable[[discord.Interaction[Any]], Awaitable[None]],
    ) -> None:
        self.language: Language = languages.language(interaction.locale)
        super().__init__(title=said_in(self.language, title), timeout=_OPEN_SECONDS)
        self._sent = sent

    def field(self, name: Message, component: Component, *, about: Message | None = None) -> Component:
        """Add a component under its name; the component itself."""
        self.add_item(
            discord.ui.Label(
                text=said_in(self.language, name), description=said_in(self.language, about), component=component
            )
        )
        return component

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await self._sent(interaction)
