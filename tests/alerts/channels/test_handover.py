"""What is asked of a service before anything is sent: its key, its limits, and nothing that we decide ourselves."""

import json

import pytest
from apprise import Apprise, AppriseResult, AppriseResultStatus, NotifyAttempt, NotifyBase, NotifyResult

from alerts.channels.apprise import DEADLINES, AppriseChannels
from alerts.channels.handover import ASSET, _mark, _restrain, was_accepted, words
from alerts.message import DeliveryState, MessageKind
from tests.alerts.channels.cast import NOW, claim
from tests.alerts.channels.receivers import HttpReceiver

PAGERDUTY = "pagerduty://A1BRTD4JDTIyXdfQRjNkAA@A1BRTD4JDTIyXdfQRjNkAA"
OPSGENIE = "opsgenie://8b799edf-6f98-4d3a-9be7-2862fb4e5752"
DISCORD = "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"


def service(address: str) -> NotifyBase:
    """Return the service of an address."""
    found = Apprise.instantiate(address, asset=ASSET)
    assert found is not None
    return found


@pytest.mark.parametrize(("given", "expected"), [("", "tierwatch-INC-7"), ("?dedup=own", "own")])
def test_a_page_and_its_all_clear_share_pagerdutys_key(given: str, expected: str) -> None:
    found = service(PAGERDUTY + given)
    _mark(found, claim().message, "pagerduty")
    assert found.url().count("action=map") == 1  # type: ignore[no-untyped-call]
    assert f"dedup={expected}" in found.url()  # type: ignore[no-untyped-call]


def test_opsgenie_gets_each_message_as_an_alert_of_its_own() -> None:
    found = service(f"{OPSGENIE}?action=map")
    _mark(found, claim().message, "opsgenie")
    assert "action=new" in found.url()  # type: ignore[no-untyped-call]
    assert "alias=INC-7%2Fpage%2Fada%2F1" in found.url()  # type: ignore[no-untyped-call]


def test_what_we_decide_ourselves_is_taken_back_from_an_address() -> None:
    found = service("json://127.0.0.1/?retry=5&wait=9&optional=yes&redirect=yes&cto=99&rto=99&overflow=split")
    _restrain(found, DEADLINES[MessageKind.PAGE])
    assert (found.retry, found.wait, found.optional, found.redirects) == (0, 0.0, False, False)
    assert found.request_timeout == (4.0, 5.0)
    assert found.overflow_mode == "truncate"


def test_a_long_page_fits_discord_and_keeps_its_link() -> None:
    link = "https://tierwatch.example.com/incidents/INC-7"
    subject, body = words(service(DISCORD), claim(subject="s" * 300, body=f"{'word ' * 1000}\n{link}").message)
    assert len(subject) + len(body) <= 2000
    assert body.endswith(link)


async def test_a_long_page_arrives_in_one_piece(channels: AppriseChannels, receiver: HttpReceiver) -> None:
    link = "https://tierwatch.example.com/incidents/INC-7"
    address = receiver.address("/ok", "?overflow=split")
    delivery = await channels.send(claim(body=f"{'word ' * 20_000}\n{link}"), address, NOW)
    assert delivery.state is DeliveryState.ACCEPTED
    (request,) = receiver.requests
    assert json.loads(request.body)["message"].endswith(f" […]\n{link}")


@pytest.mark.parametrize(("result", "expected"), [(True, True), (False, False), (None, False)])
def test_a_result_of_apprise_1_is_understood(result: object, expected: object) -> None:
    assert was_accepted(result) is expected


def test_an_optional_destination_that_refused_is_no_success() -> None:
    attempts = [NotifyAttempt(AppriseResultStatus.FAILURE)]
    result = AppriseResult(
        status=AppriseResultStatus.SUCCESS,
        results=[NotifyResult(name="JSON", url="", optional=True, attempts=attempts)],
    )
    assert result
    assert not was_accepted(result)


def test_a_result_without_an_attempt_is_no_success() -> None:
    assert not was_accepted(Apprise(asset=ASSET).notify("text"))
