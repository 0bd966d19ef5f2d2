"""A day on which records of five clients fail, each in its own way: every one has its alert, and ends by evidence."""

from pathlib import Path

from alerts.alert import AlertState
from alerts.message import MessageKind, Stage
from monitor.sandbox.faults import Fault
from monitor.sandbox.world import STRIKES
from monitor.web.view.clients import client
from probes.catalog import ClientId
from tests.stories.day import Day, a_day

LIMITS = """\
      failures:
        hard_declines: {at_most: 3, over: 5m}
        retries_exhausted: {at_most: 0, over: 5m}
        dunning_failed: {at_most: 0, over: 5m}
        webhooks_failed: {below: 2%, over: 5m}
        records_rejected: {at_most: 5, over: 5m}
"""
TOLD = {
    Fault.CARDS_STOLEN: (
        "hard_declines/billing",
        "hard declines in 5 min",
        "allowed 3; most: stolen_card (",
        "the payers'",
    ),
    Fault.RETRIES_RUN_OUT: (
        "retries_exhausted/billing",
        "without a retry left in 5 min",
        "allowed 0",
        "the payers'",
    ),
    Fault.DUNNING_IN_VAIN: ("dunning_failed/billing", "dunned in vain in 5 min", "allowed 0", "the payers'"),
    Fault.WEBHOOKS_NOT_TAKEN: (
        "webhooks_failed/billing",
        "webhooks not taken of ",
        "allowed less than 2 %); most: invoice.paid (",
        "ours",
    ),
    Fault.PAYMENTS_REJECTED: (
        "records_rejected/gateway",
        "rejected records in 5 min",
        "allowed 5; most: unknown_account (",
        "ours",
    ),
}


def limit_failures(folder: Path) -> None:
    """Give every tier limits on failures, and take away the ratio that would tell of some of them too."""
    tiers = folder / "tiers.yaml"
    lines = tiers.read_text(encoding="utf-8").splitlines(keepends=True)
    assert sum("failure_ratio" in line for line in lines) == 3
    tiers.write_text("".join(LIMITS if "failure_ratio" in line else line for line in lines), encoding="utf-8")


def whose(fault: Fault) -> ClientId:
    _, struck = STRIKES[fault]
    assert struck is not None
    return ClientId(struck.id)


def sentences(day: Day) -> dict[str, str]:
    """What the firing alerts say."""
    alerts = day.application.situation.alerts.values()
    return {str(alert.key): alert.explanation for alert in alerts if alert.state is AlertState.FIRING}


async def test_each_way_of_failing_has_its_alert_for_the_client_that_it_befalls_and_ends_on_evidence(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path, configure=limit_failures) as day:
        await day.advance(minutes=1)
        assert sentences(day) == {}
        for fault in TOLD:
            day.breaks(fault)
        await day.advance(minutes=2)
        said = sentences(day)
        assert said.keys() == {f"{key}/{whose(fault)}" for fault, (key, *_) in TOLD.items()}
        for fault, (key, *parts) in TOLD.items():
            sentence = said[f"{key}/{whose(fault)}"]
            assert [part for part in (*parts, f"for {whose(fault)}") if part not in sentence] == [], sentence
        (paged, *_) = day.told(MessageKind.PAGE)
        assert "Evidence: " in paged.body
        (letter, *_) = [one for one in day.told(MessageKind.NOTICE) if one.client == whose(Fault.CARDS_STOLEN)]
        assert "An unusual number of your customers' payments is being declined for good." in letter.body
        assert "billing" not in letter.body
        page = client(day.application.situation, whose(Fault.CARDS_STOLEN), day.clock.now())
        broken = {(one.way.alert, one.system, one.most and one.most[0]) for one in page.failures if not one.kept}
        assert broken == {("hard_declines", "billing", "stolen_card")}
        for fault in TOLD:
            day.mends(fault)
        await day.advance(minutes=6)
        assert sentences(day) == {}
        assert not [one for one in day.incidents if one.open]
        (letter, *_) = [
            one for one in day.told(MessageKind.NOTICE, Stage.RESOLVED) if one.client == whose(Fault.CARDS_STOLEN)
        ]
        assert "processed" not in letter.body, "what was declined for good stays so"
        counted = day.application.metrics().decode()
        place = f'client="{whose(Fault.PAYMENTS_REJECTED)}",kind="records_rejected",system="gateway"'
        assert f"tierwatch_record_failures_total{{{place}" in counted
