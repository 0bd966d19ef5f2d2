"""The vendors' definitions that ship: each can be loaded, and reads its vendor's answers."""

import importlib.resources
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.load.connector_form import ConnectorForm
from monitor.load.document import read_document
from monitor.load.form import filled
from probes.answer import Answer, Failure, Page, read
from probes.ask import first_ask
from probes.auth import AuthKind
from probes.budget import Window
from probes.connector import COUNTED, Connector, FailureKind
from probes.failing import tells_of
from probes.failure import FailureClass
from probes.observation import Record
from probes.record import read_record

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SHIPPED = Path(str(importlib.resources.files("probes") / "connectors"))


def definition(name: str) -> Connector:
    document = read_document(SHIPPED / f"{name}.yaml")
    assert document.root is not None
    form, problems = filled(ConnectorForm, document.root)
    assert not problems
    assert form is not None
    return form.connector(name)


STRIPE = definition("stripe")


def charge(name: str, status: str) -> dict[str, object]:
    return {"id": name, "object": "charge", "created": 1_795_165_000, "customer": "cus_1", "status": status}


def answered(body: object, status: int = 200) -> Answer:
    return Answer(status=status, headers={}, body=json.dumps(body).encode(), answered=NOW)


@pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.yaml")))
def test_every_definition_that_ships_can_be_loaded_and_has_a_place_to_look(name: str) -> None:
    loaded = definition(name)
    assert loaded.name == name
    assert loaded.whoami
    assert loaded.resources


def test_stripe_is_asked_with_a_bearer_key_and_no_version_of_ours() -> None:
    assert STRIPE.auth.kind is AuthKind.BEARER
    assert dict(STRIPE.headers) == {}
    assert STRIPE.limits == (Window(limit=100, period=timedelta(seconds=1)),)
    assert set(STRIPE.resources) == {"invoices", "charges", "customers", "events", "undelivered"}


def test_stripe_charges_are_read_page_by_page_with_what_failed() -> None:
    charges = STRIPE.resources["charges"]
    ask = first_ask(STRIPE, charges, NOW)
    assert dict(ask.query) == {"limit": "100", "created[gte]": "1795165200"}
    rows = [charge("ch_3", "pending"), charge("ch_2", "failed"), charge("ch_1", "succeeded")]
    page = read(STRIPE, charges, ("id",), ask, answered({"object": "list", "data": rows, "has_more": True}))
    assert isinstance(page, Page)
    assert [(r.id, r.failed, r.client) for r in page.records] == [
        ("ch_3", None, "cus_1"),
        ("ch_2", True, "cus_1"),
        ("ch_1", False, "cus_1"),
    ]
    assert page.records[0].created == NOW - timedelta(seconds=200)
    assert page.next is not None
    assert dict(page.next.query) == {**ask.query, "starting_after": "ch_1"}


def test_stripe_events_name_the_client_of_the_object_they_are_about() -> None:
    event = {"id": "evt_1", "created": 1_795_165_000, "data": {"object": {"customer": "cus_7"}}}
    resource = STRIPE.resources["events"]
    page = read(STRIPE, resource, (), first_ask(STRIPE, resource, None), answered({"data": [event], "has_more": False}))
    assert isinstance(page, Page)
    assert page.records[0].client == "cus_7"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, FailureClass.BUSINESS),
        (401, FailureClass.AUTH),
        (402, FailureClass.REQUEST),
        (429, FailureClass.THROTTLED),
    ],
)
def test_stripe_errors_are_told_apart_whatever_status_they_come_with(status: int, expected: FailureClass) -> None:
    body = {"error": {"type": "api_error", "message": "..."}}
    failure = read(STRIPE, None, (), first_ask(STRIPE, None, None), answered(body, status))
    assert isinstance(failure, Failure)
    assert failure.failure is expected


@pytest.mark.parametrize(
    ("more", "hard"),
    [
        ({"failure_code": "card_declined", "outcome": {"reason": "stolen_card"}}, "stolen_card"),
        ({"failure_code": "account_closed", "outcome": None}, "account_closed"),
        ({"outcome": {"reason": "generic_decline", "advice_code": "do_not_try_again"}}, "generic_decline"),
        ({"failure_code": "card_declined", "outcome": {"reason": "insufficient_funds"}}, None),
    ],
)
def test_a_charge_that_nobody_should_try_again_is_a_hard_decline(more: Mapping[str, object], hard: str | None) -> None:
    found = read_record(STRIPE.resources["charges"], (), timedelta(), {**charge("ch_1", "failed"), **more}, NOW)
    assert isinstance(found, Record)
    assert found.failed
    assert (FailureKind.HARD_DECLINED in found.kinds) == (hard is not None)
    assert len(set(found.kinds)) == len(found.kinds)
    assert found.code == (hard or "card_declined")


def test_no_shipped_definition_tells_of_one_way_of_failing_in_two_lists() -> None:
    for name in (file.stem for file in SHIPPED.glob("*.yaml")):
        told = [kind for resource in definition(name).resources.values() for kind in tells_of(resource)]
        kinds = [kind for kind in told if kind not in COUNTED]
        assert len(set(kinds)) == len(kinds), name


@pytest.mark.parametrize(("cause", "hard"), [("bank_account_closed", True), ("insufficient_funds", False)])
def test_a_debit_from_an_account_that_is_closed_is_a_hard_decline(cause: str, hard: bool) -> None:  # noqa: FBT001
    details = {"cause": cause, "will_attempt_retry": True}
    event = {"id": "EV1", "created_at": "2026-11-20T08:00:00.000Z", "resource_type": "payments", "action": "failed"}
    found = read_record(
        definition("gocardless").resources["events"], (), timedelta(), {**event, "details": details}, NOW
    )
    assert isinstance(found, Record)
    assert found.kinds == ((FailureKind.HARD_DECLINED,) if hard else ())
    assert found.code == (cause if hard else "")


@pytest.mark.parametrize(("code", "hard"), [("invalid_card_number", True), ("insufficient_funds", False)])
def test_recurlys_codes_for_cards_that_never_pay_are_hard_declines(code: str, hard: bool) -> None:  # noqa: FBT001
    at = "2026-11-20T08:00:00.000Z"
    one = {"id": "t1", "created_at": at, "updated_at": at, "status": "declined", "status_code": code}
    found = read_record(definition("recurly").resources["transactions"], (), timedelta(), one, NOW)
    assert isinstance(found, Record)
    assert (FailureKind.HARD_DECLINED in found.kinds, found.failed, found.code) == (hard, True, code)
