"""Payment failures are held while an incident of ours touches a client's payments, and that is told in order."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import Alert, AlertKind, AlertState, IncidentId
from alerts.dunning import (
    Call,
    DunningHold,
    DunningRules,
    Release,
    Target,
    guarded,
    touched,
    touches,
)
from alerts.dunning_calls import AGAIN, LOST, call_id, calls_due, calls_settled, next_change
from alerts.impact import newly_hurt, terms_of
from alerts.incident import Incident
from alerts.message import Delivery, DeliveryState, Message
from alerts.settlement import settlement
from probes.catalog import ClientId, SecretRef
from tests.cast import (
    ACME,
    BILLING,
    CATALOG,
    CLIENTS,
    COBALT,
    CRM,
    GATEWAY,
    HOUR,
    INVOICES,
    MINUTE,
    NOON,
    late,
    system_alert,
)

DESK = Target(name="desk", url=SecretRef("env:DESK"), secrets=(SecretRef("env:KEY"),))
RULES = DunningRules(targets=(DESK,), systems=frozenset({BILLING, GATEWAY}))
ALERT = system_alert(BILLING)


def incident(number: int = 1, alerts: Iterable[Alert] = (ALERT,), clients: Iterable[ClientId] = (ACME,)) -> Incident:
    impacts = {
        client: newly_hurt(terms_of(CLIENTS[client], CATALOG.tier_of(client), NOON), NOON - MINUTE, NOON)
        for client in clients
    }
    keys = frozenset(str(one.key) for one in alerts)
    return Incident(
        id=IncidentId(f"INC-{number}"),
        opened=NOON,
        onset=NOON - MINUTE,
        nodes=frozenset(),
        blind=False,
        active=keys,
        impacts=impacts,
    )


def recovered(one: Incident, client: ClientId = ACME, at: datetime = NOON + HOUR) -> Incident:
    """Return the incident once a client's own backlog has drained; it goes on for others."""
    return replace(one, impacts={**one.impacts, client: replace(one.impacts[client], recovered=at)})


@dataclass(slots=True)
class Guard:
    """Guards as time passes, keeps what is stored, and has each call taken, refused or lost as it is told."""

    known: dict[IncidentId, Incident]
    rules: DunningRules = RULES
    now: datetime = NOON
    alerts: dict[str, Alert] = field(default_factory=lambda: {str(ALERT.key): ALERT})
    kept: dict[str, DunningHold] = field(default_factory=dict)
    under_way: list[Message] = field(default_factory=list)
    called: list[tuple[Call, int]] = field(default_factory=list)

    def look(self, **passed: float) -> list[str]:
        """Let time pass and look; return the kinds of the calls that are made now."""
        self.now += timedelta(**passed)
        touching = touched(self.known.values(), self.alerts, self.rules, CATALOG)
        changed = guarded(self.kept.values(), touching, self.known, (self.rules, CATALOG), self.now)
        self.kept |= {one.key: one for one in changed}
        made = list(calls_due(self.kept.values(), self.rules, CATALOG, self.now))
        self.kept |= {hold.key: hold for hold, _ in made}
        self.under_way += [message for _, message in made]
        return [message.subject for _, message in made]

    def end(self, state: DeliveryState) -> None:
        """Have every call under way taken, or refused for good."""
        for message in self.under_way:
            delivery = Delivery(
                key=message.key,
                attempt=1,
                channel=message.channels[0],
                state=state,
                reason="",
                started=self.now,
                ended=self.now,
                permanent=state is not DeliveryState.ACCEPTED,
            )
            self.kept |= calls_settled(self.kept, [settlement(message, delivery)])
            if state is DeliveryState.ACCEPTED:
                data = json.loads(message.body)
                self.called.append((Call(data["type"]), data["data"]["sequence"]))
        self.under_way = []

    def taken(self) -> None:
        """Have every call under way taken."""
        self.end(DeliveryState.ACCEPTED)

    @property
    def hold(self) -> DunningHold:
        """The latest hold."""
        return max(self.kept.values(), key=lambda one: one.number)


def guard(*incidents: Incident) -> Guard:
    return Guard(known={one.id: one for one in incidents or (incident(),)})


def change(of: Guard, one: Incident) -> None:
    of.known[one.id] = one


