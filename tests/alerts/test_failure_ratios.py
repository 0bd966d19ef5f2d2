"""Whether too much of a client's records fails: beyond chance, found once, and over when that is certain."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from alerts.alert import Alert, AlertKey, AlertKind, AlertState, Move
from alerts.evaluate import About, evaluated, judge_failures, settled
from probes.detect import suspect_for, weighed
from probes.objectives import FailureRatio
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally, counted
from tests.cast import ACME, GATEWAY, HOUR, MINUTE, NOON, SECOND

RATIO = FailureRatio(below=0.02, over=15 * MINUTE)
COUNTED = IndicatorKey(kind=IndicatorKind.FAILURE_RATIO, subject=GATEWAY, client=ACME)


class Payments:
    """A client's payments at one gateway, their alert, and how often it began to fire."""

    def __init__(self, objective: FailureRatio = RATIO) -> None:
        """Begin with none."""
        self.objective = objective
        self.at = NOON
        self.indicator = Indicator(key=COUNTED, tally=Tally(over=objective.over))
        self.alert: Alert | None = None
        self.fired: list[datetime] = []
        self.ended: list[datetime] = []

    def settle(self, outcomes: Iterable[bool], every: timedelta = 4 * SECOND) -> "Payments":
        """Let payments settle, True for one that failed."""
        key = AlertKey(kind=AlertKind.FAILURE_RATIO, subject=GATEWAY, client=ACME)
        about = About(key=key, nodes=frozenset({"system:gateway"}), system=GATEWAY)
        test = suspect_for(self.objective.below)
        for bad in outcomes:
            self.at += every
            known = self.indicator
            tally = counted(known.tally, good=int(not bad), bad=int(bad), at=self.at)
            evidence = weighed(known.evidence, test, bad=bad, at=self.at)
            self.indicator = replace(known, tally=tally, evidence=evidence)
            verdict = judge_failures(self.indicator, self.objective, self.at)
            self._take(evaluated(self.alert, about, verdict, self.at))
        return self

    def _take(self, alert: Alert | None) -> None:
        if alert is None:
            return
        self.fired += [self.at] if alert.state is AlertState.FIRING else []
        self.ended += [self.at] if alert.state is AlertState.RESOLVED else []
        self.alert = None if alert.state is AlertState.INACTIVE else alert
        self.indicator = settled(self.indicator, alert)

    @property
    def state(self) -> AlertState:
        """Where the alert stands."""
        return self.alert.state if self.alert else AlertState.INACTIVE


def random(failing: float, number: int, seed: int = 1) -> list[bool]:
    chance = Random(seed)
    return [chance.random() < failing for _ in range(number)]


def test_one_failed_payment_of_a_few_is_an_accident() -> None:
    assert Payments().settle([True]).state is AlertState.PENDING
    assert Payments().settle([False, False, True, False]).fired == []


def test_failures_beyond_chance_fire_and_say_how_many() -> None:
    payments = Payments().settle([False] * 20 + [True] * 6)
    assert payments.state is AlertState.FIRING
    assert payments.alert is not None
    assert payments.alert.onset == NOON + 21 * 4 * SECOND
    assert payments.alert.explanation == "6 of 26 failed in 15 min (23.1 %, allowed 2 %)"


@pytest.mark.parametrize("seed", range(5))
def test_a_ratio_within_the_objective_never_fires(seed: int) -> None:
    assert Payments().settle(random(0.015, 3_000, seed)).fired == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("failing", "within"), [(0.5, 3 * MINUTE), (0.2, 10 * MINUTE), (0.1, 25 * MINUTE)])
def test_a_part_that_fails_for_hours_is_found_and_stays_one_alert(failing: float, within: timedelta, seed: int) -> None:
    payments = Payments().settle(random(failing, 1_500, seed))
    assert payments.fired[0] - NOON < within
    assert len(payments.fired) <= 3, "it does not come and go while nothing changes"


@pytest.mark.parametrize(("failed", "successes"), [([True] * 45, 7), ([False, True] * 23, 14)])
def test_the_end_is_seen_after_as_many_successes_as_chance_would_not_give(failed: list[bool], successes: int) -> None:
    payments = Payments().settle(failed)
    first_good = payments.at + 4 * SECOND
    assert len(payments.fired) == 1
    payments.settle([False] * (successes - 1))
    assert payments.ended == []
    payments.settle([False])
    assert payments.ended == [payments.at]
    assert payments.alert is not None
    assert payments.alert.cleared == first_good, "from the data, not from when it was sure"


def test_the_end_is_also_that_the_objective_is_met_again_though_a_few_still_fail() -> None:
    payments = Payments().settle([number % 10 == 0 for number in range(300)])
    assert len(payments.fired) == 1
    began = payments.at
    payments.settle([number % 60 == 59 for number in range(240)])
    assert len(payments.ended) == 1, "one in sixty is allowed, and never eighty-eight in a row succeed"
    assert payments.ended[0] - began <= RATIO.over


def test_silence_and_then_one_success_is_no_end() -> None:
    payments = Payments().settle([True] * 10)
    payments.settle([False], every=HOUR)
    assert payments.ended == []
    payments.settle([False] * 6)
    assert payments.ended == [payments.at]


def test_what_settles_late_and_lies_before_the_window_ends_nothing() -> None:
    payments = Payments().settle([True] * 10)
    verdict = judge_failures(payments.indicator, RATIO, payments.at + HOUR)
    assert verdict.move is Move.STAY
