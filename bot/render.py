"""Cards as Discord messages: Components V2, or plain text with the same words.

A fresh view is built for every message and nothing of it is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import discord

from bot import keys, limits, markdown, views
from bot.pages import Page, page_mark, pages_of
from bot.settings import Style
from retrieval import (
    ENGLISH,
    Action,
    Card,
    ChooseArticle,
    Language,
    OpenLink,
    Respond,
    ShowContext,
    Summarise,
    Verify,
    said_in,
    say,
)

# Below the limits by what a later change of the texts around a card may need.
_BUDGETS: dict[Style, int] = {"v2": 3600, "plain": 1900}
_COLOURS = {
    "answer": discord.Colour(0x5865F2),
    "summary": discord.Colour(0x5865F2),
    "context": discord.Colour(0x5865F2),
    "list": discord.Colour(0x5865F2),
    "nothing": discord.Colour(0x80848E),
    "notice": discord.Colour(0x80848E),
    "error": discord.Colour(0xDA373C),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A card, and how a button makes it again.

    ``page`` counts from 1. ``last`` is None where the card is cut into pages here, and the number of
    the last page where ``card`` is itself one page of several. With ``instead`` it is for the one person
    who asked, and that is what all may see. ``file`` is a name and what is in the file. ``answer`` is the id
    of the answer to a question, and ``stages`` are the milliseconds that each stage of it took.
    """

    card: Card
    key: keys.Key | None = None
    page: int = 1
    last: int | None = None
    instead: "Reply | None" = None
    file: tuple[str, bytes] | None = None
    answer: str = field(default="", compare=False)
    stages: tuple[tuple[str, float], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Look:
    """How a reply is drawn, and the language that Quoth's own words in it are in."""

    style: Style
    language: Language = ENGLISH


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: with ``content`` in plain style, without it as Components V2; and a file's name and content."""

    content: str | None
    view: discord.ui.View | discord.ui.LayoutView
    file: tuple[str, bytes] | None = None

    def files(self) -> list[discord.File]:
        """The file as it is attached; each can be sent once."""
        return [discord.File(BytesIO(self.file[1]), filename=self.file[0])] if self.file else []

    @property
    def v2(self) -> bool:
        """Whether the message consists of components only."""
        return self.content is None


def message(reply: Reply, look: Look) -> Message:
    """The message of one page of a reply; raises LimitError where Discord would refuse it."""
    style, card = look.style, said_in(look.language, reply.card)
    pages = pages_of(card, budget=_BUDGETS[style], language=look.language)
    last = len(pages) if reply.last is None else reply.last
    page = max(1, min(reply.page, last))
    shown = pages[page - 1 if reply.last is None else 0]
    notes = (*shown.notes, page_mark(page, last, look.language)) if last > 1 else shown.notes
    rows = _rows(card.actions, shown, turns=_turns(reply, page, last, language=look.language))
    if style == "v2":
        view = _layout(card, shown, notes, rows=rows)
        if reply.file:  # what is attached is seen only where a component shows it
            view.add_item(discord.ui.File(f"attachment://{reply.file[0]}"))
        made = Message(None, view, reply.file)
    else:
        made = Message(_plain(shown, notes), _view(rows), reply.file)
    limits.check_message(made.content, made.view.to_components(), v2=made.v2)
    return made


def _layout(
    card: Card, page: Page, notes: Sequence[str], *, rows: Sequence[Sequence[discord.ui.Item[Any]]]
) -> discord.ui.LayoutView:
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=_COLOURS[card.tone])
    for text in _texts(page, notes):
        container.add_item(discord.ui.TextDisplay(text) if text else discord.ui.Separator())
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    for row in rows:
        view.add_item(discord.ui.ActionRow(*row))
    return view


def _texts(page: Page, notes: Sequence[str]) -> list[str]:
    """The texts of a card in reading order; an empty one stands for a divider."""
    texts = [page.heading]
    for piece in page.pieces:
        if piece.joint == "line":
            texts[-1] += f"\n{piece.text}"
            continue
        # A quote and what stands below it are two texts: in one, some readers draw both as quoted.
        texts += ["", piece.text] if piece.joint == "divider" else [piece.text]
        texts += [piece.foot] if piece.foot else []
    if notes:
        # Small print of the card is set off from that of its last source.
        texts += ["", "\n".join(notes)] if _ends_in_small_print(page) else ["\n".join(notes)]
    return texts


def _ends_in_small_print(page: Page) -> bool:
    last = page.pieces[-1] if page.pieces else None
    return last is not None and bool(last.foot or last.text.rpartition("\n")[2].startswith("-# "))


