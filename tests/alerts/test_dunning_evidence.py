"""Of each hold it is on record from when to when it was, and which failed payments fell into it."""

from dataclasses import replace
from datetime import timedelta

from alerts.dunning import DunningHold, FailedPayment, Release, with_payments
from alerts.dunning_calls import in_month
from tests.cast import ACME, BILLING, COBALT, HOUR, MINUTE, NOON

HOLD = DunningHold(client=ACME, number=1, affected=NOON - MINUTE, since=NOON, expires=NOON + HOUR, incidents=())


def payment(number: int, minutes: float) -> FailedPayment:
    return FailedPayment(system=BILLING, id=f"ch_{number}", at=NOON + timedelta(minutes=minutes))


def test_the_payments_that_failed_while_a_client_was_hurt_are_evidence_each_once() -> None:
    held = with_payments(HOLD, [payment(1, -5), payment(2, -1), payment(3, 10), payment(3, 10)])
    assert [one.id for one in held.payments] == ["ch_2", "ch_3"]
    assert with_payments(held, [payment(2, -1), payment(3, 10)]) is held
    over = replace(held, released=NOON + HOUR, recovered=NOON + 30 * MINUTE, why=Release.RECOVERED)
    assert with_payments(over, [payment(4, 40)]) is over
    assert with_payments(over, [payment(5, 20)]).failed == 3


def test_the_evidence_of_a_month_is_the_holds_that_touch_it() -> None:
    hold = DunningHold(client=ACME, number=1, affected=NOON, since=NOON, expires=NOON + HOUR, incidents=())
    over = replace(hold, number=2, released=NOON + HOUR)
    assert [one.number for one in in_month((over, hold), ACME, NOON + 2 * HOUR, NOON + 3 * HOUR)] == [1]
    assert [one.number for one in in_month((over, hold), ACME, NOON, NOON + HOUR)] == [1, 2]
    assert in_month((over, hold), COBALT, NOON, NOON + HOUR) == []
