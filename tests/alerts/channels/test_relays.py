"""Each reply of a relay, and each silence, says what it says by how far the mail had come."""

import asyncio

import pytest

from alerts.channels import relays, verdict
from alerts.channels.relays import Phase, of_reply
from alerts.message import DeliveryState, MessageKind
from tests.alerts.channels.cast import DEADLINES, NOW, claim
from tests.alerts.channels.relay import HANG_UP, SILENT, relay
from tests.alerts.channels.ways import ways

REFUSALS = {
    ("greeting", "554 go away"): ("refused (554)", False),
    ("MAIL", "550 5.7.1 not your sender"): ("refused (550 5.7.1)", False),
    ("RCPT", "550 5.1.1 no such user alice@example.com"): ("refused (550 5.1.1)", True),
    ("RCPT", "450 4.2.0 greylisted"): ("refused (450 4.2.0)", False),
    ("RCPT", "452 too many"): ("refused (452)", False),
    ("DATA", "554 no"): ("refused (554)", True),
    (".", "552 5.3.4 too large"): ("refused (552 5.3.4)", True),
    (".", "451 later"): ("refused (451)", False),
    ("RCPT", "530 5.7.0 STARTTLS first"): ("refused (530 5.7.0)", False),
}
BEFORE = "the connection broke before the mail was handed over"
HANG_UPS = {"greeting": "unreachable", "EHLO": BEFORE, "MAIL": BEFORE, "RCPT": BEFORE}


@pytest.mark.parametrize(("act", "expected"), REFUSALS.items())
async def test_a_refusal_says_its_code_and_never_the_relays_words(
    act: tuple[str, str], expected: tuple[str, bool]
) -> None:
    async with relay() as far, ways() as out:
        far.acts[act[0]] = act[1]
        delivery = await out.send(claim(), far.address(), NOW)
    assert delivery.state is DeliveryState.REJECTED
    assert (delivery.reason, delivery.permanent) == expected


@pytest.mark.parametrize(("step", "reason"), HANG_UPS.items())
async def test_a_hang_up_before_the_text_is_a_rejection(step: str, reason: str) -> None:
    async with relay() as far, ways() as out:
        far.acts[step] = HANG_UP
        delivery = await out.send(claim(), far.address(), NOW)
    assert (delivery.state, delivery.permanent) == (DeliveryState.REJECTED, False)
    assert delivery.reason in {reason, "unreachable"}


@pytest.mark.parametrize("act", [HANG_UP, SILENT])
async def test_after_the_text_nobody_knows(act: str) -> None:
    async with relay() as far, ways() as out:
        far.acts["."] = act
        delivery = await out.send(claim(), far.address(), NOW)
    expected = verdict.BROKEN if act == HANG_UP else verdict.no_answer(DEADLINES[MessageKind.PAGE])
    assert (delivery.state, delivery.reason) == (DeliveryState.UNKNOWN, expected.reason)


@pytest.mark.answers("caronc/apprise#244")
@pytest.mark.parametrize("step", ["greeting", "EHLO", "RCPT"])
async def test_silence_before_the_text_is_a_rejection(step: str) -> None:
    async with relay() as far, ways() as out:
        far.acts[step] = SILENT
        delivery = await out.send(claim(), far.address(), NOW)
    assert (delivery.state, delivery.permanent) == (DeliveryState.REJECTED, False)
    assert delivery.reason in {
        "unreachable: no connection within 1 s",
        "no answer within 1 s, before the mail was handed over",
    }


async def test_a_dead_relay_is_unreachable_and_a_private_one_refused(unused_tcp_port: int) -> None:
    dead = f"mailto://127.0.0.1:{unused_tcp_port}?from=a@example.com&to=b@example.com"
    async with ways() as out, ways(allow_private=False) as careful, relay() as far:
        assert (await out.send(claim(), dead, NOW)).reason == "unreachable"
        refused = await careful.send(claim(), far.address(), NOW)
    assert (refused.reason, refused.permanent, far.connections) == ("private destination", True, 0)


