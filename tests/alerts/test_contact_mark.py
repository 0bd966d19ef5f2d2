"""A mark of a contact keeps back what its reader can do without, and nothing that the contract owes."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.contact_mark import ContactMark, Fault, Withheld, cleared, failed, mark_of, narrowed, unmarked, widened
from alerts.message import Stage
from probes.catalog import ClientId, Contact, SecretRef

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
ACME = ClientId("acme")
MAIL = Contact(name="Ops", channel=SecretRef("env:ACME_MAIL"))
FRESH = unmarked(ACME, MAIL)
NOT_OWED = (Stage.IDENTIFIED, Stage.MONITORING, Stage.REMINDER, Stage.IN_PROGRESS, Stage.COMPLETED)


@pytest.mark.answers("cachethq/cachet#3934", "cachethq/core#79")
def test_an_unmarked_contact_is_sent_everything() -> None:
    assert [stage for stage in Stage if FRESH.withholds(stage)] == []


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        (narrowed(FRESH, "the reader", NOON), Withheld.UNSUBSCRIBED),
        (failed(FRESH, Fault.REJECTED, "refused (550)", NOON), Withheld.UNREACHABLE),
    ],
)
def test_a_mark_keeps_back_only_what_is_not_owed(mark: ContactMark, why: Withheld) -> None:
    assert {stage for stage in Stage if mark.withholds(stage)} == set(NOT_OWED)
    assert mark.withholds(Stage.MONITORING) is why


def test_unsubscribing_twice_is_unsubscribing_once_and_can_be_taken_back() -> None:
    once = narrowed(FRESH, "the reader", NOON)
    assert narrowed(once, "alba", LATER) == once
    assert widened(once) == FRESH


def test_failures_count_until_somebody_clears_them() -> None:
    twice = failed(failed(FRESH, Fault.REJECTED, "refused (550)", NOON), Fault.BOUNCED, "5.1.1", LATER)
    assert (twice.failures, twice.fault, twice.failed) == (2, Fault.BOUNCED, LATER)
    clear = cleared(twice, "alba", LATER)
    assert (clear.fault, clear.failures, clear.cleared_by) == (None, 0, "alba")


def test_a_mark_does_not_follow_a_contact_to_another_channel() -> None:
    bad = failed(FRESH, Fault.REJECTED, "refused (550)", NOON)
    moved = Contact(name="Ops", channel=SecretRef("env:ACME_NEW_MAIL"))
    assert mark_of(bad, ACME, MAIL) is bad
    assert mark_of(bad, ACME, moved) == unmarked(ACME, moved)
