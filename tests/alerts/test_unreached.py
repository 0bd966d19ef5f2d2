"""A page that no channel takes does not cost its step's whole wait: the next step comes at once."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.escalation import Step
from alerts.fold import advanced
from alerts.message import Delivery, DeliveryState, Message, MessageKind
from alerts.steps import StepCause
from alerts.timeline import Told
from alerts.unreached import unreached
from tests.alerts.shift import FIRST, Shift
from tests.cast import ACME, ALBA, BRUNO, CONTEXT, FIRST_LINE, NOON, SECOND_LINE, after, late, roster_of


def page_to(shift: Shift, who: str) -> Message:
    return next(one for one in shift.messages if one.kind is MessageKind.PAGE and one.recipient == who)


def attempt(message: Message, number: int, state: DeliveryState, at: datetime) -> Delivery:
    channel = message.channels[(number - 1) % len(message.channels)]
    return Delivery(key=message.key, attempt=number, channel=channel, state=state, reason="", started=at, ended=at)


@pytest.fixture
def shift() -> Shift:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    return shift


@pytest.mark.answers("prometheus/alertmanager#3743")
@pytest.mark.parametrize("state", [DeliveryState.REJECTED, DeliveryState.UNKNOWN])
def test_when_every_channel_of_who_is_paged_has_failed_the_next_step_comes_at_once(
    shift: Shift, state: DeliveryState
) -> None:
    page = page_to(shift, "alba")
    assert unreached(shift.only, page, attempt(page, 1, state, after(seconds=5))) is None, "one channel is left"
    moved = unreached(shift.only, page, attempt(page, 2, state, after(seconds=9)))
    assert moved is not None
    assert (moved.cause, moved.next_due) == (StepCause.UNDELIVERED, after(seconds=9))
    shift.incidents[FIRST] = advanced(shift.only, moved)
    shift.timelines[FIRST].append(moved)
    shift.waits(after(seconds=9))
    assert shift.pages() == ["alba", "carla"]
    assert shift.reasons()[-1] == "undelivered"


def test_it_comes_once_and_not_with_every_round(shift: Shift) -> None:
    page = page_to(shift, "alba")
    for number in (3, 4, 6):
        assert unreached(shift.only, page, attempt(page, number, DeliveryState.REJECTED, after(seconds=30))) is None


def test_whoever_has_it_or_was_reached_is_waited_for(shift: Shift) -> None:
    page = page_to(shift, "alba")
    failed = attempt(page, 2, DeliveryState.REJECTED, after(seconds=9))
    told = Told(at=after(seconds=8), key=page.key, recipient="alba", stage=page.stage)
    assert unreached(advanced(shift.only, told), page, failed) is None
    shift.acknowledges(after(seconds=7))
    assert unreached(shift.only, page, failed) is None


def test_of_two_who_are_paged_together_one_who_is_reached_is_enough() -> None:
    both = replace(FIRST_LINE, steps=(Step(person=ALBA), *FIRST_LINE.steps))
    shift = Shift(replace(CONTEXT, roster=roster_of(both, SECOND_LINE)))
    shift.sees(NOON, late(ACME))
    page = page_to(shift, "alba")
    other = Told(at=after(seconds=1), key=page.key.replace("alba", BRUNO.id), recipient=BRUNO.id, stage=page.stage)
    failed = attempt(page, 2, DeliveryState.REJECTED, after(seconds=9))
    assert unreached(advanced(shift.only, other), page, failed) is None


def test_a_page_of_an_earlier_step_moves_nothing(shift: Shift) -> None:
    page = page_to(shift, "alba")
    shift.waits(after(minutes=3))
    assert unreached(shift.only, page, attempt(page, 2, DeliveryState.REJECTED, after(minutes=4))) is None


def test_who_cannot_be_reached_is_not_paged_again_by_the_same_channels() -> None:
    alone = replace(FIRST_LINE, steps=(Step(person=ALBA),), catch_all=ALBA)
    shift = Shift(replace(CONTEXT, roster=roster_of(alone, SECOND_LINE)))
    shift.sees(NOON, late(ACME))
    page = page_to(shift, "alba")
    assert unreached(shift.only, page, attempt(page, 2, DeliveryState.REJECTED, after(seconds=9))) is None
