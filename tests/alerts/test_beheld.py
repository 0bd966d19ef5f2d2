"""What a client may see of incidents: those that it was told of, as far as it was told, under names for clients."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from alerts.alert import IncidentId
from alerts.beheld import Known, beheld
from alerts.client_view import ClientView, ServiceState
from alerts.fold import folded
from alerts.impact import terms_of
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, Stage
from alerts.services import Service, StatusPages, provided_to
from alerts.timeline import (
    AlertsCleared,
    AlertsJoined,
    ClientsHurt,
    ClientsRecovered,
    Event,
    Hurt,
    NoticesQueued,
    Opened,
    Recovery,
    Resolved,
)
from alerts.works import Diary, Reading, told_works
from probes.catalog import ClientId, NoticePolicy, SystemId
from tests.cast import (
    ACME,
    CATALOG,
    COBALT,
    ERP,
    GATEWAY,
    INVOICES,
    MINUTE,
    PAYOUTS,
    after,
    late,
    system_alert,
)

PAGES = StatusPages(
    name="Example Sync",
    services=(
        Service(id="invoices", name="Invoice sync", flows=frozenset({INVOICES.id})),
        Service(id="payouts", name="Payouts", flows=frozenset({PAYOUTS.id})),
    ),
)
CLEARED = after(minutes=20)


def incident(
    client: ClientId,
    *stages: tuple[Stage, datetime],
    name: str = "INC-1",
    notices: NoticePolicy = NoticePolicy.AUTOMATIC,
    alerts: Iterable[str] | None = None,
    events: tuple[Event, ...] = (),
) -> Incident:
    """Return an incident that hurts a client from 11:59 on, with the notices that were written to it."""
    known = CATALOG.clients[client]
    terms = replace(terms_of(known, CATALOG.tier_of(client), after()), notices=notices)
    keys = alerts or (str(late(client).key),)
    begun = (
        Opened(at=after(), onset=after(minutes=-1), nodes=frozenset({"flow:invoices"}), blind=False),
        AlertsJoined(at=after(), alerts=dict.fromkeys(keys, "late"), nodes=frozenset({"flow:invoices"})),
        ClientsHurt(at=after(), hurt=(Hurt(terms=terms, onset=after(minutes=-1)),)),
    )
    told = [NoticesQueued(at=at, stage=stage, clients=(client,)) for stage, at in stages]
    later = sorted((*told, *events), key=lambda one: one.at)
    return folded(IncidentId(name), (*begun, *later))


def over(client: ClientId) -> tuple[Event, ...]:
    recovered = ClientsRecovered(at=CLEARED, recovered=(Recovery(client=client, drained=CLEARED - MINUTE),))
    return AlertsCleared(at=CLEARED, alerts=(str(late(client).key),)), recovered, Resolved(at=CLEARED, why="drained")


def notice(client: ClientId, stage: Stage, at: datetime, name: str = "INC-1", place: int = 1) -> Message:
    return Message(
        key=f"{name}/{stage}/{place}",
        kind=MessageKind.NOTICE,
        lane=Lane.NORMAL,
        stage=stage,
        recipient=f"contact {place}",
        channels=(),
        subject="About it",
        body=f"{stage} it is",
        created=at,
        incident=IncidentId(name),
        client=client,
    )


def seen(client: ClientId, *incidents: Incident, notices: tuple[Message, ...] = ()) -> ClientView:
    known = CATALOG.clients[client]
    provided = provided_to(known, PAGES, CATALOG)
    whole = Known(client=known, title="We", provided=provided, incidents=incidents, notices=notices)
    return beheld(whole, str, after(minutes=30))


@pytest.mark.parametrize("notices", [NoticePolicy.APPROVAL, NoticePolicy.BY_HAND, NoticePolicy.AUTOMATIC])
def test_what_waits_for_somebodys_word_is_not_seen_before_it(notices: NoticePolicy) -> None:
    waiting = seen(COBALT, incident(COBALT, notices=notices))
    assert (waiting.episodes, waiting.worst) == ((), ServiceState.OPERATIONAL)
    told = seen(COBALT, incident(COBALT, (Stage.INVESTIGATING, after(minutes=5)), notices=notices))
    assert [one.told for one in told.episodes] == [after(minutes=5)]
    assert told.worst is ServiceState.DEGRADED


def test_who_is_never_written_to_sees_what_hurts_them_at_once() -> None:
    (one,) = seen(COBALT, incident(COBALT, notices=NoticePolicy.NONE)).episodes
    assert (one.stage, one.posts) == (Stage.INVESTIGATING, ())


def test_an_incident_ends_on_the_page_when_the_client_is_told_so() -> None:
    first = (Stage.INVESTIGATING, after())
    (owed,) = seen(ACME, incident(ACME, first, events=over(ACME))).episodes
    assert (owed.stage, owed.ended) == (Stage.MONITORING, None)
    (told,) = seen(ACME, incident(ACME, first, (Stage.RESOLVED, CLEARED), events=over(ACME))).episodes
    assert (told.stage, told.ended) == (Stage.RESOLVED, CLEARED - MINUTE)
    (taken_back,) = seen(ACME, incident(ACME, first, (Stage.RETRACTED, CLEARED), events=over(ACME))).episodes
    assert taken_back.stage is Stage.RETRACTED


@pytest.mark.answers("grafana/incident-community#101")
def test_each_stage_that_a_client_was_told_of_is_the_stage_that_it_sees() -> None:
    course = ((Stage.INVESTIGATING, after()), (Stage.IDENTIFIED, after(minutes=3)), (Stage.UPDATE, after(minutes=4)))
    (one,) = seen(ACME, incident(ACME, *course)).episodes
    assert one.stage is Stage.IDENTIFIED
    (one,) = seen(ACME, incident(ACME, *course, (Stage.MONITORING, after(minutes=9)))).episodes
    assert (one.stage, one.monitored) == (Stage.MONITORING, after(minutes=9))


@pytest.mark.answers("louislam/uptime-kuma#711")
def test_several_incidents_at_once_are_each_about_their_own_services() -> None:
    told = (Stage.INVESTIGATING, after())
    down = str(system_alert(GATEWAY).key)
    view = seen(COBALT, incident(COBALT, told), incident(COBALT, told, name="INC-2", alerts=(down,)))
    assert [view.named(one.services) for one in view.episodes] == [("Payouts",), ("Invoice sync",)]
    assert {one.name: one.state for one in view.services} == {
        "Invoice sync": ServiceState.DEGRADED,
        "Payouts": ServiceState.OUTAGE,
    }


def test_an_outage_is_only_what_stops_all_of_a_service() -> None:
    known = CATALOG.clients[COBALT]
    whole = provided_to(known, StatusPages(), CATALOG)
    told, down = (Stage.INVESTIGATING, after()), str(system_alert(ERP).key)
    one = Known(client=known, title="We", provided=whole, incidents=(incident(COBALT, told, alerts=(down,)),))
    view = beheld(one, str, after(minutes=30))
    assert [(one.name, one.state) for one in view.services] == [("Your integration", ServiceState.PARTIAL_OUTAGE)]


def test_what_several_contacts_were_told_is_one_post_and_nobody_is_named() -> None:
    at = after()
    told = tuple(notice(ACME, Stage.INVESTIGATING, at, place=place) for place in (1, 2))
    (one,) = seen(ACME, incident(ACME, (Stage.INVESTIGATING, at)), notices=told).episodes
    assert [post.body for post in one.posts] == ["investigating it is"]


def test_notices_of_an_incident_that_another_one_took_over_stand_with_that_one() -> None:
    told = (Stage.INVESTIGATING, after())
    gone = replace(incident(ACME, told, name="INC-1"), merged=IncidentId("INC-2"), impacts={})
    heir = incident(ACME, told, name="INC-2")
    (one,) = seen(ACME, gone, heir, notices=(notice(ACME, Stage.INVESTIGATING, after()),)).episodes
    assert (one.reference, len(one.posts)) == ("INC-2", 1)


def test_who_was_told_of_no_maintenance_sees_none() -> None:
    provided = provided_to(CATALOG.clients[ACME], PAGES, CATALOG)
    assert told_works(Diary(windows=(), catalog=CATALOG), Reading(client=ACME, provided=provided, say=str)) == ()


def test_nothing_is_called_by_a_name_of_ours() -> None:
    view = seen(COBALT, incident(COBALT, (Stage.INVESTIGATING, after())))
    assert [name for name in (*CATALOG.systems, *CATALOG.flows) if name in repr(view)] == []
    assert SystemId("erp") in CATALOG.systems
