"""The form of records: what is missed, what has changed its type, what is new, and that no value is kept."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from probes.connector import Amount, Resource
from probes.fingerprint import (
    ADOPTED,
    FEWEST,
    LEARNT,
    ROWS,
    Fingerprint,
    Sample,
    drifts,
    envelope,
    folded,
    kind_at,
    paths_read,
    sampled,
)

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
READ = ("id", "amount", "client.id", "settled")
ROW = {"id": "in_1", "amount": 12, "client": {"id": "acme"}, "settled": None, "memo": "secret words"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


def seen(known: Fingerprint, item: object, times: int = 1, at: datetime = NOON) -> Fingerprint:
    return folded(known, READ, [Sample(key=str(number), item=item) for number in range(times)], at)


def learnt(times: int = 100) -> Fingerprint:
    return seen(Fingerprint(), ROW, times)


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in ROW.items() if name not in names}


def test_a_field_that_was_always_there_is_missed_after_three_records() -> None:
    known = seen(learnt(), without("amount"), 2)
    assert drifts(known) == ()
    (drift,) = drifts(seen(known, without("amount")))
    assert str(drift) == "`amount` was number and is no longer there"
    assert (drift.rows, drift.since) == (FEWEST, NOON)
    assert drifts(seen(seen(known, without("amount")), ROW)) == ()


def test_a_field_of_another_type_is_told_with_both() -> None:
    (drift,) = drifts(seen(learnt(), {**ROW, "amount": "12"}, 3))
    assert str(drift) == "`amount` was number and is string"


def test_null_is_like_any_type_and_a_field_that_was_always_null_may_get_one() -> None:
    known = seen(learnt(), {**ROW, "amount": None}, 500)
    assert drifts(known) == ()
    assert drifts(seen(learnt(), {**ROW, "settled": "2026-03-04"}, 500)) == ()


def test_a_field_that_is_left_out_at_times_is_never_missed() -> None:
    known = Fingerprint()
    for number in range(100):
        known = seen(known, without("settled") if number % 5 == 0 else ROW)
    assert drifts(seen(known, without("settled"), 500)) == ()


def test_what_is_not_learnt_yet_is_not_missed() -> None:
    assert drifts(seen(learnt(5), without("amount"), 10)) == ()


def test_an_object_around_a_field_that_vanishes_takes_the_field_with_it() -> None:
    (drift,) = drifts(seen(learnt(), without("client"), 3))
    assert drift.path == "client.id"


def test_a_form_that_has_lasted_for_a_day_is_the_form() -> None:
    gone = seen(learnt(), without("amount"), 5)
    assert drifts(gone) != ()
    settled = seen(gone, without("amount"), at=NOON + ADOPTED)
    assert drifts(settled) == ()
    assert drifts(seen(settled, without("amount"), 50, NOON + 2 * ADOPTED)) == ()
    changed = seen(seen(learnt(), {**ROW, "amount": "12"}, 5), {**ROW, "amount": "12"}, at=NOON + ADOPTED)
    assert drifts(changed) == ()
    assert changed.read["amount"].kinds == ("string",)


def test_a_new_field_that_nobody_reads_is_shown_and_no_drift() -> None:
    known = seen(learnt(), {**ROW, "colour": "red"}, 5)
    assert drifts(known) == ()
    assert known.news == {"colour": NOON}


def test_a_type_that_came_once_among_others_is_one_that_a_record_may_have() -> None:
    known = seen(seen(learnt(), {**ROW, "amount": "12"}), ROW)
    assert drifts(seen(known, {**ROW, "amount": "12"}, 50)) == ()


def test_counts_come_to_rest_so_that_nothing_is_stored_any_more() -> None:
    known = learnt(ROWS + LEARNT)
    assert seen(known, ROW, 100) == known


def test_a_path_that_is_no_longer_read_is_forgotten_with_its_drift() -> None:
    gone = seen(learnt(), without("amount"), 5)
    assert drifts(folded(gone, ("id",), [Sample(key="x", item=ROW)], NOON)) == ()


def test_a_list_that_is_no_longer_where_it_was_is_missed_in_the_answers_around() -> None:
    resource = Resource(name="x", path="/x", records_path="data")
    known = Fingerprint()
    for _ in range(30):
        known = folded(known, READ, [envelope(resource, {"data": []})], NOON)
    for _ in range(3):
        known = folded(known, READ, [envelope(resource, {"items": []})], NOON)
    assert [str(one) for one in drifts(known)] == ["`data` was array and is no longer there"]


def test_what_is_read_is_known_by_the_definition() -> None:
    resource = Resource(
        name="x", path="/x", records_path="data", item_path="node", client_paths=("a.b",), amount=Amount(path="sum")
    )
    assert paths_read(resource, ("key",)) == ("node.id", "node.created", "node.a.b", "node.sum", "node.key")


def test_paths_with_dots_in_names_are_followed() -> None:
    assert kind_at({"@odata.next": "x"}, r"@odata\.next") == "string"
    assert kind_at({"a": {"b.c": 1}}, r"a.b\.c") == "number"
    assert kind_at([{"code": 1}], "0.code") == "number"
    assert kind_at({"a": None}, "a") == "null"
    assert kind_at({"a": None}, "a.b") == ""


def test_a_sample_has_the_ends_and_the_middle_and_an_unread_row_a_mark() -> None:
    rows = [{"id": number} for number in range(9)]
    keys = [str(number) if number else "" for number in range(9)]
    found = list(sampled(rows, keys))
    assert [one.item for one in found] == [rows[0], rows[4], rows[8]]
    assert found[0].key.startswith("unread:")
    assert list(sampled([], [])) == []


@given(items=st.lists(json_values, max_size=30))
def test_nothing_raises_and_no_value_is_kept(items: list[object]) -> None:
    marked = [{"id": "PRIVATE", "memo": "PRIVATE", "x": item} for item in items]
    known = Fingerprint()
    for number, item in enumerate([*items, *marked]):
        known = folded(known, READ, [Sample(key=str(number), item=item)], NOON + timedelta(minutes=number))
    drifts(known)
    text = TypeAdapter(Fingerprint).dump_json(known).decode(errors="replace")
    assert "PRIVATE" not in text
