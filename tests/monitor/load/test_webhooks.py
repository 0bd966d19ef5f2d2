"""What is written of webhooks becomes the values that they are verified and counted by."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.load import load
from probes.catalog import SecretRef, SystemId, Webhooks
from probes.objectives import FailureRatio
from probes.webhook import Announces, Encoding, Scheme, Signature, Stamp, Webhook
from tests.monitor.load.written import CONNECTOR, NOW, PARTS, config, written

SECRET = PARTS["systems"].replace("quota: {share: 20%}}", "quota: {share: 20%}, webhooks: {secret: env:HOOK}}")
SIGNED = """\
webhook:
  signature:
    scheme: hmac
    header: X-Signature
    encoding: base64
    key: hex
    separator: " "
    prefix: "v1,"
    signed: "{header:X-Id}.{timestamp}.{body}"
    timestamp: {header: X-Time, format: unix_ms, tolerance: 1m}
  events_path: events
  id_paths: [id, number]
  kind_paths: [kind]
  announces:
    - {events: ["invoice.*"], resource: invoices, record_path: object}
    - {events: [thin], resource: invoices, record_id_path: object.id}
    - {events: [bare], resource: invoices, itself: true}
  status: 200
  text: ok
"""


def errors(folder: Path, **changed: str) -> list[str]:
    """Return the errors as they are told."""
    return [str(problem) for problem in load(written(folder, **changed), secrets=False, now=NOW).errors]


def test_everything_that_is_written_is_taken_over(tmp_path: Path) -> None:
    systems = SECRET.replace("{secret: env:HOOK}", "{secret: env:HOOK, grace: 1m, lost_below: 5%, over: 1h}")
    found = config(tmp_path, connector=CONNECTOR + SIGNED, systems=systems)
    billing = found.catalog.systems[SystemId("billing")]
    assert billing.webhooks == Webhooks(
        secret=SecretRef("env:HOOK"),
        grace=timedelta(minutes=1),
        lost=FailureRatio(below=0.05, over=timedelta(hours=1)),
    )
    assert SecretRef("env:HOOK") in found.secrets
    assert billing.connector.webhook == Webhook(
        signature=Signature(
            scheme=Scheme.HMAC,
            header="X-Signature",
            encoding=Encoding.BASE64,
            key=Encoding.HEX,
            separator=" ",
            prefix="v1,",
            signed="{header:X-Id}.{timestamp}.{body}",
            stamp=Stamp(header="X-Time", unit=timedelta(milliseconds=1), tolerance=timedelta(minutes=1)),
        ),
        events_path="events",
        id_paths=("id", "number"),
        kind_paths=("kind",),
        announces=(
            Announces(events=("invoice.*",), resource="invoices", record_path="object"),
            Announces(events=("thin",), resource="invoices", record_id_path="object.id"),
            Announces(events=("bare",), resource="invoices", record_path=""),
        ),
        status=200,
        text="ok",
    )


def test_a_secret_is_enough_and_one_in_a_hundred_may_be_lost(tmp_path: Path) -> None:
    webhooks = (
        config(tmp_path, connector=CONNECTOR + SIGNED, systems=SECRET).catalog.systems[SystemId("billing")].webhooks
    )
    assert webhooks is not None
    assert (webhooks.grace, webhooks.lost.below, webhooks.lost.over) == (
        timedelta(minutes=10),
        0.01,
        timedelta(hours=6),
    )


def test_webhooks_of_a_vendor_that_cannot_be_verified_are_an_error(tmp_path: Path) -> None:
    (told,) = errors(tmp_path, systems=SECRET)
    assert "systems.billing.webhooks: has no use: the connector knows no webhooks" in told


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("scheme: hmac", "scheme: rsa", "must be one of hmac, fields, basic, token"),
        ("    header: X-Signature\n", "", "hmac also needs header; add it"),
        ("encoding: base64", "encoding: text", "must be one of hex, base64"),
        (".{body}", "", "must be a text with {body} in it"),
        ("{header:X-Id}", "{id}", "no other marks than {timestamp}, {method}, {url} and {header:NAME}"),
        ("    timestamp: {header: X-Time, format: unix_ms, tolerance: 1m}\n", "", "says not where it stands"),
        ("unix_ms", "iso8601", "must be one of unix_s, unix_ms"),
        ("record_path: object}", "record_path: object, itself: true}", "needs one of record_path, itself: true"),
        ("resource: invoices, itself", "resource: invoicse, itself", "announce invoicse, which is no resource"),
        ("status: 200", "status: 302", "must be at most 299"),
    ],
)
def test_what_cannot_be_right_is_told_with_its_place(tmp_path: Path, before: str, after: str, told: str) -> None:
    assert before in SIGNED
    found = errors(tmp_path, connector=CONNECTOR + SIGNED.replace(before, after, 1), systems=SECRET)
    assert any(told in error and "one.yaml" in error for error in found), found


def test_a_list_without_a_path_is_one_that_webhooks_tell_of(tmp_path: Path) -> None:
    more = "  payouts: {}\n"
    connector = CONNECTOR.replace("limits:", f"{more}limits:")
    (told, *_) = errors(tmp_path, connector=connector)
    assert "has a resource payouts without a path that no webhook announces" in told
    announced = SIGNED.replace("[bare], resource: invoices", "[bare], resource: payouts")
    assert (
        config(tmp_path, connector=connector + announced).catalog.systems[SystemId("erp")].connector.webhook is not None
    )
    flows = PARTS["flows"].replace("billing.invoices", "billing.payouts")
    (told,) = errors(tmp_path, connector=connector + announced, flows=flows)
    assert "payouts comes by webhooks only" in told


def test_a_list_that_is_taken_away_is_announced_no_more(tmp_path: Path) -> None:
    more = CONNECTOR.replace("limits:", "  payouts: {path: /payouts}\nlimits:")
    announced = SIGNED.replace("[bare], resource: invoices", "[bare], resource: payouts")
    systems = SECRET.replace("webhooks: {", "overrides: {resources: {payouts: null}}, webhooks: {")
    billing = config(tmp_path, connector=more + announced, systems=systems).catalog.systems[SystemId("billing")]
    assert billing.connector.webhook is not None
    assert [one.events for one in billing.connector.webhook.announces] == [("invoice.*",), ("thin",)]
