"""The intake on a real store: durable before the answer, in one transaction for all that wait, and found again."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from alerts.alert import AlertState
from alerts.intake import Intake, OnTimeout
from alerts.reported import Reported
from monitor.desk import Desk
from monitor.intake import FOLDED, LONGEST_REST, AlertIntake
from monitor.load import Config
from monitor.secrets import Secrets
from monitor.situation import Situation
from monitor.store import Store, StoreThread, StoreUnwritable
from monitor.store.intake import Body
from tests.cast import CATALOG, CONTEXT, LINKS, MINUTE, NOON, SECOND, after
from tests.monitor.test_desk import Ears


class Counting(Store):
    """A store that counts how often something was entered, and takes nothing while it is full."""

    entered = 0
    full = False

    def enter(self, bodies: list[Body]) -> None:  # type: ignore[override]
        """Enter bodies, or refuse to."""
        if self.full:
            raise StoreUnwritable("the disk is full")
        self.entered += 1
        super().enter(bodies)


class Life:
    """One life of a process: what was stored before it is all that it knows."""

    def __init__(self, path: Path, now: datetime, intake: Intake, alive: datetime | None) -> None:
        self.store = Counting(f"sqlite:///{path}")
        self.thread = StoreThread(self.store)
        config = Config(catalog=CATALOG, roster=CONTEXT.roster, sources=(), secrets=(), intake=intake)
        found = self.store.load(now)
        self.situation = Situation(
            config=config,
            started=now,
            alive=alive,
            alerts=found.alerts,
            incidents=found.incidents,
            next_number=found.next_number,
        )
        self.ears = Ears()
        self.desk = Desk(self.situation, self.store, self.thread, self.ears, LINKS)
        self.intake = AlertIntake(self.desk, self.store, self.thread, Secrets({}))
        self.intake.begin(now)

    @property
    def reports(self) -> list[Reported]:
        """What is known of others' alerts."""
        return list(self.situation.reports)

    async def take(self, at: datetime, *clients: str, ends: datetime | None = None) -> None:
        """Take alerts of clients in."""
        assert await self.intake.take(body(*clients, ends=ends), at) is None


def body(*clients: str, ends: datetime | None = None) -> bytes:
    end = {} if ends is None else {"endsAt": ends.isoformat()}
    return json.dumps([{"labels": {"alertname": "SyncLag", "client": one}, **end} for one in clients]).encode()


@contextmanager
def life(
    folder: Path, now: datetime = NOON, intake: Intake | None = None, alive: datetime | None = None
) -> Iterator[Life]:
    one = Life(folder / "tierwatch.db", now, intake or Intake(), alive)
    try:
        yield one
    finally:
        one.thread.close()


@pytest.mark.answers("prometheus/alertmanager#2370", "prometheus/alertmanager#889")
async def test_what_was_answered_is_known_after_a_start_although_nothing_was_judged(tmp_path: Path) -> None:
    with life(tmp_path) as first:
        await first.take(NOON, "acme", "boreal")
        await first.take(after(seconds=10), "acme")
    with life(tmp_path, after(seconds=20)) as second:
        known = {dict(one.labels)["client"]: one for one in second.reports}
        assert known["acme"].updated == after(seconds=10)
        assert known["boreal"].starts == NOON
        await second.intake.tick(after(seconds=20))
        assert {one.state for one in second.situation.alerts.values()} == {AlertState.FIRING}


async def test_what_was_judged_before_a_start_is_not_told_again_after_it(tmp_path: Path) -> None:
    with life(tmp_path) as first:
        await first.take(NOON, "acme")
        await first.intake.tick(NOON)
        told = first.ears.stored_times
    assert told == 1
    with life(tmp_path, after(seconds=20)) as second:
        await second.intake.tick(after(seconds=20))
        assert second.ears.stored_times == 0
        (incident,) = second.situation.incidents.values()
        assert incident.pages == 1


async def test_bodies_that_come_together_share_a_transaction(tmp_path: Path) -> None:
    with life(tmp_path) as one:
        await asyncio.gather(*(one.take(NOON, f"c{number}") for number in range(20)))
        assert len(one.reports) == 20
        assert one.store.entered <= 3


