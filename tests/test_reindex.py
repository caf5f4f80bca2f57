"""A library made anew with another model, or with today's rules, while it answers."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from retrieval import adding
from retrieval.clean import KINDS, Cleaned, clean
from retrieval.embed import Vectors, normalised
from retrieval.errors import InvalidSettings, StoreBusy
from retrieval.library import Library
from retrieval.loaders.documents import Document, from_text
from retrieval.models import Models
from retrieval.records import Mark, Reindexed
from retrieval.settings import Settings
from retrieval.store.sqlite import SqliteStore
from retrieval.store.values import Rebuilding
from tests.articles import AUSTRALIA, BRIDGE, HELSINKI, ORCHESTRA, WHATSAPP
from tests.conftest import ROOT, add_text
from tests.toy import ToyEncoder

TEXTS = {"bridge": BRIDGE, "orchestra": ORCHESTRA, "whatsapp": WHATSAPP, "helsinki": HELSINKI.text}
QUESTION = "What will repairs of the bridge cost?"


class OtherToy(ToyEncoder):
    """A model with half as many dimensions, and room for fewer words."""

    fingerprint = "other"
    dimensions = ToyEncoder.dimensions // 2
    room = 30

    def encode(self, texts: Sequence[str]) -> Vectors:
        return normalised(super().encode(texts)[:, ::2])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the library of these tests lies."""
    return tmp_path / "library.sqlite3"


def _opened(path: Path, model: type[ToyEncoder] = ToyEncoder, *, batch: int = 1) -> Library:
    settings = Settings.from_tables({"model": {"batch_size": batch}, "answers": {"confidence": 0.0}})
    return Library(
        SqliteStore(path),
        settings=settings,
        models=Models(lambda _settings: model()),
        now=lambda: datetime(2024, 5, 1, 12, tzinfo=UTC),
    )


@pytest.fixture
def old(path: Path) -> Library:
    """Four articles under the toy model; whoever has it open goes on with that model."""
    library = _opened(path)
    library.add(*(Document(text, doc_id=name) for name, text in TEXTS.items()))
    return library


@pytest.fixture
def new(path: Path, old: Library) -> Library:
    """The same library, opened with the settings of another model."""
    return _opened(path, OtherToy)


def test_another_model_takes_over(old: Library, new: Library) -> None:
    """Until the end the old settings are answered and the new ones refused; then it is the other way round."""
    ids = [a.id for a in old.articles()]
    steps = new.reindex()
    for at, step in enumerate(steps):
        assert step == Reindexed("other", at, 4, 0)
        assert old.ask(QUESTION).quotes[0].text.startswith("Repairs will take eleven months")
        with pytest.raises(InvalidSettings, match=r"made with the model toy, .* name other\. Run quoth reindex"):
            new.ask(QUESTION)
    assert new.ask(QUESTION).quotes[0].text.startswith("Repairs will take eleven months")
    with pytest.raises(InvalidSettings, match="made with the model other, and the settings name toy"):
        old.ask(QUESTION)
    assert (new.model(), new.problems(), [a.id for a in new.articles()]) == ("other", [], ids)


def test_passages_fit_into_the_new_model(old: Library, new: Library) -> None:
    """A model that reads less gets shorter passages, and vectors of its own length."""
    article = old.article("helsinki")
    before = old._store.passages(article.id)
    list(new.reindex())
    after = new._store.passages(article.id)
    assert len(after) > len(before)
    assert [s for p in after for s in p.sentences] == [s for p in before for s in p.sentences]
    assert {p.sentence_vectors.shape[1] for p in after} == {OtherToy.dimensions}


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_an_index_made_anew_is_the_same_as_one_made_at_once(path: Path, tmp_path: Path, batch: int) -> None:
    """Marks, passages, vectors and answers, whether or not the title was known."""
    documents = [
        Document(BRIDGE),
        Document("Engineers closed the bridge.\nInspectors found cracks in its pillars.", doc_id="first line"),
        Document(HELSINKI.text),
        Document(AUSTRALIA.text, title=AUSTRALIA.title),
        from_text("\ufeff---\ntitle: A bridge\n---\n# A bridge\n\nIt was closed. It has cracks.", name="a.md"),
    ]
    library, fresh = _opened(path, batch=batch), _opened(tmp_path / "fresh.sqlite3", OtherToy)
    library.add(*documents)
    fresh.add(*documents)
    library = _opened(path, OtherToy, batch=batch)
    assert [s.done for s in library.reindex()] == [0, 1, 2, 3, 4, 5]
    for article in fresh.articles():
        assert library.marks(article.id) == fresh.marks(article.id)
        pairs = zip(library._store.passages(article.id), fresh._store.passages(article.id), strict=True)
        for here, there in pairs:
            assert here.sentences == there.sentences
            assert np.array_equal(here.sentence_vectors, there.sentence_vectors)
    for question in ("Who closed the bridge?", "Who is the ambassador?", "What was found?"):
        assert library.ask(question).quotes == fresh.ask(question).quotes


