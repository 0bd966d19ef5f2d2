"""A way out through Apprise, warmed up, and real receivers for it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from alerts.alert import IncidentId
from alerts.channels.apprise import SCHEMES, AppriseChannels
from alerts.message import Claim, Lane, Message, MessageKind, MessageSeverity, Stage
from probes.catalog import ClientId, SecretRef
from tests.alerts.channels.receivers import HttpReceiver, MailReceiver, http_receiver, mail_receiver

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEADLINES = {MessageKind.PAGE: timedelta(seconds=0.5), MessageKind.NOTICE: timedelta(seconds=1)}

Claiming = Callable[..., Claim]


@pytest.fixture
def channels() -> AppriseChannels:
    """Return the way out, with short deadlines, and with XML and forms allowed besides the usual schemes."""
    ways = AppriseChannels(now=lambda: NOW, allow_private=True, schemes=SCHEMES | {"xml", "form"}, deadlines=DEADLINES)
    ways.warm_up()
    return ways


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    """Yield an HTTP receiver."""
    async with http_receiver() as serving:
        yield serving


@pytest.fixture
async def mailbox() -> AsyncIterator[MailReceiver]:
    """Yield an SMTP receiver."""
    async with mail_receiver() as serving:
        yield serving


def claim(
    channel: str = "env:ADA_PAGER", *, kind: MessageKind = MessageKind.PAGE, attempt: int = 1, **changes: object
) -> Claim:
    """Return a claimed message, a page unless said otherwise."""
    facts: dict[str, object] = {
        "key": "INC-7/page/ada/1",
        "kind": kind,
        "lane": Lane.URGENT if kind is MessageKind.PAGE else Lane.NORMAL,
        "stage": Stage.INVESTIGATING,
        "recipient": "ada",
        "channels": (SecretRef(channel),),
        "subject": "Flow invoices is late: 3 clients hurt",
        "body": "Acknowledge: https://tierwatch.example.com/incidents/INC-7",
        "created": NOW,
        "severity": MessageSeverity.FAILURE,
        "incident": IncidentId("INC-7"),
        "client": ClientId("acme"),
    }
    return Claim(message=Message(**(facts | changes)), attempt=attempt, channel=SecretRef(channel))  # type: ignore[arg-type]
