"""How far a long addition is, shown while it lasts."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import discord

from bot import words
from bot.render import Look, Reply, message
from bot.sending import changed
from retrieval import Added, Card, Language, Words, say, say_count

_log = logging.getLogger(__name__)

_EVERY = 3.0  # seconds


class Progress:
    """Counts in a worker's thread what is shown from the event loop."""

    def __init__(self, is_stopping: Callable[[], bool]) -> None:
        self._is_stopping = is_stopping
        self.done = 0

    def counting(self, results: Iterable[Added]) -> Iterator[Added]:
        """The results, counted as they come; raises Busy when the bot is stopping."""
        for result in results:
            self.done += 1
            yield result
            if self._is_stopping():
                raise words.interrupted(self.done)

    async def show(self, interaction: discord.Interaction[Any], language: Language) -> None:
        """Edit the "thinking…" of a command every few seconds, until that is cancelled.

        In plain style: a message that was once made of components cannot be plain any more, should Discord
        refuse the report at the end.
        """
        shown, look = 0, Look("plain", language)
        while True:
            await asyncio.sleep(_EVERY)
            if self.done != shown and interaction.response.is_done():
                shown = self.done
                try:
                    await interaction.edit_original_response(**changed(message(Reply(self._card()), look)))
                except discord.HTTPException as error:
                    # The report at the end matters; what is on the way to it may be lost.
                    _log.info("Progress could not be shown: %s", error)

    def _card(self) -> Card:
        so_far = say_count("{n} article is done", "{n} articles are done", self.done)
        return Card("notice", say("Adding articles …"), (Words(so_far),))
