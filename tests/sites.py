"""Web sites on this machine for tests: real servers, and a client that may visit exactly them."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from retrieval.errors import Unfetched
from retrieval.web.addresses import Rules
from retrieval.web.client import Limits, Web
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import ROOT

HOST = "127.0.0.1"

ROBOTS = "User-agent: *\nDisallow: /private\n"
PAGE = "<!doctype html><html><body><p>Engineers closed the bridge.</p></body></html>"
START = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"  # of an answer written byte by byte


def is_a_sentence(error: Unfetched) -> bool:
    return (
        bool(error.happened) and "\n" not in str(error) and "Traceback" not in str(error) and str(error).endswith(".")
    )


@dataclass(frozen=True)
class Reply:
    """What a server sends for a path."""

    body: bytes | str = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Raw = Callable[[socket.socket], object]  # what writes an answer byte by byte


class Site:
    """A site whose pages a test fills in: ``pages[path]``; ``asked`` is what it was asked for, with the headers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[str, Reply | Raw] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections = 0

    def url(self, path: str = "/", *, host: str = "news.example", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """What it was asked for, without questions about robots."""
        return [path for path, _ in self.asked if path != "/robots.txt"]


@contextmanager
def served(host: str = HOST, *, port: int = 0, is_tls: bool = False) -> Iterator[Site]:
    """A site on a port of its own; with TLS its certificate is for news.example."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append((self.path, dict(self.headers.items())))
            page = site.pages.get(self.path) or site.pages.get(self.path.partition("?")[0], Reply(status=404))
            self.close_connection = True
            if not isinstance(page, Reply):
                page(self.connection)
                return
            body = page.body.encode() if isinstance(page.body, str) else page.body
            self.send_response(page.status)
            for name, value in {"Content-Type": page.kind, "Content-Length": str(len(body)), **page.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A test needs no log."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> Any:
            request = super().get_request()
            site.connections += 1
            return request

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what many a test is about."""

    with Server((host, port), Handler) as server:
        site = Site(server.server_port)
        if is_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(ROOT / "tests" / "tls" / "server.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def web_for(site: Site, *, resolve: Callable[[str, int], list[str]] | None = None, limits: Limits | None = None) -> Web:
    """A client for which every name leads to this machine, and that may visit this site alone."""
    return Web(
        rules=Rules(exceptions=frozenset({(HOST, site.port)})),
        resolve=resolve or (lambda host, port: [HOST]),
        limits=limits,
        tls=lambda: ssl.create_default_context(cafile=str(ROOT / "tests" / "tls" / "authority.pem")),
    )


def page(title: str, text: str, *, head: str = "", date: str = "2024-05-01") -> str:
    """An article's page with a menu and a footer."""
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    linked = (
        '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", '
        f'"headline": "{title}", "datePublished": "{date}", "publisher": {{"name": "The Gazette"}}}}</script>'
    )
    return (
        f"<!doctype html><html><head><title>{title}</title>{linked}{head}</head><body><nav>Home | World</nav>"
        f"<article><h1>{title}</h1>{paragraphs}</article><footer>Imprint</footer></body></html>"
    )


def rss(items: str, *, title: str = "The Gazette") -> str:
    """An RSS feed."""
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'


def item(link: str, title: str, *, more: str = "") -> str:
    """One entry of an RSS feed."""
    return f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid>{more}</item>"


def newspaper(site: Site, *paths: str) -> None:
    """Give a site articles at these paths, and a feed of them at /feed."""
    texts = (BRIDGE, ORCHESTRA)
    for number, path in enumerate(paths):
        text = f"{texts[number % 2]}\n\nThis is the story number {number} of the paper."
        site.pages[path] = Reply(page(f"Story {path[1:]}", text))
    site.pages["/feed"] = Reply(
        rss("".join(item(site.url(path), f"Story {path[1:]}") for path in paths)), kind="application/rss+xml"
    )