def test_what_touches_payments_is_a_payment_alert_or_a_system_or_flow_that_payments_go_through() -> None:
    def of(kind: AlertKind, system: str = CRM, state: AlertState = AlertState.FIRING) -> bool:
        return touches(system_alert(type(CRM)(system), state, kind=kind), RULES, CATALOG)

    assert of(AlertKind.PAYMENTS_FAILED)
    assert of(AlertKind.AVAILABILITY, GATEWAY)
    assert not of(AlertKind.AVAILABILITY, CRM)
    assert not of(AlertKind.HARD_DECLINES, GATEWAY)
    assert not of(AlertKind.CERTIFICATE_EXPIRY, GATEWAY)
    assert not of(AlertKind.AVAILABILITY, GATEWAY, AlertState.BLIND)
    assert touches(late(ACME, flow=INVOICES), RULES, CATALOG)
    assert not touches(late(ACME, flow=INVOICES), replace(RULES, systems=frozenset({CRM})), CATALOG)
    assert of(AlertKind.EGRESS, CRM)


def test_a_client_that_an_alert_does_not_hurt_and_one_that_has_recovered_are_not_touched() -> None:
    own = late(COBALT)
    one = incident(alerts=(own,), clients=(ACME, COBALT))
    assert touched((one,), {str(own.key): own}, RULES, CATALOG).keys() == {COBALT}
    assert touched((recovered(one, COBALT),), {str(own.key): own}, RULES, CATALOG) == {}
    assert touched((replace(one, resolved=NOON),), {str(own.key): own}, RULES, CATALOG) == {}


def test_a_hold_begins_with_the_incident_and_ends_with_the_clients_own_recovery_not_with_the_alert() -> None:
    known = guard()
    assert known.look() == ["dunning.hold"]
    known.taken()
    assert (known.hold.affected, known.hold.since) == (NOON - MINUTE, NOON)
    known.alerts = {}
    assert known.look(minutes=5) == []
    change(known, recovered(incident(), at=NOON + 8 * MINUTE))
    assert known.look(minutes=5) == ["dunning.release"]
    known.taken()
    assert (known.hold.why, known.hold.recovered) == (Release.RECOVERED, NOON + 8 * MINUTE)
    assert known.look(hours=5) == []


def test_a_call_says_the_client_its_names_in_payment_systems_and_until_when() -> None:
    known = guard()
    known.look()
    (message,) = known.under_way
    told = json.loads(message.body)
    assert (told["type"], told["data"]["client"], told["data"]["hold"]) == ("dunning.hold", ACME, "acme/1")
    assert told["data"]["identifiers"] == {BILLING: ["billing-acme"]}
    assert told["data"]["expires"] == (NOON + 2 * HOUR).isoformat()
    assert message.signed_with == DESK.secrets
    assert not any(name in message.body for name in ("boreal", "cobalt", "dune"))


def test_a_hold_is_renewed_before_it_expires_and_ends_when_it_is_as_long_as_may_be() -> None:
    known = guard()
    known.rules = replace(RULES, longest=5 * HOUR)
    made = []
    for _ in range(60):
        made += known.look(minutes=10)
        known.taken()
    assert made == ["dunning.hold"] * 4 + ["dunning.release"]
    assert (known.hold.why, known.hold.released) == (Release.LONGEST, NOON + 10 * MINUTE + 5 * HOUR)
    # What it was about begins no other; something else does.
    change(known, incident(2))
    assert known.look(minutes=10) == ["dunning.hold"]


def test_a_release_never_comes_before_its_hold_however_long_that_takes() -> None:
    known = guard()
    assert known.look() == ["dunning.hold"]
    change(known, recovered(incident()))
    assert known.look(minutes=5) == []
    known.taken()
    assert known.look(minutes=1) == ["dunning.release"]
    known.taken()
    assert [call for call, _ in known.called] == [Call.HOLD, Call.RELEASE]


def test_the_next_hold_waits_for_the_release_of_the_one_before() -> None:
    known = guard()
    known.look()
    known.taken()
    change(known, recovered(incident()))
    assert known.look(minutes=5) == ["dunning.release"]
    change(known, incident(2))
    assert known.look(minutes=1) == []
    known.taken()
    assert known.look(minutes=1) == ["dunning.hold"]
    assert known.hold.number == 2


