"""Reconciliation by samples: the textbook's bound, nothing drawn twice, nothing on its way called missing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.book import Book
from probes.catalog import ClientId, FlowId
from probes.latency import paced
from probes.reconcile import (
    AGAIN,
    ENOUGH,
    PERIOD,
    POOL,
    RECHECK,
    Bound,
    Candidate,
    Finding,
    Sample,
    answered,
    apart,
    bound,
    lost,
    most_missing,
    next_lookup,
    offered,
    regained,
    suspected,
    told,
    wanted,
)
from probes.tracked import Ending, RecordState, Tracked
from tests.examples import examples

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FLOW = FlowId("invoices")
EMPTY = Sample(flow=FLOW)


def record(name: str, age: timedelta = timedelta(hours=2)) -> Tracked:
    return Tracked(name, RecordState.OPEN, NOON - age, ClientId("acme"))


def a_book(front: timedelta = MINUTE) -> Book:
    """A flow whose thousands of records took a minute each, and whose youngest arrival is that old."""
    book = Book(FLOW)
    book.pace = paced(book.pace, [MINUTE] * 2000, NOON)
    book.front = NOON - front
    return book


@pytest.mark.parametrize(
    ("missing", "asked", "confidence", "published"),
    [
        # Two-sided 95 % intervals of Clopper and Pearson have 97.5 % on each side.
        (0, 10, 0.975, 0.3085),
        (1, 10, 0.975, 0.4450),
        (5, 10, 0.975, 0.8129),
        (10, 100, 0.975, 0.1762),
        (0, 100, 0.95, 0.0295),
        (1, 10, 0.95, 0.3942),
        (10, 10, 0.95, 1.0),
    ],
)
def test_the_bound_is_that_of_the_published_tables(
    missing: int, asked: int, confidence: float, published: float
) -> None:
    assert most_missing(missing, asked, confidence) == pytest.approx(published, abs=5e-5)


def test_2994_lookups_without_a_missing_record_show_a_thousandth() -> None:
    assert most_missing(0, ENOUGH) == pytest.approx(0.001, rel=1e-4)
    assert most_missing(0, ENOUGH + 1) < 0.001
    assert told(Bound(asked=ENOUGH, missing=0, ratio=most_missing(0, ENOUGH))) == (
        "missing below 0.1 % at 95 % (2,994 look-ups in the last day, none missing)"
    )


def test_the_sentence_counts_what_is_missing_and_rounds_its_bound_up() -> None:
    assert told(Bound(asked=1000, missing=3, ratio=most_missing(3, 1000))) == (
        "missing below 0.77 % at 95 % (1,000 look-ups in the last day, 3 missing)"
    )
    assert told(Bound(asked=3, missing=0, ratio=most_missing(0, 3))).startswith("missing below 63 % at 95 %")
    assert told(None) == "no record was looked up at the destination in the last day"


@settings(max_examples=examples(50))
@given(st.integers(1, 3000), st.data())
def test_more_missing_is_a_higher_bound_and_more_lookups_a_lower_one(asked: int, data: st.DataObject) -> None:
    missing = data.draw(st.integers(0, min(asked - 1, 50)))
    known = most_missing(missing, asked)
    assert missing / asked < known <= 1
    assert most_missing(missing, asked + 1) < known <= most_missing(missing + 1, asked)


def test_impossible_counts_are_refused() -> None:
    for missing, asked in ((1, 0), (3, 2), (-1, 5)):
        with pytest.raises(ValueError, match="cannot be missing"):
            most_missing(missing, asked)


@pytest.mark.answers("datastax/cassandra-data-migrator#395")
def test_what_may_be_on_its_way_is_not_asked_for() -> None:
    """A record written while others are compared is not reported missing."""
    sample = offered(EMPTY, [record("young", MINUTE / 2), record("old", 10 * MINUTE)])
    assert next_lookup(sample, a_book(), NOON) == "old"
    assert next_lookup(offered(EMPTY, [record("young", MINUTE / 2)]), a_book(), NOON) is None


def test_while_a_flow_stands_still_nothing_that_waits_is_asked_for() -> None:
    sample = offered(EMPTY, [record("waiting", timedelta(hours=2))])
    assert next_lookup(sample, a_book(front=timedelta(hours=3)), NOON) is None


def test_nothing_is_drawn_twice_and_everything_is_drawn() -> None:
    sample, drawn = offered(EMPTY, [record(f"r{n}") for n in range(50)]), list[str]()
    while (key := next_lookup(sample, a_book(), NOON)) is not None:
        sample, _ = answered(sample, key, found=True, now=NOON)
        sample = offered(sample, [record(key)])
        drawn.append(key)
    assert sorted(drawn) == sorted(f"r{n}" for n in range(50))
    assert drawn != sorted(drawn)


@settings(max_examples=10)
@given(st.permutations([f"r{n}" for n in range(POOL + 100)]), st.integers(1, 50))
def test_which_records_stay_in_the_pool_does_not_hang_on_their_order(names: list[str], at_once: int) -> None:
    sample = EMPTY
    for first in range(0, len(names), at_once):
        sample = offered(sample, [record(name) for name in names[first : first + at_once]])
    whole = offered(EMPTY, [record(name) for name in sorted(names)])
    assert len(sample.pool) == POOL
    assert sample.pool == whole.pool


def test_absent_once_is_a_doubt_and_absent_twice_is_missing() -> None:
    sample = offered(EMPTY, [record("r1"), record("r2")])
    first = next_lookup(sample, a_book(), NOON)
    assert first is not None
    sample, finding = answered(sample, first, found=False, now=NOON)
    assert (finding, bound(sample, NOON)) == (Finding.ABSENT, None)
    assert next_lookup(sample, a_book(), NOON + MINUTE) not in (first, None)
    later = NOON + AGAIN
    assert next_lookup(sample, a_book(), later) == first
    change = lost(sample, FLOW, first)
    assert [(one.key, one.client, one.ending) for one in change.kept] == [(first, "acme", Ending.MISSING)]
    sample, finding = answered(sample, first, found=False, now=later)
    assert (finding, sample.missing, sample.doubts) == (Finding.MISSING, (first,), {})
    found = bound(sample, later)
    assert found is not None
    assert (found.asked, found.missing) == (1, 1)


def test_a_missing_record_is_looked_for_again_and_ends_when_it_is_there() -> None:
    sample, _ = answered(offered(EMPTY, [record("r1")]), "r1", found=False, now=NOON)
    book = a_book()
    gone = lost(sample, FLOW, "r1")
    sample, _ = answered(sample, "r1", found=False, now=NOON + AGAIN)
    book.apply(gone)
    assert book.standings()[ClientId("acme")].missing == 1
    assert next_lookup(sample, book, NOON + AGAIN + MINUTE) is None
    later = NOON + AGAIN + RECHECK
    assert next_lookup(sample, book, later) == "r1"
    sample, finding = answered(sample, "r1", found=False, now=later)
    assert (finding, sample.missing) == (Finding.STILL, ("r1",))
    sample, finding = answered(sample, "r1", found=True, now=later + RECHECK)
    assert (finding, sample.missing) == (Finding.REGAINED, ())
    book.apply(regained(book, "r1", later + RECHECK))
    assert book.standings() == {}


def test_a_record_that_turns_up_at_the_second_lookup_was_late_and_not_lost() -> None:
    sample, _ = answered(offered(EMPTY, [record("r1")]), "r1", found=False, now=NOON)
    sample, finding = answered(sample, "r1", found=True, now=NOON + AGAIN)
    assert (finding, sample.missing) == (Finding.FOUND, ())


def test_lookups_count_for_a_day() -> None:
    sample = EMPTY
    for hours in range(30):
        sample, _ = answered(sample, f"r{hours}", found=True, now=NOON + timedelta(hours=hours))
    found = bound(sample, NOON + timedelta(hours=29))
    assert found is not None
    assert found.asked == 24
    assert bound(sample, NOON + 3 * PERIOD) is None


def test_lookups_take_half_of_what_planned_looks_leave_and_no_more_than_the_bound_needs() -> None:
    assert apart(10, 1, 1) == PERIOD / ENOUGH
    assert apart(0.03, 0.01, 1) == timedelta(seconds=100)
    assert apart(0.03, 0.01, 2) == timedelta(seconds=200)
    assert apart(0.01, 0.01, 1) is None
    assert apart(0.01, 0.02, 1) is None


def test_a_sample_forgets_the_oldest_of_what_it_asked_for() -> None:
    sample = replace(EMPTY, asked=tuple(f"{n:016x}" for n in range(1000)))
    assert len(answered(sample, "r1", found=True, now=NOON)[0].asked) == 1000


def test_what_a_comparison_did_not_find_is_looked_up_once_more_before_it_is_missing() -> None:
    absent = {"r1": Candidate(created=NOON - 2 * timedelta(hours=1), client=ClientId("acme"))}
    sample = suspected(EMPTY, absent, "found 1 missing in 9 requests", NOON)
    assert next_lookup(sample, a_book(), NOON + MINUTE) is None
    assert next_lookup(sample, a_book(), NOON + AGAIN) == "r1"
    sample, finding = answered(sample, "r1", found=False, now=NOON + AGAIN)
    assert (finding, sample.missing, sample.search) == (Finding.MISSING, ("r1",), "found 1 missing in 9 requests")
    assert suspected(sample, absent, "", NOON + AGAIN).doubts == {}
    assert not wanted(sample, NOON + 59 * MINUTE)
    assert wanted(sample, NOON + 60 * MINUTE)


def test_a_great_loss_is_not_looked_up_record_by_record_without_end() -> None:
    absent = {f"r{n}": Candidate(created=NOON) for n in range(1000)}
    assert len(suspected(EMPTY, absent, "", NOON).doubts) == 100
