"""An addition that is interrupted: each article is in or out, and the same command goes on with the rest."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.store.homes import library_path
from tests.conftest import ROOT
from tests.outlets.stories import story

_FILES = 40

# The program itself, with a model that needs no time to load. After so many texts it waits for the signal: on a busy
# machine it could else be done before.
_PROGRAM = """
import os
import sys
import time
from retrieval import models
from retrieval.cli import main
from retrieval.rerank import BUILT_IN
from retrieval.settings import ModelSettings
from tests.toy import ToyEncoder


class SlowEncoder(ToyEncoder):
    left = int(os.environ.get("TEXTS", 1_000))

    def encode_spans(self, texts, spans):
        self.left -= len(texts)
        time.sleep(0.05 if self.left > 0 else 60)
        return super().encode_spans(texts, spans)


models._loaded._loaded[ModelSettings(batch_size=1)] = SlowEncoder()
models._loaded._loaded[(BUILT_IN, ModelSettings().threads)] = None
sys.exit(main(sys.argv[1:]))
"""


def _command(home: Path, folder: Path) -> list[str]:
    return [sys.executable, "-c", _PROGRAM, "add", "--home", str(home), str(folder)]


def _stored(home: Path) -> int:
    """How many articles another process has stored so far."""
    path = library_path(home, "default")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_each_article_is_in_or_out_and_the_same_command_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    """Interrupted at moments of chance, twice; nothing is added twice, nothing is half there."""
    home, folder = tmp_path / "home", tmp_path / "folder"
    folder.mkdir()
    home.mkdir()
    # An article at a time, so that there is time to interrupt it between two.
    (home / "quoth.toml").write_text("[model]\nbatch_size = 1\n", encoding="utf-8")
    texts = {f"{n:02}.txt": "\n\n".join(story(n).paragraphs) for n in range(_FILES)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    chance, stored, codes = random.Random(how), 0, list[int]()
    for _ in range(2):
        more = chance.randrange(1, 8)
        with subprocess.Popen(
            _command(home, folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            text=True,
            env=os.environ | {"TEXTS": str(more + 8)},
        ) as process:
            wanted, end = stored + more, time.monotonic() + 60
            while _stored(home) < min(wanted, _FILES) and process.poll() is None and time.monotonic() < end:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.02)
            process.send_signal(how)
            complained = process.communicate(timeout=60)[1]
            codes.append(process.returncode)
        assert "Traceback" not in complained
        with Library.open(home) as library:
            assert library.problems() == []
            articles = library.articles()
            assert all(library.text(a.id) == texts[Path(a.doc_id or "").name] for a in articles)
            assert all(library.summarise(a.id).sentences for a in articles)
        assert len(articles) >= stored
        stored = len(articles)
    assert stored > 0
    done = subprocess.run(_command(home, folder), capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert f"{_FILES - stored} added, {stored} unchanged" in done or (stored == _FILES and "40 unchanged" in done)
    assert _stored(home) == _FILES
    interrupted = {signal.SIGINT: 130, signal.SIGKILL: -signal.SIGKILL}[how]
    assert codes == [interrupted, interrupted]
