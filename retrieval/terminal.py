"""Cards as text for a terminal: wrapped at its width, in colour where there is one."""

from io import StringIO
from typing import TYPE_CHECKING

from retrieval.cards import Block, Card, Entry, Passage, Source, Words, visible

if TYPE_CHECKING:
    from rich.text import Text

_BAR = "  │ "
_INDENT = "  "
_NARROWEST = 24


def render(card: Card, *, width: int = 80, colour: bool = False) -> str:
    """The card as lines of at most ``width`` columns, ending in a line break.

    With ``colour`` the lines carry ANSI codes; without, none. Words of articles are shown in full:
    only control characters and bidirectional marks are left out, so that nothing in an article can
    drive the terminal.
    """
    # Rich is slow to import, and most sub-commands print no card.
    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out,
        width=max(width, _NARROWEST),
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    for lines in _paragraphs(card):
        for prefix, text in lines:
            rest = console.width - len(prefix)
            # An address is left whole, so that the terminal can open it.
            wrapped = [text] if text.no_wrap else text.wrap(console, rest, tab_size=1)
            for line in wrapped:
                line.rstrip()
                console.print(Text.assemble((prefix, "dim"), line), no_wrap=True, overflow="ignore", crop=False)
        out.write("\n")
    return out.getvalue().rstrip("\n") + "\n"


def _paragraphs(card: Card) -> list[list[tuple[str, "Text"]]]:
    """Groups of ``(prefix of each line, text)`` with an empty line between two groups."""
    groups = [[("", _styled(card.heading, "bold"))]]
    groups += [_block(block) for block in card.blocks]
    groups += [[("", _styled(note, "dim"))] for note in card.notes]
    return groups


def _block(block: Block) -> list[tuple[str, "Text"]]:
    if isinstance(block, Words):
        return [("", _styled(line, "")) for line in block.text.split("\n")]
    if isinstance(block, Entry):
        return _source(block.source, listed=True)
    lines = [(_BAR, line) for line in _passage(block).split("\n", allow_blank=True)]
    return lines if block.source is None else [*lines, *_source(block.source)]


def _passage(passage: Passage) -> "Text":
    from rich.text import Text

    if passage.focus is None:
        return _styled(passage.text, "")
    start, end = passage.focus
    parts = (passage.text[:start], passage.text[start:end], passage.text[end:])
    before, focus, after = (visible(part) for part in parts)
    return Text.assemble(before, (focus, "bold"), after)


def _source(source: Source, *, listed: bool = False) -> list[tuple[str, "Text"]]:
    number = "" if source.number is None else f"{source.number}. " if listed else f"[{source.number}] "
    lines = [(_INDENT, _styled(f"{number}{source.title}", "cyan"))]
    lines.append((_INDENT, _styled(" · ".join(source.details), "dim")))
    if source.link:
        link = _styled(source.link, "dim")
        link.no_wrap = True
        lines.append((_INDENT, link))
    return lines


def _styled(text: str, style: str) -> "Text":
    from rich.text import Text

    return Text(visible(text), style=style)
