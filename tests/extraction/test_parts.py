"""Parts of archives are read within bounds, whatever the archives say of themselves."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from retrieval.errors import DamagedFile, LockedFile, OversizedFile
from retrieval.extraction import parts
from retrieval.extraction.parts import Parts
from tests.made import zipped


def test_a_part_that_is_not_there_is_none() -> None:
    found = Parts(zipped({"a": "Text."}), name="a.docx")
    assert (found.read("a"), found.read("b")) == (b"Text.", None)


def test_parts_that_unpack_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that are read count together."""
    monkeypatch.setattr(parts, "_LARGEST", 1_000_000)
    bomb = Parts(zipped({"a": bytes(900_000), "b": bytes(900_000)}), name="a.docx")
    bomb.read("a")
    with pytest.raises(OversizedFile, match=r"a\.docx unpacks to more than 1 MB"):
        bomb.read("b")


def test_a_part_with_a_password_is_locked() -> None:
    packed = bytearray(zipped({"a": "Text."}))
    with ZipFile(BytesIO(packed)) as archive:
        central = archive.start_dir
    packed[6] |= 1
    packed[central + 8] |= 1
    with pytest.raises(LockedFile):
        Parts(bytes(packed), name="a.docx").read("a")


def test_a_part_with_a_wrong_checksum_is_damaged() -> None:
    packed = bytearray(zipped({"a": "Text that is long enough to be packed."}))
    packed[40] ^= 255
    with pytest.raises(DamagedFile):
        Parts(bytes(packed), name="a.docx").read("a")
