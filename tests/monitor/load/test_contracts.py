"""What is written of calendars and contracts becomes values, and what cannot be kept is said."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from monitor.load import load
from probes.catalog import ClientId, TierId
from probes.conduct import Tell, WarningLevel
from probes.credit import CreditStep
from probes.hours import ALWAYS, BUILT_IN, WORKING_DAYS, Calendar, Opening
from probes.versions import as_of
from tests.monitor.load.written import NOW, PARTS, config, found, written

GOLD, ACME = TierId("gold"), ClientId("acme")
HOUR = timedelta(hours=1)
OFFICE = """\
calendars:
  office:
    timezone: Europe/Madrid
    hours: [{days: business, opens: "08:00", closes: "18:00"}]
    holidays: ES-MD
    closed: [2026-12-31, 2026-12-24]
"""
CONTRACT = """\
clients:
  - id: acme
    name: Acme
    tier: gold
    timezone: Europe/Madrid
    identifiers: {billing: cus_1, erp: "0042"}
    contacts: [{name: Desk, channel: env:ACME_DESK}]
    contract:
      month_begins: 15
      versions:
        - {from: 2026-01-01, sla: {repair: 3h}}
        - {from: 2026-04-01, tier: gold, calendar: office, exclusions: {vendor_caused: true}, breach_budget: 2h,
           credits: [{breaches: 3, credit: 10%}]}
