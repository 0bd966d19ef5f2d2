"""The rooms keep the house's rules; and each rule, shown a tree with one violation in it, finds it."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from textwrap import dedent

import pytest

from tests import architecture
from tests.architecture import Modules, read_modules

Rule = Callable[[Modules], Iterator[str]]

RULES: dict[str, Rule] = {
    "flat files of the lower rooms are pure": architecture.impure,
    "rooms import downwards only": architecture.upward,
    "nothing imports in a circle": architecture.circles,
    "imports stand at the top": architecture.late_imports,
    "clocks are read and tasks started in one place": architecture.out_of_place,
    "functions are short": architecture.long_functions,
    "names say something": architecture.empty_names,
}

SOUND_TREE = {
    "probes/__init__.py": "",
    "probes/catalog.py": "from collections.abc import Mapping\nfrom datetime import datetime\nimport urllib.parse",
    "probes/adapters/__init__.py": "",
    "probes/adapters/http.py": "import httpx\nfrom probes import catalog",
    "alerts/__init__.py": "",
    "alerts/rule.py": "from http import HTTPStatus\nfrom probes.catalog import Mapping\nfrom alerts import oncall",
    "alerts/oncall.py": "import whenever",
    "runbooks/__init__.py": "",
    "monitor/__init__.py": "",
    "monitor/clock.py": "from time import monotonic\nfrom datetime import UTC, datetime\nnow = datetime.now(UTC)",
    "monitor/driver.py": "import asyncio\nstart = asyncio.create_task",
    "monitor/app.py": "import os\nfrom monitor import clock\nfrom alerts import rule\nnow = clock.now()",
}

VIOLATIONS = [
    (architecture.impure, "probes/plan.py", "import os", "probes/plan.py:1: * may not import os"),
    (architecture.impure, "probes/plan.py", "from pathlib import Path", "* may not import pathlib.Path"),
    (architecture.impure, "probes/plan.py", "import random", "* may not import random"),
    (architecture.impure, "alerts/report.py", "import logging", "alerts/report.py:1: a flat file of alerts/ is pure *"),
    (architecture.impure, "alerts/report.py", "from urllib.request import urlopen", "* import urllib.request.urlopen"),
    (architecture.impure, "alerts/report.py", "import http.client", "* may not import http.client"),
    (architecture.impure, "alerts/report.py", "from probes.adapters import http", "* import probes.adapters.http"),
    (architecture.impure, "alerts/report.py", "from probes.adapters.http import ask", "* probes.adapters.http.ask"),
    (
        architecture.impure,
        "runbooks/runbook.py",
        "import re\ntext = open('x')",
        "runbooks/runbook.py:2: * may not call open",
    ),
    (architecture.upward, "probes/plan.py", "from alerts import rule", "* probes/ stands below alerts/ *"),
    (architecture.upward, "probes/adapters/mail.py", "import monitor.clock", "probes/adapters/mail.py:1: *"),
    (architecture.upward, "runbooks/steps/__init__.py", "from monitor.app import now", "* below monitor/ *"),
    (architecture.upward, "monitor/demo.py", "from tests.conftest import repository", "* below tests/ *"),
    (
        architecture.circles,
        "probes/catalog.py",
        "from probes.adapters.http import ask",
        "* in a circle: *probes.catalog*",
    ),
    (architecture.circles, "alerts/oncall.py", "from alerts import rule", "* in a circle: *alerts.oncall*"),
    (architecture.late_imports, "monitor/demo.py", "def run():\n    import json", "monitor/demo.py:2: *"),
    (
        architecture.late_imports,
        "monitor/demo.py",
        "class A:\n  async def run(self):\n    from re import match",
        "*:3: *",
    ),
    (
        architecture.out_of_place,
        "monitor/app.py",
        "from datetime import datetime as d\nd.now()",
        "*:2: datetime.datetime.now *",
    ),
    (architecture.out_of_place, "monitor/app.py", "import datetime\ndatetime.date.today()", "* datetime.date.today *"),
    (
        architecture.out_of_place,
        "monitor/app.py",
        "from time import monotonic as m\nm()",
        "* time.monotonic belongs in *",
    ),
    (
        architecture.out_of_place,
        "monitor/clock.py",
        "import asyncio\nasyncio.create_task",
        "* in monitor/driver.py only",
    ),
    (architecture.out_of_place, "monitor/app.py", "def run(group): group.create_task", "* in monitor/driver.py only"),
    (
        architecture.out_of_place,
        "monitor/app.py",
        "import asyncio\nrun = asyncio.TaskGroup",
        "* in monitor/driver.py only",
    ),
    (architecture.long_functions, "probes/plan.py", "def plan():" + "\n    x = 1" * 50, "*:1: plan has 51 lines, *"),
    (architecture.empty_names, "monitor/utils.py", "", "monitor/utils.py:1: *"),
    (architecture.empty_names, "monitor/web/helpers.py", "", "monitor/web/helpers.py:1: *"),
    (architecture.empty_names, "alerts/alert.py", "class AlertManager: ...", "alerts/alert.py:1: *AlertManager*"),
]


@pytest.fixture(scope="module")
def rooms(repository: Path) -> Modules:
    """Return all modules of the rooms, read once for all rules."""
    return read_modules(repository)


@pytest.fixture
def sound_tree(tmp_path: Path) -> Path:
    """Return the root of four small rooms that keep every rule."""
    for path, text in SOUND_TREE.items():
        plant(tmp_path, path, text)
    return tmp_path


def plant(root: Path, path: str, text: str) -> None:
    """Write a file below `root`, with the folders on its way."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(dedent(text) + "\n")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_rooms_keep_the_rule(rule: Rule, rooms: Modules) -> None:
    assert list(rule(rooms)) == []


def test_no_file_is_too_long(repository: Path) -> None:
    assert list(architecture.long_files(repository)) == []


def test_every_room_is_read(rooms: Modules) -> None:
    assert {module.room for module in rooms.values()} == set(architecture.ROOMS)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_sound_tree_gives_no_complaint(rule: Rule, sound_tree: Path) -> None:
    assert list(rule(read_modules(sound_tree))) == []


@pytest.mark.parametrize(("rule", "path", "text", "complaint"), VIOLATIONS)
def test_a_planted_violation_is_found(rule: Rule, path: str, text: str, complaint: str, sound_tree: Path) -> None:
    plant(sound_tree, path, text)
    (found,) = rule(read_modules(sound_tree))
    assert fnmatch(found, complaint), found


def test_a_planted_long_file_is_found(sound_tree: Path) -> None:
    plant(sound_tree, "monitor/web/static/page.css", "\n" * 350)
    assert list(architecture.long_files(sound_tree)) == ["monitor/web/static/page.css:1: 351 lines, more than 350"]
