"""The demo's configuration: it loads without a finding, and its connectors read the sandbox's lists whole."""

import ssl
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from monitor.load import Config, load
from monitor.sandbox.addresses import Addresses
from monitor.sandbox.app import sandbox
from monitor.sandbox.config import write
from monitor.sandbox.faults import Fault
from monitor.sandbox.inbox import Inbox
from monitor.sandbox.world import World
from monitor.secrets import Secrets
from probes.adapters.http import HttpxTransport, shared_client
from probes.adapters.look import Instruments, Look, look
from probes.budget import Balance, Grant, Purpose
from probes.catalog import Probe
from probes.failure import FailureClass, Outcome
from probes.observation import Observation
from probes.plan import intervals, probes_of
from tests.monitor.sandbox.settable import START, Settable

ADDRESSES = Addresses(http="http://127.0.0.1:4", smtp="127.0.0.1:5")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return the demo's configuration as it is loaded in a process that has its secrets."""
    for name, value in write(tmp_path, ADDRESSES).items():
        monkeypatch.setenv(name, value)
    loaded = load(tmp_path, now=START)
    assert [str(problem) for problem in (*loaded.errors, *loaded.findings)] == []
    assert loaded.config is not None
    return loaded.config


def probe_of(config: Config, name: str) -> Probe:
    return next(probe for probe in probes_of(config.catalog) if f"{probe.system}.{probe.resource}" == name)


async def looked(config: Config, name: str, world: World, clock: Settable, since: datetime) -> Observation:
    app = sandbox(world, Inbox(clock.now), sleep=clock.sleep)
    probe = probe_of(config, name)
    system = config.catalog.systems[probe.system]
    assert system.credential is not None
    secret = Secrets().resolve(system.credential)

    def granted(purpose: Purpose, now: datetime) -> Grant:
        return Grant(granted=True, wait=timedelta(), balance=Balance())

    async with shared_client(ssl.create_default_context(), httpx.ASGITransport(app)) as client:
        instruments = Instruments(transport=HttpxTransport(client), take=granted, now=clock.now)
        return await look(Look(probe=probe, system=system, secret=secret, since=since), instruments)


def test_there_are_four_platinum_eight_gold_and_twelve_silver_clients_in_five_zones(config: Config) -> None:
    clients = config.catalog.clients.values()
    assert Counter(client.tier for client in clients) == {"platinum": 4, "gold": 8, "silver": 12}
    assert len({client.timezone for client in clients}) == 5
    assert config.allow_private_destinations


def test_everybody_can_be_told_and_who_is_promised_when_waits_for_nobodys_approval(config: Config) -> None:
    for client in config.catalog.clients.values():
        tier = config.catalog.tier_of(client.id)
        assert client.contacts
        assert (tier.sla.first_notice is not None) is (tier.notices == "automatic")


def test_every_secret_that_the_configuration_names_is_there_and_no_other(config: Config, tmp_path: Path) -> None:
    assert {f"env:{name}" for name in write(tmp_path, ADDRESSES)} == set(config.secrets)


def test_the_contracts_say_that_they_are_short(tmp_path: Path) -> None:
    write(tmp_path, ADDRESSES)
    for file in ("tiers.yaml", "clients.yaml"):
        assert "deliberately short" in (tmp_path / file).read_text().replace("\n# ", " ")


def test_every_list_is_looked_at_every_few_seconds(config: Config) -> None:
    planned = intervals(config.catalog)
    watched = {f"{probe.system}.{probe.resource}": planned[probe.id] for probe in probes_of(config.catalog)}
    assert watched.keys() == {"billing.invoices", "billing.charges", "gateway.payments", "erp.invoices"}
    assert all(timedelta(seconds=2) <= interval <= timedelta(seconds=3) for interval in watched.values())


@pytest.mark.parametrize("name", ["billing.invoices", "billing.charges", "gateway.payments", "erp.invoices"])
async def test_each_list_is_read_whole_with_every_record_of_a_known_client(
    config: Config, world: World, clock: Settable, name: str
) -> None:
    clock.advance(minutes=2)
    seen = await looked(config, name, world, clock, START)
    assert (seen.outcome, seen.reason, seen.whole) == (Outcome.GOOD, "", True)
    assert len(seen.records) > 500
    assert seen.requests > 2
    clients = {config.catalog.client_in(seen.system, record.client) for record in seen.records}
    assert clients == set(config.catalog.clients)


async def test_both_ends_of_the_flow_carry_the_same_identifier(config: Config, world: World, clock: Settable) -> None:
    (flow,) = config.catalog.flows.values()
    clock.advance(minutes=1)
    source = await looked(config, "billing.invoices", world, clock, START)
    destination = await looked(config, "erp.invoices", world, clock, START)
    billed = {record.fields[flow.source.field] for record in source.records}
    arrived = {record.fields[flow.destination.field] for record in destination.records}
    assert len(billed & arrived) > 0.9 * len(billed)


async def test_declined_payments_are_read_as_failures(config: Config, world: World, clock: Settable) -> None:
    world.switch(Fault.GATEWAY_DECLINES)
    clock.advance(seconds=30)
    seen = await looked(config, "gateway.payments", world, clock, START + timedelta(seconds=1))
    assert {record.failed for record in seen.records} == {True}


@pytest.mark.parametrize(
    ("fault", "read_as"),
    [
        (Fault.BILLING_THROTTLED, (Outcome.THROTTLED, FailureClass.THROTTLED)),
        (Fault.CREDENTIAL_REVOKED, (Outcome.ERROR_OWN, FailureClass.AUTH)),
        (Fault.BILLING_ERROR_BODY, (Outcome.BAD, FailureClass.BUSINESS)),
    ],
)
async def test_each_fault_of_billing_is_recognised(
    config: Config, world: World, clock: Settable, fault: Fault, read_as: tuple[Outcome, FailureClass]
) -> None:
    world.switch(fault)
    seen = await looked(config, "billing.invoices", world, clock, START)
    assert (seen.outcome, seen.failure) == read_as
