"""Source against destination: censored, decided at the limit, once, and only on what was really seen."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.catalog import ClientId, FlowId
from probes.sync import (
    Book,
    BookChange,
    RecordState,
    Sighting,
    Tracked,
    Verdict,
    after,
    at_destination,
    at_source,
    decided,
    joined,
    next_limit,
)
from probes.sync import settled as forgotten
from tests.cast import ACME, BOREAL, HOUR, MINUTE, NOON, SECOND, WITHIN

FLOW = FlowId("invoices")
PROMISED = {ACME: WITHIN, BOREAL: WITHIN}
NEVER = timedelta(days=999)


def sighting(key: str, at: float = 0, client: ClientId | None = ACME) -> Sighting:
    return Sighting(key=key, client=client, created=NOON + at * SECOND)


def when(seconds: float) -> datetime:
    return NOON + seconds * SECOND


@dataclass
class Desk:
    """Looks at both ends, and decides after each look, as the passes do."""

    book: Book = field(default_factory=lambda: Book(FLOW))
    verdicts: list[Verdict] = field(default_factory=list)
    arrivals: list[Tracked] = field(default_factory=list)

    def source(self, at: float, *seen: Sighting, whole: bool = True) -> None:
        """Look at the source."""
        self._take(at_source(self.book, seen, when(at) if whole else None, HOUR), when(at))

    def destination(self, at: float, *seen: Sighting, whole: bool = True) -> None:
        """Look at the destination."""
        self._take(at_destination(self.book, seen, when(at) if whole else None, when(at)), when(at))

    def waits(self, at: float) -> None:
        """Let time alone decide, and forget what can be forgotten."""
        self._take(BookChange(flow=FLOW), when(at))
        self.book.apply(forgotten(self.book, PROMISED, HOUR, when(at)))

    def _take(self, change: BookChange, now: datetime) -> None:
        self.book.apply(change)
        self.arrivals += change.arrivals
        end = decided(self.book, PROMISED, now)
        self.book.apply(end)
        self.verdicts += end.verdicts

    @property
    def lateness(self) -> dict[str, bool]:
        """Return what was decided of each record."""
        return {one.key: one.late for one in self.verdicts}


def test_a_record_that_arrives_in_time_is_good_at_its_limit_and_not_before() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(5)
    desk.destination(10, sighting("a"))
    desk.waits(19.9)
    assert desk.verdicts == []
    desk.waits(20)
    assert desk.verdicts == [Verdict(key="a", client=ACME, at=when(20), late=False)]


def test_a_record_that_has_not_arrived_by_its_limit_is_bad_then_and_not_when_it_arrives() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(20)
    assert desk.verdicts == [Verdict(key="a", client=ACME, at=when(20), late=True)]
    desk.destination(300, sighting("a"))
    assert len(desk.verdicts) == 1
    assert [(one.key, one.late, one.arrived) for one in desk.arrivals] == [("a", True, when(300))]


def test_a_record_on_its_way_is_not_late_before_a_look_after_its_limit_did_not_contain_it() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(19)
    desk.waits(60)
    assert desk.verdicts == []


def test_an_arrival_between_two_looks_around_the_limit_is_not_held_against_the_contract() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(15)
    desk.destination(25, sighting("a"))
    assert desk.lateness == {"a": False}


def test_a_destination_that_cannot_be_seen_decides_nothing_of_what_is_on_its_way() -> None:
    desk = Desk()
    desk.source(1, sighting("a"), sighting("b"))
    for at in range(5, 600, 5):
        desk.destination(at, whole=False)
        desk.waits(at)
    assert desk.verdicts == []
    assert desk.book.standings()[ACME].unsynced == 2
    assert desk.book.standings()[ACME].overdue == 0
    desk.destination(605, sighting("b"))
    assert desk.lateness == {"a": True, "b": False}


def test_a_record_seen_at_the_destination_first_is_matched_when_its_source_is_seen() -> None:
    desk = Desk()
    desk.destination(2)
    desk.destination(6, sighting("a"))
    desk.source(8, sighting("a"))
    desk.waits(20)
    assert desk.lateness == {"a": False}
    assert desk.book.standings() == {}


def test_a_late_record_is_late_even_when_its_source_could_only_be_read_after_it_had_arrived() -> None:
    desk = Desk()
    desk.destination(60)
    desk.destination(70, sighting("a"))
    desk.source(80, sighting("a"))
    assert desk.lateness == {"a": True}


@pytest.mark.parametrize("client", [None, ClientId("nobody-promised")])
def test_nobody_is_held_to_a_promise_that_was_not_made(client: ClientId | None) -> None:
    desk = Desk()
    desk.source(1, sighting("a", client=client))
    desk.destination(600)
    assert desk.verdicts == []


def test_a_settled_record_that_is_read_again_is_not_reopened_even_after_it_was_forgotten() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(5, sighting("a"))
    desk.source(30, sighting("a"))
    assert desk.book.tracked["a"].state is RecordState.MATCHED
    desk.source(3_900)
    desk.waits(3_900)
    assert desk.book.tracked == {}
    desk.source(3_905, sighting("a"))
    desk.destination(4_000)
    assert desk.book.tracked == {}
    assert desk.lateness == {"a": False}


def test_only_what_is_settled_is_forgotten() -> None:
    desk = Desk()
    desk.source(1, sighting("lost"), sighting("arrived"))
    desk.destination(5, sighting("arrived"), sighting("orphan"))
    desk.destination(30)
    desk.source(8_000)
    desk.waits(8_000)
    assert set(desk.book.tracked) == {"lost"}


def test_a_record_of_an_unknown_client_that_never_arrives_does_not_stay_for_ever() -> None:
    desk = Desk()
    desk.source(1, sighting("stray", client=None))
    desk.destination(30)
    desk.waits(3_000)
    assert set(desk.book.tracked) == {"stray"}
    desk.source(3_700)
    desk.waits(3_700)
    assert desk.book.tracked == {}


def test_the_next_limit_is_the_earliest_that_time_alone_can_decide() -> None:
    desk = Desk()
    assert next_limit(desk.book, PROMISED, NOON) is None
    desk.source(1, sighting("b", at=0.5), sighting("a"))
    assert next_limit(desk.book, PROMISED, when(1)) == when(20)
    assert next_limit(desk.book, PROMISED, when(20)) == when(20.5)
    assert next_limit(desk.book, PROMISED, when(21)) is None


def test_a_standing_counts_what_is_under_way_and_what_is_overdue() -> None:
    desk = Desk()
    desk.source(40, sighting("old"), sighting("young", at=39), sighting("other", at=3, client=BOREAL))
    desk.destination(41)
    mine = desk.book.standings()[ACME]
    assert (mine.unsynced, mine.oldest, mine.overdue, mine.oldest_overdue) == (2, NOON, 1, NOON)
    assert desk.book.standings()[BOREAL].oldest == when(3)


# A world of its own, against which what the book says can be held.


@dataclass(frozen=True)
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


def watched(world: Iterable[Journey], until: float, every: float = 5.0, limit: timedelta = MINUTE) -> Desk:
    """Look at both ends in turn; each look shows again what is not much older than the last."""
    world, promised = list(world), {ACME: limit}
    desk = Desk()
    for number in range(int(until / every)):
        at = number * every
        created = [sighting(one.key, one.created) for one in world if at - 60 < one.created <= at]
        there = [sighting(one.key, one.created) for one in world if at - 60 < one.arrives <= at + every / 2]
        for change in (
            at_source(desk.book, created, when(at), HOUR),
            at_destination(desk.book, there, when(at + every / 2), when(at + every / 2)),
        ):
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


LOOKS = st.lists(
    st.tuples(
        st.sampled_from(["source", "destination", "time"]),
        st.sets(st.sampled_from("abcdef")),
        st.booleans(),
        st.floats(min_value=0, max_value=30),
    ),
    max_size=40,
)


@given(LOOKS)
def test_each_record_is_decided_once_whatever_is_seen_in_whatever_order(
    looks: list[tuple[str, set[str], bool, float]],
) -> None:
    desk, at = Desk(), 0.0
    for end, keys, whole, pause in looks:
        at += pause
        seen = [sighting(key, at="abcdef".index(key)) for key in sorted(keys)]
        if end == "time":
            desk.waits(at)
        elif end == "source":
            desk.source(at, *seen, whole=whole)
        else:
            desk.destination(at, *seen, whole=whole)
        assert all(one.at <= when(at) for one in desk.verdicts), "nothing is decided before its limit"
    assert len(desk.verdicts) == len(desk.lateness)
    for verdict in desk.verdicts:
        assert desk.book.tracked[verdict.key].late is verdict.late
    arrived = [one.key for one in desk.arrivals]
    assert len(arrived) == len(set(arrived)), "a record arrives once"


@given(LOOKS)
def test_looks_in_the_right_order_decide_by_the_truth(looks: list[tuple[str, set[str], bool, float]]) -> None:
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


@settings(max_examples=30)
@given(LOOKS)
def test_two_changes_as_one_make_the_same_book_as_one_after_the_other(
    looks: list[tuple[str, set[str], bool, float]],
) -> None:
    book, at = Book(FLOW), 0.0
    whole_change = BookChange(flow=FLOW)
    stepwise = Book(FLOW)
    for end, keys, whole, pause in looks:
        at += pause * 60
        seen = [sighting(key) for key in sorted(keys)]
        covered = when(at) if whole else None
        change = {
            "source": at_source(stepwise, seen, covered, HOUR),
            "destination": at_destination(stepwise, seen, covered, when(at)),
            "time": forgotten(stepwise, {}, MINUTE, when(at)),
        }[end]
        stepwise.apply(change)
        whole_change = joined(whole_change, change)
    together = after(book, whole_change)
    assert together.tracked == stepwise.tracked
    assert together.source_covered == stepwise.source_covered
    assert together.destination_covered == stepwise.destination_covered
    assert book.tracked == {}, "the book itself is left as it was"


def test_coverage_never_goes_back() -> None:
    desk = Desk()
    desk.destination(30)
    desk.destination(25)
    assert desk.book.destination_covered == when(30)


def test_a_change_without_content_need_not_be_written() -> None:
    assert BookChange(flow=FLOW).empty
    assert not replace(BookChange(flow=FLOW), dropped=("a",)).empty
