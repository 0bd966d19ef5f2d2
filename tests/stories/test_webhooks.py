"""What a vendor posts by itself: sooner than the next look, counted once, refused when forged, missed when lost.

Any back-filled row means that a webhook was lost; elsewhere nobody looks at that number.
"""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from alerts.alert import AlertState
from monitor.clock import SettableClock
from monitor.sandbox.clients import COMPANIES
from monitor.sandbox.dialects.webhooks import Webhooks, secret, signature
from monitor.sandbox.faults import Fault
from monitor.sandbox.traffic import Kind
from monitor.web.site import create
from probes.catalog import ProbeId, SystemId
from tests.stories.day import MORNING, Day, a_day
from tests.stories.test_a_nightly_run import locked

pytestmark = pytest.mark.story

LOST = "webhooks_lost/billing"
BILLING = SystemId("billing")
PROBE = ProbeId("billing.charges")
SENTENCE = (
    r"\d+ of \d+ records that looks at billing showed in 30 min came without a webhook \([\d.]+ %, allowed 1 %\), "
    r"\d+ clients, most of [a-z0-9-]+ \(\d+\); the last webhook came at 2026-03-04 08:00:\d\d UTC; "
    r"\d+ were refused since the start"
)


def _looked_at(folder: Path, billing: str) -> None:
    """Let the billing be looked at this often, and the other systems once a minute: they are not what is told here."""
    systems = folder / "systems.yaml"
    text = systems.read_text().replace("every: 3s", f"every: {billing}").replace("every: 2s", "every: 1m")
    systems.write_text(text)


@asynccontextmanager
async def posting(day: Day) -> AsyncIterator[tuple[Webhooks, httpx.AsyncClient]]:
    """Have the sandbox's billing post its webhooks to the day's application."""
    webhooks = Webhooks(day.world)
    webhooks.ask(f"{day.application.doors.address}/in/webhook/billing")
    transport = httpx.ASGITransport(create(day.application))
    async with httpx.AsyncClient(transport=transport) as client:
        yield webhooks, client


async def passes(day: Day, webhooks: Webhooks, client: httpx.AsyncClient, *, seconds: int, step: int = 5) -> int:
    """Let time pass while webhooks go out; return how many were taken."""
    taken = 0
    for _ in range(0, seconds, step):
        await day.advance(seconds=step)
        taken += await webhooks.send(client)
    return taken


def counted(day: Day, name: str) -> float:
    """Return a counter's sum over the labels that it has for the billing."""
    families = text_string_to_metric_families(day.application.metrics().decode())
    samples = (one for family in families for one in family.samples if one.name == f"tierwatch_{name}")
    return sum(one.value for one in samples if one.labels.get("system") == "billing")


def charged(day: Day, until: datetime) -> int:
    """Return how many charges there have been of clients whose failures are counted."""
    catalog = day.application.situation.config.catalog
    watched = {client for client in catalog.clients if catalog.tier_of(client).objectives.failure_ratio is not None}
    charges = day.world.orders(Kind.CHARGE).since(None)
    return sum(order.client.id in watched and order.created <= until for order in charges)


async def test_a_webhook_beats_the_next_look_and_neither_counts_a_record_twice(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=partial(_looked_at, billing="1m")) as day:
        await day.advance(minutes=1)
        looks, seen = counted(day, "probe_runs_total"), counted(day, "records_good_total")
        cursor = day.application.situation.cursors[PROBE]
        sight = day.application.situation.sights[PROBE]
        await day.advance(seconds=max(0.0, (sight.next_due - day.clock.now()).total_seconds() - 20))
        async with posting(day) as (webhooks, client):
            assert await passes(day, webhooks, client, seconds=8, step=4) > 60
            if counted(day, "probe_runs_total") == looks:
                assert counted(day, "records_good_total") > seen + 20, "found before any look shows it"
            assert day.application.situation.cursors[PROBE].watermark == cursor.watermark, "no webhook moves a cursor"
            told_until = day.clock.now()

            while sight.last is None or sight.last.sent <= told_until:
                await day.advance(seconds=5)
            both = counted(day, "records_good_total") + counted(day, "records_bad_total")
            assert both == charged(day, sight.last.sent), "what both told of counts once"
            assert counted(day, "webhook_announced_total") > 10
            assert counted(day, "webhook_lost_total") == 0


