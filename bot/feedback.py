"""What people think of an answer: votes, why not, and questions for the admins."""

from typing import Any

import discord

from bot import words
from bot.client import Quoth
from bot.render import Reply
from retrieval import Card, Words

_REASONS = ("It is the wrong passage", "It is out of date", "It does not answer the question", "Something else")


class WhyNot(discord.ui.Modal, title="What was wrong with the answer?"):
    """Asks for a reason; the vote counts without one."""

    reason: discord.ui.Label["WhyNot"] = discord.ui.Label(
        text="Reason",
        component=discord.ui.Select(
            custom_id="reason",
            options=[discord.SelectOption(label=reason) for reason in _REASONS],
            min_values=0,
            required=False,
        ),
    )

    def __init__(self, answer: str) -> None:
        super().__init__(timeout=600)
        self._answer = answer

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        select = self.reason.component
        chosen = select.values if isinstance(select, discord.ui.Select) else []
        await _count(interaction, self._answer, is_helpful=False, reason=chosen[0] if chosen else "")


async def vote(interaction: discord.Interaction[Quoth], answer: str, *, is_helpful: bool) -> None:
    """Count a vote; who did not find the answer helpful is asked why."""
    if is_helpful:
        await _count(interaction, answer, is_helpful=True)
    else:
        await interaction.response.send_modal(WhyNot(answer))


async def tell(interaction: discord.Interaction[Quoth], answer: str) -> None:
    """Remember for the admins that a question has no answer."""
    client = interaction.client

    async def work() -> Reply:
        server = words.server_of(interaction)
        question, _ = await client.recalled(server, answer)
        await client.worker.aside(client.memory.tell, server, question)
        return Reply(Card("notice", "The admins will see it", (Words(f"“{question}” is on their list of gaps."),)))

    await client.respond(interaction, work())


async def _count(interaction: discord.Interaction[Quoth], answer: str, *, is_helpful: bool, reason: str = "") -> None:
    client = interaction.client

    async def work() -> Reply:
        server, person = words.server_of(interaction), interaction.user.id
        await client.worker.aside(client.memory.vote, server, answer, person, is_helpful=is_helpful, reason=reason)
        thanks = "The admins see how many answers helped." if is_helpful else "The admins see why answers did not help."
        return Reply(Card("notice", "Thank you", (Words(f"{thanks} You can change your mind at any time."),)))

    await client.respond(interaction, work())
