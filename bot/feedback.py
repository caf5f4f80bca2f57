"""What people think of an answer: votes, why not, and questions for the admins."""

import discord

from bot import words
from bot.client import Quoth
from bot.forms import Filled, Form
from bot.render import Reply
from retrieval import Card, Words, said_in, say

# As they are kept, which is in English, and as they are said.
REASONS = {
    str(reason): reason
    for reason in (
        say("It is the wrong passage"),
        say("It is out of date"),
        say("It does not answer the question"),
        say("Something else"),
    )
}


async def vote(interaction: discord.Interaction[Quoth], answer: str, *, is_helpful: bool) -> None:
    """Count a vote; who did not find the answer helpful is asked why."""
    if is_helpful:
        await _count(interaction, answer, is_helpful=True)
    else:
        await _ask_why(interaction, answer)


async def _ask_why(interaction: discord.Interaction[Quoth], answer: str) -> None:
    """Ask for a reason, which is kept in English; the vote counts without one."""
    words.server_of(interaction)
    form = Form(say("What was wrong with the answer?"), "why", answer, locale=interaction.locale)
    options = [discord.SelectOption(label=said_in(form.language, why), value=kept) for kept, why in REASONS.items()]
    form.field(say("Reason"), discord.ui.Select(custom_id="reason", options=options, min_values=0, required=False))
    await form.show(interaction)


async def told_why(interaction: discord.Interaction[Quoth], answer: str, filled: Filled) -> None:
    """Count the vote of somebody who was asked why."""
    reason = filled.text("reason")
    await _count(interaction, answer, is_helpful=False, reason=reason if reason in REASONS else "")


async def tell(interaction: discord.Interaction[Quoth], answer: str) -> None:
    """Remember for the admins that a question has no answer."""
    client = interaction.client

    async def work() -> Reply:
        server = words.server_of(interaction)
        question, _ = await client.recalled(server, answer)
        await client.worker.soon(client.memory.tell, server, question)
        listed = say("“{question}” is on their list of gaps.", question=question)
        return Reply(Card("notice", say("The admins will see it"), (Words(listed),)))

    await client.respond(interaction, work())


async def _count(interaction: discord.Interaction[Quoth], answer: str, *, is_helpful: bool, reason: str = "") -> None:
    client = interaction.client

    async def work() -> Reply:
        server, person = words.server_of(interaction), interaction.user.id
        await client.worker.soon(client.memory.vote, server, answer, person, is_helpful=is_helpful, reason=reason)
        seen = say("The admins see why answers did not help. You can change your mind at any time.")
        if is_helpful:
            seen = say("The admins see how many answers helped. You can change your mind at any time.")
        return Reply(Card("notice", say("Thank you"), (Words(seen),)))

    await client.respond(interaction, work())
