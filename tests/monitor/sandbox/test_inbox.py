"""The inbox: what arrives by HTTP and by mail, from Apprise itself, and what it tells of it."""

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import apprise
import httpx
import pytest
import uvicorn

from monitor.sandbox.addresses import Addresses
from monitor.sandbox.app import sandbox
from monitor.sandbox.config import environment
from monitor.sandbox.inbox import KEPT, LARGEST, Carrier, Inbox, Letter
from monitor.sandbox.smtp import serve_mail
from monitor.sandbox.world import World
from tests.monitor.sandbox.settable import OPENER, Settable


@pytest.fixture
async def addresses(world: World, inbox: Inbox, clock: Settable) -> AsyncIterator[Addresses]:
    """Return the addresses of a sandbox on real sockets of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = sandbox(world, inbox, sleep=clock.sleep)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
    mail, smtp = await serve_mail(inbox)
    async with asyncio.timeout(20):
        serving = asyncio.gather(server.serve(sockets=[listening]))
        yield Addresses(http=f"http://127.0.0.1:{listening.getsockname()[1]}", smtp=smtp)
        server.should_exit = True
        await serving
    mail.close()


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "tierwatch@sandbox.example"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Invoices of Norte Energía are late.\nWe are on it.")
    return message


def send(smtp: str, *messages: EmailMessage) -> None:
    host, _, port = smtp.partition(":")
    with smtplib.SMTP(host, int(port), timeout=10) as connection:
        for message in messages:
            connection.send_message(message)


def notify(address: str) -> bool:
    asset = apprise.AppriseAsset(async_mode=False)
    sender = apprise.Apprise(asset=asset)
    assert sender.add(address)
    return bool(sender.notify(title="Invoices late", body="We are on it.", body_format=apprise.NotifyFormat.TEXT))


async def shown(http: httpx.AsyncClient, **query: str | int) -> dict[str, Any]:
    answer = await http.get("/inbox", headers=OPENER, params=query)
    assert answer.status_code == 200
    page: dict[str, Any] = answer.json()
    return page


async def test_what_is_posted_is_shown_newest_first_with_its_key(http: httpx.AsyncClient, clock: Settable) -> None:
    for number in (1, 2):
        clock.advance(seconds=1)
        message = {"title": f"Page {number}", "message": "Look now", "type": "failure"}
        answer = await http.post("/inbox/madrid-1", json=message, headers={"Idempotency-Key": f"key-{number}"})
        assert answer.json() == {"received": number}
    page = await shown(http)
    assert (page["total"], page["boxes"], page["kinds"]) == (2, {"madrid-1": 2}, {"http": 2})
    assert [item["subject"] for item in page["items"]] == ["Page 2", "Page 1"]
    assert page["items"][1] == {
        "number": 1,
        "received": "2026-03-02T10:00:01.000Z",
        "box": "madrid-1",
        "kind": "http",
        "subject": "Page 1",
        "body": "Look now",
        "key": "key-1",
        "to": "",
    }


async def test_a_box_can_be_looked_at_alone(http: httpx.AsyncClient) -> None:
    for box in ("acme", "umbra", "acme"):
        await http.post(f"/inbox/{box}", json={"title": box})
    assert [item["box"] for item in (await shown(http, box="acme"))["items"]] == ["acme", "acme"]
    assert [item["number"] for item in (await shown(http, limit=1))["items"]] == [3]


async def test_a_key_that_comes_again_is_counted_per_box(http: httpx.AsyncClient) -> None:
    for box, key in (("acme", "a"), ("umbra", "a"), ("acme", "b"), ("acme", "a"), ("acme", "")):
        await http.post(f"/inbox/{box}", json={"title": "x"}, headers={"Idempotency-Key": key})
    assert (await shown(http))["repeated"] == 1


@pytest.mark.parametrize("body", [b"", b"not json", b"[1]", b'"text"', b'{"title": "' + LARGEST * b"x" + b'"}'])
async def test_what_is_no_message_is_refused_and_not_kept(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post("/inbox/acme", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert (await shown(http))["total"] == 0


async def test_only_who_has_the_token_reads_the_inbox(http: httpx.AsyncClient) -> None:
    assert (await http.get("/inbox")).status_code == 401
    assert (await http.get("/inbox", headers={"Authorization": "Bearer wrong"})).status_code == 401
    assert (await http.get("/inbox", headers=OPENER)).status_code == 200


def test_the_inbox_keeps_the_last_few_thousand_and_counts_them_all(inbox: Inbox) -> None:
    for number in range(KEPT + 10):
        inbox.take(Letter(box="acme", kind=Carrier.HTTP, subject=str(number), body=""))
    assert inbox.summary()["total"] == KEPT + 10
    assert [receipt.letter.subject for receipt in inbox.receipts()][:: KEPT - 1] == [str(KEPT + 9), "10"]


async def test_a_mail_arrives_with_subject_recipient_text_and_key(addresses: Addresses, inbox: Inbox) -> None:
    message = mail(To="acme-mail@sandbox.example", Subject="Facturas con retraso: Energía", X_Idempotency_Key="key-7")
    await asyncio.to_thread(send, addresses.smtp, message)
    (receipt,) = inbox.receipts()
    assert receipt.letter == Letter(
        box="acme-mail",
        kind=Carrier.SMTP,
        subject="Facturas con retraso: Energía",
        body="Invoices of Norte Energía are late.\nWe are on it.\n",
        key="key-7",
        to="acme-mail@sandbox.example",
    )


async def test_a_mail_to_two_people_lies_in_both_boxes(addresses: Addresses, inbox: Inbox) -> None:
    await asyncio.to_thread(send, addresses.smtp, mail(To="one@sandbox.example, two@sandbox.example", Subject="x"))
    assert sorted(receipt.letter.box for receipt in inbox.receipts()) == ["one", "two"]


async def test_mails_and_posts_lie_in_one_inbox(addresses: Addresses) -> None:
    async with httpx.AsyncClient(base_url=addresses.http) as http:
        await http.post("/inbox/first", json={"title": "by HTTP"})
        await asyncio.to_thread(send, addresses.smtp, mail(To="second@sandbox.example", Subject="by mail"))
        page = await shown(http)
    assert [item["subject"] for item in page["items"]] == ["by mail", "by HTTP"]
    assert page["kinds"] == {"http": 1, "smtp": 1}


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's mail plugin loads it
async def test_apprise_reaches_the_inbox_by_the_demos_addresses(addresses: Addresses, inbox: Inbox) -> None:
    secrets = environment(addresses)
    page = secrets["SANDBOX_MADRID_1_PAGER"] + "?+Idempotency-Key=key-1"
    notice = secrets["SANDBOX_MADRID_1_MAIL"] + "&+X-Idempotency-Key=key-2"
    assert [await asyncio.to_thread(notify, address) for address in (page, notice)] == [True, True]
    by_mail, by_post = (receipt.letter for receipt in inbox.receipts())
    assert (by_post.box, by_post.kind, by_post.key) == ("madrid-1-pager", Carrier.HTTP, "key-1")
    assert (by_mail.box, by_mail.kind, by_mail.key) == ("madrid-1-mail", Carrier.SMTP, "key-2")
    assert {letter.subject for letter in (by_mail, by_post)} == {"Invoices late"}
    assert all("We are on it." in letter.body for letter in (by_mail, by_post))
