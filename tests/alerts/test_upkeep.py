"""What has to be kept up per system: each way of refusing a credential and its sentence, ends, clocks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.alert import Alert, AlertKind, AlertState, Urgency
from probes.catalog import Catalog, Probe, ProbeId, Renewal, SecretRef, System, SystemId
from probes.certificate import Certificate
from probes.connector import Connector, RefusalKind, Resource
from probes.failure import FailureClass, Outcome
from probes.observation import Observation
from probes.plan import Want
from tests.alerts.watch import Watch, record
from tests.cast import ACME, BILLING, CATALOG, DAY, ERP, NOON, SECOND, after

LISTS = {name: Resource(name=name, path=f"/{name}", records_path="data") for name in ("invoices", "charges")}
REFUSING = System(
    id=BILLING,
    connector=Connector(name="billing", resources=LISTS),
    base_url="https://live.example.com",
    credential=SecretRef("env:BILLING_KEY"),
)


def catalog_with(**changes: object) -> Catalog:
    """Return the cast's catalog with another billing system."""
    return replace(CATALOG, systems={**CATALOG.systems, BILLING: replace(REFUSING, **changes)})  # type: ignore[arg-type]


def watch_of(**changes: object) -> Watch:
    probes = tuple(Probe(id=ProbeId(f"{BILLING}.{name}"), system=BILLING, resource=name) for name in LISTS)
    wants = tuple(Want(probe=probe, wanted=SECOND, promises=()) for probe in probes)
    return Watch(catalog=catalog_with(**changes), wants={BILLING: wants})


def look(at: datetime, resource: str = "invoices", system: SystemId = BILLING, **told: object) -> Observation:
    """Return a look that was good, and what else it tells."""
    observation = Observation(
        probe=ProbeId(f"{system}.{resource}"),
        system=system,
        resource=resource,
        outcome=Outcome.GOOD,
        sent=at,
        answered=at + 0.2 * SECOND,
    )
    return replace(observation, **told)  # type: ignore[arg-type]


def refused(at: datetime, kind: RefusalKind | None, resource: str = "invoices") -> Observation:
    """Return a look that was refused for a reason, None where the vendor gives none."""
    return look(at, resource, outcome=Outcome.ERROR_OWN, failure=FailureClass.AUTH, refusal=kind)


def refusing(watch: Watch, kind: RefusalKind | None, *lists: str) -> Alert:
    """Let lists refuse the credential three times each, and return the alert."""
    for number in range(3):
        for name in lists:
            watch.sees(refused(after(seconds=number), kind, name))
    return watch.alerts["credential/billing"]


SENTENCES: Mapping[RefusalKind | None, str] = {
    RefusalKind.REVOKED: "it was revoked or replaced; put a valid one under env:BILLING_KEY",
    RefusalKind.EXPIRED: "it has expired; put a new one under env:BILLING_KEY",
    RefusalKind.WRONG_ENVIRONMENT: (
        "it is for another environment than https://live.example.com; put one of that environment under env:BILLING_KEY"
    ),
    None: (
        "the vendor does not say why; look whether the one under env:BILLING_KEY is whole, valid and may read charges, "
        "invoices"
    ),
}


@pytest.mark.parametrize("kind", SENTENCES)
def test_a_refused_credential_is_told_with_its_reason_and_what_to_do(kind: RefusalKind | None) -> None:
    alert = refusing(watch_of(), kind, "invoices", "charges")
    assert alert.state is AlertState.FIRING
    assert alert.explanation == f"billing refuses our credential since 2026-03-04 12:00:00 UTC: {SENTENCES[kind]}"


def test_a_list_that_may_not_be_read_is_named_and_so_are_those_that_may() -> None:
    watch = watch_of()
    for number in range(3):
        watch.sees(refused(after(seconds=number), RefusalKind.MISSING_SCOPE, "charges"))
        watch.sees(look(after(seconds=number + 0.5), "invoices"))
    alert = watch.alerts["credential/billing"]
    assert alert.explanation == (
        "billing refuses our credential for charges since 2026-03-04 12:00:00 UTC, and not for invoices: "
        "it may not read charges; give it that right at the vendor"
    )
    for number in range(10, 17):
        watch.sees(look(after(seconds=number), "invoices"))
    assert watch.state(AlertKind.CREDENTIAL, BILLING) is AlertState.FIRING, "the other list does not answer for it"
    for number in range(20, 27):
        watch.sees(look(after(seconds=number), "charges"))
    assert watch.state(AlertKind.CREDENTIAL, BILLING) is AlertState.RESOLVED


def test_a_list_that_is_no_longer_looked_at_refuses_nothing() -> None:
    watch = watch_of()
    refusing(watch, RefusalKind.MISSING_SCOPE, "charges")
    watch.wants = {BILLING: watch.wants[BILLING][:1]}
    for number in range(10, 17):
        watch.sees(look(after(seconds=number), "invoices"))
    assert watch.state(AlertKind.CREDENTIAL, BILLING) is AlertState.RESOLVED


def test_one_refusal_is_suspect_and_comes_to_nothing() -> None:
    watch = watch_of()
    watch.sees(refused(NOON, RefusalKind.REVOKED))
    assert watch.state(AlertKind.CREDENTIAL, BILLING) is AlertState.PENDING
    for number in range(1, 9):
        watch.sees(look(after(seconds=number)))
    assert watch.state(AlertKind.CREDENTIAL, BILLING) is AlertState.INACTIVE
    assert watch.upkeep[BILLING].refusals == {}


