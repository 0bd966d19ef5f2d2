"""Limits on failures and assertions as they are written: what is wrong is named, what nothing tells of is found."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.load import load
from probes.assertion import Assertion, AssertionKind, Totals
from probes.catalog import FlowId, ProbeId, SystemId, TierId
from probes.connector import FailureKind
from probes.limit import FailureLimit
from probes.plan import intervals
from tests.monitor.load.written import CONNECTOR, NOW, PARTS, config, found, written

HOUR = timedelta(hours=1)


def limited(limits: str) -> str:
    """Return the tiers with limits on failures."""
    return PARTS["tiers"].replace("    sla:", f"      failures: {{{limits}}}\n    sla:")


def asserting(assertions: str) -> str:
    """Return the connector with assertions on its list."""
    return CONNECTOR.replace("value: void}]}", f"value: void}}], assertions: [{assertions}]}}")


def adding_up(totals: str) -> str:
    """Return the flows with totals."""
    return PARTS["flows"].replace("mode: realtime}", f"mode: realtime, totals: {totals}}}")


def test_a_limit_is_a_count_a_share_or_both(tmp_path: Path) -> None:
    text = "payments_failed: {at_most: 5, below: 2%, over: 1h}, webhooks_failed: {at_most: 0, over: 1d}"
    tier = config(tmp_path, tiers=limited(text)).catalog.tiers[TierId("gold")]
    assert tier.objectives.failures == {
        FailureKind.PAYMENT_FAILED: FailureLimit(at_most=5, below=0.02, over=HOUR),
        FailureKind.WEBHOOK_FAILED: FailureLimit(at_most=0, over=24 * HOUR),
    }


def test_a_list_that_tells_of_what_is_limited_is_looked_at(tmp_path: Path) -> None:
    ways = "failures: [{kind: disputed, when: [{path: lost, op: exists}]}]"
    connector = CONNECTOR + "whoami: /me\n"
    connector = connector.replace("limits:", f"  disputes: {{path: /disputes, {ways}}}\nlimits:")
    assert "billing.disputes" not in intervals(config(tmp_path, connector=connector).catalog)
    planned = intervals(
        config(tmp_path, connector=connector, tiers=limited("disputes: {at_most: 1, over: 2m}")).catalog
    )
    assert planned[ProbeId("billing.disputes")] == timedelta(seconds=20)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tiers": limited("disputes: {over: 1h}")}, "limits nothing; add at_most (a number like 5), below"),
        ({"tiers": limited("disputes: {at_most: -1, over: 1h}")}, "at_most"),
        ({"tiers": limited("chargebacks: {at_most: 1, over: 1h}")}, "chargebacks: is not known here"),
        ({"connector": asserting("{kind: required}")}, "required is about one field; add field"),
        ({"connector": asserting("{kind: same, field: id}")}, "is about the whole record; take its field away"),
        ({"connector": asserting("{kind: positive, field: id}")}, "kind"),
        ({"flows": adding_up("{over: soon}")}, "totals.over"),
    ],
)
def test_what_is_wrong_with_them_is_told_with_its_place(tmp_path: Path, changed: dict[str, str], message: str) -> None:
    errors = [str(error) for error in load(written(tmp_path, **changed), now=NOW, secrets=False).errors]
    assert any(message in error for error in errors), errors


def test_assertions_and_totals_are_read(tmp_path: Path) -> None:
    assertions = "{kind: required, field: vat, at_most: 5%, over: 1w, page: true}, {kind: same}"
    catalog = config(tmp_path, connector=asserting(assertions), flows=adding_up("{over: 2h, page: true}")).catalog
    assert catalog.systems[SystemId("erp")].connector.resources["invoices"].assertions == (
        Assertion(kind=AssertionKind.REQUIRED, field="vat", at_most=0.05, over=timedelta(weeks=1), page=True),
        Assertion(kind=AssertionKind.SAME),
    )
    assert catalog.flows[FlowId("sync")].totals == Totals(over=2 * HOUR, page=True)


def test_a_limit_that_no_list_can_break_is_found(tmp_path: Path) -> None:
    limits = "payments_failed: {at_most: 5, over: 1h}, disputes: {at_most: 5, over: 1h}"
    (only,) = found(tmp_path, tiers=limited(limits))
    assert only == (
        "minor tiers.yaml:8: tiers.gold.objectives.failures.disputes: can never be exceeded: no list of a system that "
        "knows its clients tells of disputed; take it away"
    )


def test_totals_without_amounts_are_found_to_count_only(tmp_path: Path) -> None:
    (only,) = found(tmp_path, flows=adding_up("{over: 1h}"))
    assert only.endswith(
        "flows.sync.totals: only counts records: billing.invoices and erp.invoices have no amount in the connector; "
        "add it there"
    )