def test_a_call_that_is_given_up_is_made_again_under_the_same_id_a_release_until_the_hold_has_expired() -> None:
    known = guard()
    known.look()
    first = known.under_way[0].key
    known.end(DeliveryState.REJECTED)
    assert known.look(minutes=1) == []
    assert known.look(seconds=AGAIN.total_seconds()) == ["dunning.hold"]
    again = known.under_way[0].key
    assert first != again
    assert call_id(first) == call_id(again)
    known.taken()
    change(known, recovered(incident()))
    for _ in range(20):
        known.look(minutes=11)
        known.end(DeliveryState.REJECTED)
    assert known.look(hours=3) == []


def test_a_call_of_which_nothing_is_heard_is_made_again() -> None:
    known = guard()
    known.look()
    known.under_way = []
    assert known.look(seconds=LOST.total_seconds()) == ["dunning.hold"]


def test_a_hold_goes_on_in_the_incident_that_has_its_client_after_a_merge_or_a_split() -> None:
    one, other = incident(1), incident(2, clients=(COBALT,))
    known = guard(one, other)
    known.look()
    known.taken()
    acme = next(hold for hold in known.kept.values() if hold.client == ACME)
    change(known, replace(one, resolved=NOON, merged=other.id, impacts={}, active=frozenset()))
    change(known, replace(other, impacts={**other.impacts, **one.impacts}))
    known.look(minutes=5)
    assert known.kept[acme.key].open
    assert known.kept[acme.key].incidents == (one.id, other.id)
    change(known, recovered(known.known[other.id]))
    assert known.look(minutes=5) == ["dunning.release"]


def test_a_hold_that_a_process_before_this_one_began_is_ended_by_this_one_and_what_reopens_holds_anew() -> None:
    known = guard()
    known.look()
    known.taken()
    after = Guard(known={}, kept=dict(known.kept), now=known.now, alerts={})
    assert after.look(minutes=1) == ["dunning.release"]
    after.taken()
    after.known, after.alerts = known.known, known.alerts
    assert after.look(minutes=1) == ["dunning.hold"]


@pytest.mark.parametrize(
    ("rules", "why"), [(replace(RULES, targets=()), Release.SWITCHED_OFF), (RULES, Release.RECOVERED)]
)
def test_a_target_that_is_taken_away_is_told_that_its_holds_are_released(rules: DunningRules, why: Release) -> None:
    known = guard()
    known.look()
    known.taken()
    known.rules = rules
    if why is Release.RECOVERED:
        change(known, recovered(incident()))
    assert known.look(minutes=1) == ["dunning.release"]
    assert known.hold.why is why


def test_one_target_that_does_not_answer_keeps_no_other_waiting() -> None:
    other = replace(DESK, name="other")
    known = guard()
    known.rules = replace(RULES, targets=(DESK, other))
    assert known.look() == ["dunning.hold", "dunning.hold"]
    known.under_way = [one for one in known.under_way if one.recipient == "other"]
    known.taken()
    change(known, recovered(incident()))
    assert known.look(minutes=1) == ["dunning.release"]
    assert [one.recipient for one in known.under_way] == ["other"]


def test_it_is_known_when_time_alone_changes_a_hold() -> None:
    known = guard()
    known.look()
    assert next_change(known.kept.values(), RULES, known.now) == NOON + HOUR
    assert next_change((), RULES, NOON) is None


STEPS = st.sampled_from(["hurt", "recover", "other", "accept", "refuse", "restart", "wait"])


@settings(max_examples=60)
@given(steps=st.lists(STEPS, max_size=25))
def test_whatever_happens_each_hold_that_was_taken_is_followed_by_its_release_and_calls_are_in_order(
    steps: list[str],
) -> None:
    known = guard(recovered(incident()))
    for step in steps:
        if step == "hurt":
            change(known, incident())
        elif step == "recover":
            known.known = {key: recovered(one, at=known.now) for key, one in known.known.items()}
        elif step == "other":
            change(known, incident(2))
        elif step in ("accept", "refuse"):
            known.end(DeliveryState.ACCEPTED if step == "accept" else DeliveryState.REJECTED)
        known.look(minutes=11)
    known.known = {key: recovered(one, at=known.now) for key, one in known.known.items()}
    for _ in range(6):
        known.look(minutes=11)
        known.taken()
    assert not any(hold.open for hold in known.kept.values())
    calls = [call for call, _ in known.called]
    assert not calls or calls[-1] is Call.RELEASE
    assert all(call is Call.HOLD or before is Call.HOLD for before, call in pairwise(calls))
