"""How the commands get to Discord: their words in each language, and when they are sent."""

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from bot.languages import catalogue, code_of
from bot.settings import Sync as When

_log = logging.getLogger(__name__)

# Which of a catalogue's contexts the words of a command are in; a menu's name may have capitals and spaces.
_CONTEXTS = {
    app_commands.TranslationContextLocation.command_name: "command",
    app_commands.TranslationContextLocation.command_description: "description",
    app_commands.TranslationContextLocation.group_name: "command",
    app_commands.TranslationContextLocation.group_description: "description",
    app_commands.TranslationContextLocation.parameter_name: "option",
    app_commands.TranslationContextLocation.parameter_description: "description",
    app_commands.TranslationContextLocation.choice_name: "choice",
}


class Translator(app_commands.Translator):
    """The words of commands as the catalogues have them; there is one command, whatever it is called."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        kind = "menu" if isinstance(context.data, app_commands.ContextMenu) else _CONTEXTS[context.location]
        # American and British English fall back to each other before they fall back to the default, so
        # where they differ both are given.
        american = catalogue("en_US").command(kind, string.message)
        if locale is discord.Locale.american_english:
            return american
        if locale is discord.Locale.british_english:
            return string.message if american else None
        code = code_of(locale)
        return None if code == "en" else catalogue(code).command(kind, string.message)


class Sync:
    """Sends the commands to Discord, as a rule only when they have changed since they were last sent."""

    def __init__(self, when: When, *, record: Path) -> None:
        self._when = when
        self._record = record

    async def run(self, tree: app_commands.CommandTree[Any]) -> None:
        """Send the commands where that is due; the record keeps what was sent, and for which application."""
        if self._when == "never":
            return
        payload = [
            await command.get_translated_payload(tree, tree.translator) if tree.translator else command.to_dict(tree)
            for command in sorted(tree.get_commands(), key=lambda command: command.name)
        ]
        text = json.dumps(payload, sort_keys=True)
        sent = {
            "application": str(tree.client.application_id),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }
        if self._when == "if-changed" and self._last() == sent:
            _log.info("The commands are as they were; nothing is sent")
            return
        await tree.sync()
        _log.info("Sent %d commands to Discord", len(payload))
        try:
            self._record.parent.mkdir(parents=True, exist_ok=True)
            self._record.write_text(json.dumps(sent), encoding="utf-8")
        except OSError as error:  # they are sent once more at the next start
            _log.warning("That the commands were sent could not be noted: %s", error)

    def _last(self) -> object:
        """What was sent last; None where that is not known."""
        try:
            return json.loads(self._record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
