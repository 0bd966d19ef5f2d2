"""Severity rises where a cut-off of a hurt client is near, and the timeline says why."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.draft import Context, Evaluated
from alerts.fold import advanced
from alerts.impact import terms_of
from alerts.incident import Incident
from alerts.respond import respond
from alerts.severity import severity
from alerts.timeline import ClientsHurt, ClientsRecovered, Hurt, Recovery, SeveritySet
from monitor.store.codec import EVENT
from probes.catalog import Cutoff
from tests.cast import (
    CLIENTS,
    CONTEXT,
    DUNE,
    FIRST_LINE,
    GOLD,
    INVOICES,
    NOON,
    PAYOUTS,
    PLATINUM,
    SECOND_LINE,
    SILVER,
    catalog_of,
    late,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Two in the afternoon, two hours after noon.
RUN = Cutoff(
    name="invoice-run", expression="0 14 * * *", zone="UTC", raise_within=HOUR, raise_to=PLATINUM.id, flow=INVOICES.id
)
ALERT = late(DUNE)


def context_of(*cutoffs: Cutoff) -> Context:
    """Return a context in which dune, of the lightest tier, has these cut-offs."""
    clients = {**CLIENTS, DUNE: replace(CLIENTS[DUNE], cutoffs=cutoffs)}
    return replace(CONTEXT, catalog=catalog_of(clients))


def begun(context: Context, now: datetime = NOON) -> Incident:
    """Return an incident that hurts dune alone."""
    evaluated = Evaluated(moved=(ALERT,), alerts={str(ALERT.key): ALERT}, backlog=frozenset())
    (draft,) = respond(evaluated, {}, context, 1, now).drafts
    return draft.incident


def risen(incident: Incident, context: Context, now: datetime) -> SeveritySet | None:
    """Return what time alone makes of an incident's severity."""
    return severity(incident, context.catalog, context.roster, now)


def test_before_a_cut_off_is_near_an_incident_is_as_severe_as_its_worst_hurt_client() -> None:
    context = context_of(RUN)
    incident = begun(context)
    assert (incident.tier, incident.weight, incident.policy) == (SILVER.id, SILVER.weight, SECOND_LINE)
    assert risen(incident, context, NOON + 59 * MINUTE) is None


def test_when_it_is_near_the_incident_counts_as_the_named_tier_and_its_policy_pages() -> None:
    context = context_of(RUN)
    still = Evaluated(moved=(), alerts={str(ALERT.key): ALERT}, backlog=frozenset({(INVOICES.id, DUNE)}))
    incident, now = begun(context), NOON + HOUR + 18 * MINUTE
    (draft,) = respond(still, {incident.id: incident}, context, 2, now).drafts
    assert draft.events[0] == SeveritySet(
        at=now,
        tier=PLATINUM.id,
        weight=PLATINUM.weight,
        policy=FIRST_LINE,
        why="invoice-run of dune is at 2026-03-04 14:00 UTC, in 42 min; "
        "from 1 h 0 min before it an incident counts as platinum",
    )
    assert [message.recipient for message in draft.messages if message.client is None] == ["alba"]
    assert respond(still, {incident.id: draft.incident}, context, 2, now + MINUTE).drafts == ()


@pytest.mark.parametrize(
    "cutoff",
    [
        replace(RUN, flow=PAYOUTS.id),
        replace(RUN, raise_within=None, raise_to=None),
        replace(RUN, raise_to=SILVER.id),
        replace(RUN, expression="0 15 * * *"),
    ],
    ids=["another flow", "raises nothing", "raises to no worse a tier", "not near yet"],
)
def test_what_does_not_concern_an_incident_does_not_raise_it(cutoff: Cutoff) -> None:
    context = context_of(cutoff)
    assert risen(begun(context), context, NOON + HOUR + 30 * MINUTE) is None


def test_a_cut_off_without_a_flow_concerns_every_incident_and_the_heaviest_of_several_wins() -> None:
    context = context_of(replace(RUN, flow=None, raise_to=GOLD.id), replace(RUN, name="report", flow=None))
    found = risen(begun(context), context, NOON + HOUR + 30 * MINUTE)
    assert found is not None
    assert (found.tier, found.why.partition(" ")[0]) == (PLATINUM.id, "report")


def test_a_client_that_has_recovered_raises_nothing() -> None:
    context = context_of(RUN)
    incident = begun(context)
    well = advanced(incident, ClientsRecovered(at=NOON, recovered=(Recovery(client=DUNE, drained=NOON),)))
    again = ClientsHurt(at=NOON, hurt=(Hurt(terms=terms_of(CLIENTS[DUNE], SILVER, NOON), onset=NOON),))
    now = NOON + HOUR + 30 * MINUTE
    assert risen(well, context, now) is None
    assert risen(advanced(well, again), context, now) is not None


def test_a_severity_that_was_stored_without_a_reason_can_still_be_read() -> None:
    event = SeveritySet(at=NOON, tier=GOLD.id, weight=GOLD.weight, policy=SECOND_LINE)
    written = EVENT.text(event).replace(',"why":""', "")
    assert '"why"' not in written
    assert EVENT.value(written) == event
