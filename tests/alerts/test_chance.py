"""An hour of many systems whose looks fail by chance, on the real schedule with its bursts: nobody is paged."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.evaluate import LOOKS, About, Blindness, evaluated, judge_looks, settled
from probes.catalog import ProbeId, SystemId
from probes.cusum import CHANCE_FAILURES, WEEK, Thresholds, looked, thresholds
from probes.detect import weighed
from probes.schedule import confirmations, next_due
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally
from tests.cast import HOUR, NOON, SECOND

SYSTEMS = 100
EVERY = 15 * SECOND
SEEN = Blindness(since=None, limit=HOUR, reason="")
Fails = Callable[[datetime], bool]


def pages(name: str, fails: Fails, limits: Thresholds, *, until: datetime = NOON + HOUR) -> list[datetime]:
    """Return when a system that fails as told is said to be down, looked at as `looking` plans it."""
    system, at, found = SystemId(name), NOON, list[datetime]()
    known = Indicator(key=IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject=name), tally=Tally(over=HOUR))
    about = About(key=AlertKey(kind=AlertKind.AVAILABILITY, subject=name), nodes=frozenset(), system=system)
    alert: Alert | None = None
    burst: tuple[datetime, ...] = ()
    while (at := min([next_due(ProbeId(name), EVERY, 7, at), *burst[:1]])) < until:
        bad, confirming = fails(at), bool(burst)
        evidence = weighed(known.evidence, LOOKS, bad=bad, at=at)
        cusum = looked(known.cusum, bad=bad, confirming=confirming, at=at)
        known = replace(known, evidence=evidence, cusum=cusum)
        moved = evaluated(alert, about, judge_looks(known, system, SEEN, limits, at), at)
        if moved is not None:
            found += [at] if moved.state is AlertState.FIRING else []
            alert, known = None if moved.state is AlertState.INACTIVE else moved, settled(known, moved)
        burst = burst[1:]
        if bad and not confirming and not (alert and alert.active):
            burst = confirmations(at, EVERY, limits.row)
    return found


def by_chance(seed: str) -> Fails:
    """Return looks of which one in a hundred fails, each for itself."""
    chance = Random(seed)
    return lambda _: chance.random() < CHANCE_FAILURES


def for_a_while(seed: str, lasts: timedelta) -> Fails:
    """Return looks that fail in disturbances of a length, a hundredth of the time: a burst meets the same one."""
    chance, ends, begins = Random(seed), NOON, NOON

    def fails(at: datetime) -> bool:
        nonlocal begins, ends
        while at >= ends:
            begins = ends + lasts * chance.expovariate(CHANCE_FAILURES)
            ends = begins + lasts
        return at >= begins

    return fails


def fleet() -> Thresholds:
    return thresholds(SYSTEMS * (WEEK / EVERY), 1)


def test_one_look_in_a_hundred_failing_by_chance_pages_nobody_in_an_hour_of_a_hundred_systems() -> None:
    assert [pages(f"s{one}", by_chance(f"{one}"), fleet()) for one in range(SYSTEMS)] == [[]] * SYSTEMS


def test_disturbances_shorter_than_a_burst_do_not_add_up_to_a_page() -> None:
    """A row needs another to begin at once, which is rare; to the CUSUM each is one failure, however many it hit."""
    found = [pages(f"s{one}", for_a_while(f"{one}", SECOND), fleet()) for one in range(SYSTEMS)]
    assert sum(map(len, found)) <= 4, "of 240 in this hour"


def test_the_same_fleet_is_paged_for_a_system_that_is_down_within_an_interval_and_the_burst() -> None:
    began = NOON + timedelta(minutes=20)
    for one in range(10):
        first, *more = pages(f"s{one}", lambda at: at >= began, fleet())
        assert more == []
        assert first - began <= 1.2 * EVERY + 2 * SECOND


def test_a_system_that_fails_a_fifth_of_its_looks_is_found_within_minutes() -> None:
    delays = []
    for one in range(20):
        chance = Random(one)
        first = pages(f"s{one}", lambda _, chance=chance: chance.random() < 0.2, fleet())[0]  # type: ignore[misc]
        delays.append(first - NOON)
    assert sorted(delays)[10] <= 33 * EVERY, "in as many looks as reckoned"
