"""Which sentences belong together: what one of them leaves out is said in the other.

Rules of form only, each for one reason: a pronoun, a speaker, a list. They look at the sentences of
one article, given as spans in its order.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from retrieval.leaning import refers_back
from retrieval.text import Span

_QUOTED = re.compile(r"[\"“][^\"“”]*(?:[\"”]|$)")
_SAYS = re.compile(
    r"\b(?:sa(?:id|ys|ying)|told|tells|wrote|writes|tweeted|added|adds|asked|replied|argued|insisted|explained|warned|"
    r"announced|declared|recalled|admitted|claimed|promised|joked|shouted|cried|according to)\b|:$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"(?:[-–—*•·▪◦‣]|\(?(?:\d{1,2}|[a-z])[.)])(?:\s|$)")

# From the first to the last sentence of a run, by their places in the article's outline.
Run = tuple[int, int]
_Rule = Callable[[str, Sequence[Span], Run], Run]


def completions(text: str, outline: Sequence[Span], run: Run) -> Iterator[Run]:
    """The runs that say what this one leaves out, each from another reason; none where it is whole."""
    for rule in _RULES:
        first, last = rule(text, outline, run)
        wider = max(first, 0), min(last, len(outline) - 1)
        if wider != run:
            yield wider


def _antecedent(text: str, outline: Sequence[Span], run: Run) -> Run:
    """A run that begins with a pronoun or a conjunction needs the sentence before."""
    first, last = run
    return (first - 1, last) if refers_back(_content(text, outline[first])) else run


def _speaker(text: str, outline: Sequence[Span], run: Run) -> Run:
    """A quotation needs the sentence that says whose it is, before or after it."""
    first, last = run
    if not all(_is_quotation(_content(text, span)) for span in outline[first : last + 1]):
        return run
    if first > 0 and _says_who(_content(text, outline[first - 1])):
        return first - 1, last
    if last + 1 < len(outline) and _says_who(_content(text, outline[last + 1])):
        return first, last + 1
    # Inside a longer quotation the speaker stands before its first sentence.
    return (first - 1, last) if first > 0 and _is_quotation(_content(text, outline[first - 1])) else run


def _list_head(text: str, outline: Sequence[Span], run: Run) -> Run:
    """What a colon announces needs what stands before the colon, and the items of a list between them."""
    first, last = run
    head = first - 1
    if _ITEM.match(text, *outline[first]):
        while head >= 0 and _ITEM.match(text, *outline[head]):
            head -= 1
    return (head, last) if head >= 0 and _announces(text, outline[head]) else run


def _announced(text: str, outline: Sequence[Span], run: Run) -> Run:
    """A colon needs what it announces: the next sentence, or all items of the list."""
    first, last = run
    if not _announces(text, outline[last]):
        return run
    end = last + 1
    while end + 1 < len(outline) and _ITEM.match(text, *outline[end]) and _ITEM.match(text, *outline[end + 1]):
        end += 1
    return first, end


_RULES: tuple[_Rule, ...] = (_antecedent, _speaker, _list_head, _announced)


def _content(text: str, span: Span) -> str:
    return text[span.start : span.end]


def _is_quotation(sentence: str) -> bool:
    """Whether all its words stand in quotation marks."""
    return bool(_QUOTED.search(sentence)) and not re.search(r"\w", _QUOTED.sub("", sentence))


def _says_who(sentence: str) -> bool:
    return bool(_SAYS.search(_QUOTED.sub("", sentence).rstrip()))


def _announces(text: str, span: Span) -> bool:
    return text[span.end - 1] == ":"
