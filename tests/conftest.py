"""What every test may ask for; the fixtures of one room stand in that room's own conftest."""

import gc
import logging
import os
import shutil
import tempfile
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from monitor.serve import COLLECTIONS
from tests.examples import QUICK

MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # noqa: S108 - it is the system's own, and asked for its room

# Thousands of databases are made and thrown away. What is durable is shown by kills, which memory outlives: where there
# is room, no test waits for a disk.
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None

# Every run plays the same examples, and none fails because a machine was busy; the quick check plays the first of them.
settings.register_profile("tierwatch", derandomize=True, deadline=None)
settings.register_profile("quick", settings.get_profile("tierwatch"), max_examples=QUICK)
settings.load_profile("tierwatch")

# Errors only, as plain lines: the default form draws every traceback with all its locals, which takes seconds.
structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
    wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
)

pytest_plugins = ["pytester", "tests.beside", "tests.real_parts", "tests.postgres"]


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the folder of this repository."""
    return Path(__file__).resolve().parent.parent


BY_PLACE = {
    "tests/stories": pytest.mark.story,
    "tests/alerts/channels": pytest.mark.integration,
    "tests/alerts/test_burn.py": pytest.mark.integration,
    "tests/connectors": pytest.mark.integration,
    "tests/monitor/sandbox": pytest.mark.integration,
    "tests/monitor/store": pytest.mark.integration,
    "tests/monitor/test_desk.py": pytest.mark.integration,
    "tests/monitor/test_connecting.py": pytest.mark.integration,
    "tests/monitor/test_outbox.py": pytest.mark.integration,
    "tests/monitor/test_reconciliation.py": pytest.mark.integration,
    "tests/monitor/telemetry/test_metrics.py": pytest.mark.story,
    "tests/test_metrics_table.py": pytest.mark.story,
    "tests/monitor/web/test_many_clients.py": pytest.mark.integration,
    "tests/probes/test_authentic.py": pytest.mark.integration,
    "tests/test_real_parts.py": pytest.mark.integration,
    "tests/weather": pytest.mark.integration,
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave alone what the marks that are asked for leave out as a whole: to read it takes seconds, in every worker."""
    asked = str(config.option.markexpr).split(" and ")
    if not all(one.startswith("not ") for one in asked):
        return None
    left_out = {one.removeprefix("not ") for one in asked}
    place = os.path.relpath(collection_path, config.rootpath)
    return any(place.startswith(folder) and mark.name in left_out for folder, mark in BY_PLACE.items()) or None


def pytest_collection_finish() -> None:
    """Collect garbage as the product does: thousands of collected tests need not be gone through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes too long for the quick check by where it lies."""
    for item in items:
        place = item.nodeid.partition("::")[0]
        for mark in (mark for folder, mark in BY_PLACE.items() if place.startswith(folder)):
            item.add_marker(mark)
