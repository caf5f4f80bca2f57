"""The facts that an article names."""

import pytest

from retrieval.facts import dateline, facts
from retrieval.records import Facts, Mark


def test_facts_are_read_off_the_sentences() -> None:
    """Names, places, times and numbers, each once, as they are written."""
    found = facts(
        [
            "On Wednesday, Alexander Matsegora met Kim Jong Un in Pyongyang.",
            "Matsegora spoke in Pyongyang about $19 billion and 450 million users.",
            "The talks began on 18 July 2018 and cost 3.5 percent.",
        ]
    )
    assert found == Facts(
        who=("Alexander Matsegora", "Kim Jong Un"),
        where=("Pyongyang",),
        when=("Wednesday", "18 July 2018"),
        numbers=("$19 billion", "450 million users", "3.5 percent"),
    )


def test_without_sentences_there_are_no_facts() -> None:
    """Nothing is invented."""
    assert facts([]) == Facts()


@pytest.mark.parametrize(
    ("sentence", "who", "where"),
    [
        ("Last week President Anna Roe of Ghana met Prime Minister Bo Li.", ("Anna Roe", "Bo Li"), ("Ghana",)),
        ("On Tuesday DeepMind's program made an error in Duluth, Minnesota.", ("DeepMind",), ("Duluth", "Minnesota")),
        ("Dishes stand in Arica, Bonn and Chur, and Mr. Dole runs one.", ("Dole",), ("Arica", "Bonn", "Chur")),
        ("In Leeds, Anna Roe told the Russian minister that he was wrong.", ("Anna Roe",), ("Leeds",)),
        ("Divers searched the Tham Luang cave for days.", (), ("Tham Luang",)),
        ("The Nobel Prize went to an American on Friday in March.", (), ()),
        ("The Bank of England will act, said Mark Carney.", ("Bank of England", "Mark Carney"), ()),
    ],
)
def test_a_person_is_told_from_a_place(sentence: str, who: tuple[str, ...], where: tuple[str, ...]) -> None:
    """By titles, prepositions and lists; a people, a prize and a weekday are neither."""
    found = facts([sentence])
    assert set(found.who) == set(who)
    assert set(found.where) == set(where)


def test_a_capital_that_only_begins_a_sentence_is_no_name() -> None:
    """Where the article has the word nowhere else as a name."""
    assert facts(["Engineers closed it.", "Apple grew.", "Shares in Apple rose."]).who == ("Apple",)


def test_one_person_goes_by_one_name() -> None:
    """The fullest; a company's by the one used most."""
    article = ["Anna Roe won.", "Ms. Roe smiled.", "Acme Corp lost.", "So Acme paid.", "Now Acme closes.", "Why Acme?"]
    assert facts(article).who == ("Acme", "Anna Roe")


def test_the_whole_article_tells_who_matters() -> None:
    """Names that it has once only count where the summary has them; times and numbers are the summary's."""
    summary = ["Anna Roe won in 2018."]
    article = [*summary, "The jury praised Bo Li.", "Bo Li came in 1999 with 40 friends.", "So did Cy Dow."]
    assert facts(summary, article) == Facts(who=("Bo Li", "Anna Roe"), when=("2018",))


@pytest.mark.parametrize(
    ("sentence", "when"),
    [
        ("May I go in May 2018?", ("May 2018",)),
        ("The fire began on Monday 4 May, Monday to some.", ("Monday 4 May",)),
        ("On Dec. 12, 1980, and April 1, 1976, and in the 1970s.", ("Dec. 12, 1980", "April 1, 1976", "1970s")),
        ("In August 2000 pages of the report were lost.", ("August 2000",)),
    ],
)
def test_times_are_whole(sentence: str, when: tuple[str, ...]) -> None:
    """Each in its fullest form; a verb is no month."""
    assert facts([sentence]).when == when


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("Leicester won 4–2 at 5,000–1 in 1:59:40.", ("4–2", "5,000–1", "1:59:40")),
        ("Ms. Roe, who is 33, has won 18 international titles.", ("18 international titles",)),
        ("The 14-year-old came at 5:51 with 3 of the 7.", ()),
        ("US$5 million, €1.4 billion, 2°C and 96%.", ("US$5 million", "€1.4 billion", "2°C", "96%")),
        ("Leave had 17,410,742 votes and 220,000 tonnes.", ("17,410,742 votes", "220,000 tonnes")),
    ],
)
def test_a_number_comes_with_what_it_counts(sentence: str, numbers: tuple[str, ...]) -> None:
    """A bare one, an age and a time of the day say nothing by themselves."""
    assert facts([sentence]).numbers == numbers


def test_the_place_of_the_dateline_comes_first() -> None:
    """Written as the text writes it elsewhere, if it does."""
    marks = [Mark(0, 10, "dateline")]
    assert dateline("MCLEAN, Virginia — A ship was stuck in McLean.", [Mark(0, 17, "dateline")]) == "McLean"
    assert dateline("SUEZ (AP) — A ship was stuck.", marks) == "Suez"
    assert dateline("A ship was stuck in the Suez Canal.", []) == ""
    assert facts(["Ann Roe flew to Rome."], place="Suez").where == ("Suez", "Rome")
