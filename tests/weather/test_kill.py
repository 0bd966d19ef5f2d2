"""The process is killed with SIGKILL anywhere in the chain and started anew: nothing is lost, doubled or forgotten.

Ten kills in the suite, fifty in full trials (TIERWATCH_TRIALS=full), in stories of ten. Each story begins with a cold
start of the command itself; the other starts are forks of a process that has done the imports.
"""

import os
from itertools import cycle
from pathlib import Path

import pytest

from tests.weather.chain import FAULTS, chain

FULL = os.environ.get("TIERWATCH_TRIALS") == "full"
KILLS = 10


@pytest.mark.trials
@pytest.mark.story
@pytest.mark.parametrize("seed", range(5 if FULL else 1))
@pytest.mark.answers("TwiN/gatus#679")
def test_killed_anywhere_in_the_chain_it_loses_nothing_and_tells_nothing_twice(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(line: str) -> None:
        if FULL:
            with capsys.disabled():
                print(line, flush=True)

    with chain(tmp_path, seed, KILLS, said) as story:
        said(f"\nseed {seed}")
        for fault in cycle(FAULTS):
            story.round(fault)
            if story.present is None:
                break
        assert len(story.died) == KILLS
        story.timers_are_kept()
        story.nothing_is_lost()
        story.nothing_is_told_again()
        story.one_incident_for_each_fault()
