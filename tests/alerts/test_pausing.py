"""Clocks that stand still: what pauses and resumes them, for how long, and what stays bound meanwhile."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import IncidentId
from alerts.clocks import (
    ClocksPaused,
    ClocksResumed,
    Mitigated,
    PauseCause,
    Promise,
    PromisesCancelled,
    PromisesReset,
    StartSet,
)
from alerts.fold import advanced, folded
from alerts.impact import terms_of
from alerts.incident import Incident
from alerts.pausing import Cause, clock_events
from alerts.sla import Timer, TimerState, timers_of
from alerts.spans import TimerStart
from alerts.timeline import ClientsHurt, ClientsRecovered, Hurt, Opened, Recovery, Resolved
from probes.catalog import ClientId
from tests.cast import ACME, BOREAL, CATALOG, CLIENTS, HOUR, MINUTE, NOON, after
from tests.trials import examples


def hurting(*clients: ClientId, exclude_vendor: bool = False) -> Incident:
    opened = Opened(at=NOON, onset=NOON, nodes=frozenset(), blind=False)
    terms = (terms_of(CLIENTS[client], CATALOG.tier_of(client), NOON) for client in clients)
    hurt = tuple(
        Hurt(terms=replace(one, sla=replace(one.sla, exclude_vendor=exclude_vendor, repair=HOUR)), onset=NOON)
        for one in terms
    )
    return folded(IncidentId("INC-1"), (opened, ClientsHurt(at=NOON, hurt=hurt)))


def paused(since: datetime = NOON, cause: PauseCause = PauseCause.CLIENTS_TURN, **changes: object) -> ClocksPaused:
    event = ClocksPaused(at=since, since=since, clients=(ACME,), cause=cause, why="we wait for logs", by="alba")
    return replace(event, **changes)  # type: ignore[arg-type]


def resumed(until: datetime, cause: PauseCause = PauseCause.CLIENTS_TURN, **changes: object) -> ClocksResumed:
    event = ClocksResumed(at=until, until=until, clients=(ACME,), cause=cause, why="they came", by="alba")
    return replace(event, **changes)  # type: ignore[arg-type]


def repair(incident: Incident, now: datetime, client: ClientId = ACME) -> Timer:
    return of(Promise.REPAIR, incident, now, client)


def of(promise: Promise, incident: Incident, now: datetime, client: ClientId = ACME) -> Timer:
    (found,) = (one for one in timers_of(incident, incident.impacts[client], now) if one.promise is promise)
    return found


@pytest.mark.answers("frappe/helpdesk#1675", "frappe/helpdesk#2212")
def test_time_in_which_it_is_the_clients_turn_does_not_count_and_the_due_instant_moves_with_it() -> None:
    waiting = advanced(hurting(ACME), paused(after(minutes=10)))
    timer = repair(waiting, after(minutes=25))
    assert (timer.state, timer.took, timer.due) == (TimerState.PAUSED, 10 * MINUTE, after(minutes=75))
    assert timer.held is not None
    assert timer.held.why == "we wait for logs"
    running = repair(advanced(waiting, resumed(after(minutes=40))), after(minutes=50))
    assert (running.state, running.took, running.due) == (TimerState.RUNNING, 20 * MINUTE, after(minutes=90))


def test_waiting_for_a_client_does_not_free_us_from_acknowledging_and_telling() -> None:
    waiting = replace(advanced(hurting(ACME), paused()), first_paged=NOON)
    states = {one.promise: one.state for one in timers_of(waiting, waiting.impacts[ACME], after(minutes=2))}
    assert states[Promise.ACKNOWLEDGE] is TimerState.BREACHED
    assert states[Promise.FIRST_NOTICE] is TimerState.BREACHED
    assert states[Promise.REPAIR] is TimerState.PAUSED


def test_two_causes_at_once_count_once_and_it_runs_again_when_both_are_over() -> None:
    events = (
        paused(after(minutes=10)),
        paused(after(minutes=20), PauseCause.MAINTENANCE, key="mw-1"),
        resumed(after(minutes=30)),
    )
    incident = hurting(ACME)
    for event in events:
        incident = advanced(incident, event)
    assert repair(incident, after(minutes=35)).state is TimerState.PAUSED
    incident = advanced(incident, resumed(after(minutes=40), PauseCause.MAINTENANCE, key="mw-1"))
    assert repair(incident, after(minutes=50)).took == 20 * MINUTE


def test_a_vendors_fault_stops_the_clock_only_where_the_contract_says_so() -> None:
    event = paused(after(minutes=10), PauseCause.VENDOR_CAUSED)
    assert repair(advanced(hurting(ACME), event), after(minutes=30)).took == 30 * MINUTE
    assert repair(advanced(hurting(ACME, exclude_vendor=True), event), after(minutes=30)).took == 10 * MINUTE


def test_one_clients_pause_is_no_other_clients() -> None:
    incident = advanced(hurting(ACME, BOREAL), paused())
    assert repair(incident, after(minutes=9), BOREAL).took == 9 * MINUTE


def test_a_pause_may_be_entered_afterwards_and_then_nothing_was_broken() -> None:
    late = advanced(
        hurting(ACME), ClientsRecovered(at=after(hours=2), recovered=(Recovery(client=ACME, drained=after(hours=2)),))
    )
    late = advanced(late, Resolved(at=after(hours=2), why="drained"))
    assert repair(late, after(hours=3)).state is TimerState.BREACHED
    corrected = advanced(late, paused(after(minutes=30), at=after(hours=3)))
    corrected = advanced(corrected, resumed(after(minutes=100), at=after(hours=3)))
    timer = repair(corrected, after(hours=4))
    assert (timer.state, timer.took) == (TimerState.MET, 50 * MINUTE)


@pytest.mark.answers("grafana/grafana#104447")
def test_somebody_may_set_when_it_began_also_when_it_is_over() -> None:
    over = advanced(hurting(ACME), Resolved(at=after(minutes=30), why="drained"))
    said = advanced(over, StartSet(at=after(hours=5), start=after(minutes=-45), why="the vendor told us", by="alba"))
    timer = repair(said, after(hours=6))
    assert (timer.start, timer.started_by, timer.took) == (after(minutes=-45), TimerStart.SET, 75 * MINUTE)


def test_a_promise_can_be_cancelled_and_be_begun_anew() -> None:
    cancelled = advanced(
        hurting(ACME), PromisesCancelled(at=after(minutes=1), clients=(ACME,), why="a test of theirs", by="alba")
    )
    assert {one.state for one in timers_of(cancelled, cancelled.impacts[ACME], after(hours=9))} == {
        TimerState.CANCELLED
    }
    anew = PromisesReset(at=after(minutes=50), clients=(ACME,), promise=Promise.REPAIR, why="another fault", by="alba")
    timer = repair(advanced(hurting(ACME), anew), after(minutes=70))
    assert (timer.start, timer.started_by, timer.took) == (after(minutes=50), TimerStart.RESET, 20 * MINUTE)


def test_mitigation_ends_when_somebody_says_so_or_when_all_systems_answer() -> None:
    incident = hurting(ACME)
    terms = incident.impacts[ACME].terms
    promised = replace(terms, sla=replace(terms.sla, mitigate=30 * MINUTE))
    incident = replace(incident, impacts={ACME: replace(incident.impacts[ACME], terms=promised)})
    assert of(Promise.MITIGATE, incident, after(minutes=31)).state is TimerState.BREACHED
    said = advanced(incident, Mitigated(at=after(minutes=25), since=after(minutes=20), why="rerouted", by="alba"))
    assert of(Promise.MITIGATE, said, after(hours=1)).took == 20 * MINUTE
    assert of(Promise.MITIGATE, replace(incident, answered=after(minutes=12)), after(hours=1)).took == 12 * MINUTE
    assert repair(said, after(minutes=40)).stopped is None


def test_what_comes_back_goes_on_counting_and_the_time_in_between_counts_for_nobody() -> None:
    incident = hurting(ACME)
    hurt = Hurt(terms=incident.impacts[ACME].terms, onset=after(minutes=50))
    drained = Recovery(client=ACME, drained=after(minutes=20))
    for event in (
        ClientsRecovered(at=after(minutes=22), recovered=(drained,)),
        ClientsHurt(at=after(minutes=52), hurt=(hurt,)),
    ):
        incident = advanced(incident, event)
    timer = repair(incident, after(minutes=60))
    assert (timer.took, timer.due, timer.state) == (30 * MINUTE, after(minutes=90), TimerState.RUNNING)


# What is known of causes becomes events.


def window(since: int, until: int | None, client: ClientId = ACME, key: str = "mw-1") -> Cause:
    end = after(minutes=until) if until is not None else None
    return Cause(
        client=client,
        cause=PauseCause.MAINTENANCE,
        key=key,
        since=after(minutes=since),
        until=end,
        why="planned work at the vendor",
    )


def play(incident: Incident, causes: list[Cause], now: datetime) -> Incident:
    for event in clock_events(incident, causes, now):
        incident = advanced(incident, event)
    return incident


def test_a_cause_that_has_begun_pauses_once_and_resumes_when_it_is_over() -> None:
    incident, causes = hurting(ACME, BOREAL), [window(5, 20), window(5, 20, BOREAL)]
    assert clock_events(incident, causes, after(minutes=4)) == ()
    (event,) = clock_events(incident, causes, after(minutes=6))
    assert isinstance(event, ClocksPaused)
    assert (event.since, event.clients, event.by) == (after(minutes=5), (ACME, BOREAL), None)
    begun = advanced(incident, event)
    assert clock_events(begun, causes, after(minutes=7)) == ()
    (event,) = clock_events(begun, causes, after(minutes=21))
    assert isinstance(event, ClocksResumed)
    assert event.until == after(minutes=20)
    over = advanced(begun, event)
    assert clock_events(over, causes, after(minutes=22)) == ()
    assert repair(over, after(minutes=30)).took == 15 * MINUTE


def test_a_cause_that_came_and_went_while_nobody_looked_does_both() -> None:
    incident = play(hurting(ACME), [window(5, 20)], after(minutes=40))
    assert repair(incident, after(minutes=40)).took == 25 * MINUTE
    assert clock_events(incident, [window(5, 20)], after(minutes=50)) == ()


def test_a_cause_that_is_withdrawn_resumes_at_once_and_pauses_again_when_it_comes_back() -> None:
    incident = play(hurting(ACME), [window(5, None)], after(minutes=6))
    incident = play(incident, [], after(minutes=10))
    assert repair(incident, after(minutes=20)).state is TimerState.RUNNING
    assert repair(play(incident, [window(5, None)], after(minutes=21)), after(minutes=22)).state is TimerState.PAUSED


def test_what_a_person_paused_only_a_person_resumes() -> None:
    incident = advanced(hurting(ACME), paused())
    assert clock_events(incident, [], after(minutes=10)) == ()


def test_a_cause_that_was_over_before_a_client_was_hurt_says_nothing() -> None:
    assert clock_events(hurting(ACME), [window(-30, -10)], after(minutes=1)) == ()
    assert clock_events(hurting(ACME), [window(5, None, BOREAL)], after(minutes=9)) == ()


TURNS = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 120), st.sampled_from(PauseCause), st.sampled_from(("", "a"))),
    max_size=6,
)


@examples(40, 2000)
@given(TURNS, st.integers(0, 150))
def test_pauses_in_any_order_are_never_negative_and_count_each_minute_once(
    turns: list[tuple[int, int, PauseCause, str]], end: int
) -> None:
    incident = hurting(ACME, exclude_vendor=True)
    for since, until, cause, key in turns:
        incident = advanced(incident, paused(after(minutes=since), cause, key=key))
        incident = advanced(incident, resumed(after(minutes=until), cause, key=key))
    held = {minute for since, until, _, _ in turns for minute in range(since, until)}
    timer = repair(incident, after(minutes=end))
    assert timer.took == len(set(range(end)) - held) * MINUTE >= timedelta()


def test_a_cause_that_is_withdrawn_and_comes_back_stops_no_clock_for_the_time_between() -> None:
    """Something else hurt the client meanwhile, or the window was taken out of the configuration and put back."""
    window = Cause(
        client=ACME, cause=PauseCause.MAINTENANCE, key="w@1", since=NOON, until=after(hours=2), why="planned"
    )
    one = hurting(ACME)
    for minutes, causes in ((0, [window]), (10, []), (30, [window])):
        for event in clock_events(one, causes, after(minutes=minutes)):
            one = advanced(one, event)
    assert [(pause.since, pause.until) for pause in one.impacts[ACME].clocks.pauses] == [
        (NOON, after(minutes=10)),
        (after(minutes=30), None),
    ]
    assert repair(one, after(minutes=40)).took == 20 * MINUTE
    assert clock_events(one, [window], after(minutes=31)) == ()
