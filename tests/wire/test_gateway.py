"""Connections break in every way that Discord's can; each question is answered once."""

from tests.wire.conftest import QUESTION, Wire


async def test_a_question_is_answered_once_and_in_time(wire: Wire) -> None:
    async with wire.running():
        asked = await wire.server.ask(QUESTION)
        mentioned = await wire.server.mention(QUESTION)
        await wire.discord.until(lambda: asked.answered and mentioned.answered)
        assert "Matsegora" in asked.text
        assert "Matsegora" in mentioned.text
    assert len(wire.discord.ledger.identifies) == 1
