"""Webhooks come in by POST alone, byte by byte as they are signed; a refusal tells a stranger nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from starlette.types import Message

from monitor.web.access import Doors
from monitor.web.guard import LARGEST_WEBHOOK
from monitor.web.site import create
from probes.announced import Reception
from probes.catalog import SecretRef, SystemId, Webhooks
from probes.objectives import FailureRatio
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally, counted
from probes.webhook import Refusal
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.outline import Outline, whole
from tests.monitor.web.test_inbound import PUBLIC

SIGNED = {"X-Signature": "s"}


async def post(client: httpx.AsyncClient, body: bytes | AsyncIterator[bytes]) -> int:
    """Post a signed webhook and return the answer's status."""
    return (await client.post("/in/webhook/billing", content=body, headers=SIGNED)).status_code


def vendor(office: MemoryOffice) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create(office)), base_url=office.doors.address)


@pytest.mark.parametrize("doors", [None, PUBLIC])
async def test_what_is_stored_is_answered_in_the_vendors_own_way(doors: Doors | None) -> None:
    office = MemoryOffice(doors=doors)
    body = b'{"a":  1}\r\n'
    async with vendor(office) as client:
        answer = await client.post("/in/webhook/billing?x=1", content=body, headers=SIGNED)
    assert (answer.status_code, answer.text) == (200, "[accepted]")
    ((system, posted),) = office.posts
    assert (system, posted.body, posted.headers["x-signature"]) == ("billing", body, "s")
    assert posted.url == f"{office.doors.address}/in/webhook/billing?x=1"


@pytest.mark.parametrize(
    ("refusal", "status", "told"),
    [
        (Refusal.UNSIGNED, 401, "this is not signed as a webhook of a system"),
        (Refusal.FORGED, 401, "this is not signed as a webhook of a system"),
        (Refusal.STALE, 401, "its signature is right and its time too far from ours"),
        (Refusal.UNREADABLE, 422, "this is signed, and not the JSON"),
    ],
)
async def test_a_refusal_says_no_more_than_its_sender_may_know(refusal: Refusal, status: int, told: str) -> None:
    async with vendor(MemoryOffice()) as client:
        answer = await client.post("/in/webhook/billing", content=b"secret", headers={"X-Ending": refusal})
    assert answer.status_code == status
    assert answer.json()["error"]["message"].startswith(told)
    assert "secret" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_body_is_read_up_to_its_limit_whether_it_says_how_long_it_is_or_not() -> None:
    office = MemoryOffice()

    async def pieces(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 100_000

    async with vendor(office) as client:
        assert (await post(client, b"x" * LARGEST_WEBHOOK)) == 200
        assert (await post(client, b"x" * (LARGEST_WEBHOOK + 1))) == 413
        assert (await post(client, pieces(10))) == 200
        assert (await post(client, pieces(11))) == 413
    assert [len(posted.body) for _, posted in office.posts] == [LARGEST_WEBHOOK, LARGEST_WEBHOOK]


async def test_what_could_not_be_stored_is_not_accepted_and_nothing_but_a_post_is_taken() -> None:
    office = MemoryOffice()
    async with vendor(office) as client:
        assert (await client.get("/in/webhook/billing")).status_code == 405
        office.full = True
        assert (await post(client, b"{}")) == 503


async def test_a_sender_that_hangs_up_amid_its_webhook_is_counted_and_is_no_error_of_ours() -> None:
    office = MemoryOffice()
    came: list[Message] = [
        {"type": "http.request", "body": b'{"half": ', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return came.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", office.doors.address.removeprefix("http://").encode()), (b"content-length", b"20")]
    place = {"method": "POST", "path": "/in/webhook/billing", "query_string": b"", "headers": headers}
    await create(office)({"type": "http", "scheme": "http", "http_version": "1.1", **place}, receive, send)
    assert [one["status"] for one in sent if "status" in one] == [400]
    assert (office.cut, office.posts) == (["billing"], [])


def posted_to(reception: Reception | None) -> MemoryOffice:
    """Return an office whose billing posts webhooks, of which a look has shown that some were lost."""
    office = MemoryOffice()
    catalog = office.situation.config.catalog
    system = next(iter(catalog.systems))
    over = timedelta(hours=1)
    hooked = replace(
        catalog.systems[system],
        webhooks=Webhooks(secret=SecretRef("env:HOOK"), grace=over, lost=FailureRatio(below=0.01, over=over)),
    )
    systems = {**catalog.systems, system: hooked}
    office.situation.config = replace(office.situation.config, catalog=replace(catalog, systems=systems))
    if reception is not None:
        office.situation.receptions[system] = replace(reception, system=system)
        office.situation.refused[system] = 2
        for client in (None, next(iter(catalog.clients))):
            key = IndicatorKey(kind=IndicatorKind.WEBHOOKS_LOST, subject=system, client=client)
            tally = counted(Tally(over=over), good=8, bad=1, at=town.NOW)
            office.situation.indicators[str(key)] = Indicator(key=key, tally=tally)
    return office


async def test_the_systems_page_and_the_api_show_when_the_last_webhook_came_and_how_many_never_did() -> None:
    office = posted_to(Reception(system=SystemId(""), since=town.STARTED, last=town.NOW, events=17))
    system = next(iter(office.situation.config.catalog.systems))
    async with vendor(office) as client:
        page = (await client.get(f"/systems/{system}")).text
        (item,) = (await client.get("/api/v1/webhooks")).json()["items"]
    whole(page)
    text = Outline(page).text
    assert f"/in/webhook/{system}" in text
    assert "17 events so far" in text
    assert "1 of 9 records that looks showed" in text
    assert "2 webhooks since the start" in text
    assert (item["system"], item["events"], item["lost"], item["shown"], item["refused"]) == (system, 17, 1, 9, 2)
    assert list(item["lost_by_client"].values()) == [1]


async def test_before_the_first_webhook_the_page_asks_whether_it_is_registered() -> None:
    office = posted_to(None)
    system = next(iter(office.situation.config.catalog.systems))
    async with vendor(office) as client:
        assert "Is this address registered with the vendor?" in (await client.get(f"/systems/{system}")).text
        others = [one for one in office.situation.config.catalog.systems if one != system]
        assert "Webhooks" not in (await client.get(f"/systems/{others[0]}")).text
