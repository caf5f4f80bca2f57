"""What the engine's tests share: libraries with a toy model, and one real model for the whole run."""

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from retrieval import models
from retrieval.embed import MiniLM
from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import PACKAGED, Models
from retrieval.records import Added, Article
from retrieval.rerank import BUILT_IN
from retrieval.settings import ModelSettings, Settings, StoreSettings
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from tests.databases import Database, Databases
from tests.toy import ToyEncoder

ROOT = Path(__file__).parent.parent

# Random tests run the same examples every time, and keep nothing on disk.
hypothesis_settings.register_profile("quoth", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("quoth")

Opener = Callable[..., Library]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set on the machine that runs the tests must not change them."""
    for name in (
        "QUOTH_HOME",
        "QUOTH_CONFIG",
        "QUOTH_STORE_URL",
        "QUOTH_STORE_OWNER_URL",
        "QUOTH_MODEL_URL",
        "QUOTH_MODEL_API_KEY",
        "DISCORD_TOKEN",
        "DISCORD_TOKEN_FILE",
        "NO_COLOR",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def toy() -> ToyEncoder:
    """A model whose vectors say which words a text has."""
    return ToyEncoder()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home directory."""
    return tmp_path / "home"


def mounted(*arguments: object) -> None:
    """Mount something, or skip the test where that is not allowed."""
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted("-t", "tmpfs", "-o", "size=2m", "tmpfs", folder)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def open_library(home: Path, toy: ToyEncoder) -> Iterator[Opener]:
    """Opens libraries in ``home`` with the toy model and a clock that stands still; closes them all."""
    with contextlib.ExitStack() as stack:

        def opened(name: str = "default", *, settings: Settings | None = None) -> Library:
            library = Library(
                SqliteStore(library_path(home, name)),
                settings=settings or Settings.from_tables({"answers": {"confidence": 0.0}}),
                models=Models(lambda _settings: toy),
                now=lambda: datetime(2024, 5, 1, 12, tzinfo=UTC),
            )
            return stack.enter_context(library)

        yield opened


@pytest.fixture
def library(open_library: Opener) -> Library:
    """An empty library that answers every question with what it has."""
    return open_library()


@pytest.fixture
def toy_everywhere(monkeypatch: pytest.MonkeyPatch, toy: ToyEncoder) -> ToyEncoder:
    """What asks for the default models, as the command line does, gets the toy and no reranker."""
    monkeypatch.setitem(models._loaded._loaded, ModelSettings(), toy)
    monkeypatch.setitem(models._loaded._loaded, (BUILT_IN, ModelSettings().threads, ModelSettings().precision), None)
    return toy


@pytest.fixture(scope="session")
def databases() -> Iterator[Callable[[int], Database]]:
    """Real PostgreSQL servers with pgvector by their version, each started at its first use."""
    with Databases() as servers:
        yield servers.of


@pytest.fixture
def fresh(databases: Callable[[int], Database]) -> Iterator[StoreSettings]:
    """A new and empty PostgreSQL database."""
    server = databases(18)
    server.execute("DROP DATABASE IF EXISTS fresh")
    server.execute("CREATE DATABASE fresh")
    yield replace(server.settings, url=server.url.removesuffix("postgres") + "fresh")
    server.execute("DROP DATABASE fresh")


@pytest.fixture(scope="session")
def encoder() -> MiniLM:
    """The real model, loaded once."""
    loaded = PACKAGED.encoder(Settings())
    assert isinstance(loaded, MiniLM)
    return loaded


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The demo corpus with the real model; its files are known by the names that the questions use."""
    with Library.open(tmp_path_factory.mktemp("seeds")) as library:
        with contextlib.chdir(ROOT):
            results = library.add("seeds")
        assert {r.status for r in results} == {"added"}
        yield library


def article_of(added: Added) -> Article:
    """The article of a result, which must not have failed."""
    assert added.article is not None, added.error
    return added.article


def add_text(library: Library, text: str, **known: str) -> Article:
    """Add one document; its article."""
    return article_of(library.add(Document(text=text, **known))[0])  # type: ignore[arg-type]
