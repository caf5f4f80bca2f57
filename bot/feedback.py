"""What people think of an answer: votes, why not, and questions for the admins."""

from typing import Any

import discord

from bot import words
from bot.client import Quoth
from bot.languages import language
from bot.render import Reply
from retrieval import Card, Language, Words, said_in, say

_REASONS = (
    say("It is the wrong passage"),
    say("It is out of date"),
    say("It does not answer the question"),
    say("Something else"),
)


class WhyNot(discord.ui.Modal):
    """Asks for a reason, which is kept in English; the vote counts without one."""

    def __init__(self, answer: str, *, spoken: Language) -> None:
        super().__init__(title=said_in(spoken, say("What was wrong with the answer?")), timeout=600)
        self._answer = answer
        self._reason: discord.ui.Select[WhyNot] = discord.ui.Select(
            custom_id="reason",
            options=[discord.SelectOption(label=said_in(spoken, reason), value=reason) for reason in _REASONS],
            min_values=0,
            required=False,
        )
        self.add_item(discord.ui.Label(text=said_in(spoken, say("Reason")), component=self._reason))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        chosen = self._reason.values
        await _count(interaction, self._answer, is_helpful=False, reason=chosen[0] if chosen else "")


async def vote(interaction: discord.Interaction[Quoth], answer: str, *, is_helpful: bool) -> None:
    """Count a vote; who did not find the answer helpful is asked why."""
    if is_helpful:
        await _count(interaction, answer, is_helpful=True)
    else:
        await interaction.response.send_modal(WhyNot(answer, spoken=language(interaction.locale)))


async def tell(interaction: discord.Interaction[Quoth], answer: str) -> None:
    """Remember for the admins that a question has no answer."""
    client = interaction.client

    async def work() -> Reply:
        server = words.server_of(interaction)
        question, _ = await client.recalled(server, answer)
        await client.worker.aside(client.memory.tell, server, question)
        listed = say("“{question}” is on their list of gaps.", question=question)
        return Reply(Card("notice", say("The admins will see it"), (Words(listed),)))

    await client.respond(interaction, work())


async def _count(interaction: discord.Interaction[Quoth], answer: str, *, is_helpful: bool, reason: str = "") -> None:
    client = interaction.client

    async def work() -> Reply:
        server, person = words.server_of(interaction), interaction.user.id
        await client.worker.aside(client.memory.vote, server, answer, person, is_helpful=is_helpful, reason=reason)
        seen = say("The admins see why answers did not help. You can change your mind at any time.")
        if is_helpful:
            seen = say("The admins see how many answers helped. You can change your mind at any time.")
        return Reply(Card("notice", say("Thank you"), (Words(seen),)))

    await client.respond(interaction, work())
