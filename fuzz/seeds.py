"""A few small inputs for each target, made by the helpers of the tests: what mutations begin with."""

import gzip
from collections.abc import Mapping, Sequence

from fuzz.targets import BETWEEN
from tests.made import Chapter, column, docx, epub, paragraph, pdf
from tests.sites import item, page, rss

_STORY = "The bridge was closed on Monday. “No,” she said. Repairs cost 4 million euros."
_ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>a</id><link href="https://news.example/a"/>'
    f"<published>2018-07-18T10:00:00Z</published><content type='html'>&lt;p&gt;{_STORY}</content></entry></feed>"
)
_WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    f"{paragraph(_STORY)}<w:tbl><w:tr><w:tc>{paragraph('A', 'B')}</w:tc></w:tr></w:tbl><w:del>{paragraph('C')}</w:del>"
    "<w:p><w:r><w:tab/><w:br/><w:noBreakHyphen/></w:r></w:p></w:body></w:document>"
)
_PROPERTIES = (
    '<p xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>A</dc:title>'
    "<dc:creator>Jane Roe</dc:creator><dcterms:created>2018-07-18T10:00:00Z</dcterms:created></p>"
)
_CHAPTER = f'<html><head><title/></head><body epub:type="chapter"><h1>A</h1><p>{_STORY * 4}</p></body></html>'
_PACKAGE = (
    "<package><metadata><title>B</title><creator>Jane</creator><date>2018-07-18</date></metadata><manifest><item "
    'id="c" href="a.xhtml" properties=""/></manifest><spine><itemref idref="c" linear="yes"/></spine><guide><reference '
    'type="cover" href="b.xhtml"/></guide></package>'
)
_CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
_LOCKS = '<encryption><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></encryption>'
_LINKED = (
    '<script type="application/ld+json">{"@graph": [{"@type": ["NewsArticle"], "@id": "#a", "headline": "A", '
    '"author": [{"@id": "#b"}], "publisher": {"name": "P"}, "datePublished": "2018-07-18"}, {"@id": "#b", "name": "J"}'
    ']}</script><meta property="article:published_time" content="July 18, 2018"><link rel="canonical" '
    'href="/b"><link rel="alternate" type="application/rss+xml" href="/feed">'
)
_SITEMAP = (
    "<urlset><url><loc>https://news.example/a</loc><lastmod>2018-07-18</lastmod><news:news><news:title>A</news:title>"
    "<news:publication_date>2018-07-18</news:publication_date></news:news></url></urlset>"
)

_TEXTS: Mapping[str, Sequence[str]] = {
    "pages": [
        page("The bridge", _STORY, head=_LINKED),
        f"<p hidden>{_STORY}</p><div style='font-size:0'>{_STORY}</div><p>{_STORY * 4}",
        f"<p>Published July 18, 2018. Updated 19 July 2018.</p><p>{_STORY * 4}<template><p>a",
        f"<title>A</title><p>Published July 36, 2018.</p><p>{_STORY}</p><p>Updated 19 July 2018.</p>",
    ],
    "feeds": [rss(item("https://news.example/a", "A", more="<pubDate>Wed, 18 Jul 2018</pubDate>")), _ATOM],
    "sitemaps": [_SITEMAP, "<sitemapindex><sitemap><loc>https://news.example/b.xml</loc></sitemap></sitemapindex>"],
    "docx": ["\0".join((_WORD, _PROPERTIES))],
    "epub": ["\0".join((_CHAPTER, _PACKAGE, _CONTAINER, _LOCKS)), "\0".join((_CHAPTER, _PACKAGE))],
    "json": [
        f'{{"text": "{_STORY}", "title": "A", "authors": ["B"], "date": "2018-07-18", "url": "https://news.example/"}}',
        f'{{"channel": {{"name": "n"}}, "messages": [{{"id": "1", "content": "A\\n{_STORY * 3}", "embeds": []}}]}}',
        '[{"maintext": 1, "source_url": "https://a.example"}, {"text": "A b.", "doc_id": [1]}]',
    ],
    "texts": [
        _STORY,
        f"---\ntitle: A\ndate: 2018-07-18\nauthor: [B, C]\n---\n{_STORY}",
        f"---\na: &a !!int 1_0\nb: [*a, ~, 1:30, 0x1F, .inf]\n---\n# A\n\n{_STORY}",
        f"ADVERTISEMENT\n\nBy Jane Roe\n\nPARIS (Reuters) - {_STORY}",
    ],
    "dates": ["18 July 2018", "Wed, 18 Jul 2018 10:00:00 GMT", "2018-07-18T10:00:00+02:00", "7/18/2018 5:30 p.m. EST"],
    "robots": ["User-agent: *\nDisallow: /a*b$ # c\nAllow: /\n\nUser-agent: quoth/1.0\nDisallow: /%61\n"],
    "operators": ['source:"A B" after:2018-07 "exact words" in July 2018', "latest news", "what on 5 May 2018?"],
    "markdown": ["# a\n> b\n- [c](https://d.example) <@1> **e** ||f|| :g: `h`", "https://ä.example/#:~:text=a"],
    "custom-ids": [
        "q1:1:a:0123456789ab.1.2z.abcd,0123456789ab.1.2z.abcd",
        *("q1:2:l:search", "q1:1:t:short.topic", "q1:1:s:0123.long", "q1:0:m:0123456789ab", "q1:choose", "q1:forget"),
        *("q1:yes:0123456789ab", "q1:unwatch:12", "q1:form:why:0123456789ab"),
    ],
    "settings": ["[answers]\nquotes = 3\nconfidence = 0.5\n", "[model]\nthreads = 2\n[web]\nfeed_minutes = 60\n"],
    "addresses": [
        "https://news.example:443/a?b=c#d",
        *("http://[::1]/", "http://１２７.1/", "https://bücher.example/", "//other.example/a", "http://0x7f.1/"),
    ],
    "packed": [f"gzip\0{_STORY}", f"deflate\0{_STORY}"],
}


def seeds() -> Mapping[str, Sequence[bytes]]:
    """What each target begins with."""
    made: dict[str, Sequence[bytes]] = {
        name: [text.replace("\0", BETWEEN.decode()).encode() for text in texts] for name, texts in _TEXTS.items()
    }
    whole = {
        "pdf": [pdf([column(_STORY, "Another line.")], info={"Title": "A"}), pdf([[]], is_locked=True)],
        "docx": [*made["docx"], docx(paragraph(_STORY), properties="<dc:title>A</dc:title>")],
        "epub": [*made["epub"], epub(Chapter("a.xhtml", f"<body><h1>A</h1><p>{_STORY * 4}</p></body>"))],
        "packed": [*made["packed"], b"gzip" + BETWEEN + gzip.compress(_SITEMAP.encode(), mtime=0)],
    }
    return made | whole
