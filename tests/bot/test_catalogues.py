"""The catalogues: every sentence and every word of a command, in each language, as that language writes it."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import discord
import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from discord import app_commands

from bot.commands import Translator
from bot.languages import FOLDER, NAMES
from retrieval import QuothError
from tests.bot.conftest import World

ROOT = Path(__file__).parent.parent.parent
OTHERS = sorted(set(NAMES) - {"en"})
NARROW = "\u202f"  # the no-break space that French has before ; ? ! and in « »

LOCALES = [locale for locale in discord.Locale if str(locale).split("-", maxsplit=1)[0] in NAMES]

# A pattern in the code: "…", or (one, many).
Pattern = str | tuple[str, str]
# A key of a catalogue: its context, and the pattern or the only or first of its forms.
Key = tuple[str | None, Pattern]


def _speaking() -> Iterator[tuple[Path, ast.Module]]:
    """The files that say something: those that take ``say`` or ``say_count`` from the engine."""
    for path in sorted((*ROOT.glob("bot/**/*.py"), *ROOT.glob("retrieval/**/*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
        if names & {"say", "say_count"} or path == ROOT / "retrieval" / "messages.py":
            yield path, tree


@cache
def _patterns() -> frozenset[Pattern]:
    """Every pattern, as babel finds it in the code."""
    found: set[Pattern] = set()
    for path, _ in _speaking():
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords={"say": None, "say_count": (1, 2)}):
                found.add(message if isinstance(message, str) else (message[0], message[1]))
    return frozenset(found)


def _command_words(world: World) -> set[Key]:
    """Every word of the commands that Discord shows, by walking the tree."""
    found: set[Key] = set()

    def walk(command: Any) -> None:
        if isinstance(command, app_commands.ContextMenu):
            found.add(("menu", command.name))
            return
        found.update({("command", command.name), ("description", command.description)})
        for inner in getattr(command, "commands", ()):
            walk(inner)
        for option in getattr(command, "parameters", ()):
            found.update({("option", option.name), ("description", str(option.description))})
            found.update(("choice", choice.name) for choice in option.choices)

    for command in world.client().tree.get_commands():
        walk(command)
    return found


@cache
def _catalogue(code: str) -> Catalog:
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def _entries(code: str) -> Mapping[Key, Entry]:
    return {(e.context, e.id if isinstance(e.id, str) else (e.id[0], e.id[1])): e for e in _catalogue(code) if e.id}


def _pairs(code: str) -> Iterator[tuple[str, str]]:
    """Each pattern with its translation, the forms for one and for many apart."""
    for entry in _entries(code).values():
        yield from _forms(entry)


def _forms(entry: Entry) -> list[tuple[str, str]]:
    if isinstance(entry.id, str):
        return [(entry.id, str(entry.string))]
    return list(zip(entry.id, tuple(entry.string or ()), strict=True))


def _placeholders(pattern: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}


def test_every_pattern_is_a_literal() -> None:
    """A pattern that is put together when the program runs cannot be found, nor translated."""
    for path, tree in _speaking():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"say", "say_count"}:
                patterns = call.args[: 1 if getattr(call.func, "id", "") == "say" else 2]
                assert all(isinstance(p, ast.Constant) and isinstance(p.value, str) for p in patterns), (
                    f"{path.relative_to(ROOT)}:{call.lineno}"
                )


def test_what_people_can_see_is_made_of_messages() -> None:
    """The words of errors and of cards, but where only those who run Quoth read them, on the command line."""
    errors = _names_below(QuothError)
    at = {"Card": 1, "Words": 0, "Respond": 0, "OpenLink": 0, "ShowContext": 0, "Summarise": 0, "Verify": 0}
    for path in sorted((*ROOT.glob("bot/**/*.py"), *ROOT.glob("retrieval/**/*.py"))):
        name = str(path.relative_to(ROOT))
        if name in _FOR_OPERATORS or name.startswith("retrieval/cli/"):
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            kind = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
            if isinstance(call, ast.Call) and (kind in errors or kind in at):
                place = at.get(kind, 0)
                said = [k.value for k in call.keywords if k.arg in {"hint", "heading"}]
                said += call.args[place : place + 1]
                assert not any(map(_is_english, said)), f"{name}:{call.lineno}"


# Their errors end a command or the start of the bot.
_FOR_OPERATORS = frozenset(
    "bot/__main__.py bot/embed_server.py bot/health.py bot/lock.py bot/moving.py bot/preview.py bot/run.py "
    "bot/secret.py bot/settings.py retrieval/evaluate.py retrieval/settings.py retrieval/store/sqlite.py "
    "retrieval/upkeep/backups.py retrieval/upkeep/keeping.py retrieval/verify.py".split()
)


def _names_below(kind: type) -> set[str]:
    return {kind.__name__}.union(*map(_names_below, kind.__subclasses__()))


def _is_english(node: ast.expr) -> bool:
    """Whether it is words that stand in the code as they are."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return any(isinstance(p, ast.Constant) and bool(re.search(r"[a-z]", str(p.value or ""))) for p in parts)


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_every_key_and_no_other(world: World, code: str) -> None:
    """What is said and what the commands are called; nothing is left open, and nothing is left over."""
    wanted = {(None, pattern) for pattern in _patterns()} | _command_words(world)
    found = _entries(code)
    assert wanted - set(found) == set(), "missing"
    assert set(found) - wanted == set(), "left over"
    assert [e.id for e in found.values() if e.fuzzy or not all(translated for _, translated in _forms(e))] == []


