"""What people order about an incident: merge, split, reassign, raise, lower, reopen; each with who and why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.alert import AlertState, IncidentId
from alerts.clocks import Promise
from alerts.incident import Incident
from alerts.merging import CannotBeDone, Part
from alerts.message import Message, MessageKind, Stage
from alerts.oncall import PersonId
from alerts.orders import Grade, Merge, Order, Reassign, Reopen, Split
from alerts.sla import timers_of
from probes.catalog import ClientId
from tests.alerts.shift import FIRST, Shift
from tests.cast import (
    ACME,
    BOREAL,
    CARLA,
    COBALT,
    CRM,
    DIEGO,
    DUNE,
    ERP,
    GATEWAY,
    GOLD,
    MINUTE,
    NOON,
    PAYOUTS,
    PLATINUM,
    SECOND,
    SILVER,
    after,
    late,
    system_alert,
)

SECOND_ONE = IncidentId("INC-2")
RESOLVED = AlertState.RESOLVED
GATEWAY_LATE = "sync_latency/payouts/cobalt"


def two() -> Shift:
    """Two incidents: the invoices of acme are late, and the gateway is down for cobalt and dune."""
    shift = Shift()
    shift.sees(NOON, late(ACME), system_alert(GATEWAY))
    return shift


def of(shift: Shift, client: ClientId) -> IncidentId:
    return next(one.id for one in shift.incidents.values() if client in one.impacts)


def merged(shift: Shift, at: float = 1) -> list[Message]:
    into, other = of(shift, ACME), of(shift, COBALT)
    return shift.orders(Merge(incident=into, other=other, by="alba", why="one change broke both"), after(minutes=at))


def hurt_clients(incident: Incident) -> set[ClientId]:
    return set(incident.impacts)


def test_merged_one_incident_goes_on_with_all_and_pages_nobody() -> None:
    shift = two()
    told = merged(shift)
    survivor, absorbed = shift.incidents[of(shift, DUNE)], next(one for one in shift.incidents.values() if one.merged)
    assert [one.kind for one in told if one.kind is MessageKind.PAGE] == []
    assert hurt_clients(survivor) == {ACME, COBALT, DUNE}
    assert (absorbed.open, absorbed.merged, absorbed.next_due) == (False, survivor.id, None)
    assert survivor.active == {"sync_latency/invoices/acme", "availability/gateway"}
    assert {alert.incident for alert in shift.alerts.values()} == {survivor.id}
    assert shift.timelines[survivor.id][-1].kind == "taken_over"
    assert shift.timelines[absorbed.id][-1].kind == "merged_into"


def test_who_was_paged_for_the_absorbed_one_is_told_the_end_by_the_other() -> None:
    shift = two()
    assert set(shift.pages()) == {"alba", "diego"}
    merged(shift)
    shift.acknowledges(after(minutes=2), incident=of(shift, ACME))
    shift.sees(after(minutes=9), late(ACME, RESOLVED, at=after(minutes=9)))
    assert shift.pages(Stage.RESOLVED) == []
    shift.sees(after(minutes=10), system_alert(GATEWAY, RESOLVED, at=after(minutes=10)))
    assert shift.open == []
    assert sorted(shift.pages(Stage.RESOLVED)) == ["alba", "diego"]
    assert shift.notices(COBALT, of(shift, ACME))[-1] is Stage.RESOLVED


def test_pages_of_the_absorbed_one_that_still_wait_are_not_sent() -> None:
    shift = two()
    absorbed = of(shift, COBALT)
    merged(shift)
    assert f"{absorbed}/page/1/diego" in shift.suppressed
    shift.waits(after(hours=2))
    assert all(one.incident != absorbed for one in shift.messages if one.created > NOON)


def test_pages_of_the_absorbed_one_that_still_wait_are_sent_where_its_escalation_is_the_worse_one() -> None:
    shift = two()
    light, grave = of(shift, COBALT), of(shift, ACME)
    shift.orders(Merge(incident=light, other=grave, by="alba", why="one change broke both"), after(seconds=5))
    assert f"{grave}/page/1/alba" not in shift.suppressed, "nobody else is paged for the worst of it for minutes"
    assert shift.incidents[light].next_due == after(minutes=3)


def test_who_was_split_off_before_a_merge_did_not_go_where_the_rest_went() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME), late(COBALT), system_alert(GATEWAY))
    origin, other = of(shift, ACME), of(shift, DUNE)
    shift.orders(Split(incident=origin, by="alba", why="theirs", part=split_part(COBALT)), after(minutes=1))
    shift.orders(Merge(incident=other, other=origin, by="alba", why="one change broke both"), after(minutes=2))
    left = shift.incidents[origin]
    assert (left.heir(ACME), left.heir(COBALT), left.heir(None)) == (other, "INC-3", other)


def test_who_was_split_off_and_is_hurt_anew_is_told_of_it_by_the_incident_that_hurts_them() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME), late(COBALT))
    shift.orders(Split(incident=FIRST, by="alba", why="theirs", part=split_part(COBALT)), after(minutes=1))
    assert shift.incidents[FIRST].heir(COBALT) == SECOND_ONE
    shift.sees(after(minutes=2), system_alert(ERP))
    anew = next(one for one in shift.incidents.values() if one.open and "availability/erp" in one.active)
    assert COBALT in anew.impacts
    assert anew.heir(COBALT) is None


def test_each_clients_timers_go_on_with_its_own_instants() -> None:
    shift = two()
    before = shift.incidents[of(shift, COBALT)]
    kept = {one.promise: one.start for one in timers_of(before, before.impacts[COBALT], after(minutes=5))}
    merged(shift)
    now = shift.incidents[of(shift, COBALT)]
    again = {one.promise: one.start for one in timers_of(now, now.impacts[COBALT], after(minutes=5))}
    assert again[Promise.REPAIR] == kept[Promise.REPAIR]
    assert now.impacts[COBALT].onset == before.impacts[COBALT].onset


def test_what_cannot_be_merged_is_said() -> None:
    shift = two()
    with pytest.raises(CannotBeDone, match="cannot be merged with itself"):
        shift.orders(Merge(incident=FIRST, other=FIRST, by="alba", why="x"), NOON)
    with pytest.raises(CannotBeDone, match="INC-9 is not known"):
        shift.orders(Merge(incident=FIRST, other=IncidentId("INC-9"), by="alba", why="x"), NOON)
    shift.resolves(after(minutes=1), incident=SECOND_ONE)
    with pytest.raises(CannotBeDone, match="INC-2 is over, so it cannot be merged; reopen it first"):
        shift.orders(Merge(incident=FIRST, other=SECOND_ONE, by="alba", why="x"), NOON)


@pytest.mark.parametrize("empty", [{"by": " ", "why": "x"}, {"by": "alba", "why": " "}])
def test_every_order_says_who_and_why(empty: dict[str, str]) -> None:
    with pytest.raises(CannotBeDone, match="who says so and why must be said"):
        two().orders(Reopen(incident=FIRST, **empty), NOON)


def test_split_takes_a_client_with_its_alerts_into_an_incident_of_its_own() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME), late(COBALT))
    shift.orders(
        Split(incident=FIRST, by="alba", why="cobalt sends rubbish", part=split_part(COBALT)), after(minutes=1)
    )
    old, new = shift.incidents[FIRST], shift.incidents[SECOND_ONE]
    assert (hurt_clients(old), hurt_clients(new)) == ({ACME}, {COBALT})
    assert new.active == {"sync_latency/invoices/cobalt"}
    assert new.impacts[COBALT].onset == after(minutes=-1), "hurt since its own instant, not since the split"
    assert new.paged == old.paged, "who was paged for it is told its end"
    shift.sees(after(minutes=3), late(ACME, RESOLVED, at=after(minutes=3)))
    assert shift.open == [SECOND_ONE]
    shift.sees(after(minutes=4), late(COBALT, RESOLVED, at=after(minutes=4)))
    assert shift.open == []
    assert shift.notices(COBALT, SECOND_ONE) == [Stage.RESOLVED]


def split_part(*clients: ClientId) -> Part:
    return Part(clients=frozenset(clients))


def test_an_alert_that_comes_back_stays_with_the_incident_it_was_split_off_to() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME), late(COBALT), late(BOREAL))
    part = Part(alerts=frozenset({"sync_latency/invoices/cobalt", "sync_latency/invoices/boreal"}))
    shift.orders(Split(incident=FIRST, by="alba", why="theirs", part=part), after(minutes=1))
    assert hurt_clients(shift.incidents[SECOND_ONE]) == {COBALT, BOREAL}
    shift.sees(after(minutes=2), late(COBALT, RESOLVED, at=after(minutes=2)))
    shift.sees(after(minutes=3), late(COBALT, at=after(minutes=3)))
    assert shift.incidents[SECOND_ONE].impacts[COBALT].recovered is None
    assert COBALT not in shift.incidents[FIRST].impacts
    assert set(shift.open) == {FIRST, SECOND_ONE}, "they are not joined again by themselves"


def test_what_cannot_be_split_is_said() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    with pytest.raises(CannotBeDone, match="every alert of INC-1 would leave it"):
        shift.orders(Split(incident=FIRST, by="alba", why="x", part=split_part(ACME)), NOON)
    with pytest.raises(CannotBeDone, match="dune is not part of INC-1"):
        shift.orders(Split(incident=FIRST, by="alba", why="x", part=split_part(DUNE)), NOON)
    with pytest.raises(CannotBeDone, match="no alert would leave"):
        shift.orders(Split(incident=FIRST, by="alba", why="x"), NOON)


def test_a_client_whom_a_dead_system_hurts_too_stays_where_that_is() -> None:
    shift = Shift()
    shift.sees(NOON, system_alert(ERP), late(ACME))
    part = Part(alerts=frozenset({"sync_latency/invoices/acme"}))
    shift.orders(Split(incident=FIRST, by="alba", why="a row of its own", part=part), after(minutes=1))
    assert ACME in shift.incidents[FIRST].impacts


def test_given_to_a_person_the_incident_pages_them_and_goes_on_if_they_do_not_answer() -> None:
    shift = Shift()
    shift.sees(NOON, system_alert(CRM))
    shift.acknowledges(after(minutes=1))
    order = Reassign(incident=FIRST, by="alba", why="carla knows the crm", to=CARLA.id)
    (page,) = shift.orders(order, after(minutes=2))
    assert (page.recipient, page.kind) == ("carla", MessageKind.PAGE)
    assert "This incident was given to you." in page.body
    assert (shift.only.owner, shift.only.acknowledged_by) == (CARLA.id, None)
    assert shift.only.acknowledged == after(minutes=1), "that somebody took it in time stays true"
    shift.waits(after(minutes=8))
    assert len(shift.pages()) == 3, "who does not answer does not keep the others from being paged"
    shift.acknowledges(after(minutes=9), by="carla")
    assert (shift.only.acknowledged_by, shift.only.next_due) == ("carla", None)


def test_a_pause_is_over_when_the_incident_is_given_to_somebody() -> None:
    shift = Shift()
    shift.sees(NOON, system_alert(CRM))
    shift.pauses(after(minutes=1), after(hours=2))
    shift.orders(Reassign(incident=FIRST, by="alba", why="carla knows the crm", to=CARLA.id), after(minutes=2))
    assert shift.only.standing.paused_until is None
    shift.waits(after(minutes=8))
    assert "pause_over" not in shift.reasons()


def test_who_takes_an_incident_for_themselves_has_acknowledged() -> None:
    shift = Shift()
    shift.sees(NOON, system_alert(CRM))
    order = Reassign(incident=FIRST, by="diego", why="mine", to=DIEGO.id)
    assert shift.orders(order, after(minutes=1)) == []
    assert (shift.only.owner, shift.only.acknowledged_by) == (DIEGO.id, "diego")


def test_nobody_can_be_given_an_incident_who_is_not_known() -> None:
    with pytest.raises(CannotBeDone, match="there is nobody called zoe under people"):
        two().orders(Reassign(incident=FIRST, by="alba", why="x", to=PersonId("zoe")), NOON)


@pytest.mark.answers("OneUptime/oneuptime#1828", "target/goalert#46")
def test_a_raised_severity_pages_by_the_policy_of_what_it_now_is() -> None:
    shift = Shift()
    shift.sees(NOON, late(COBALT, flow=PAYOUTS))
    assert (shift.only.tier, shift.pages()) == (GOLD.id, ["diego"])
    shift.orders(Grade(incident=FIRST, by="diego", why="the CEO called", tier=PLATINUM.id), after(minutes=1))
    assert (shift.only.tier, shift.pages()) == (PLATINUM.id, ["diego", "alba"])


def test_lowered_it_stays_so_until_something_worse_than_was_seen_joins() -> None:
    shift = Shift()
    shift.sees(NOON, late(COBALT))
    pages = len(shift.pages())
    shift.orders(Grade(incident=FIRST, by="diego", why="a test account", tier=SILVER.id), after(minutes=1))
    assert (shift.only.tier, len(shift.pages())) == (SILVER.id, pages), "lowering pages nobody"
    shift.sees(after(minutes=2), late(DUNE, at=after(minutes=2)))
    assert shift.only.tier == SILVER.id, "another one that is no worse than what was seen"
    shift.sees(after(minutes=3), late(ACME, at=after(minutes=3)))
    assert shift.only.tier == PLATINUM.id


def test_a_severity_that_it_has_already_or_that_is_no_tier_is_refused() -> None:
    shift = two()
    with pytest.raises(CannotBeDone, match="counts as platinum already"):
        shift.orders(Grade(incident=of(shift, ACME), by="alba", why="x", tier=PLATINUM.id), NOON)
    with pytest.raises(CannotBeDone, match="there is no tier lead"):
        shift.orders(Grade(incident=FIRST, by="alba", why="x", tier=replace(GOLD, id="lead").id), NOON)  # type: ignore[arg-type]


def test_reopened_it_goes_on_until_somebody_ends_it_and_the_time_between_counts_for_nobody() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    shift.resolves(after(minutes=4))
    pages = len(shift.pages())
    shift.orders(Reopen(incident=FIRST, by="acme's desk", why="still late"), after(minutes=14))
    assert (shift.open, len(shift.pages())) == ([FIRST], pages + 1)
    assert shift.only.impacts[ACME].recovered is None, "its alert has never ended"
    shift.sees(after(minutes=19), late(ACME, RESOLVED, at=after(minutes=19)))
    assert shift.open == [FIRST], "who reopened it ends it"
    shift.resolves(after(minutes=20))
    assert shift.open == []
    spells = shift.only.spells
    assert [(one.start, one.end) for one in spells] == [
        (NOON, after(minutes=4)),
        (after(minutes=14), after(minutes=20)),
    ]
    assert shift.only.impacts[ACME].hurt_for(after(hours=1)) == 20 * MINUTE - 10 * SECOND, "its alert never ended"
    assert shift.notices(ACME)[-1] is Stage.RESOLVED


@pytest.mark.parametrize("order", [Reopen(incident=FIRST, by="alba", why="x")])
def test_what_is_not_over_cannot_be_reopened(order: Order) -> None:
    with pytest.raises(CannotBeDone, match="INC-1 is not over"):
        two().orders(order, NOON)


def test_a_merged_incident_is_not_reopened_for_another_one_goes_on_with_it() -> None:
    shift = two()
    into, other = of(shift, ACME), of(shift, COBALT)
    merged(shift)
    with pytest.raises(CannotBeDone, match=f"{other} is part of {into}"):
        shift.orders(Reopen(incident=other, by="alba", why="x"), NOON + timedelta(hours=1))
