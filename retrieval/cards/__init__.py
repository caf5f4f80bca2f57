"""Cards: what a reader is shown, before it is decided where.

A card is made from a record and carries plain text only: the words of articles stay exactly as they
are stored, and each place that shows a card (a terminal, Discord) marks them up and escapes them
by its own rules.
"""

from retrieval.cards.answers import answer_card, context_card, nearest_card, quotes_card, verified_card
from retrieval.cards.articles import (
    PAGE_LENGTH,
    added_card,
    article_card,
    articles_card,
    guest_card,
    list_pages,
    summary_card,
    topic_card,
)
from retrieval.cards.card import (
    Action,
    Block,
    Card,
    ChooseArticle,
    Entry,
    OpenLink,
    Passage,
    Respond,
    ShowContext,
    Source,
    Summarise,
    Tone,
    Verify,
    Words,
)
from retrieval.cards.errors import error_card, unexpected_card
from retrieval.cards.wording import EMPTY_LIBRARY, counted, date_words, dated, source_of, visible

__all__ = [
    "EMPTY_LIBRARY",
    "PAGE_LENGTH",
    "Action",
    "Block",
    "Card",
    "ChooseArticle",
    "Entry",
    "OpenLink",
    "Passage",
    "Respond",
    "ShowContext",
    "Source",
    "Summarise",
    "Tone",
    "Verify",
    "Words",
    "added_card",
    "answer_card",
    "article_card",
    "articles_card",
    "context_card",
    "counted",
    "date_words",
    "dated",
    "error_card",
    "guest_card",
    "list_pages",
    "nearest_card",
    "quotes_card",
    "source_of",
    "summary_card",
    "topic_card",
    "unexpected_card",
    "verified_card",
    "visible",
]
