"""Arrays in a file, mapped."""

import os
from pathlib import Path

import numpy as np

from retrieval.index import arrays


def _resident() -> int:
    """Bytes of this process's memory, mapped files included."""
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def test_what_is_let_go_leaves_memory_and_is_read_again(tmp_path: Path) -> None:
    """The array stays as it was; those beside it in the file, too."""
    size = 32 << 20
    written: dict[str, list[arrays.Array]] = {
        "small": [np.arange(10)],
        "large": [np.arange(size, dtype=np.uint8)],
        "last": [np.arange(7)],
    }
    arrays.write(tmp_path / "file", written)
    read = arrays.read(tmp_path / "file")
    total = int(read["large"].sum(dtype=np.int64))
    before = _resident()
    arrays.let_go(read["large"][: size // 2], read["large"][: size // 2])
    arrays.let_go(read["large"], read["large"])
    assert before - _resident() > 0.9 * size
    assert int(read["large"].sum(dtype=np.int64)) == total
    assert [read["small"].tolist(), read["last"].tolist()] == [list(range(10)), list(range(7))]


def test_what_is_in_no_file_stays_where_it_is() -> None:
    """Letting it go changes nothing."""
    held = np.arange(100)
    arrays.let_go(held, held)
    arrays.let_go(held[:0], held[:0])
    assert held.tolist() == list(range(100))
