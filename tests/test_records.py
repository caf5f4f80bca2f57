"""The records: frozen values that know nothing of files or networks."""

import ast
import sys
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path

import pytest

from retrieval import records
from retrieval.records import Mark

RECORDS = [kind for kind in vars(records).values() if is_dataclass(kind)]


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_record_is_frozen_and_has_slots(kind: type) -> None:
    """A record cannot be changed, nor given a field it does not have."""
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert tuple(kind.__slots__) == tuple(f.name for f in fields(kind))  # type: ignore[attr-defined]


def test_changing_a_record_is_refused() -> None:
    """A frozen record says so."""
    mark = Mark(0, 3, "furniture")
    with pytest.raises(FrozenInstanceError):
        mark.start = 1  # type: ignore[misc]


def test_records_import_the_standard_library_alone() -> None:
    """Whoever reads records needs nothing else installed."""
    tree = ast.parse(Path(records.__file__).read_text(encoding="utf-8"))
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    imported |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    assert {str(name).split(".")[0] for name in imported} <= sys.stdlib_module_names


CONTRACT = {
    "Article": "id doc_id title source author published published_from url added characters",
    "Quote": "article start end text focus score link also_in",
    "Answer": "question answered confidence quotes nearest reason ms",
    "Milliseconds": "embed search quote total",
    "Summary": "article sentences facts",
    "SummarySentence": "start end text",
    "Facts": "who where when numbers",
}


@pytest.mark.parametrize("name", CONTRACT)
def test_fields_are_those_outsiders_rely_on(name: str) -> None:
    """The JSON keys are the fields, in this order."""
    assert [f.name for f in fields(getattr(records, name))] == CONTRACT[name].split()
