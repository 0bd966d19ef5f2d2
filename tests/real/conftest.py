"""What the tests among real parts share."""

from collections.abc import Iterator

import pytest

from tests.real.watched import Watched, watched


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Return a Tierwatch that went through faults while Prometheus scraped it; played once, as it takes a minute."""
    with watched(tmp_path_factory.mktemp("watched")) as result:
        yield result
