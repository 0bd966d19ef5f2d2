"""What counts as evidence on a system, and what does not: distinct looks do, silence and our own clock do not."""

import pytest

from alerts.alert import AlertKind, AlertState
from probes.failure import FailureClass
from tests.alerts.watch import Watch
from tests.cast import BILLING, MINUTE, NOON, SECOND, after

DOWN = AlertKind.AVAILABILITY
BAD, LIMITED = FailureClass.SERVER, FailureClass.THROTTLED


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.mark.answers("cloudflare/pint#966")
def test_looks_that_see_nothing_between_failures_do_not_begin_the_row_anew(watch: Watch) -> None:
    """One missed scrape must not reset what was about to fire."""
    for second, failure in enumerate([None, BAD, LIMITED, BAD, LIMITED, LIMITED, BAD]):
        watch.looks(BILLING, after(seconds=second), failure=failure)
    alert = watch.alerts["availability/billing"]
    assert alert.state is AlertState.FIRING
    assert alert.explanation == (
        "billing failed 3 looks in a row since 12:00:01 UTC, last good before that at 12:00:00"
    )


@pytest.mark.answers("cloudflare/pint#966")
def test_a_target_that_flaps_is_found_though_it_never_fails_three_times_in_a_row(watch: Watch) -> None:
    """What comes and goes fires neither way elsewhere."""
    for minute in range(14):
        watch.looks(BILLING, NOON + minute * MINUTE, failure=BAD if minute % 2 else None)
    assert watch.state(DOWN, BILLING) is AlertState.FIRING


@pytest.mark.answers("louislam/uptime-kuma#3881")
def test_looks_that_confirm_a_failure_are_evidence_and_no_downtime_of_their_own(watch: Watch) -> None:
    watch.looks(BILLING, NOON, failure=BAD)
    for second in range(1, 4):
        watch.looks(BILLING, after(seconds=second), failure=BAD, confirming=True)
    assert watch.state(DOWN, BILLING) is AlertState.FIRING
    assert watch.indicators["availability/billing"].tally.totals(after(seconds=4)) == (0, 1)


@pytest.mark.answers("erikdarlingdata/PerformanceMonitor#3328")
def test_a_look_is_counted_once_however_often_it_is_judged(watch: Watch) -> None:
    """An evaluator that runs faster than the looks must not count one of them twice."""
    watch.looks(BILLING, NOON, failure=BAD)
    known = watch.indicators["availability/billing"]
    for second in range(1, 30):
        watch.waits(NOON + second * SECOND, [BILLING])
    assert watch.indicators["availability/billing"] == known
    assert watch.state(DOWN, BILLING) is AlertState.PENDING


def test_what_was_found_goes_on_when_looks_come_no_more(watch: Watch) -> None:
    """Only what was seen to be good resolves anything, not a count that began anew."""
    for second in range(3):
        watch.looks(BILLING, after(seconds=second), failure=BAD)
    watch.indicators.clear()
    for minute in range(1, 60):
        watch.waits(after(minutes=minute), [BILLING])
    for second in range(6):
        watch.looks(BILLING, after(hours=1, seconds=second))
    assert watch.state(DOWN, BILLING) is AlertState.FIRING
