"""The package ``retrieval``: one door, which opens without a model, Discord or any setting."""

import ast
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import retrieval
from retrieval import _HOMES, _MODULE_OF
from tests.conftest import ROOT

MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "retrieval").rglob("*.py")
)


@pytest.mark.parametrize("name", sorted(_MODULE_OF))
def test_every_promised_name_resolves(name: str) -> None:
    """What the door promises is there: the very thing that its module holds."""
    assert getattr(retrieval, name) is getattr(import_module(_MODULE_OF[name]), name)


def test_type_checkers_see_the_same_names() -> None:
    """The list for type checkers and the list that is loaded from do not drift apart."""
    tree = ast.parse(Path(retrieval.__file__).read_text(encoding="utf-8"))
    guarded = next(n for n in tree.body if isinstance(n, ast.If))
    listed = {(n.module, a.name) for n in guarded.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert listed == {(module, name) for module, names in _HOMES.items() for name in names.split()}


def test_an_unknown_name_is_an_attribute_error() -> None:
    """The door does not invent names."""
    with pytest.raises(AttributeError, match="no attribute 'Librarian'"):
        retrieval.Librarian  # noqa: B018 - looking is the test


def _python(code: str, *arguments: str) -> str:
    """What a fresh interpreter prints, in an environment that holds nothing but where Python finds things."""
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout


def test_every_module_imports_in_an_empty_environment() -> None:
    """Importing reads no setting, needs no home directory and knows nothing of Discord."""
    code = "import importlib, sys; [importlib.import_module(n) for n in sys.argv[1:]]; print(*sys.modules)"
    loaded = _python(code, *(name for name in MODULES if not name.endswith("__main__"))).split()
    assert set(MODULES) <= set(loaded)
    assert not {"discord", "bot", "simcord"} & set(loaded)


def test_importing_loads_no_model() -> None:
    """torch is loaded by the first use of the model, and by nothing else."""
    code = "import importlib, sys; [importlib.import_module(n) for n in sys.argv[1:]]; print(*sys.modules)"
    assert not {"torch", "sentence_transformers"} & set(_python(code, *MODULES).split())


def test_the_door_itself_loads_nothing() -> None:
    """``import retrieval`` costs neither numpy nor SQLite."""
    assert not {"numpy", "sqlite3"} & set(_python("import sys, retrieval; print(*sys.modules)").split())
