"""How kinds of outlets build a page around a story: what a layout is given is a ``Story``, and it gives HTML."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from html import escape

from tests.outlets.stories import Story, story

MENU = "".join(
    f'<li><a href="/{s}">{s.title()}</a></li>' for s in "world politics business sport culture weather".split()
)
NAV = f"<header><a href='/'>The Example Gazette</a><nav><ul>{MENU}</ul></nav></header>"
FOOTER = (
    "<footer><p>© 2024 The Example Gazette. All rights reserved.</p><ul><li><a href='/about'>About us</a></li>"
    "<li><a href='/privacy'>Privacy policy</a></li><li><a href='/terms'>Terms of use</a></li></ul></footer>"
)
SHARE = (
    "<div class='share'><a href='#'>Share on Facebook</a> <a href='#'>Share on X</a> <a href='#'>Copy link</a></div>"
)
LETTER = (
    "<aside class='newsletter'><h3>The morning letter</h3><p>Sign up for our newsletter and get the best stories of "
    "the day in your inbox.</p><input type='email'><button>Sign up</button></aside>"
)
_WORDS = "%d %B %Y"


def paragraphs(told: Story, *, every: int = 0, between: str = "") -> str:
    """The paragraphs, with something between them after each so many."""
    pieces = []
    for number, paragraph in enumerate(told.paragraphs, start=1):
        pieces.append(f"<p>{escape(paragraph)}</p>")
        if every and number % every == 0:
            pieces.append(between)
    return "\n".join(pieces)


def related(told: Story, count: int = 5) -> str:
    """Cards of other stories, with their first sentences."""
    others = [story(1_000 + told.number * 7 + n) for n in range(count)]
    cards = "".join(
        f"<li class='card'><a href='{o.url}'><h3>{escape(o.title)}</h3></a><p>{escape(o.paragraphs[0])}</p></li>"
        for o in others
    )
    return f"<section class='related'><h2>Related stories</h2><ul>{cards}</ul></section>"


def page(title: str, head: str, body: str, *, html: str = "<html lang='en'>") -> str:
    """A whole document."""
    start = f"<!doctype html>{html}<head><meta charset='utf-8'><title>{escape(title)}</title>{head}</head>"
    return f"{start}<body>{body}</body></html>"


def linked(told: Story, **more: object) -> str:
    """JSON-LD of schema.org's NewsArticle."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": told.title,
        "datePublished": f"{told.day}T08:30:00+00:00",
        "dateModified": f"{told.day + timedelta(days=9)}T09:00:00+00:00",
        "author": {"@type": "Person", "name": told.author},
        "publisher": {"@type": "Organization", "name": "The Example Gazette"},
        **more,
    }
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def json_ld(told: Story) -> str:
    body = (
        f"{NAV}<main><article><h1>{escape(told.title)}</h1><p class='byline'>By {told.author}</p>{SHARE}"
        f"{paragraphs(told)}</article>{related(told)}</main>{LETTER}{FOOTER}"
    )
    return page(f"{told.title} | The Example Gazette", linked(told), body)


def microdata(told: Story) -> str:
    body = (
        f"{NAV}<div itemscope itemtype='https://schema.org/NewsArticle'><h1 itemprop='headline'>"
        f"{escape(told.title)}</h1>"
        f"<meta itemprop='datePublished' content='{told.day}'><span itemprop='author'>{told.author}</span>"
        f"<div itemprop='articleBody'>{paragraphs(told)}</div></div>{related(told)}{FOOTER}"
    )
    return page(f"{told.title} - Example Gazette", "", body)


def open_graph(told: Story) -> str:
    head = (
        f"<meta property='og:title' content=\"{escape(told.title)}\"><meta property='og:type' content='article'>"
        f"<meta property='article:published_time' content='{told.day}T06:00:00Z'>"
        f"<meta property='article:modified_time' content='{told.day + timedelta(days=30)}T06:00:00Z'>"
        "<meta property='og:site_name' content='The Example Gazette'>"
    )
    body = (
        f"{NAV}<div id='content'><div class='story-head'><h1>{escape(told.title)}</h1>{SHARE}</div>"
        f"<div class='story-body'>{paragraphs(told, every=3, between=LETTER)}</div></div>{related(told)}{FOOTER}"
    )
    return page(f"{told.title} – The Example Gazette", head, body)


