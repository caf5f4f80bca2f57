"""One line a question in the log, without its text: what became of it, how long it took, and its reference."""

import logging
from collections.abc import Awaitable, Callable
from time import perf_counter

from bot.render import Reply

_log = logging.getLogger(__name__)


async def noted(reference: str, guild_id: int, work: Callable[[], Awaitable[Reply]]) -> Reply:
    """The reply that ``work`` gives to a question; whatever becomes of it is logged under the reference.

    The reference is the id of the answer, which its card shows and the buttons below it carry. An error that nobody
    foresaw has a reference of its own on its card: the log has this one below that.
    """
    start = perf_counter()
    try:
        reply = await work()
    except BaseException as error:
        _note(reference, guild_id, type(error).__name__, start)
        error.add_note(f"This is what became of question {reference}.")
        raise
    outcome = "answered" if reply.card.tone == "answer" else "declined"
    _note(reference, guild_id, outcome, start, **{f"{stage}_ms": ms for stage, ms in reply.stages})
    return reply


def _note(reference: str, guild_id: int, outcome: str, start: float, **stages: float) -> None:
    whole = (perf_counter() - start) * 1000
    fields = {"event": "question", "reference": reference, "server": str(guild_id), "outcome": outcome}
    times = {"whole_ms": round(whole, 1), **stages}
    detail = ", ".join(f"{name.removesuffix('_ms')} {ms:.0f} ms" for name, ms in times.items())
    _log.info(
        "Question %s in server %s: %s (%s)", reference, guild_id, outcome, detail, extra={"fields": fields | times}
    )
