"""Forms that people fill in, in their own language.

A form's custom id says what it is for, as a button's does, and what was filled in is read from what comes
back: a form that was open while the bot was restarted counts all the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import discord

from bot import languages, limits
from retrieval import Language, Message, said_in

Component = TypeVar("Component", bound=discord.ui.Item[Any])

CODE = re.compile(r"q1:form:(?P<does>[a-z]+):(?P<about>[0-9a-f]{0,16})")
_TICKED = "ticked"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a person filled in: for each component, by its id, the values in it."""

    values: Mapping[str, tuple[str, ...]]

    def text(self, name: str) -> str:
        """What was typed, or the one that was chosen; empty where nothing was."""
        return next(iter(self.values.get(name, ())), "").strip()

    def chosen(self, name: str) -> tuple[str, ...]:
        return self.values.get(name, ())

    def ids(self, name: str) -> tuple[int, ...]:
        """The roles or channels that were chosen."""
        return tuple(map(int, self.chosen(name)))

    def is_ticked(self, name: str) -> bool:
        return self.chosen(name) == (_TICKED,)


class Form(discord.ui.Modal):
    """A form to do something about an article or an answer, or about nothing."""

    def __init__(self, title: Message, does: str, about: str = "", *, locale: object) -> None:
        self.language: Language = languages.language(locale)
        super().__init__(title=said_in(self.language, title), custom_id=f"q1:form:{does}:{about}")

    def field(self, name: Message, component: Component, *, about: Message | None = None) -> Component:
        """Add a component under its name; the component itself."""
        self.add_item(
            discord.ui.Label(
                text=said_in(self.language, name), description=said_in(self.language, about), component=component
            )
        )
        return component

    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, which must be the first response; raises LimitError where Discord would refuse it."""
        limits.check_form(self.to_dict())
        self.stop()  # nothing of it is kept here
        await interaction.response.send_modal(self)


def filled_in(interaction: discord.Interaction[Any]) -> Filled:
    """What came back with a form."""
    data: Any = interaction.data or {}
    return Filled({item["custom_id"]: _values(item) for item in _leaves(data.get("components", ()))})


def _leaves(components: Any) -> Iterator[Mapping[str, Any]]:
    """The components that can be filled in, without the labels around them."""
    for item in components:
        if "component" in item:
            yield item["component"]


def _values(item: Mapping[str, Any]) -> tuple[str, ...]:
    if "values" in item:
        return tuple(map(str, item["values"]))
    value = item.get("value")
    if isinstance(value, bool):
        return (_TICKED,) if value else ()
    return (value,) if value else ()
