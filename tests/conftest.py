"""What every test may ask for; the fixtures of one room stand in that room's own conftest."""

from pathlib import Path

import pytest
from hypothesis import settings

# Every run plays the same examples, and none fails because a machine was busy.
settings.register_profile("tierwatch", derandomize=True, deadline=None)
settings.load_profile("tierwatch")

pytest_plugins = ["pytester", "tests.real_parts", "tests.postgres"]


@pytest.fixture
def repository() -> Path:
    """Return the folder of this repository."""
    return Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies among the stories as a story: it takes too long for the quick check."""
    for item in items:
        if "stories" in item.path.parts:
            item.add_marker(pytest.mark.story)
