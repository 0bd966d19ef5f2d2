"""Looks in maintenance are looks like any other, and count for no promise."""

from datetime import datetime

import pytest

from alerts.alert import AlertKind, AlertState
from alerts.burn import budgets
from alerts.maintenance import Party, Scope, Window, WindowId
from probes.burn import targets_of
from probes.catalog import ClientId, SystemId
from probes.failure import FailureClass
from tests.alerts.watch import Watch
from tests.cast import ACME, BILLING, HOUR, MINUTE, NOON, PLATINUM, after

DOWN = AlertKind.AVAILABILITY


def window(
    begin: datetime,
    end: datetime,
    systems: tuple[SystemId, ...] = (BILLING,),
    clients: tuple[ClientId, ...] = (),
    *,
    excluded: bool = True,
) -> Window:
    """Return a window of maintenance."""
    return Window(
        id=WindowId("upgrade"),
        title="Billing is upgraded",
        party=Party.VENDOR,
        scope=Scope(systems=frozenset(systems), clients=frozenset(clients)),
        zone="UTC",
        starts=begin,
        ends=end,
        excluded=excluded,
    )


def looked(watch: Watch, begin: datetime, minutes: int, *, fails: bool) -> None:
    """Look every minute."""
    for minute in range(minutes):
        watch.looks(BILLING, begin + minute * MINUTE, failure=FailureClass.SERVER if fails else None)


def left(watch: Watch, now: datetime) -> tuple[tuple[int, int], float | None]:
    """Return the looks that count for platinum's target, and what is left of its budget."""
    (one,) = (
        one
        for one in budgets(targets_of(watch.catalog)[BILLING], watch.indicators, now)
        if one.target.tier == PLATINUM.id
    )
    return one.looks, one.left


@pytest.mark.answers("checkly/public-roadmap#58", "louislam/uptime-kuma#5590")
def test_looks_in_a_window_use_no_error_budget_and_are_listed_with_their_cause() -> None:
    watch = Watch(windows=(window(after(hours=1), after(hours=2)),))
    looked(watch, NOON, 60, fails=False)
    looked(watch, after(hours=1), 60, fails=True)
    looked(watch, after(hours=2), 60, fails=False)
    assert left(watch, after(hours=3)) == ((120, 0), 1.0)
    (one,) = watch.exclusions.values()
    assert (one.system, one.title, one.party, one.good, one.bad) == (BILLING, "Billing is upgraded", "vendor", 0, 60)
    assert (one.begins, one.ends) == (after(hours=1), after(hours=2))


def test_an_outage_that_outlasts_its_window_counts_from_the_windows_end() -> None:
    watch = Watch(windows=(window(NOON, after(hours=1)),))
    looked(watch, NOON, 70, fails=True)
    (good, bad), _ = left(watch, after(minutes=70))
    assert (good, bad) == (0, 10)


def test_counters_move_on_in_a_window_so_that_its_end_finds_an_alert_that_fires() -> None:
    watch = Watch(windows=(window(NOON - HOUR, after(hours=1)),))
    looked(watch, NOON, 5, fails=True)
    assert watch.state(DOWN, BILLING) is AlertState.FIRING


@pytest.mark.parametrize(
    "other",
    [
        window(NOON, after(hours=1), (SystemId("erp"),)),
        window(NOON, after(hours=1), excluded=False),
        window(NOON, after(hours=1), clients=(ACME,)),
    ],
    ids=["of another system", "that excludes nothing", "of one client alone"],
)
def test_a_window_keeps_out_nothing_else(other: Window) -> None:
    watch = Watch(windows=(other,))
    looked(watch, NOON, 10, fails=True)
    assert left(watch, after(minutes=10))[0] == (0, 10)
    assert not watch.exclusions


def test_a_window_that_is_cancelled_excludes_nothing_from_then_on() -> None:
    cancelled = Window(
        id=WindowId("upgrade"),
        title="Billing is upgraded",
        party=Party.US,
        scope=Scope(),
        zone="UTC",
        starts=NOON,
        ends=after(hours=1),
        cancelled=after(minutes=5),
    )
    watch = Watch(windows=(cancelled,))
    looked(watch, NOON, 10, fails=True)
    assert left(watch, after(minutes=10))[0] == (0, 5)
