"""Of many processes that share a database one leads, and another as soon as that one is gone."""

import contextlib
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from retrieval.store.postgres import silence
from retrieval.store.postgres.leading import DatabaseLead
from tests.databases import Database

HAND_OVER_SECONDS = 30

_LEAD = """
import sys, time
from retrieval.settings import StoreSettings
from retrieval.store.postgres.leading import DatabaseLead
lead = DatabaseLead(StoreSettings(url=sys.argv[1]))
print(lead.take(), flush=True)
time.sleep(600)
"""


def test_one_leads_until_it_resigns(database: Database) -> None:
    """Asked again it still does, and the others do not."""
    first, second = DatabaseLead(database.settings), DatabaseLead(database.settings)
    with contextlib.ExitStack() as stack:
        for lead in (first, second):
            stack.callback(lead.resign)
        assert [first.take(), second.take(), first.take(), second.take()] == [True, False, True, False]
        first.resign()
        assert [second.take(), first.take()] == [True, False]


def test_a_killed_leader_is_followed(database: Database) -> None:
    """Within thirty seconds; in truth at once."""
    process = subprocess.Popen([sys.executable, "-c", _LEAD, database.url], stdout=subprocess.PIPE, text=True)
    follower = DatabaseLead(database.settings)
    with process, contextlib.ExitStack() as stack:
        stack.callback(follower.resign)
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert follower.take() is False
        process.send_signal(signal.SIGKILL)
        end = time.monotonic() + HAND_OVER_SECONDS
        while not follower.take():
            assert time.monotonic() < end
            time.sleep(0.1)


def test_nobody_leads_without_a_database(database: Database) -> None:
    """What cannot be reached makes no leader; a session that is ended makes one no longer."""
    assert DatabaseLead(replace(database.settings, url="postgresql://postgres@127.0.0.1:1/x")).take() is False
    lead = DatabaseLead(database.settings)
    assert lead.take()
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    assert lead.take() is False
    assert lead.take()
    lead.resign()


def test_nobody_leads_by_a_frozen_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another server may have taken over meanwhile, and with it another leader."""
    monkeypatch.setattr(silence, "_LOOK_SECONDS", 0.2)
    monkeypatch.setattr(silence, "CONNECT_SECONDS", 2)
    with contextlib.closing(Database(18)) as frozen:
        lead = DatabaseLead(frozen.settings)
        assert lead.take()
        frozen.freeze()
        assert lead.take() is False
        frozen.thaw()
        time.sleep(0.3)
        assert lead.take()
        lead.resign()
