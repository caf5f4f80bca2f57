"""Follow-up questions: what a question leaves out is in the one before it."""

import re
from collections.abc import Sequence

from retrieval.text import terms

# Words by which a question points back: "and what did he say about it?"
_POINTS_BACK = re.compile(
    r"\b(he|she|it|they|him|her|them|his|hers|its|their|theirs|this|that|these|those|there|then|the same|"
    r"else|too|also)\b|^\W*(and|but|so|what about|how about|why|when|where|who|how many|how much)\W*(\w+\W*){0,2}$",
    re.IGNORECASE,
)
_FEW_TERMS = 2  # a question about so little says its subject only together with the one before
_REMEMBERED = 2  # earlier questions that are read along


def in_context(question: str, history: Sequence[str]) -> str:
    """The question as it is searched for: with the earlier ones where it points back to them.

    A question that names its own subject stays as it is, so that a change of subject is not
    dragged back.
    """
    earlier = [h for h in history if h.strip()]
    if not earlier or not (_POINTS_BACK.search(question) or len(terms(question)) < _FEW_TERMS):
        return question
    return " ".join((*earlier[-_REMEMBERED:], question))
