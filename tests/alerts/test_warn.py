"""Warnings before a promise breaks: when they are due, that they come once, and who is told of them how."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import AlertKey, AlertKind, AlertState, IncidentId
from alerts.clocks import ClocksPaused, PauseCause, Promise, PromisesWarned
from alerts.draft import Draft
from alerts.escalation import PageReason
from alerts.fold import folded
from alerts.impact import Terms, terms_of
from alerts.incident import Incident
from alerts.message import Lane
from alerts.pausing import clock_events
from alerts.revise import revised
from alerts.revision import ContractRevised, Revision, RevisionCause
from alerts.sla import TimerState, timers_of
from alerts.timeline import Acknowledged, ClientsHurt, Event, EvidenceAdded, Hurt, Opened, Paged, SeveritySet
from alerts.vendor_fault import vendor_causes
from alerts.warn import MOMENT, alike, next_warning, warn
from probes.catalog import ClientId
from probes.conduct import Sla, Tell
from probes.contract import Version
from probes.hours import BUILT_IN
from tests.cast import (
    ACME,
    ALBA,
    BOREAL,
    BRUNO,
    CARLA,
    CATALOG,
    CLIENTS,
    CONTEXT,
    FIRST_LINE,
    GATEWAY,
    GOLD,
    HOUR,
    MINUTE,
    NOON,
    PLATINUM,
    after,
    catalog_of,
    system_alert,
)


def terms(client: ClientId = ACME, **changes: object) -> Terms:
    known = terms_of(CLIENTS[client], CATALOG.tier_of(client), NOON)
    return replace(known, sla=replace(Sla(repair=100 * MINUTE), **changes))  # type: ignore[arg-type]


def incident(*hurt: Terms, more: tuple[Event, ...] = ()) -> Incident:
    return folded(IncidentId("INC-1"), (*whole(hurt), *more))


def whole(hurt: Iterable[Terms]) -> tuple[Event, ...]:
    return (
        Opened(at=NOON, onset=NOON, nodes=frozenset(), blind=False),
        ClientsHurt(at=NOON, hurt=tuple(Hurt(terms=one, onset=NOON) for one in hurt)),
        SeveritySet(at=NOON, tier=PLATINUM.id, weight=100, policy=FIRST_LINE),
        Paged(at=NOON, step=0, people=(ALBA.id,), reason=PageReason.FIRST, next_due=None),
    )


def warned(one: Incident, now: datetime) -> Draft:
    draft = Draft(incident=one)
    warn(draft, CONTEXT, now)
    return draft


def shares(draft: Draft) -> list[tuple[Promise, float, Tell]]:
    return [(one.promise, one.share, one.tell) for one in draft.events if isinstance(one, PromisesWarned)]


@pytest.mark.answers("elastic/kibana#69907")
def test_each_share_of_a_promises_time_warns_once_and_the_next_is_known() -> None:
    one = incident(terms(), terms(BOREAL))
    assert next_warning(one, NOON) == after(minutes=50)
    assert warned(one, after(minutes=49)).events == []
    half = warned(one, after(minutes=50))
    assert shares(half) == [(Promise.REPAIR, 0.5, Tell.NOBODY)]
    assert half.messages == []
    assert warned(half.incident, after(minutes=60)).events == []
    assert next_warning(half.incident, after(minutes=60)) == after(minutes=75)


def test_clients_whose_clocks_show_the_same_are_told_of_in_one_message_to_who_was_paged() -> None:
    one = incident(terms(), terms(BOREAL))
    draft = warned(warned(one, after(minutes=50)).incident, after(minutes=75))
    (event,) = draft.events
    assert isinstance(event, PromisesWarned)
    assert event.clients == (ACME, BOREAL)
    (message,) = draft.messages
    assert (message.recipient, message.lane) == (ALBA.id, Lane.NORMAL)
    assert message.subject == "[INC-1] 75% of the time to repair has passed for 2 clients"
    assert "Acme Corp (platinum), Boreal AS (platinum)" in message.body
    assert "due in 25 min, at 2026-03-04 13:40:00 UTC" in message.body


def joined(*later: int) -> Incident:
    """Return an incident that clients join so many seconds after noon."""
    names = [ClientId(f"c{number}") for number, _ in enumerate(later)]
    hurt = [
        ClientsHurt(
            at=after(seconds=one),
            hurt=(Hurt(terms=replace(terms(), client=name, name=name), onset=after(seconds=one)),),
        )
        for name, one in zip(names, later, strict=True)
    ]
    return incident(terms(), more=tuple(hurt))


def lived(one: Incident, until: datetime) -> list[PromisesWarned]:
    """Return the warnings of an incident that is looked at whenever it asks to be."""
    found, now = [], next_warning(one, NOON)
    while now is not None and now <= until:
        draft = warned(one, now)
        found += [event for event in draft.events if isinstance(event, PromisesWarned)]
        one, asked = draft.incident, next_warning(draft.incident, now)
        assert asked is None or asked > now
        now = asked
    return found


def test_clients_that_joined_seconds_apart_are_warned_of_together_and_of_a_broken_promise_with_the_last() -> None:
    found = lived(joined(5, 20, 45, 90), after(hours=3))
    assert [(one.at - NOON, one.share, len(one.clients)) for one in found if one.share >= 0.9] == [
        (90 * MINUTE, 0.9, 4),
        (timedelta(minutes=91, seconds=30), 0.9, 1),
        (timedelta(minutes=100, seconds=45), 1.0, 4),
        (timedelta(minutes=101, seconds=30), 1.0, 1),
    ]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=8).map(sorted))
@settings(max_examples=25)
def test_however_clients_join_each_is_warned_once_within_a_moment_and_of_nothing_that_is_not_broken(
    later: list[int],
) -> None:
    start = {ACME: NOON} | {ClientId(f"c{number}"): after(seconds=one) for number, one in enumerate(later)}
    found = [(client, one) for one in lived(joined(*later), after(hours=3)) for client in one.clients]
    assert sorted((client, one.share) for client, one in found) == [
        (client, share) for client in sorted(start) for share in (0.5, 0.75, 0.9, 1.0)
    ]
    for client, one in found:
        off = one.at - start[client] - 100 * MINUTE * one.share
        assert abs(off) <= MOMENT
        assert one.share < 1 or off >= timedelta()


def test_who_has_taken_the_incident_is_told_and_its_end_comes_as_a_page() -> None:
    taken = incident(terms(), more=(Acknowledged(at=after(minutes=1), by=CARLA.id),))
    (message,) = warned(taken, after(minutes=100)).messages
    assert (message.recipient, message.lane) == (CARLA.id, Lane.URGENT)
    assert "100% of the time to repair" in message.subject


def test_of_a_notice_that_goes_out_by_itself_people_are_told_only_once_it_is_late() -> None:
    one = incident(terms(repair=None, first_notice=100 * MINUTE))
    nearly = warned(one, after(minutes=90))
    assert shares(nearly)[-1] == (Promise.FIRST_NOTICE, 0.9, Tell.NOBODY)
    assert nearly.messages == []
    late = warned(nearly.incident, after(minutes=100))
    assert shares(late) == [(Promise.FIRST_NOTICE, 1.0, Tell.PAGE)]
    assert [one.recipient for one in late.messages] == [ALBA.id]


def test_after_a_while_in_which_nobody_looked_all_are_recorded_and_only_the_last_is_told() -> None:
    draft = warned(incident(terms()), after(minutes=95))
    assert [(share, tell) for _, share, tell in shares(draft)] == [
        (0.5, Tell.NOBODY),
        (0.75, Tell.NOBODY),
        (0.9, Tell.MESSAGE),
    ]
    assert len(draft.messages) == 1


def test_what_stands_still_warns_of_nothing_and_a_calendar_moves_the_warning() -> None:
    pause = ClocksPaused(
        at=after(minutes=10),
        since=after(minutes=10),
        clients=(ACME,),
        cause=PauseCause.CLIENTS_TURN,
        why="logs",
        by="a",
    )
    held = incident(terms(), more=(pause,))
    assert next_warning(held, after(minutes=20)) is None
    assert warned(held, after(hours=9)).events == []
    # Wednesday 12:00 UTC is 07:00 in New York: it begins to count at 14:00 UTC.
    zoned = terms_of(CLIENTS[ACME], replace(PLATINUM, sla=Sla(repair=HOUR, hours=BUILT_IN["business"])), NOON)
    assert next_warning(incident(zoned), NOON) == after(hours=2, minutes=30)


# Contracts that change in the middle.


def with_version(**version: object) -> Version:
    return replace(Version(start=after(minutes=30), tier=PLATINUM.id), **version)  # type: ignore[arg-type]


def test_a_version_that_begins_in_the_middle_is_taken_down_and_the_clock_goes_on_under_it() -> None:
    one = incident(terms_of(CLIENTS[ACME], PLATINUM, NOON))
    version = with_version(changes={"repair": 2 * HOUR})
    catalog = catalog_of({ACME: replace(CLIENTS[ACME], contract=version, versions=(version,))})
    (event,) = revised(one, catalog, after(minutes=30))
    assert isinstance(event, ContractRevised)
    assert event.cause is RevisionCause.DATE
    draft = Draft(incident=one)
    draft.add(event)
    assert list(revised(draft.incident, catalog, after(minutes=31))) == []
    impact = draft.incident.impacts[ACME]
    assert impact.earlier == ((after(minutes=30), one.impacts[ACME].terms),)
    (timer,) = (t for t in timers_of(draft.incident, impact, after(hours=1)) if t.promise is Promise.REPAIR)
    assert (timer.state, timer.due) == (TimerState.RUNNING, after(hours=2))


def test_a_tighter_promise_is_broken_at_the_earliest_when_it_comes_into_force() -> None:
    one = incident(terms(repair=10 * HOUR))
    version = with_version(changes={"repair": 10 * MINUTE})
    catalog = catalog_of({ACME: replace(CLIENTS[ACME], contract=version)})
    draft = Draft(incident=one)
    for event in revised(one, catalog, after(minutes=30)):
        draft.add(event)
    found = timers_of(draft.incident, draft.incident.impacts[ACME], after(minutes=40))
    (timer,) = (t for t in found if t.promise is Promise.REPAIR)
    assert (timer.state, timer.due) == (TimerState.BREACHED, after(minutes=30))


def test_an_edit_of_the_configuration_is_a_revision_and_an_edit_of_a_calendar_is_none() -> None:
    one = incident(terms_of(CLIENTS[ACME], PLATINUM, NOON))
    edited = replace(PLATINUM, sla=replace(PLATINUM.sla, repair=HOUR))
    (event,) = revised(one, catalog_of({ACME: CLIENTS[ACME]}, (edited, GOLD)), after(minutes=5))
    assert event.cause is RevisionCause.CONFIGURATION
    wider = replace(PLATINUM, sla=replace(PLATINUM.sla, hours=replace(BUILT_IN["16x7"], name="always")))
    assert list(revised(one, catalog_of({ACME: CLIENTS[ACME]}, (wider, GOLD)), after(minutes=5))) == []


def test_a_vendor_whose_page_declares_an_outage_stops_the_clocks_that_its_contract_excludes() -> None:
    declared = replace(
        system_alert(GATEWAY, at=after(minutes=10), kind=AlertKind.DECLARED_OUTAGE),
        key=AlertKey(kind=AlertKind.DECLARED_OUTAGE, subject="vendor-page"),
    )
    told = EvidenceAdded(at=after(minutes=12), evidence={str(declared.key): "the vendor says so"})
    one = incident(terms(exclude_vendor=True), terms(BOREAL), more=(told,))
    kinds = (PauseCause.VENDOR_CAUSED,)
    causes = list(vendor_causes(one, {str(declared.key): declared}))
    (pause,) = clock_events(one, causes, after(minutes=12), kinds)
    assert (pause.clients, pause.at) == ((ACME,), after(minutes=12))
    draft = Draft(incident=one)
    draft.add(pause)
    over = replace(declared, state=AlertState.RESOLVED, cleared=after(minutes=40))
    (resume,) = clock_events(draft.incident, vendor_causes(one, {str(over.key): over}), after(minutes=45), kinds)
    draft.add(resume)
    (timer,) = timers_of(draft.incident, draft.incident.impacts[ACME], after(minutes=60))
    assert timer.took == 60 * MINUTE - (after(minutes=40) - declared.onset)
    assert timedelta() < timer.took < HOUR
    assert BRUNO.id not in draft.incident.paged


def test_clients_whose_clocks_show_the_same_are_looked_at_as_one_also_after_warnings_and_from_the_record() -> None:
    """Each has its own contract on record, of the same words: with thousands of them it must not be asked of each."""
    names = [ClientId(f"client-{number}") for number in range(50)]
    hurt = [replace(terms(), client=name, sla=Sla(repair=100 * MINUTE)) for name in names]
    one = incident(*hurt)
    for minutes in (50, 75, 90):
        draft = warned(one, after(minutes=minutes))
        one = folded(one.id, (*whole(hurt), *draft.events)) if minutes == 50 else draft.incident
        assert len({id(impact.clocks) for impact in one.impacts.values()}) == 1
        assert len(list(alike(one))) == 1
    after_it = [Revision(before=old, after=replace(old, sla=Sla(repair=3 * HOUR))) for old in hurt]
    draft = Draft(incident=one)
    draft.add(ContractRevised(at=after(minutes=95), revisions=tuple(after_it), cause=RevisionCause.CONFIGURATION))
    assert len(list(alike(draft.incident))) == 1
