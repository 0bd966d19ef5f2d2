"""The commands for who is on call, as they are typed, and what `check` finds of gaps."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import main
from tests.monitor.load.written import NOW, found, written

WEEK = "schedules: {week: {rotations: [{people: [ana, ben], handover: 'Wed 09:00', timezone: Europe/Madrid%s}]}}\n"
OFFICE = ", only: [{days: business, from: '08:00', to: '20:00'}]"


def typed(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, words)
    return done.exit_code, done.output


def test_a_schedule_without_a_gap_is_said_to_have_none(tmp_path: Path) -> None:
    folder = written(tmp_path)
    assert typed("oncall", "coverage", "--config", str(folder)) == (
        0,
        "Somebody is on call in all hours that contracts count in, for 12 months.\n",
    )


def test_each_gap_is_listed_by_the_minute_with_whom_it_concerns(tmp_path: Path) -> None:
    folder = str(written(tmp_path, schedules=WEEK % OFFICE))
    status, said = typed("oncall", "coverage", "--config", folder, "--months", "1")
    assert status == 1
    lines = [line for line in said.splitlines() if line.startswith("week: ")]
    assert 20 <= len(lines) <= 24
    assert all(line.endswith(": gold (acme)") and "UTC (" in line for line in lines)
    assert any("20:00 to " in line and ", 12h: " in line for line in lines)


@pytest.mark.parametrize(("sla", "grade"), [("{acknowledge: 15m}", "severe"), ("{}", "minor")])
def test_check_finds_a_gap_severe_where_something_is_promised(tmp_path: Path, sla: str, grade: str) -> None:
    tiers = f"tiers: {{gold: {{weight: 40, escalation: all, sla: {sla}}}}}\n"
    said = [line for line in found(tmp_path, now=NOW, tiers=tiers, schedules=WEEK % OFFICE) if "nobody on call" in line]
    assert [line.split()[0] for line in said] == [grade]
    assert "the first from 2026-03-02 19:00 to 2026-03-03 07:00 UTC" in said[0]


def test_what_cannot_be_read_as_an_instant_is_said(tmp_path: Path) -> None:
    status, said = typed("oncall", "override", "week", "--from", "tomorrow", "--to", "2026-03-04", "--person", "ana")
    assert (status, '"tomorrow" is no instant' in said) == (1, True)
    assert typed("oncall", "swap", "week", "--turn", "ana")[0] == 1
