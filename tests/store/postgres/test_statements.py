"""Every statement names the guild that it is about, so that any of them can run on the machine that has it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from bot.memory import Memory
from bot.remembered import Watch
from retrieval.records import Audience
from retrieval.settings import StoreSettings
from retrieval.store.choice import database_sizes
from retrieval.store.postgres.store import PostgresStore
from retrieval.store.values import AllBut, ReadFile
from tests.articles import BRIDGE, ORCHESTRA
from tests.databases import Database
from tests.store.conftest import an_article, indexed_otherwise, put, search
from tests.store.postgres.conftest import OpenNamed, listening

# Of no guild: it would stand on every machine, as what PostgreSQL knows of its tables does.
SHARED = {"secrets", "pg_class"}
# Which guilds there are is asked of all machines, now and then; and written where the guild is.
LISTS = {"directory", "servers"}


def guilded(statement: str) -> list[str]:
    """What is wrong with a statement: the tables that it reads or writes without naming a guild."""
    # The parser knows another of pgvector's operators.
    named = re.sub(r"%\((\w+)\)s", r":\1", statement).replace("<#>", "<->")
    (tree,) = sqlglot.parse(named, dialect="postgres")
    assert tree is not None
    problems = []
    for table in tree.find_all(exp.Table):
        if table.name in SHARED or not table.name or isinstance(table.this, exp.Func) or _is_named_here(tree, table):
            continue
        owner = table.find_ancestor(exp.Insert, exp.Select, exp.Update, exp.Delete)
        if table.name in LISTS and isinstance(owner, exp.Select) and isinstance(tree, exp.Select):
            continue
        if not _is_inserted(owner, table) and not _is_filtered(owner, table):
            problems.append(f"{table.name} in: {statement}")
    return problems


def _is_named_here(tree: exp.Expr, table: exp.Table) -> bool:
    """A common table expression, which reads from tables of its own."""
    return table.name in {cte.alias for cte in tree.find_all(exp.CTE)}


def _is_inserted(owner: exp.Expr | None, table: exp.Table) -> bool:
    """The first column that is written is the guild, with this transaction's number."""
    if not isinstance(owner, exp.Insert) or table.find_ancestor(exp.Schema) is None:
        return False
    columns = [column.name for column in owner.this.expressions]
    values = owner.expression
    first = values.expressions[0].expressions[0] if isinstance(values, exp.Values) else values.expressions[0]
    return columns[0] == "guild_id" and first.sql() in (":guild", "guild_id")


def _is_filtered(owner: exp.Expr | None, table: exp.Table) -> bool:
    """``guild_id = the transaction's guild`` is one of the conditions that must all hold."""
    where = owner.args.get("where") if owner else None
    if where is None:
        return False
    conditions = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    for condition in conditions:
        if isinstance(condition, exp.EQ) and condition.expression.sql() == ":guild":
            column = condition.this
            if column.name == "guild_id" and column.table in ("", table.alias_or_name):
                return True
    return False


@pytest.mark.parametrize(
    ("statement", "is_well"),
    [
        ("SELECT id FROM articles WHERE guild_id = %(guild)s AND id = %(id)s", True),
        ("SELECT id FROM articles WHERE id = %(id)s", False),
        ("SELECT id FROM articles WHERE guild_id = %(guild)s OR id = %(id)s", False),
        ("SELECT id FROM articles WHERE guild_id = %(other)s", False),
        ("SELECT id FROM articles WHERE guild_id = %(guild)s AND id IN (SELECT id FROM audiences)", False),
        ("INSERT INTO terms (guild_id, term) VALUES (%(guild)s, %(term)s)", True),
        ("INSERT INTO terms (term, guild_id) VALUES (%(term)s, %(guild)s)", False),
        ("UPDATE terms SET passages = 1 WHERE term = %(term)s", False),
        ("DELETE FROM terms", False),
        ("SELECT name FROM directory", True),
        ("DELETE FROM directory WHERE name = %(name)s", False),
        ("INSERT INTO servers (guild_id, kept) SELECT guild_id, 'gaps' FROM servers", False),
        ("WITH m AS (SELECT id FROM passages) SELECT id FROM m", False),
    ],
)
def test_the_check_itself_finds_what_is_missing(statement: str, is_well: bool) -> None:
    """A filter that need not hold, or is about something else, is none."""
    assert (guilded(statement) == []) is is_well


