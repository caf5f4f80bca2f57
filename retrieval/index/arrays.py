"""Named arrays in one file, written once and then mapped: a header of JSON with checksums, then the arrays."""

import json
import math
import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_MAGIC = b"quoth 1\n"
_LENGTHS = struct.Struct("<II")  # of the header in bytes, and its checksum
_ALIGNED = 64  # bytes: a cache line
_READ = 1 << 20


class Damaged(Exception):
    """A file that is not, or no longer, what was written."""


def write(path: Path, arrays: Mapping[str, Sequence[Array]]) -> None:
    """Write each name's arrays one behind the other, as one array; the file appears whole or not at all."""
    described, place = {}, 0
    for name, parts in arrays.items():
        shape = (sum(len(part) for part in parts), *parts[0].shape[1:])
        check = 0
        for part in parts:
            check = zlib.crc32(_bytes(part), check)
        described[name] = {"type": parts[0].dtype.str, "shape": shape, "at": place, "crc": check}
        place += -(-sum(part.nbytes for part in parts) // _ALIGNED) * _ALIGNED
    header = json.dumps(described).encode()
    header += b" " * (-(len(_MAGIC) + _LENGTHS.size + len(header)) % _ALIGNED)
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(_MAGIC + _LENGTHS.pack(len(header), zlib.crc32(header)) + header)
        for parts in arrays.values():
            for part in parts:
                file.write(_bytes(part))
            file.write(b"\0" * (-file.tell() % _ALIGNED))
    new.replace(path)


def _bytes(array: Array) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def read(path: Path) -> dict[str, Array]:
    """The arrays of a file, mapped and read-only. Their contents are not read yet: ``verify`` does that.

    Raises Damaged where the file is not as long as its header says, or has none.
    """
    try:
        with path.open("rb") as file:
            described, start = _header(file.read(len(_MAGIC) + _LENGTHS.size), file)
            size = os.fstat(file.fileno()).st_size
            if size != start + _end(described):
                raise Damaged(f"{path} has {size} bytes")
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{path} cannot be read") from error
    return {
        name: np.frombuffer(whole, dtype=d["type"], count=math.prod(d["shape"]), offset=start + d["at"]).reshape(
            d["shape"]
        )
        for name, d in described.items()
    }


def let_go(first: Array, last: Array) -> None:
    """What was read of the mapped arrays from the first to the last in their file need not stay in this process.

    Read again, it comes from the system's memory.
    """
    whole: Any = first.base
    while isinstance(whole, np.ndarray):
        whole = whole.base
    if isinstance(whole, memoryview):
        whole = whole.obj
    if isinstance(whole, mmap.mmap) and last.nbytes:
        mapped = _address(np.frombuffer(whole, dtype=np.uint8))
        page = (_address(first) - mapped) // mmap.PAGESIZE * mmap.PAGESIZE
        whole.madvise(mmap.MADV_DONTNEED, page, _address(last) - mapped + last.nbytes - page)


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def verify(path: Path, *, without: Sequence[str] = ()) -> None:
    """Read the arrays of a file, but those named, and hold them against their checksums. Raises Damaged.

    They are read and not mapped: what was read only for this does not count as this process's memory.
    """
    try:
        with path.open("rb") as file:
            described, start = _header(file.read(len(_MAGIC) + _LENGTHS.size), file)
            for name, d in described.items():
                if name in without:
                    continue
                file.seek(start + d["at"])
                check = 0
                for block in _blocks(file, _size(d)):
                    check = zlib.crc32(block, check)
                if check != d["crc"]:
                    raise Damaged(f"{name} in {path} is not what was written")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{path} cannot be read") from error


def _header(begin: bytes, file: Any) -> tuple[dict[str, Any], int]:
    if begin[: len(_MAGIC)] != _MAGIC or len(begin) < len(_MAGIC) + _LENGTHS.size:
        raise Damaged("no file of arrays")
    length, check = _LENGTHS.unpack(begin[len(_MAGIC) :])
    header = file.read(length)
    if zlib.crc32(header) != check:
        raise Damaged("the header is not what was written")
    described: dict[str, Any] = json.loads(header)
    return described, len(begin) + length


def _size(described: Mapping[str, Any]) -> int:
    count: int = math.prod(described["shape"])
    size: int = np.dtype(described["type"]).itemsize
    return count * size


def _end(described: Mapping[str, Any]) -> int:
    return sum(-(-_size(d) // _ALIGNED) * _ALIGNED for d in described.values())


def _blocks(file: Any, size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(size, _READ))):
        yield block
        size -= len(block)
