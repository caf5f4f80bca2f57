"""The part of docs/commands.md about Discord, from the commands themselves: ``python -m bot.reference`` writes it."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import discord
from discord import app_commands

from bot.build import build_client
from bot.settings import DiscordSettings
from retrieval import Library

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
# What people may press below a card, by its label without a number: where it stands, and what it does.
BUTTONS = (
    ("Open source", "an answer", "opens the page, at the quoted words where the browser can"),
    ("Show context", "an answer", "the sentences around the quote, for you alone"),
    ("Verify", "an answer", "whether each quote still stands in its article, where, and since when"),
    ("More quotes", "an answer", "up to ten quotes for the question, for you alone"),
    ("Helpful", "an answer", "counts your vote; a later one replaces it"),
    ("Not helpful", "an answer", "asks why, and counts your vote; a later one replaces it"),
    ("Share in channel", "an answer that you alone see", "shows it to everyone in the channel"),
    ("Show the nearest passages", "“Nothing found”", "what came closest, for you alone"),
    ("Tell the admins", "“Nothing found”", "puts the question on the list of gaps that `/library status` shows"),
    ("Open article", "a summary, an article", "opens the page"),
    ("Shorter", "a summary", "the summary in fewer sentences"),
    ("Longer", "a summary", "the summary in more sentences"),
    ("Summarise", "an article", "its summary"),
    ("Choose an article to summarise", "the list of articles", "a menu of the articles on the page"),
    ("Previous page", "whatever has several pages", "the page before"),
    ("Next page", "whatever has several pages", "the page after"),
    ("Remove it", "the question before an article is removed", "removes the article for good"),
    ("Delete my data", "`/privacy`", "deletes what is kept of you in this server"),
    ("End", "your standing questions, in `/watch`", "ends the one with that number"),
)
# What people fill in, by the title of the form: what shows it, and what it is for.
FORMS = (
    ("What was wrong with the answer?", "*Not helpful*", "a reason for your vote; it counts without one, too"),
    ("Add an article", "`/library paste`, `/library add` without options", "an article's text and what is known of it"),
    ("Correct an article", "`/library edit`", "title, publisher, author, date and address"),
    ("Who may see this article?", "`/library audience`", "roles, channels, and age-restricted channels"),
    ("How Quoth answers here", "`/settings`", "style, language, manners, and the channels for questions and for news"),
)
# Discord gives menus no description.
_MENUS = {
    "Ask about this": "What the message asks is answered, for you alone",
    "Summarise this": "The message's file or its text is summarised without adding it, for you alone",
}
_BEGIN, _END = "<!-- from the code: python -m bot.reference -->\n", "<!-- so far from the code -->\n"
_KINDS = {
    discord.AppCommandOptionType.string: "text",
    discord.AppCommandOptionType.integer: "a number",
    discord.AppCommandOptionType.number: "a number",
    discord.AppCommandOptionType.boolean: "true or false",
    discord.AppCommandOptionType.user: "a person",
    discord.AppCommandOptionType.channel: "a channel",
    discord.AppCommandOptionType.role: "a role",
    discord.AppCommandOptionType.mentionable: "a person or a role",
    discord.AppCommandOptionType.attachment: "a file",
}


def page(text: str, tree: app_commands.CommandTree[Any]) -> str:
    """The page with its part about Discord made anew; raises ValueError where it has no such part."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError("the page does not say where its part about Discord begins and ends")
    made = "\n".join(_lines(tree))
    return f"{before}{begin}\n{made}\n\n{end}{after}"


def _lines(tree: app_commands.CommandTree[Any]) -> Iterator[str]:
    commands = sorted(tree.walk_commands(), key=lambda command: command.qualified_name)
    yield "| Command | For | Does |\n| --- | --- | --- |"
    for command in commands:
        if isinstance(command, app_commands.Command):
            yield f"| `/{command.qualified_name}` | {_people(command)} | {command.description} |"
    for kind in (discord.AppCommandType.message, discord.AppCommandType.user):
        for menu in sorted(tree.get_commands(type=kind), key=lambda menu: menu.name):
            what = "a message" if kind is discord.AppCommandType.message else "a person"
            yield f"| *Apps › {menu.name}* of {what} | {_people(menu)} | {_MENUS[menu.name]} |"
    yield "\n| Option | Takes | Is |\n| --- | --- | --- |"
    for command in commands:
        for option in command.parameters if isinstance(command, app_commands.Command) else ():
            yield f"| `/{command.qualified_name} {option.name}` | {_takes(option)} | {option.description} |"
    yield "\n| Button | Below | Does |\n| --- | --- | --- |"
    yield from (f"| *{label}* | {where} | {does} |" for label, where, does in BUTTONS)
    yield "\n| Form | Shown by | Takes |\n| --- | --- | --- |"
    yield from (f"| *{title}* | {where} | {takes} |" for title, where, takes in FORMS)


def _people(command: Any) -> str:
    """Who may use a command unless the server's settings say otherwise: that stands at its root."""
    root = getattr(command, "root_parent", None) or command
    wanted = root.default_permissions
    if wanted is None:
        return "everyone"
    return " and ".join(f"*{name.replace('_', ' ').replace('guild', 'server').title()}*" for name, on in wanted if on)


def _takes(option: app_commands.Parameter) -> str:
    kind = _KINDS[option.type]
    if option.choices:
        kind = ", ".join(f"`{choice.name}`" for choice in option.choices)
    elif option.autocomplete:
        kind = "text, with suggestions"
    elif option.max_value is not None:
        least = "" if option.min_value is None else f"{option.min_value} to "
        unit = " characters" if option.type is discord.AppCommandOptionType.string else ""
        kind = f"{kind} of {least or 'at most '}{option.max_value}{unit}"
    return kind if option.required else f"optional: {kind}"


def tree_of(home: Path) -> app_commands.CommandTree[Any]:
    """The commands of a bot that never connects; ``home`` is where it would keep things."""
    client = build_client(DiscordSettings(), home=home, opener=lambda name: Library.open(home, name))
    client.memory.close()
    return client.tree


def main(arguments: Sequence[str] = ()) -> None:
    """Write the page, or the one that is named."""
    path = Path(*arguments) if arguments else PAGE
    with TemporaryDirectory() as home:
        path.write_text(page(path.read_text(encoding="utf-8"), tree_of(Path(home))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