@pytest.mark.answers(
    "monetr/monetr#1463", "mozilla/fxa#10870", "product-os/jellyfish#3840", "DanielRojas-hub/twenty-chatwoot-suite#28"
)
async def test_lost_webhooks_are_named_with_their_numbers_and_forged_and_repeated_ones_count_for_nothing(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path, configure=partial(_looked_at, billing="5s")) as day, posting(day) as (webhooks, client):
        assert await passes(day, webhooks, client, seconds=8, step=4) > 60
        day.breaks(Fault.WEBHOOKS_FORGED)
        assert await passes(day, webhooks, client, seconds=1, step=1) == 0
        day.mends(Fault.WEBHOOKS_FORGED)
        day.breaks(Fault.WEBHOOKS_LOST)
        assert day.application.situation.refused[BILLING] >= 5
        await passes(day, webhooks, client, seconds=45, step=15)

        alert = day.application.situation.alerts[LOST]
        assert alert.state is AlertState.FIRING
        assert re.fullmatch(SENTENCE, alert.explanation), alert.explanation
        assert day.incidents == [], "nobody is hurt by it yet"
        assert counted(day, "webhook_lost_total") > 20
    # A restart forgets nothing of it.
    async with a_day(tmp_path, clock=day.clock, world=day.world) as again:
        assert again.application.situation.alerts[LOST].state is AlertState.FIRING
        assert again.application.situation.announcements != {}


async def test_a_replayed_webhook_counts_once_over_a_restart_and_an_old_one_is_refused(tmp_path: Path) -> None:
    clock = SettableClock(MORNING)
    async with a_day(tmp_path, clock=clock, configure=partial(_looked_at, billing="10m")) as day:
        assert await post(day, MORNING) == 202
        assert await post(day, MORNING) == 202
        assert (counted(day, "records_bad_total"), counted(day, "webhooks_total")) == (1, 2)
        await clock.set(MORNING + timedelta(minutes=6))
        assert await post(day, MORNING) == 401, "whoever has caught it on its way cannot use it later"
        assert await post(day, clock.now(), key="guessed") == 401
    async with a_day(tmp_path, clock=clock, configure=partial(_looked_at, billing="10m")) as day:
        assert await post(day, clock.now()) == 202, "the vendor repeats it, signed anew"
        assert counted(day, "records_bad_total") == 0, "it was counted before the restart"
        assert day.application.situation.receptions[BILLING].events == 1


async def test_what_cannot_be_stored_or_verified_is_sent_again_and_taken_then(tmp_path: Path) -> None:
    clock = SettableClock(MORNING)
    async with a_day(tmp_path, clock=clock, configure=partial(_looked_at, billing="10m")) as day:
        with locked(day):
            assert await post(day, MORNING) == 503
        assert counted(day, "records_bad_total") == 0
        assert await post(day, MORNING) == 202
        assert counted(day, "records_bad_total") == 1
    async with a_day(tmp_path, clock=clock, configure=_without_its_secret) as day:
        assert await post(day, clock.now()) == 503, "whether it is the vendor's, nobody can tell"
        assert counted(day, "webhooks_total") == 0


def _without_its_secret(folder: Path) -> None:
    systems = folder / "systems.yaml"
    systems.write_text(systems.read_text().replace("env:SANDBOX_BILLING_WEBHOOKS", "env:NOT_SET_AT_ALL"))


async def post(day: Day, stamped: datetime, key: str = "") -> int:
    """Post the same failed charge, signed at an instant; return the answer's status."""
    customer = COMPANIES[0].customer
    record = {"id": "ch_1", "created": int(MORNING.timestamp()) - 5, "customer": customer, "status": "failed"}
    body = json.dumps({"id": "evt_1", "type": "charge.failed", "data": {"object": record}}).encode()
    headers = {"Stripe-Signature": signature(body, stamped, key or secret())}
    transport = httpx.ASGITransport(create(day.application))
    async with httpx.AsyncClient(transport=transport, base_url=day.application.doors.address) as client:
        return (await client.post("/in/webhook/billing", content=body, headers=headers)).status_code
