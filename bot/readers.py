"""Who reads what Quoth shows: the articles of a server may be limited to roles, channels, and age.

A reader is known by labels, which the library compares with the audience of each article.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Concatenate, ParamSpec

import discord

from bot import words
from bot.render import Reply
from retrieval import Audience, Library, QuothError

P = ParamSpec("P")

_ADULT = "adult"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody in a server, by their labels; with None they look after the library and see all of it."""

    guild_id: int
    labels: frozenset[str] | None

    def view(self, library: Library) -> Library:
        """The library as they see it."""
        return library if self.labels is None else library.seen_by(self.labels)

    def sees(self, audience: Audience) -> bool:
        return self.labels is None or audience.admits(self.labels)


def keeper(guild_id: int) -> Reader:
    """Whoever the server lets look after its library."""
    return Reader(guild_id, None)


def person(interaction: discord.Interaction[Any]) -> Reader:
    """The person who uses a command or presses a button, where they are; raises QuothError outside of servers."""
    guild_id = words.server_of(interaction)
    if isinstance(interaction.user, discord.Member):
        return member(interaction.user, interaction.channel)
    return everyone(guild_id, interaction.channel)


def member(who: discord.Member, channel: object) -> Reader:
    """A member of a server, in a channel of it."""
    everybody = _of_channel(who.guild.id, channel)
    return Reader(who.guild.id, everybody | {_role(role.id) for role in who.roles})


def everyone(guild_id: int, channel: object) -> Reader:
    """All who may be in a channel: they have no more in common than the channel."""
    return Reader(guild_id, _of_channel(guild_id, channel))


def audience(roles: Collection[int], channels: Collection[int], *, is_adult: bool) -> Audience:
    """Who has one of these roles, if there are any, and is in one of these channels, and of age."""
    groups = (map(_role, roles), map(_channel, channels), [_ADULT] if is_adult else [])
    return Audience(tuple(group for group in map(frozenset, groups) if group))


def chosen(limits: Audience) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """The roles and channels of an audience, and whether it is limited to adults."""
    labels = sorted(label for group in limits.groups for label in group)
    return _numbers(labels, _role("")), _numbers(labels, _channel("")), _ADULT in labels


def discreetly(
    library: Library,
    reader: Reader,
    others: Reader,
    work: Callable[Concatenate[Library, P], Reply],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Reply:
    """What a reader gets to see; and where the others who would see it may not, what they may, ``instead``."""
    reply = work(reader.view(library), *args, **kwargs)
    if all(reader.sees(limits) == others.sees(limits) for limits in library.audiences().values()):
        return reply
    try:
        shared = work(others.view(library), *args, **kwargs)
    except QuothError as error:
        shared = Reply(words.card_for(error))
    # What is told of the whole library, in the notes, may differ: only the others' version is told to them.
    told = [(r.card.tone, r.card.heading, r.card.blocks) for r in (reply, shared)]
    return shared if told[0] == told[1] else replace(reply, instead=shared)


def _of_channel(guild_id: int, channel: object) -> frozenset[str]:
    """The labels of all who are in a channel or thread; of none but the server's where it is not known."""
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    places = {getattr(place, "id", None) for place in (channel, parent)}
    places.add(getattr(parent, "category_id", None))
    is_adult = getattr(parent, "nsfw", False)
    labels = {_channel(place) for place in places if place} | {_role(guild_id)}
    return frozenset(labels | {_ADULT} if is_adult else labels)


def _role(number: int | str) -> str:
    return f"role:{number}"


def _channel(number: int | str) -> str:
    return f"channel:{number}"


def _numbers(labels: Collection[str], prefix: str) -> tuple[int, ...]:
    return tuple(int(label.removeprefix(prefix)) for label in labels if label.startswith(prefix))
