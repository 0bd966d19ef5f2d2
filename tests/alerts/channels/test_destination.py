"""Private destinations are refused unless they are allowed, however they are written."""

import pytest
from apprise import Apprise

from alerts.channels import destination
from alerts.channels.apprise import AppriseChannels
from alerts.message import DeliveryState
from tests.alerts.channels.cast import NOW, claim
from tests.alerts.channels.receivers import HttpReceiver, MailReceiver


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.8.8.8",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1"),
    ],
)
def test_an_address_inside_is_private(address: str) -> None:
    assert destination.is_private(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_an_address_outside_is_public(address: str) -> None:
    assert not destination.is_private(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
async def test_loopback_is_refused_however_it_is_written(
    channels: AppriseChannels, receiver: HttpReceiver, host: str
) -> None:
    channels.allow_private = False
    delivery = await channels.send(claim(), receiver.address("/ok").replace("127.0.0.1", host), NOW)
    assert (delivery.state, delivery.permanent) == (DeliveryState.REJECTED, True)
    assert delivery.reason in {"private destination", "unparsable address"}
    assert not receiver.requests


@pytest.mark.parametrize("query", ["", "&smtp=127.0.0.1", "&smtp=localhost"])
async def test_a_private_mail_relay_is_refused(channels: AppriseChannels, mailbox: MailReceiver, query: str) -> None:
    channels.allow_private = False
    address = mailbox.address("ada@example.com") + query
    delivery = await channels.send(claim(), address, NOW)
    assert delivery.reason == "private destination"
    assert not mailbox.mails


async def test_a_public_name_with_a_private_relay_is_refused(channels: AppriseChannels, mailbox: MailReceiver) -> None:
    channels.allow_private = False
    address = f"mailto://user:pass@example.com:{mailbox.port}?smtp=127.0.0.1&to=ada@example.com"
    delivery = await channels.send(claim(), address, NOW)
    assert delivery.reason == "private destination"
    assert not mailbox.mails


async def test_a_private_destination_is_used_where_it_is_allowed(
    channels: AppriseChannels, receiver: HttpReceiver
) -> None:
    delivery = await channels.send(claim(), receiver.address("/ok"), NOW)
    assert delivery.state is DeliveryState.ACCEPTED


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("json://hooks.example.com/path", "hooks.example.com"),
        ("json://[2606:4700::1111]:8080/path", "2606:4700::1111"),
        ("mailto://user:pass@gmail.com", "smtp.gmail.com"),
        ("ntfy://ntfy.example.com/topic", "ntfy.example.com"),
        ("gotify://gotify.example.com/Abcdefghijklmno", "gotify.example.com"),
        ("ntfy://a-topic-is-a-secret", None),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", None),
    ],
)
def test_the_host_is_read_where_an_address_has_one(address: str, host: str | None) -> None:
    service = Apprise.instantiate(address)
    assert service is not None
    assert destination.host_of(service) == host
