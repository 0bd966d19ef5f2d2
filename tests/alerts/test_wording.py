"""What pages say: enough at three in the morning."""

from datetime import UTC, datetime

import pytest

from alerts.alert import AlertKind, IncidentId
from alerts.correlate import system_nodes
from alerts.escalation import PageReason
from alerts.fold import advanced
from alerts.impact import Impact, terms_of
from alerts.incident import Incident
from alerts.timeline import AlertsJoined
from alerts.wording import (
    BLIND,
    HEADLINES,
    REASONS,
    headline,
    kind_of,
    local,
)
from probes.catalog import (
    ClientId,
)
from tests.cast import (
    ACME,
    BOREAL,
    CATALOG,
    CLIENTS,
    COBALT,
    ERP,
    NOON,
    after,
)


def impact(client: ClientId = ACME, recovered: datetime | None = None) -> Impact:
    terms = terms_of(CLIENTS[client], CATALOG.tier_of(client), NOON)
    return Impact(terms=terms, joined=NOON, onset=after(minutes=-1), recovered=recovered)


def incident(*keys: str, hurt: tuple[ClientId, ...] = (), blind: bool = False) -> Incident:
    begun = Incident(
        id=IncidentId("INC-7"),
        opened=NOON,
        onset=after(minutes=-1),
        nodes=system_nodes(ERP),
        blind=blind,
        impacts={client: impact(client) for client in hurt},
    )
    alerts = {key: f"evidence of {key}" for key in keys}
    return advanced(begun, AlertsJoined(at=NOON, alerts=alerts, nodes=begun.nodes))


# Pages.


@pytest.mark.parametrize(
    ("keys", "blind", "expected"),
    [
        (("availability/erp",), False, "System erp is down"),
        (("sync_latency/invoices/acme", "availability/erp"), False, "System erp is down"),
        (("sync_latency/invoices/acme",), False, "Flow invoices is late"),
        (("failure_ratio/gateway/acme",), False, "Records fail on system gateway"),
        (("credential/erp",), True, "System erp refuses our credential"),
        (("availability/erp",), True, "System erp cannot be seen"),
        (("availability/billing", "availability/erp"), True, "System billing, erp cannot be seen"),
    ],
)
def test_the_headline_says_what_explains_the_rest(keys: tuple[str, ...], expected: str, *, blind: bool) -> None:
    assert headline(incident(*keys, blind=blind)) == f"{expected}; no client is known to be hurt"


def test_the_headline_counts_the_hurt_clients_worst_tier_first() -> None:
    hurt = incident("availability/erp", hurt=(COBALT, BOREAL, ACME))
    assert headline(hurt) == "System erp is down: 3 clients hurt (2 platinum, 1 gold)"
    assert headline(incident("availability/erp", hurt=(ACME,))) == "System erp is down: 1 client hurt (1 platinum)"


def test_every_kind_of_alert_has_a_headline_and_every_reason_its_words() -> None:
    assert HEADLINES.keys() == {*AlertKind, BLIND}
    assert REASONS.keys() == set(PageReason)
    assert {kind_of(incident(f"{kind}/erp")) for kind in AlertKind} == set(AlertKind)


def test_a_local_time_over_midnight_shows_its_own_date() -> None:
    late_evening = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)
    assert local(late_evening, "Asia/Tokyo") == "2026-03-05 07:30 (Asia/Tokyo), 22:30 UTC"
