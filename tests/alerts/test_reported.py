"""Alerts of others: who they are, how two reports of one become one, and how they are found."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import AlertKey, AlertKind
from alerts.matcher import Matcher, Operator, matches
from alerts.reported import Labels, Reported, fingerprint
from alerts.reports import REMEMBERED, Reports
from monitor.web.alertmanager.board import Asked
from tests.cast import MINUTE, NOON, SECOND, after
from tests.examples import examples

GOLDEN = {
    "22d42f0c06ce8f23": {"alertname": "SyncLag", "client": "acme", "integration": "stripe", "tier": "platinum"},
    "91a3f1b7af521924": {"alertname": "okone"},
    "980a6a0e0facf311": {"alertname": "foo", "node": "bar"},
}


def labelled(**labels: str) -> Labels:
    return tuple(sorted(labels.items()))


X = labelled(alertname="x")


def report(at: datetime, starts: datetime, ends: datetime | None, labels: Labels = X) -> Reported:
    """Return a report as it comes in; without an end it has a timeout of five minutes."""
    return Reported(labels=labels, starts=starts, ends=ends or at + 5 * MINUTE, updated=at, timeout=ends is None)


def taken(*reports: Reported) -> Reported:
    book = Reports()
    for one in reports:
        book.take([one])
    (found,) = book
    return found


@pytest.mark.parametrize("expected", GOLDEN)
def test_a_fingerprint_is_that_of_prometheus(expected: str) -> None:
    assert fingerprint(tuple(sorted(GOLDEN[expected].items()))) == expected


def test_reports_that_overlap_are_one_from_the_earliest_start_on() -> None:
    found = taken(report(NOON, NOON - MINUTE, None), report(after(minutes=1), NOON, None))
    assert (found.starts, found.ends) == (NOON - MINUTE, after(minutes=6))


def test_an_end_that_a_sender_named_outlasts_a_shorter_timeout() -> None:
    found = taken(report(NOON, NOON, after(minutes=30)), report(after(minutes=1), after(minutes=1), None))
    assert found.ends == after(minutes=30)


def test_a_word_of_the_end_counts_although_an_earlier_report_named_a_later_one() -> None:
    over = after(minutes=2)
    found = taken(report(NOON, NOON, after(minutes=30)), report(after(minutes=3), NOON, over))
    assert found.ends == over
    assert found.told_over


def test_of_two_ends_that_have_passed_the_later_counts() -> None:
    late, early = after(minutes=2), after(minutes=1)
    found = taken(report(after(minutes=3), NOON, late), report(after(minutes=4), NOON, early))
    assert found.ends == late


def test_what_is_reported_long_after_its_end_is_another_time() -> None:
    found = taken(report(NOON, NOON - MINUTE, NOON), report(after(minutes=9), after(minutes=8), None))
    assert found.starts == after(minutes=8)


NAMES = ("alertname", "client", "tier")
label_sets = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(("a", "ab", "b")), min_size=1)
conditions = st.builds(
    Matcher,
    name=st.sampled_from((*NAMES, "never")),
    operator=st.sampled_from(Operator),
    value=st.sampled_from(("", "a", "ab", "a|b", "a.*", ".+")),
)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(label_sets, max_size=12), st.lists(conditions, max_size=3), st.integers(0, 12))
def test_the_index_finds_what_a_look_at_each_finds(
    sets: list[Mapping[str, str]], matchers: list[Matcher], forgotten: int
) -> None:
    book = Reports()
    for number, labels in enumerate(sets):
        ends = NOON if number < forgotten else after(hours=2)
        book.take([report(NOON, NOON - SECOND, ends, tuple(sorted(labels.items())))])
        book.select(())
    key = AlertKey(kind=AlertKind.REPORTED, subject="x")
    book.follow(book.to_follow(99), {one.labels: key for one in book}, after(hours=1))
    book.due(NOON + REMEMBERED + SECOND)
    found = book.select([Asked(matcher=one) for one in matchers])
    assert len(found) == len(set(found))
    assert set(found) == {one.labels for one in book if matches(matchers, dict(one.labels))}
    assert all(one.ends > NOON for one in book)


times = st.integers(0, 20).map(lambda n: NOON + timedelta(minutes=n))


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.tuples(times, st.one_of(st.none(), times)), min_size=1, max_size=6))
def test_taking_reports_in_never_loses_word_of_an_end_or_ends_before_it_begins(
    told: list[tuple[datetime, datetime | None]],
) -> None:
    book = Reports()
    for minute, (starts, ends) in enumerate(told, start=21):
        at = after(minutes=minute)
        book.take([report(at, starts, max(starts, ends) if ends is not None else None)])
    (found,) = book
    last_starts, last_ends = told[-1]
    assert found.starts <= last_starts
    assert found.starts <= found.ends
    if last_ends is not None:
        assert found.told_over


def test_what_was_written_once_is_written_again_only_when_it_has_changed_or_could_not_be_written() -> None:
    book = Reports()
    book.take([report(NOON, NOON, None)])
    due = book.due(NOON)
    assert len(due.kept) == 1
    assert not book.due(NOON).kept
    book.rewrite(due)
    assert len(book.due(NOON).kept) == 1
