"""The outbox on a real store: what hangs or fails delays nothing else, and nothing is lost."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from alerts.breaker import FAILURES
from alerts.channels.apprise import AppriseChannels
from alerts.channels.recording import Answer, RecordingChannel
from alerts.delivery_order import PLACES
from alerts.endpoint import Limits
from alerts.message import Claim, Delivery, Lane, Message, MessageKind, Stage
from alerts.storm import MOST
from monitor import outbox
from monitor.clock import SettableClock
from monitor.outbox import Ended
from probes.catalog import SecretRef
from tests.alerts.channels.cast import DEADLINES, NOW, claim
from tests.alerts.channels.receivers import HttpReceiver, http_receiver
from tests.monitor.post import Post

NOTICE = MessageKind.NOTICE
USUAL = Limits()
PLACES_OF_NOTICES = PLACES[Lane.NORMAL]


@pytest.fixture
def clock() -> SettableClock:
    """Return a clock that is set by hand."""
    return SettableClock(NOW)


@pytest.fixture
def recording(clock: SettableClock) -> RecordingChannel:
    """Return a channel that remembers what it is given."""
    return RecordingChannel(now=clock.now, sleep_until=clock.sleep_until)


@pytest.fixture
async def post(tmp_path: Path, clock: SettableClock, recording: RecordingChannel) -> AsyncIterator[Post]:
    """Yield an outbox whose channels are recorded."""
    place = Post(tmp_path, clock, recording)
    place.environment.update({f"CLIENT_{number}": f"json://client-{number}/secret/" for number in range(100)})
    place.environment.update(PAGER="json://pager/secret/", PHONE="json://phone/secret/")
    yield place
    await place.close()


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    """Yield an HTTP receiver."""
    async with http_receiver() as serving:
        yield serving


@pytest.fixture
async def real_post(tmp_path: Path, clock: SettableClock) -> AsyncIterator[Post]:
    """Yield an outbox that sends through Apprise."""
    channels = AppriseChannels(now=clock.now, allow_private=True, deadlines=DEADLINES)
    channels.warm_up()
    place = Post(tmp_path, clock, channels)
    yield place
    await place.close()


def page(*channels: str, key: str = "INC-7/page/ada/1") -> Message:
    """Return a page."""
    return claim(channels[0], key=key, channels=tuple(map(SecretRef, channels))).message


def notice(number: int, channel: str = "", weight: int = 0) -> Message:
    """Return a notice, to a client of its own unless a channel is named."""
    of = channel or f"env:CLIENT_{number}"
    key = f"INC-7/notice/{number:03}"
    return claim(of, kind=NOTICE, key=key, weight=weight, recipient=f"desk {number}").message


async def test_what_is_queued_is_told_once_and_recorded(post: Post, recording: RecordingChannel) -> None:
    post.queue(page("env:PAGER"), notice(1), notice(2))
    await post.run()
    await post.run()
    assert sorted(one.key for one in recording.accepted()) == [
        "INC-7/notice/001",
        "INC-7/notice/002",
        "INC-7/page/ada/1",
    ]
    assert post.ends("INC-7/page/ada/1") == [("env:PAGER", "accepted")]
    assert await post.tick() is None


@pytest.mark.answers("grafana/oncall#1503")
async def test_channels_that_hang_delay_neither_the_others_nor_the_tick(
    post: Post, recording: RecordingChannel
) -> None:
    for number in range(12):
        recording.script(SecretRef(f"env:CLIENT_{number}"), Answer.HANG)
    post.queue(*(notice(number, weight=9) for number in range(12)), notice(50), page("env:PAGER"))
    await post.tick()
    await post.until_ended(2)
    assert {one.key for one in recording.accepted()} == {"INC-7/notice/050", "INC-7/page/ada/1"}
    await post.clock.set(NOW + timedelta(seconds=5))
    await post.driver.idle()
    assert post.ends("INC-7/notice/000") == [("env:CLIENT_0", "no answer within 5 s")]


async def test_a_full_lane_of_notices_does_not_hold_up_a_page(post: Post, recording: RecordingChannel) -> None:
    for number in range(PLACES_OF_NOTICES + 10):
        recording.script(SecretRef(f"env:CLIENT_{number}"), Answer.HANG)
    post.queue(*(notice(number) for number in range(PLACES_OF_NOTICES + 10)))
    await post.tick()
    assert len(post.store.deliveries(limit=1000)) == PLACES_OF_NOTICES
    post.queue(page("env:PAGER"))
    await post.tick()
    await post.until_ended(1)
    assert [one.key for one in recording.accepted()] == ["INC-7/page/ada/1"]
    await post.clock.set(NOW + timedelta(seconds=5))


async def test_one_endpoint_has_at_most_so_many_sends_under_way_as_it_takes(
    post: Post, recording: RecordingChannel
) -> None:
    recording.script(SecretRef("env:CLIENT_1"), Answer.HANG, times=5)
    post.queue(*(notice(number, "env:CLIENT_1") for number in range(5)), notice(50))
    await post.tick()
    under_way = [one.channel for one in post.store.deliveries(limit=1000)]
    assert under_way.count(SecretRef("env:CLIENT_1")) == USUAL.at_once
    assert SecretRef("env:CLIENT_50") in under_way
    await post.clock.set(NOW + timedelta(seconds=5))


async def test_a_missing_secret_is_no_reason_to_give_up(post: Post, recording: RecordingChannel) -> None:
    del post.environment["PAGER"]
    post.queue(page("env:PAGER"))
    await post.run()
    assert post.ends("INC-7/page/ada/1") == [("env:PAGER", "secret not found")]
    assert not recording.attempts
    post.environment["PAGER"] = "json://pager/secret/"
    await post.run_until(NOW + timedelta(seconds=10))
    assert [one.key for one in recording.accepted()] == ["INC-7/page/ada/1"]


async def test_a_page_goes_by_the_next_channel_when_a_secret_is_missing(
    post: Post, recording: RecordingChannel
) -> None:
    del post.environment["PAGER"]
    post.queue(page("env:PAGER", "env:PHONE"))
    await post.run()
    assert post.ends("INC-7/page/ada/1") == [("env:PAGER", "secret not found"), ("env:PHONE", "accepted")]
    assert len(recording.accepted(SecretRef("env:PHONE"))) == 1


async def test_a_refused_message_is_tried_again_ever_later(post: Post, recording: RecordingChannel) -> None:
    recording.script(SecretRef("env:PAGER"), Answer.REJECT, times=4)
    post.queue(page("env:PAGER"))
    await post.run_until(NOW + timedelta(minutes=1))
    starts = [delivery.started - NOW for _, delivery in recording.attempts]
    waits = [later - earlier for earlier, later in pairwise(starts)]
    rounds = [timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)]
    assert all(known <= wait < 1.25 * known for known, wait in zip(rounds, waits, strict=True))
    assert len(recording.accepted()) == 1


async def test_the_heaviest_notice_goes_first(post: Post, recording: RecordingChannel) -> None:
    post.queue(notice(1, weight=1), notice(2, weight=100), notice(3, weight=10))
    await post.run()
    assert [one.weight for one in recording.accepted()] == [100, 10, 1]


@dataclass(slots=True)
class Faulty:
    """A channel with a fault in it, whose text holds a secret."""

    asked: list[str] = field(default_factory=list)

    async def send(self, claim: Claim, address: str, started: datetime) -> Delivery:
        """Fail."""
        self.asked.append(claim.message.key)
        raise RuntimeError(f"{address} {started}")


async def test_a_fault_in_a_channel_loses_no_message_and_tells_no_secret(tmp_path: Path, clock: SettableClock) -> None:
    channel = Faulty()
    post = Post(tmp_path, clock, channel)
    post.environment["PAGER"] = "json://secret/"
    post.queue(page("env:PAGER"))
    await post.run_until(NOW + timedelta(seconds=3))
    assert post.ends("INC-7/page/ada/1") == [("env:PAGER", "internal error: RuntimeError")] * 2
    assert channel.asked == ["INC-7/page/ada/1"] * 2
    await post.close()


async def test_notices_to_one_channel_keep_its_pace(post: Post, recording: RecordingChannel) -> None:
    post.queue(*(notice(number, "env:CLIENT_1") for number in range(30)))
    await post.run()
    assert len(recording.accepted()) == USUAL.burst
    await post.run_until(NOW + timedelta(seconds=1))
    assert len(recording.accepted()) == USUAL.burst + 10
    await post.run_until(NOW + timedelta(seconds=10))
    assert len({one.key for one in recording.accepted()}) == 30


async def test_pages_keep_no_pace(post: Post, recording: RecordingChannel) -> None:
    pages = [page("env:PAGER", key=f"INC-{number}/page/ada/1") for number in range(30)]
    post.queue(*(replace(one, recipient=one.key) for one in pages))
    await post.run()
    assert len(recording.accepted()) == 30


async def test_a_page_does_not_wait_behind_notices_on_its_channel(post: Post, recording: RecordingChannel) -> None:
    post.queue(*(notice(number, "env:PAGER") for number in range(30)))
    await post.run()
    post.queue(page("env:PAGER"))
    await post.run()
    assert len(recording.accepted()) == USUAL.burst + 1
    assert recording.accepted()[-1].key == "INC-7/page/ada/1"


@pytest.mark.answers("prometheus/alertmanager#3359")
@pytest.mark.parametrize("first", ["/503", "/hang", "/404", "/redirect", "/broken"])
async def test_a_page_reaches_its_person_by_the_next_channel(
    real_post: Post, receiver: HttpReceiver, first: str
) -> None:
    real_post.environment.update(PAGER=receiver.address(first), PHONE=receiver.address("/ok"))
    real_post.queue(page("env:PAGER", "env:PHONE"))
    await real_post.run()
    assert [channel for channel, _ in real_post.ends("INC-7/page/ada/1")] == ["env:PAGER", "env:PHONE"]
    assert [request.path for request in receiver.requests] == [first, "/ok"]
    assert len({request.headers["idempotency-key"] for request in receiver.requests}) == 1
    await real_post.run_until(NOW + timedelta(hours=1))
    assert len(receiver.requests) == 2


async def test_nothing_of_an_address_stands_in_the_store_or_a_span(
    real_post: Post, receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(outbox, "tracer", provider.get_tracer("tierwatch"))
    real_post.environment.update(
        PAGER=receiver.address("/503", "?-token=s3cr3t"), PHONE=receiver.address("/ok", "?-token=s3cr3t")
    )
    real_post.queue(page("env:PAGER", "env:PHONE"))
    await real_post.run()
    seen = [(span.name, dict(span.attributes or {})) for span in spans.get_finished_spans()]
    lane = {"tierwatch.lane": "urgent", "tierwatch.scheme": "json"}
    assert seen == [
        ("tierwatch.delivery", lane | {"tierwatch.attempt": 1, "tierwatch.state": "rejected"}),
        ("tierwatch.delivery", lane | {"tierwatch.attempt": 2, "tierwatch.state": "accepted"}),
    ]
    written = real_post.written()
    assert b"INC-7/page/ada/1" in written
    assert b"s3cr3t" not in written
    assert b"127.0.0.1" not in written


async def test_a_storm_to_one_reader_is_told_as_a_digest_and_nothing_of_it_is_lost(
    post: Post, recording: RecordingChannel
) -> None:
    pages = [page("env:PAGER", key=f"INC-{number:02}/page/1/ada") for number in range(25)]
    end = replace(page("env:PAGER", key="INC-01/page/resolved/ada"), stage=Stage.RESOLVED)
    post.queue(*pages, end)
    await post.run()
    told = recording.accepted()
    (digest,) = [one for one in told if one.parts]
    by_itself = {one.key for one in told if not one.parts}
    assert len(by_itself) == MOST
    assert end.key in by_itself
    assert {part.key for part in digest.parts} | by_itself == {one.key for one in (*pages, end)}
    assert post.ends(digest.parts[0].key) == [("env:PAGER", f"in digest {digest.key}")]
    await post.clock.set(NOW + timedelta(seconds=5))
    post.queue(page("env:PAGER", key="INC-98/page/1/ada"), page("env:PAGER", key="INC-99/page/1/ada"))
    await post.run()
    assert len(recording.accepted()) == len(told), "the next digest is due in a minute"
    await post.run_until(NOW + timedelta(minutes=2))
    assert [len(one.parts) for one in recording.accepted()[len(told) :]] == [2]


async def test_a_page_goes_to_the_next_channel_at_once_while_the_first_is_left_alone(
    post: Post, recording: RecordingChannel
) -> None:
    recording.script(SecretRef("env:PAGER"), Answer.REJECT, times=FAILURES)
    pages = [page("env:PAGER", "env:PHONE", key=f"INC-{number}/page/1/ada") for number in range(FAILURES)]
    for one in pages:
        post.queue(one)
        await post.run()
    asked = len(recording.attempts)
    post.queue(page("env:PAGER", "env:PHONE", key="INC-9/page/1/ada"))
    await post.run()
    assert len(recording.attempts) == asked + 1, "the pager is not even asked"
    assert post.ends("INC-9/page/1/ada") == [
        ("env:PAGER", "left alone for a while, for it kept failing"),
        ("env:PHONE", "accepted"),
    ]


async def test_notices_wait_while_their_endpoint_is_left_alone_and_cost_no_attempt(
    post: Post, recording: RecordingChannel
) -> None:
    recording.script(SecretRef("env:CLIENT_1"), Answer.REJECT, times=FAILURES + 1)
    post.queue(*(notice(number, "env:CLIENT_1") for number in range(9)))
    await post.run()
    assert len(recording.attempts) == FAILURES + 1, "two are under way at once"
    await post.run_until(NOW + timedelta(minutes=2))
    assert len({one.key for one in recording.accepted()}) == 9


@pytest.mark.parametrize("scheme", ["pagerduty://key@api", "opsgenie://key"])
async def test_a_receiver_that_keeps_an_alert_of_each_incident_is_sent_no_digest(
    post: Post, recording: RecordingChannel, scheme: str
) -> None:
    post.environment["PAGER"] = scheme
    pages = [page("env:PAGER", key=f"INC-{number}/page/ada/1") for number in range(MOST + 5)]
    post.queue(*pages)
    await post.run()
    assert {one.key for one in recording.accepted()} == {one.key for one in pages}


async def test_an_end_that_cannot_be_recorded_takes_no_other_with_it(post: Post, recording: RecordingChannel) -> None:
    whole, later = post.outbox.record, NOW + timedelta(seconds=1)

    async def record(ended: Sequence[Ended]) -> None:
        await post.clock.sleep_until(later)
        if any(message.key.endswith("002") for message, _ in ended):
            raise RuntimeError("a fault of ours")
        await whole(ended)

    post.outbox.record = record
    post.queue(notice(1), notice(2), notice(3))
    await post.tick()
    await post.clock.set(later)
    await post.driver.idle()
    assert len(recording.attempts) == 3
    assert post.ends("INC-7/notice/001") == [("env:CLIENT_1", "accepted")]
    assert post.ends("INC-7/notice/003") == [("env:CLIENT_3", "accepted")]
    assert not any(stand.under_way for stand in post.outbox._stands.values())
