"""The settings file: strict, and each refusal names the key."""

import tomllib
from dataclasses import FrozenInstanceError, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import pytest

from retrieval.errors import InvalidSettings
from retrieval.settings import (
    TABLES,
    AnswerSettings,
    ModelSettings,
    Settings,
    build_settings,
    default_home,
    key,
    read_settings,
    read_tables,
    settings_file,
)

ENGINE: dict[str, type] = {"model": ModelSettings, "answers": AnswerSettings}
KEYS = [(table, field) for table, kind in ENGINE.items() for field in fields(kind)]


def _written(home: Path, text: str) -> Path:
    home.mkdir(exist_ok=True)
    (home / "quoth.toml").write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize(("table", "field"), KEYS, ids=[f"{table}.{field.name}" for table, field in KEYS])
def test_each_key_is_read_from_the_file(home: Path, table: str, field: Any) -> None:
    """Written with its default, a key changes nothing; every key says what it is for."""
    value = f'"{field.default}"' if isinstance(field.default, str) else field.default
    assert read_settings(_written(home, f"[{table}]\n{field.name} = {value}\n")) == Settings()
    assert field.metadata["help"]


def test_a_value_of_the_file_is_the_one_that_counts(home: Path) -> None:
    """And a whole number will do where a fraction is meant."""
    settings = read_settings(_written(home, "[answers]\nquotes = 2\nconfidence = 1\n"))
    assert settings.answers == AnswerSettings(quotes=2, confidence=1.0)
    assert isinstance(settings.answers.confidence, float)


def test_a_misspelt_key_is_refused_by_name(home: Path) -> None:
    """The refusal lists the keys there are."""
    with pytest.raises(InvalidSettings, match=r"answers\.qoutes") as refused:
        read_settings(_written(home, "[answers]\nqoutes = 3\n"))
    assert "quotes" in refused.value.hint


@pytest.mark.parametrize("text", ["[answer]\nquotes = 3\n", "quotes = 3\n", "model = 5\n"])
def test_a_misspelt_table_is_refused_by_name(home: Path, text: str) -> None:
    """A key outside of every table would otherwise be ignored."""
    with pytest.raises(InvalidSettings, match=tomllib.loads(text).popitem()[0]) as refused:
        read_settings(_written(home, text))
    assert all(f"[{table}]" in refused.value.hint for table in TABLES)


@pytest.mark.parametrize(
    ("named", "value"),
    [
        ("answers.quotes", "0"),
        ("answers.quotes", "4"),
        ("answers.quotes", "2.5"),
        ("answers.quotes", "true"),
        ("answers.quotes", '"3"'),
        ("answers.confidence", "-0.1"),
        ("answers.confidence", "1.5"),
        ("answers.confidence", "nan"),
        ("answers.confidence", "inf"),
        ("answers.confidence", "false"),
        ("model.threads", "-1"),
        ("model.batch_size", "0"),
        ("model.batch_size", "1_000_000"),
        ("model.name", "5"),
        ("model.name", "[]"),
    ],
)
def test_an_absurd_value_is_refused_by_name(home: Path, named: str, value: str) -> None:
    """The refusal names the key and what it takes."""
    table, name = named.split(".")
    with pytest.raises(InvalidSettings, match=named) as refused:
        read_settings(_written(home, f"[{table}]\n{name} = {value}\n"))
    assert refused.value.hint.startswith("It takes")


@pytest.mark.parametrize("content", [b"[model", b"\xff\xfe", b"model = = 1"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    """The file is named."""
    path = tmp_path / "quoth.toml"
    path.write_bytes(content)
    with pytest.raises(InvalidSettings, match=r"quoth\.toml is not a TOML file"):
        read_tables(path)


def test_a_named_file_must_be_there(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A wrong QUOTH_CONFIG does not silently mean the defaults."""
    monkeypatch.setenv("QUOTH_CONFIG", str(tmp_path / "nowhere.toml"))
    with pytest.raises(InvalidSettings, match="cannot read the settings file"):
        read_settings(home)


def test_where_the_settings_file_is(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the home directory, unless the environment names another; without one, all are defaults."""
    assert settings_file(home) is None
    assert read_settings(home) == Settings()
    assert settings_file(_written(home, "")) == home / "quoth.toml"
    monkeypatch.setenv("QUOTH_CONFIG", str(tmp_path / "other.toml"))
    assert settings_file(home) == tmp_path / "other.toml"


def test_where_home_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """QUOTH_HOME, else the user's data directory."""
    assert default_home().name == "quoth"
    monkeypatch.setenv("QUOTH_HOME", str(tmp_path))
    assert default_home() == tmp_path


def test_settings_cannot_be_changed_after_reading() -> None:
    """They are read once and passed down."""
    with pytest.raises(FrozenInstanceError):
        Settings().answers.quotes = 9  # type: ignore[misc]


@dataclass(frozen=True)
class _Choosing:
    """A table with a key that takes one of a few words."""

    style: Literal["plain", "cards"] = key("plain", help="how answers look")


def test_a_key_may_take_one_of_a_few_words() -> None:
    """Any other is refused, and the refusal lists them."""
    assert build_settings(_Choosing, {"style": "cards"}, where="bot").style == "cards"
    with pytest.raises(InvalidSettings, match=r"bot\.style") as refused:
        build_settings(_Choosing, {"style": "card"}, where="bot")
    assert "'plain', 'cards'" in refused.value.hint


@pytest.mark.parametrize("name", ["url", "owner_url"])
def test_the_address_of_a_database_is_a_secret(home: Path, name: str) -> None:
    """It appears neither in what is printed of the settings nor in an error about it."""
    address = "postgresql://quoth:hunter2@db.example/quoth"
    settings = read_settings(_written(home, f"[store]\n{name} = '{address}'\n"))
    assert getattr(settings.store, name) == address
    assert "hunter2" not in repr(settings)
    for wrong in ("'hunter2'", "['hunter2']"):
        with pytest.raises(InvalidSettings, match=rf"store\.{name} is") as refused:
            read_settings(_written(home, f"[store]\n{name} = {wrong}\n"))
        assert "hunter2" not in refused.value.told


def test_the_address_of_a_database_may_come_from_outside(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment, or from a file that it names; that goes before the settings file."""
    file = tmp_path / "secret"
    file.write_text("postgresql://file@db.example/quoth\n", encoding="utf-8")
    _written(home, "[store]\nurl = 'postgresql://settings@db.example/quoth'\n")
    monkeypatch.setenv("QUOTH_STORE_URL_FILE", str(file))
    assert read_settings(home).store.url == "postgresql://file@db.example/quoth"
    monkeypatch.setenv("QUOTH_STORE_URL", "postgresql://variable@db.example/quoth")
    assert read_settings(home).store.url == "postgresql://variable@db.example/quoth"
    monkeypatch.delenv("QUOTH_STORE_URL")
    file.unlink()
    with pytest.raises(InvalidSettings, match="QUOTH_STORE_URL_FILE"):
        read_settings(home)
