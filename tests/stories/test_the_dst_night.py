"""A vendor outage over the night on which the clocks are put back, as its replay tells it, line by line.

After a change that is meant, write the transcript anew with
`tierwatch replay --config tests/rules/company tests/rules/dst-night.yaml > tests/rules/dst-night.txt` and read it.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.replay.rules import tried
from monitor.replay.transcript import kind_of, transcript
from monitor.secrets import Secrets

NOW = datetime(2026, 10, 1, tzinfo=UTC)
RULES = Path(__file__).parent.parent / "rules"


@pytest.mark.answers("prometheus/alertmanager#3889", "prometheus/alertmanager#3891")
def test_the_outage_of_the_dst_night_is_told_as_it_is_written() -> None:
    verdict = tried(RULES / "dst-night.yaml", NOW)
    assert verdict.problems == ()
    assert verdict.played is not None
    told = list(transcript(verdict.played, kind_of(Secrets({}))))
    assert told == (RULES / "dst-night.txt").read_text(encoding="utf-8").splitlines()
