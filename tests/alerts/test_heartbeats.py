"""Heartbeats as alerts: suspected when late, fired when missed, failed or too long, and ended by a success alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.assess import assess_time, next_judgement
from alerts.draft import Evaluated
from alerts.heartbeats import judge_heartbeats
from alerts.respond import respond
from alerts.weigh import Assessment, Before
from probes.catalog import ClientId, FlowId, SecretRef
from probes.heartbeat import Absence, Heartbeat, HeartbeatId, Runs, Signal, heard
from probes.timetable import Interval
from tests.cast import CATALOG, COBALT, CONTEXT, HOUR, INVOICES, MINUTE, NOON, SECOND, after, late

FEED = HeartbeatId("feed")
QUARTERLY = Interval(every=15 * MINUTE)


def feed(client: ClientId | None = COBALT, flow: FlowId | None = None, longest: timedelta | None = None) -> Heartbeat:
    return Heartbeat(
        id=FEED,
        timetable=QUARTERLY,
        token=SecretRef("env:FEED"),
        grace=5 * MINUTE,
        longest_run=longest,
        client=client,
        flow=flow,
    )


def told(*signals: tuple[Signal, int]) -> Runs:
    """Return what is known after signals at these minutes after noon."""
    runs = Runs(timetable=QUARTERLY, since=NOON)
    for signal, minute in signals:
        runs = heard(runs, signal, after(minutes=minute))
    return runs


def before(heartbeat: Heartbeat | None, runs: Runs | None, *alerts: Alert) -> Before:
    return Before(
        catalog=CATALOG,
        indicators={},
        alerts={str(alert.key): alert for alert in alerts},
        books={},
        heartbeats={FEED: heartbeat} if heartbeat else {},
        runs={FEED: runs} if runs else {},
    )


def judged(known: Before, now: datetime) -> Alert | None:
    """Return the one alert that a pass moves, None where it moves none."""
    moved = list(assess_time(known, {}, now).moved.values())
    assert len(moved) <= 1
    return moved[0] if moved else None


def fired(heartbeat: Heartbeat, runs: Runs, now: datetime) -> Alert:
    alert = judged(before(heartbeat, runs), now)
    assert alert is not None
    assert alert.state is AlertState.FIRING
    return alert


def test_silence_is_suspect_within_the_grace_and_an_alert_after_it() -> None:
    # uptime-kuma#1747, healthchecks#377: late is shown, and only missed pages.
    runs = told((Signal.SUCCESS, 1))
    assert judged(before(feed(), runs), after(minutes=15)) is None
    late = judged(before(feed(), runs), after(minutes=16))
    assert late is not None
    assert late.state is AlertState.PENDING
    missed = judged(before(feed(), runs, late), after(minutes=21))
    assert missed is not None
    assert (missed.state, missed.onset) == (AlertState.FIRING, after(minutes=16))
    assert missed.explanation == (
        "feed was due at 2026-03-04 12:16:00 UTC and last succeeded at 2026-03-04 12:01:00 UTC; 5 min of grace"
    )


def test_a_success_within_the_grace_leaves_nothing_behind() -> None:
    late = judged(before(feed(), told((Signal.SUCCESS, 1))), after(minutes=17))
    assert late is not None
    gone = judged(before(feed(), told((Signal.SUCCESS, 1), (Signal.SUCCESS, 18)), late), after(minutes=18))
    assert gone is not None
    assert gone.state is AlertState.INACTIVE


@pytest.mark.parametrize(
    ("signals", "minute", "sentence"),
    [
        (
            [(Signal.SUCCESS, 1), (Signal.FAIL, 3)],
            3,
            "feed said at 2026-03-04 12:03:00 UTC that it failed; it last succeeded at 2026-03-04 12:01:00 UTC",
        ),
        (
            [(Signal.START, 1)],
            12,
            "feed runs since 2026-03-04 12:01:00 UTC, longer than 10 min; it has never told of a success",
        ),
        ([], 20, "feed was due at 2026-03-04 12:15:00 UTC and has never told of a success; 5 min of grace"),
    ],
)
def test_each_alert_explains_itself_in_one_sentence(
    signals: list[tuple[Signal, int]], minute: int, sentence: str
) -> None:
    assert fired(feed(longest=10 * MINUTE), told(*signals), after(minutes=minute)).explanation == sentence


def test_a_late_success_resolves_at_its_own_instant_and_a_start_does_not() -> None:
    alert = fired(feed(), told(), after(minutes=20))
    assert judged(before(feed(), told((Signal.START, 25)), alert), after(minutes=26)) is None
    over = judged(before(feed(), told((Signal.START, 25), (Signal.SUCCESS, 30)), alert), after(minutes=31))
    assert over is not None
    assert (over.state, over.cleared) == (AlertState.RESOLVED, after(minutes=30))


def test_another_timetable_is_no_evidence_that_a_missed_run_came() -> None:
    alert = fired(feed(), told(), after(minutes=20))
    slower = replace(feed(), timetable=Interval(every=HOUR))
    assert judged(before(slower, told(), alert), after(minutes=21)) is None


def test_a_heartbeat_that_is_no_longer_configured_ends_its_alert_and_is_forgotten() -> None:
    alert = fired(feed(), told(), after(minutes=20))
    assessment = assess_time(before(None, told(), alert), {}, after(minutes=21))
    assert [one.state for one in assessment.moved.values()] == [AlertState.RESOLVED]
    assert assessment.runs == {FEED: None}


def test_a_heartbeat_that_passes_to_another_client_ends_the_first_ones_alert() -> None:
    alert = fired(feed(), told(), after(minutes=20))
    nobodys = AlertKey(kind=AlertKind.HEARTBEAT, subject=FEED)
    moved = assess_time(before(feed(client=None), told(), alert), {}, after(minutes=21)).moved
    assert {key: one.state for key, one in moved.items()} == {
        str(alert.key): AlertState.RESOLVED,
        str(nobodys): AlertState.FIRING,
    }


def test_a_new_heartbeat_is_watched_from_the_first_pass_on() -> None:
    assert assess_time(before(feed(), None), {}, NOON).runs == {FEED: told()}
    assert assess_time(before(feed(), told()), {}, after(minutes=1)).runs == {}


def test_our_own_absence_moves_what_is_due_and_is_said() -> None:
    known = replace(before(feed(), told()), absence=Absence(start=after(minutes=5), end=after(minutes=65)))
    assessment = Assessment(known)
    judge_heartbeats(assessment, after(minutes=65))
    assert assessment.moved == {}
    runs = assessment.runs[FEED]
    assert runs is not None
    missed = fired(feed(), runs, after(minutes=80))
    assert missed.onset == after(minutes=75)
    assert missed.explanation.endswith("5 min of grace, 1 h 0 min in which we did not run not counted")


def test_time_is_looked_at_again_when_it_is_due_and_when_its_grace_ends() -> None:
    known = before(feed(), told())
    assert next_judgement(known, {}, NOON) == after(minutes=15)
    assert next_judgement(known, {}, after(minutes=15)) == after(minutes=20)
    assert next_judgement(known, {}, after(minutes=20)) is None


def test_its_client_is_hurt_and_recovers_and_nobody_else_is_told() -> None:
    alert = fired(feed(), told(), after(minutes=20))
    response = respond(
        Evaluated(moved=(alert,), alerts={str(alert.key): alert}, backlog=frozenset()),
        {},
        CONTEXT,
        1,
        after(minutes=20),
    )
    (draft,) = response.drafts
    assert set(draft.incident.impacts) == {COBALT}
    assert draft.incident.onset == after(minutes=15)
    assert not draft.incident.blind
    assert {message.client for message in draft.messages} == {COBALT, None}


def test_without_a_client_we_are_paged_nobody_is_told_and_the_end_claims_no_backlog() -> None:
    alert = fired(feed(client=None), told(), after(minutes=20))
    begun = respond(
        Evaluated(moved=(alert,), alerts={str(alert.key): alert}, backlog=frozenset()),
        {},
        CONTEXT,
        1,
        after(minutes=20),
    )
    (draft,), (joined,) = begun.drafts, begun.alerts
    assert draft.incident.impacts == {}
    assert {message.client for message in draft.messages} == {None}
    over = judged(before(feed(client=None), told((Signal.SUCCESS, 30)), joined), after(minutes=30))
    assert over is not None
    ended = respond(
        Evaluated(moved=(over,), alerts={str(over.key): over}, backlog=frozenset()),
        {draft.incident.id: draft.incident},
        CONTEXT,
        2,
        after(minutes=30),
    )
    assert ended.drafts[0].incident.resolved_why == "what was wrong has ended"


def test_a_run_and_the_flow_that_it_serves_are_one_incident() -> None:
    alert = fired(feed(flow=INVOICES.id), told(), after(minutes=20) + SECOND)
    both = (alert, late(COBALT))
    evaluated = Evaluated(moved=both, alerts={str(one.key): one for one in both}, backlog=frozenset())
    assert len(respond(evaluated, {}, CONTEXT, 1, after(minutes=21)).drafts) == 1
