"""Whether records are as asserted: nothing missing, one id one content, one value one id, no counter that goes back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.assertion import Assertion, AssertionKind
from probes.quality import Checked, Row, asserted, check

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
REQUIRED, SAME, UNIQUE, MONOTONIC = AssertionKind


def rows(*values: str | None) -> list[Row]:
    """Return rows with ids a, b, c ... a minute apart."""
    names = "abcdefghijklmnopqrstuvwxyz"
    return [
        Row(id=names[place], listed=NOON + timedelta(minutes=place), value=value) for place, value in enumerate(values)
    ]


def every(seen: list[Row]) -> frozenset[str]:
    return frozenset(row.id for row in seen)


def test_what_is_null_absent_or_empty_is_missing() -> None:
    fields = [
        Assertion(kind=REQUIRED, field=path) for path in ("null", "absent", "empty", "zero", "no", "many", "deep.x")
    ]
    item = {"null": None, "empty": "", "zero": 0, "no": False, "many": [1], "deep": {"x": "y"}}
    read = asserted(fields, item)
    assert [path for path, value in read.items() if value is None] == ["null", "absent", "empty"]
    assert (read["zero"], read["no"], read["deep.x"]) == ("0", "false", "y")


def test_a_value_that_is_no_text_is_compared_by_its_digest_whatever_the_order_of_its_members() -> None:
    whole = [Assertion(kind=SAME)]
    one, same, other = ({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1, "b": 3})
    assert asserted(whole, one) == asserted(whole, same) != asserted(whole, other)


def test_a_required_field_is_counted_for_records_that_are_news_only() -> None:
    seen = rows(None, "x", None)
    assert check(REQUIRED, seen, every(seen), None) == Checked(good=1, bad=2)
    assert check(REQUIRED, seen, frozenset("c"), None) == Checked(good=0, bad=1)


def test_two_contents_under_one_id_in_one_look_are_one_broken_record() -> None:
    seen = [*rows("x", "y"), Row(id="a", listed=NOON, value="z"), Row(id="b", listed=NOON, value="y")]
    assert check(SAME, seen, every(seen), None) == Checked(good=1, bad=1)


def test_two_ids_with_one_business_key_are_both_broken_and_no_key_is_no_duplicate() -> None:
    seen = rows("INV-1", "INV-2", "INV-1", None, None)
    assert check(UNIQUE, seen, every(seen), None) == Checked(good=3, bad=2)


def test_a_counter_may_not_go_back_within_a_look_nor_from_one_look_to_the_next() -> None:
    seen = rows("5", "7", "6", "8")
    found = check(MONOTONIC, seen, every(seen), None)
    assert (found.good, found.bad, found.mark) == (3, 1, (NOON + timedelta(minutes=3), "8"))
    later = [Row(id="z", listed=NOON + timedelta(hours=1), value="3")]
    assert check(MONOTONIC, later, every(later), found.mark).bad == 1


def test_what_comes_late_is_not_held_against_the_counter() -> None:
    late = [Row(id="late", listed=NOON - timedelta(minutes=1), value="4")]
    found = check(MONOTONIC, late, every(late), (NOON, "5"))
    assert (found.bad, found.mark) == (0, (NOON, "5"))


def test_records_of_one_instant_have_no_order() -> None:
    """A vendor that writes whole seconds lists two invoices of one second newest first."""
    seen = [Row(id=value, listed=NOON, value=value) for value in ("7", "6")]
    assert check(MONOTONIC, seen, every(seen), None).bad == 0


@pytest.mark.parametrize("value", ["abc", "NaN", "Infinity", "1,5"])
def test_a_counter_that_is_no_number_is_broken(value: str) -> None:
    assert check(MONOTONIC, rows(value), frozenset("a"), None) == Checked(good=0, bad=1)


VALUES = st.lists(st.one_of(st.none(), st.integers(0, 9).map(str)), max_size=12)


@given(st.sampled_from(AssertionKind), VALUES)
def test_every_fresh_record_is_counted_once_at_most_and_none_that_is_not_fresh(
    kind: AssertionKind, values: list[str | None]
) -> None:
    seen = rows(*values)
    fresh = every(seen[::2])
    found = check(kind, seen, fresh, None)
    assert 0 <= found.good + found.bad <= len(fresh)
    assert check(kind, seen, frozenset(), None).bad == 0


@given(st.lists(st.integers(0, 10**12), max_size=30))
def test_a_counter_that_only_rises_is_never_broken_however_it_is_cut_into_looks(numbers: list[int]) -> None:
    seen = [
        Row(id=str(place), listed=NOON + timedelta(seconds=place), value=str(number))
        for place, number in enumerate(sorted(numbers))
    ]
    mark = None
    for start in range(0, len(seen), 7):
        found = check(MONOTONIC, seen[max(0, start - 3) : start + 7], every(seen[start : start + 7]), mark)
        assert found.bad == 0
        mark = found.mark
