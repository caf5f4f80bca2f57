"""What Quoth is made of and how it is run: locked by hash, the same versions everywhere, a unit that systemd takes."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

LOCKS = sorted((ROOT / "config" / "locks").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _pins(lock: Path) -> dict[str, str]:
    """What a lock holds, by name, and the lines below it; torch's two builds count as one."""
    found = re.findall(
        r"^([\w.-]+)==([^\s;]+)[^\n]*\n((?: +--hash=sha256:[0-9a-f]{64}.*\n)*)", lock.read_text("utf-8"), re.M
    )
    assert found
    assert [name for name, _, hashes in found if not hashes] == []
    return {name: version for name, version, _ in found}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda p: p.stem)
def test_every_package_of_a_lock_has_hashes(lock: Path) -> None:
    """And no line is there that is not a package, a hash or a comment: no address, no option."""
    assert _pins(lock)
    for line in lock.read_text(encoding="utf-8").splitlines():
        assert re.match(r"#|$|[\w.-]+==|    --hash=sha256:[0-9a-f]{64}( \\)?$|    # ", line), line


def test_the_locks_hold_what_the_project_asks_for() -> None:
    """The very version, in each lock that has it; two locks never disagree."""
    pins = {lock.stem: _pins(lock) for lock in LOCKS}
    for wanted in PROJECT["dependencies"]:
        name, version = re.match(r"([\w.-]+)==(\S+)", wanted).groups()  # type: ignore[union-attr]
        if name != "torch":
            assert pins["runtime"][re.sub(r"[._]", "-", name).lower()] == version
    for name, version in pins["runtime"].items():
        assert pins["try"][name] == pins["dev"][name] == version


def test_only_locked_packages_get_into_the_image() -> None:
    """Each installation in the Dockerfile takes hashes, or is Quoth itself, without what it depends on."""
    steps = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
    installing = [step for step in steps if re.search(r"\binstall --quiet", step)]
    assert len(installing) == 2
    assert all("--require-hashes" in step or "--no-deps --no-build-isolation" in step for step in installing)
    assert "--require-hashes" in (ROOT / "config" / "torch.sh").read_text(encoding="utf-8")


def test_no_secret_beside_the_sources_gets_into_an_image() -> None:
    """The build is sent what is named, and nothing else; each step takes what it names, and none takes all."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == {
        "LICENSE",
        "pyproject.toml",
        "bot",
        "retrieval",
        "config",
    }
    steps = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
    copied = {word for step in steps if step.startswith("COPY ") for word in step.split()[1:-1]}
    assert copied == {
        *("config/torch.sh", "config/locks/torch.txt", "config/locks/torch-cuda.txt", "config/locks/runtime.txt"),
        *("pyproject.toml", "LICENSE", "retrieval", "bot", "--from=build", "/opt/quoth"),
    }
    assert not any(step.startswith("ADD ") for step in steps)


def test_every_python_that_is_promised_is_checked() -> None:
    """The matrix of the checks is the list of versions in the project."""
    promised = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert re.findall(r'"(3\.\d+)"', re.search(r"python: \[.*\]", workflow)[0]) == promised  # type: ignore[index]
    assert PROJECT["requires-python"] == ">=3.11,<3.14"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Without a warning, and calls it well protected: 2.0 of 10, or less."""
    unit = tmp_path / "quoth.service"
    text = (ROOT / "config" / "quoth.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/quoth/.venv/bin/quoth", shutil.which("true") or ""), encoding="utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)]
    rated = subprocess.run(command, capture_output=True, text=True, check=False)
    assert rated.returncode == 0, rated.stdout[-300:]


def test_the_unit_and_the_container_end_for_good_where_trying_again_is_of_no_use() -> None:
    """A refused token tried a thousand times a day is a lost token."""
    unit = (ROOT / "config" / "quoth.service").read_text(encoding="utf-8")
    assert "RestartPreventExitStatus=2 3 4" in unit
    assert "restart: on-failure:20" in (ROOT / "compose.yaml").read_text(encoding="utf-8")