@pytest.fixture
def store(open_named: OpenNamed) -> PostgresStore:
    return open_named("guild-4001")


def test_no_statement_is_without_its_guild(store: PostgresStore, database: Database) -> None:
    """All that a store can do, done once: each statement was about one guild."""
    with listening() as statements:
        do_everything(store)
        with PostgresStore(replace(database.settings, large_from=2), "guild-4002") as large:
            put(large, "a", BRIDGE)
            search(large, "bridge", article_ids={str(n) for n in range(1001)} | {"a"})
            search(large, "bridge")
            kept = list(large.kept(["a"]).values())
            large.forget()
        with PostgresStore(replace(database.settings, large_from=2), "guild-4002") as large:
            large.bring(kept)
            large.settle()
            large.remove("a")
            large.forget()
        remember_everything(database.settings)
        database_sizes(database.settings)
    assert len(statements.sent) > 70
    assert [problem for statement in sorted(statements.sent) for problem in guilded(statement)] == []


def do_everything(store: PostgresStore) -> None:
    put(store, "a", BRIDGE)
    put(store, "b", BRIDGE)
    put(store, "a", ORCHESTRA)
    search(store, "bridge")
    search(store, "bridge", article_ids={"a"})
    search(store, "bridge", article_ids=AllBut(frozenset({"a"})))
    store.limit("a", Audience((frozenset({"x"}),)))
    by_id = (store.text, store.marks, store.passages, store.embedded, store.versions, store.same_text, store.same_url)
    of_all = (store.audiences, store.articles, store.passage_count, store.check, store.model, store.rebuilding)
    for read in by_id:
        read("a")
    for look in of_all:
        look()
    store.containing("bridge")
    store.vocabulary("b", shortest=0, longest=9)
    store.frequencies(["bridg"])
    store.holding(["bridg"])
    for model in ("other", "another", "other"):
        store.rebuild(model)
    store.rebuilding()
    for article_id, text in (("a", ORCHESTRA), ("b", BRIDGE)):
        assert store.put_rebuilt(indexed_otherwise(an_article(article_id, text), text))
    assert store.switch("other")
    store.bring(list(store.kept(["a", "b"]).values()))
    store.settle()
    _follow(store)
    store.remove("a")


def _follow(store: PostgresStore) -> None:
    feeds = store.subscriptions
    feeds.add("https://gazette.example/feed", title="Gazette", added="2024-05-01")
    (feed,) = feeds.all()
    feeds.claim(feed, until="2024-05-02")
    feeds.record(feed.url, "one", article_id="a")
    feeds.settled(feed.url, tries=1)
    feeds.succeeded(feed.url, title="Gazette", at="2024-05-01", next_poll="2024-05-02", validators=("x", None))
    feeds.failed(feed.url, at="2024-05-01", next_poll="2024-05-02", error="away")
    feeds.validators(feed.url)
    store.folders.put("/news", "a.txt", ReadFile("1", ("a",)))
    store.folders.files("/news")
    store.folders.holders("a")
    store.folders.drop("/news", "a.txt")
    feeds.move(feed.url, "https://gazette.example/new")
    feeds.remove(feed.url)


def remember_everything(settings: StoreSettings) -> None:
    """All that a bot remembers beside its libraries."""
    memory = Memory(Path(), days=7, departed_days=0, store=settings)
    here = 4001
    answer = memory.asked(here, 1, "Who?", conversation=2)
    memory.shown(here, answer, 3)
    memory.conversation_of(here, 3)
    memory.recalled(here, answer)
    memory.history(here, 2)
    memory.vote(here, answer, 1, is_helpful=True)
    memory.votes(here)
    memory.tell(here, "Who?")
    memory.gaps(here)
    memory.prefer(here, memory.preferences(here))
    memory.watch(Watch(0, here, 1, 2, "Who?", "en"))
    for watch in memory.watches(here):
        memory.watched_until(here, watch.id, "2024")
        memory.unwatch(here, watch.id)
    memory.report(here, "a")
    for server in memory.reported_servers():
        memory.reported(server)
    memory.left(here)
    memory.departed()
    memory.joined(here)
    memory.servers()
    memory.forget_old()
    memory.forget_person(here, 1)
    memory.forget_server(here)
    memory.close()
