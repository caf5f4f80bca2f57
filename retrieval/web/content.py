"""What a server sends: unpacked within bounds, and held to be what it says it is."""

import re
import zlib
from typing import Literal, Protocol

from retrieval.errors import TooLarge, WrongContent
from retrieval.messages import say

Kind = Literal["page", "text", "feed", "sitemap"]

_SAVE = say("Open it in a browser, save the page and add the file")
_ADDRESS = say("Give the address of a page")
_GZIP = b"\x1f\x8b"
_STEP = 262_144  # bytes unpacked at once

_HEAD = 4_096  # bytes in which a document says what it is; a page's first comments can be long
_PREAMBLE = re.compile(r"\A(?:\s|\ufeff|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*", re.S | re.I)
_FEED = re.compile(r"<(?:rss|feed|(?:\w+:)?RDF)[\s>]")
_SITEMAP = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]")
# How files that are no text begin: PDF, zip and Office, PNG, JPEG, GIF, gzip, programs
_BINARY = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"\x7fELF", b"MZ\x90")
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_TEXT_TYPES = frozenset({"text/plain", "text/markdown"})
_XML_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml"}
)


class _Decompressor(Protocol):
    """What zlib gives, which has no public name for its type."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class Unpacker:
    """Undoes a ``Content-Encoding`` piece by piece, up to ``most`` bytes.

    gzip is what was asked for; deflate comes all the same from some servers. Others, such as brotli, can
    expand without bound while nobody counts: raises WrongContent.
    """

    def __init__(self, encoding: str, *, host: str, most: int) -> None:
        self._encoding = encoding.strip().lower().removeprefix("x-")
        if self._encoding not in {"", "identity", "gzip", "deflate"}:
            raise WrongContent(
                say(
                    "{host} packs its page as {packing}, which was not asked for",
                    host=host,
                    packing=repr(encoding[:40]),
                ),
                hint=_SAVE,
            )
        self._host = host
        self._most = most
        self._decompressor: _Decompressor | None = None
        self._begun = b""  # of another gzip member: one byte that may be its first

    def unpacked(self, piece: bytes, *, so_far: int) -> bytes:
        """The next bytes. Raises TooLarge, and WrongContent for what is damaged."""
        found = bytearray()
        is_more = bool(piece)
        while is_more:
            part, piece = self._step(piece)
            found += part
            is_more = bool(piece) or len(part) == _STEP  # zlib may have read all, and hold back what it makes of it
            if so_far + len(found) > self._most:
                raise TooLarge(
                    say(
                        "the page of {host} has over {number} bytes when it is unpacked",
                        host=self._host,
                        number=self._most,
                    ),
                    hint=say("Save its text and add the file"),
                )
        return bytes(found)

    def _step(self, piece: bytes) -> tuple[bytes, bytes]:
        """What a part of the piece gives, and the rest of the piece."""
        if self._encoding in {"", "identity"}:
            return piece, b""
        if self._decompressor is None:
            self._decompressor = zlib.decompressobj(self._window(piece))
        elif self._decompressor.eof:
            piece = self._begun + piece
            self._begun = piece if self._encoding == "gzip" and piece == _GZIP[:1] else b""
            if self._begun or self._encoding != "gzip" or not piece.startswith(_GZIP):
                return b"", b""  # padding behind the end
            self._decompressor = zlib.decompressobj(self._window(piece))
        unpacking = self._decompressor
        try:
            part = unpacking.decompress(piece, _STEP)
        except zlib.error:
            raise self._damaged() from None
        return part, unpacking.unused_data if unpacking.eof else unpacking.unconsumed_tail

    def _window(self, piece: bytes) -> int:
        if self._encoding == "gzip":
            return zlib.MAX_WBITS | 16
        # "deflate" means zlib's format (RFC 9110), but some servers send what is inside it.
        has_header = len(piece) > 1 and piece[0] & 15 == 8 and int.from_bytes(piece[:2], "big") % 31 == 0
        return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS

    def check_end(self) -> None:
        """Raises WrongContent where what came was only a beginning."""
        if self._decompressor is not None and not self._decompressor.eof:
            raise self._damaged()

    def _damaged(self) -> WrongContent:
        return WrongContent(say("{host} sent a damaged page", host=self._host), hint=say("Try again later"))


def is_packed(content: bytes) -> bool:
    """Whether a body is a gzip file, as ``sitemap.xml.gz`` is, whatever its header calls it."""
    return content.startswith(_GZIP)


def sitemap_in(content: bytes, *, host: str, most: int) -> bytes:
    """The sitemap in a gzip file, which is the only thing that is taken so. Raises TooLarge and WrongContent."""
    unpacker = Unpacker("gzip", host=host, most=most)
    unpacked = unpacker.unpacked(content, so_far=0)
    unpacker.check_end()
    if not _SITEMAP.match(_PREAMBLE.sub("", _head(unpacked))):
        raise WrongContent(say("{host} sent something else than text", host=host), hint=_ADDRESS)
    return unpacked


def kind_of(content: bytes, content_type: str, *, host: str) -> tuple[Kind, str | None]:
    """What a body is, and the character set that its header names.

    The header and the first bytes must agree; without a header the bytes alone must be clear. Feeds are
    often sent as HTML or text, and are feeds all the same. Raises WrongContent.
    """
    media, _, parameters = content_type.partition(";")
    media = media.strip().lower()
    head = _head(content)
    root = _PREAMBLE.sub("", head)
    is_page = bool(
        re.match(r"<html[\s>]", root, re.I) or re.search(r"<!doctype html", head[: -len(root) or None], re.I)
    )
    if media not in _PAGE_TYPES | _TEXT_TYPES | _XML_TYPES | {""}:
        happened = say("{host} sent {media}, which is no article", host=host, media=repr(media[:60]))
        raise WrongContent(happened, hint=_ADDRESS)
    if not head.strip():
        raise WrongContent(say("{host} sent nothing", host=host), hint=say("Try again later"))
    if "\x00" in head or content.startswith(_BINARY):
        raise WrongContent(say("{host} sent something else than text", host=host), hint=_ADDRESS)
    kind: Kind | None = None
    if _FEED.match(root):
        kind = "feed"
    elif _SITEMAP.match(root) and not is_page:
        kind = "sitemap"
    elif media in _TEXT_TYPES:
        kind = None if is_page else "text"
    elif is_page or (media in _PAGE_TYPES and root.startswith("<")):
        kind = "page"
    if kind is None:
        announced = media or say("page")
        happened = say("{host} sent something else than the {media} that it announced", host=host, media=announced)
        raise WrongContent(happened, hint=_SAVE)
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", parameters, re.I)
    return kind, charset[1] if charset else None


def _head(content: bytes) -> str:
    head = content[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore")
    return head.decode("utf-8-sig", errors="replace")
