"""What is written of contacts' hours, wishes and laws becomes their values; who is told nothing by them is found."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from alerts.message import ChannelKind
from alerts.preferences import Jurisdiction
from probes.catalog import ClientId, TierId
from probes.manners import Digest, MaintenanceNotice, QuietHours
from tests.monitor.load.written import PARTS, config, found, loaded

LAWS = "jurisdictions: {strict: {channels: [mail]}}\n"


def clients(contact: str, client: str = "") -> str:
    return (
        PARTS["clients"]
        .replace("channel: env:ACME_DESK", f"channel: env:ACME_DESK, {contact}")
        .replace("tier: gold,", f"tier: gold, {client}")
    )


def tiers(text: str) -> str:
    return PARTS["tiers"] + text


def test_everything_that_is_written_of_a_contact_is_taken_over(tmp_path: Path) -> None:
    text = """language: fr, timezone: Europe/Paris, jurisdiction: strict, wants: [beginning, reminder],
      quiet_hours: {from: "22:00", until: "07:00"}, digest: {every: 4h}"""
    made = config(tmp_path, clients=clients(text), jurisdictions=LAWS)
    client = made.catalog.clients[ClientId("acme")]
    (desk,) = client.contacts
    assert (desk.language, desk.timezone, desk.jurisdiction) == ("fr", "Europe/Paris", "strict")
    assert (desk.quiet, desk.digest) == (QuietHours(begins=time(22), ends=time(7)), Digest(every=timedelta(hours=4)))
    assert desk.wants == ("investigating", "reminder")
    inherited = config(tmp_path, clients=clients("language: fr", "jurisdiction: strict,"), jurisdictions=LAWS)
    assert inherited.catalog.clients[client.id].contacts[0].jurisdiction == "strict"
    mail = frozenset({ChannelKind.MAIL})
    assert made.jurisdictions == {"strict": Jurisdiction(name="strict", channels=mail)}


def test_a_tier_says_how_long_before_a_maintenance_is_announced_and_what_waits_for_no_hours(tmp_path: Path) -> None:
    text = "    maintenance: {lead: 5d, remind: 1d}\n    at_any_hour: [end]\n"
    tier = config(tmp_path, tiers=tiers(text)).catalog.tiers[TierId("gold")]
    assert tier.maintenance == MaintenanceNotice(lead=timedelta(days=5), remind=timedelta(days=1))
    assert tier.at_any_hour == ("resolved", "retracted")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('quiet_hours: {from: "22:00", until: "22:00"}', "would never end"),
        ("digest: {}", "is once so often or daily"),
        ("digest: {every: 1m}", "no more than every 5m"),
        ("wants: [gossip]", "must be a class of notices or a stage: beginning, news, end, maintenance, investigating"),
        ("jurisdiction: mars", "mars is not defined; correct the name or define it under jurisdictions"),
    ],
)
def test_what_cannot_be_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    assert [message in str(one) for one in loaded(tmp_path, clients=clients(text)).errors] == [True]


def test_nobody_who_wants_what_is_promised_is_found(tmp_path: Path) -> None:
    said = found(tmp_path, clients=clients("wants: [maintenance]"))
    assert [line.partition(": clients")[2][:60] for line in said] == [
        "[0].contacts: want no investigating, and tier gold promises ",
        "[0].contacts: want no update, and tier gold promises updates",
    ]


def test_hours_that_hold_back_a_promised_first_notice_are_found_unless_the_tier_tells_it_at_any_hour(
    tmp_path: Path,
) -> None:
    quiet = clients('quiet_hours: {from: "22:00", until: "07:00"}')
    (said,) = found(tmp_path, clients=quiet)
    assert "all have quiet hours or a digest" in said
    assert found(tmp_path, clients=quiet, tiers=tiers("    at_any_hour: [beginning]\n")) == []


def test_a_contact_who_may_not_be_told_over_its_only_channel_is_found_and_its_address_is_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANA_PAGER", "BEN_PAGER"):
        monkeypatch.setenv(name, "mailto://x:y@example.com")
    (tmp_path / "ana-mail").write_text("mailto://x:y@example.com")
    monkeypatch.setenv("ACME_DESK", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23secret")
    said = found(tmp_path, secrets=True, clients=clients("jurisdiction: strict"), jurisdictions=LAWS)
    assert [line.partition("channel: ")[2] for line in said] == [
        "is of kind chat, so nothing is told: in strict only mail may be used; name another"
    ]
    monkeypatch.setenv("ACME_DESK", "mailto://x:y@example.com")
    assert found(tmp_path, secrets=True, clients=clients("jurisdiction: strict"), jurisdictions=LAWS) == []


def test_a_text_of_a_window_that_may_not_go_out_to_clients_is_found(tmp_path: Path) -> None:
    def window(text: str) -> str:
        when = 'from: "2035-03-25 04:00", until: "2035-03-25 08:00"'
        return f'maintenance: {{move: {{title: t, systems: [erp], {when}, text: "{text}"}}}}\n'

    assert found(tmp_path, maintenance=window("We move the archive.")) == []
    said = found(tmp_path, maintenance=window("We move db1.internal.example to 10.0.0.7."))
    assert said
    assert all("would not be told to clients, who get the general text instead" in line for line in said)
