"""The world behind the vendors: what follows from the seed, the clock and the faults."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sandbox.clients import COMPANIES
from monitor.sandbox.faults import Fault
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.world import KEEP, Entry, World
from tests.monitor.sandbox.settable import START, Settable

MINUTE = timedelta(minutes=1)


def latencies(world: World, since: datetime) -> list[timedelta]:
    return [entry.created - entry.invoice.created for entry in world.entries().since(since)]


def everything(world: World) -> tuple[list[list[Order]], list[Entry]]:
    return [list(world.orders(kind).since(None)) for kind in Kind], list(world.entries().since(None))


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.integers(min_value=1, max_value=60_000), max_size=30))
def test_what_there_is_does_not_depend_on_how_often_somebody_looked(steps: list[int]) -> None:
    often, once = Settable(), Settable()
    watched, unwatched = (World(now=clock.now, started=START) for clock in (often, once))
    for world in (watched, unwatched):
        world.faults.plan(Fault.ERP_STOPPED, START + 0.2 * MINUTE, MINUTE)
        world.faults.plan(Fault.ERP_SLOW, START + 2 * MINUTE, MINUTE)
        world.faults.plan(Fault.GATEWAY_DECLINES, START + 3 * MINUTE, MINUTE)
    for milliseconds in steps:
        often.advance(milliseconds=milliseconds)
        once.advance(milliseconds=milliseconds)
        watched.entries()
    assert everything(watched) == everything(unwatched)


def test_another_seed_is_another_world(clock: Settable) -> None:
    one, other = (World(now=clock.now, started=START, seed=seed) for seed in (1, 2))
    assert not {order.id for order in everything(one)[0][0]} & {order.id for order in everything(other)[0][0]}


def test_each_client_creates_an_invoice_every_five_seconds_or_so(world: World, clock: Settable) -> None:
    clock.advance(minutes=5)
    for company in COMPANIES:
        made = [order.created for order in world.orders(Kind.INVOICE).since(START) if order.client is company]
        gaps = [later - earlier for earlier, later in pairwise(made)]
        assert 58 <= len(made) <= 62
        assert timedelta(seconds=4) < min(gaps) <= max(gaps) < timedelta(seconds=6)


def test_in_good_times_the_sync_takes_one_to_four_seconds(world: World, clock: Settable) -> None:
    clock.advance(minutes=10)
    taken = latencies(world, START - 4 * MINUTE)
    assert len(taken) > 3_000
    assert timedelta(seconds=1) < min(taken) < timedelta(seconds=1.5)
    assert timedelta(seconds=3) < max(taken) < timedelta(seconds=4)


def test_in_good_times_about_one_payment_of_two_hundred_is_declined(world: World, clock: Settable) -> None:
    clock.advance(minutes=45)
    payments = world.orders(Kind.PAYMENT).since(None)
    assert 0.004 < sum(payment.failed for payment in payments) / len(payments) < 0.006


def test_in_good_times_no_client_has_two_payments_declined_within_ten_minutes(world: World, clock: Settable) -> None:
    clock.advance(minutes=45)
    declined = [payment for payment in world.orders(Kind.PAYMENT).since(None) if payment.failed]
    for company in COMPANIES:
        when = [payment.created for payment in declined if payment.client is company]
        assert all(later - earlier > 10 * MINUTE for earlier, later in pairwise(when))


def test_a_stopped_erp_takes_nothing_until_it_goes_on(world: World, clock: Settable) -> None:
    world.switch(Fault.ERP_STOPPED)
    clock.advance(minutes=3)
    assert not world.entries().since(START)
    assert world.waiting() == pytest.approx(3 * 60 * len(COMPANIES) / 5, rel=0.05)


def test_after_a_stop_the_backlog_drains_oldest_first_at_twenty_a_second(world: World, clock: Settable) -> None:
    world.switch(Fault.ERP_STOPPED)
    clock.advance(minutes=3)
    backlog = world.waiting()
    end = clock.now()
    world.switch(Fault.ERP_STOPPED)
    clock.advance(minutes=3)
    drained = world.entries().since(end)
    assert [entry.invoice.created for entry in drained] == sorted(entry.invoice.created for entry in drained)
    assert drained[0].created == end
    assert drained[backlog - 1].created - end == (backlog - 1) * timedelta(seconds=1) / 20
    assert latencies(world, clock.now() - MINUTE)[-1] < timedelta(seconds=4)


def test_no_invoice_is_lost_or_doubled_by_a_stop(world: World, clock: Settable) -> None:
    world.switch(Fault.ERP_STOPPED)
    clock.advance(minutes=3)
    world.switch(Fault.ERP_STOPPED)
    clock.advance(minutes=5)
    made = [order.id for order in world.orders(Kind.INVOICE).since(None) if order.created < clock.now() - MINUTE]
    arrived = [entry.invoice.id for entry in world.entries().since(None)]
    assert arrived[: len(made)] == made


def test_a_slow_erp_takes_invoices_forty_seconds_late(world: World, clock: Settable) -> None:
    world.switch(Fault.ERP_SLOW)
    clock.advance(minutes=3)
    late = latencies(world, START + 2 * MINUTE)
    assert timedelta(seconds=40) == min(late) <= max(late) < timedelta(seconds=40.1)


def test_a_slow_erp_catches_up_when_it_is_quick_again(world: World, clock: Settable) -> None:
    world.switch(Fault.ERP_SLOW)
    clock.advance(minutes=2)
    world.switch(Fault.ERP_SLOW)
    clock.advance(minutes=1)
    assert max(latencies(world, clock.now() - 0.5 * MINUTE)) < timedelta(seconds=4)


def test_a_declining_gateway_declines_exactly_what_comes_while_it_does(world: World, clock: Settable) -> None:
    clock.advance(minutes=1)
    on = clock.now()
    world.switch(Fault.GATEWAY_DECLINES)
    clock.advance(minutes=1)
    off = clock.now()
    world.switch(Fault.GATEWAY_DECLINES)
    clock.advance(minutes=1)
    payments = world.orders(Kind.PAYMENT).since(START)
    during = [payment for payment in payments if on < payment.created <= off]
    around = [payment for payment in payments if not on < payment.created <= off]
    assert len(during) > 250
    assert all(payment.failed for payment in during)
    assert sum(payment.failed for payment in around) < 0.02 * len(around)


def test_a_planned_fault_comes_and_goes_by_itself(world: World, clock: Settable) -> None:
    world.faults.plan(Fault.ERP_STOPPED, START + timedelta(seconds=45), timedelta(seconds=180))
    was = []
    for _ in range(24):
        was.append(world.on(Fault.ERP_STOPPED))
        clock.advance(seconds=10)
    assert was == [False] * 5 + [True] * 18 + [False]


def test_a_planned_fault_can_be_ended_early(world: World, clock: Settable) -> None:
    world.faults.plan(Fault.ERP_STOPPED, START, timedelta(minutes=3))
    clock.advance(minutes=1)
    assert world.switch(Fault.ERP_STOPPED) is False
    clock.advance(minutes=1)
    assert not world.on(Fault.ERP_STOPPED)
    assert world.entries().since(START + MINUTE)


def test_a_fault_pressed_twice_remembers_when_it_was_on(world: World, clock: Settable) -> None:
    for _ in range(4):
        world.switch(Fault.CREDENTIAL_REVOKED)
        clock.advance(seconds=10)
    spells = world.faults.spells(Fault.CREDENTIAL_REVOKED)
    assert [(spell.start - START, spell.end and spell.end - START) for spell in spells] == [
        (timedelta(seconds=0), timedelta(seconds=10)),
        (timedelta(seconds=20), timedelta(seconds=30)),
    ]


def test_the_world_keeps_the_last_hour_only_however_long_it_runs(world: World, clock: Settable) -> None:
    world.switch(Fault.ERP_STOPPED)
    an_hour = len(COMPANIES) * KEEP / timedelta(seconds=5)
    for _ in range(5):
        clock.advance(minutes=50)
        sizes = [len(world.orders(kind)) for kind in Kind]
        assert max(*sizes, world.waiting()) <= an_hour + 1
    assert world.orders(Kind.INVOICE).since(None)[0].created >= clock.now() - KEEP


def test_a_leap_of_a_month_costs_no_more_than_an_hour_of_records(world: World, clock: Settable) -> None:
    clock.advance(days=30)
    assert len(world.orders(Kind.INVOICE)) == pytest.approx(len(COMPANIES) * 720, abs=2)
    assert latencies(world, clock.now() - MINUTE)[-1] < timedelta(seconds=4)


def test_a_clock_that_is_set_back_brings_nothing_twice(world: World, clock: Settable) -> None:
    clock.advance(minutes=1)
    before = len(world.orders(Kind.INVOICE))
    clock.advance(seconds=-30)
    assert len(world.orders(Kind.INVOICE)) == before
    clock.advance(seconds=60)
    ids = [order.id for order in world.orders(Kind.INVOICE).since(None)]
    assert len(ids) == len(set(ids)) > before