async def test_a_relay_without_trusted_tls_gets_no_mail() -> None:
    async with relay() as far, ways() as out:
        address = far.address().replace("mailto:", "mailtos:")
        tls = await out.send(claim(), f"{address}&mode=ssl", NOW)
        starttls = await out.send(claim(), f"{address}&mode=starttls", NOW)
    assert tls.reason == "unreachable: no trusted TLS connection"
    assert starttls.reason == "refused: the relay does not offer what the address asks"
    assert not far.mails


async def test_a_connection_is_kept_and_a_refusal_does_not_end_it() -> None:
    async with relay() as far, ways() as out:
        await out.send(claim(), far.address(), NOW)
        far.acts["RCPT"] = "550 no"
        await out.send(claim(), far.address(), NOW)
        del far.acts["RCPT"]
        last = await out.send(claim(), far.address(), NOW)
    assert last.state is DeliveryState.ACCEPTED
    assert (far.connections, len(far.mails)) == (1, 2)


@pytest.mark.parametrize("act", [HANG_UP, "421 idle for too long"])
async def test_a_kept_connection_that_the_relay_gave_up_is_replaced_before_anything_is_sent(act: str) -> None:
    async with relay() as far, ways() as out:
        await out.send(claim(), far.address(), NOW)
        far.once["MAIL"] = act
        assert (await out.send(claim(), far.address(), NOW)).state is DeliveryState.ACCEPTED
    assert (far.connections, len(far.mails)) == (2, 2)


async def test_a_relay_sees_no_more_connections_than_it_should_and_each_mail_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relays, "MAILS_A_LINE", 7)
    async with relay() as far, ways() as out:
        claims = [claim(f"env:C{n}", kind=MessageKind.NOTICE, key=f"INC-7/notice/{n}") for n in range(60)]
        done = await asyncio.gather(
            *(out.send(one, far.address(f"c{n}@example.com"), NOW) for n, one in enumerate(claims))
        )
        assert {one.state for one in done} == {DeliveryState.ACCEPTED}
    assert len({to for _, to, _ in far.mails}) == len(far.mails) == 60
    assert far.connections <= 16


@pytest.mark.parametrize("phase", Phase)
def test_what_is_said_of_us_is_never_for_good(phase: Phase) -> None:
    found = of_reply(550, "5.7.1 no", phase)
    assert found.permanent is (phase in {Phase.RECIPIENT, Phase.TEXT})


async def test_a_goodbye_that_hangs_takes_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "MAILS_A_LINE", 1)
    async with relay() as far, ways() as out:
        far.acts["QUIT"] = SILENT
        delivery = await out.send(claim(), far.address(), NOW)
    assert (delivery.state, len(far.mails)) == (DeliveryState.ACCEPTED, 1)


async def test_a_relay_that_hangs_after_its_refusal_has_refused() -> None:
    async with relay() as far, ways() as out:
        far.acts |= {"RCPT": "550 5.1.1 no such user", "RSET": SILENT}
        delivery = await out.send(claim(), far.address(), NOW)
    assert (delivery.state, delivery.reason, delivery.permanent) == (
        DeliveryState.REJECTED,
        "refused (550 5.1.1)",
        True,
    )


async def test_a_mailbox_that_has_its_mail_gets_no_second_one_for_anothers_sake() -> None:
    async with relay() as far, ways() as out:
        address = far.address("ada@example.com,ben@example.com")
        far.once["RCPT"] = "450 4.2.0 greylisted"
        first = await out.send(claim(), address, NOW)
        again = await out.send(claim(attempt=2), address, NOW)
    assert (first.state, first.permanent, again.state) == (DeliveryState.REJECTED, False, DeliveryState.ACCEPTED)
    assert sorted(to for _, to, _ in far.mails) == ["RCPT TO:<ada@example.com>", "RCPT TO:<ben@example.com>"]
