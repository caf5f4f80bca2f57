"""The parts of a document that is a zip archive of XML (DOCX, EPUB), read one by one within bounds."""

import zlib
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from retrieval.errors import DamagedFile, LockedFile, OversizedFile
from retrieval.messages import say

_LARGEST = 50_000_000  # bytes of all parts that are read, unpacked; a long novel's text has 2 million


def locked(name: str) -> LockedFile:
    """The error of a file that only its owner can read."""
    happened = say("{name} is locked with a password or a licence", name=name)
    return LockedFile(happened, hint=say("Save a copy without it and add that"))


def damaged(name: str) -> DamagedFile:
    """The error of a file that is broken off, or not of the kind that its name says."""
    happened = say("{name} is damaged, or is not what its name says", name=name)
    return DamagedFile(happened, hint=say("Save it again, or paste its text into a .txt file"))


def oversized(name: str) -> OversizedFile:
    """The error of a file whose parts are larger, unpacked, than is read."""
    happened = say("{name} unpacks to more than {size} MB", name=name, size=_LARGEST // 1_000_000)
    return OversizedFile(happened, hint=say("Split it and add the parts"))


class Parts:
    """Reads parts of an archive by their paths. Raises UnreadableFile, in one of its kinds."""

    def __init__(self, content: bytes, *, name: str) -> None:
        self._name = name
        self._room = _LARGEST
        try:
            self._archive = ZipFile(BytesIO(content))
        except (BadZipFile, ValueError, EOFError, NotImplementedError) as error:
            raise damaged(name) from error

    def read(self, path: str) -> bytes | None:
        """A part's bytes; None where there is no such part. Counted while unpacking: archives may lie."""
        try:
            with self._archive.open(path) as packed:
                part = packed.read(self._room + 1)
        except KeyError:
            return None
        except RuntimeError as error:  # zipfile's word for a password
            raise locked(self._name) from error
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
            raise damaged(self._name) from error
        if len(part) > self._room:
            raise oversized(self._name)
        self._room -= len(part)
        return part

    def tree(self, path: str) -> Any:
        """The root element of an XML part. Raises DamagedFile where it is missing or is not XML."""
        from lxml import etree

        part = self.read(path)
        # No entity is replaced and nothing is fetched: a few bytes cannot become a gigabyte, or another file.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            return etree.fromstring(part or b"", parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise damaged(self._name) from error


def local(element: Any) -> str:
    """An element's name without its namespace; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """An attribute's value, whatever its namespace; empty where there is none."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def first_text(root: Any, name: str) -> str | None:
    """The text of the first element with that name that has any."""
    texts = (" ".join("".join(e.itertext()).split()) for e in root.iter() if local(e) == name)
    return next(filter(None, texts), None)