"""


def sla(text: str) -> str:
    return PARTS["tiers"].replace("from: onset}", f"from: onset, {text}}}")


def test_a_calendar_is_read_and_a_promise_may_have_one_of_its_own(tmp_path: Path) -> None:
    tiers = sla("calendar: office, calendars: {acknowledge: always, repair: business}")
    promised = config(tmp_path, tiers=tiers, calendars=OFFICE).catalog.tiers[GOLD].sla
    assert promised.hours == Calendar(
        name="office",
        zone="Europe/Madrid",
        week=(Opening(days=WORKING_DAYS, opens=time(8), closes=time(18)),),
        country="ES-MD",
        closed=("2026-12-24", "2026-12-31"),
    )
    assert (promised.calendar, promised.hours_of("first_notice")) == ("office", promised.hours)
    assert (promised.hours_of("acknowledge"), promised.hours_of("repair")) == (ALWAYS, BUILT_IN["business"])


def test_warnings_credits_and_a_budget_are_read(tmp_path: Path) -> None:
    tiers = sla("warnings: [{at: 100%, tell: page}, {at: 60%}], exclusions: {vendor_caused: true}") + (
        "    breach_budget: 1h\n    credits: [{below: 99%, credit: 25%}, {breach_time: 2h, credit: 5%}]\n"
    )
    tier = config(tmp_path, tiers=tiers).catalog.tiers[GOLD]
    assert tier.sla.warnings == (
        WarningLevel(share=0.6, tell=Tell.MESSAGE),
        WarningLevel(share=1.0, tell=Tell.PAGE),
    )
    assert (tier.sla.exclude_vendor, tier.breach_budget) == (True, HOUR)
    assert tier.credits == (CreditStep(credit=0.25, below=0.99), CreditStep(credit=0.05, breach_time=2 * HOUR))


def test_the_version_of_a_contract_that_is_in_force_alters_what_the_tier_promises(tmp_path: Path) -> None:
    catalog = config(tmp_path, clients=CONTRACT, calendars=OFFICE).catalog
    now, later = catalog.tier_of(ACME), as_of(catalog, datetime(2026, 3, 31, 22, tzinfo=UTC)).tier_of(ACME)
    assert (now.sla.repair, now.sla.calendar, now.sla.acknowledge) == (3 * HOUR, "always", HOUR / 4)
    assert (later.sla.repair, later.sla.calendar, later.sla.exclude_vendor) == (4 * HOUR, "office", True)
    assert (later.breach_budget, later.credits) == (2 * HOUR, (CreditStep(credit=0.1, breaches=3),))
    assert catalog.tiers[GOLD].sla.repair == 4 * HOUR


def test_a_version_begins_with_its_day_on_the_clients_clock(tmp_path: Path) -> None:
    catalog = config(tmp_path, clients=CONTRACT, calendars=OFFICE).catalog
    midnight = datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert as_of(catalog, midnight - timedelta(seconds=1)) is catalog
    changed = as_of(catalog, midnight)
    assert changed.clients[ACME].contract == changed.clients[ACME].versions[1]
    assert as_of(changed, midnight) is changed
    assert catalog.clients[ACME].month_begins == 15


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"tiers": sla("calendar: offices"), "calendars": OFFICE}, "tiers.gold.sla.calendar: offices is not defined"),
        ({"tiers": sla("calendars: {repair: nights}")}, "tiers.gold.sla.calendars.repair: nights is not defined"),
        ({"tiers": sla("calendars: {mending: always}")}, "must be one of detect, acknowledge"),
        ({"tiers": PARTS["tiers"] + "    credits: [{credit: 5%}]\n"}, "needs one condition"),
        ({"calendars": "calendars: {business: {holidays: ES}}"}, "calendars.business: is built in"),
        ({"calendars": "calendars: {office: {hours: []}}"}, "calendars.office.hours: must not be empty"),
        ({"calendars": "calendars: {office: {holidays: Spain}}"}, "must be a country whose holidays are known"),
        ({"clients": CONTRACT, "calendars": "calendars: {}"}, "contract.versions[1].calendar: office is not defined"),
        (
            {"clients": CONTRACT.replace("04-01, tier: gold", "04-01, tier: golden"), "calendars": OFFICE},
            "contract.versions[1].tier: golden is not defined",
        ),
        (
            {"clients": CONTRACT.replace("2026-04-01", "2025-04-01"), "calendars": OFFICE},
            "has versions that are not in the order of their days",
        ),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(tmp_path: Path, parts: dict[str, str], message: str) -> None:
    errors = [str(problem) for problem in load(written(tmp_path, **parts), secrets=False, now=NOW).errors]
    assert any(message in error for error in errors), errors


def _with(promise: str) -> str:
    return PARTS["systems"].replace('example/api/",', f'example/api/", vendor_promise: {promise},')


@pytest.mark.answers("elastic/uptime#15")
def test_a_promise_that_a_vendor_does_not_make_to_us_is_said(tmp_path: Path) -> None:
    assert found(tmp_path, systems=_with("{availability: 99.95%, repair: 2h}")) == []
    (worse,) = found(tmp_path, systems=_with("{availability: 99.5%}"))
    assert "tiers.gold.objectives.availability.target: is more than its vendors promise us (billing 99.50%)" in worse
    (slow,) = found(tmp_path, systems=_with("{repair: 1d}"))
    assert "tiers.gold.sla.repair: is no longer than billing's vendor takes (1d)" in slow
    (silent,) = found(tmp_path, systems=_with("{response: 4h}"))
    assert "is over before billing's vendor answers (4h)" in silent


def test_what_vendors_promise_together_is_less_than_each_alone(tmp_path: Path) -> None:
    both = _with("{availability: 99.95%}").replace(
        'erp.example",', 'erp.example", vendor_promise: {availability: 99.94%},'
    )
    (finding,) = found(tmp_path, systems=both)
    assert "(billing 99.95%, erp 99.94%, together 99.89%)" in finding


def test_a_vendors_fault_that_is_excluded_leaves_the_promise_attainable(tmp_path: Path) -> None:
    tiers = sla("exclusions: {vendor_caused: true}")
    assert found(tmp_path, systems=_with("{repair: 1d}"), tiers=tiers) == []


def test_a_contract_is_read_as_of_the_instant_of_reading(tmp_path: Path) -> None:
    folder = written(tmp_path, clients=CONTRACT, calendars=OFFICE)
    before, after = (load(folder, secrets=False, now=now).config for now in (NOW, NOW + timedelta(days=60)))
    assert before is not None
    assert after is not None
    assert before.catalog.tier_of(ACME).sla.calendar == "always"
    assert after.catalog.tier_of(ACME).sla.calendar == "office"
