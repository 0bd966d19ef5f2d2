"""A webhook is posted what Apprise posts, with a key, and each answer has its verdict."""

import asyncio
import json
from datetime import timedelta
from time import monotonic  # noqa: TID251 - real sockets take real time

import pytest

from alerts.channels import verdict
from alerts.channels.apprise import AppriseChannels
from alerts.channels.verdict import Verdict
from alerts.channels.web import Post, retry_after
from alerts.message import ChannelKind, DeliveryState, MessageKind
from tests.alerts.channels.cast import DEADLINES, NOW, claim
from tests.alerts.channels.receivers import HttpReceiver
from tests.alerts.channels.services import service
from tests.alerts.channels.ways import ways

NO_ANSWER = verdict.no_answer(DEADLINES[MessageKind.PAGE])
ANSWERS = {
    "/ok": verdict.ACCEPTED,
    "/500": verdict.of_status(500),
    "/404": verdict.of_status(404),
    "/401": verdict.of_status(401),
    "/504": verdict.of_status(504),
    "/redirect": verdict.of_status(307),
    "/hang": NO_ANSWER,
    "/drip": NO_ANSWER,
    "/broken": verdict.BROKEN,
    "/silent-close": verdict.BROKEN,
    "/garbage": verdict.BROKEN,
}


@pytest.mark.parametrize(("path", "expected"), ANSWERS.items())
async def test_each_answer_has_its_verdict(receiver: HttpReceiver, path: str, expected: Verdict) -> None:
    async with ways() as out:
        delivery = await out.send(claim(), receiver.address(path), NOW)
    assert (delivery.state, delivery.reason, delivery.permanent) == (
        expected.state,
        expected.reason,
        expected.permanent,
    )
    assert delivery.why is expected.why
    assert [request.path for request in receiver.requests] == [path]


@pytest.mark.parametrize("query", ["", "?+X-Token=abc&:team=billing&:title=subject&:version=", "?method=put&-a=b%20c"])
async def test_a_receiver_is_posted_what_apprise_posts(
    channels: AppriseChannels, receiver: HttpReceiver, query: str
) -> None:
    address = receiver.address("/ok", query)
    async with ways() as out:
        await out.send(claim(), address, NOW)
    await channels.send(claim(), address, NOW)
    ours, theirs = receiver.requests
    assert json.loads(ours.body) == json.loads(theirs.body)
    same = ("content-type", "user-agent", "idempotency-key", "x-token")
    assert [ours.headers.get(name) for name in same] == [theirs.headers.get(name) for name in same]


async def test_too_many_says_how_long_to_stay_away() -> None:
    async with service() as far, ways() as out:
        far.answer(429, retry_after="17")
        delivery = await out.send(claim(), f"json://127.0.0.1:{far.port}/", NOW)
    assert (delivery.reason, delivery.retry_after) == ("refused (429)", timedelta(seconds=17))


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("0", timedelta()),
        (" 120 ", timedelta(minutes=2)),
        ("Mon, 02 Mar 2026 09:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 02 Mar 2026 08:00:00 GMT", timedelta()),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("9" * 30, None),
        ("Mon, 02 Mar 99999999999999999999 09:00:00 GMT", None),
    ],
)
def test_a_retry_after_is_read_as_seconds_or_as_a_date(told: str, read: timedelta | None) -> None:
    assert retry_after(told, NOW) == read


async def test_a_closed_port_is_unreachable_and_a_plain_one_is_not_trusted(
    receiver: HttpReceiver, unused_tcp_port: int
) -> None:
    async with ways() as out:
        closed = await out.send(claim(), f"json://127.0.0.1:{unused_tcp_port}/", NOW)
        plain = await out.send(claim(), receiver.address("/ok").replace("json:", "jsons:"), NOW)
    assert (closed.state, closed.reason) == (DeliveryState.REJECTED, "unreachable")
    assert (plain.state, plain.reason) == (DeliveryState.REJECTED, "unreachable: no trusted TLS connection")
    assert not receiver.requests


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"],
)
async def test_a_private_destination_is_refused_however_it_is_written(host: str) -> None:
    async with service() as far, ways(allow_private=False) as out:
        delivery = await out.send(claim(), f"json://{host}:{far.port}/", NOW)
    assert delivery.state is DeliveryState.REJECTED
    assert delivery.reason in {"private destination", "unparsable address", "unreachable"}
    assert not far.asked


async def test_what_is_checked_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1"])

    async def rebinding(host: object, port: int, **_: object) -> list[object]:
        return [(2, 1, 6, "", (next(answers), port))]

    async with service() as far, ways(allow_private=False) as out:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding)
        delivery = await out.send(claim(), f"json://rebinding.example:{far.port}/", NOW)
    assert delivery.state is DeliveryState.REJECTED
    assert not far.asked
    assert next(answers) == "127.0.0.1"


async def test_a_connection_is_used_again_and_hung_sends_hold_nothing_up(receiver: HttpReceiver) -> None:
    async with ways() as out:
        notices = [claim(f"env:CLIENT_{n}", kind=MessageKind.NOTICE) for n in range(40)]
        hanging = [
            asyncio.ensure_future(out.send(one, receiver.address(f"/hang/{n}"), NOW))  # noqa: TID251 - the test plays the driver
            for n, one in enumerate(notices)
        ]
        await receiver.until_hanging(40)
        before = monotonic()
        assert (await out.send(claim(), receiver.address("/ok"), NOW)).state is DeliveryState.ACCEPTED
        assert monotonic() - before < 1
        receiver.release()
        await asyncio.gather(*hanging)


async def test_a_message_leaves_over_no_kind_of_channel_that_its_reader_may_not_be_told_over(
    receiver: HttpReceiver,
) -> None:
    async with ways() as out:
        kept = await out.send(claim(kinds=(ChannelKind.MAIL,)), receiver.address("/ok"), NOW)
        sent = await out.send(claim(kinds=(ChannelKind.WEBHOOK,)), receiver.address("/ok"), NOW)
    assert kept.reason == verdict.KIND_NOT_ALLOWED.reason
    assert sent.state is DeliveryState.ACCEPTED
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "0", "[::ffff:7f00:1]"])
async def test_no_spelling_of_an_inner_address_leads_inside(receiver: HttpReceiver, host: str) -> None:
    async with ways(allow_private=False) as out:
        found = await out.web.send(Post(url=f"http://{host}:{receiver.port}/ok", deadline=timedelta(seconds=1)))
    assert isinstance(found, Verdict)
    assert (found.state, found.permanent, receiver.requests) == (DeliveryState.REJECTED, True, [])
