"""How people name an article: by its id, its doc_id, its address or its title."""

from retrieval.errors import NotFound
from retrieval.loaders.documents import web_address
from retrieval.messages import say
from retrieval.records import Article
from retrieval.store.protocol import Store
from retrieval.web.addresses import canonical

_SHORTEST_PREFIX = 4  # of an id; fewer characters are a guess


def find(reference: str, store: Store) -> Article:
    """The one article that goes by the reference; raises NotFound where there is none, or several."""
    if exact := store.article(reference):
        return exact
    wanted = reference.strip().casefold()
    address = canonical(reference.strip()) if web_address(reference) else None
    everything = store.articles()
    for matches in (
        [a for a in everything if reference in (a.doc_id, a.url) or (a.url and a.url == address)],
        [a for a in everything if a.title.casefold() == wanted],
        [a for a in everything if len(wanted) >= _SHORTEST_PREFIX and a.id.startswith(wanted)],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            happened = say("{number} articles go by {name}", number=len(matches), name=repr(reference))
            raise NotFound(happened, hint=say("Name one by its id, as listed"))
    happened = say("no article goes by {name}", name=repr(reference))
    raise NotFound(happened, hint=say("See the ids and titles with: quoth list"))
