"""The documentation says what the code does."""

import argparse
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from bot.articles import article_command, articles_command, summarise_command, topic_command
from bot.ask import ask_command
from bot.privacy import privacy_command
from bot.settings import DiscordSettings, HealthSettings
from retrieval.cli import adding, answers, articles, feeds, upkeep
from retrieval.records import Answer, Article, Feed, Quote, Summary, TopicSummary, Verification
from retrieval.settings import AnswerSettings, BackupSettings, ModelSettings, StoreSettings, WebSettings

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "seeds" / "README.md",
]
TABLES = {
    "model": ModelSettings,
    "answers": AnswerSettings,
    "web": WebSettings,
    "store": StoreSettings,
    "backup": BackupSettings,
    "discord": DiscordSettings,
    "health": HealthSettings,
}
COMMANDS = (*adding.COMMANDS, *articles.COMMANDS, *answers.COMMANDS, *feeds.COMMANDS, *upkeep.COMMANDS)
NAMES = {c.name for c in COMMANDS} | {"run", "try", "embed-server"}


def _code_lines(page: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    """A link within the repository is never dead."""
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_every_quoth_command_in_a_code_block_exists() -> None:
    """What a reader copies from a page is a command with options that it has."""
    for page in PAGES:
        for line in _code_lines(page):
            for words in re.findall(r"(?:^|/|\s)quoth (\w[^|&]*)", line):
                name, *rest = shlex.split(words, comments=True)
                if name == "quoth":  # docker compose exec quoth quoth doctor
                    name, *rest = rest
                assert name in NAMES, f"{page.name}: {line}"
                _parse(name, rest, line=f"{page.name}: {line}")


def _parse(name: str, rest: list[str], *, line: str) -> None:
    command = next((c for c in COMMANDS if c.name == name), None)
    if command is None:
        return
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--home")
    parser.add_argument("--library")
    command.configure(parser)
    try:
        parser.parse_args(rest)
    except (argparse.ArgumentError, SystemExit) as error:
        pytest.fail(f"{line}: {error}")


def test_the_page_of_commands_lists_every_command_once() -> None:
    """docs/commands.md has one row for each sub-command."""
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `quoth ([\w-]+)", page, re.MULTILINE)) == sorted(NAMES)


def test_every_make_target_that_a_page_names_exists() -> None:
    """`make X` in a page is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:`|^|\s|`PORT=\d+ )make ([a-z]+)\b(?=[`\s])", "\n".join(_commands(page)))
    }
    assert named
    assert named <= targets


def _commands(page: Path) -> list[str]:
    return [*_code_lines(page), *re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8"))]


def test_the_example_settings_hold_every_key_at_its_default() -> None:
    """config/quoth.toml is the whole list of settings, and changes none."""
    tables = tomllib.loads((ROOT / "config" / "quoth.toml").read_text(encoding="utf-8"))
    assert tables == {name: {f.name: f.default for f in fields(kind)} for name, kind in TABLES.items()}


@pytest.mark.parametrize("name", TABLES)
def test_the_example_settings_explain_each_key_in_its_own_words(name: str) -> None:
    """The comment behind a key is its help."""
    text = (ROOT / "config" / "quoth.toml").read_text(encoding="utf-8").replace('"', "'")
    text = text.partition(f"[{name}]\n")[2].partition("\n\n")[0]
    for field in fields(TABLES[name]):
        line = re.search(rf"^{field.name} = .*$", text, re.MULTILINE)
        assert line
        assert field.metadata["help"].split(":")[0].replace('"', "'") in line[0]


def test_the_page_of_formats_names_every_key_of_the_records() -> None:
    """docs/formats.md shows each record with all its keys, in their order."""
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    for record in (Article, Quote, Answer, Summary, TopicSummary, Verification, Feed):
        row = re.search(rf"^\| {record.__name__} \|(.*)\|$", page, re.MULTILINE)
        assert row, record
        found = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", row[1]).split(";")[0])
        assert found == [f.name for f in fields(record)]


def test_the_readme_shows_every_slash_command_with_its_options() -> None:
    """The table of what people see is the commands that the bot has."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in (
        ask_command(),
        summarise_command(),
        topic_command(),
        article_command(),
        articles_command(),
        privacy_command(),
    ):
        options = [p.name if p.required else f"[{p.name}]" for p in command.parameters]
        assert f"| `{' '.join((f'/{command.name}', *options))}` |" in page


def test_every_page_of_the_code_that_the_documentation_names_exists() -> None:
    """docs/architecture.md leads to files that are there, and to all of the engine's."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:retrieval|bot|benchmarks)/[\w/]*(?:\.py)?)`", page))
    assert [n for n in sorted(named) if not (ROOT / n).exists()] == []


def test_every_card_is_shown_with_words_for_who_cannot_see_it() -> None:
    """docs/cards.md shows each picture once, and its text says what is on it."""
    page = (ROOT / "docs" / "cards.md").read_text(encoding="utf-8")
    shown = {name: text for text, name in re.findall(r"!\[([^\]]*)\]\(cards/(.*?)\.png\)", page)}
    taken = re.findall(
        r'album\.(?:take|show)\("([\w-]+)"', (ROOT / "benchmarks" / "screenshots.py").read_text(encoding="utf-8")
    )
    assert sorted(shown) == sorted(taken) == sorted(path.stem for path in (ROOT / "docs" / "cards").glob("*.png"))
    assert all(len(text) > 40 for text in shown.values())


def test_help_is_complete() -> None:
    """`quoth --help` lists every sub-command, and each explains all of its options."""
    shown = subprocess.run(
        [sys.executable, "-m", "bot", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert {name for name in NAMES if re.search(rf"^ +{name}\b", shown, re.MULTILINE)} == NAMES
    for command in COMMANDS:
        parser = argparse.ArgumentParser()
        command.configure(parser)
        assert [a.dest for a in parser._actions if not a.help] == []
