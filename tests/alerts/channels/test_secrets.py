"""No address and no part of one leaves by a log, a delivery, a span or a repr."""

import logging

import pytest

from alerts.channels import handover, verdict
from alerts.channels.apprise import DEADLINES, SCHEMES, AppriseChannels
from alerts.channels.witness import close_the_logs
from alerts.message import DeliveryState, MessageKind
from tests.alerts.channels.cast import NOW, claim
from tests.alerts.channels.receivers import HttpReceiver, MailReceiver

SECRETS = ("s3cr3t-token", "s3cr3t-password", "s3cr3t-header", "secret-recipient", "secret-sender", "127.0.0.1")


@pytest.fixture
def every_record(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Return what is logged, with every logger there is opened to its lowest level."""
    for name in ("", *logging.root.manager.loggerDict):
        caplog.set_level(1, logger=name)
    return caplog


def assert_kept(caplog: pytest.LogCaptureFixture, *shown: object) -> None:
    """Assert that neither the log nor what is shown holds a secret."""
    # aiosmtpd is the receiver, which may well log whom it takes mail for.
    records = [record for record in caplog.records if record.name != "mail.log"]
    told = " ".join([*(f"{record.getMessage()} {record.exc_info}" for record in records), *map(repr, shown)])
    assert [secret for secret in SECRETS if secret in told] == []


@pytest.mark.parametrize("path", ["/ok", "/503", "/404", "/hang", "/broken", "/garbage", "/redirect", "/silent-close"])
async def test_no_part_of_an_http_address_is_told(
    channels: AppriseChannels, receiver: HttpReceiver, every_record: pytest.LogCaptureFixture, path: str
) -> None:
    address = receiver.address(path, "?+Authorization=s3cr3t-header&-token=s3cr3t-token&:apikey=s3cr3t-token")
    delivery = await channels.send(claim(), address.replace("//", "//user:s3cr3t-password@"), NOW)
    assert receiver.requests[0].headers["authorization"] != ""
    assert_kept(every_record, delivery)


@pytest.mark.parametrize(
    "recipient", ["secret-recipient@example.com", "550@secret-recipient.example", "451@example.com"]
)
async def test_no_part_of_a_mail_address_is_told(
    channels: AppriseChannels, mailbox: MailReceiver, every_record: pytest.LogCaptureFixture, recipient: str
) -> None:
    address = mailbox.address(recipient).replace("tierwatch@", "secret-sender@")
    assert_kept(every_record, await channels.send(claim(), address, NOW))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("slack://s3cr3t-token?x=s3cr3t-token", verdict.UNPARSABLE),
        ("pagerduty://s3cr3t-tokens3cr3t-token", verdict.UNPARSABLE),
        ("mailto://s3cr3t-token", verdict.UNPARSABLE),
        ("json://", verdict.UNPARSABLE),
        ("s3cr3t-token", verdict.UNPARSABLE),
        ("", verdict.UNPARSABLE),
        ("syslog://s3cr3t-token", verdict.SCHEME_NOT_ALLOWED),
        ("dbus://s3cr3t-token", verdict.SCHEME_NOT_ALLOWED),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/s3cr3t-token", verdict.SCHEME_NOT_ALLOWED),
    ],
)
async def test_an_address_that_cannot_be_used_is_refused_for_good_and_not_told(
    channels: AppriseChannels, every_record: pytest.LogCaptureFixture, address: str, expected: verdict.Verdict
) -> None:
    delivery = await channels.send(claim(), address, NOW)
    assert (delivery.state, delivery.reason) == (DeliveryState.REJECTED, expected.reason)
    assert delivery.permanent
    assert_kept(every_record, delivery)


def test_a_handover_shows_no_address() -> None:
    shown = handover.Handover(
        message=claim().message,
        address="json://s3cr3t-token/",
        deadline=DEADLINES[MessageKind.PAGE],
        schemes=SCHEMES,
        allow_private=False,
    )
    assert repr(shown) == "Handover('INC-7/page/ada/1')"


def test_the_libraries_may_log_when_they_are_not_sending(caplog: pytest.LogCaptureFixture) -> None:
    close_the_logs()
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3.connectionpool").debug("of somebody else's request")
    logging.getLogger("apprise").error("Could not load Slack URL: slack://s3cr3t-token")
    assert caplog.messages == ["of somebody else's request"]
