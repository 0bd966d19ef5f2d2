"""A way out through Apprise, warmed up, and real receivers for it."""

from collections.abc import AsyncIterator

import pytest

from alerts.channels.apprise import SCHEMES, AppriseChannels
from tests.alerts.channels.cast import DEADLINES, NOW
from tests.alerts.channels.receivers import HttpReceiver, MailReceiver, http_receiver, mail_receiver


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
