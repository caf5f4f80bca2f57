"""What is remembered of a server, for how long, and for whom."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bot.memory import CONVERSATION_MINUTES, TURNS, Memory
from bot.preferences import Preferences
from bot.remembered import Gap, Votes
from retrieval.settings import StoreSettings
from retrieval.store.postgres.ledger import PostgresLedger
from tests.databases import Database

HERE, ELSEWHERE = 1, 2
ALICE, BOB = 700_000_000_000_000_011, 700_000_000_000_000_012
QUESTION = "Who was the ambassador from Brunsbüttel?"


class Clock:
    """A time that moves when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2024, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, **units: float) -> None:
        self.time += timedelta(**units)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[7, 0], ids=["in files", "questions in memory"])
def days(request: pytest.FixtureRequest) -> int:
    """For how long questions are kept."""
    kept: int = request.param
    return kept


@pytest.fixture(params=["file", "database"])
def store(request: pytest.FixtureRequest) -> StoreSettings:
    """Where what is remembered is kept."""
    if request.param == "file":
        return StoreSettings()
    database: Database = request.getfixturevalue("databases")(18)
    with contextlib.closing(PostgresLedger(database.settings)) as ledger:
        ledger.secret("people", b"made")
    database.execute(
        "TRUNCATE quoth.servers, quoth.votes, quoth.gaps, quoth.departures, quoth.preferences, quoth.news, "
        "quoth.watches, quoth.turns, quoth.secrets"
    )
    return database.settings


@pytest.fixture
def remember(tmp_path: Path, clock: Clock, store: StoreSettings) -> Iterator[Callable[[int], Memory]]:
    """Opens the memory, as often as it is called, which restarts the bot."""
    opened: list[Memory] = []

    def open_memory(days: int) -> Memory:
        for memory in opened:
            memory.close()
        opened.append(Memory(tmp_path, days=days, departed_days=6, now=clock, store=store))
        return opened[-1]

    yield open_memory
    for memory in opened:
        memory.close()


@pytest.fixture
def memory(remember: Callable[[int], Memory], days: int) -> Memory:
    return remember(days)


def test_a_thread_is_a_conversation(memory: Memory, clock: Clock) -> None:
    """Its questions come back in their order, of that server only, the last ten of the last half hour."""
    for number in range(TURNS + 3):
        memory.asked(HERE, ALICE, f"Question {number}?", conversation=99)
        clock.pass_by(minutes=1)
    assert memory.history(HERE, 99) == tuple(f"Question {n}?" for n in range(3, TURNS + 3))
    assert memory.history(ELSEWHERE, 99) == memory.history(HERE, 98) == ()
    clock.pass_by(minutes=CONVERSATION_MINUTES - 1)
    assert memory.history(HERE, 99) == (f"Question {TURNS + 2}?",)
    clock.pass_by(minutes=2)
    assert memory.history(HERE, 99) == ()


def test_replies_to_an_answer_go_on_with_its_conversation(memory: Memory, clock: Clock) -> None:
    """However long the chain grows; a message that is no answer belongs to none."""
    first = memory.asked(HERE, ALICE, "Who won?")
    memory.shown(HERE, first, 501)
    conversation = memory.conversation_of(HERE, 501)
    assert conversation is not None
    clock.pass_by(minutes=1)
    second = memory.asked(HERE, BOB, "And when?", conversation=conversation)
    memory.shown(HERE, second, 502)
    assert memory.conversation_of(HERE, 502) == conversation
    assert memory.recalled(HERE, second) == ("And when?", ("Who won?",))
    clock.pass_by(minutes=1)
    assert memory.history(HERE, conversation) == ("Who won?", "And when?")
    assert memory.conversation_of(HERE, 503) is memory.conversation_of(ELSEWHERE, 501) is None


def test_a_question_is_forgotten_when_its_time_is_over(memory: Memory, clock: Clock, days: int) -> None:
    """After its days; or, where none are kept, after the conversation."""
    answer = memory.asked(HERE, ALICE, QUESTION)
    assert memory.recalled(HERE, answer) == (QUESTION, ())
    assert memory.recalled(ELSEWHERE, answer) is None
    clock.pass_by(days=days, minutes=CONVERSATION_MINUTES + 1)
    memory.forget_old()
    assert memory.recalled(HERE, answer) is None


def test_kept_questions_survive_a_restart_and_others_are_in_no_file(
    remember: Callable[[int], Memory], tmp_path: Path, days: int, store: StoreSettings
) -> None:
    """What is not to be kept is never written."""
    answer = remember(days).asked(HERE, ALICE, QUESTION, conversation=99)
    assert (remember(days).recalled(HERE, answer) is not None) is bool(days)
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    if store.url:
        with psycopg.connect(store.url) as connection:
            written += repr(connection.execute("SELECT question FROM quoth.turns").fetchall()).encode()
    assert (QUESTION.encode() in written) is bool(days)
    assert str(ALICE).encode() not in written


