"""What follows from an attempt to hand a message over."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.message import (
    LONGEST_BACKOFF,
    MAX_ATTEMPTS,
    Delivery,
    DeliveryState,
    Lane,
    Message,
    MessageKind,
    MessageState,
    Stage,
    channel_for,
    retry_after,
    settlement,
)
from probes.catalog import SecretRef
from tests.cast import NOON, SECOND

PAGER, MAIL, PHONE = map(SecretRef, ("env:PAGER", "env:MAIL", "env:PHONE"))


def message(*channels: SecretRef) -> Message:
    return Message(
        key="INC-1/page/1/alba",
        kind=MessageKind.PAGE,
        lane=Lane.URGENT,
        stage=Stage.INVESTIGATING,
        recipient="alba",
        channels=channels,
        subject="down",
        body="down",
        created=NOON,
    )


def delivery(state: DeliveryState, attempt: int = 1, *, permanent: bool = False) -> Delivery:
    return Delivery(
        key="INC-1/page/1/alba",
        attempt=attempt,
        channel=PAGER,
        state=state,
        reason="refused",
        started=NOON,
        ended=NOON + SECOND,
        permanent=permanent,
    )


def test_channels_are_tried_in_order_and_then_round_again() -> None:
    tried = [channel_for((PAGER, MAIL), attempt) for attempt in (1, 2, 3, 4)]
    assert tried == [PAGER, MAIL, PAGER, MAIL]


def test_the_next_channel_is_tried_at_once_and_rounds_are_doubled_apart() -> None:
    waits = [retry_after((PAGER, MAIL), attempt) for attempt in range(1, 9)]
    assert [wait.total_seconds() for wait in waits if wait is not None] == [0, 2, 0, 4, 0, 8, 0, 16]


@given(st.integers(min_value=1, max_value=MAX_ATTEMPTS - 1), st.integers(min_value=1, max_value=6))
def test_no_wait_is_longer_than_five_minutes_and_none_is_negative(attempt: int, channels: int) -> None:
    wait = retry_after((PAGER,) * channels, attempt)
    assert wait is not None
    assert timedelta() <= wait <= LONGEST_BACKOFF


def test_after_the_last_attempt_there_is_none() -> None:
    assert retry_after((PAGER,), MAX_ATTEMPTS) is None
    assert settlement(message(PAGER), delivery(DeliveryState.REJECTED, MAX_ATTEMPTS)).state is MessageState.FAILED


def test_an_accepted_message_is_done() -> None:
    settled = settlement(message(PAGER, MAIL), delivery(DeliveryState.ACCEPTED))
    assert (settled.state, settled.next_at) == (MessageState.ACCEPTED, None)


@pytest.mark.parametrize("state", [DeliveryState.REJECTED, DeliveryState.UNKNOWN])
def test_in_doubt_it_is_told_again_from_when_the_attempt_ended(state: DeliveryState) -> None:
    settled = settlement(message(PAGER), delivery(state))
    assert (settled.state, settled.next_at) == (MessageState.QUEUED, NOON + 3 * SECOND)


def test_a_channel_that_refuses_for_good_is_given_up_when_it_is_the_only_one() -> None:
    settled = settlement(message(PAGER), delivery(DeliveryState.REJECTED, permanent=True))
    assert (settled.state, settled.next_at) == (MessageState.FAILED, None)


def test_a_channel_that_refuses_for_good_leaves_the_message_to_the_others() -> None:
    settled = settlement(message(PAGER, MAIL), delivery(DeliveryState.REJECTED, permanent=True))
    assert (settled.state, settled.next_at) == (MessageState.QUEUED, NOON + SECOND)


def test_every_channel_gets_its_turn_before_a_message_is_given_up() -> None:
    channels = (PAGER, MAIL, PHONE)
    tried = [channel_for(channels, attempt) for attempt in range(1, MAX_ATTEMPTS + 1)]
    assert min(tried.count(channel) for channel in channels) >= 10
