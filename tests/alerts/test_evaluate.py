"""From what an indicator says to what its alert does: each objective as a rule, with its numbers in the sentence."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from alerts.alert import Alert, AlertState, Move
from alerts.evaluate import (
    LOOKS,
    About,
    Blindness,
    Verdict,
    evaluated,
    judge_credential,
    judge_looks,
    judge_sync,
    percent,
    settled,
    span,
)
from probes.cusum import Thresholds
from probes.cusum import looked as counted_look
from probes.detect import Evidence, weighed
from probes.objectives import SyncLatency
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally, counted
from probes.tracked import Standing
from tests.cast import ACME, ERP, HOUR, MINUTE, NOON, SECOND, after, late, system_alert

LIMITS = Thresholds()
SEEN = Blindness(since=None, limit=MINUTE, reason="")
LATENCY = SyncLatency(within=20 * SECOND, target=0.99, over=15 * MINUTE)


def indicator(kind: IndicatorKind, over: timedelta = HOUR, **changes: object) -> Indicator:
    key = IndicatorKey(kind=kind, subject="any", client=ACME)
    return replace(Indicator(key=key, tally=Tally(over=over)), **changes)  # type: ignore[arg-type]


def looked(looks: str, before: Indicator | None = None) -> Indicator:
    """Return the availability after looks a second apart: `x` a failure, `X` one that confirms, `.` a success."""
    known = before or indicator(IndicatorKind.AVAILABILITY)
    evidence, cusum = known.evidence, known.cusum
    for second, look in enumerate(looks):
        bad, at = look in "xX", after(seconds=second)
        evidence = weighed(evidence, LOOKS, bad=bad, at=at)
        cusum = counted_look(cusum, bad=bad, confirming=look == "X", at=at)
    return replace(known, evidence=evidence, cusum=cusum)


# Systems.


@pytest.mark.parametrize(
    ("looks", "move"),
    [
        ("", Move.STAY),
        (".", Move.STAY),
        ("x", Move.SUSPECT),
        ("xx", Move.SUSPECT),
        ("xxx", Move.CONFIRM),
        (".....xxx", Move.CONFIRM),
        ("xxx.", Move.SUSPECT),
        (".......", Move.CLEAR),
        ("xx.......", Move.CLEAR),
    ],
)
def test_looks_at_a_system_say_whether_it_is_up(looks: str, move: Move) -> None:
    assert judge_looks(looked(looks), ERP, SEEN, LIMITS, after(minutes=1)).move is move


def test_a_system_that_is_down_is_down_since_its_first_failed_look() -> None:
    verdict = judge_looks(looked("..xXX"), ERP, SEEN, LIMITS, after(minutes=1))
    assert verdict.onset == after(seconds=2)
    assert verdict.explanation == ("erp failed 3 looks in a row since 12:00:02 UTC, last good before that at 12:00:01")


def test_a_system_never_seen_good_says_so() -> None:
    verdict = judge_looks(looked("xXX"), ERP, SEEN, LIMITS, after(minutes=1))
    assert verdict.explanation == "erp failed 3 looks in a row since 12:00:00 UTC, not seen good before"


@pytest.mark.answers("checkly/public-roadmap#186")
def test_a_system_that_fails_in_part_is_down_since_its_failures_began_to_add_up() -> None:
    """What fails now and then never fails three times in a row, and is found all the same."""
    verdict = judge_looks(looked("......x..x..x...x..x"), ERP, SEEN, LIMITS, after(minutes=1))
    assert (verdict.move, verdict.onset) == (Move.CONFIRM, after(seconds=6))
    assert verdict.explanation == (
        "erp failed 5 of 14 looks (35.7 %) since 12:00:06 UTC, last good before that at 12:00:05"
    )


def test_a_larger_fleet_waits_for_more_failures_in_a_row() -> None:
    stricter = Thresholds(row=4, level=61)
    assert judge_looks(looked("..xXX"), ERP, SEEN, stricter, after(minutes=1)).move is Move.SUSPECT
    assert judge_looks(looked("..xXXX"), ERP, SEEN, stricter, after(minutes=1)).move is Move.CONFIRM


@pytest.mark.parametrize(("failed", "successes"), [("xxx", 7), ("x.xx.x.xx.x.x", 10), ("x..x...x..x...x", 23)])
def test_the_more_a_system_was_good_between_its_failures_the_more_good_looks_show_the_end(
    failed: str, successes: int
) -> None:
    firing = settled(looked(failed), system_alert(ERP))
    for number in (successes - 1, successes):
        ended = judge_looks(looked("." * number, firing), ERP, SEEN, LIMITS, after(minutes=9)).move
        assert (ended is Move.CLEAR) == (number == successes)


class Flapping:
    """A system that fails a part of its looks all the time: how often it was found, and how often called over."""

    def __init__(self, failing: float, seed: int, looks: int = 3_000) -> None:
        """Look at it so many times."""
        self.found, self.over = 0, 0
        chance, known = Random(seed), indicator(IndicatorKind.AVAILABILITY)
        alert: Alert | None = None
        about = About(key=system_alert(ERP).key, nodes=frozenset(), system=ERP)
        for number in range(looks):
            known = looked("x" if chance.random() < failing else ".", known)
            now = after(seconds=number)
            moved = evaluated(alert, about, judge_looks(known, ERP, SEEN, LIMITS, now), now)
            if moved is not None:
                self.found += moved.state is AlertState.FIRING
                self.over += moved.state is AlertState.RESOLVED
                alert, known = None if moved.state is AlertState.INACTIVE else moved, settled(known, moved)


@pytest.mark.parametrize(("failing", "most"), [(0.5, 1), (0.3, 1), (0.2, 1)])
def test_a_system_that_fails_a_part_of_its_looks_is_hardly_ever_called_over_while_it_does(
    failing: float, most: int
) -> None:
    """Resolve only on what was seen. Seven good looks in a row come by chance once in 250 at one half."""
    runs = [Flapping(failing, seed) for seed in range(4)]
    assert all(run.found >= 1 for run in runs)
    assert sum(run.over for run in runs) <= most, "in 12,000 looks"


def test_a_system_that_came_back_was_good_from_its_first_good_look() -> None:
    firing = settled(looked("xxx"), system_alert(ERP))
    verdict = judge_looks(looked(".......", firing), ERP, SEEN, LIMITS, after(minutes=1))
    assert (verdict.move, verdict.cleared) == (Move.CLEAR, NOON)


def test_a_system_that_gives_nothing_usable_is_out_of_sight_once_its_limit_has_passed() -> None:
    blind = Blindness(since=NOON, limit=MINUTE, reason="throttled: 429")
    assert judge_looks(looked("."), ERP, blind, LIMITS, after(seconds=59)).move is Move.STAY
    verdict = judge_looks(looked("."), ERP, blind, LIMITS, after(seconds=60))
    assert (verdict.move, verdict.onset) == (Move.LOSE_SIGHT, NOON)
    assert verdict.explanation == "erp has given no usable answer for 60 s: throttled: 429"


@pytest.mark.parametrize(("looks", "move"), [("xxx", Move.CONFIRM), ("x", Move.SUSPECT), (".......", Move.CLEAR)])
def test_a_refused_credential_is_judged_like_a_failed_look(looks: str, move: Move) -> None:
    assert judge_credential(looked(looks), ERP).move is move


# Sync latency.


def synced(good: int, bad: int, **changes: object) -> Indicator:
    tally = counted(Tally(over=LATENCY.over), good=good, bad=bad, at=NOON)
    return indicator(IndicatorKind.SYNC_LATENCY, LATENCY.over, tally=tally, **changes)


def overdue(seconds: float, number: int = 1) -> Standing:
    oldest = after(seconds=-seconds)
    return Standing(unsynced=number, oldest=oldest, overdue=number, oldest_overdue=oldest)


@pytest.mark.parametrize(
    ("good", "bad", "standing", "move"),
    [
        (50, 0, Standing(), Move.CLEAR),
        (50, 1, overdue(25), Move.SUSPECT),
        (0, 1, overdue(39.9), Move.SUSPECT),
        (0, 1, overdue(40), Move.CONFIRM),
        (60, 5, overdue(25), Move.SUSPECT),
        (54, 6, overdue(25), Move.CONFIRM),
        (54, 6, Standing(), Move.CLEAR),
    ],
)
def test_a_flow_is_late_when_its_objective_is_missed_beyond_chance_or_one_record_by_far(
    good: int, bad: int, standing: Standing, move: Move
) -> None:
    assert judge_sync(synced(good, bad), standing, LATENCY, NOON, NOON).move is move


def test_a_late_flow_is_late_since_its_first_late_record_was_created() -> None:
    known = synced(0, 1, evidence=Evidence(first_bad=after(minutes=-3), last_bad=NOON))
    assert judge_sync(known, overdue(60), LATENCY, NOON, NOON).onset == after(minutes=-3)


def test_the_sentence_has_the_numbers() -> None:
    waited = judge_sync(synced(0, 1), overdue(41), LATENCY, NOON, NOON)
    assert waited.explanation == "a record has waited 41 s, promised within 20 s"
    missed = judge_sync(synced(54, 6), overdue(25), LATENCY, NOON, NOON)
    assert missed.explanation == "6 of 60 records not within 20 s (10 %, allowed 1 %)"


@pytest.mark.parametrize(
    ("covered", "move"),
    [(None, Move.STAY), (after(seconds=19), Move.STAY), (after(seconds=20), Move.CLEAR)],
)
def test_a_drained_flow_is_over_once_it_was_watched_for_one_more_limit(covered: datetime | None, move: Move) -> None:
    known = synced(0, 3, drained=NOON, evidence=Evidence(last_bad=after(minutes=-1)))
    verdict = judge_sync(known, Standing(), LATENCY, covered, after(minutes=5))
    assert verdict.move is move
    assert verdict.cleared == (NOON if move is Move.CLEAR else None), "when the last late record arrived"


def test_a_late_record_after_the_backlog_drained_moves_the_end() -> None:
    known = synced(0, 3, drained=NOON, evidence=Evidence(last_bad=after(minutes=1)))
    assert judge_sync(known, Standing(), LATENCY, after(minutes=2), after(minutes=2)).cleared == after(minutes=1)


# What a verdict does to an alert, and what the move does to the count.


def about() -> About:
    return About(key=late(ACME).key, nodes=late(ACME).nodes, flow=late(ACME).flow)


def test_a_verdict_that_says_nothing_new_changes_nothing() -> None:
    for state, move in [(None, Move.CLEAR), (AlertState.FIRING, Move.SUSPECT), (AlertState.FIRING, Move.LOSE_SIGHT)]:
        alert = late(ACME, state) if state else None
        assert evaluated(alert, about(), Verdict(move=move), NOON) is None


def test_an_alert_keeps_its_first_onset_until_it_is_over() -> None:
    suspected = evaluated(None, about(), Verdict(move=Move.SUSPECT, onset=after(minutes=-9), explanation="a"), NOON)
    fired = evaluated(suspected, about(), Verdict(move=Move.CONFIRM, onset=after(minutes=-1), explanation="b"), NOON)
    assert fired is not None
    assert (fired.state, fired.onset, fired.explanation) == (AlertState.FIRING, after(minutes=-9), "b")
    over = evaluated(fired, about(), Verdict(move=Move.CLEAR, cleared=after(minutes=1)), after(minutes=3))
    assert over is not None
    assert (over.state, over.cleared, over.since, over.explanation) == (
        AlertState.RESOLVED,
        after(minutes=1),
        after(minutes=3),
        "b",
    )
    again = evaluated(over, about(), Verdict(move=Move.CONFIRM, onset=after(minutes=8)), after(minutes=9))
    assert again is not None
    assert (again.onset, again.cleared) == (after(minutes=8), None)


def test_a_suspicion_after_the_end_keeps_when_it_was_over() -> None:
    over = late(ACME, AlertState.RESOLVED)
    again = evaluated(over, about(), Verdict(move=Move.SUSPECT, onset=NOON), NOON)
    assert again is not None
    assert again.cleared == over.cleared


def test_an_end_starts_the_count_anew_and_a_suspicion_that_came_to_nothing_does_not() -> None:
    known = synced(10, 5, evidence=Evidence(suspicion=4.0, first_bad=NOON, successes=9))
    over, calm = (settled(known, late(ACME, state)) for state in (AlertState.RESOLVED, AlertState.INACTIVE))
    assert (over.tally.totals(NOON), over.evidence) == ((0, 0), Evidence())
    assert (calm.tally.totals(NOON), calm.evidence) == ((10, 5), Evidence(successes=9))


def test_durations_and_shares_are_short_enough_for_a_pager() -> None:
    assert [span(timedelta(seconds=seconds)) for seconds in (0, 41, 119, 120, 3_599, 7_500)] == [
        "0 s",
        "41 s",
        "119 s",
        "2 min",
        "1 h 0 min",
        "2 h 5 min",
    ]
    assert [percent(share) for share in (0, 0.001, 0.0123, 0.5, 1)] == ["0 %", "0.1 %", "1.23 %", "50 %", "100 %"]
