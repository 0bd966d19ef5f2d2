"""Sequential tests: how many looks an alarm and its end take, exactly, and what is chance and what is not."""

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from math import comb, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.detect import CHANCE, Evidence, Suspect, no_accident, over_with, rearmed, suspect_for, weighed
from tests.cast import NOON, SECOND

LOOKS = Suspect()
NOTHING = Evidence()
Chain = dict[float, list[tuple[float, float | None]]]


def after_looks(looks: str, evidence: Evidence = NOTHING, test: Suspect = LOOKS) -> Evidence:
    """Weigh a string of looks a second apart, `x` for a failure and `.` for a success."""
    for number, look in enumerate(looks):
        evidence = weighed(evidence, test, bad=look == "x", at=NOON + number * SECOND)
    return evidence


def chain(step: Callable[[float], tuple[float, float]], absorbed: Callable[[float], bool], failing: float) -> Chain:
    """Walk every state that looks can reach from 0, to the hundredth; None stands for the end."""
    states: Chain = {}
    waiting = [0.0]
    while waiting:
        state = waiting.pop()
        if state in states:
            continue
        ways = zip((failing, 1 - failing), step(state), strict=True)
        states[state] = [(chance, None if absorbed(to) else round(to, 2)) for chance, to in ways if chance > 0]
        waiting += [to for _, to in states[state] if to is not None]
    return states


def expected_steps(states: Chain) -> float:
    """Solve E[s] = 1 + sum p E[s'] for the start by Gauss-Jordan elimination."""
    names = sorted(states)
    place = {name: number for number, name in enumerate(names)}
    rows = []
    for name in names:
        row = [0.0] * len(names) + [1.0]
        row[place[name]] += 1
        for chance, to in states[name]:
            if to is not None:
                row[place[to]] -= chance
        rows.append(row)
    for column in range(len(rows)):
        best = max(range(column, len(rows)), key=lambda one: abs(rows[one][column]))
        if abs(rows[best][column]) < 1e-12:
            return inf
        rows[column], rows[best] = rows[best], rows[column]
        pivot = rows[column]
        for row in rows:
            if row is not pivot and row[column]:
                factor = row[column] / pivot[column]
                row[:] = [mine - factor * its for mine, its in zip(row, pivot, strict=True)]
    start = place[0.0]
    return rows[start][-1] / rows[start][start]


def _suspicion(level: float) -> tuple[float, float]:
    evidence = Evidence(suspicion=level)
    return after_looks("x", evidence).suspicion, after_looks(".", evidence).suspicion


def _calm(level: float) -> tuple[float, float]:
    evidence = Evidence(calm=level)
    return after_looks("x", evidence).calm, after_looks(".", evidence).calm


def looks_to_alarm(failing: float) -> float:
    return expected_steps(chain(_suspicion, lambda level: Evidence(suspicion=level).alarmed(LOOKS), failing))


def looks_to_clear(failing: float) -> float:
    return expected_steps(chain(_calm, lambda level: Evidence(calm=level).cleared(LOOKS), failing))


def test_three_failures_in_a_row_alarm_and_two_do_not() -> None:
    assert not after_looks("xx").alarmed(LOOKS)
    assert after_looks("xxx").alarmed(LOOKS)


def test_seven_successes_in_a_row_clear_an_alarm_and_six_do_not() -> None:
    firing = rearmed(after_looks("xxx"))
    assert not after_looks("......", firing).cleared(LOOKS)
    assert after_looks(".......", firing).cleared(LOOKS)


def test_a_failure_in_between_puts_the_end_off() -> None:
    firing = rearmed(after_looks("xxx"))
    assert not after_looks("......x......", firing).cleared(LOOKS)
    assert after_looks("......x.......", firing).cleared(LOOKS)


def test_calm_before_an_alarm_does_not_count_towards_its_end() -> None:
    long_healthy = after_looks("." * 500)
    assert not after_looks("xxx......", rearmed(long_healthy)).cleared(LOOKS)
    assert rearmed(after_looks("xxx", long_healthy)).calm == 0


def test_a_long_outage_does_not_make_the_end_take_longer() -> None:
    assert after_looks(".......", rearmed(after_looks("x" * 5_000))).cleared(LOOKS)


def test_a_long_health_does_not_make_the_alarm_take_longer() -> None:
    assert after_looks("xxx", after_looks("." * 5_000)).alarmed(LOOKS)


@pytest.mark.parametrize(("failing", "looks"), [(1.0, (3.0, 3.0)), (0.5, (7.6, 7.8)), (0.01, (580_000, 610_000))])
def test_the_expected_looks_to_an_alarm_are_those_of_the_markov_chain(
    failing: float, looks: tuple[float, float]
) -> None:
    assert looks[0] <= looks_to_alarm(failing) <= looks[1]


