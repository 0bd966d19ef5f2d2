"""A day on which records fail and data goes wrong, each in its own way, each with its own alert and end."""

from pathlib import Path

from alerts.alert import AlertState, Urgency
from alerts.message import Message, MessageKind, Stage
from monitor.sandbox.faults import Fault
from monitor.sandbox.world import STRIKES
from monitor.web.view.clients import client
from probes.catalog import ClientId
from tests.stories.day import Day, a_day

LIMITS = """\
      failures:
        hard_declines: {at_most: 3, over: 1m}
        retries_exhausted: {at_most: 0, over: 1m}
        dunning_failed: {at_most: 0, over: 1m}
        webhooks_failed: {below: 2%, over: 1m}
        records_rejected: {at_most: 5, over: 1m}
"""
TOLD = {
    Fault.CARDS_STOLEN: (
        "hard_declines/billing",
        "hard declines in 1 min",
        "allowed 3; most: stolen_card (",
        "the payers'",
    ),
    Fault.RETRIES_RUN_OUT: (
        "retries_exhausted/billing",
        "without a retry left in 1 min",
        "allowed 0",
        "the payers'",
    ),
    Fault.DUNNING_IN_VAIN: ("dunning_failed/billing", "dunned in vain in 1 min", "allowed 0", "the payers'"),
    Fault.WEBHOOKS_NOT_TAKEN: (
        "webhooks_failed/billing",
        "webhooks not taken of ",
        "allowed less than 2 %); most: invoice.paid (",
        "ours",
    ),
    Fault.PAYMENTS_REJECTED: (
        "records_rejected/gateway",
        "rejected records in 1 min",
        "allowed 5; most: unknown_account (",
        "ours",
    ),
}


def limit_failures(folder: Path) -> None:
    """Give every tier limits on failures, and take away the ratio that would tell of some of them too."""
    tiers = folder / "tiers.yaml"
    lines = tiers.read_text(encoding="utf-8").splitlines(keepends=True)
    assert sum("failures:" in line for line in lines) == 3
    kept = (LIMITS if "failures:" in line else line for line in lines if "failure_ratio" not in line)
    tiers.write_text("".join(kept), encoding="utf-8")
    systems = folder / "systems.yaml"
    text = systems.read_text(encoding="utf-8").replace("flows:\n", f"{ASSERTED}flows:\n", 1)
    added_up = "mode: realtime, totals: {over: 1m, settling: 20s}}"
    assert "mode: realtime}" in text
    systems.write_text(text.replace("mode: realtime}", added_up), encoding="utf-8")


ASSERTED = """\
    overrides:
      resources:
        invoices:
          amount: {path: gross.minor_units, currency_path: gross.currency, unit: minor}
          assertions: [{kind: required, field: state, over: 1m}, {kind: unique, field: external_id, over: 1m}]
"""
WRONG = {
    "data_quality/erp.invoices:required:state": "records of erp.invoices have nothing at state in 1 min, allowed none",
    "data_quality/invoices:totals": "billing.invoices and erp.invoices differ by ",
}


def whose(fault: Fault) -> ClientId:
    _, struck = STRIKES[fault]
    assert struck is not None
    return ClientId(struck.id)


def sentences(day: Day) -> dict[str, str]:
    """What the firing alerts say."""
    alerts = day.application.situation.alerts.values()
    return {str(alert.key): alert.explanation for alert in alerts if alert.state is AlertState.FIRING}


async def test_each_way_has_its_alert_for_the_client_that_it_befalls_and_ends_on_evidence(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=limit_failures) as day:
        await day.advance(minutes=1, seconds=30)
        assert sentences(day) == {}
        for fault in (*TOLD, Fault.ENTRIES_EMPTY, Fault.AMOUNTS_DRIFT):
            day.breaks(fault)
        await day.advance(minutes=1)
        tell_whose_records_fail(day)
        tell_what_is_wrong_with_the_data(day)
        for fault in (*TOLD, Fault.ENTRIES_EMPTY, Fault.AMOUNTS_DRIFT):
            day.mends(fault)
        await day.advance(minutes=1, seconds=40)
        assert sentences(day) == {}
        assert not [one for one in day.incidents if one.open]
        (letter, *_) = notices(day, Stage.RESOLVED)
        assert "processed" not in letter.body, "what was declined for good stays so"


def tell_whose_records_fail(day: Day) -> None:
    said = {key: one for key, one in sentences(day).items() if key not in WRONG}
    assert said.keys() == {f"{key}/{whose(fault)}" for fault, (key, *_) in TOLD.items()}
    for fault, (key, *parts) in TOLD.items():
        sentence = said[f"{key}/{whose(fault)}"]
        assert [part for part in (*parts, f"for {whose(fault)}") if part not in sentence] == [], sentence
    assert "Evidence: " in day.told(MessageKind.PAGE)[0].body
    (letter, *_) = notices(day, Stage.INVESTIGATING)
    assert "An unusual number of your customers' payments is being declined for good." in letter.body
    assert "billing" not in letter.body
    page = client(day.application.situation, whose(Fault.CARDS_STOLEN), day.clock.now())
    broken = {(one.way.alert, one.system, one.most and one.most[0]) for one in page.failures if not one.kept}
    assert broken == {("hard_declines", "billing", "stolen_card")}
    place = f'client="{whose(Fault.PAYMENTS_REJECTED)}",kind="records_rejected",system="gateway"'
    assert f"tierwatch_record_failures_total{{{place}" in day.application.metrics().decode()


def tell_what_is_wrong_with_the_data(day: Day) -> None:
    said = sentences(day)
    assert [part for key, part in WRONG.items() if part not in said[key]] == []
    alerts = [alert for key, alert in day.application.situation.alerts.items() if key in WRONG]
    assert {(alert.urgency, alert.incident) for alert in alerts} == {(Urgency.TICKET, None)}, (
        "nobody is called for data"
    )


def notices(day: Day, stage: Stage) -> list[Message]:
    return [one for one in day.told(MessageKind.NOTICE, stage) if one.client == whose(Fault.CARDS_STOLEN)]
