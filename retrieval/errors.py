"""Every error that Quoth raises on purpose, drawn in one place.

    QuothError
    ├── InvalidInput        what was given cannot be used (exit code 1)
    │   ├── UnreadableFile  a file is missing, empty, binary or in an unknown format
    │   │   ├── LockedFile    it needs a password or a licence
    │   │   ├── DamagedFile   it is broken off, or not of the kind that its name says
    │   │   ├── OversizedFile it unpacks to more than is read
    │   │   └── PicturesOnly  its pages were scanned, and hold no text
    │   ├── InvalidQuestion a question is empty or too long
    │   └── Unfetched       a page or feed was not fetched
    │       ├── AddressRefused    its address, or one it redirects to, is not one that Quoth visits
    │       ├── Unreachable       no server is there, or it broke off
    │       ├── ServerRefused     the server answered with something else than a page
    │       ├── TooSlow           it took longer than a page may
    │       ├── TooLarge          it is larger than a page may be
    │       ├── WrongContent      it is no article page, text or feed, or is not what it says it is
    │       ├── TooElaborate      reading it took more time or memory than a page may
    │       └── RobotsRefused     the site's robots.txt asks programs to stay away
    ├── NotFound            no such article, library or file
    ├── InvalidSettings     a settings file or variable is wrong (exit code 2)
    ├── ModelUnavailable    the embedding model is missing or is not the expected one
    └── StoreError          the library file cannot be used
        ├── StoreBusy       another process holds the library
        ├── StoreDamaged    what is stored contradicts itself
        └── QuoteMismatch   a quote is not the slice it claims to be; it is never shown

Each carries what happened and, in ``hint``, what the reader can do; ``str(error)`` is both, ready to
be shown. Anything else that is raised is a defect and gets a reference instead of its text.
"""

from retrieval.messages import joined


class QuothError(Exception):
    """What happened, in one clause, and in ``hint`` what to do about it."""

    def __init__(self, happened: str, *, hint: str = "") -> None:
        super().__init__(happened)
        self.happened = happened
        self.hint = hint

    def __str__(self) -> str:
        return self.told

    @property
    def told(self) -> str:
        """What happened and what to do, as sentences."""
        return joined(" ", [ended(part) for part in (self.happened, self.hint) if part])


def ended(clause: str) -> str:
    """A clause as a sentence, with a full stop unless it ends in a mark of its own."""
    return clause if clause.endswith((".", "?", "!", "…")) else joined("", (clause, "."))


class InvalidInput(QuothError):
    """What was given cannot be used as it is."""


class UnreadableFile(InvalidInput):
    """A file is missing, empty, binary or in a format that is not read."""


class LockedFile(UnreadableFile):
    """A file needs a password or a licence to be read."""


class DamagedFile(UnreadableFile):
    """A file is broken off, or is not of the kind that its name says."""


class OversizedFile(UnreadableFile):
    """What a file is packed into is larger than is read."""


class PicturesOnly(UnreadableFile):
    """A file's pages are pictures, with no text behind them."""


class InvalidQuestion(InvalidInput):
    """A question is empty or longer than can be asked."""


class Unfetched(InvalidInput):
    """A page or feed was not fetched."""


class AddressRefused(Unfetched):
    """An address, or one that it redirects to, is not a public web address on a usual port."""


class Unreachable(Unfetched):
    """No server answered at an address, or it broke off before the page was whole."""


class ServerRefused(Unfetched):
    """A server answered with something else than a page.

    ``status`` is its HTTP status, ``retry_after`` the header of that name, if there was one.
    """

    def __init__(
        self, happened: str, *, hint: str = "", status: int | None = None, retry_after: str | None = None
    ) -> None:
        super().__init__(happened, hint=hint)
        self.status = status
        self.retry_after = retry_after


class TooSlow(Unfetched):
    """A page took longer than a page may."""


class TooLarge(Unfetched):
    """A page is larger than a page may be, as it is sent or unpacked."""


class WrongContent(Unfetched):
    """What was sent is no article page, text or feed, or is not what it says it is."""


class TooElaborate(Unfetched):
    """Reading a page took more time or memory than a page may, or ended the process that read it."""


class RobotsRefused(Unfetched):
    """The robots.txt of a site asks programs to stay away from an address."""


class NotFound(QuothError):
    """No article, library or file goes by that name."""


class InvalidSettings(QuothError):
    """A settings file or variable holds an unknown key or an absurd value."""


class ModelUnavailable(QuothError):
    """The embedding model is missing, or its weights are not the expected ones."""


class StoreError(QuothError):
    """The library file cannot be used."""


class StoreBusy(StoreError):
    """Another process is writing to the library."""


class StoreDamaged(StoreError):
    """What is stored contradicts itself."""


class QuoteMismatch(StoreError):
    """A quote differs from the slice of the stored article that it names."""
