"""The store on each of its two databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.store import Store

PATIENCE = timedelta(milliseconds=200)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.real("postgres"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/tierwatch.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return an open store on either database, which gives up on others' locks after a moment."""
    opened = Store(url, PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of an SQLite database that does not exist yet."""
    return tmp_path / "tierwatch.db"
