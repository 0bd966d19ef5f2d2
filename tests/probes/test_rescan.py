"""Watermarks of lists that are filtered by updates, shown late, read in parts, or read again far back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from probes.catalog import ProbeId, SystemId
from probes.connector import Basis, Rescan, Resource, Since
from probes.cursor import Cursor, advanced, since
from probes.failure import FailureClass, Outcome
from probes.observation import Observation, Record
from tests.probes.definitions import PAYMENTS

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
PROBE = ProbeId("billing.payments")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def filtered(**how: object) -> Resource:
    return replace(PAYMENTS, since=Since(param="s", **how))  # type: ignore[arg-type]


def seen_at(sent: datetime, *records: Record, **more: object) -> Observation:
    whole = bool(more.get("whole", True))
    told = {"outcome": Outcome.GOOD, "whole": True} if whole else {"failure": FailureClass.OWN}
    return Observation(
        **{
            "probe": PROBE,
            "system": SystemId("billing"),
            "resource": "payments",
            "outcome": Outcome.ERROR_OWN,
            "sent": sent,
            "answered": sent,
            "records": records,
            **told,
            **more,
        }  # type: ignore[arg-type]
    )


def record(name: str, created: datetime, *, updated: datetime | None = None, failed: bool | None = None) -> Record:
    return Record(id=name, client="acme", created=created, updated=updated, failed=failed)


def test_an_old_record_that_changed_is_neither_late_nor_told_twice_where_updates_are_listed() -> None:
    resource = filtered(on=Basis.UPDATED)
    cursor, _, _ = advanced(Cursor(probe=PROBE), resource, seen_at(START))
    changed = record("p1", START - 40 * DAY, updated=START + MINUTE)
    cursor, fresh, late = advanced(cursor, resource, seen_at(START + 2 * MINUTE, changed))
    assert (fresh, late) == ((changed,), 0)
    _, again, _ = advanced(cursor, resource, seen_at(START + 3 * MINUTE, changed))
    assert again == ()


@pytest.mark.answers("airbytehq/airbyte#5765")
def test_what_a_vendor_may_show_late_is_asked_for_again_and_not_counted_as_late() -> None:
    resource = filtered(lag=3 * HOUR)
    cursor, _, _ = advanced(Cursor(probe=PROBE), resource, seen_at(START, lag=3 * HOUR))
    assert since(cursor, resource, HOUR, START + MINUTE) == START - 3 * HOUR - 5 * MINUTE
    slow, lost = record("p1", START - 2 * HOUR), record("p2", START - 4 * HOUR)
    observation = seen_at(START + MINUTE, slow, lost, lag=3 * HOUR)
    _, fresh, late = advanced(cursor, resource, observation)
    assert (fresh, late) == ((slow, lost), 1)
    assert observation.covered == START + MINUTE - 3 * HOUR


def test_a_look_that_was_not_whole_moves_on_to_where_it_was_read_without_a_gap() -> None:
    resource = filtered()
    cursor, _, _ = advanced(Cursor(probe=PROBE), resource, seen_at(START))
    part = seen_at(START + HOUR, record("p1", START + MINUTE), whole=False, read_until=START + 20 * MINUTE)
    moved, fresh, _ = advanced(cursor, resource, part)
    assert (moved.watermark, moved.last_whole, len(fresh)) == (START + 20 * MINUTE, START, 1)
    assert part.covered is None
    stuck, _, _ = advanced(moved, resource, replace(part, read_until=START - HOUR))
    assert stuck.watermark == START + 20 * MINUTE


FAR = Rescan(every=HOUR, back=2 * DAY)


def test_a_list_is_read_far_back_once_in_a_while_and_its_changes_are_told_once() -> None:
    resource = filtered(rescan=FAR)
    open_invoice, failed = record("p1", START - HOUR), record("p1", START - HOUR, failed=True)
    cursor, fresh, _ = advanced(Cursor(probe=PROBE), resource, seen_at(START, open_invoice))
    assert fresh == (open_invoice,)
    for minute in range(1, 60):
        assert since(cursor, resource, HOUR, START + minute * MINUTE) == START + (minute - 1) * MINUTE - 5 * MINUTE
        cursor, fresh, _ = advanced(cursor, resource, seen_at(START + minute * MINUTE))
        assert fresh == ()
    assert since(cursor, resource, HOUR, START + HOUR) == START + 59 * MINUTE - 2 * DAY
    cursor, fresh, _ = advanced(cursor, resource, seen_at(START + HOUR, open_invoice))
    assert fresh == ()
    cursor, _, _ = advanced(cursor, resource, seen_at(START + HOUR + MINUTE))
    assert since(cursor, resource, HOUR, START + HOUR + 2 * MINUTE) == START + HOUR + MINUTE - 5 * MINUTE
    _, fresh, _ = advanced(cursor, resource, seen_at(START + 2 * HOUR, failed))
    assert fresh == (failed,)


def test_the_first_look_reaches_as_far_as_any_later_one_will() -> None:
    for resource, back in (
        (filtered(overlap=2 * HOUR), 2 * HOUR),
        (filtered(lag=3 * HOUR), 3 * HOUR + 5 * MINUTE),
        (filtered(rescan=FAR), 2 * DAY),
        (filtered(), HOUR),
    ):
        assert since(Cursor(probe=PROBE), resource, HOUR, START) == START - back


def test_what_no_rescan_reaches_any_more_is_forgotten() -> None:
    resource = filtered(rescan=FAR)
    cursor, _, _ = advanced(Cursor(probe=PROBE), resource, seen_at(START, record("p1", START)))
    cursor, _, _ = advanced(cursor, resource, seen_at(START + 2 * DAY))
    assert "p1" in cursor.seen
    cursor, _, _ = advanced(cursor, resource, seen_at(START + 3 * DAY))
    assert (dict(cursor.seen), dict(cursor.held)) == ({}, {})
