"""A drill reaches somebody over each channel, says that it is one, and tells how each channel took it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts import canary
from alerts.channels.recording import Answer, RecordingChannel
from alerts.message import DeliveryState, MessageKind
from monitor.clock import SettableClock
from monitor.drill import SUBJECT, drilled, messages, trials
from monitor.load import Config, ConfigError, load
from monitor.secrets import Secrets
from probes.catalog import SecretRef

NOW = datetime(2026, 10, 1, tzinfo=UTC)
COMPANY = Path(__file__).parent.parent / "rules" / "company"


def company() -> Config:
    """Return the configuration of the rule tests."""
    found = load(COMPANY, secrets=False, now=NOW).config
    assert found is not None
    return found


@pytest.mark.answers("prometheus/alertmanager#2845", "prometheus/alertmanager#2213")
def test_a_drill_goes_over_each_channel_and_tells_how_each_took_it() -> None:
    clock = SettableClock(NOW)
    channel = RecordingChannel(now=clock.now, sleep_until=clock.sleep_until)
    channel.script(SecretRef("env:ADA_MAIL"), Answer.REJECT)
    secrets = Secrets({"ADA_PAGER": "json://pager", "ADA_MAIL": "json://mail"})
    told = list(messages(company(), "person:ada", NOW))
    taken = [asyncio.run(drilled(message, channel, secrets, NOW)) for message in told]
    assert [(one.channel, one.state) for one in taken] == [
        ("env:ADA_PAGER", DeliveryState.ACCEPTED),
        ("env:ADA_MAIL", DeliveryState.REJECTED),
    ]
    assert {message.subject for message in told} == {SUBJECT}


def test_a_channel_without_its_secret_is_told_and_the_contacts_of_a_client_are_reached() -> None:
    clock = SettableClock(NOW)
    channel = RecordingChannel(now=clock.now, sleep_until=clock.sleep_until)
    (message,) = messages(company(), "client:acme", NOW)
    assert (message.kind, message.recipient) == (MessageKind.NOTICE, "Service desk")
    assert asyncio.run(drilled(message, channel, Secrets({}), NOW)).state is DeliveryState.REJECTED


@pytest.mark.parametrize("target", ["person:nobody", "client:nobody", "ada"])
def test_who_is_nobody_is_said(target: str) -> None:
    with pytest.raises(ConfigError, match="nobody in the configuration"):
        list(messages(company(), target, NOW))


@pytest.mark.parametrize(
    ("target", "channels"),
    [
        ("person:ada", ["env:ADA_PAGER", "env:ADA_MAIL"]),
        ("ada", ["env:ADA_PAGER", "env:ADA_MAIL"]),
        ("client:acme", ["env:ACME_DESK"]),
        ("acme", ["env:ACME_DESK"]),
        ("env:ADA_MAIL", ["env:ADA_MAIL"]),
    ],
)
def test_a_test_goes_to_a_person_a_client_or_one_channel(target: str, channels: list[str]) -> None:
    told = list(trials(company(), target, NOW))
    assert [one.channels[0] for one in told] == channels
    assert {one.subject for one in told} == {canary.SUBJECT}


@pytest.mark.parametrize("target", ["nobody", "person:acme", "client:ada", "env:NOBODY", ""])
def test_a_test_of_nobody_is_said(target: str) -> None:
    with pytest.raises(ConfigError, match="nobody in the configuration"):
        list(trials(company(), target, NOW))
