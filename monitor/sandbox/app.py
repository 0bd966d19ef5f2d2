"""The sandbox as one ASGI application: the three vendors, the inbox and the buttons, each under its own path."""

from starlette.applications import Starlette
from starlette.routing import Mount

from monitor.sandbox.billing import billing
from monitor.sandbox.control import control_routes
from monitor.sandbox.dialects.webhooks import Webhooks
from monitor.sandbox.erp import erp
from monitor.sandbox.gateway import gateway
from monitor.sandbox.inbox import Inbox, inbox_routes
from monitor.sandbox.vendor import Sleep
from monitor.sandbox.world import World


def sandbox(
    world: World, inbox: Inbox, *, sleep: Sleep, token: str = "", webhooks: Webhooks | None = None
) -> Starlette:
    """Return the whole sandbox over a world and an inbox.

    `sleep` is how a slow answer waits, so that under a settable clock nothing really does. A token guards the buttons
    and the reading of the inbox; empty leaves them open. Whoever lets `webhooks` send can be told by a button where to.
    """
    return Starlette(
        routes=[
            Mount("/billing", billing(world, sleep).app()),
            Mount("/gateway", gateway(world, sleep).app()),
            Mount("/erp", erp(world, sleep).app()),
            *inbox_routes(inbox, token),
            *control_routes(world, token, webhooks),
        ]
    )
