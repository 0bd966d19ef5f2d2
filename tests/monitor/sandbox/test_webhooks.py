"""The billing's webhooks: only when asked, to this machine, signed, repeated until taken, and as faulty as told."""

import json

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.sandbox.app import sandbox
from monitor.sandbox.dialects.webhooks import Webhooks, secret, signature
from monitor.sandbox.faults import Fault
from monitor.sandbox.inbox import Inbox
from monitor.sandbox.traffic import Kind
from monitor.sandbox.world import World
from tests.monitor.sandbox.settable import OPENER, Settable

HERE = "http://127.0.0.1:1/in/webhook/billing"


class Receiver:
    """Keeps what is posted, and answers with a status that can be set."""

    def __init__(self) -> None:
        self.status = 202
        self.got: list[tuple[str, bytes]] = []
        app = Starlette(routes=[Route("/in/webhook/billing", self._take, methods=["POST"])])
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app))

    async def _take(self, request: Request) -> Response:
        self.got.append((request.headers["stripe-signature"], await request.body()))
        return Response(status_code=self.status)


async def test_each_charge_and_invoice_is_told_once_and_signed(world: World, clock: Settable) -> None:
    webhooks, receiver = Webhooks(world), Receiver()
    clock.advance(seconds=5)
    assert await webhooks.send(receiver.client) == 0, "nobody has asked"
    webhooks.ask(HERE)
    asked = clock.now()
    clock.advance(seconds=5)
    taken = await webhooks.send(receiver.client)
    made = [order.id for kind in (Kind.CHARGE, Kind.INVOICE) for order in world.orders(kind).since(asked)]
    bodies = [json.loads(body) for _, body in receiver.got]
    assert taken == len(made) > 30
    assert {body["data"]["object"]["id"] for body in bodies} == set(made)
    assert {body["type"] for body in bodies} <= {"invoice.created", "charge.succeeded", "charge.failed"}
    assert all(header == signature(body, clock.now(), secret()) for header, body in receiver.got)
    assert await webhooks.send(receiver.client) == 0


async def test_what_is_not_taken_is_posted_again_for_a_while(world: World, clock: Settable) -> None:
    webhooks, receiver = Webhooks(world), Receiver()
    webhooks.ask(HERE)
    receiver.status = 503
    clock.advance(seconds=1)
    assert await webhooks.send(receiver.client) == 0
    refused = len(receiver.got)
    receiver.status = 202
    assert await webhooks.send(receiver.client) == refused > 5


async def test_lost_ones_never_come_and_forged_ones_have_another_signature(world: World, clock: Settable) -> None:
    webhooks, receiver = Webhooks(world), Receiver()
    webhooks.ask(HERE)
    world.switch(Fault.WEBHOOKS_LOST, on=True)
    clock.advance(seconds=5)
    world.switch(Fault.WEBHOOKS_LOST, on=False)
    assert await webhooks.send(receiver.client) == 0
    world.switch(Fault.WEBHOOKS_FORGED, on=True)
    clock.advance(seconds=1)
    assert await webhooks.send(receiver.client) > 0
    assert not any(header == signature(body, clock.now(), secret()) for header, body in receiver.got)


@pytest.mark.parametrize(("to", "status"), [(HERE, 200), ("https://vendor.example/in", 400), ("", 400)])
async def test_a_button_asks_for_them_and_they_stay_on_this_machine(
    world: World, inbox: Inbox, clock: Settable, to: str, status: int
) -> None:
    webhooks = Webhooks(world)
    app = sandbox(world, inbox, sleep=clock.sleep, token="opener", webhooks=webhooks)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as http:
        assert (await http.post("/control/webhooks", params={"to": to})).status_code == 401
        assert (await http.post("/control/webhooks", params={"to": to}, headers=OPENER)).status_code == status
    assert webhooks.to == (to if status == 200 else "")