def amp(told: Story) -> str:
    body = (
        f"<header>The Example Gazette</header><article class='amp-article'><h1>{escape(told.title)}</h1>"
        "<amp-img src='a.jpg' width='600' height='400' layout='responsive'></amp-img>"
        f"{paragraphs(told, every=2, between='<amp-ad width=300 height=250 type=x></amp-ad>')}</article>"
        f"<amp-carousel>{related(told, 3)}</amp-carousel>{FOOTER}"
    )
    graph = linked(told).replace('{"@context"', '{"@graph": [{"@context"').replace("</script>", "]}</script>")
    return page(told.title, f"<link rel='canonical' href='{told.url}'>{graph}", body, html="<html amp lang='en'>")


def live_blog(told: Story) -> str:
    posts = "".join(
        f"<article class='post' id='post-{n}'><time datetime='{told.day}T{18 - n:02}:10'>{18 - n}:10</time>"
        f"<div class='post-body'><p>{escape(paragraph)}</p></div></article>"
        for n, paragraph in enumerate(told.paragraphs)
    )
    body = f"{NAV}<main><h1>{escape(told.title)}</h1><div class='live-blog'>{posts}</div></main>{FOOTER}"
    data = linked(told, **{"@type": ["LiveBlogPosting", "NewsArticle"]})
    return page(f"{told.title} – live | The Example Gazette", data, body)


def paywall(told: Story) -> str:
    wall = (
        "<div class='paywall-offer'><h2>Read on with a subscription</h2><p>Try the Gazette for one crown a week. "
        "Cancel at any time. Already a subscriber? Log in to read on.</p><ul><li>All articles</li><li>The app"
        "</li><li>The archive</li></ul></div>"
    )
    first, rest = told.paragraphs[0], told.paragraphs[1:]
    body = (
        f"{NAV}<article><h1>{escape(told.title)}</h1><p>{escape(first)}</p>{wall}<div class='premium-content'>"
        f"{''.join(f'<p>{escape(p)}</p>' for p in rest)}</div></article>{FOOTER}"
    )
    return page(f"{told.title} | Gazette+", linked(told, isAccessibleForFree=False), body)


def cookie_wall(told: Story) -> str:
    consent = (
        "<p>We and our 832 partners store cookies on your device and process personal data, such as unique "
        "identifiers, to select advertising, to measure it and to learn about our readers. You may accept or manage "
        "your choices below, including your right to object where legitimate interest is used.</p>"
    ) * 4
    body = (
        f"<div id='consent' role='dialog'><h2>Your privacy</h2>{consent}<button>Accept all</button>"
        f"<button>Reject all</button></div>{NAV}<main><h1>{escape(told.title)}</h1><section class='text'>"
        f"{paragraphs(told)}</section></main>{FOOTER}"
    )
    head = f"<meta name='date' content='{told.day}'><meta property='og:title' content=\"{escape(told.title)}\">"
    return page(f"{told.title} :: Gazette", head, body)


def comments(told: Story) -> str:
    said = "".join(
        f"<li class='comment'><b>reader{n}</b> <time>{n} hours ago</time><p>{escape(other.paragraphs[2])}</p>"
        "<a href='#'>Reply</a></li>"
        for n, other in enumerate(story(2_000 + told.number + n) for n in range(18))
    )
    body = (
        f"{NAV}<article><h1>{escape(told.title)}</h1>{paragraphs(told)}</article><section id='comments'><h2>18 comments"
        f"</h2><ol>{said}</ol></section>{FOOTER}"
    )
    return page(f"{told.title} | Gazette", linked(told), body)


def cards_between(told: Story) -> str:
    card = f"<div class='inline-related'>{related(told, 2)}</div>"
    body = (
        f"{NAV}<div class='wrap'><div class='col'><h1>{escape(told.title)}</h1><div class='article__body'>"
        f"{paragraphs(told, every=2, between=card)}</div></div>"
        f"<div class='sidebar'>{related(told, 8)}</div></div>{FOOTER}"
    )
    return page(f"{told.title} | Gazette", linked(told), body)


def nested(told: Story) -> str:
    depth = 1_200
    body = f"{NAV}{'<div>' * depth}<h1>{escape(told.title)}</h1>{paragraphs(told)}{'</div>' * depth}{FOOTER}"
    return page(f"{told.title} | Gazette", linked(told), body)


def bare(told: Story) -> str:
    body = (
        f"<h1>{escape(told.title)}</h1><p>Published {told.day.strftime(_WORDS)}</p>{paragraphs(told)}"
        "<p><a href='/'>Back to the front page</a></p>"
    )
    return page(f"{told.title}", "", body)


