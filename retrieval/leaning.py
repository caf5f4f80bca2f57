"""Sentences that lean on the one before them: ``However, he did.`` says nothing by itself.

Read off by form, from the words that a sentence begins with.
"""

import re
from itertools import islice

# Whoever says these words means someone or something that was named before, or goes on from it.
_FIRST_WORDS = (
    "he|she|it|they|him|his|her|hers|its|them|their|theirs|this|that|these|those|such|but|and|or|nor|so|however|"
    "instead|meanwhile|still|yet|also|too|then|here|hence|thus|therefore|moreover|besides|nevertheless|nonetheless|"
    "both|neither|either|another|others?|afterwards?|all (?:this|that|these|those)|"
    "(?:the )?\\w+ of (?:it|them|these|those)|by contrast|"
    "in addition|for (?:example|instance)|as a result|on the other hand|at the same time|"
    "the (?:pair|latter|former|others?|same)|(?:[\\w-]+,? ){1,3}however(?=,)|"
    "(?:[\\w-]+ ){1,3}that (?:day|morning|afternoon|evening|night|week|month|year|time)|"
    "there(?! (?:is|are|was|were|has|have|had|will|would|may|might|can|could)\\b)"
)
_OPENS_LEANING = re.compile(rf"[\"'“‘(\[]*(?:{_FIRST_WORDS})\b", re.IGNORECASE)
# The company, the decision …: a reader can do without the sentence before, and is better off with it.
_OPENS_REFERRING = re.compile(
    r"[\"'“‘(]*the (?:two|move|decision|deal|company|agency|group|team|country|president|minister)\b", re.IGNORECASE
)

# After these a pronoun comes before what it stands for: ``In his view``, ``Since then``, ``By that evening``.
_OPENERS = frozenset(
    (
        "about above after against along although amid among around as at because before behind below beneath beside "
        "between beyond by despite during even except first for from had has having if in inside into just last like "
        "near next now of off on once only out outside over past per since soon than thanks though through throughout "
        "to toward towards under unless until up upon what when where whether which while with within without"
    ).split()
)
_ARTICLES = frozenset("a an the no any anyone nobody everyone someone".split())
_PERSON = frozenset("he she him his her".split())
_THING = frozenset("it its they their them then".split())
_POINTING = frozenset("this that these those".split())  # after a noun, "that" begins what is said of it
_NEAR = 4  # words from the first one; farther on, what a pronoun stands for is mostly in the sentence itself

# In Helsinki he said, On 14 April it erupted; and called this a success, where no noun follows.
_BESIDE_A_NAME = re.compile(
    r"(?:In|At|From|On|By|To|Since|After|Until) "
    r"(?:(?:[A-Z][\w.’'-]*|\d[\w:.]*|[ap]\.m\.|on|morning|evening|night),? ){1,7}"
    r"(?:he|she|they|it|his|her|their|its)\b"
)
_THIS_ALONE = re.compile(r"\b[Tt]h(?:is|ese)(?= (?:an?|the|is|was|are|were|has|had|will|would)\b|[,.;:])")

# After he left office, Mr Smith …: the name follows.
_CLAUSE = re.compile(r"[^,]*?\b(?:after|before|when|as|while|though|although|because|since|until|if)\b", re.IGNORECASE)
_NAME_FOLLOWS = re.compile(r", (?:[\w-]+ )?[A-Z]")
_ASIDE = re.compile(r".[^,A-Z]*, (?:he|she|they) \w+(?: \w+)?,")
_TOKEN = re.compile(r"[\w’'.-]+")


def leans_back(sentence: str) -> bool:
    """Whether a sentence begins with a pronoun or connective that only the one before explains."""
    opens = _OPENS_LEANING.match(sentence) or _BESIDE_A_NAME.match(sentence) or _THIS_ALONE.search(sentence)
    return bool(opens) or _has_early_pronoun(sentence)


def refers_back(sentence: str) -> bool:
    """Whether a sentence is better read after the one before: it leans on it, or says ``the company``."""
    return bool(_OPENS_REFERRING.match(sentence)) or leans_back(sentence)


def _has_early_pronoun(sentence: str) -> bool:
    near = [*islice(_TOKEN.finditer(sentence), _NEAR + 1)]
    named = next((at for at, token in enumerate(near[1:], start=1) if token[0][0].isupper()), len(near))
    first, *before_a_name = [token[0].lower() for token in near[:named]] or [""]
    if first in _ARTICLES:
        # The mayor said she would: an article's noun explains most pronouns. The idea, she said: not this one.
        return "him" in before_a_name or bool(_ASIDE.match(sentence))
    if first not in _OPENERS:
        return False
    for at, word in enumerate(before_a_name, start=1):
        follows_a_preposition = near[at - 1][0].lower() in _OPENERS | {"of"}
        if word in _PERSON or word in _THING or (word in _POINTING and follows_a_preposition):
            clause, rest = sentence[: near[at].start()], sentence[near[at].end() :]
            return not (_CLAUSE.match(clause) and _NAME_FOLLOWS.search(rest))
    return False
