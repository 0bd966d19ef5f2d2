"""The last resort tells the catch-all without the store, and not too often."""

from datetime import timedelta

import pytest

from alerts.channels.recording import Answer, RecordingChannel
from alerts.oncall import Person, PersonId
from monitor.clock import SettableClock
from monitor.lastresort import AGAIN, EVERY, LastResort
from monitor.secrets import Secrets
from probes.catalog import SecretRef
from tests.alerts.channels.cast import NOW

PAGER, PHONE = SecretRef("env:PAGER"), SecretRef("env:PHONE")
MANAGER = Person(id=PersonId("duty-manager"), timezone="Europe/Madrid", channels=(PAGER, PHONE))


@pytest.fixture
def clock() -> SettableClock:
    """Return a clock that is set by hand."""
    return SettableClock(NOW)


@pytest.fixture
def channel(clock: SettableClock) -> RecordingChannel:
    """Return a channel that remembers what it is given."""
    return RecordingChannel(now=clock.now, sleep_until=clock.set)


@pytest.fixture
def last_resort(channel: RecordingChannel) -> LastResort:
    """Return a last resort that knows both addresses."""
    return LastResort(channel=channel, resolve=Secrets({"PAGER": "json://secret/", "PHONE": "json://secret/"}).resolve)


async def test_it_says_one_fixed_thing_at_most_every_15_minutes(
    last_resort: LastResort, channel: RecordingChannel
) -> None:
    sent = [await last_resort.send(MANAGER, NOW + timedelta(minutes=minutes)) for minutes in range(31)]
    assert [minute for minute, left in enumerate(sent) if left] == [0, 15, 30]
    assert {message.subject for message in channel.accepted()} == {"Tierwatch cannot record; look now"}
    assert len(channel.attempts) == 3
    assert len({message.key for message in channel.accepted()}) == 3


@pytest.mark.parametrize("first", [Answer.REJECT, Answer.HANG])
async def test_it_goes_by_the_next_channel(last_resort: LastResort, channel: RecordingChannel, first: Answer) -> None:
    channel.script(PAGER, first)
    assert await last_resort.send(MANAGER, NOW)
    assert [claim.channel for claim, _ in channel.attempts] == [PAGER, PHONE]
    assert len(channel.accepted(PHONE)) == 1


async def test_what_every_channel_refused_is_soon_tried_again(
    last_resort: LastResort, channel: RecordingChannel
) -> None:
    channel.script(PAGER, Answer.REJECT)
    channel.script(PHONE, Answer.REJECT)
    assert not await last_resort.send(MANAGER, NOW)
    assert not await last_resort.send(MANAGER, NOW + AGAIN / 2)
    assert len(channel.attempts) == 2
    assert await last_resort.send(MANAGER, NOW + AGAIN)


async def test_what_may_have_arrived_is_not_repeated_soon(last_resort: LastResort, channel: RecordingChannel) -> None:
    channel.script(PAGER, Answer.HANG)
    channel.script(PHONE, Answer.HANG)
    assert await last_resort.send(MANAGER, NOW)
    assert not await last_resort.send(MANAGER, NOW + EVERY / 2)
    assert len(channel.attempts) == 2


async def test_a_missing_secret_leaves_the_other_channel(channel: RecordingChannel) -> None:
    last_resort = LastResort(channel=channel, resolve=Secrets({"PHONE": "json://secret/"}).resolve)
    assert await last_resort.send(MANAGER, NOW)
    assert len(channel.accepted(PHONE)) == 1