async def test_what_the_store_refuses_is_not_taken(tmp_path: Path) -> None:
    with life(tmp_path) as one:
        one.store.full = True
        with pytest.raises(StoreUnwritable):
            await one.take(NOON, "acme")
        assert one.reports == []
        one.store.full = False
        await one.take(NOON, "acme")
        assert len(one.reports) == 1


async def test_the_journal_is_folded_into_the_table_and_both_come_to_the_same(tmp_path: Path) -> None:
    with life(tmp_path) as one:
        for minute in range(4):
            await one.take(after(minutes=minute), "acme", f"c{minute}")
            await one.intake.tick(after(minutes=minute))
        await one.take(after(minutes=4), "acme")
        kept = one.store.reported()
        assert len(kept.bodies) == 1
        assert {dict(alert.labels)["client"] for alert in kept.alerts} == {"acme", "c0", "c1", "c2", "c3"}
        before = sorted((alert.labels, alert.starts, alert.ends, alert.updated) for alert in one.reports)
    with life(tmp_path, after(minutes=4)) as again:
        assert sorted((alert.labels, alert.starts, alert.ends, alert.updated) for alert in again.reports) == before


async def test_an_alert_that_is_over_is_forgotten_after_a_while(tmp_path: Path) -> None:
    with life(tmp_path) as one:
        await one.take(NOON, "acme")
        await one.intake.tick(NOON)
        await one.take(after(minutes=1), "acme", ends=after(minutes=1))
        await one.intake.tick(after(minutes=1))
        assert [alert.state for alert in one.situation.alerts.values()] == [AlertState.RESOLVED]
        await one.intake.tick(after(minutes=1) + 20 * MINUTE)
        assert one.reports == []
        assert one.store.reported().alerts == ()


async def test_our_own_absence_ends_nothing(tmp_path: Path) -> None:
    with life(tmp_path) as first:
        await first.take(NOON, "acme", ends=after(minutes=4))
        await first.take(NOON, "boreal")
        await first.intake.tick(NOON)
    with life(tmp_path, after(hours=1), alive=after(minutes=1)) as second:
        await second.intake.tick(after(hours=1))
        assert {one.state for one in second.situation.alerts.values()} == {AlertState.FIRING}
        await second.intake.tick(after(hours=1) + 6 * MINUTE)
        assert {one.state for one in second.situation.alerts.values()} == {AlertState.RESOLVED}


async def test_with_keep_an_alert_that_nobody_sends_again_goes_on_over_a_start(tmp_path: Path) -> None:
    keep = Intake(on_timeout=OnTimeout.KEEP)
    with life(tmp_path, intake=keep) as first:
        await first.take(NOON, "acme")
        await first.intake.tick(NOON)
        await first.intake.tick(after(hours=1))
    with life(tmp_path, after(hours=2), keep) as second:
        await second.intake.tick(after(hours=2))
        assert [one.state for one in second.situation.alerts.values()] == [AlertState.FIRING]


async def test_a_tick_asks_for_the_next_when_an_alert_would_end(tmp_path: Path) -> None:
    with life(tmp_path, intake=replace(Intake(), resolve_timeout=20 * SECOND)) as one:
        await one.take(NOON, "acme")
        assert await one.intake.tick(NOON) == after(seconds=20) < NOON + FOLDED


async def test_judging_rests_after_a_pass_so_that_who_reports_meanwhile_is_answered(tmp_path: Path) -> None:
    with life(tmp_path) as one:
        calls: list[datetime | None] = []
        one.intake.wake, one.intake.expect = lambda: calls.append(None), calls.append
        await one.take(NOON, "acme")
        assert calls == [None]
        await one.intake.tick(NOON)
        await one.take(NOON, "boreal")
        await one.take(NOON, "cobalt")
        (_, rested) = calls
        assert rested is not None
        assert NOON < rested <= NOON + LONGEST_REST * SECOND
        await one.intake.tick(rested)
        assert len(one.situation.alerts) == 3
