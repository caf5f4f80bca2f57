"""Stories that never happened, put together from sentences of our own."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

_PLACES = "Arlen Bexmoor Calder Dunlow Eastvik Farrow Grimsel Holmby Istrand Kelby Lanning Morvik".split()
_THINGS = "bridge harbour library tram ferry reservoir lighthouse hospital market theatre railway archive".split()
_PEOPLE = ("Ines Halvorsen", "Tom Okafor", "Ruth Lindgren", "Pavel Soukup", "Amina Dray", "Joao Reis", "Lena Vogt")
_ROLES = ("the mayor", "an engineer", "the harbour master", "a historian", "the treasurer", "a union leader")
_TITLES = (
    "{place} closes its {thing} after inspectors find cracks",
    "Why the {thing} of {place} will not open this year",
    "{person} saved a {thing}, and {place} wants it back",
    "A new {thing} for {place} costs twice what was promised",
)
_LEADS = (
    "The {thing} of {place} will stay shut until the autumn, said the council, after {number} cracks had been found.",
    "For {number} years {place} has waited for its {thing}; on {weekday} it learned that it will wait a little longer.",
    "{person} stood in front of the {thing} of {place} on {weekday} and could hardly believe how quiet it was.",
)
_SENTENCES = (
    "{person}, {role}, called the decision of the council a mistake that would be felt for {number} years.",
    "“We were told in {month} that everything was safe,” {person} said. “Nobody has explained to us what changed.”",
    "The repairs are expected to cost {number} million crowns, about a third of what {place} spends on schools.",
    "A report that was read to the council in {month} names {number} faults, most of them in the foundations.",
    "Trains from the capital will end one station earlier, and buses will run every {number} minutes.",
    "Older residents remember the winter in which the {thing} was last closed, when the river froze for {number} days.",
    "Whether the insurance pays is not clear; {person} said that the contract was being read by lawyers.",
    "The contractor did not answer questions about the {number} tonnes of steel that were ordered and never used.",
    "In the market hall beside the {thing} traders said that they had lost half of their customers since {month}.",
    "Two neighbouring towns have offered to share their own {thing} with {place} until the work is done.",
    "“It is only a {thing},” {person} said, “but without it the town has no centre any more.”",
    "The council will vote again in {month}, and {role} expects a narrow result.",
    "Of the {number} workers who are employed there, most have been told to stay at home with full pay.",
    "An exhibition shows how the {thing} looked when it was built by {number} masons in a single summer.",
)
_MONTHS = "January February March April May June July August September October November December".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@dataclass(frozen=True, slots=True)
class Story:
    """What a page is about; ``paragraphs`` are the reporter's, in their order."""

    number: int
    title: str
    author: str
    day: date
    paragraphs: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"https://news.example/{self.number}"


def story(number: int) -> Story:
    """The story of that number, always the same: six to eleven paragraphs."""
    chance = random.Random(number)
    day = date(2021, 1, 1) + timedelta(days=chance.randrange(1_000))
    names = {"place": chance.choice(_PLACES), "thing": chance.choice(_THINGS), "weekday": _WEEKDAYS[day.weekday()]}

    def told(pattern: str) -> str:
        said = pattern.format(
            **names,
            person=chance.choice(_PEOPLE),
            role=chance.choice(_ROLES),
            month=chance.choice(_MONTHS),
            number=chance.randrange(3, 90),
        )
        return said[0].upper() + said[1:]

    title = told(chance.choice(_TITLES))
    sentences = chance.sample(_SENTENCES, len(_SENTENCES))
    paragraphs = [told(chance.choice(_LEADS))]
    while sentences and len(paragraphs) < 6 + number % 6:
        take = chance.choice((1, 2, 2, 3))
        paragraphs.append(" ".join(told(s) for s in sentences[:take]))
        sentences = sentences[take:]
    return Story(number, title, chance.choice(_PEOPLE), day, tuple(paragraphs))
