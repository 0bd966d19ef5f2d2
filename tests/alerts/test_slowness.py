"""A system that answers well, and later than a tier was promised."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.alert import AlertKind, AlertState
from probes.catalog import Catalog, Tier
from probes.failure import FailureClass
from probes.objectives import ResponseTime
from tests.alerts.watch import QUICK, Watch
from tests.cast import ACME, BOREAL, CLIENTS, CRM, ERP, GOLD, MINUTE, PLATINUM, SILVER, after, catalog_of

PROMISE = ResponseTime(within=QUICK / 2, target=0.9, over=15 * MINUTE)
SLOW = AlertKind.SLOW
SUBJECT = f"{ERP}:{PLATINUM.id}"


def promising(tier: Tier, promise: ResponseTime | None) -> Catalog:
    changed = replace(tier, objectives=replace(tier.objectives, response_time=promise))
    return catalog_of(CLIENTS, [changed if one is tier else one for one in (PLATINUM, GOLD, SILVER)])


def looking(within: timedelta, looks: int, begun: int = 0, watch: Watch | None = None) -> Watch:
    """Look so often at a system that takes 200 ms for each answer, where so long was promised."""
    watch = watch or Watch()
    watch.catalog = promising(PLATINUM, replace(PROMISE, within=within))
    for second in range(begun, begun + looks):
        watch.looks(ERP, after(seconds=second))
    return watch


@pytest.mark.answers("louislam/uptime-kuma#2337")
def test_answers_that_come_too_late_hurt_the_tier_that_was_promised_better_and_no_other() -> None:
    watch = looking(QUICK / 2, 5)
    alert = watch.alerts[f"slow/{SUBJECT}"]
    assert alert.state is AlertState.FIRING
    assert alert.clients == {ACME, BOREAL}
    assert alert.explanation == (
        "erp answered 5 of 5 looks later than 100 ms in 15 min (100 %, platinum is promised 10 % at most)"
    )


def test_answers_in_time_are_no_alert() -> None:
    assert looking(QUICK, 50).states() == {}


def test_a_system_that_is_down_is_not_called_slow() -> None:
    watch = Watch(catalog=promising(PLATINUM, PROMISE))
    for second in range(10):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.TIMEOUT)
    assert watch.state(SLOW, SUBJECT) is AlertState.INACTIVE


def test_slowness_ends_when_answers_come_in_time_again() -> None:
    watch = looking(QUICK / 2, 10)
    looking(QUICK, 7, begun=10, watch=watch)
    assert watch.state(SLOW, SUBJECT) is AlertState.RESOLVED


def test_a_tier_of_whom_nobody_depends_on_the_system_is_not_hurt_by_it() -> None:
    watch = Watch(catalog=promising(PLATINUM, PROMISE))
    for second in range(10):
        watch.looks(CRM, after(seconds=second))
    assert watch.states() == {}


@pytest.mark.parametrize("promise", [None, replace(PROMISE, within=QUICK)])
def test_an_alert_ends_with_its_promise_and_not_by_a_looser_one(promise: ResponseTime | None) -> None:
    watch = looking(QUICK / 2, 10)
    watch.catalog = promising(PLATINUM, promise)
    watch.waits(after(minutes=1))
    assert watch.state(SLOW, SUBJECT) is (AlertState.RESOLVED if promise is None else AlertState.FIRING)