@pytest.mark.parametrize(("failing", "looks"), [(0.0, (7.0, 7.0)), (0.01, (7.2, 7.4)), (0.5, (250, 260))])
def test_the_expected_looks_to_an_end_are_those_of_the_markov_chain(failing: float, looks: tuple[float, float]) -> None:
    assert looks[0] <= looks_to_clear(failing) <= looks[1]


def test_a_total_outage_never_clears() -> None:
    assert looks_to_clear(1.0) == inf


def test_the_onset_is_the_first_failure_since_suspicion_last_was_nothing() -> None:
    assert after_looks("..xxx").first_bad == NOON + 2 * SECOND
    assert after_looks("x........xxx").first_bad == NOON + 9 * SECOND
    assert after_looks("x..xx").first_bad == NOON


def test_recovery_is_the_first_success_after_the_last_failure() -> None:
    assert after_looks("xxx.x...").good_since == NOON + 5 * SECOND
    assert after_looks("xxx.x").good_since is None


@given(st.text(alphabet="x.", max_size=60))
def test_evidence_stays_within_its_bounds_whatever_is_seen(looks: str) -> None:
    evidence = after_looks(looks)
    assert 0 <= evidence.suspicion <= 2 * LOOKS.alarm
    assert 2 * LOOKS.clear <= evidence.calm <= 0
    assert (evidence.first_bad is None) == (evidence.suspicion == 0)
    assert evidence.last_bad == last_of(looks)


def last_of(looks: str) -> datetime | None:
    return NOON + looks.rindex("x") * SECOND if "x" in looks else None


@given(st.floats(min_value=0, max_value=1))
def test_every_allowed_ratio_has_a_test_that_failures_alarm_and_successes_clear(allowed: float) -> None:
    test = suspect_for(allowed)
    assert 0 < test.healthy < test.sick < 1
    assert test.on_bad > 0 > test.on_good


KNOWN = [(60, 0.001, 3), (120, 0.001, 4), (60, 0.005, 5), (60, 0.01, 6)]


@pytest.mark.parametrize(("looks", "allowed", "failures"), KNOWN)
def test_the_published_numbers_of_failures_that_are_no_accident(looks: int, allowed: float, failures: int) -> None:
    assert no_accident(looks, allowed) == failures


def by_exact_fractions(total: int, allowed: Fraction) -> int:
    """Return the smallest k with P(Bin(total, allowed) >= k) < 1e-4, in exact arithmetic."""
    terms = [comb(total, k) * allowed**k * (1 - allowed) ** (total - k) for k in range(total + 1)]
    tails = (sum(terms[k:], Fraction()) for k in range(total + 2))
    return next(k for k, tail in enumerate(tails) if tail < Fraction(CHANCE))


@pytest.mark.parametrize("allowed", ["1/1000", "1/200", "1/100", "1/50", "1/10", "1/2", "9/10"])
@pytest.mark.parametrize("total", [0, 1, 3, 5, 17, 60, 150])
def test_no_accident_equals_the_exact_binomial(total: int, allowed: str) -> None:
    assert no_accident(total, float(Fraction(allowed))) == by_exact_fractions(total, Fraction(allowed))


def test_so_few_looks_say_nothing() -> None:
    assert no_accident(1, 0.02) == 2
    assert no_accident(0, 0.02) == 1


def test_where_nothing_is_allowed_one_failure_is_no_accident_and_where_all_is_nothing_ever_is() -> None:
    assert no_accident(1_000, 0.0) == 1
    assert no_accident(1_000, 1.0) == 1_001


@pytest.mark.parametrize(
    ("total", "allowed"), [(2_000, 0.5), (10_000, 0.01), (100_000, 0.02), (100_000, 1 - 0.99), (30_000, 0.001)]
)
def test_busy_clients_are_counted_too(total: int, allowed: float) -> None:
    mean, spread = total * allowed, (total * allowed * (1 - allowed)) ** 0.5
    assert mean + 3.5 * spread < no_accident(total, allowed) < mean + 4.5 * spread + 3


@pytest.mark.parametrize(
    ("bad", "before", "successes"), [(50, 50, 7), (3, 3, 7), (50, 100, 14), (20, 100, 42), (10, 100, 88), (0, 0, 7)]
)
def test_so_many_successes_in_a_row_show_that_failures_have_ended(bad: int, before: int, successes: int) -> None:
    def over(row: int) -> bool:
        return over_with(before - bad + row, bad, row)

    assert over(successes)
    assert not over(successes - 1)


@given(st.integers(min_value=0, max_value=500), st.integers(min_value=0, max_value=500), st.integers(0, 1_000))
def test_more_successes_never_make_an_end_less_certain(good: int, bad: int, successes: int) -> None:
    if over_with(good, bad, successes):
        assert over_with(good + 1, bad, successes + 1)
