"""A maintenance is announced, moved twice, begins and ends, with a restart between; then payments fail and are held."""

import json
from pathlib import Path

import pytest

from alerts.foretold import PlanState
from alerts.message import Message, MessageKind, Stage
from monitor.sandbox.faults import Fault
from tests.stories.day import Day, a_day, leisurely

pytestmark = pytest.mark.story

WINDOW = """\
maintenance:
  move:
    title: The ERP moves
    text: We move the archive.
    from: "2026-03-04 {begins}"
    until: "2026-03-04 {ends}"
    systems: [erp]
    clients: [{client}]
"""
DUNNING = """\
dunning:
  webhooks_to: {desk: {url: file:url, secrets: [file:url]}}
"""
CLIENT = "calder-health"


def plan(folder: Path, begins: str, ends: str) -> None:
    text = WINDOW.format(begins=begins, ends=ends, client=CLIENT)
    (folder / "maintenance.yaml").write_text(text, encoding="utf-8")


def configure(folder: Path) -> None:
    leisurely(folder)
    tiers = folder / "tiers.yaml"
    automatic = "    notices: automatic\n"
    tiers.write_text(tiers.read_text().replace(automatic, automatic + "    maintenance: {lead: 1h}\n"))
    (folder / "url").write_text("https://billing.example.com/hooks")
    (folder / "dunning.yaml").write_text(DUNNING, encoding="utf-8")


def told(day: Day) -> list[Stage]:
    return [one.stage for one in day.told(MessageKind.NOTICE)]


def calls(day: Day) -> list[Message]:
    return day.told(MessageKind.WEBHOOK)


@pytest.mark.answers("cachethq/cachet#2580")
async def test_a_maintenance_that_is_moved_twice_is_told_each_time_and_payments_that_fail_are_held_until_recovery(
    tmp_path: Path,
) -> None:
    def first(folder: Path) -> None:
        configure(folder)
        plan(folder, "08:10", "08:20")

    async with a_day(tmp_path, configure=first) as day:
        await day.advance(seconds=5)
        assert told(day) == [Stage.SCHEDULED]
        plan(tmp_path / "configuration", "08:30", "08:40")
        assert await day.application.reload() == ()
        await day.advance(seconds=5)
        assert told(day) == [Stage.SCHEDULED, Stage.MOVED]
        world, clock = day.world, day.clock

    def second(folder: Path) -> None:
        configure(folder)
        plan(folder, "08:01", "08:02")

    async with a_day(tmp_path, clock=clock, world=world, configure=second) as day:
        await day.advance(minutes=2, seconds=5)
        assert told(day) == [Stage.MOVED, Stage.IN_PROGRESS, Stage.COMPLETED]
        assert {one.client for one in day.told(MessageKind.NOTICE)} == {CLIENT}
        assert "We move the archive." in day.told(MessageKind.NOTICE)[0].body
        (record,) = day.application.situation.foretold.values()
        assert (record.state, record.sequence) == (PlanState.OVER, 2)
        assert day.incidents == []

        day.breaks(Fault.ERP_STOPPED)
        await day.advance_until(lambda: calls(day), minutes=4)
        await day.advance(seconds=30)
        held = {json.loads(one.body)["data"]["client"] for one in calls(day)}
        assert {one.subject for one in calls(day)} == {"dunning.hold"}
        day.mends(Fault.ERP_STOPPED)
        await day.advance_until(lambda: not day.application.situation.open_incidents, minutes=6)
        await day.advance(seconds=5)
        released = {json.loads(one.body)["data"]["client"] for one in calls(day) if one.subject == "dunning.release"}
        assert held <= released
        assert all(not hold.open for hold in day.application.situation.dunning.values())
