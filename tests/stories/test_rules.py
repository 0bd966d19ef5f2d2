"""The rule tests that ship hold; one that does not is told with its line, what was expected and what came."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.example import write_example
from monitor.replay.rules import rule_files, tried

NOW = datetime(2026, 10, 1, tzinfo=UTC)
RULES = Path(__file__).parent.parent / "rules"


def test_the_rule_test_that_init_writes_holds(tmp_path: Path) -> None:
    write_example(tmp_path)
    assert tried(tmp_path / "rules" / "erp-down.yaml", NOW).problems == ()


@pytest.mark.answers("prometheus/alertmanager#5167", "prometheus/alertmanager#3003")
@pytest.mark.parametrize(
    "file", [file for file in rule_files(RULES) if file.stem != "dst-night"], ids=lambda file: file.stem
)
def test_a_rule_test_holds(file: Path) -> None:
    assert tried(file, NOW).problems == ()