def test_the_last_vote_of_a_person_counts(memory: Memory) -> None:
    answer = memory.asked(HERE, ALICE, QUESTION)
    memory.vote(HERE, answer, ALICE, is_helpful=True)
    memory.vote(HERE, answer, ALICE, is_helpful=False, reason="out of date")
    memory.vote(HERE, answer, BOB, is_helpful=True)
    memory.vote(ELSEWHERE, answer, BOB, is_helpful=True)
    assert memory.votes(HERE) == Votes(1, 1, (("out of date", 1),))
    assert memory.votes(ELSEWHERE) == Votes(1, 0)
    assert memory.votes(3) == Votes(0, 0)


def test_why_answers_did_not_help_is_counted(memory: Memory, clock: Clock) -> None:
    """The most frequent reason first; after a season votes are old news, and are deleted."""
    for person, reason in ((ALICE, "old"), (BOB, ""), (3, "wrong"), (4, "wrong")):
        memory.vote(HERE, "0" * 12, person, is_helpful=False, reason=reason)
    assert memory.votes(HERE) == Votes(0, 4, (("wrong", 2), ("old", 1)))
    clock.pass_by(days=91)
    assert memory.votes(HERE) == Votes(0, 0)
    memory.forget_old()
    clock.pass_by(days=-91)
    assert memory.votes(HERE) == Votes(0, 0)


def test_gaps_are_counted(memory: Memory, clock: Clock) -> None:
    """The most often asked first; after a season they are old news."""
    for question in ("Who paid?", QUESTION, QUESTION):
        memory.tell(HERE, question)
    now = clock().isoformat()
    assert memory.gaps(HERE) == (Gap(QUESTION, 2, now), Gap("Who paid?", 1, now))
    assert memory.gaps(ELSEWHERE) == ()
    clock.pass_by(days=91)
    memory.forget_old()
    assert memory.gaps(HERE) == ()


def test_a_person_is_forgotten_in_that_server(memory: Memory) -> None:
    """What others asked and thought stays, and what was asked elsewhere."""
    answers = {
        (guild, person): memory.asked(guild, person, QUESTION) for guild in (HERE, ELSEWHERE) for person in (ALICE, BOB)
    }
    for (guild, person), answer in answers.items():
        memory.vote(guild, answer, person, is_helpful=True)
    assert memory.forget_person(HERE, ALICE) == 2
    assert memory.forget_person(HERE, ALICE) == 0
    left = {who for who, answer in answers.items() if memory.recalled(who[0], answer)}
    assert left == set(answers) - {(HERE, ALICE)}
    assert (memory.votes(HERE), memory.votes(ELSEWHERE)) == (Votes(1, 0), Votes(2, 0))


def test_a_server_is_forgotten_with_every_trace(memory: Memory, tmp_path: Path) -> None:
    """Not a word of it is left in a file."""
    answer = memory.asked(HERE, ALICE, QUESTION)
    memory.vote(HERE, answer, ALICE, is_helpful=False, reason="Nonsense about Brunsbüttel")
    memory.tell(HERE, QUESTION)
    other = memory.asked(ELSEWHERE, ALICE, "Who won?")
    memory.forget_server(HERE)
    assert memory.recalled(HERE, answer) is None
    assert memory.votes(HERE) == Votes(0, 0)
    assert memory.gaps(HERE) == ()
    assert memory.recalled(ELSEWHERE, other) == ("Who won?", ())
    assert "Brunsbüttel".encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_a_server_that_removed_the_bot_is_remembered_until_it_comes_back(memory: Memory, clock: Clock) -> None:
    """From the day on which it was removed first; forgetting the server ends it, too."""
    memory.left(HERE)
    memory.left(ELSEWHERE)
    clock.pass_by(days=5)
    memory.left(HERE)
    assert memory.departed() == ()
    clock.pass_by(days=1)
    assert memory.departed() == (HERE, ELSEWHERE)
    memory.joined(HERE, 3)
    assert memory.departed() == (ELSEWHERE,)
    memory.forget_server(ELSEWHERE)
    clock.pass_by(days=1)
    assert memory.departed() == ()


def test_servers_are_known_by_whatever_is_remembered_of_them(memory: Memory) -> None:
    memory.asked(HERE, ALICE, QUESTION)
    memory.prefer(ELSEWHERE, Preferences())
    memory.tell(3, QUESTION)
    assert memory.servers() == tuple(sorted((HERE, ELSEWHERE, 3)))
