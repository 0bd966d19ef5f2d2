"""Promises as timers: what each starts from, what stops it, and that it counts every second once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import IncidentId
from alerts.clocks import Promise
from alerts.impact import Impact, terms_of
from alerts.incident import Incident
from alerts.message import Stage
from alerts.sla import Timer, TimerState, time_to_detect, timers, timers_of
from alerts.spans import TimerStart
from probes.catalog import ClientId, NoticePolicy
from probes.conduct import ClockStart
from tests.cast import ACME, BOREAL, CATALOG, CLIENTS, DUNE, HOUR, MINUTE, NOON, SECOND, after

BEGUN = after(minutes=-1)


def impact(client: ClientId = ACME, **changes: object) -> Impact:
    terms = terms_of(CLIENTS[client], CATALOG.tier_of(client), NOON)
    return replace(Impact(terms=terms, joined=NOON, onset=BEGUN), **changes)  # type: ignore[arg-type]


def incident(*impacts: Impact, **changes: object) -> Incident:
    hurt = {one.terms.client: one for one in impacts}
    begun = Incident(id=IncidentId("INC-1"), opened=NOON, onset=BEGUN, nodes=frozenset(), blind=False, impacts=hurt)
    return replace(begun, **changes)  # type: ignore[arg-type]


def timer(promise: Promise, one: Impact, now: datetime, **changes: object) -> Timer:
    (found,) = (timer for timer in timers_of(incident(one, **changes), one, now) if timer.promise is promise)
    return found


def from_onset(one: Impact) -> Impact:
    return replace(one, terms=replace(one.terms, sla=replace(one.terms.sla, starts=ClockStart.ONSET)))


# Each timer names its start.


def test_acknowledge_runs_from_the_first_page() -> None:
    found = timer(Promise.ACKNOWLEDGE, impact(), after(seconds=30), first_paged=after(seconds=2))
    assert (found.start, found.started_by) == (after(seconds=2), TimerStart.FIRST_PAGE)
    assert (found.due, found.state, found.took) == (after(seconds=62), TimerState.RUNNING, 28 * SECOND)


def test_acknowledge_does_not_run_before_anybody_was_paged() -> None:
    one = impact()
    assert Promise.ACKNOWLEDGE not in {found.promise for found in timers_of(incident(one), one, after(minutes=9))}


def test_acknowledge_of_a_client_that_joined_later_runs_from_its_joining() -> None:
    one = impact(joined=after(minutes=4))
    found = timer(Promise.ACKNOWLEDGE, one, after(minutes=4), first_paged=NOON)
    assert (found.start, found.started_by) == (after(minutes=4), TimerStart.JOINED)


def test_a_client_that_joins_what_is_acknowledged_already_has_its_promise_kept() -> None:
    one = impact(joined=after(minutes=4))
    found = timer(Promise.ACKNOWLEDGE, one, after(hours=1), first_paged=NOON, acknowledged=after(seconds=30))
    assert (found.state, found.took) == (TimerState.MET, timedelta())


@pytest.mark.parametrize("promise", [Promise.FIRST_NOTICE, Promise.REPAIR])
def test_notice_and_repair_run_from_the_opening(promise: Promise) -> None:
    found = timer(promise, impact(), after(seconds=10))
    assert (found.start, found.started_by) == (NOON, TimerStart.OPENING)


@pytest.mark.parametrize("promise", [Promise.FIRST_NOTICE, Promise.REPAIR])
def test_notice_and_repair_of_a_client_that_joined_later_run_from_its_joining(promise: Promise) -> None:
    found = timer(promise, impact(joined=after(minutes=3)), after(minutes=4))
    assert (found.start, found.started_by, found.took) == (after(minutes=3), TimerStart.JOINED, MINUTE)


@pytest.mark.parametrize("promise", [Promise.FIRST_NOTICE, Promise.REPAIR])
def test_a_contract_may_count_from_the_onset_in_the_data(promise: Promise) -> None:
    found = timer(promise, from_onset(impact(joined=after(minutes=3))), after(minutes=3))
    assert (found.start, found.started_by) == (BEGUN, TimerStart.ONSET)


def test_the_next_update_runs_from_the_last_notice_and_ends_with_the_clients_recovery() -> None:
    told = {Stage.INVESTIGATING: after(seconds=3)}
    queued = ((Stage.INVESTIGATING, after(seconds=2)), (Stage.UPDATE, after(minutes=2)))
    one = impact(told=told, queued=queued)
    found = timer(Promise.NEXT_UPDATE, one, after(minutes=3))
    assert (found.start, found.started_by) == (after(minutes=2), TimerStart.LAST_NOTICE)
    assert (found.due, found.state) == (after(minutes=4), TimerState.RUNNING)
    over = replace(one, recovered=after(minutes=3))
    assert Promise.NEXT_UPDATE not in {found.promise for found in timers_of(incident(over), over, after(minutes=9))}


def test_a_client_that_is_hurt_again_is_promised_updates_again() -> None:
    stages = (Stage.INVESTIGATING, Stage.RESOLVED, Stage.INVESTIGATING)
    queued = tuple((stage, after(minutes=minute)) for minute, stage in enumerate(stages))
    one = impact(told={Stage.INVESTIGATING: NOON, Stage.RESOLVED: after(minutes=1)}, queued=queued)
    assert timer(Promise.NEXT_UPDATE, one, after(minutes=3)).due == after(minutes=4)


def test_repair_ends_when_the_clients_own_backlog_has_drained_not_when_that_was_seen() -> None:
    one = impact(recovered=after(minutes=4), closed=after(minutes=6))
    found = timer(Promise.REPAIR, one, after(hours=1), resolved=after(minutes=7))
    assert (found.stopped, found.took, found.state) == (after(minutes=4), 4 * MINUTE, TimerState.MET)


def test_a_promise_is_kept_up_to_its_due_instant_and_broken_after_it() -> None:
    kept, broken = impact(recovered=after(minutes=5)), impact(recovered=after(minutes=5, microseconds=1))
    assert timer(Promise.REPAIR, kept, after(hours=1)).state is TimerState.MET
    assert timer(Promise.REPAIR, broken, after(hours=1)).state is TimerState.BREACHED
    running = impact()
    assert timer(Promise.REPAIR, running, after(minutes=5)).state is TimerState.RUNNING
    assert timer(Promise.REPAIR, running, after(minutes=5, microseconds=1)).state is TimerState.BREACHED


def test_a_promise_that_the_contract_does_not_make_has_no_timer() -> None:
    one = impact(DUNE)
    found = timers_of(incident(one, first_paged=NOON), one, after(minutes=1))
    assert [timer.promise for timer in found] == [Promise.REPAIR]


def test_a_client_whose_notices_are_not_automatic_is_promised_none() -> None:
    one = impact()
    one = replace(one, terms=replace(one.terms, notices=NoticePolicy.NONE))
    promises = {timer.promise for timer in timers_of(incident(one, first_paged=NOON), one, after(minutes=1))}
    assert promises == {Promise.ACKNOWLEDGE, Promise.REPAIR}


def test_the_worst_hurt_client_comes_first() -> None:
    both = incident(impact(DUNE, onset=after(hours=-1)), impact(BOREAL))
    assert [timer.client for timer in timers(both, after(minutes=1))] == [BOREAL, BOREAL, DUNE]


def test_time_to_detect_runs_from_the_onset_to_the_joining_and_is_never_negative() -> None:
    one = impact(joined=after(minutes=2))
    assert time_to_detect(incident(one), one) == 3 * MINUTE
    early = impact(onset=after(minutes=1))
    assert time_to_detect(incident(early), early) == timedelta()


def test_time_to_detect_is_in_no_other_timer() -> None:
    slow = impact(onset=after(hours=-5))
    found = timers_of(incident(slow, first_paged=NOON), slow, after(seconds=30))
    assert max(timer.took for timer in found) == 30 * SECOND


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("America/New_York", datetime(2026, 11, 1, 0, 30)),  # noqa: DTZ001 - the zone is put to it below
        ("America/New_York", datetime(2026, 3, 8, 0, 30)),  # noqa: DTZ001 - the same
        ("Europe/Madrid", datetime(2026, 10, 25, 1, 30)),  # noqa: DTZ001 - the same
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 0, 30)),  # noqa: DTZ001 - the same
    ],
)
def test_over_a_night_with_a_clock_change_a_timer_counts_the_hours_that_passed(zone: str, night: datetime) -> None:
    start = night.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    one = replace(impact(DUNE), joined=start, onset=start)
    begun = incident(one, opened=start)
    (found,) = timers_of(begun, one, start + 3 * HOUR)
    assert (found.took, found.due) == (3 * HOUR, start + 4 * HOUR)
    # What the same clocks on the wall would have made of it:
    wall = (start + 3 * HOUR).astimezone(ZoneInfo(zone)) - start.astimezone(ZoneInfo(zone))
    assert wall != found.took


# Every second, one by one.

INSTANTS = st.integers(min_value=0, max_value=600)
MAYBE = st.none() | INSTANTS


def counted(start: int, stopped: int | None, now: int, target: int) -> tuple[TimerState, int]:
    """Walk the seconds of a promise as somebody with a stop watch would."""
    state, took = TimerState.RUNNING, 0
    for second in range(start, now):
        if stopped is not None and second >= stopped:
            break
        took += 1
        if took > target:
            state = TimerState.BREACHED
    if state is TimerState.RUNNING and stopped is not None:
        state = TimerState.MET
    return state, took


Moments = tuple[int, int | None, int | None, int | None, int | None]
"""When a client joined, and when somebody was paged, took it, told the client, and its backlog had drained."""


def at(second: int | None) -> datetime | None:
    return None if second is None else NOON + second * SECOND


@pytest.mark.parametrize("starts", ClockStart)
@given(st.tuples(INSTANTS, MAYBE, MAYBE, MAYBE, MAYBE))
def test_timers_equal_a_stop_watch(starts: ClockStart, moments: Moments) -> None:
    joined, paged, acked, told, drained = moments
    accepted = {} if told is None else {Stage.INVESTIGATING: at(told)}
    one = impact(joined=at(joined), onset=at(joined // 2), told=accepted, recovered=at(drained))
    one = from_onset(one) if starts is ClockStart.ONSET else one
    begun = incident(one, first_paged=at(paged), acknowledged=at(acked))
    found = {timer.promise: (timer.state, timer.took) for timer in timers_of(begun, one, NOON + 700 * SECOND)}

    hurt_from = joined // 2 if starts is ClockStart.ONSET else joined
    expected = {
        Promise.REPAIR: counted(hurt_from, drained, 700, 300),
        Promise.FIRST_NOTICE: counted(hurt_from, told, 700, 60),
    }
    if paged is not None:
        expected[Promise.ACKNOWLEDGE] = counted(max(paged, joined), acked, 700, 60)
    assert found == {promise: (state, took * SECOND) for promise, (state, took) in expected.items()}
