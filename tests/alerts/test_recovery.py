"""How an incident ends: on evidence or by word, for everybody who was told of it, under the terms it began with."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.alert import AlertState, IncidentId
from alerts.clocks import Promise
from alerts.draft import Context
from alerts.dues import next_due
from alerts.escalation import Step
from alerts.message import MessageKind, Stage
from alerts.notice_draft import DraftCause
from alerts.notifying import AT_ONCE
from alerts.sla import TimerState, timer_of
from probes.catalog import Client, ClientId, Contact, SecretRef
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally
from tests.alerts.shift import FIRST, Shift, told_to
from tests.cast import (
    ACME,
    ALBA,
    BILLING,
    BOREAL,
    BOSS,
    CATALOG,
    CLIENTS,
    COBALT,
    CONTEXT,
    DIEGO,
    ERP,
    FIRST_LINE,
    HOUR,
    INVOICES,
    LEDGER,
    LINKS,
    MINUTE,
    NOON,
    PLATINUM,
    SECOND,
    SECOND_LINE,
    after,
    catalog_of,
    late,
    news,
    roster_of,
    system_alert,
)

FIRING, BLIND, RESOLVED, PENDING = AlertState.FIRING, AlertState.BLIND, AlertState.RESOLVED, AlertState.PENDING
TOLD, UPDATED, ENDED = Stage.INVESTIGATING, Stage.UPDATE, Stage.RESOLVED


@pytest.fixture
def shift() -> Shift:
    return Shift()


def drained(shift: Shift, client: ClientId, at: datetime) -> None:
    key = IndicatorKey(kind=IndicatorKind.SYNC_LATENCY, subject=INVOICES.id, client=client)
    shift.indicators[str(key)] = Indicator(key=key, tally=Tally(over=15 * MINUTE), drained=at)


# Recovery and the end.


def test_it_ends_when_the_last_hurt_client_has_recovered_and_each_hears_it_then(shift: Shift) -> None:
    shift.sees(NOON, late(ACME), late(BOREAL))
    first = shift.sees(after(minutes=4), late(ACME, RESOLVED, after(minutes=4)))
    assert told_to(first)[ACME] == [ENDED, ENDED]
    assert shift.open == [FIRST]
    second = shift.sees(after(minutes=5), late(BOREAL, RESOLVED, after(minutes=5)))
    assert told_to(second).keys() == {BOREAL, None}
    assert shift.open == []
    assert "the data caught up" in str(shift.only.resolved_why)


def test_time_alone_resolves_nothing(shift: Shift) -> None:
    shift.sees(NOON, late(ACME), system_alert(ERP))
    for hour in range(1, 48):
        shift.waits(after(hours=hour))
        shift.sees(after(hours=hour, minutes=1))
    assert shift.open == [FIRST]
    assert all(impact.recovered is None for impact in shift.only.impacts.values())


def test_a_client_with_a_backlog_is_held_until_it_has_drained(shift: Shift) -> None:
    shift.sees(NOON, system_alert(ERP))
    shift.sees(after(minutes=4), system_alert(ERP, RESOLVED, after(minutes=4)), behind=[(INVOICES.id, ACME)])
    assert {client for client, impact in shift.only.impacts.items() if impact.recovered is None} == {ACME}
    assert shift.open == [FIRST]
    drained(shift, ACME, after(minutes=6))
    shift.sees(after(minutes=6, seconds=2))
    assert shift.open == []
    assert shift.only.impacts[ACME].recovered == after(minutes=6), "when the last late record arrived"
    assert shift.only.impacts[BOREAL].recovered == after(minutes=4, seconds=-10), "when the system was good again"


def test_when_the_systems_answer_again_and_when_the_backlog_has_drained_are_two_instants(shift: Shift) -> None:
    shift.sees(NOON, system_alert(ERP))
    assert shift.only.answered is None
    shift.sees(after(minutes=4), system_alert(ERP, RESOLVED, after(minutes=4)), behind=[(INVOICES.id, ACME)])
    assert shift.only.answered == after(minutes=4, seconds=-10)
    assert shift.only.impacts[ACME].recovered is None, "the API is back; what waited is not through yet"
    drained(shift, ACME, after(minutes=6))
    shift.sees(after(minutes=6, seconds=2))
    impact = shift.only.impacts[ACME]
    assert impact.recovered == after(minutes=6)
    assert shift.only.answered == after(minutes=4, seconds=-10)


def test_systems_that_fail_again_do_not_answer(shift: Shift) -> None:
    shift.sees(NOON, system_alert(ERP), late(ACME))
    shift.sees(after(minutes=2), system_alert(ERP, RESOLVED, after(minutes=2)))
    shift.sees(after(minutes=3), system_alert(ERP, at=after(minutes=3)))
    assert shift.only.answered is None


def test_a_backlog_on_a_flow_that_has_nothing_to_do_with_it_holds_nobody(shift: Shift) -> None:
    shift.sees(NOON, system_alert(LEDGER))
    shift.sees(after(minutes=4), system_alert(LEDGER, RESOLVED, after(minutes=4)), behind=[(INVOICES.id, COBALT)])
    assert shift.open == []


def test_an_own_end_before_the_systems_end_does_not_shorten_the_repair(shift: Shift) -> None:
    shift.sees(NOON, late(ACME), system_alert(ERP))
    shift.sees(after(minutes=2), late(ACME, RESOLVED, after(minutes=2)))
    shift.sees(after(minutes=9), system_alert(ERP, RESOLVED, after(minutes=9)))
    assert shift.only.impacts[ACME].recovered == after(minutes=9, seconds=-10)


def test_a_later_suspicion_does_not_undo_when_a_system_was_good_again(shift: Shift) -> None:
    shift.sees(NOON, system_alert(ERP))
    shift.sees(after(minutes=4), system_alert(ERP, RESOLVED, after(minutes=4)), behind=[(INVOICES.id, ACME)])
    gone = replace(system_alert(ERP, AlertState.INACTIVE), cleared=None)
    shift.sees(after(minutes=5), gone, behind=[(INVOICES.id, ACME)])
    shift.sees(after(minutes=6))
    recovered = shift.only.impacts[ACME].recovered
    assert recovered is not None
    assert recovered >= after(minutes=4, seconds=-10), "never from before the evidence"


def test_a_client_hurt_again_in_the_same_incident_is_told_again_and_hears_the_end_again(shift: Shift) -> None:
    shift.sees(NOON, late(ACME), late(BOREAL))
    shift.sees(after(minutes=2), late(ACME, RESOLVED, after(minutes=2)))
    shift.sees(after(minutes=3), late(ACME, at=after(minutes=3)))
    both = (late(client, RESOLVED, after(minutes=6)) for client in (ACME, BOREAL))
    shift.sees(after(minutes=6), *both)
    assert shift.notices(ACME) == [TOLD, ENDED, TOLD, ENDED]
    assert shift.open == []


def test_what_breaks_again_long_after_the_end_is_a_new_incident(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.sees(after(minutes=2), late(ACME, RESOLVED, after(minutes=2)))
    shift.sees(after(minutes=33), late(ACME, at=after(minutes=33)))
    assert set(shift.incidents) == {"INC-1", "INC-2"}
    assert shift.notices(ACME, IncidentId("INC-2")) == [TOLD]


@pytest.mark.answers("prometheus/alertmanager#204", "prometheus/alertmanager#1063", "prometheus/alertmanager#3048")
def test_what_breaks_again_within_the_window_is_the_same_incident_and_is_told_again(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.sees(after(minutes=2), late(ACME, RESOLVED, after(minutes=2)))
    shift.sees(after(minutes=12), late(ACME, at=after(minutes=12)))
    assert shift.open == [FIRST]
    assert shift.notices(ACME) == [TOLD, ENDED, TOLD]
    assert shift.pages() == ["alba", "alba"]
    shift.sees(after(minutes=13), late(ACME, RESOLVED, after(minutes=13)))
    ended = [message.key for message in shift.messages if message.stage is ENDED and message.client is None]
    assert ended == ["INC-1/page/resolved/alba", "INC-1/page/resolved/1/alba"]
    spells = shift.only.impacts[ACME].spells
    assert [(one.start, one.end) for one in spells] == [
        (after(minutes=-1), after(minutes=2, seconds=-10)),
        (after(minutes=11), after(minutes=13, seconds=-10)),
    ]


def test_who_still_suffers_when_something_else_reopens_an_incident_is_hurt_again(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.resolves(after(minutes=1))
    shift.sees(after(minutes=2), late(COBALT, at=after(minutes=2)))
    assert {client for client, one in shift.only.impacts.items() if one.recovered is None} == {ACME, COBALT}


def test_somebodys_word_ends_it_for_everybody_who_was_told(shift: Shift) -> None:
    shift.sees(NOON, late(ACME), late(COBALT))
    messages = shift.resolves(after(minutes=7))
    assert told_to(messages) == {ACME: [ENDED, ENDED], COBALT: [ENDED], None: [ENDED]}
    assert (shift.only.resolved_by, shift.only.resolved_why) == ("alba", "a known fault of theirs")
    assert shift.waits(after(hours=1)) == []


def test_a_fault_that_outlives_somebodys_word_is_an_incident_again(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.resolves(after(minutes=1))
    assert shift.sees(after(minutes=15)) == []
    again = shift.sees(after(minutes=16))
    assert (shift.open, shift.only.reopenings) == ([FIRST], 1)
    assert {message.kind for message in again} == {MessageKind.PAGE, MessageKind.NOTICE}
    assert shift.sees(after(minutes=17)) == []


def test_updates_come_at_the_contracts_cadence_and_not_without_one(shift: Shift) -> None:
    shift.sees(NOON, late(ACME), late(COBALT))
    for minute in range(1, 4):
        shift.sees(after(minutes=minute), *([news(ACME), news(COBALT)] if minute == 1 else []))
    assert shift.notices(ACME) == [TOLD, UPDATED]
    assert shift.notices(COBALT) == [TOLD]


@pytest.mark.answers("cachethq/cachet#2605")
@pytest.mark.answers("cachethq/cachet#2814")
@pytest.mark.answers("Netflix/dispatch#948")
def test_an_update_without_news_is_not_posted_and_lies_before_somebody_in_time(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.waits(after(minutes=1, seconds=29))
    assert shift.drafts == []
    (told,) = (one for one in shift.waits(after(minutes=1, seconds=30)) if one.kind is MessageKind.NOTE)
    (draft,) = shift.drafts
    assert (draft.stage, draft.cause, draft.due) == (UPDATED, DraftCause.NO_NEWS, after(minutes=2))
    assert told.recipient == "alba", "who has it, or was paged, hears where no team is named"
    assert f"https://watch.example.com/notices/{draft.id}" in told.body
    for minute in range(2, 9):
        shift.waits(after(minutes=minute))
    assert shift.notices(ACME) == [TOLD]
    assert shift.drafts == [draft], "it is made once"
    accepted = replace(shift.only.impacts[ACME], told={TOLD: NOON})
    timer = timer_of(shift.only, accepted, Promise.NEXT_UPDATE, after(minutes=8))
    assert timer is not None
    assert timer.state is TimerState.BREACHED, "what nobody sends is a broken promise"


def test_news_in_time_takes_the_place_of_a_draft_without(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.waits(after(minutes=1, seconds=30))
    shift.sees(after(minutes=1, seconds=50), news(ACME))
    assert shift.drafts == []
    shift.waits(after(minutes=2))
    assert shift.notices(ACME) == [TOLD, UPDATED]


def test_the_next_instant_that_matters_is_the_next_step_or_the_next_update(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    assert next_due(shift.only, shift.context, NOON) == after(minutes=1, seconds=30)
    shift.waits(after(minutes=1, seconds=30))
    assert next_due(shift.only, shift.context, after(minutes=1, seconds=30)) == after(minutes=2)
    shift.waits(after(minutes=2))
    assert next_due(shift.only, shift.context, after(minutes=2)) == after(minutes=3)
    shift.resolves(after(minutes=4))
    assert next_due(shift.only, shift.context, after(hours=1)) is None


# What was promised when it began.


def test_an_open_incident_keeps_terms_contacts_and_policy_whatever_is_configured_meanwhile(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    moved = replace(CLIENTS[ACME], name="Acme Ltd", contacts=(Contact(name="new", channel=SecretRef("env:NEW")),))
    slower = replace(PLATINUM, sla=replace(PLATINUM.sla, update_every=HOUR, repair=9 * HOUR))
    other = replace(FIRST_LINE, steps=(Step(person=DIEGO, wait=HOUR),))
    catalog = catalog_of({**CLIENTS, ACME: moved}, (slower, *list(CATALOG.tiers.values())[1:]))
    shift.context = Context(catalog=catalog, roster=roster_of(other, SECOND_LINE), links=LINKS)
    shift.sees(after(minutes=1), news(ACME))
    messages = shift.waits(after(minutes=3))
    assert {one.recipient for one in messages} == {"Service desk", "Operations", "carla"}
    assert shift.only.impacts[ACME].terms.sla == PLATINUM.sla
    shift.sees(after(minutes=4), late(BOREAL, at=after(minutes=4)))
    shift.waits(after(minutes=5))
    assert shift.pages() == ["alba", "carla", "boss"], "the policy it began with goes on"
    assert shift.only.impacts[BOREAL].terms.sla == slower.sla, "who joins now joins under what is promised now"


@pytest.mark.answers("uptimepage/uptimepage#75")
def test_a_client_that_was_taken_out_still_hears_the_end(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    left = {client: one for client, one in CLIENTS.items() if client != ACME}
    shift.context = replace(shift.context, catalog=catalog_of(left))
    shift.sees(after(minutes=1), news(ACME))
    shift.waits(after(minutes=2))
    gone = [replace(one, state=RESOLVED, cleared=after(minutes=4)) for one in (late(ACME), news(ACME))]
    shift.sees(after(minutes=4), *gone)
    assert shift.notices(ACME) == [TOLD, ENDED], "and nothing beyond that"


def test_a_person_who_was_taken_out_still_hears_the_end(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.context = replace(shift.context, roster=replace(roster_of(SECOND_LINE), people={BOSS.id: BOSS}))
    shift.sees(after(minutes=4), late(ACME, RESOLVED, after(minutes=4)))
    assert shift.pages(ENDED) == [ALBA.id]


# The storm.


def test_a_storm_of_5000_client_alerts_is_one_incident_one_page_and_one_notice_per_contact() -> None:
    crowd = {client.id: client for client in (_member(number) for number in range(5_000))}
    shift = Shift(replace(CONTEXT, catalog=catalog_of(crowd)))
    alerts = tuple(late(client) for client in crowd)
    shift.sees(NOON, *alerts[:2_000])
    shift.sees(NOON + SECOND, *alerts[2_000:], system_alert(ERP))
    assert len(shift.only.impacts) == 5_000
    assert shift.pages() == ["alba"]
    passes = 0
    while shift.waits(NOON + SECOND):
        passes += 1
    assert passes <= 5_000 / AT_ONCE
    notices = [message for message in shift.messages if message.kind is MessageKind.NOTICE]
    assert len(notices) == len({message.client for message in notices}) == 5_000
    assert {message.incident for message in shift.messages} == {FIRST}


def _member(number: int) -> Client:
    name = f"c{number:04}"
    contact = Contact(name=f"desk of {name}", channel=SecretRef(f"env:{name.upper()}"))
    known = {BILLING: (name,), ERP: (name,)}
    return Client(id=ClientId(name), name=name, tier=PLATINUM.id, identifiers=known, contacts=(contact,))
