"""Every way out, as the tests use it: on loopback, with short deadlines, and services where the tests have them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from alerts.channels.dispatch import Channels
from alerts.message import Claim, Delivery
from tests.alerts.channels.cast import DEADLINES, NOW

PAGERDUTY = "pagerduty://routingkey@apikey/tierwatch"
OPSGENIE = "opsgenie://apikey"
SLACK_BOT = "slack://xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d/C0123"
SLACK_HOOK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


@cache
def _warm() -> bool:
    Channels(now=lambda: NOW).warm_up()
    return True


@asynccontextmanager
async def ways(services: str = "", *, allow_private: bool = True) -> AsyncIterator[Channels]:
    """Yield every way out; the services that have one address for everybody are below `services`."""
    _warm()
    out = Channels(now=lambda: NOW, allow_private=allow_private, deadlines=DEADLINES)
    if services:
        out.pagerduty.regions = {"us": f"{services}/us/enqueue", "eu": f"{services}/eu/enqueue"}
        out.opsgenie.regions = {"us": f"{services}/us/alerts", "eu": f"{services}/eu/alerts"}
        out.slack.api, out.slack.hooks = f"{services}/api", services
    try:
        yield out
    finally:
        await out.aclose()


async def sent(out: Channels, claim: Claim, address: str) -> Delivery:
    """Return how a message fared."""
    return await out.send(claim, address, NOW)
