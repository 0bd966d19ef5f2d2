"""Two escalations become one: the worse one goes on, and whoever had the less bad has not taken it."""

import pytest

from alerts.escalated import joined_with
from alerts.incident import Incident
from alerts.merging import escalating
from tests.alerts.shift import Shift
from tests.cast import ACME, BOREAL, COBALT, MINUTE, NOON, after, late


def incident(client: str, *, taken: bool = False, lapsed: bool = False) -> Incident:
    shift = Shift()
    shift.sees(NOON, late(client))  # type: ignore[arg-type]
    if taken or lapsed:
        shift.acknowledges(after(minutes=1), length=MINUTE if lapsed else None)
    if lapsed:
        shift.waits(after(minutes=2))
    return shift.only


@pytest.mark.parametrize("worse_is_target", [True, False])
def test_who_took_the_less_bad_has_not_taken_the_worse(*, worse_is_target: bool) -> None:
    gold, platinum = incident(COBALT, taken=True), incident(ACME)
    target, other = (platinum, gold) if worse_is_target else (gold, platinum)
    both = joined_with(target, escalating(other), NOON)
    assert (both.tier, both.next_due, both.held) == ("platinum", after(minutes=3), False)


def test_of_two_alike_the_one_that_somebody_has_goes_on() -> None:
    both = joined_with(incident(BOREAL), escalating(incident(ACME, taken=True)), NOON)
    assert (both.held, both.next_due, both.acknowledged_by) == (True, None, "alba")


def test_an_acknowledgement_that_has_lapsed_holds_nothing_after_it_either() -> None:
    both = joined_with(incident(BOREAL), escalating(incident(ACME, lapsed=True)), NOON)
    assert not both.held
    assert both.next_due is not None
