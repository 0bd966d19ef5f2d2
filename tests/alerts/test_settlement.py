"""What follows from an attempt to hand a message over."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.message import Delivery, DeliveryState, Lane, Message, MessageKind, MessageState, Stage
from alerts.settlement import (
    JITTER,
    LONGEST_BACKOFF,
    LONGEST_HEED,
    LONGEST_HEED_OF_PAGES,
    MAX_ATTEMPTS,
    RECOGNISING,
    as_repeated,
    backoff,
    channel_for,
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
    waits = [backoff(message(PAGER, MAIL), attempt) for attempt in range(1, 9)]
    seconds = [wait.total_seconds() for wait in waits if wait is not None]
    assert seconds[::2] == [0, 0, 0, 0]
    assert all(
        round_ <= wait < round_ * (1 + JITTER) for wait, round_ in zip(seconds[1::2], (2, 4, 8, 16), strict=True)
    )


def test_what_failed_together_does_not_come_back_together_but_each_by_its_own_rule() -> None:
    many = [replace(message(PAGER), key=f"INC-1/page/1/{number}") for number in range(200)]
    waits = {backoff(one, 5) for one in many}
    assert len(waits) == len(many)
    assert waits == {backoff(one, 5) for one in many}


@given(st.integers(min_value=1, max_value=MAX_ATTEMPTS - 1), st.integers(min_value=1, max_value=6))
def test_no_wait_is_longer_than_five_minutes_and_a_quarter_and_none_is_negative(attempt: int, channels: int) -> None:
    wait = backoff(message(*(PAGER,) * channels), attempt)
    assert wait is not None
    assert timedelta() <= wait <= LONGEST_BACKOFF * (1 + JITTER)


def test_after_the_last_attempt_there_is_none() -> None:
    assert backoff(message(PAGER), MAX_ATTEMPTS) is None
    assert settlement(message(PAGER), delivery(DeliveryState.REJECTED, MAX_ATTEMPTS)).state is MessageState.FAILED


def sent_away(seconds: int, *channels: SecretRef, kind: MessageKind = MessageKind.NOTICE) -> timedelta:
    """Return how long after an attempt the next comes, where the receiver said so many seconds."""
    told = replace(message(*channels), kind=kind)
    away = replace(delivery(DeliveryState.REJECTED), retry_after=timedelta(seconds=seconds))
    again = settlement(told, away).next_at
    assert again is not None
    return again - away.ended


def test_a_receiver_that_says_when_to_come_back_is_heeded_for_an_hour_at_most() -> None:
    assert sent_away(90, PAGER) == timedelta(seconds=90)
    assert sent_away(1, PAGER) >= timedelta(seconds=2)
    assert sent_away(86_400, PAGER) == LONGEST_HEED


def test_a_page_waits_a_minute_at_most_and_not_at_all_where_there_is_another_channel() -> None:
    assert sent_away(90, PAGER, kind=MessageKind.PAGE) == LONGEST_HEED_OF_PAGES
    assert sent_away(90, PAGER, MAIL, kind=MessageKind.PAGE) == timedelta()


@pytest.mark.answers("alexjustesen/speedtest-tracker#2680")
@pytest.mark.parametrize("endpoint", ["slack", "tgram", "discord", "workflows"])
def test_a_notice_that_may_have_arrived_is_not_sent_again_to_who_cannot_tell_a_repetition(endpoint: str) -> None:
    doubtful = replace(delivery(DeliveryState.UNKNOWN), endpoint=endpoint)
    settled = settlement(replace(message(PAGER), kind=MessageKind.NOTICE), doubtful)
    assert (settled.state, settled.next_at) == (MessageState.UNKNOWN, None)
    assert settlement(message(PAGER), doubtful).state is MessageState.QUEUED, "a page: never is worse than twice"


@pytest.mark.parametrize("endpoint", sorted(RECOGNISING))
def test_a_notice_that_may_have_arrived_goes_again_with_its_key_where_that_is_recognised(endpoint: str) -> None:
    doubtful = replace(delivery(DeliveryState.UNKNOWN), endpoint=endpoint)
    assert settlement(replace(message(PAGER), kind=MessageKind.NOTICE), doubtful).state is MessageState.QUEUED


def test_a_message_that_may_be_a_repetition_says_so_and_keeps_its_key() -> None:
    again = as_repeated(message(PAGER))
    assert (again.key, again.subject) == ("INC-1/page/1/alba", "Possibly repeated: down")
    assert again.body.startswith("down\n\nThis may be the second time")


def test_an_accepted_message_is_done() -> None:
    settled = settlement(message(PAGER, MAIL), delivery(DeliveryState.ACCEPTED))
    assert (settled.state, settled.next_at) == (MessageState.ACCEPTED, None)


@pytest.mark.parametrize("state", [DeliveryState.REJECTED, DeliveryState.UNKNOWN])
def test_in_doubt_it_is_told_again_from_when_the_attempt_ended(state: DeliveryState) -> None:
    settled = settlement(message(PAGER), delivery(state))
    assert settled.state is MessageState.QUEUED
    assert settled.next_at is not None
    assert NOON + 3 * SECOND <= settled.next_at < NOON + 4 * SECOND


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
