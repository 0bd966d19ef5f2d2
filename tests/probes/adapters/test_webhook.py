"""Webhooks are opened as vendors write them: their events, and the records that they announce."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from probes.adapters.webhook import MOST_EVENTS, Envelope, Event, opened
from probes.catalog import System, SystemId
from probes.connector import FailureKind
from probes.webhook import Posted, Refusal
from tests.probes.test_authentic import ADYEN, ADYEN_KEY, GOCARDLESS, stripe
from tests.probes.test_connectors import definition

NOW = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
THEN = int(NOW.timestamp()) - 60
KEY = "whsec"


def envelope(vendor: str, secret: str = KEY, fields: Mapping[str, tuple[str, ...]] | None = None) -> Envelope:
    connector = definition(vendor)
    assert connector.webhook is not None
    system = System(id=SystemId("billing"), connector=connector, base_url="https://x.example")
    return Envelope(system=system, webhook=connector.webhook, secret=secret, fields=fields or {})


def taken(events: tuple[Event, ...] | Refusal) -> tuple[Event, ...]:
    assert not isinstance(events, Refusal), events
    return events


def in_base64(body: bytes) -> str:
    return b64encode(hmac.new(KEY.encode(), body, sha256).digest()).decode()


def test_stripes_event_holds_the_record_as_its_list_does() -> None:
    charge = {"id": "ch_1", "created": THEN, "customer": "cus_1", "status": "failed", "failure_code": "card_declined"}
    body = json.dumps({"id": "evt_1", "type": "charge.failed", "created": THEN, "data": {"object": charge}}).encode()
    (event,) = taken(opened(envelope("stripe", fields={"charges": ("id",)}), stripe(body=body), NOW))
    (heard,) = event.heard
    assert (event.id, event.kind, heard.resource, heard.id) == ("evt_1", "charge.failed", "charges", "ch_1")
    assert heard.record is not None
    assert (heard.record.client, heard.record.failed, heard.record.code) == ("cus_1", True, "card_declined")
    assert heard.record.fields == {"id": "ch_1"}
    assert heard.record.created == NOW - timedelta(seconds=60)


def test_an_event_of_another_kind_announces_nothing_and_is_an_event_all_the_same() -> None:
    body = json.dumps({"id": "evt_2", "type": "charge.refunded", "data": {"object": {"id": "ch_1"}}}).encode()
    assert taken(opened(envelope("stripe"), stripe(body=body), NOW)) == (Event(id="evt_2", kind="charge.refunded"),)


def test_a_record_that_cannot_be_read_is_left_to_the_looks() -> None:
    body = json.dumps({"id": "evt_3", "type": "charge.failed", "data": {"object": {"id": "ch_1"}}}).encode()
    assert taken(opened(envelope("stripe"), stripe(body=body), NOW))[0].heard == ()


def test_gocardless_sends_many_events_at_once_each_of_which_is_the_record() -> None:
    made = hmac.new(KEY.encode(), GOCARDLESS, sha256).hexdigest()
    posted = Posted(url="", headers={"webhook-signature": made}, body=GOCARDLESS)
    events = taken(opened(envelope("gocardless"), posted, NOW))
    assert [event.kind for event in events] == ["subscriptions.created", "mandates.created"]
    assert [heard.id for event in events for heard in event.heard] == ["EV00BD05S5VM2T", "EV00BD05TB8K63"]


def test_chargebee_wraps_its_record_like_in_its_list() -> None:
    payment = {"id": "txn_1", "date": THEN, "updated_at": THEN, "customer_id": "c1", "status": "failure", "amount": 5}
    body = json.dumps({"id": "ev_1", "event_type": "payment_failed", "content": {"transaction": payment}}).encode()
    shown = f"Basic {b64encode(b'hook:secret').decode()}"
    posted = Posted(url="", headers={"authorization": shown}, body=body)
    (event,) = taken(opened(envelope("chargebee", "hook:secret"), posted, NOW))
    (heard,) = event.heard
    assert heard.record is not None
    assert (heard.resource, heard.record.client, heard.record.failed) == ("transactions", "c1", True)


def test_adyens_payments_come_by_webhooks_alone() -> None:
    item = {**ADYEN, "eventDate": "2026-03-04T08:59:00+01:00"}
    body = json.dumps({"live": "false", "notificationItems": [{"NotificationRequestItem": item}]}).encode()
    (event,) = taken(opened(envelope("adyen", ADYEN_KEY), Posted(url="", headers={}, body=body), NOW))
    (heard,) = event.heard
    assert event.id == "7914073381342284/AUTHORISATION/true"
    assert heard.record is not None
    assert (heard.resource, heard.record.failed, heard.record.client) == ("payments", False, "TestMerchant")
    refused = {**item, "success": "false"}
    forged = json.dumps({"notificationItems": [{"NotificationRequestItem": refused}]}).encode()
    assert opened(envelope("adyen", ADYEN_KEY), Posted(url="", headers={}, body=forged), NOW) is Refusal.FORGED
    assert opened(envelope("adyen", ADYEN_KEY), Posted(url="", headers={}, body=b"?"), NOW) is Refusal.UNSIGNED


def test_razorpay_names_its_event_in_a_header_and_tells_of_a_failed_payment() -> None:
    payment = {"id": "pay_1", "created_at": THEN, "status": "failed", "notes": {"client_id": "acme"}, "amount": 1}
    body = json.dumps({"event": "payment.failed", "payload": {"payment": {"entity": payment}}}).encode()
    made = hmac.new(KEY.encode(), body, sha256).hexdigest()
    headers = {"x-razorpay-signature": made, "x-razorpay-event-id": "evt_9"}
    (event,) = taken(opened(envelope("razorpay"), Posted(url="", headers=headers, body=body), NOW))
    assert event.id == "evt_9"
    assert event.heard[0].record is not None
    assert event.heard[0].record.kinds == (FailureKind.PAYMENT_FAILED,)


def test_xero_names_what_changed_and_its_trial_of_a_right_signature_is_taken() -> None:
    one = {"resourceId": "inv-1", "eventType": "CREATE", "eventCategory": "INVOICE", "eventDateUtc": "2026-03-04T07:59"}
    body = json.dumps({"events": [one], "entropy": "S0m3"}).encode()
    posted = Posted(url="", headers={"x-xero-signature": in_base64(body)}, body=body)
    (event,) = taken(opened(envelope("xero"), posted, NOW))
    assert (event.heard[0].resource, event.heard[0].id, event.heard[0].record) == ("invoices", "inv-1", None)
    assert taken(opened(envelope("xero"), posted, NOW))[0].id == event.id, "a repetition has the same hash"
    trial = b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}'
    right = Posted(url="", headers={"x-xero-signature": in_base64(trial)}, body=trial)
    assert taken(opened(envelope("xero"), right, NOW)) == ()
    wrong = Posted(url="", headers={"x-xero-signature": in_base64(b"")}, body=trial)
    assert opened(envelope("xero"), wrong, NOW) is Refusal.FORGED


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[1]", b"null", b"[" * 100_000, b'"text"'])
def test_what_is_signed_and_no_event_is_unreadable(body: bytes) -> None:
    assert opened(envelope("stripe"), stripe(body=body), NOW) is Refusal.UNREADABLE


def test_more_events_than_are_read_are_refused() -> None:
    body = json.dumps({"events": [{"id": str(one)} for one in range(MOST_EVENTS + 1)]}).encode()
    made = hmac.new(KEY.encode(), body, sha256).hexdigest()
    posted = Posted(url="", headers={"webhook-signature": made}, body=body)
    assert opened(envelope("gocardless"), posted, NOW) is Refusal.UNREADABLE
