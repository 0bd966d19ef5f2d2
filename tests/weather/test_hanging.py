"""A channel hangs or refuses: nobody else waits for it, and a page goes by the person's next channel."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from alerts.channels.recording import PATIENCE, Answer
from alerts.message import DeliveryState, MessageKind
from monitor.sandbox.clients import COMPANIES
from monitor.sandbox.faults import Fault
from probes.catalog import SecretRef
from tests.real.process import eventually, vendors
from tests.real_parts import free_port
from tests.stories.day import Day, a_day
from tests.weather.chain import SHORT
from tests.weather.warm import Place, nursery

pytestmark = pytest.mark.story

SOON = timedelta(seconds=1)


def pagers(day: Day) -> list[SecretRef]:
    """Return the first channel of everybody who can be paged."""
    return [person.channels[0] for person in day.application.situation.config.roster.policies["integrations"].people]


def way(channel: str) -> str:
    """Return what kind of channel a reference names."""
    return channel.rpartition("_")[2]


def delays(day: Day, kind: MessageKind) -> list[timedelta]:
    """Return how long after it was written each accepted message of a kind was told."""
    return [
        delivery.ended - claim.message.created
        for claim, delivery in day.channel.attempts
        if claim.message.kind is kind and delivery.state is DeliveryState.ACCEPTED
    ]


@pytest.mark.parametrize(("answer", "wait"), [(Answer.HANG, PATIENCE), (Answer.REJECT, timedelta())])
async def test_a_page_whose_channel_does_not_take_it_goes_by_the_next_and_nobody_else_waits(
    tmp_path: Path, answer: Answer, wait: timedelta
) -> None:
    async with a_day(tmp_path) as day:
        for pager in pagers(day):
            day.channel.script(pager, answer, times=99)
        day.breaks(Fault.BILLING_ERROR_BODY)
        await day.advance(seconds=40)
        pages = [(claim, end) for claim, end in day.channel.attempts if claim.message.kind is MessageKind.PAGE]
        (first, _), (second, taken) = pages
        assert (way(first.channel), way(second.channel)) == ("PAGER", "MAIL")
        assert first.message.key == second.message.key
        assert taken.state is DeliveryState.ACCEPTED
        assert taken.ended - first.message.created == wait
        assert len(delays(day, MessageKind.NOTICE)) >= 12
        assert max(delays(day, MessageKind.NOTICE)) < SOON


async def test_clients_whose_channels_hang_delay_neither_the_page_nor_the_other_clients(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        clients = day.application.situation.config.catalog.clients.values()
        hung = {contact.channel for client in clients if client.tier == "platinum" for contact in client.contacts}
        for channel in hung:
            day.channel.script(channel, Answer.HANG, times=99)
        day.breaks(Fault.BILLING_ERROR_BODY)
        await day.advance(seconds=60)
        assert max(delays(day, MessageKind.PAGE)) < SOON
        told = delays(day, MessageKind.NOTICE)
        assert len(told) == len([client for client in clients if client.tier == "gold"])
        assert max(told) < SOON


@contextmanager
def hanging() -> Iterator[str]:
    """Yield the address of a receiver that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield f"json://127.0.0.1:{listener.getsockname()[1]}/"


def test_a_receiver_that_never_answers_delays_nobody_else_and_the_page_goes_by_mail(tmp_path: Path) -> None:
    with vendors() as sandbox, nursery() as started, hanging() as hung:
        secrets = dict(sandbox.configuration(tmp_path / "config"))
        secrets |= {name: hung for name in secrets if name.endswith("_PAGER")}
        copyfile(SHORT, tmp_path / "config" / "tiers.yaml")
        listen = f"127.0.0.1:{free_port()}"
        place = Place(config=tmp_path / "config", data=tmp_path / "data", listen=listen, secrets=secrets)
        started.start(place)
        eventually(lambda: place.get("/readyz"), "ready")
        sandbox.switch(Fault.BILLING_ERROR_BODY, on=True)

        def arrived(ending: str) -> list[datetime]:
            items = sandbox.inbox()["items"]
            return [datetime.fromisoformat(item["received"]) for item in items if item["box"].endswith(ending)]

        told_at_once = [one.id.upper().replace("-", "_") for one in COMPANIES if one.tier != "silver"]
        desks = sum(f"SANDBOX_{name}_DESK" in secrets for name in told_at_once)
        eventually(lambda: len(arrived("-desk")) >= desks, "the clients are told")
        told = sorted(arrived("-desk"))[desks - 1]
        eventually(lambda: [item for item in sandbox.inbox()["items"] if "/page/" in item["key"]], "the page arrives")
        (page,) = [item for item in sandbox.inbox()["items"] if "/page/" in item["key"]]
        assert page["box"].endswith("-mail")
        assert datetime.fromisoformat(page["received"]) > told
