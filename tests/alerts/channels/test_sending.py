"""What comes of a send, by what the receiver does; the receivers are real."""

import asyncio
import json
from dataclasses import replace
from time import monotonic  # noqa: TID251 - real sockets take real time

import pytest

from alerts.channels import verdict
from alerts.channels.apprise import AppriseChannels
from alerts.channels.verdict import Verdict
from alerts.message import DeliveryState, MessageKind, MessageState
from alerts.settlement import channel_for, settlement
from tests.alerts.channels.cast import DEADLINES, NOW, claim
from tests.alerts.channels.receivers import HttpReceiver, MailReceiver


async def test_an_accepted_message_says_what_it_says(channels: AppriseChannels, receiver: HttpReceiver) -> None:
    delivery = await channels.send(claim(), receiver.address("/ok"), NOW)
    assert (delivery.state, delivery.reason, delivery.permanent) == (DeliveryState.ACCEPTED, "accepted", False)
    said = json.loads(receiver.requests[0].body)
    assert said["title"] == "Flow invoices is late: 3 clients hurt"
    assert said["message"] == "Acknowledge: https://tierwatch.example.com/incidents/INC-7"
    assert said["type"] == "failure"


NO_ANSWER = verdict.no_answer(DEADLINES[MessageKind.PAGE])
ANSWERS = {
    "/500": verdict.of_status(500),
    "/503": verdict.of_status(503),
    "/404": verdict.of_status(404),
    "/410": verdict.of_status(410),
    "/401": verdict.of_status(401),
    "/429": verdict.of_status(429),
    "/504": verdict.of_status(504),
    "/redirect": verdict.of_status(307),
    "/hang": NO_ANSWER,
    "/drip": NO_ANSWER,
    "/broken": verdict.BROKEN,
    "/silent-close": verdict.BROKEN,
    "/garbage": verdict.BROKEN,
}


@pytest.mark.parametrize(("path", "expected"), ANSWERS.items())
async def test_each_answer_has_its_verdict(
    channels: AppriseChannels, receiver: HttpReceiver, path: str, expected: Verdict
) -> None:
    delivery = await channels.send(claim(), receiver.address(path), NOW)
    assert delivery == replace(expected.delivery(claim(), NOW, delivery.ended), endpoint=delivery.endpoint)
    assert len(receiver.asked(path)) == 1


async def test_a_closed_port_is_unreachable(channels: AppriseChannels, unused_tcp_port: int) -> None:
    delivery = await channels.send(claim(), f"json://127.0.0.1:{unused_tcp_port}/", NOW)
    assert (delivery.state, delivery.reason, delivery.permanent) == (DeliveryState.REJECTED, "unreachable", False)


async def test_a_plain_port_is_not_trusted_over_tls(channels: AppriseChannels, receiver: HttpReceiver) -> None:
    delivery = await channels.send(claim(), receiver.address("/ok").replace("json:", "jsons:"), NOW)
    assert (delivery.state, delivery.reason) == (DeliveryState.REJECTED, "unreachable: no trusted TLS connection")
    assert not receiver.requests


@pytest.mark.parametrize("query", ["", "?redirect=yes", "?redirect=yes&retry=3&wait=0"])
async def test_a_redirect_never_posts_again(channels: AppriseChannels, receiver: HttpReceiver, query: str) -> None:
    await channels.send(claim(), receiver.address("/redirect", query), NOW)
    assert [request.path for request in receiver.requests] == ["/redirect"]


@pytest.mark.parametrize("query", ["?optional=yes", "?retry=5&wait=0", "?optional=yes&retry=2&wait=0"])
async def test_what_an_address_asks_of_apprise_changes_neither_verdict_nor_count(
    channels: AppriseChannels, receiver: HttpReceiver, query: str
) -> None:
    delivery = await channels.send(claim(), receiver.address("/503", query), NOW)
    assert delivery.state is DeliveryState.REJECTED
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("scheme", ["json", "xml", "form"])
async def test_every_attempt_carries_the_same_idempotency_key(
    channels: AppriseChannels, receiver: HttpReceiver, scheme: str
) -> None:
    address = receiver.address("/503").replace("json:", f"{scheme}:")
    for attempt in (1, 2, 3):
        await channels.send(claim(attempt=attempt), address, NOW)
    assert [request.headers["idempotency-key"] for request in receiver.requests] == ["INC-7/page/ada/1"] * 3


async def test_a_key_that_no_header_can_carry_is_replaced_by_its_hash(
    channels: AppriseChannels, receiver: HttpReceiver
) -> None:
    delivery = await channels.send(claim(key="a\r\nX-Evil: 1"), receiver.address("/ok"), NOW)
    assert delivery.state is DeliveryState.ACCEPTED
    assert len(receiver.requests[0].headers["idempotency-key"]) == 64
    assert "x-evil" not in receiver.requests[0].headers


async def test_mail_arrives_with_its_key_and_as_plain_text(channels: AppriseChannels, mailbox: MailReceiver) -> None:
    delivery = await channels.send(claim(body="1 < 2 & <b>bold</b>"), mailbox.address("ada@example.com"), NOW)
    assert delivery.state is DeliveryState.ACCEPTED
    ((recipients, mail),) = mailbox.mails
    assert recipients == ("ada@example.com",)
    assert mail["X-Idempotency-Key"] == "INC-7/page/ada/1"
    assert mail["Subject"] == "Flow invoices is late: 3 clients hurt"
    assert mail.get_content_type() == "text/plain"
    assert "1 < 2 & <b>bold</b>" in mail.as_string()


