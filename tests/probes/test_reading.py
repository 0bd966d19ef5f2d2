"""Reading what vendors do differently: wrapped records, composed ids, amounts, ways to fail, refusals by their body."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from probes.answer import Failure, Page, read
from probes.ask import first_ask
from probes.connector import (
    Amount,
    Basis,
    Connector,
    FailedWhen,
    FailureKind,
    Op,
    Predicate,
    Refusal,
    RefusalKind,
    Resource,
    Since,
    TimeFormat,
    Unit,
)
from probes.failure import FailureClass
from probes.instant import read_instant
from probes.money import Money, read_money
from probes.observation import Record
from probes.path import at, holds
from tests.probes.definitions import NOW, PAYMENTS, VENDOR, answer, row

ASK = first_ask(VENDOR, PAYMENTS, None)


def records(resource: Resource, *rows: object) -> tuple[Record, ...]:
    page = read(VENDOR, resource, (), ASK, answer({"rows": list(rows), "more": False}))
    assert isinstance(page, Page)
    assert page.flaws == ()
    return page.records


def refused(vendor: Connector, body: object, status: int, headers: dict[str, str] | None = None) -> Failure:
    result = read(vendor, PAYMENTS, (), ASK, answer(body, status, headers))
    assert isinstance(result, Failure)
    return result


def test_a_record_may_be_wrapped_and_its_paths_begin_inside() -> None:
    (one,) = records(replace(PAYMENTS, item_path="payment"), {"payment": row("p1"), "customer": "not this one"})
    assert (one.id, one.client) == ("p1", "cus_1")


def test_an_id_is_joined_from_what_tells_records_apart() -> None:
    attempts = replace(PAYMENTS, key_paths=("attempt", "part.number"))
    assert [one.id for one in records(attempts, row("p1", attempt=2, part={"number": 7}), row("p2"))] == [
        "p1/2/7",
        "p2//",
    ]


def test_a_list_that_is_left_out_when_empty_is_empty_only_where_its_definition_says_so() -> None:
    lenient = replace(PAYMENTS, records_path="answer.rows", may_be_absent=True)
    page = read(VENDOR, lenient, (), ASK, answer({"answer": {}, "more": False}))
    assert isinstance(page, Page)
    assert page.records == ()
    for resource, body in ((lenient, {"more": False}), (replace(lenient, may_be_absent=False), {"answer": {}})):
        assert isinstance(read(VENDOR, resource, (), ASK, answer(body)), Failure)


def test_a_list_filtered_by_updates_reads_both_instants_and_needs_both() -> None:
    updated = replace(PAYMENTS, updated_path="changed", since=Since(param="s", on=Basis.UPDATED))
    (one,) = records(updated, row("p1", 60, changed=int(NOW.timestamp())))
    assert (one.created, one.updated, one.listed) == (NOW - timedelta(seconds=60), NOW, NOW)
    page = read(VENDOR, updated, (), ASK, answer({"rows": [row("p1")], "more": False}))
    assert isinstance(page, Page)
    assert page.flaws == ("rows[0]: no plausible unix_s time at `changed`",)


def test_the_ways_in_which_a_record_failed_are_told_with_the_vendors_word() -> None:
    resource = replace(
        PAYMENTS,
        failed=(),
        settled=(),
        failures=(
            FailedWhen(
                kind=FailureKind.PAYMENT_FAILED,
                when=(Predicate(path="status", op=Op.EQ, value="failed"),),
                code_path="reason.code",
            ),
            FailedWhen(
                kind=FailureKind.RETRIES_EXHAUSTED,
                when=(
                    Predicate(path="status", op=Op.EQ, value="failed"),
                    Predicate(path="retry", op=Op.EQ, value=False),
                ),
            ),
        ),
    )
    paid, failed, exhausted = records(
        resource,
        row("p1", status="paid"),
        row("p2", status="failed", retry=True, reason={"code": "declined"}),
        row("p3", status="failed", retry=False),
    )
    assert (paid.failed, paid.kinds, paid.code) == (False, (), "")
    assert (failed.failed, failed.kinds, failed.code) == (True, (FailureKind.PAYMENT_FAILED,), "declined")
    assert exhausted.kinds == (FailureKind.PAYMENT_FAILED, FailureKind.RETRIES_EXHAUSTED)
    assert resource.can_fail


def test_what_is_no_ratio_of_anything_is_told_and_not_counted() -> None:
    overdue = FailedWhen(kind=FailureKind.OVERDUE, when=(Predicate(path="due", op=Op.LT_NOW, value="unix_s"),))
    resource = replace(PAYMENTS, failed=(), settled=(), failures=(overdue,))
    (one,) = records(resource, row("p1", due=int(NOW.timestamp()) - 60))
    assert (one.failed, one.kinds, resource.can_fail) == (None, (FailureKind.OVERDUE,), False)


@pytest.mark.parametrize(
    ("op", "value", "holding", "failing"),
    [
        (Op.LT, 5, 4, 5),
        (Op.LT, 5, 4.5, "4"),
        (Op.CONTAINS, "wrong key", "the wrong key was given", "wrong  key"),
        (Op.CONTAINS, "a", ["b", "a"], ["b"]),
        (Op.CONTAINS, "a", "a", {"a": 1}),
        (Op.LT_NOW, "unix_s", int(NOW.timestamp()) - 1, int(NOW.timestamp())),
        (Op.LT_NOW, "iso8601", "2026-11-19", "2026-11-21"),
        (Op.LT_NOW, "iso8601", "2026-11-19", "whenever"),
    ],
)
def test_the_other_predicates_compare(op: Op, value: Any, holding: object, failing: object) -> None:  # noqa: ANN401
    predicate = Predicate(path="x", op=op, value=value)
    assert holds(predicate, {"x": holding}, NOW)
    assert not holds(predicate, {"x": failing}, NOW)
    assert not holds(predicate, {}, NOW)


def test_nothing_is_past_where_nobody_knows_the_time() -> None:
    assert not holds(Predicate(path="x", op=Op.LT_NOW, value="unix_s"), {"x": 1_600_000_000})


@pytest.mark.parametrize(
    ("written", "how", "expected"),
    [
        ("/Date(1795166400000+0000)/", TimeFormat.MS_DATE, "2026-11-20T09:20:00+00:00"),
        ("/Date(1795166400000)/", TimeFormat.MS_DATE, "2026-11-20T09:20:00+00:00"),
        ("/Date(1795166400000+1300)/", TimeFormat.MS_DATE, "2026-11-20T09:20:00+00:00"),
        ("/Date(0+0000)/", TimeFormat.MS_DATE, None),
        ("1795166400000", TimeFormat.MS_DATE, None),
        ("2026-11-20T10:00:00.000+0000", TimeFormat.SOQL, "2026-11-20T10:00:00+00:00"),
        ("2026-11-20T10:00:00Z", TimeFormat.SOQL, "2026-11-20T10:00:00+00:00"),
        ("2026-11-20T10:00:00", TimeFormat.SOQL, None),
        ("2026-11-20", TimeFormat.SOQL, None),
    ],
)
def test_notations_of_accounting_and_crm_systems_are_read(written: str, how: TimeFormat, expected: str | None) -> None:
    instant = read_instant(written, how)
    assert (instant and instant.isoformat()) == expected


@pytest.mark.parametrize(
    ("how", "row", "expected"),
    [
        (Amount(path="a", currency_path="c"), {"a": 1250, "c": "eur"}, Money(amount=Decimal("12.50"), currency="EUR")),
        (Amount(path="a", currency_path="c"), {"a": 1250, "c": "JPY"}, Money(amount=Decimal(1250), currency="JPY")),
        (Amount(path="a", currency_path="c"), {"a": 1250, "c": "KWD"}, Money(amount=Decimal("1.25"), currency="KWD")),
        (Amount(path="a", currency="USD", unit=Unit.MAJOR), {"a": 0.1}, Money(amount=Decimal("0.1"), currency="USD")),
        (
            Amount(path="a", currency="USD", unit=Unit.STRING),
            {"a": "-7.30"},
            Money(amount=Decimal("-7.30"), currency="USD"),
        ),
        (Amount(path="a", currency_path="c"), {"a": 1250}, None),
        (Amount(path="a", currency="USD"), {"a": "1250"}, None),
        (Amount(path="a", currency="USD", unit=Unit.STRING), {"a": "NaN"}, None),
        (Amount(path="a", currency="USD", unit=Unit.STRING), {"a": "9" * 50}, None),
        (Amount(path="a", currency="USD", unit=Unit.STRING), {"a": "1e999999999"}, None),
        (Amount(path="a", currency="USD", unit=Unit.STRING), {"a": "-1e-999999"}, None),
        (Amount(path="a", currency="USD", unit=Unit.STRING), {"a": "many"}, None),
        (Amount(path="a", currency="USD"), {"a": True}, None),
    ],
)
def test_amounts_are_read_in_the_currency_itself(how: Amount, row: dict[str, Any], expected: Money | None) -> None:
    assert read_money(how, row) == expected


def test_a_refused_credential_is_known_by_its_body_whatever_the_status() -> None:
    wrong = Refusal(
        kind=RefusalKind.WRONG_ENVIRONMENT,
        statuses=(400, 404),
        when=(Predicate(path="error.text", op=Op.CONTAINS, value="API key"),),
    )
    vendor = replace(VENDOR, refusals=(wrong,))
    told = refused(vendor, {"error": {"text": "The API key is for test mode"}}, 400)
    assert told.failure is FailureClass.AUTH
    assert told.reason == "answered 400 Bad Request: the credential belongs to another environment"
    assert refused(vendor, {"error": {"text": "no such list"}}, 400).failure is FailureClass.REQUEST
    assert refused(vendor, {"error": {"text": "The API key is missing"}}, 500).failure is FailureClass.SERVER


def test_too_much_asked_for_at_once_is_known_by_its_body() -> None:
    vendor = replace(VENDOR, too_large_inside=(Predicate(path="name", op=Op.EQ, value="RESULTSET_TOO_LARGE"),))
    assert refused(vendor, {"name": "RESULTSET_TOO_LARGE"}, 400).too_large
    assert not refused(vendor, {"name": "INVALID"}, 400).too_large


@pytest.mark.parametrize(("word", "told"), [("endpoint-rate", " (endpoint-rate)"), ("a secret? sk_1", ""), ("", "")])
def test_why_a_vendor_throttles_is_told_where_it_is_a_plain_word(word: str, told: str) -> None:
    vendor = replace(VENDOR, throttle_reason="X-Why")
    assert refused(vendor, b"", 429, {"x-why": word}).reason == f"answered 429 Too Many Requests{told}"


def test_a_path_may_pick_an_element_by_a_member_and_name_a_member_with_a_dot() -> None:
    body = {"links": [{"rel": "self", "href": "a"}, {"rel": "next", "href": "b"}], "@odata.next": "c"}
    assert at(body, "links.rel=next.href") == "b"
    assert at(body, "links.rel=last.href") is None
    assert at(body, r"@odata\.next") == "c"
    assert at({"links": ["next"]}, "links.rel=next.href") is None