# Interruptions


def test_an_interrupted_run_goes_on_where_it_stopped(old: Library, new: Library, path: Path) -> None:
    """What was done is not done again, and the old index answers in between."""
    steps = new.reindex()
    assert [next(steps).done for _ in range(3)] == [0, 1, 2]
    assert old.ask(QUESTION).quotes
    assert old.model() == "toy"
    assert [step.done for step in _opened(path, OtherToy).reindex()] == [2, 3, 4]
    assert new.model() == "other"


def test_a_run_that_lacks_nothing_but_the_switch_makes_it(new: Library, path: Path) -> None:
    """However late it was interrupted."""
    steps = new.reindex()
    assert [next(steps).done for _ in range(5)][-1] == 4
    assert list(_opened(path, OtherToy).reindex()) == [Reindexed("other", 4, 4, 4)]
    assert new.model() == "other"


_REINDEXER = """
import sys
from pathlib import Path
from tests.test_reindex import OtherToy, _opened

for step in _opened(Path(sys.argv[1]), OtherToy).reindex():
    print(step.done, flush=True)
"""


def _reindexer(path: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    return subprocess.Popen(
        [sys.executable, "-c", _REINDEXER, str(path)], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_a_killed_run_leaves_a_library_that_answers(path: Path) -> None:
    """kill -9, again and again: whole articles under one model, and in the end under the other."""
    library = _opened(path)
    for number in range(60):
        add_text(library, f"Engineers closed bridge number {number}. {BRIDGE} {HELSINKI.text}", doc_id=str(number))
    said = 0
    while library.model() == "toy":
        answer = library.ask("Which bridge did engineers close?")
        assert answer.quotes
        assert library.problems() == []
        with _reindexer(path) as child:
            assert child.stdout
            begun = int(child.stdout.readline())
            assert begun >= said
            for line in child.stdout:
                said = int(line)
                if said >= begun + 20 and said < 60:
                    child.send_signal(signal.SIGKILL)
                    break
    new = _opened(path, OtherToy)
    assert new.problems() == []
    assert len(new.articles()) == 60
    assert {p.sentence_vectors.shape[1] for a in new.articles() for p in new._store.passages(a.id)} == {32}


# What happens meanwhile


def test_articles_may_come_and_go_meanwhile(old: Library, new: Library) -> None:
    """Under the old settings: each is found before the switch and after it."""
    steps = new.reindex()
    assert [next(steps).done for _ in range(5)][-1] == 4
    add_text(old, "The lighthouse keeper Olga Brandt retired.", doc_id="keeper")
    add_text(old, "The orchestra plays in the harbour.", doc_id="orchestra")
    old.remove("whatsapp")
    assert old.ask("Who is the lighthouse keeper?").quotes[0].text == "The lighthouse keeper Olga Brandt retired."
    assert [step.done for step in steps] == [2, 3, 4]
    assert new.ask("Who is the lighthouse keeper?").quotes[0].text == "The lighthouse keeper Olga Brandt retired."
    assert new.ask("Where does the orchestra play?").quotes[0].text == "The orchestra plays in the harbour."
    assert {a.doc_id for a in new.articles()} == {"bridge", "helsinki", "keeper", "orchestra"}
    assert new.problems() == []


def test_an_article_that_goes_while_it_is_embedded_is_left_out(old: Library, path: Path) -> None:
    """Nothing of it is stored, and the rest is switched to."""
    (article,) = (a for a in old.articles() if a.doc_id == "bridge")

    class Slow(OtherToy):
        def count_pieces(self, texts: Sequence[str]) -> list[int]:
            if any("bridge" in text for text in texts) and old._store.article(article.id):
                old.remove("bridge")
            return super().count_pieces(texts)

    slow = _opened(path, Slow, batch=100)
    done = [step.done for step in slow.reindex()]
    assert (len(done), done[-1]) == (5, 3)
    assert slow.model() == "other"
    assert len(slow.articles()) == 3
    assert slow.problems() == []


def test_adding_with_the_new_settings_waits_for_the_switch(old: Library, new: Library) -> None:
    """Nothing is written before; afterwards the old settings are the refused ones."""
    steps = new.reindex()
    next(steps)
    with pytest.raises(InvalidSettings):
        new.add(Document("The lighthouse keeper retired."))
    list(steps)
    with pytest.raises(InvalidSettings):
        old.add(Document("The lighthouse keeper retired."))
    assert len(new.articles()) == 4
    add_text(new, "The lighthouse keeper retired.")


def test_a_batch_that_is_embedded_during_the_switch_is_refused(old: Library, new: Library) -> None:
    """The model is looked at once more in the transaction that stores the article."""

    class Late(ToyEncoder):
        def encode_spans(self, *given: object) -> tuple[Vectors, list[Vectors]]:
            list(new.reindex())
            return super().encode_spans(*given)  # type: ignore[arg-type]

    late = Late()
    old._models = Models(lambda _settings: late)
    with pytest.raises(InvalidSettings):
        old.add(Document("The lighthouse keeper retired."))
    assert len(new.articles()) == 4
    assert new.problems() == []


def test_a_question_that_is_embedded_during_the_switch_is_refused(old: Library, new: Library) -> None:
    """Its vector is never held against those of the other model."""

    class Late(ToyEncoder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            list(new.reindex())
            return super().encode(texts)

    late = Late()
    old._models = Models(lambda _settings: late)
    with pytest.raises(InvalidSettings, match="made with the model other"):
        old.ask(QUESTION)


def test_of_two_models_the_later_run_goes_on(old: Library, new: Library) -> None:
    """The earlier one is told so, in words."""
    steps = new.reindex()
    next(steps)
    list(old.reindex())
    with pytest.raises(StoreBusy, match="another quoth reindex"):
        list(steps)
    assert old.model() == "toy"
    assert old.ask(QUESTION).quotes


def test_two_runs_of_one_model_make_one_index(old: Library, new: Library, path: Path) -> None:
    """Whoever is done first switches; the other one stops."""
    one, other = new.reindex(), _opened(path, OtherToy).reindex()
    for _ in range(3):
        assert next(one) == next(other)
    assert list(one)[-1].done == 4
    with pytest.raises(StoreBusy):
        list(other)
    assert new.model() == "other"
    assert new.problems() == []


def test_a_removed_article_leaves_no_word_in_an_unfinished_index(old: Library, new: Library, path: Path) -> None:
    """Not a byte of the folder holds it."""
    add_text(old, f"The quetzalcoatlus flew over the bridge. {BRIDGE * 9}", doc_id="secret")
    steps = new.reindex()
    for _ in range(6):
        next(steps)
    old.remove("secret")
    assert [f.name for f in path.parent.iterdir() if b"quetzalcoatlus" in f.read_bytes().lower()] == []


# Libraries that need nothing, or little


def test_an_empty_library_needs_no_model(path: Path) -> None:
    """There is nothing to be said of it, and it is no model's."""

    def refuse(_settings: Settings) -> ToyEncoder:
        raise AssertionError("the model was loaded")

    with Library(SqliteStore(path), models=Models(refuse)) as library:
        assert list(library.reindex()) == []
        assert library.model() is None


def test_the_same_model_may_make_its_index_anew(old: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's rules of cleaning and splitting hold for articles that were added before them."""
    article = old.article("bridge")
    ferry = Mark(BRIDGE.index("A ferry"), len(BRIDGE), "furniture")

    def stricter(text: str, **known: object) -> Cleaned:
        return Cleaned((ferry,)) if text == BRIDGE else clean(text, **known)  # type: ignore[arg-type]

    monkeypatch.setattr(adding, "clean", stricter)
    list(old.reindex())
    assert old.article("bridge") == article
    assert old.marks(article.id) == (ferry,)
    assert "ferry" not in "".join(q.text for q in old.ask("When will a ferry cross?").quotes)


def test_an_article_of_which_the_rules_leave_nothing_keeps_its_old_marks(
    old: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told of a reindexing's articles one by one, so none may become silent."""
    monkeypatch.setattr(adding, "clean", lambda text, **_known: Cleaned((Mark(0, len(text), "furniture"),)))
    before = old.marks(old.article("helsinki").id)
    list(old.reindex())
    assert old.marks(old.article("helsinki").id) == before
    assert old.ask(QUESTION).quotes


def test_the_kinds_of_marks_that_cleaning_makes_are_known() -> None:
    """Any other mark is a loader's, and is kept."""
    texts = (HELSINKI.text, AUSTRALIA.text, *(p.read_text(encoding="utf-8") for p in (ROOT / "seeds").glob("*.md")))
    assert {mark.kind for text in texts for mark in clean(text).marks} <= KINDS


def test_the_doctor_knows_an_unfinished_index_from_its_store(old: Library, new: Library) -> None:
    """Of which model it is, and how far."""
    steps = new.reindex()
    next(steps)
    next(steps)
    found = old._store.rebuilding()
    assert isinstance(found, Rebuilding)
    assert (found.model, found.done, found.total) == ("other", 1, 4)
