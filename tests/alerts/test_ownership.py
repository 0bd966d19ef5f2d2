"""Whose an incident is: kinds of failure, the policies and owners that are named for them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.alert import AlertKind, AlertState
from alerts.concern import CONCERNS, ORDER, WIDER, Concern, concern_of, is_throttled
from alerts.draft import Context
from alerts.escalation import PageReason, Policy, Step, Target
from alerts.message import Stage
from alerts.steps import OwnersPaged, PolicyTaken
from tests.alerts.shift import FIRST, Shift
from tests.cast import (
    BOSS,
    BRUNO,
    CARLA,
    CONTEXT,
    DIEGO,
    ERP,
    FIRST_LINE,
    GOLD,
    MINUTE,
    NOBODY,
    NOON,
    PLATINUM,
    SECOND_LINE,
    SILVER,
    after,
    roster_of,
    system_alert,
)


@pytest.fixture
def shift() -> Shift:
    return Shift()


def with_policies(*policies: Policy) -> Context:
    known = {one.name: one for one in (FIRST_LINE, SECOND_LINE, *policies)}
    return replace(CONTEXT, roster=roster_of(*known.values()))


def takes(shift: Shift, minutes: float, by: str = "alba", length: timedelta | None = None) -> None:
    shift.acknowledges(after(minutes=minutes), by, length=length)


# Kinds of failure.


def test_every_kind_of_alert_is_somebodys() -> None:
    assert set(CONCERNS) == set(AlertKind)


def test_the_worst_kind_comes_first_and_what_nobody_is_named_for_falls_to_a_wider_one() -> None:
    assert ORDER[0] is Concern.UNAVAILABILITY
    assert all(ORDER.index(wider) < ORDER.index(narrow) for narrow, wider in WIDER.items())


def test_a_system_that_is_blind_because_of_a_quota_is_the_quotas_owners() -> None:
    blind = replace(
        system_alert(ERP, AlertState.BLIND),
        explanation="erp has given no usable answer for 10 min: throttled: 429 Too Many Requests",
    )
    assert is_throttled(blind)
    assert concern_of(str(blind.key), {str(blind.key)}) is Concern.QUOTA
    assert not is_throttled(replace(blind, explanation="erp has given no usable answer for 10 min: bad: timeout"))


@pytest.mark.parametrize("key", ["from-a-later-release/erp", "odd"])
def test_a_kind_that_is_not_known_is_on_calls(key: str) -> None:
    assert concern_of(key) is Concern.UNAVAILABILITY


# Whose it is.


OWNED = Policy(name="credentials", steps=(Step(person=BRUNO, wait=5 * MINUTE),), people=(), catch_all=BOSS)
BILLING_OPS = Policy(name="billing-ops", steps=(Step(person=DIEGO, wait=5 * MINUTE),), people=(), catch_all=BOSS)


def by_concern(**concerns: str) -> Context:
    context = with_policies(OWNED, BILLING_OPS)
    named = {Concern(name): policy for name, policy in concerns.items()}
    tiers = {tier.id: named for tier in (PLATINUM, GOLD, SILVER)}
    return replace(context, roster=replace(context.roster, concerns=tiers))


def test_a_refused_credential_pages_its_owners_policy_and_not_on_call(shift: Shift) -> None:
    shift.context = by_concern(authentication="credentials")
    shift.sees(NOON, system_alert(ERP, kind=AlertKind.CREDENTIAL))
    assert shift.pages() == ["bruno"]
    assert shift.only.policy == OWNED


def test_failed_payments_fall_to_who_owns_data_where_nobody_is_named_for_them(shift: Shift) -> None:
    shift.context = by_concern(data="billing-ops")
    shift.sees(NOON, system_alert(ERP, kind=AlertKind.PAYMENTS_FAILED))
    assert shift.pages() == ["diego"]


def test_an_outage_that_joins_pages_on_call_although_the_lesser_kind_was_acknowledged(shift: Shift) -> None:
    shift.context = by_concern(authentication="credentials")
    shift.sees(NOON, system_alert(ERP, kind=AlertKind.CREDENTIAL))
    takes(shift, 1, by="bruno")
    shift.sees(after(minutes=2), system_alert(ERP, at=after(minutes=2)))
    assert shift.pages() == ["bruno", "alba"]
    (taken,) = (event for event in shift.timelines[FIRST] if isinstance(event, PolicyTaken))
    assert taken.concern is Concern.UNAVAILABILITY
    assert not shift.only.held


def test_the_owner_of_a_lesser_kind_is_told_once_and_on_call_goes_on(shift: Shift) -> None:
    shift.context = by_concern(authentication="credentials")
    shift.sees(NOON, system_alert(ERP))
    shift.sees(after(minutes=1), system_alert(ERP, at=after(minutes=1), kind=AlertKind.CREDENTIAL))
    assert shift.pages() == ["alba", "bruno"]
    shift.waits(after(minutes=2, seconds=30))
    shift.waits(after(minutes=3))
    assert shift.pages() == ["alba", "bruno", "carla"]
    (told,) = (event for event in shift.timelines[FIRST] if isinstance(event, OwnersPaged))
    assert (told.concern, [one.id for one in told.people]) == (Concern.AUTHENTICATION, ["bruno"])


def test_who_was_told_of_a_part_is_told_the_end(shift: Shift) -> None:
    shift.context = by_concern(authentication="credentials")
    shift.sees(NOON, system_alert(ERP), system_alert(ERP, kind=AlertKind.CREDENTIAL))
    shift.resolves(after(minutes=1))
    assert set(shift.pages(Stage.RESOLVED)) == {"alba", "bruno"}


def test_a_systems_own_owner_of_a_kind_is_paged_before_anybody_else(shift: Shift) -> None:
    context = by_concern(authentication="credentials")
    owners = {ERP: {Concern.AUTHENTICATION: Target(person=CARLA)}}
    shift.context = replace(context, roster=replace(context.roster, owners=owners))
    shift.sees(NOON, system_alert(ERP, kind=AlertKind.CREDENTIAL))
    assert shift.pages() == ["carla"]
    shift.waits(after(minutes=5))
    assert shift.pages() == ["carla", "bruno"]


def test_an_owners_schedule_with_nobody_on_it_pages_the_catch_all(shift: Shift) -> None:
    owners = {ERP: {Concern.AUTHENTICATION: Target(schedule=NOBODY)}}
    shift.context = replace(CONTEXT, roster=replace(CONTEXT.roster, owners=owners))
    shift.sees(NOON, system_alert(ERP, kind=AlertKind.CREDENTIAL))
    assert shift.pages() == ["boss"]
    assert shift.reasons() == [PageReason.NOBODY_ON_CALL]


def test_without_any_owner_everything_is_on_calls(shift: Shift) -> None:
    shift.sees(NOON, system_alert(ERP), system_alert(ERP, kind=AlertKind.CREDENTIAL))
    assert shift.pages() == ["alba"]
