"""Thousands of alerts in one pass: work grows with their number, not with its square."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.draft import Context, Evaluated
from alerts.fold import advanced, advanced_by
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Stage
from alerts.news import changes
from alerts.quiet import LOUD
from alerts.respond import respond
from alerts.settled import Settled
from alerts.timeline import NoticesQueued, Told
from probes.catalog import Client, ClientId, Contact, SecretRef
from tests.cast import BILLING, CONTEXT, ERP, INVOICES, NOON, PLATINUM, SILVER, after, catalog_of, late, system_alert

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


class Walked(Mapping[ClientId, Impact]):
    """Impacts that count how often somebody goes through all of them."""

    def __init__(self, impacts: Mapping[ClientId, Impact]) -> None:
        self._impacts = impacts
        self.walks = 0

    def __getitem__(self, client: ClientId) -> Impact:
        return self._impacts[client]

    def __len__(self) -> int:
        return len(self._impacts)

    def __iter__(self) -> Iterator[ClientId]:
        self.walks += 1
        return iter(self._impacts)


def stormy(number: int) -> tuple[Incident, Evaluated, Context]:
    """Return an incident that so many alerts have begun and of which everybody was written to, and who was hurt."""
    alerts, known = [late(client, flow=INVOICES) for client in clients(number)], clients(number)
    contact = Contact(name="desk", channel=SecretRef("env:DESK"))
    known = {name: replace(client, tier=PLATINUM.id, contacts=(contact,)) for name, client in known.items()}
    quiet = replace(LOUD, settled=Settled())
    context = replace(CONTEXT, catalog=catalog_of(known), quiet=quiet)
    evaluated = Evaluated(moved=tuple(alerts), alerts={str(one.key): one for one in alerts}, backlog=frozenset())
    response = respond(evaluated, {}, context, 1, NOON)
    (draft,) = response.drafts
    joined = {str(one.key): one for one in response.alerts}
    written = NoticesQueued(at=NOON, stage=Stage.INVESTIGATING, clients=tuple(draft.incident.impacts))
    incident = advanced_by(draft.incident, [written])
    return incident, replace(evaluated, moved=(), alerts=joined), context


def test_a_look_that_brings_no_news_asks_none_of_the_thousands_who_are_hurt() -> None:
    incident, calm, context = stormy(FEWER)
    impacts = Walked(incident.impacts)
    stands = {incident.id: replace(incident, impacts=impacts)}
    assert respond(calm, stands, context, 2, after(seconds=1)).drafts == ()
    impacts.walks = 0
    for second in range(2, 20):
        assert respond(calm, stands, context, 2, after(seconds=second)).drafts == ()
    assert impacts.walks == 0
    arrived = Told(
        at=after(seconds=20), key="k", recipient="desk", stage=Stage.INVESTIGATING, client=next(iter(impacts))
    )
    told = advanced_by(stands[incident.id], [arrived])
    impacts = Walked(told.impacts)
    respond(calm, {told.id: replace(told, impacts=impacts)}, context, 2, after(seconds=21))
    assert impacts.walks == 0, "that a message arrived makes nobody due a notice"


def test_what_time_makes_due_is_due_at_its_time_although_nobody_is_asked_before() -> None:
    incident, calm, context = stormy(4)
    stands, due = {incident.id: incident}, max(changes(incident))
    assert respond(calm, stands, context, 2, NOON).drafts == ()
    assert respond(calm, stands, context, 2, due - timedelta(microseconds=1)).drafts == ()
    assert respond(calm, stands, context, 2, due).drafts != ()


@pytest.mark.parametrize("together", [1, 7, 100])
def test_arrivals_that_are_put_on_record_together_are_one_walk_and_fold_as_one_by_one(together: int) -> None:
    incident, _, _ = stormy(200)
    arrivals = [
        Told(at=after(seconds=place), key=f"k{place}", recipient="desk", stage=stage, client=client)
        for place, client in enumerate(list(incident.impacts)[:together])
        for stage in (Stage.INVESTIGATING, Stage.RESOLVED)
    ]
    impacts = Walked(incident.impacts)
    whole = advanced_by(replace(incident, impacts=impacts), arrivals)
    assert impacts.walks <= 2
    assert whole == reduce(advanced, arrivals, incident)
    assert whole.version == incident.version + 2 * together


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
