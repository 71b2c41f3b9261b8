"""A flood over HTTP costs bounded memory, and what is known goes on to count.

`python -m tests.bench.flood` sends a million.
"""

from pathlib import Path

import pytest

from bot.flows.recognise import MOST_NEW
from tests.bench.flood import flood
from tests.promises import Figures

MOST_MB = 400


@pytest.mark.promise(row="R15")
def test_beside_a_flood_of_distinct_errors_a_known_one_is_counted_exactly(
    tmp_path: Path, figures: Figures
) -> None:
    found = flood(tmp_path, events=MOST_NEW + 500, services=1)
    figures(
        f"{found.events:,} distinct errors: {found.memory:,.0f} MB at the most, "
        f"{found.signatures:,} signatures; {found.known_counted} of {found.known} known counted"
    )
    assert found.known_counted == found.known
    assert found.signatures <= MOST_NEW + 2, "those of the flood, their rest and the known one"
    assert found.memory < MOST_MB
