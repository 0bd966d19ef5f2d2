"""Thousands of alerts in one pass: work grows with their number, not with its square."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.draft import Evaluated
from alerts.respond import respond
from probes.catalog import Client, ClientId
from tests.cast import BILLING, CONTEXT, ERP, INVOICES, NOON, SILVER, catalog_of, late, system_alert

FEWER, MORE = 2_000, 8_000
Storm = Callable[[int], tuple[list[Alert], dict[ClientId, Client]]]


def clients(number: int) -> dict[ClientId, Client]:
    names = (ClientId(f"client-{place}") for place in range(number))
    return {
        name: Client(id=name, name=name, tier=SILVER.id, identifiers={BILLING: (f"b-{name}",), ERP: (f"e-{name}",)})
        for name in names
    }


def spent(alerts: list[Alert], known: dict[ClientId, Client]) -> tuple[float, int, int]:
    """Return the CPU seconds of one pass over alerts, the number of incidents, and of pages."""
    evaluated = Evaluated(moved=tuple(alerts), alerts={str(one.key): one for one in alerts}, backlog=frozenset())
    context = replace(CONTEXT, catalog=catalog_of(known))
    began = time.process_time()
    response = respond(evaluated, {}, context, 1, NOON)
    took = time.process_time() - began
    pages = sum(message.client is None for draft in response.drafts for message in draft.messages)
    return took, len(response.drafts), pages


def of_one_system(number: int) -> tuple[list[Alert], dict[ClientId, Client]]:
    known = clients(number)
    return [system_alert(ERP), *(late(client, flow=INVOICES) for client in known)], known


def each_by_itself(number: int) -> tuple[list[Alert], dict[ClientId, Client]]:
    """Alerts none of which shares a place with another, as reported ones may be."""
    return [
        replace(
            system_alert(ERP, AlertState.FIRING),
            key=AlertKey(kind=AlertKind.REPORTED, subject=f"rule-{place}"),
            nodes=frozenset({f"rule:/{place}"}),
            system=None,
            urgent=True,
        )
        for place in range(number)
    ], clients(1)


def test_a_storm_of_one_dead_system_is_one_incident_and_one_page() -> None:
    alerts, known = of_one_system(FEWER)
    _, incidents, pages = spent(alerts, known)
    assert (incidents, pages) == (1, 1)


@pytest.mark.parametrize("storm", [of_one_system, each_by_itself])
def test_four_times_as_many_alerts_take_no_more_than_eight_times_the_work(storm: Storm) -> None:
    few, many = storm(FEWER // 4), storm(MORE // 4)
    spent(*few)
    assert spent(*many)[0] < 8 * max(0.02, spent(*few)[0])
