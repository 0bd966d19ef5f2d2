"""A world of its own, with its own truth, against which what a book says in a stall is held."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from random import Random

from hypothesis import given

from probes.sync import at_destination, at_source, decided, forgotten
from tests.cast import ACME, HOUR, MINUTE, WITHIN
from tests.probes.books import LOOKS, Desk, Looks, sighting, when


@dataclass(frozen=True, order=True)
class Journey:
    """One record's true story, in seconds after noon."""

    key: str
    created: float
    arrives: float


def journeys(chance: Random, until: float, stalled_from: float = 1e9) -> list[Journey]:
    """Create a record every ten seconds on average; delays are lognormal, median 20 s. A stall stops all arrivals."""
    found: list[Journey] = []
    at = chance.expovariate(0.1)
    while at < until:
        arrives = at + 20 * chance.lognormvariate(0, 0.668)
        found.append(Journey(str(len(found)), at, arrives if arrives < stalled_from else 1e9))
        at += chance.expovariate(0.1)
    return found


def within(dated: Sequence[tuple[float, Journey]], after: float, until: float) -> Iterator[Journey]:
    """Yield those that are dated later than `after` and no later than `until`; all of them are sorted by date."""
    first, end = (bisect_right(dated, at, key=itemgetter(0)) for at in (after, until))
    return (one for _, one in dated[first:end])


def watched(world: Iterable[Journey], until: float, every: float = 5.0, limit: timedelta = MINUTE) -> Desk:
    """Look at both ends in turn; each look shows again what is not much older than the last."""
    promised, desk = {ACME: limit}, Desk()
    created_at = sorted((one.created, one) for one in world)
    arrives_at = sorted((one.arrives, one) for one in world)
    for number in range(int(until / every)):
        at = number * every
        created = [sighting(one.key, one.created) for one in within(created_at, at - 60, at)]
        there = [sighting(one.key, one.created) for one in within(arrives_at, at - 60, at + every / 2)]
        desk.book.apply(at_source(desk.book, created, when(at), HOUR, when(at)))
        change = at_destination(desk.book, there, when(at + every / 2), HOUR, when(at + every / 2))
        desk.book.apply(change)
        desk.arrivals += change.arrivals
        end = decided(desk.book, promised, when(at + every / 2))
        desk.book.apply(end)
        desk.verdicts += end.verdicts
        desk.book.apply(forgotten(desk.book, promised, 10 * MINUTE, when(at)))
    return desk


def percentile_of_arrivals(desk: Desk, now: float) -> float | None:
    """Return the naive p95 of what arrived in the last 15 minutes: the number that must not be believed."""
    ages = sorted(
        (one.arrived - one.created).total_seconds()
        for one in desk.arrivals
        if one.arrived is not None and one.arrived > when(now - 900)
    )
    return ages[int(len(ages) * 0.95)] if ages else None


def test_during_a_stall_the_oldest_unsynced_grows_while_the_percentile_of_arrivals_looks_well() -> None:
    start = 3_600.0
    table = {}
    for stall in (0, 60, 300, 600, 1_000):
        desk = watched(journeys(Random(5), start + stall, stalled_from=start), start + stall)
        standing = desk.book.standings()[ACME]
        assert standing.oldest is not None
        oldest = (when(start + stall) - standing.oldest).total_seconds()
        table[stall] = (oldest, standing.unsynced, percentile_of_arrivals(desk, start + stall))
    ages = [oldest for oldest, _, _ in table.values()]
    backlogs = [backlog for _, backlog, _ in table.values()]
    assert ages == sorted(ages)
    assert backlogs == sorted(backlogs)
    assert 1_000 <= ages[-1] < 1_150
    assert 70 < backlogs[-1] < 140
    healthy, stalled = table[0][2], table[600][2]
    assert healthy is not None
    assert stalled is not None
    assert stalled < 2 * healthy < 600 < ages[3], "the naive percentile does not see the stall: so it is not used"
    assert table[1_000][2] is None, "and then it is gone"


def test_the_share_of_late_records_is_the_true_one_and_not_that_of_arrivals() -> None:
    world = journeys(Random(11), 15_000)
    desk = watched(world, 15_200)
    certainly = sum(one.arrives - one.created > 60 + 5 for one in world) / len(world)
    possibly = sum(one.arrives - one.created > 60 for one in world) / len(world)
    share = sum(desk.lateness.values()) / len(desk.verdicts)
    assert len(desk.verdicts) == len(world)
    assert certainly <= share <= possibly
    assert 0.02 < share < 0.08


def test_in_a_stall_every_record_is_bad_as_soon_as_it_reaches_its_limit() -> None:
    start = 600.0
    world = journeys(Random(3), start + 600, stalled_from=start)
    desk = watched(world, start + 600)
    stuck = {one.key for one in world if one.arrives > 1e6 and one.created < start + 600 - 65}
    assert stuck <= {key for key, late in desk.lateness.items() if late}


@given(LOOKS)
def test_looks_in_the_right_order_decide_by_the_truth(looks: Looks) -> None:
    world = [Journey(key, number * 7, number * 7 + number * number * 3) for number, key in enumerate("abcdef")]
    desk, at = Desk(), 0.0
    for end, _, whole, pause in looks:
        at += pause
        if end == "source":
            desk.source(at, *(sighting(one.key, one.created) for one in world if one.created <= at), whole=whole)
        if end == "destination":
            there = (sighting(one.key, one.created) for one in world if one.arrives <= at)
            desk.destination(at, *there, whole=whole)
    truth = {one.key: one.arrives - one.created > WITHIN.total_seconds() for one in world}
    wrongly = [key for key, late in desk.lateness.items() if late and not truth[key]]
    assert wrongly == [], "nobody is called late who was not"
