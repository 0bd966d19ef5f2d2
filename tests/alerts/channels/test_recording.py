"""The recording channel answers as scripted and remembers what it was given."""

from alerts.channels.recording import PATIENCE, Answer, RecordingChannel
from alerts.message import DeliveryState
from monitor.clock import SettableClock
from probes.catalog import SecretRef
from tests.alerts.channels.cast import NOW, claim

PAGER = SecretRef("env:ADA_PAGER")


async def test_it_answers_as_scripted_and_then_accepts() -> None:
    clock = SettableClock(NOW)
    channel = RecordingChannel(now=clock.now, sleep_until=clock.set)
    channel.script(PAGER, Answer.REJECT, times=2)
    channel.script(PAGER, Answer.HANG)
    ends = [await channel.send(claim(attempt=attempt), "json://secret/", clock.now()) for attempt in (1, 2, 3, 4)]
    rejected, unknown, accepted = DeliveryState.REJECTED, DeliveryState.UNKNOWN, DeliveryState.ACCEPTED
    assert [end.state for end in ends] == [rejected, rejected, unknown, accepted]
    assert [end.ended - end.started for end in ends] == [NOW - NOW, NOW - NOW, PATIENCE, NOW - NOW]
    assert channel.accepted() == channel.accepted(PAGER) == [claim().message]
    assert channel.accepted(SecretRef("env:OTHER")) == []
    assert "secret" not in repr(channel)


async def test_one_channels_script_is_not_anothers() -> None:
    clock = SettableClock(NOW)
    channel = RecordingChannel(now=clock.now, sleep_until=clock.set)
    channel.script(PAGER, Answer.REJECT)
    other = await channel.send(claim("env:OTHER"), "json://secret/", NOW)
    assert other.state is DeliveryState.ACCEPTED
