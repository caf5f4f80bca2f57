"""An EPUB → its chapters, each an article: in a newspaper's EPUB every article is a file of its own.

An EPUB (EPUB 2.0.1 to 3.3) is a zip archive: a package file names the parts and their order. Covers, contents,
imprints and the like are left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote

from retrieval.extraction.pages import Page, decoded, flattened, no_article, plain_text
from retrieval.extraction.parts import Parts, attribute, damaged, first_text, local, locked

# What the EPUB structural vocabulary and EPUB 2's guide call parts that tell no story
_ASIDE = frozenset(
    "acknowledgments backlink bibliography colophon copyright-page copyright cover dedication glossary "
    "halftitlepage imprint index landmarks loi lot other-credits page-list title-page titlepage toc".split()
)
_SHORTEST = 200  # characters of a chapter; what has fewer is a title page, a picture or an empty section
_HEADINGS = ("h1", "h2", "h3")
_FONT_LOCKS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")  # these lock fonts alone
_NO_DATE = "0101"  # Calibre's year for a date that is not known
_NO_NAMES = frozenset({"calibre", "unknown"})
# In XHTML any element may be closed where it opens; as HTML such a title would hold the whole chapter.
_SELF_CLOSED = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)([a-z][\w:-]*)((?:\s[^<>]*)?)/>", re.I
)


@dataclass(frozen=True, slots=True)
class _Package:
    """What the package file says: its root element, and paths of parts by their ids."""

    root: Any
    paths: Mapping[str, str]
    properties: Mapping[str, str]


def read_epub(content: bytes, *, name: str) -> tuple[Page, ...]:
    """The chapters of a book, each with its path. Raises UnreadableFile, in one of its kinds."""
    parts = Parts(content, name=name)
    _check_unlocked(parts, name=name)
    package = _package(parts, name=name)
    aside = _named_aside(package)
    chapters = tuple(_chapters(parts, [path for path in _order(package) if path not in aside], package))
    if not chapters:
        raise no_article(name)
    return chapters


def _check_unlocked(parts: Parts, *, name: str) -> None:
    path = "META-INF/encryption.xml"
    if parts.read(path) is None:
        return
    methods = [attribute(e, "Algorithm") for e in parts.tree(path).iter() if local(e) == "EncryptionMethod"]
    if any(method not in _FONT_LOCKS for method in methods):
        raise locked(name)


def _package(parts: Parts, *, name: str) -> _Package:
    container = parts.tree("META-INF/container.xml")
    path = next((attribute(e, "full-path") for e in container.iter() if local(e) == "rootfile"), "")
    if not path:
        raise damaged(name)
    root = parts.tree(path)
    items = [e for e in root.iter() if local(e) == "item"]
    return _Package(
        root,
        {attribute(e, "id"): _path(path, attribute(e, "href")) for e in items},
        {attribute(e, "id"): attribute(e, "properties") for e in items},
    )


def _path(base: str, href: str) -> str:
    return normpath(join(dirname(base), unquote(href.partition("#")[0])))


def _order(package: _Package) -> Sequence[str]:
    """The paths of the parts that are read one after the other; contents and notes are not among them."""
    found = []
    for item in package.root.iter():
        if local(item) != "itemref" or attribute(item, "linear") == "no":
            continue
        named = attribute(item, "idref")
        if named in package.paths and not {"nav", "cover-image"} & set(package.properties[named].split()):
            found.append(package.paths[named])
    return list(dict.fromkeys(found))


def _named_aside(package: _Package) -> frozenset[str]:
    """What EPUB 2's guide calls a cover, the contents and so on; its addresses are as in the manifest."""
    guide = {attribute(e, "href").partition("#")[0] for e in package.root.iter() if _is_guide_to_aside(e)}
    return frozenset(path for path in package.paths.values() if any(path.endswith(unquote(g)) for g in guide if g))


def _is_guide_to_aside(element: Any) -> bool:
    return local(element) == "reference" and attribute(element, "type") in _ASIDE


def _chapters(parts: Parts, paths: Sequence[str], package: _Package) -> Iterator[Page]:
    book = first_text(package.root, "title")
    author = first_text(package.root, "creator")
    published = first_text(package.root, "date") or ""
    for path in paths:
        chapter = _SELF_CLOSED.sub(r"<\1\2></\1>", decoded(parts.read(path) or b"", None))
        text = plain_text(chapter)
        tree = _tree(chapter)
        if len(text) < _SHORTEST or _is_aside(tree):
            continue
        yield Page(
            text,
            title=_title(tree),
            source=book,
            author=None if (author or "").lower() in _NO_NAMES else author,
            dates=((published, "meta"),) if published and not published.startswith(_NO_DATE) else (),
            part=path,
        )


def _tree(chapter: str) -> Any:
    from resiliparse.parse.html import HTMLTree

    return HTMLTree.parse(flattened(chapter))


def _is_aside(tree: Any) -> bool:
    """Whether a chapter says that it is no story: in epub:type or role, of its body or its first section."""
    for element in (tree.body, tree.body.query_selector("section, nav")):
        kinds = [element.getattr(name) or "" for name in ("epub:type", "role")] if element else []
        if _ASIDE & set(" ".join(kinds).replace("doc-", "").split()):
            return True
    return False


def _title(tree: Any) -> str | None:
    """The chapter's first heading, else what it calls itself."""
    headings = [heading for name in _HEADINGS if (heading := tree.body.query_selector(name))]
    texts = (" ".join(text.split()) for text in (*(heading.text for heading in headings), tree.title or ""))
    return next(filter(None, texts), None)
