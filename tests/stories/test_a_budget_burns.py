"""A system that fails now and then: found by what it costs of the promised availability, kept across a restart."""

import re
from pathlib import Path

import pytest

from alerts.alert import AlertState
from alerts.message import MessageKind
from monitor.sandbox.faults import Fault
from probes.catalog import SystemId
from tests.stories.day import Day, a_day

pytestmark = pytest.mark.story

BURNS = "burn_rate/billing:platinum"
LEFT = "tierwatch_error_budget_left_ratio"


def left(day: Day) -> float:
    value = day.application.instruments.registry.get_sample_value(LEFT, {"system": "billing", "tier": "platinum"})
    assert value is not None
    return value


async def test_one_answer_in_six_with_an_error_burns_the_budget_and_hurts_the_tier_that_was_promised_more(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(minutes=1)
        assert left(day) == 1
        day.breaks(Fault.ERRORS_AT_TIMES)
        await day.advance(minutes=3)
        situation = day.application.situation
        alert = situation.alerts[BURNS]
        assert alert.state is AlertState.FIRING
        assert re.fullmatch(
            r"billing failed \d+ of \d+ looks in 1 h and \d+ of \d+ in 5 min: "
            r"burns platinum's 99.9 % budget \d+ times too fast",
            alert.explanation,
        )
        catalog = situation.config.catalog
        assert {catalog.clients[client].tier for client in alert.clients} == {"platinum"}
        assert day.told(MessageKind.PAGE), "it pages"
        assert left(day) < 0
        kept = situation.indicators["budget/billing"]
        clock, world = day.clock, day.world
    async with a_day(tmp_path, clock=clock, world=world) as day:
        situation = day.application.situation
        assert situation.indicators["budget/billing"] == kept
        assert situation.alerts[BURNS].state is AlertState.FIRING
        assert left(day) < 0
        assert situation.targets[SystemId("billing")]