def old_table(told: Story) -> bytes:
    menu = "".join(f"<a href='/{s}'>{s}</a><br>" for s in "news sport letters".split())
    text = "<br><br>\n".join(escape(p) for p in told.paragraphs)
    html = (
        "<html><head><meta http-equiv='Content-Type' content='text/html; charset=windows-1252'>"
        f"<meta name='DC.date.issued' content='{told.day}'><title>{escape(told.title)}</title></head><body><table><tr>"
        f"<td width=120>{menu}</td><td><font size=5><b>{escape(told.title)}</b></font><br><br>{text}</td></tr></table>"
        "<center><small>Webmaster: post@news.example</small></center></body></html>"
    )
    return html.encode("cp1252")


def blocks(told: Story) -> str:
    pieces = []
    for number, paragraph in enumerate(told.paragraphs):
        if number == 3:
            pieces.append(
                "<figure><img src='a.jpg' alt='A view'><figcaption>A view of the town. Photo: Gazette"
                "</figcaption></figure>"
            )
        tag = "blockquote" if number == 4 else "div"
        pieces.append(f"<{tag} class='block block-text'><p>{escape(paragraph)}</p></{tag}>")
    body = (
        f"{NAV}<div class='page'><div class='headline-block'><h1>{escape(told.title)}</h1></div>{''.join(pieces)}"
        f"{SHARE}{LETTER}</div>{related(told, 3)}{FOOTER}"
    )
    return page(f"{told.title} | Gazette", f"<meta itemprop='datePublished' content='{told.day}T10:00'>", body)


def script_heavy(told: Story) -> str:
    """As applications in the browser are sent: data in scripts, a broken block of linked data, hashed class names."""
    state = json.dumps({"props": {"story": {"title": told.title, "tags": ["a"] * 200}}})
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": </script>'
        f"<script>window.__STATE__ = {state}</script><meta property='og:title' content=\"{escape(told.title)}\">"
        f"<meta name='parsely-pub-date' content='{told.day}T05:00:00Z'>"
    )
    inner = "".join(
        f"<div class='css-{n}x9k'><p class='css-at9mc1'>{escape(p)}</p></div>" for n, p in enumerate(told.paragraphs)
    )
    body = (
        f"<div id='app'>{NAV}<div class='css-1vkm6nb'><h1 class='css-88wicj'>{escape(told.title)}</h1></div>"
        f"<section class='css-1r7ky0e'>{inner}</section>{related(told, 4)}{FOOTER}</div>"
    )
    return page(f"{told.title} - The Example Gazette", head, body)


def suffixed(told: Story) -> str:
    """The outlet's name stands behind every form of the headline but the one on the page."""
    title = f"{told.title} | The Example Gazette"
    head = f"<meta property='og:title' content=\"{escape(title)}\"><meta name='pubdate' content='{told.day}'>"
    body = f"{NAV}<div id='main'><h1>{escape(told.title)}</h1>{paragraphs(told)}</div>{related(told, 3)}{FOOTER}"
    return page(title, head, body)


def changed_since(told: Story) -> str:
    """Nothing in the head; the line below the headline tells when it appeared and when it was last changed."""
    later = (told.day + timedelta(days=40)).strftime(_WORDS)
    body = (
        f"{NAV}<div class='article'><h1>{escape(told.title)}</h1><p class='meta'>"
        f"Last updated: {later}. First published: {told.day.strftime(_WORDS)}</p>{paragraphs(told)}</div>{FOOTER}"
    )
    return page(f"{told.title} « Example Gazette", "", body)


def by_address(told: Story) -> str:
    """Only the page's own address names the day; the foot names another year."""
    address = f"https://news.example/{told.day:%Y/%m/%d}/{told.number}"
    head = f"<link rel='canonical' href='{address}'>"
    body = f"{NAV}<article><h1>{escape(told.title)}</h1>{paragraphs(told)}</article>{related(told, 2)}{FOOTER}"
    return page(f"{told.title} - Gazette", head, body)


LAYOUTS: Mapping[str, Callable[[Story], str | bytes]] = {
    layout.__name__: layout
    for layout in (
        json_ld,
        microdata,
        open_graph,
        amp,
        live_blog,
        paywall,
        cookie_wall,
        comments,
        cards_between,
        nested,
        bare,
        old_table,
        blocks,
        script_heavy,
        suffixed,
        changed_since,
        by_address,
    )
}
