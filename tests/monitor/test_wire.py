"""Bodies that senders of Alertmanager's API post, and what its version 0.25 answers to those that are wrong."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.wire import Reader, Taken
from tests.cast import NOON, after
from tests.examples import examples

X = {"labels": {"alertname": "x"}}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def read(posted: object) -> Taken:
    body = posted if isinstance(posted, bytes) else json.dumps(posted).encode()
    return Reader().read(body, NOON, timedelta(minutes=5))


def answer(posted: object) -> tuple[int, object]:
    found = read(posted).answer
    return (200, None) if found is None else (found.status, found.value)


@pytest.mark.parametrize(
    ("posted", "status", "value"),
    [
        ([], 200, None),
        (b"null", 200, None),
        ([X], 200, None),
        ([{"labels": {}}], 400, "at least one label pair required"),
        ([{"labels": {"a": ""}}], 400, "at least one label pair required"),
        ([{"labels": {"bad-name": "1"}}, X], 400, 'invalid label set: invalid name "bad-name"'),
        ([{"labels": {"é": "1"}}], 400, 'invalid label set: invalid name "é"'),
        (
            [{"labels": {"bad-name": "1"}}, {"labels": {}}],
            400,
            'invalid label set: invalid name "bad-name"; at least one label pair required',
        ),
        (
            [{**X, "startsAt": "2030-01-01T00:00:00Z", "endsAt": "2029-01-01T00:00:00Z"}],
            400,
            "start time must be before end time",
        ),
        ([{**X, "annotations": {"bad-name": "x"}}], 400, 'invalid annotations: invalid name "bad-name"'),
        ([{}], 422, {"code": 602, "message": "0.labels in body is required"}),
        ([X, {"labels": None}], 422, {"code": 602, "message": "1.labels in body is required"}),
        (b"", 422, {"code": 602, "message": "alerts in body is required"}),
        (
            [{**X, "generatorURL": "::bad"}],
            422,
            {"code": 601, "message": '0.generatorURL in body must be of type uri: "::bad"'},
        ),
    ],
)
def test_a_body_is_answered_as_alertmanager_answers_it(posted: object, status: int, value: object) -> None:
    assert answer(posted) == (status, value)


@pytest.mark.parametrize(
    "posted",
    [b"{}", b"garbage", b"[1]", b"[[]]", [{"labels": {"a": 1}}], [{**X, "startsAt": "bad"}], [{"labels": []}], b"\xff"],
)
def test_what_is_no_list_of_alerts_is_refused_with_a_code(posted: object) -> None:
    status, value = answer(posted)
    assert status == 400
    assert isinstance(value, dict)
    assert value["code"] == 400
    assert value["message"].startswith('parsing alerts body from "" failed, because ')


def test_the_valid_alerts_of_a_bad_batch_are_taken() -> None:
    found = read([{"labels": {"bad-name": "1"}}, X, {"labels": {}}])
    assert [one.labels for one in found.reports] == [(("alertname", "x"),)]
    assert found.invalid == 2


def test_a_body_that_the_generated_validation_refuses_is_refused_whole() -> None:
    assert not read([X, {}]).reports


@pytest.mark.parametrize(
    ("given_start", "given_end", "starts", "ends", "timeout"),
    [
        (None, None, NOON, after(minutes=5), True),
        ("", "0001-01-01T00:00:00Z", NOON, after(minutes=5), True),
        (None, "2026-03-04T12:30:00Z", after(minutes=30), after(minutes=30), False),
        ("2020-01-01T02:00:00+02:00", None, LONG_AGO, after(minutes=5), True),
        ("2020-01-01T00:00:00", None, LONG_AGO, after(minutes=5), True),
        ("2020-01-01T00:00:00.123456789Z", None, LONG_AGO.replace(microsecond=123457), after(minutes=5), True),
    ],
)
def test_times_that_are_missing_follow_from_the_report(
    given_start: str | None, given_end: str | None, starts: datetime, ends: datetime, *, timeout: bool
) -> None:
    (one,) = read([{**X, "startsAt": given_start, "endsAt": given_end}]).reports
    assert abs(one.starts - starts) <= timedelta(microseconds=1)
    assert (one.ends, one.timeout, one.updated) == (ends, timeout, NOON)


def test_empty_labels_are_left_out_and_the_order_does_not_matter() -> None:
    first, second = read([{"labels": {"b": "2", "a": "1", "c": ""}}, {"labels": {"a": "1", "b": "2"}}]).reports
    assert first.labels == second.labels == (("a", "1"), ("b", "2"))


def test_what_no_text_can_hold_is_replaced() -> None:
    (one,) = read(b'[{"labels": {"a": "\\ud800"}}]').reports
    assert one.labels == (("a", "\ufffd"),)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("labels", "annotations", "startsAt", "endsAt", "generatorURL", "a")), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(anything, max_size=3) | anything)
def test_no_json_makes_it_raise(posted: object) -> None:
    status, _ = answer(posted)
    assert status in (200, 400, 422)


@settings(max_examples=examples(100), deadline=None)
@given(st.binary(max_size=40))
def test_no_bytes_make_it_raise(body: bytes) -> None:
    assert answer(body)[0] in (200, 400, 422)
