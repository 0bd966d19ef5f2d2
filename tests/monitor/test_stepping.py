"""Escalations on a database: what is due survives a restart and a reload, and goes on to the minute."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.escalation import Step
from alerts.message import Delivery, DeliveryState
from alerts.timeline import Paged
from monitor.changes import Changes, Entry
from monitor.desk import Desk
from monitor.load import Config
from monitor.loops.recalling import Recalling
from monitor.situation import Situation
from monitor.stepping import CannotStepError, pause, take
from monitor.store import Store, StoreThread
from tests.alerts.shift import FIRST, Shift
from tests.cast import ACME, ALBA, CATALOG, CONTEXT, DIEGO, FIRST_LINE, LINKS, NOON, SECOND_LINE, after, late, roster_of
from tests.monitor.test_desk import Ears, Room

HELD = Config(catalog=CATALOG, roster=CONTEXT.roster, sources=(), secrets=())


@contextmanager
def a_room(folder: Path, config: Config = HELD) -> Iterator[Room]:
    """Open a desk on the database of a folder, as a process does that starts."""
    store = Store(f"sqlite:///{folder / 'tierwatch.db'}")
    thread = StoreThread(store)
    kept = store.load(after(hours=1))
    situation = Situation(
        config=config, started=NOON, incidents=kept.incidents, alerts=kept.alerts, next_number=kept.next_number
    )
    try:
        ears = Ears()
        yield Room(Desk(situation, store, thread, ears, LINKS), ears, store, thread)
    finally:
        thread.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A database with an incident of which alba was paged at noon, and carla is next at 12:03."""
    shift = Shift()
    shift.sees(NOON, late(ACME))
    store = Store(f"sqlite:///{tmp_path / 'tierwatch.db'}")
    known = enumerate(shift.timelines[FIRST], start=1)
    store.commit(Changes(entries=tuple(Entry(incident=FIRST, sequence=n, event=event) for n, event in known)))
    store.close()
    return tmp_path


def paged(desk: Desk) -> list[str]:
    return list(desk.situation.incidents[FIRST].paged)


@pytest.mark.answers("grafana/oncall#1206")
async def test_a_paused_escalation_goes_on_after_a_restart_when_its_pause_is_over(folder: Path) -> None:
    with a_room(folder) as room:
        desk = room.desk
        await desk.decide(pause(FIRST, "alba", after(minutes=30), "their change", after(minutes=1)))
    with a_room(folder) as room:
        desk = room.desk
        assert desk.situation.incidents[FIRST].standing.paused_until == after(minutes=30)
        await desk.escalate(after(minutes=29))
        assert paged(desk) == ["alba"]
    with a_room(folder) as room:
        desk = room.desk
        await desk.escalate(after(minutes=30))
        assert paged(desk) == ["alba", "carla"]


async def test_an_acknowledgement_for_a_while_runs_out_also_after_a_restart(folder: Path) -> None:
    with a_room(folder) as room:
        desk = room.desk
        await desk.decide(take(FIRST, "alba", after(minutes=20), after(minutes=1)))
    with a_room(folder) as room:
        desk = room.desk
        await desk.escalate(after(minutes=19))
        assert paged(desk) == ["alba"]
        await desk.escalate(after(minutes=25))
        assert paged(desk) == ["alba", "carla"]


@pytest.mark.answers("prometheus/alertmanager#2492")
async def test_a_reload_neither_begins_a_wait_anew_nor_changes_a_running_policy(folder: Path) -> None:
    other = roster_of(replace(FIRST_LINE, steps=(Step(person=DIEGO), Step(person=ALBA))), SECOND_LINE)
    with a_room(folder) as room:
        desk = room.desk
        desk.situation.config = replace(HELD, roster=other)
        await desk.escalate(after(minutes=2, seconds=59))
        assert paged(desk) == ["alba"]
        await desk.escalate(after(minutes=3))
        assert paged(desk) == ["alba", "carla"]
    with a_room(folder, replace(HELD, roster=other)) as room:
        desk = room.desk
        await desk.escalate(after(minutes=5))
        assert paged(desk) == ["alba", "carla", "boss"]


async def test_who_pauses_what_is_over_is_told_why_not_and_nothing_is_written(folder: Path) -> None:
    with a_room(folder) as room:
        desk = room.desk
        await desk.resolve(FIRST, "alba", "over", after(minutes=1))
        with pytest.raises(CannotStepError, match="INC-1 is not an open incident"):
            await desk.decide(pause(FIRST, "alba", after(minutes=30), "x", after(minutes=2)))


async def test_a_page_that_no_channel_takes_makes_the_next_step_due(folder: Path) -> None:
    with a_room(folder) as room:
        desk = room.desk
        await desk.escalate(after(minutes=3))
        (page,) = (one.message for one in room.store.messages(FIRST) if one.message.recipient == "carla")
        for number, channel in enumerate(page.channels, start=1):
            at = after(minutes=3, seconds=number)
            failed = Delivery(
                key=page.key,
                attempt=number,
                channel=channel,
                state=DeliveryState.REJECTED,
                reason="refused",
                started=at,
                ended=at,
            )
            await desk.delivered([(page, failed)])
        assert desk.situation.incidents[FIRST].next_due == after(minutes=3, seconds=2)
        await desk.escalate(after(minutes=3, seconds=2))
        assert paged(desk) == ["alba", "carla", "boss"]
        events = [one.event for one in room.store.timeline(FIRST)]
        assert sum(isinstance(one, Paged) for one in events) == 3


async def test_what_has_ended_is_recalled_from_the_store_and_as_it_ends(folder: Path) -> None:
    with a_room(folder) as room:
        desk = room.desk
        recalling = Recalling(desk.situation, room.store, room.thread)
        await recalling.tick(after(minutes=1))
        assert not desk.situation.past
        await desk.resolve(FIRST, "alba", "over", after(minutes=9))
        await recalling.tick(after(minutes=10))
        (past,) = desk.situation.past
        assert (past.kind, past.seen) == ("sync_latency", False)
    with a_room(folder) as room:
        desk = room.desk
        desk.situation.incidents.clear()
        recalling = Recalling(desk.situation, room.store, room.thread)
        await recalling.tick(after(minutes=11))
        assert desk.situation.past == (past,)
