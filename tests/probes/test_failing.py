"""What records tell to have failed: which ways a list tells of, and the vendor's words for them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.connector import FailedWhen, FailureKind, Op, Predicate, Resource
from probes.failing import KEPT, LIMITED, TO_MEND, failed_by, most_frequent, tells_of, told
from probes.observation import Record

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
FAILED = (Predicate(path="status", op=Op.EQ, value="failed"),)


def resource(*kinds: FailureKind, failed: tuple[Predicate, ...] = ()) -> Resource:
    ways = tuple(FailedWhen(kind=kind, when=FAILED) for kind in kinds)
    return Resource(name="charges", path="/charges", records_path="data", failures=ways, failed=failed)


def record(*kinds: FailureKind, failed: bool | None = None) -> Record:
    return Record(id="1", client="acme", created=NOON, failed=failed, kinds=kinds)


def test_every_way_that_can_be_limited_says_who_has_to_mend_it() -> None:
    assert TO_MEND.keys() == LIMITED.keys()
    assert FailureKind.OUTAGE not in LIMITED, "an outage that a status page declares is no client's"


def test_a_list_tells_of_the_ways_that_it_declares_and_of_failed_payments_where_it_says_plainly_what_failed() -> None:
    assert tells_of(resource(FailureKind.DISPUTED, FailureKind.OUTAGE)) == {FailureKind.DISPUTED}
    assert tells_of(resource(failed=FAILED)) == {FailureKind.PAYMENT_FAILED}
    assert tells_of(resource()) == frozenset()


def test_a_record_that_plainly_failed_is_a_failed_payment_and_a_rejected_one_is_not() -> None:
    assert failed_by(record(failed=True), FailureKind.PAYMENT_FAILED)
    assert failed_by(record(FailureKind.HARD_DECLINED, failed=True), FailureKind.PAYMENT_FAILED)
    assert not failed_by(record(FailureKind.REJECTED, failed=True), FailureKind.PAYMENT_FAILED)
    assert not failed_by(record(failed=None), FailureKind.PAYMENT_FAILED)
    assert failed_by(record(FailureKind.REJECTED, failed=True), FailureKind.REJECTED)


@pytest.mark.parametrize("text", ["", "card of Ana García", "x" * 61, "ana@example.com", "stolen\ncard", "<b>"])
def test_a_text_that_is_no_code_is_not_repeated(text: str) -> None:
    assert told((), text, NOON) == ()


def test_the_most_frequent_code_is_that_of_the_window() -> None:
    codes = told(told(told((), "old", NOON), "stolen_card", NOON + timedelta(minutes=1)), "old", NOON)
    assert most_frequent(codes, NOON - timedelta(seconds=1)) == ("old", 2)
    assert most_frequent(codes, NOON) == ("stolen_card", 1)
    assert most_frequent(codes, NOON + timedelta(hours=1)) is None


@given(st.lists(st.text(max_size=80), max_size=3 * KEPT))
def test_no_vendor_can_make_the_words_many_or_long(words: list[str]) -> None:
    codes: tuple[tuple[datetime, str], ...] = ()
    for word in words:
        codes = told(codes, word, NOON)
    assert len(codes) <= KEPT
    assert all(code.isascii() and code.isprintable() and len(code) <= 60 for _, code in codes)
