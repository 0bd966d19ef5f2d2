"""Look-ups live on what is left over: they give way to looks, and never touch what confirms a suspicion."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from monitor.changes import Changes
from monitor.clock import SettableClock
from monitor.desk import Desk
from monitor.driver import Driver
from monitor.loops.reconciling import LATER, Reconciling
from monitor.secrets import Secrets
from monitor.situation import Situation
from probes.adapters.http import Call
from probes.answer import Answer, Failure
from probes.book import Book
from probes.budget import Balance, Purpose, Quota, Window, take
from probes.catalog import ClientId, End, Flow, FlowId, SystemId
from probes.connector import Lookup
from probes.latency import paced
from probes.reconcile import ENOUGH, PERIOD, Finding, Sample, answered
from probes.tracked import BookChange, RecordState, Tracked
from tests.monitor.loops.fleet import AMPLE, GATEWAY, NOW, situation
from tests.probes.definitions import PAYMENTS, row

FLOW = FlowId("payments")
MINUTE = timedelta(minutes=1)
APART = PERIOD / ENOUGH


@dataclass
class Vendor:
    """A vendor that has some of the records that it is asked for."""

    has: set[str] = field(default_factory=set)
    status: int = 200
    asked: list[str] = field(default_factory=list)

    async def send(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        """Answer with the record, or that there is none."""
        key = call.url.rpartition("/")[2]
        self.asked.append(key)
        status = self.status if key in self.has or self.status != 200 else 404
        body = json.dumps({**row(key), "status": "paid"} if status == 200 else {}).encode()
        return Answer(status=status, headers={}, body=body, answered=now())


@dataclass
class Clerk:
    """A desk that keeps what look-ups showed, and stores nothing."""

    situation: Situation
    findings: list[tuple[str, Finding]] = field(default_factory=list)

    async def reconciled(self, flow: FlowId, key: str, now: datetime, *, found: bool) -> Finding:
        """Note what was found."""
        self.situation.samples[flow], finding = answered(self.situation.samples[flow], key, found=found, now=now)
        self.findings.append((key, finding))
        return finding


class Stage:
    """A flow whose destination can be asked for one record."""

    def __init__(self, quota: Quota = AMPLE, *names: str) -> None:
        here = situation(quota)
        catalog = here.config.catalog
        gateway = catalog.systems[GATEWAY]
        asked = replace(PAYMENTS, lookups=(Lookup(by="id", path="/v1/payments/{key}"),))
        connector = replace(gateway.connector, resources={**gateway.connector.resources, "payments": asked})
        ends = (End(system=GATEWAY, resource=name, field="id") for name in ("refunds", "payments"))
        flow = Flow(id=FLOW, source=next(ends), destination=next(ends))
        systems = {GATEWAY: replace(gateway, connector=connector)}
        here.config = replace(here.config, catalog=replace(catalog, systems=systems, flows={FLOW: flow}))
        book = Book(FLOW)
        book.pace, book.front = paced(book.pace, [MINUTE] * 2000, NOW), NOW
        here.books[FLOW] = book
        self.here, self.clock, self.vendor, self.desk = here, SettableClock(NOW), Vendor(set(names)), Clerk(here)
        self.driver = Driver(self.clock)
        self.driver.add("reconciling", self.tick)
        self.loop = Reconciling(
            cast("Desk", self.desk), self.driver, self.vendor, Secrets({}), lambda _system, _wait: None
        )

    async def tick(self, now: datetime) -> datetime | None:
        """Look records up."""
        return await self.loop.tick(now)

    def seen(self, *names: str) -> None:
        """Let the source show records of two hours ago."""
        old = NOW - timedelta(hours=2)
        kept = tuple(Tracked(name, RecordState.OPEN, old, ClientId("acme")) for name in names)
        self.loop.heard(Changes(books=(BookChange(flow=FLOW, kept=kept),)))

    async def after(self, wait: timedelta) -> datetime | None:
        """Let time pass, and everything that begins end."""
        await self.clock.set(self.clock.now() + wait)
        wake = await self.tick(self.clock.now())
        await self.driver.idle()
        return wake


async def test_records_are_looked_up_one_by_one_as_far_apart_as_the_bound_needs() -> None:
    stage = Stage(AMPLE, "a", "b")
    stage.seen("a", "b", "lost")
    assert await stage.after(timedelta()) == NOW + APART
    assert stage.vendor.asked == []
    for _ in range(3):
        await stage.after(APART)
    assert sorted(stage.desk.findings) == [("a", Finding.FOUND), ("b", Finding.FOUND), ("lost", Finding.ABSENT)]
    for _ in range(12):
        await stage.after(APART)
    assert stage.desk.findings[-1] == ("lost", Finding.MISSING)
    assert len(stage.vendor.asked) == 4


async def test_a_vendor_that_does_not_answer_well_says_nothing_of_a_record() -> None:
    stage = Stage(AMPLE, "a")
    stage.seen("a")
    await stage.after(timedelta())
    stage.vendor.status = 503
    await stage.after(APART)
    assert (stage.vendor.asked, stage.desk.findings) == (["a"], [])
    stage.vendor.status = 200
    await stage.after(APART)
    assert stage.desk.findings == [("a", Finding.FOUND)]


async def test_look_ups_give_way_while_a_look_waits_or_confirms_and_leave_the_reserve_alone() -> None:
    """What checks must not itself exceed the quota."""
    quota = Quota(windows=(Window(limit=10, period=MINUTE, burst=10),), reserve=0.5)
    stage = Stage(quota, "a", "b")
    stage.seen("a", "b")
    for sight in stage.here.sights.values():
        sight.interval = timedelta(hours=1)
    await stage.after(timedelta())
    sight = next(iter(stage.here.sights.values()))
    sight.burst = (NOW + MINUTE,)
    await stage.after(APART)
    assert stage.vendor.asked == []
    sight.burst = ()
    now, balance = stage.clock.now() + LATER, Balance()
    for _ in range(4):
        balance = take(quota, balance, Purpose.ROUTINE, 1, now).balance
    stage.here.balances[SystemId(GATEWAY)] = balance
    await stage.after(LATER)
    assert stage.vendor.asked == []
    await stage.after(5 * LATER)
    assert len(stage.vendor.asked) == 1


async def test_where_planned_looks_need_the_whole_quota_nothing_is_looked_up() -> None:
    stage = Stage(Quota(windows=(Window(limit=1, period=MINUTE, burst=2),)), "a")
    stage.seen("a")
    for _ in range(5):
        await stage.after(LATER)
    assert stage.vendor.asked == []


def test_a_flow_whose_destination_cannot_be_asked_for_one_record_is_not_sampled() -> None:
    stage = Stage(AMPLE)
    catalog = stage.here.config.catalog
    flow = catalog.flows[FLOW]
    turned = replace(flow, source=flow.destination, destination=flow.source)
    stage.here.config = replace(stage.here.config, catalog=replace(catalog, flows={FLOW: turned}))
    stage.seen("a")
    assert stage.here.samples == {}


def test_what_was_drawn_survives_a_restart_with_the_sample() -> None:
    sample, _ = answered(Sample(flow=FLOW), "a", found=True, now=NOW)
    stage = Stage(AMPLE)
    stage.here.samples[FLOW] = sample
    stage.seen("a", "b")
    assert set(stage.here.samples[FLOW].pool) == {"b"}