def test_the_american_catalogue_holds_what_is_spelt_otherwise_and_nothing_else(world: World) -> None:
    """Of all that is said, and of all the words of the commands."""
    wanted = {(None, pattern) for pattern in _patterns()} | _command_words(world)
    british = {key for key in wanted if _american(str(key[1])) != str(key[1])}
    assert {key: _forms(entry) for key, entry in _entries("en_US").items()} == {
        key: [(form, _american(form)) for form in ([key[1]] if isinstance(key[1], str) else key[1])] for key in british
    }


def _american(text: str) -> str:
    for british, american in _SPELLINGS:
        text = re.sub(british, american, text)
    return text


# British endings and words, and what Americans make of them.
_SPELLINGS = (
    (r"(ummar|rgan|ecogn|ocal|ustom|inim|axim|uthor|tandard)is(e|ed|es|ing|ation)\b", r"\1iz\2"),
    (r"olour", "olor"),
    (r"ehaviour", "ehavior"),
    (r"avour", "avor"),
    (r"(ent|et)re\b", r"\1er"),
    (r"icence\b", "icense"),
    (r"atalogue", "atalog"),
    (r"spelt\b", "spelled"),
    (r"ancelled", "anceled"),
    (r"\bgrey\b", "gray"),
)


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_keeps_the_placeholders(code: str) -> None:
    assert [p for p, translated in _pairs(code) if _placeholders(p) != _placeholders(translated)] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_ends_as_its_pattern_does(code: str) -> None:
    """A clause gets its full stop from the code, and a sentence must not get a second one."""

    def end(text: str) -> str:
        mark = text.rstrip("”“»")[-1]
        return mark if mark in ".?!…:" else ""

    assert [p for p, translated in _pairs(code) if end(p) != end(translated)] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_command_is_called_what_its_language_calls_it(code: str) -> None:
    """Where a sentence tells people to use a command, it is the name that their Discord shows."""
    names = {str(e.id): str(e.string) for (context, _), e in _entries(code).items() if context == "command"}
    for pattern, translated in _pairs(code):
        used = [list(filter(names.get, words.split())) for words in re.findall(r"(?<!\S)/(\w+(?: \w+)?)", pattern)]
        wanted = [f"/{' '.join(names[word] for word in words)}" for words in used]
        assert [words for words in wanted if words not in translated] == []
        assert len(re.findall(r"(?<!\S)/\w", translated)) == len(wanted)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("de", r"[”«»]|“(?=\w)|\w„"),
        ("fr", rf"[“”„']|(?<!{NARROW})[;?!»]|«(?!{NARROW})|(?<!source)(?<![{NARROW}}}]):(?=\s|$)"),
        ("es", r"[“”„]|«\s|\s»|\s[;:?!]"),
    ],
)
def test_a_language_has_its_own_typographic_marks(code: str, wrong: str) -> None:
    """German „…“, French « … » with narrow spaces that do not break, Spanish «…», ¿…? and ¡…!"""
    assert [translated for _, translated in _pairs(code) if re.search(wrong, translated)] == []
    pairs = {"de": [("„", "“")], "fr": [("«", "»")], "es": [("«", "»"), ("¿", "?"), ("¡", "!")]}[code]
    assert [t for _, t in _pairs(code) for left, right in pairs if t.count(left) != t.count(right)] == []


@pytest.mark.parametrize("locale", LOCALES, ids=str)
async def test_discord_takes_the_commands_in_every_language(world: World, locale: discord.Locale) -> None:
    """Names and descriptions within Discord's limits, and no two that are called the same."""
    client, translator = world.client(), Translator()
    await client.tree.set_translator(translator)
    commands = [await c.get_translated_payload(client.tree, translator) for c in client.tree.get_commands()]
    _check_names([c for c in commands if c["type"] == 1], locale)
    for command in commands:
        if command["type"] == 1:
            _check_command(command, locale)
            assert _size(command) <= 8_000
        else:
            assert 1 <= len(_in(command, "name", locale)) <= 32


def _in(item: Mapping[str, Any], field: str, locale: discord.Locale) -> str:
    """A field as Discord shows it to somebody with that locale."""
    text = (item.get(f"{field}_localizations") or {}).get(locale.value, item[field])
    assert isinstance(text, str)
    return text


def _check_names(items: list[Any], locale: discord.Locale) -> None:
    names = [_in(item, "name", locale) for item in items]
    assert len(names) == len(set(names)), names
    for name in names:
        assert re.fullmatch(r"[-_\w]{1,32}", name), name
        assert name == name.lower()


def _check_command(command: Mapping[str, Any], locale: discord.Locale) -> None:
    assert 1 <= len(_in(command, "description", locale)) <= 100
    options = command.get("options", [])
    _check_names(options, locale)
    for option in options:
        _check_command(option, locale)
        assert all(1 <= len(_in(choice, "name", locale)) <= 100 for choice in option.get("choices", ()))


def _size(item: Mapping[str, Any]) -> int:
    """Characters of a command as Discord counts them: of each name and description the longest localisation."""
    own = sum(
        max(map(len, [item.get(field, ""), *(item.get(f"{field}_localizations") or {}).values()]))
        for field in ("name", "description")
    )
    inner = [*item.get("options", ()), *item.get("choices", ())]
    return own + len(str(item.get("value", ""))) + sum(map(_size, inner))


async def test_a_spanish_name_is_given_to_spain_and_to_latin_america(world: World) -> None:
    client, translator = world.client(), Translator()
    ask = client.tree.get_command("ask")
    assert isinstance(ask, app_commands.Command)
    await client.tree.set_translator(translator)
    names = (await ask.get_translated_payload(client.tree, translator))["name_localizations"]
    assert names == {"de": "fragen", "fr": "demander", "es-ES": "preguntar", "es-419": "preguntar"}
