"""A busy day in short: ``make soak`` is the same for half an hour."""

import json
import subprocess
import sys

from tests.conftest import ROOT


def test_a_busy_minute_with_faults_leaves_nobody_without_an_answer() -> None:
    """Its own bounds make it fail: answers, sessions, what Discord would refuse, and memory."""
    command = [sys.executable, "-m", "benchmarks.soak", "--seconds", "12", "--events", "1500"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["answer"] > 20
    assert found["resumed"] > 2
    assert found["answered twice"] == found["what Discord would refuse"] == 0
