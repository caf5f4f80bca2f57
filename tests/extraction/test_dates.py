"""The day of publication, where a text names that of its last change beside it."""

import pytest

from retrieval.extraction.dates import first_published


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Last updated: 3 June 2024. First published: 1 May 2024", "1 May 2024"),
        ("Published on Wednesday, May 1st, 2024 – last modified on 2024-06-03", "May 1st, 2024"),
        ("Published 1 May 2024", None),
        ("Updated 3 June 2024", None),
        ("Updated 3 June 2024 The book was published to great acclaim in 2019", None),
        ("The report was first published on 1 May 2019. " + "It is long. " * 9 + "Last updated: 3 June 2024", None),
        ("updated " * 20_000 + "published " * 20_000, None),
    ],
)
def test_the_first_day_is_found_only_beside_the_last(text: str, expected: str | None) -> None:
    """What was published elsewhere in the text may be another thing."""
    assert first_published(text) == expected