def _plain(page: Page, notes: Sequence[str]) -> str:
    text = page.heading
    for piece in page.pieces:
        text += f"\n{piece.text}" if piece.joint == "line" else f"\n\n{piece.text}"
        text += f"\n{piece.foot}" if piece.foot else ""
    return "\n".join((text, *notes))


def _view(rows: Sequence[Sequence[discord.ui.Item[Any]]]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(rows):
        for item in row:
            item.row = number
            view.add_item(item)
    return view


def _rows(
    actions: Sequence[Action], page: Page, *, turns: Sequence[discord.ui.Item[Any]]
) -> list[list[discord.ui.Item[Any]]]:
    """The buttons of a page: links first, then what shows more, then the turning of pages."""
    wanted = [action for action in actions if action.block is None or action.block in page.blocks]
    links = [item for action in wanted if isinstance(action, OpenLink) for item in _items(action)]
    chooser = [item for action in wanted if isinstance(action, ChooseArticle) for item in _items(action)]
    others = _others([action for action in wanted if isinstance(action, ShowContext | Summarise)])
    about = [item for action in wanted if isinstance(action, Verify | Respond) for item in _about(action)]
    groups = [_chunks(links), _chunks(others), _chunks(about), [[item] for item in chooser], _chunks(turns)]
    rows = [row for group in groups for row in group]
    # One quote has one link and one button: they share a row.
    if len(links) + len(others) <= limits.BUTTONS_IN_ROW - 2 and links and others:
        rows = [links + others, *rows[2:]]
    return rows[: limits.ROWS]


def _others(actions: Sequence[ShowContext | Summarise]) -> list[discord.ui.Item[Any]]:
    """The buttons that show more; of two that would show the same the first, as ids are unique."""
    buttons: dict[str, discord.ui.Item[Any]] = {}
    for action in actions:
        if isinstance(action, ShowContext):
            span = keys.Span(action.article, action.start, action.end, keys.digest(action.text))
            key: keys.Key = keys.ContextKey(span)
            page = keys.BESIDE
        else:
            key, page = keys.SummaryKey(action.article, action.length), 1
        for button in _button(action.label, key, page):
            buttons.setdefault(button.custom_id, button)
    return list(buttons.values())


def _about(action: Verify | Respond) -> list[discord.ui.Item[Any]]:
    """The button for what can be done about the whole answer; none where its code would be too long."""
    if isinstance(action, Verify):
        spans = tuple(keys.Span(p.article, p.start, p.end, keys.digest(p.text)) for p in action.passages)
        return [*_button(action.label, keys.VerifyKey(spans), keys.BESIDE)]
    if action.does in _CARDS_ABOUT:
        return [*_button(action.label, _CARDS_ABOUT[action.does](action.answer), keys.BESIDE)]
    return [views.Deed(action.label, _DEEDS.get(action.does, action.does), action.answer)]


def _items(action: OpenLink | ChooseArticle) -> list[discord.ui.Item[Any]]:
    """The item of an action; none where Discord could not hold its address or its code."""
    if isinstance(action, OpenLink):
        url = markdown.address(action.url, limits.LINK)
        return [discord.ui.Button(label=action.label, url=url)] if url else []
    options = [
        discord.SelectOption(label=markdown.option(title), value=article)
        for title, article in action.choices[: limits.OPTIONS]
    ]
    return [views.ChooseArticle(action.label, options)]


def _turns(reply: Reply, page: int, last: int, *, language: Language) -> list[views.CardButton]:
    """Buttons to the pages beside this one; at an end one is left out, not disabled."""
    if reply.key is None:
        return []
    beside = ((say("Previous page"), page - 1), (say("Next page"), page + 1))
    turns = [_button(said_in(language, label), reply.key, to) for label, to in beside if 1 <= to <= last]
    return [button for buttons in turns for button in buttons]


def _button(label: str, key: keys.Key, page: int) -> list[views.CardButton]:
    custom_id = keys.encode(key, page)
    return [views.CardButton(label, custom_id)] if custom_id else []


def _chunks(items: Sequence[discord.ui.Item[Any]]) -> list[list[discord.ui.Item[Any]]]:
    step = limits.BUTTONS_IN_ROW
    return [list(items)[start : start + step] for start in range(0, len(items), step)]


_CARDS_ABOUT: dict[str, Callable[[str], keys.Key]] = {"more": keys.MoreKey, "nearest": keys.NearestKey}
_DEEDS = {"helpful": "yes", "not helpful": "no"}
