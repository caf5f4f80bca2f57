"""Asking about a message, and showing others an answer that one person sees."""

from tests.bot.conftest import AMBASSADOR, HELSINKI, World, labels, shown, texts


async def test_a_message_can_be_asked_about_in_private(world: World) -> None:
    """What it says is the question; mentions in it are none of it."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        message = await scene.alice.send(scene.channel, f"{scene.alice.mention} {AMBASSADOR}")
        result = await scene.alice.context_menu(scene.channel, "Ask about this", message)
        text = texts(shown(result).components)
        assert result.ephemeral
        assert text.startswith(f"### {AMBASSADOR}")
        assert "Matsegora" in text


async def test_a_message_without_words_cannot_be_asked_about(world: World) -> None:
    """A picture, an emoji: one sentence says so."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        message = await scene.alice.send(scene.channel, "🦉")
        result = await scene.alice.context_menu(scene.channel, "Ask about this", message)
        assert result.ephemeral
        assert texts(shown(result).components).startswith("### The message holds no words to ask about")


async def test_a_private_answer_can_be_shown_to_everyone_after_a_restart(world: World) -> None:
    """The shared card is like any other answer, and cannot be shared once more."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        private = shown(await scene.ask(private=True))
        assert "Share in channel" in labels(private.components)
        await scene.env.restart_bot(world.client())
        result = await scene.alice.click(private, label="Share in channel")
        assert not result.ephemeral
        assert "Matsegora" in texts(shown(result).components)
        assert "Share in channel" not in labels(shown(result).components)


async def test_only_an_answer_can_be_shared(world: World) -> None:
    """Not that nothing was found, and not what everyone sees already."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        for asked in (await scene.ask("can I pay with gold coins?", private=True), await scene.ask()):
            assert "Share in channel" not in labels(shown(asked).components)


async def test_what_is_forgotten_cannot_be_shared(world: World) -> None:
    """Questions are kept for some days only."""
    async with world.scene() as scene:
        scene.add(HELSINKI)
        private = shown(await scene.ask(private=True))
        scene.bot.memory.forget_server(scene.guild.id)
        result = await scene.alice.click(private, label="Share in channel")
        assert result.ephemeral
        assert "no longer remembered" in texts(shown(result).components)
