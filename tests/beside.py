"""How the tests are shared among workers that run beside each other, and in which order; not what a test is.

The longest come first, so that all workers end at about the same time. A file is played by one worker, for its tests
may share what was built for them; those that build everything themselves are given out one by one, and files that look
at the same played minutes go to one worker, which plays them once.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped] # it ships none

LONGEST = (
    "tests/real/test_browser_story.py",
    "tests/real/test_prometheus.py",
    "tests/real/test_dashboard.py",
    "tests/real/test_traces.py",
    "tests/weather/test_reported.py",
    "tests/stories/test_the_main_job.py::test_each_fault",
    "tests/weather/test_running.py",
    "tests/weather/test_storm.py",
    "tests/weather/test_unwritable.py",
    "tests/weather/test_clock.py",
    "tests/stories",
    "tests/weather",
    "tests/real",
    "tests/monitor/telemetry",
    "tests/monitor",
    "tests/connectors",
)
"""The beginnings of names in the order in which they are begun, as they were measured; all others follow."""

PLAYED_ONCE = ("tests/real/test_prometheus.py", "tests/real/test_dashboard.py", "tests/real/test_traces.py")
ONE_BY_ONE = ("tests/stories/", "tests/weather/")
SHARING = ("tests/stories/test_replay.py", "tests/weather/test_reported.py", "tests/weather/test_running.py")
"""Files in the folders above whose tests share a process."""


def place(name: str) -> int:
    """Return where in the order a test of this name stands; those with one number keep the order of their files."""
    return next((number for number, beginning in enumerate(LONGEST) if name.startswith(beginning)), len(LONGEST))


def together(name: str) -> str:
    """Return the name of what one worker plays as a whole: the test itself, its file, or several files."""
    file = name.partition("::")[0]
    if file in PLAYED_ONCE:
        return PLAYED_ONCE[0]
    return name if file.startswith(ONE_BY_ONE) and file not in SHARING else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Any:  # noqa: ANN401 - xdist has no types
    """Return what shares the tests where they are shared by file, None to leave it as it was asked for."""
    if config.getvalue("dist") != "loadfile":
        return None
    # Otherwise it would begin with the files of the most tests, which are the quickest.
    config.option.loadscopereorder = False
    sharing = LoadFileScheduling(config, log)
    sharing._split_scope = together
    return sharing


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: place(item.nodeid))
