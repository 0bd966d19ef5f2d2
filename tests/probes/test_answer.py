"""Reading answers: the classes of failure, records, times, predicates, pages, quota news, and a vendor's garbage."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.answer import Failure, Page, flawed, read
from probes.ask import Ask, first_ask
from probes.assertion import Assertion, AssertionKind
from probes.budget import Allowance
from probes.connector import Op, PageKind, Pagination, Predicate, Resource, TimeFormat
from probes.failure import FailureClass
from probes.instant import read_instant, write_instant
from probes.path import at, holds, text
from probes.quota_headers import QuotaHeaders, ResetFormat
from tests.probes.definitions import NOW, PAYMENTS, VENDOR, answer, paged_by, row, timed_by

ASK = first_ask(VENDOR, PAYMENTS, None)


def page(body: object, resource: Resource = PAYMENTS, headers: dict[str, str] | None = None) -> Page:
    result = read(VENDOR, resource, ("number",), ASK, answer(body, headers=headers))
    assert isinstance(result, Page), result
    return result


def failure(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Failure:
    result = read(VENDOR, PAYMENTS, (), ASK, answer(body, status, headers))
    assert isinstance(result, Failure), result
    return result


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, FailureClass.AUTH),
        (403, FailureClass.AUTH),
        (429, FailureClass.THROTTLED),
        (500, FailureClass.SERVER),
        (503, FailureClass.SERVER),
        (599, FailureClass.SERVER),
        (400, FailureClass.REQUEST),
        (404, FailureClass.REQUEST),
        (477, FailureClass.REQUEST),
        (301, FailureClass.SCHEMA),
        (304, FailureClass.SCHEMA),
    ],
)
def test_each_status_has_its_class_and_the_reason_names_it(status: int, expected: FailureClass) -> None:
    refused = failure(b"", status)
    assert refused.failure is expected
    assert f"answered {status}" in refused.reason


def test_a_redirect_is_not_followed_and_says_so() -> None:
    assert failure(b"", 302, {"location": "https://elsewhere.example"}).reason.endswith("redirect not followed")


def test_a_refusal_with_another_status_is_throttling_when_its_body_says_so() -> None:
    limited = Predicate(path="0.errorCode", op=Op.EQ, value="REQUEST_LIMIT_EXCEEDED")
    vendor = replace(VENDOR, throttled_inside=(limited,))
    body = [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    for status, sent, expected in [
        (403, body, FailureClass.THROTTLED),
        (400, body, FailureClass.THROTTLED),
        (403, [{"errorCode": "INVALID_SESSION"}], FailureClass.AUTH),
        (403, b"\xff", FailureClass.AUTH),
    ]:
        result = read(vendor, PAYMENTS, (), ASK, answer(sent, status))
        assert isinstance(result, Failure)
        assert result.failure is expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>Sorry</html>", "not JSON"),
        (b"", "not JSON"),
        (b'{"rows": [NaN]}', "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'{"rows": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"rows": ["\xff"]}', "not UTF-8 (byte 11)"),
        ({"items": []}, "no list at `rows`"),
        ({"rows": {}}, "no list at `rows`"),
        ([], "no list at `rows`"),
        ({"rows": [1] * 100_001}, "more than 100000 rows at `rows`"),
        ("text", "no list at `rows`"),
    ],
)
def test_garbage_is_a_schema_failure_with_a_reason(body: object, reason: str) -> None:
    garbage = failure(body)
    assert garbage.failure is FailureClass.SCHEMA
    assert reason in garbage.reason


def test_an_answer_is_read_or_refused_however_deep_it_is_nested() -> None:
    # An asserted value is written down again, a little deeper in the stack than it was read.
    asserting = replace(PAYMENTS, assertions=(Assertion(kind=AssertionKind.REQUIRED, field="x"),))
    for depth in range(900, 1000):
        body = b'{"rows": [{"id": "p1", "created": 1, "x": ' + b"[" * depth + b"]" * depth + b"}]}"
        result = read(VENDOR, asserting, (), ASK, answer(body))
        assert isinstance(result, Page) or result.failure is FailureClass.SCHEMA


def test_a_body_that_was_cut_is_a_schema_failure() -> None:
    result = read(VENDOR, PAYMENTS, (), ASK, replace(answer({"rows": []}), cut=True))
    assert isinstance(result, Failure)
    assert (result.failure, result.reason) == (FailureClass.SCHEMA, "the answer is larger than 10 MB")


def test_an_answer_with_an_error_inside_is_a_business_failure_whichever_predicate_tells() -> None:
    assert failure({"error": {"code": "x"}, "rows": []}).failure is FailureClass.BUSINESS
    assert failure({"success": False, "rows": []}).reason == "answered 200 with an error at `success`"
    assert page({"success": True, "rows": [], "more": False}).records == ()


def test_whoami_is_well_when_it_answers_json_without_an_error_inside() -> None:
    assert first_ask(VENDOR, None, NOW) == Ask(path="/v1/me")
    for sent, status, expected in [({"id": 1}, 200, Page), (b"", 204, Page), (b"hello", 200, Failure)]:
        assert isinstance(read(VENDOR, None, (), ASK, answer(sent, status)), expected)


def test_records_carry_id_client_time_failure_and_the_fields_asked_for() -> None:
    rows = [
        row("p1", 60, status="paid", number=10042),
        row("p2", 30, status="failed", metadata={"client": "acme"}),
        row("p3", 10, status="open", customer=None, number=True),
    ]
    records = page({"rows": rows, "more": False}).records
    assert [record.id for record in records] == ["p1", "p2", "p3"]
    assert [record.client for record in records] == ["cus_1", "acme", None]
    assert [record.failed for record in records] == [False, True, None]
    assert [record.created for record in records] == [NOW - timedelta(seconds=age) for age in (60, 30, 10)]
    assert [dict(record.fields) for record in records] == [{"number": "10042"}, {}, {"number": "true"}]


def test_a_resource_that_cannot_fail_has_records_that_neither_failed_nor_succeeded() -> None:
    plain = replace(PAYMENTS, failed=(), settled=())
    assert page({"rows": [row("p1", status="failed")], "more": False}, plain).records[0].failed is None


def test_records_without_id_or_time_are_named_and_the_others_are_kept() -> None:
    rows: list[object] = [{"id": None, "created": 1}, row("good"), {"id": "x"}, "text", None, {"id": "y", "created": 0}]
    read_page = page({"rows": rows, "more": False})
    assert [record.id for record in read_page.records] == ["good"]
    assert read_page.flaws[:2] == (
        "rows[0]: no readable id at `id`",
        "rows[2]: no plausible unix_s time at `created`",
    )
    reason = flawed(read_page.flaws)
    assert reason.startswith("rows[0]: ")
    assert reason.endswith("; and 2 more")


def test_identifiers_are_made_fit_for_any_database_and_endless_ones_are_refused() -> None:
    body = b'{"rows": [{"id": "a\\ud800\\u0000b", "created": 1795166999}], "more": false}'
    assert page(body).records[0].id == "a?\N{REPLACEMENT CHARACTER}b"
    assert page({"rows": [row("x" * 501)], "more": False}).flaws != ()


def test_a_clock_that_is_hours_off_is_taken_out_of_the_records_times() -> None:
    ahead = timedelta(hours=3)
    theirs = write_instant(NOW + ahead, TimeFormat.HTTP_DATE)
    seen = page({"rows": [row("p1", age=60 - ahead.total_seconds())], "more": False}, headers={"date": theirs})
    assert seen.clock_offset == ahead
    assert seen.records[0].created == NOW - timedelta(seconds=60)


def test_a_clock_within_five_seconds_is_left_alone() -> None:
    theirs = write_instant(NOW + timedelta(seconds=5), TimeFormat.HTTP_DATE)
    seen = page({"rows": [row("p1")], "more": False}, headers={"date": theirs})
    assert seen.clock_offset == timedelta(seconds=5)
    assert seen.records[0].created == NOW - timedelta(seconds=60)


def test_a_cached_answer_tells_neither_the_time_nor_the_quota() -> None:
    old = {"date": "Fri, 20 Nov 2026 05:00:00 GMT", "age": "16200", "x-remaining": "3"}
    seen = page({"rows": [row("p1")], "more": False}, headers=old)
    assert (seen.clock_offset, seen.news.allowances) == (None, ())


def test_a_record_from_far_in_the_future_is_a_flaw() -> None:
    assert page({"rows": [row("p1", age=-2 * 86400)], "more": False}).flaws != ()


def test_the_last_id_asks_for_the_next_page_until_there_is_no_more() -> None:
    first = page({"rows": [row("p1"), row("p2")], "more": True})
    assert first.next == Ask(path="/v1/payments", query={"limit": "2", "after": "p2"})
    assert page({"rows": [row("p3")], "more": False}).next is None


@pytest.mark.parametrize("body", [{"rows": [], "more": True}, {"rows": [], "more": "yes"}, {"rows": []}])
def test_paging_that_cannot_be_followed_is_a_flaw_and_not_the_end(body: object) -> None:
    read_page = page(body)
    assert read_page.next is None
    assert "`more`" in read_page.flaws[0]


def test_a_token_asks_for_the_next_page_until_it_is_absent() -> None:
    by_token = paged_by(Pagination(kind=PageKind.TOKEN, param="cursor", next_path="page.next"))
    assert page({"rows": [], "page": {"next": "t" * 900}}, by_token).next == Ask(
        path="/v1/payments", query={"limit": "2", "cursor": "t" * 900}
    )
    assert page({"rows": [], "page": {"next": None}}, by_token).next is None
    assert page({"rows": []}, by_token).next is None
    assert page({"rows": [], "page": {"next": {}}}, by_token).flaws != ()


def test_an_address_asks_for_the_next_page_as_it_stands() -> None:
    by_address = paged_by(Pagination(kind=PageKind.NEXT_URL, next_path="links.0.href"))
    following = page({"rows": [], "links": [{"href": "/v1/payments?page=2"}]}, by_address).next
    assert following == Ask(path="/v1/payments?page=2", given=True)


def test_since_is_asked_in_the_vendors_notation() -> None:
    instant = datetime(2026, 11, 20, 9, 0, 0, 999_999, tzinfo=UTC)
    assert first_ask(VENDOR, PAYMENTS, instant).query["created[gte]"] == "1795165200"


@pytest.mark.parametrize("how", TimeFormat)
def test_every_notation_of_time_is_read_as_it_is_written(how: TimeFormat) -> None:
    assert read_instant(write_instant(NOW, how), how) == NOW


@pytest.mark.parametrize(
    ("value", "how"),
    [
        (None, TimeFormat.UNIX_S),
        (True, TimeFormat.UNIX_S),
        (0, TimeFormat.UNIX_S),
        (-1e300, TimeFormat.UNIX_S),
        (float("inf"), TimeFormat.UNIX_S),
        (10**4000, TimeFormat.UNIX_MS),
        (1_795_165_200_000, TimeFormat.UNIX_S),
        ("٣", TimeFormat.UNIX_S),
        ("9999-12-31T23:59:59-23:59", TimeFormat.ISO8601),
        ("0001-01-01T00:00:00+14:00", TimeFormat.ISO8601),
        ("yesterday", TimeFormat.ISO8601),
        ("Fri, 99 Nov 2026 09:00:00 GMT", TimeFormat.HTTP_DATE),
        ({}, TimeFormat.ISO8601),
    ],
)
def test_an_absurd_date_is_none_and_never_an_exception(value: object, how: TimeFormat) -> None:
    assert read_instant(value, how) is None


def test_times_with_offsets_fractions_and_without_any_zone_are_read() -> None:
    iso = timed_by(TimeFormat.ISO8601)
    rows = [
        {"id": str(n), "created": at} for n, at in enumerate(("2026-11-20T10:00:00.1234567+0100", "2026-11-20T09:00"))
    ]
    assert [r.created.replace(microsecond=0) for r in page({"rows": rows, "more": False}, iso).records] == [
        datetime(2026, 11, 20, 9, tzinfo=UTC)
    ] * 2


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [("120", 120), ("1.5", 1.5), ("Fri, 20 Nov 2026 09:31:00 GMT", 60), ("9" * 15, 366 * 86400)],
)
def test_retry_after_is_read_as_seconds_or_date(retry_after: str, wait: float) -> None:
    for status in (429, 503):
        news = failure(b"", status, {"retry-after": retry_after}).news
        assert news.not_before == NOW + timedelta(seconds=wait)
        assert news.unread == 0


@pytest.mark.parametrize("retry_after", ["soon", "-5", "nan", "1e9", "9" * 400, "", "Fri, 32 Nov 2026 09:31:00 GMT"])
def test_an_unreadable_retry_after_is_ignored_and_counted(retry_after: str) -> None:
    news = failure(b"", 429, {"retry-after": retry_after}).news
    assert (news.not_before, news.unread) == (None, 1)


def test_a_retry_date_by_a_wrong_clock_is_put_on_ours() -> None:
    headers = {"date": "Fri, 20 Nov 2026 12:30:00 GMT", "retry-after": "Fri, 20 Nov 2026 12:31:00 GMT"}
    assert failure(b"", 503, headers).news.not_before == NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("how", "reset"),
    [
        (ResetFormat.DELTA_S, "30"),
        (ResetFormat.UNIX_S, str(int(NOW.timestamp()) + 30)),
        (ResetFormat.HTTP_DATE, "Fri, 20 Nov 2026 09:30:30 GMT"),
    ],
)
def test_quota_headers_are_read_as_the_vendor_means_them(how: ResetFormat, reset: str) -> None:
    names = QuotaHeaders(limit="X-Limit", remaining="X-Remaining", reset="X-Reset", reset_format=how)
    headers = {"x-limit": "100", "x-remaining": "7", "x-reset": reset}
    news = read(replace(VENDOR, quota_headers=(names,)), None, (), ASK, answer({}, headers=headers)).news
    assert news.allowances == (Allowance(limit=100, remaining=7, reset=NOW + timedelta(seconds=30)),)


def test_unreadable_quota_headers_are_ignored_and_counted_and_undeclared_ones_are_not_guessed() -> None:
    assert page({"rows": [], "more": False}, headers={"x-remaining": "lots", "x-reset": "6m0s"}).news.unread == 2
    bare = replace(VENDOR, quota_headers=())
    news = read(bare, None, (), ASK, answer({}, headers={"x-remaining": "3"})).news
    assert (news.allowances, news.unread) == ((), 0)


@pytest.mark.parametrize(
    ("op", "value", "holding", "failing"),
    [
        (Op.EQ, "a", "a", "b"),
        (Op.EQ, 1, 1, True),
        (Op.NE, "a", None, "a"),
        (Op.IN, ("a", 2), 2, "c"),
        (Op.GT, 0, 1, 0),
        (Op.GT, 0, 0.5, "1"),
        (Op.GT, 0, 2, None),
        (Op.EXISTS, None, 0, None),
        (Op.NULL, None, None, ""),
    ],
)
def test_predicates_compare_as_json_does(op: Op, value: object, holding: object, failing: object) -> None:
    predicate = Predicate(path="x.0", op=op, value=value)  # type: ignore[arg-type]
    assert holds(predicate, {"x": [holding]})
    assert not holds(predicate, {"x": [failing]})


def test_a_path_that_leads_nowhere_finds_nothing() -> None:
    for path in ("a.b.c", "a.0", "list.9", "list.x", "list.-1", "list." + "9" * 5000):
        assert at({"a": {"b": 1}, "list": [1]}, path) is None
    assert at([1], "") == [1]
    assert text([1]) is None


KEYS = ["rows", "more", "id", "created", "customer", "error", "metadata", "client", "status"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(
    json_values | st.binary(max_size=40),
    st.integers(200, 599),
    st.dictionaries(
        st.sampled_from(["date", "retry-after", "x-limit", "x-remaining", "x-reset", "age"]), st.text(max_size=12)
    ),
)
def test_whatever_a_vendor_sends_is_a_page_or_a_failure(sent: object, status: int, headers: dict[str, str]) -> None:
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    assert isinstance(read(VENDOR, PAYMENTS, ("status",), ASK, answer(body, status, headers)), Page | Failure)
