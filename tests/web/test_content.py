"""What a server sends is held to be what it says it is."""

import gzip

import pytest

from retrieval.errors import WrongContent
from retrieval.web.content import Unpacker, kind_of

PAGE = b"<!doctype html><html><body>Hello.</body></html>"
RSS = b'<?xml version="1.0"?><!-- made by hand --><rss version="2.0"><channel/></rss>'
ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom"/>'
RDF = b'<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>'


@pytest.mark.parametrize(
    ("content", "header", "kind"),
    [
        (PAGE, "text/html", "page"),
        (b"\xef\xbb\xbf \n<div>Hello.</div>", "Text/HTML; charset=utf-8", "page"),
        (b"<!-- a comment --><p>Hello.", "text/html", "page"),
        (PAGE, "", "page"),
        (b"<html lang=en>", "application/xml", "page"),
        (b'<?xml version="1.0"?><html xmlns="x">', "application/xhtml+xml", "page"),
        ("<!doctype html><p>ä".encode("utf-16"), "text/html", "page"),
        (b"Engineers closed the bridge.", "text/plain", "text"),
        (b"# A title\n\n<b>not</b> a page", "text/markdown", "text"),
        (RSS, "application/rss+xml", "feed"),
        (ATOM, "application/atom+xml", "feed"),
        (RDF, "application/rdf+xml", "feed"),
        (RSS, "text/xml", "feed"),
        (RSS, "text/html", "feed"),
        (RSS, "text/plain", "feed"),
        (ATOM, "", "feed"),
        (b'<?xml version="1.0"?><urlset xmlns="x"></urlset>', "application/xml", "sitemap"),
        (b'<?xml-stylesheet href="x.xsl"?>\n<sitemapindex xmlns="x"/>', "text/xml", "sitemap"),
        (b'<sm:urlset xmlns:sm="x"/>', "text/plain", "sitemap"),
    ],
)
def test_header_and_first_bytes_agree(content: bytes, header: str, kind: str) -> None:
    """Feeds are often sent under another name, and are feeds all the same."""
    assert kind_of(content, header, host="news.example")[0] == kind


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (b"%PDF-1.7", "text/html"),
        (b"%PDF-1.7", "text/plain"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n", "image/png"),
        (b"\x89PNG\r\n", "text/plain"),
        (b"PK\x03\x04", "text/html"),
        (b"<html>\x00\x00", "text/html"),
        (b'{"a": 1}', "text/html"),
        (b'{"a": 1}', "application/json"),
        (PAGE, "text/plain"),
        (b"  <HTML>", "text/plain"),
        (b"<svg/>", "application/xml"),
        (b"<rssx>", "application/rss+xml"),
        (b"Hello.", ""),
        (b"<p>Hello.", ""),
        (b"", "text/html"),
        (b" \n", "text/plain"),
        (PAGE, "application/octet-stream"),
    ],
)
def test_what_is_not_what_it_says_is_refused(content: bytes, header: str) -> None:
    """In a sentence that names the site."""
    with pytest.raises(WrongContent, match=r"^news\.example sent"):
        kind_of(content, header, host="news.example")


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/html", None),
        ("text/html; charset=iso-8859-1", "iso-8859-1"),
        ('text/html; a=b; Charset = "UTF-8"', "UTF-8"),
        ("text/html; charset=", None),
    ],
)
def test_the_character_set_of_the_header_is_told(header: str, charset: str | None) -> None:
    """However it is written."""
    assert kind_of(PAGE, header, host="news.example")[1] == charset


def test_a_body_of_two_gzip_members_is_whole_wherever_the_network_cuts_it() -> None:
    """Also within the two bytes by which the second is known; zeros behind the end are padding."""
    body = gzip.compress(b"first, ") + gzip.compress(b"second") + b"\0" * 4
    for at in range(len(body) + 1):
        unpacker = Unpacker("gzip", host="news.example", most=1_000)
        found = b""
        for piece in (body[:at], body[at:]):
            found += unpacker.unpacked(piece, so_far=len(found))
        unpacker.check_end()
        assert found == b"first, second"
