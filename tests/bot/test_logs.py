"""The log: to be read or as JSON, a line a question, and no token and nobody's words in it."""

import json
import logging
import re

import pytest

from bot.logs import JsonLines, Readable, without_tokens
from tests.bot.conftest import World
from tests.hostile.test_texts import IN_PROPORTION, growth

_TOKEN = "M" * 24 + ".Gabcde." + "x" * 38
_FORMS = [Readable(), JsonLines()]


def _record(message: str, *values: object, error: Exception | None = None, **fields: object) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("bot.x", logging.WARNING, "x.py", 1, message, values, trace)
    record.fields = fields
    return record


def test_a_json_line_is_one_object() -> None:
    """With the fields that a program looks for, and the traceback where there is one."""
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        line = JsonLines().format(_record("It is %s", "so", error=error, server="7"))
    assert "\n" not in line
    said = json.loads(line)
    assert set(said) == {"at", "level", "logger", "message", "server", "trace"}
    assert (said["level"], said["logger"], said["message"], said["server"]) == ("warning", "bot.x", "It is so", "7")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", said["at"])
    assert "ValueError: two\nlines" in said["trace"]


@pytest.mark.parametrize("form", _FORMS, ids=["readable", "json"])
def test_a_token_is_in_no_line(form: logging.Formatter) -> None:
    """Whether it is in the message, its values, a field or a traceback."""
    try:
        raise ValueError(f"Bot {_TOKEN} was refused")
    except ValueError as error:
        line = form.format(_record(f"Authorization: Bot {_TOKEN}, %s", _TOKEN, error=error, token=_TOKEN))
    assert _TOKEN not in line
    assert _TOKEN[-10:] not in line
    assert "[a token]" in line


@pytest.mark.parametrize("piece", ["a", "a.", "abcdefghijklmnopqrstuvwxyz.", "abcdefghijklmnopqrstuvwxyz.abcdefg."])
def test_a_long_line_is_looked_through_in_proportion(piece: str) -> None:
    """Others' words may be in an error: a megabyte of letters must not stop the bot."""
    assert growth(lambda length: without_tokens(piece * (length // len(piece))), 20_000) < IN_PROPORTION


@pytest.mark.parametrize("text", ["retrieval.store.sqlite", "2026-11-27T21:00:00.000+00:00", "bot.library.keeping"])
def test_what_is_no_token_stays(text: str) -> None:
    assert text in Readable().format(_record(text))


async def test_a_question_is_one_line_without_its_words(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """With what became of it, how long each stage took, and the reference that its buttons carry."""
    caplog.set_level(logging.INFO, logger="bot")
    async with world.scene() as scene:
        world.add(scene.guild.id, "The ambassador is Alexander Matsegora. He spoke on Wednesday.")
        await scene.alice.slash(scene.channel, "ask", question="Who is the ambassador?")
        await scene.alice.slash(scene.channel, "ask", question="Which submarine sank in Antarctica?")
        await scene.alice.slash(scene.channel, "ask", question="Who is it?", article="no such article")
        shown = repr(scene.stored())
    lines = [record for record in caplog.records if record.name == "bot.journal"]
    fields = [record.fields for record in lines]  # type: ignore[attr-defined]
    assert [found["outcome"] for found in fields] == ["answered", "declined", "NotFound"]
    assert all(found["server"] == str(scene.guild.id) for found in fields)
    assert fields[0]["whole_ms"] >= fields[0]["search_ms"] > 0
    assert fields[0]["reference"] in shown
    assert not any(
        word in record.getMessage().lower() for record in caplog.records for word in ("ambassador", "submar")
    )
