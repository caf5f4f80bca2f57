"""Pages, feeds and files that strangers made are read in a process apart, which may fail without harm.

A parser that is led into an endless loop, takes all memory or crashes ends that process, and the page it
was given gets an error. The process gets none of this one's environment, so it knows no secret. What comes
back is JSON: a process that was taken over could not send code.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from retrieval.errors import InvalidInput, QuothError, TooElaborate
from retrieval.extraction.feeds import Entry, ParsedFeed, no_feed, parse
from retrieval.extraction.kinds import Extracted, extract_file
from retrieval.extraction.pages import NamedFeeds, Page, extract, named_feeds, no_article
from retrieval.extraction.parts import damaged, locked, oversized
from retrieval.extraction.pdf import only_pictures
from retrieval.extraction.sitemaps import Listed, Sitemap, no_sitemap, parse_sitemap
from retrieval.messages import say

_LARGEST_ANSWER = 50_000_000  # bytes; a page of 10 MB gives less
# What that process may refuse; the words are made here, for it could be made to say anything.
_REFUSALS: dict[str, Callable[[str], InvalidInput]] = {
    "UnreadableFile": no_article,
    "LockedFile": locked,
    "DamagedFile": damaged,
    "OversizedFile": oversized,
    "PicturesOnly": only_pictures,
    "WrongContent": no_feed,
}
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What reading one page may take: seconds by the clock and of a processor, and bytes of memory.

    A news page takes 0.05 s on the mean, and the libraries alone 60 MB.
    """

    seconds: float = 12.0
    processor: int = 10
    memory: int = 700_000_000


def _page(answer: Mapping[str, Any]) -> Page:
    return Page(**{**answer, "dates": tuple(map(tuple, answer["dates"]))})


class Worker:
    """A process that reads pages, feeds and files, started when it is first needed and after each failure.

    For one thread at a time; ``close`` it, or use ``with``.
    """

    def __init__(self, allowance: Allowance | None = None) -> None:
        self._allowance = allowance or Allowance()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None

    def page(self, content: bytes, *, name: str, charset: str | None = None, address: str | None = None) -> Page:
        """As ``pages.extract``. Raises TooElaborate, too."""
        answer = self._ask("page", content, name=name, charset=charset, address=address)
        return _page(answer)

    def file(self, content: bytes, *, name: str, suffix: str) -> Extracted:
        """As ``kinds.extract_file``. Raises TooElaborate, too."""
        return Extracted(tuple(map(_page, self._ask("file", content, name=name, suffix=suffix)["pages"])))

    def feed(self, content: bytes, *, address: str, charset: str | None = None) -> ParsedFeed:
        """As ``feeds.parse``. Raises TooElaborate, too."""
        answer = self._ask("feed", content, address=address, charset=charset)
        return ParsedFeed(answer["title"], tuple(Entry(**entry) for entry in answer["entries"]))

    def sitemap(self, content: bytes, *, address: str) -> Sitemap:
        """As ``sitemaps.parse_sitemap``. Raises TooElaborate, too."""
        answer = self._ask("sitemap", content, address=address)
        return Sitemap(answer["is_index"], tuple(Listed(**listed) for listed in answer["listed"]))

    def named_feeds(self, content: bytes, *, address: str, charset: str | None = None) -> NamedFeeds:
        """As ``pages.named_feeds``. Raises TooElaborate, too."""
        return NamedFeeds(tuple(self._ask("named feeds", content, address=address, charset=charset)["urls"]))

    def _ask(self, job: str, content: bytes, **arguments: str | None) -> dict[str, Any]:
        name = arguments.get("name") or arguments.get("address") or ""
        try:
            line = self._started()
            line.send_bytes(json.dumps({"job": job, "arguments": arguments}).encode())
            line.send_bytes(content)
            if not line.poll(self._allowance.seconds):
                raise TimeoutError
            answer: dict[str, Any] = json.loads(line.recv_bytes(_LARGEST_ANSWER))
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise TooElaborate(
                say("{address} takes too long or too much memory to read", address=str(name)),
                hint=say("Paste the article's text into a .txt file"),
            ) from error
        if refusal := _REFUSALS.get(answer.get("error", "")):
            raise no_sitemap(name) if job == "sitemap" else refusal(name)
        return answer

    def _started(self) -> Connection:
        if self._line is None:
            self._line, theirs = Pipe()
            with theirs:
                number = theirs.fileno()
                command = [
                    sys.executable,
                    "-P",
                    "-m",
                    "retrieval.extraction.apart",
                    str(number),
                    json.dumps(asdict(self._allowance)),
                ]
                self._process = subprocess.Popen(  # noqa: S603 - this very program
                    command,
                    pass_fds=[number],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
                )
        return self._line

    def close(self) -> None:
        """End the process; closing twice does no harm."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# In the process apart

_JOBS: Mapping[str, Callable[..., Page | Extracted | ParsedFeed | NamedFeeds | Sitemap]] = {
    "page": extract,
    "file": extract_file,
    "feed": parse,
    "named feeds": named_feeds,
    "sitemap": parse_sitemap,
}


def serve(line: Connection, before_each: Callable[[], None] = lambda: None) -> None:
    """Answer until the other end is closed."""
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            asked = json.loads(line.recv_bytes())
            content = line.recv_bytes()
            before_each()
            line.send_bytes(json.dumps(_answer(asked["job"], content, asked["arguments"])).encode())


def _answer(job: str, content: bytes, arguments: Mapping[str, str | None]) -> dict[str, Any]:
    try:
        return asdict(_JOBS[job](content, **arguments))
    except InvalidInput as error:
        return _refused(error)


def _refused(error: QuothError) -> dict[str, Any]:
    return {"error": type(error).__name__}


def confine(allowance: Allowance) -> None:
    """Limit this process for good: its memory, no files, no core dumps; and offer it first where memory is short."""
    for kind, most in (
        (resource.RLIMIT_AS, allowance.memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # not every system knows each
            resource.setrlimit(kind, (most, most))
    with suppress(OSError):  # Linux: rather this process than the one that waits for it
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def limit_processor(seconds: int) -> None:
    """From now on this process may use the processor for so long."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main(number: int, allowance: Allowance) -> None:
    """Serve the connection with that number, confined."""
    import feedparser  # noqa: F401 - what is imported later would be limited
    import pypdfium2  # noqa: F401
    import trafilatura  # noqa: F401
    from lxml import etree  # noqa: F401
    from resiliparse.extract import html2text  # noqa: F401
    from resiliparse.parse import html  # noqa: F401

    confine(allowance)
    with Connection(number) as line:
        serve(line, lambda: limit_processor(allowance.processor))


if __name__ == "__main__":
    main(int(sys.argv[1]), Allowance(**json.loads(sys.argv[2])))
