"""Articles as JSON Lines, as they can be added again: to another library, or to another program."""

import json
from collections.abc import Iterator

from retrieval.store.protocol import Store


def lines(store: Store) -> Iterator[str]:
    """One article a line, by title, with its text as it was given; each line ends in a line feed."""
    for article in store.articles():
        text = store.text(article.id)
        if text is not None:
            known = {
                "doc_id": article.doc_id,
                "title": article.title,
                "text": text,
                "source": article.source or None,
                "author": article.author or None,
                "published": article.published,
                "published_from": article.published_from if article.published else None,
                "url": article.url,
            }
            yield json.dumps({k: v for k, v in known.items() if v is not None}, ensure_ascii=False) + "\n"
