"""A site to fetch from."""

from collections.abc import Iterator

import pytest

from tests.sites import PAGE, Reply, Site, served


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        site.pages["/"] = Reply(PAGE)
        yield site
