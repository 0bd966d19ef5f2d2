"""Bisection: finds exactly what two ends do not agree on, and reads no more windows than the differences call for."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.bisect import (
    NARROWEST,
    Difference,
    Digest,
    Entry,
    Reading,
    Search,
    Window,
    begun,
    compared,
    digest,
    narrowed,
    read,
    split,
    told,
)
from probes.tracked import Ending

START = datetime(2026, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)
SECONDS = int(DAY.total_seconds())
End = dict[str, tuple[int, int]]
"""Records by key: the second of the day in which each was created, and its amount."""


def within(end: End, window: Window) -> list[Entry]:
    return [
        Entry(key=key, amount=amount, currency="EUR")
        for key, (second, amount) in end.items()
        if window.start <= START + timedelta(seconds=second) < window.end
    ]


def answer(end: End, window: Window) -> Reading:
    """What an end tells that tells its records only where they are wanted."""
    entries = within(end, window)
    return read(entries) if window.whole else Reading(digest=digest(entries))


def searched(source: End, destination: End, search: Search) -> Search:
    while (window := search.next) is not None:
        search = compared(search, answer(source, window), answer(destination, window))
    return search


ends = st.dictionaries(
    st.integers(0, 10**6).map(str),
    st.tuples(st.integers(0, SECONDS - 1), st.integers(1, 1000)),
    max_size=300,
)


@given(ends, st.integers(2, 32), st.integers(0, 20), st.data())
def test_exactly_the_differences_are_found_in_as_few_windows_as_they_call_for(
    source: End, factor: int, few: int, data: st.DataObject
) -> None:
    destination = dict(source)
    touched = data.draw(st.lists(st.sampled_from(sorted(source)), unique=True, max_size=6)) if source else []
    expected: set[Difference] = set()
    for key in touched:
        second, amount = source[key]
        way = data.draw(st.sampled_from([Ending.MISSING, Ending.MISMATCHED, Ending.ORPHAN]))
        expected.add(Difference(key=key, ending=way))
        if way is Ending.MISSING:
            del destination[key]
        elif way is Ending.MISMATCHED:
            destination[key] = (second, amount + 1)
    orphans = {one.key for one in expected if one.ending is Ending.ORPHAN}
    source = {key: one for key, one in source.items() if key not in orphans}
    search = searched(source, destination, begun(START, START + DAY, START + DAY, factor, few))
    assert set(search.found) == expected
    assert len(search.found) == len(expected)
    levels = ceil(log(SECONDS, factor)) + 1
    assert search.compared <= factor + len(expected) * (factor * levels + 1)


def test_ends_that_agree_cost_one_round_of_windows() -> None:
    same = {f"r{n}": (n * 80, n) for n in range(1000)}
    search = searched(same, same, begun(START, START + DAY, START + DAY, factor=8))
    assert (search.found, search.compared) == ((), 8)


@pytest.mark.answers("datastax/cassandra-data-migrator#395")
def test_what_may_be_on_its_way_is_not_compared() -> None:
    """What is written while it is compared is no difference."""
    source, destination = {"old": (10, 1), "young": (SECONDS - 10, 1)}, {"old": (10, 1)}
    young = START + DAY - timedelta(minutes=5)
    assert searched(source, destination, begun(START, START + DAY, young)).found == ()
    assert begun(START, START + DAY, START).next is None


def test_an_amount_that_one_end_does_not_tell_contradicts_nothing() -> None:
    found = compared(
        begun(START, START + DAY, START + DAY, factor=2),
        read([Entry(key="a", amount=5, currency="EUR"), Entry(key="b")]),
        read([Entry(key="a"), Entry(key="b", amount=7, currency="EUR")]),
    ).found
    assert found == ()


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(0, 99)), max_size=20), st.randoms(use_true_random=False))
def test_a_digest_does_not_hang_on_the_order_or_on_repetitions(rows: list[tuple[str, int]], chance: object) -> None:
    entries = [Entry(key=key, amount=amount, currency="EUR") for key, amount in dict(rows).items()]
    shuffled = [*entries, *entries[:3]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert digest(entries) == digest(shuffled)


def test_a_window_that_cannot_be_read_at_once_is_split_until_it_is_too_narrow() -> None:
    search: Search | None = begun(START, START + timedelta(seconds=8), START + DAY, factor=2)
    assert search is not None
    widths = []
    while search is not None and search.next is not None:
        widths.append(search.next.width)
        search = narrowed(search)
    assert widths == [timedelta(seconds=4), timedelta(seconds=2), NARROWEST]


def test_parts_are_without_gaps() -> None:
    window = Window(start=START, end=START + timedelta(seconds=100))
    parts = split(window, 7)
    assert (parts[0].start, parts[-1].end, len(parts)) == (window.start, window.end, 7)
    assert all(first.end == second.start for first, second in pairwise(parts))


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        begun(START, START + DAY, START + DAY, factor=1)
    with pytest.raises(ValueError, match="nothing is left"):
        compared(Search(pending=()), Reading(digest=Digest()), Reading(digest=Digest()))


def test_the_line_counts_each_kind_and_the_requests() -> None:
    found = [Difference(key=key, ending=Ending.MISSING) for key in "abc"]
    assert told(found, 9) == "found 3 missing in 9 requests"
    both = [*found, Difference(key="d", ending=Ending.ORPHAN), Difference(key="e", ending=Ending.MISMATCHED)]
    assert told(both, 1) == "found 3 missing, 1 mismatched, 1 orphaned in 1 request"
    assert told([], 4) == "found no difference in 4 requests"