def test_the_end_of_a_credential_is_a_ticket_and_on_its_last_day_a_page_of_its_own() -> None:
    watch = watch_of(renewal=Renewal(credential_expires=NOON + 40 * DAY))
    watch.waits(NOON, [BILLING])
    assert watch.alerts == {}
    watch.waits(NOON + 10 * DAY, [BILLING])
    ticket = watch.alerts["credential_expiry/billing"]
    assert ticket.urgency is Urgency.TICKET
    assert ticket.explanation == (
        "our credential for billing ends at 2026-04-13 12:00:00 UTC; it should have been renewed 30 days before"
    )
    assert "credential_ends/billing" not in watch.alerts
    watch.waits(NOON + 39 * DAY, [BILLING])
    page = watch.alerts["credential_ends/billing"]
    assert (page.state, page.urgency) == (AlertState.FIRING, Urgency.PAGE)
    assert page.nodes.isdisjoint({"system:billing"}), "an outage meanwhile is an incident of its own"
    watch.catalog = catalog_with(renewal=Renewal(credential_expires=NOON + 400 * DAY))
    watch.waits(NOON + 39 * DAY + SECOND, [BILLING])
    for kind in (AlertKind.CREDENTIAL_EXPIRY, AlertKind.CREDENTIAL_ENDS):
        assert watch.state(kind, BILLING) is AlertState.RESOLVED


def test_what_the_token_says_of_itself_counts_where_it_is_sooner_and_a_token_that_says_nothing_ends_it() -> None:
    watch = watch_of(renewal=Renewal(credential_expires=NOON + 300 * DAY))
    watch.sees(look(NOON, expires=NOON + 5 * DAY))
    assert "2026-03-09 12:00:00 UTC" in watch.alerts["credential_expiry/billing"].explanation
    watch.sees(refused(after(seconds=1), RefusalKind.REVOKED))
    assert watch.upkeep[BILLING].expires == NOON + 5 * DAY
    watch.sees(look(after(seconds=2)))
    assert watch.state(AlertKind.CREDENTIAL_EXPIRY, BILLING) is AlertState.RESOLVED


def certificate(leaf: float, earliest: float | None = None, life: float = 90, *, trusted: bool = True) -> Certificate:
    first = leaf if earliest is None else earliest
    return Certificate(leaf=NOON + leaf * DAY, earliest=NOON + first * DAY, life=life * DAY, trusted=trusted)


@pytest.mark.parametrize(
    ("shown", "kinds"),
    [
        (certificate(22), set()),
        (certificate(20), {"certificate_expiry"}),
        (certificate(2.9), {"certificate_expiry", "certificate_ends"}),
        (certificate(-1), {"certificate_expiry", "certificate_ends"}),
        # One above the system's own may end without anybody noticing, unless the peer is no longer trusted.
        (certificate(300, earliest=-1, life=3650), {"certificate_expiry"}),
        (certificate(300, earliest=-1, life=3650, trusted=False), {"certificate_expiry", "certificate_ends"}),
        # A certificate that lives for six days is renewed in the last two of them.
        (certificate(2.5, life=6), set()),
        (certificate(1.5, life=6), {"certificate_expiry"}),
        (certificate(0.5, life=6), {"certificate_expiry", "certificate_ends"}),
    ],
)
def test_the_end_of_a_certificate_is_told_by_its_days_and_by_its_life(shown: Certificate, kinds: set[str]) -> None:
    watch = watch_of()
    watch.sees(look(NOON, certificate=shown))
    assert {alert.key.kind.value for alert in watch.alerts.values()} == kinds


def test_a_certificate_that_is_not_seen_again_ends_no_alert() -> None:
    watch = watch_of()
    watch.sees(look(NOON, certificate=certificate(10)))
    watch.sees(look(after(seconds=5)))
    watch.waits(NOON + 8 * DAY, [BILLING])
    assert watch.state(AlertKind.CERTIFICATE_ENDS, BILLING) is AlertState.FIRING


def test_a_clock_is_off_only_beyond_what_nobody_can_know() -> None:
    watch = watch_of()
    for number in range(5):
        watch.sees(look(after(seconds=number), clock_offset=timedelta(seconds=30)))
    assert watch.state(AlertKind.CLOCK_SKEW, BILLING) is AlertState.INACTIVE
    for number in range(10, 13):
        watch.sees(look(after(seconds=number), clock_offset=timedelta(seconds=-200)))
    alert = watch.alerts["clock_skew/billing"]
    assert (alert.state, alert.urgency) == (AlertState.FIRING, Urgency.TICKET)
    assert alert.explanation == (
        "the clock of billing is 3 min behind ours (give or take 0.6 s), 30 s is allowed; "
        "no other system tells its time"
    )
    for number in range(20, 27):
        watch.sees(look(after(seconds=number), clock_offset=timedelta()))
    assert watch.state(AlertKind.CLOCK_SKEW, BILLING) is AlertState.RESOLVED


def test_where_all_clocks_are_off_ours_is() -> None:
    watch = watch_of()
    for number in range(3):
        for system in (ERP, BILLING):
            watch.sees(look(after(seconds=number), system=system, clock_offset=timedelta(seconds=90)))
    assert watch.alerts["clock_skew/billing"].explanation.endswith(
        "so are those of all the others (1): ours is probably wrong"
    )


def test_records_from_the_future_are_taken_as_created_when_they_were_seen_and_counted() -> None:
    watch = watch_of()
    ahead = record("1", ACME, after(seconds=9), at=BILLING, failed=True)
    found = watch.sees(look(NOON, records=(ahead,)), (ahead, record("2", ACME, NOON, at=BILLING)))
    assert found.ahead == 1
    assert {one.seen for one in found.indicators.values() if one.key.client == ACME} == {NOON + 0.2 * SECOND}
