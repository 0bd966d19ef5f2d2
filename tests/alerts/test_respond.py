"""What an incident does next: who joins it, who is paged and when, and which clients are told."""

from dataclasses import replace

import pytest

from alerts.alert import AlertKind, AlertState
from alerts.message import Lane, MessageKind, Stage
from tests.alerts.shift import Shift, told_to
from tests.cast import (
    ACME,
    BOREAL,
    CLIENTS,
    COBALT,
    CONTEXT,
    CRM,
    DUNE,
    EMPTY,
    ERP,
    LEDGER,
    NOON,
    PLATINUM,
    SECOND_LINE,
    after,
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


# Who is hurt, who is paged, who is told.


def test_one_late_client_is_one_incident_one_page_and_one_notice_per_contact(shift: Shift) -> None:
    messages = shift.sees(NOON, late(ACME))
    assert shift.pages() == ["alba"]
    assert told_to(messages)[ACME] == [TOLD, TOLD]
    assert {message.recipient for message in messages if message.client} == {"Service desk", "Operations"}
    assert shift.only.impacts.keys() == {ACME}
    assert (shift.only.tier, shift.only.weight) == (PLATINUM.id, 100)


def test_a_system_that_is_down_hurts_everybody_who_depends_on_it_and_nobody_else(shift: Shift) -> None:
    shift.sees(NOON, system_alert(LEDGER))
    assert shift.only.impacts.keys() == {COBALT, DUNE}
    assert shift.pages() == ["diego"], "gold is the worst hurt tier"


def test_a_clients_onset_is_its_own(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.sees(after(minutes=5), late(BOREAL, at=after(minutes=5)))
    onsets = {client: impact.onset for client, impact in shift.only.impacts.items()}
    assert onsets == {ACME: after(minutes=-1), BOREAL: after(minutes=4)}


def test_a_tier_without_notices_is_hurt_but_not_told(shift: Shift) -> None:
    messages = shift.sees(NOON, late(DUNE))
    assert shift.only.impacts.keys() == {DUNE}
    assert told_to(messages).keys() == {None}


def test_what_cannot_be_seen_pages_but_tells_no_client(shift: Shift) -> None:
    messages = shift.sees(NOON, system_alert(ERP, BLIND))
    assert shift.pages() == ["alba"], "for the worst tier that depends on it"
    assert told_to(messages).keys() == {None}
    assert shift.only.impacts == {}
    assert shift.only.blind


def test_a_refused_credential_pages_but_tells_no_client(shift: Shift) -> None:
    messages = shift.sees(NOON, system_alert(ERP, kind=AlertKind.CREDENTIAL))
    assert shift.pages() == ["alba"]
    assert told_to(messages).keys() == {None}


def test_a_blind_system_that_turns_out_to_be_down_hurts_its_clients_then(shift: Shift) -> None:
    shift.sees(NOON, system_alert(ERP, BLIND))
    messages = shift.sees(after(minutes=1), system_alert(ERP, at=after(minutes=1)))
    assert shift.only.impacts.keys() == set(CLIENTS)
    assert not shift.only.blind
    assert told_to(messages)[ACME] == [TOLD, TOLD]
    assert shift.pages() == ["alba"], "the same person is not paged twice for it"


def test_a_blind_system_that_can_be_seen_again_ends_its_incident(shift: Shift) -> None:
    shift.sees(NOON, system_alert(ERP, BLIND))
    shift.sees(after(minutes=1), system_alert(ERP, RESOLVED, at=after(minutes=1)))
    assert shift.only.resolved_why == "it can be seen again"
    assert shift.pages(ENDED) == ["alba"]


def test_a_system_nobody_depends_on_still_pages_somebody(shift: Shift) -> None:
    shift.sees(NOON, system_alert(CRM))
    assert shift.pages() == ["alba"]


def test_a_pending_alert_does_nothing(shift: Shift) -> None:
    assert shift.sees(NOON, late(ACME, PENDING)) == []
    assert shift.incidents == {}


def test_late_evidence_joins_and_tells_only_whom_it_hurts(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    messages = shift.sees(after(seconds=30), late(BOREAL), system_alert(ERP))
    assert len(shift.incidents) == 1
    assert told_to(messages).keys() == {BOREAL, COBALT}


def test_unrelated_systems_are_two_incidents_with_numbers_of_their_own(shift: Shift) -> None:
    shift.sees(NOON, system_alert(ERP), system_alert(CRM))
    assert set(shift.incidents) == {"INC-1", "INC-2"}
    shift.sees(after(minutes=1), system_alert(LEDGER))
    assert set(shift.incidents) == {"INC-1", "INC-2", "INC-3"}


def test_pages_are_urgent_and_notices_are_not(shift: Shift) -> None:
    lanes = {(message.kind, message.lane) for message in shift.sees(NOON, late(ACME))}
    assert lanes == {(MessageKind.PAGE, Lane.URGENT), (MessageKind.NOTICE, Lane.NORMAL)}


def test_no_two_messages_share_a_key(shift: Shift) -> None:
    shift.sees(NOON, late(ACME), late(COBALT))
    for minute in range(1, 30):
        shift.waits(after(minutes=minute))
    shift.resolves(after(minutes=31))
    keys = [message.key for message in shift.messages]
    assert len(keys) == len(set(keys))


# Escalation.


def test_without_an_acknowledgement_the_next_step_follows_in_time_and_then_the_catch_all(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.waits(after(minutes=2, seconds=59))
    assert shift.pages() == ["alba"]
    shift.waits(after(minutes=3))
    shift.waits(after(minutes=5))
    shift.waits(after(minutes=60))
    assert shift.pages() == ["alba", "carla", "boss"]
    assert shift.reasons() == ["first", "not_acknowledged", "exhausted"]


def test_an_acknowledgement_stops_the_escalation_and_waiting_pages_are_not_sent(shift: Shift) -> None:
    paged = [one.key for one in shift.sees(NOON, late(ACME)) if one.kind is MessageKind.PAGE]
    paged += [one.key for one in shift.waits(after(minutes=3)) if one.kind is MessageKind.PAGE]
    suppressed = shift.acknowledges(after(minutes=4))
    assert set(paged) <= set(suppressed)
    shift.waits(after(minutes=60))
    assert shift.pages() == ["alba", "carla"]


def test_an_acknowledgement_does_not_silence_the_clients(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.acknowledges(after(seconds=30))
    shift.sees(after(minutes=1), news(ACME))
    shift.waits(after(minutes=2))
    assert shift.notices(ACME) == [TOLD, UPDATED]


@pytest.mark.answers("grafana/oncall#4846")
def test_nobody_on_call_pages_the_catch_all_who_is_told_why() -> None:
    shift = Shift(replace(CONTEXT, roster=roster_of(replace(EMPTY, name="first-line"), SECOND_LINE)))
    (page,) = (one for one in shift.sees(NOON, late(ACME)) if one.kind is MessageKind.PAGE)
    assert page.recipient == "boss"
    assert "nobody is on call" in page.body
    assert shift.reasons() == ["nobody_on_call"]


def test_a_worse_tier_with_another_policy_starts_at_its_first_step(shift: Shift) -> None:
    shift.sees(NOON, late(COBALT))
    shift.sees(after(minutes=1), late(ACME))
    assert shift.pages() == ["diego", "alba"]
    assert shift.only.tier == PLATINUM.id
    shift.waits(after(minutes=4))
    assert shift.pages() == ["diego", "alba", "carla"]


def test_a_lighter_tier_that_joins_changes_nothing_of_the_escalation(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.sees(after(minutes=1), late(COBALT))
    assert shift.pages() == ["alba"]
    assert shift.only.tier == PLATINUM.id


def test_everybody_who_was_paged_is_told_the_end_also_under_the_policy_before(shift: Shift) -> None:
    shift.sees(NOON, late(COBALT))
    shift.sees(after(minutes=1), late(ACME))
    shift.waits(after(minutes=4))
    shift.sees(after(minutes=5), late(ACME, RESOLVED, after(minutes=5)), late(COBALT, RESOLVED, after(minutes=5)))
    assert shift.pages(ENDED) == ["diego", "alba", "carla"]


def test_the_pass_that_ends_an_incident_pages_nobody_new(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.sees(after(minutes=3), late(ACME, RESOLVED, after(minutes=3)))
    assert shift.pages() == ["alba"]
    assert shift.pages(ENDED) == ["alba"]
