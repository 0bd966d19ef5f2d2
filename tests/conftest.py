"""What every test may ask for; the fixtures of one room stand in that room's own conftest."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester", "tests.real_parts", "tests.postgres"]


@pytest.fixture
def repository() -> Path:
    """Return the folder of this repository."""
    return Path(__file__).resolve().parent.parent
