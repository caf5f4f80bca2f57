"""How much careless typing costs: python -m benchmarks.perturbed

Asks the answerable questions of ``seeds/questions.jsonl`` as they are, and spoilt: with one or two
words mistyped (a letter left out, doubled, hit beside, or two that changed places), in the manner of
Discord (no capitals or nothing else, no apostrophes, chat words, emoji, mentions, code marks), and
both. The same question is always spoilt in the same way.
"""

import os
import random
import re
from collections.abc import Callable
from dataclasses import replace

from benchmarks.report import ROOT, percent, put, table
from retrieval.evaluate import library_of, read_questions, run, scores
from retrieval.figures import estimate, rate
from retrieval.settings import Settings
from retrieval.text import FUNCTION_WORDS

QUESTIONS = ROOT / "seeds" / "questions.jsonl"

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {letter: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in _ROWS for at, letter in enumerate(row)}
_SHORTEST = 4  # letters of a word that is mistyped
_LONG_QUESTION = 8  # words from which two are
_WORD = re.compile(r"[A-Za-z]+")
_OPENINGS = ("<@80351110224678912> ", "<@&165511591545143296> ", "yo ", "pls ", "hey <:owl:41771983423143937> ", "omg ")
_ENDINGS = ("??", " lol", " 🤔", " 😭😭", " <a:think:41771983423143937>", " thx", " ?!")
_MARKS = ("`", "**", "||", "_")


def mistyped(question: str, seed: str) -> str:
    """The question with one content word mistyped, two in a long one."""
    chance = random.Random(f"typing {seed}")
    found = [m for m in _WORD.finditer(question) if len(m[0]) >= _SHORTEST and m[0].lower() not in FUNCTION_WORDS]
    wanted = 2 if len(question.split()) >= _LONG_QUESTION else 1
    for place in sorted(chance.sample(found, min(wanted, len(found))), key=lambda m: -m.start()):
        question = question[: place.start()] + _slip(place[0], chance) + question[place.end() :]
    return question


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) - 1)
    head, one, other, tail = word[:at], word[at], word[at + 1], word[at + 2 :]
    beside = chance.choice(_BESIDE[one.lower()])
    return chance.choice((head + other + tail, head + one + one + other + tail, head + beside + other + tail,
                          head + other + one + tail))  # fmt: skip


def in_chat(question: str, seed: str) -> str:
    """The question in the manner of Discord."""
    chance = random.Random(f"manner {seed}")
    words = question.translate({ord(c): None for c in "'’,"}).rstrip("?").split()
    if chance.random() < 0.3:
        at, mark = chance.randrange(len(words)), chance.choice(_MARKS)
        words[at] = f"{mark}{words[at]}{mark}"
    text = chance.choices((str.lower, str.upper, str), weights=(8, 1, 1))[0](" ".join(words))
    opening = chance.choice(_OPENINGS) if chance.random() < 0.5 else ""
    return opening + text + (chance.choice(_ENDINGS) if chance.random() < 0.7 else "")


SPOILT: dict[str, Callable[[str, str], str]] = {
    "as they are": lambda question, _: question,
    "in the manner of Discord": in_chat,
    "mistyped": mistyped,
    "both": lambda question, seed: in_chat(mistyped(question, seed), seed),
}


def main() -> None:
    """Measure, print the table, and write it into the page."""
    os.chdir(ROOT)  # the labels name articles by their path from here
    rows = []
    with library_of(["seeds"], settings=Settings()) as library:
        questions = [q for q in read_questions(QUESTIONS, library) if q.answerable]
        clean: list[float] = []
        for name, spoil in SPOILT.items():
            results = list(run(library, [replace(q, text=spoil(q.text, q.id)) for q in questions]))
            first, three = scores("quote@1", results), scores("quote@3", results)
            clean = clean or three
            figures = [rate(first), rate(three), estimate(lambda a, b: float((a - b).mean()), three, clean)]
            rows.append([name, *(percent(f.value, f.low, f.high) for f in figures if f)])
    put("perturbed", table((f"{len(questions)} questions", "quote@1", "quote@3", "quote@3, difference"), rows))


if __name__ == "__main__":
    main()
