"""A day on which the sync loses, alters and invents records, and makes good what it did: each is said, and taken back.

Answers airbytehq/airbyte#32914 (a green sync that brings nothing), datastax/cassandra-data-migrator#395 (rows written
during the look are not missing) and erikdarlingdata/PerformanceMonitor#1707 (a lag that reads healthy).
"""

import re
from pathlib import Path

from alerts.alert import Alert, AlertKind, AlertState
from alerts.message import MessageKind
from monitor.sandbox.faults import Fault
from tests.stories.day import Day, a_day

MISSING, DIFFERENT, ORPHANED = AlertKind.RECORDS_MISSING, AlertKind.RECORDS_MISMATCHED, AlertKind.RECORDS_ORPHANED
FAULTS = (Fault.SYNC_LOSES, Fault.SYNC_ALTERS, Fault.SYNC_INVENTS)


def compare_amounts(folder: Path) -> None:
    """Say that invoices have the same amount, currency and meaning at both ends."""
    systems, erp = folder / "systems.yaml", folder / "connectors" / "erp.yaml"
    text = systems.read_text(encoding="utf-8")
    states = "{status: state, words: {paid: settled, posted: settled}}"
    compared = text.replace(
        "match: {id: external_id},", f"match: {{id: external_id}}, compare: [amount, currency, {states}],"
    )
    assert compared != text
    systems.write_text(compared, encoding="utf-8")
    text = erp.read_text(encoding="utf-8")
    if "amount:" not in text:
        amount = "amount: {path: gross.minor_units, currency_path: gross.currency, unit: minor}"
        text = text.replace("    time_format: iso8601\n", f"    time_format: iso8601\n    {amount}\n")
    erp.write_text(text, encoding="utf-8")


def alerts(day: Day, kind: AlertKind, state: AlertState = AlertState.FIRING) -> list[Alert]:
    return [one for one in day.application.situation.alerts.values() if one.key.kind is kind and one.state is state]


async def test_records_that_are_lost_altered_and_invented_are_told_with_their_clients_until_they_are_made_good(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path, configure=compare_amounts) as day:
        await day.advance(minutes=2)
        assert not any(alerts(day, kind) for kind in (MISSING, DIFFERENT, ORPHANED)), "what is on its way is not lost"
        for fault in FAULTS:
            day.breaks(fault)
        await day.advance(seconds=25)
        different = alerts(day, DIFFERENT)
        assert re.match(
            r"\d+ records? of [a-z-]+ differs? in amount between billing.invoices and erp.invoices \(in_\w+, ",
            different[0].explanation,
        )
        assert {one.key.client for one in different} <= set(day.incidents[0].impacts)
        for fault in (Fault.SYNC_ALTERS, Fault.SYNC_INVENTS):
            day.mends(fault)
        await day.advance(seconds=35)
        assert not alerts(day, DIFFERENT), "the sync posted them again, as they are"
        missing, orphaned = alerts(day, MISSING), alerts(day, ORPHANED)
        assert missing
        assert re.match(
            r"[12] records? of [a-z-]+ left billing.invoices and never reached erp.invoices \(in_\w+, .*created at "
            r"08:0\d:\d\d UTC\): two whole looks did not show (it|them), 99.9 % take less than \d+ s, and younger ones "
            r"have arrived",
            missing[0].explanation,
        )
        (ticket,) = orphaned
        assert "in erp.invoices and not in billing.invoices (in_" in ticket.explanation
        assert ticket.incident is None
        assert {one.key.client for one in missing} <= set(day.incidents[0].impacts)
        assert day.told(MessageKind.PAGE)
        text = day.application.metrics().decode()
        lost = re.findall(r'tierwatch_sync_missing_records\{client="([\w-]+)".*\} ([1-9]\S*)', text)
        assert {client for client, _ in lost} == {one.key.client for one in missing}
        day.mends(Fault.SYNC_LOSES)
        await day.advance(minutes=1)
        assert not alerts(day, MISSING)
        assert alerts(day, MISSING, AlertState.RESOLVED)