@pytest.mark.parametrize("code", [550, 554, 535, 451, 421])
async def test_a_refused_recipient_has_the_servers_code(
    channels: AppriseChannels, mailbox: MailReceiver, code: int
) -> None:
    delivery = await channels.send(claim(), mailbox.address(f"{code}@example.com"), NOW)
    assert (delivery.state, delivery.reason) == (DeliveryState.REJECTED, f"refused ({code})")
    assert delivery.permanent is (code in {550, 554})


@pytest.mark.parametrize("kind", MessageKind)
async def test_each_kind_of_message_arrives(
    channels: AppriseChannels, receiver: HttpReceiver, kind: MessageKind
) -> None:
    delivery = await channels.send(claim(kind=kind), receiver.address("/ok"), NOW)
    assert delivery.state is DeliveryState.ACCEPTED


@pytest.mark.trials
async def test_500_mails_arrive_once_each(channels: AppriseChannels, mailbox: MailReceiver) -> None:
    limit = asyncio.Semaphore(20)

    async def send(number: int) -> DeliveryState:
        async with limit:
            one = claim(f"env:CLIENT_{number}", kind=MessageKind.NOTICE, key=f"INC-7/notice/{number}")
            return (await channels.send(one, mailbox.address(f"client-{number}@example.com"), NOW)).state

    channels.deadlines = {kind: channels.deadlines[kind] * 60 for kind in MessageKind}
    states = await asyncio.gather(*(send(number) for number in range(500)))
    assert set(states) == {DeliveryState.ACCEPTED}
    assert sorted((to, mail["X-Idempotency-Key"]) for (to,), mail in mailbox.mails) == sorted(
        (f"client-{number}@example.com", f"INC-7/notice/{number}") for number in range(500)
    )


async def test_a_page_is_not_delayed_by_notices_that_hang(channels: AppriseChannels, receiver: HttpReceiver) -> None:
    hanging = [
        asyncio.ensure_future(  # noqa: TID251 - the test plays the driver
            channels.send(claim(f"env:CLIENT_{n}", kind=MessageKind.NOTICE), receiver.address(f"/hang/{n}"), NOW)
        )
        for n in range(12)
    ]
    await receiver.until_hanging(12)
    before = monotonic()
    delivery = await channels.send(claim(), receiver.address("/ok"), NOW)
    assert delivery.state is DeliveryState.ACCEPTED
    assert monotonic() - before < 2
    assert {one.state for one in await asyncio.gather(*hanging)} == {DeliveryState.UNKNOWN}


async def test_a_channel_that_keeps_hanging_is_passed_over_at_once(
    channels: AppriseChannels, receiver: HttpReceiver
) -> None:
    # A server that drips lets no read time out: the threads of these sends stay.
    drips = [channels.send(claim(), receiver.address(f"/drip/{n}"), NOW) for n in range(2)]
    assert {one.reason for one in await asyncio.gather(*drips)} == {"no answer within 1 s"}
    third = await channels.send(claim(), receiver.address("/ok"), NOW)
    assert (third.state, third.permanent) == (DeliveryState.REJECTED, False)
    assert third.reason == "busy with earlier messages that it has not answered"
    assert not receiver.asked("/ok")
    other = await channels.send(claim("env:OTHER"), receiver.address("/ok"), NOW)
    assert other.state is DeliveryState.ACCEPTED


async def test_a_channel_that_answers_again_is_used_again(channels: AppriseChannels, receiver: HttpReceiver) -> None:
    drips = [channels.send(claim(), receiver.address(f"/drip/{n}"), NOW) for n in range(2)]
    await asyncio.gather(*drips)
    receiver.release()
    for _ in range(500):
        delivery = await channels.send(claim(), receiver.address("/ok"), NOW)
        if delivery.state is DeliveryState.ACCEPTED:
            break
        await asyncio.sleep(0.01)  # noqa: TID251 - its threads end in real time
    assert delivery.state is DeliveryState.ACCEPTED


@pytest.mark.parametrize("first", ["/503", "/hang", "/404"])
async def test_a_page_goes_by_the_next_channel(channels: AppriseChannels, receiver: HttpReceiver, first: str) -> None:
    addresses = {"env:PAGER": receiver.address(first), "env:PHONE": receiver.address("/ok")}
    one = claim("env:PAGER", channels=tuple(addresses))
    settled = settlement(one.message, await channels.send(one, addresses[one.channel], NOW))
    assert (settled.state, settled.next_at) == (MessageState.QUEUED, NOW)
    two = claim(channel_for(one.message.channels, 2), channels=tuple(addresses), attempt=2)
    settled = settlement(two.message, await channels.send(two, addresses[two.channel], NOW))
    assert settled.state is MessageState.ACCEPTED
    keys = {request.headers["idempotency-key"] for request in receiver.requests}
    assert keys == {"INC-7/page/ada/1"}
