"""Which vendors the sandbox plays, with what each limits, and what a system needs to be set up against it.

A literal table: who wants one of them mounts it under an address of his own and writes down what `Play` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from monitor.sandbox.dialects.adyen import PLATFORM, Adyen
from monitor.sandbox.dialects.chargebee import Chargebee
from monitor.sandbox.dialects.dynamics import Dynamics
from monitor.sandbox.dialects.gocardless import GoCardless
from monitor.sandbox.dialects.hubspot import HubSpot
from monitor.sandbox.dialects.netsuite import REALM as ACCOUNT
from monitor.sandbox.dialects.netsuite import SECRETS, NetSuite
from monitor.sandbox.dialects.paypal import PayPal
from monitor.sandbox.dialects.prometheus import QUERY, Prometheus
from monitor.sandbox.dialects.quickbooks import REALM, QuickBooks
from monitor.sandbox.dialects.razorpay import KEY, Razorpay
from monitor.sandbox.dialects.recurly import Recurly
from monitor.sandbox.dialects.salesforce import Salesforce
from monitor.sandbox.dialects.statuspage import Statuspage
from monitor.sandbox.dialects.stripe import Stripe
from monitor.sandbox.dialects.tokens import CLIENT, REFRESH
from monitor.sandbox.dialects.xero import TENANT, Xero
from monitor.sandbox.dialects.zuora import Zuora
from monitor.sandbox.meter import Meter
from monitor.sandbox.vendor import Sleep, Vendor, credential
from monitor.sandbox.world import World

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One vendor: who plays it, its limit, and a system's values, credential and token path where it is played."""

    vendor: type[Vendor]
    limit: int = 1000
    period: timedelta = MINUTE
    values: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    token_path: str = ""

    def played(self, world: World, sleep: Sleep) -> Vendor:
        """Return the vendor over a world."""
        return self.vendor(world=world, sleep=sleep, meter=Meter(limit=self.limit, period=self.period))


def _client(system: str, **more: str) -> Mapping[str, str]:
    return {"client_id": CLIENT, "client_secret": credential(system), **more}


PLAYS: Mapping[str, Play] = {
    "adyen": Play(vendor=Adyen, secret=credential("adyen"), values={"platform": PLATFORM}),
    "chargebee": Play(vendor=Chargebee, secret=credential("chargebee"), values={"site": "sandbox"}, limit=150),
    "dynamics": Play(
        vendor=Dynamics,
        secrets=_client("dynamics"),
        values={"org": "sandbox", "directory": "sandbox"},
        token_path="/sandbox/oauth2/v2.0/token",  # noqa: S106 - a path
        limit=6000,
        period=5 * MINUTE,
    ),
    "gocardless": Play(vendor=GoCardless, secret=credential("gocardless")),
    "hubspot": Play(vendor=HubSpot, secret=credential("hubspot"), limit=100, period=timedelta(seconds=10)),
    "netsuite": Play(vendor=NetSuite, secrets=SECRETS, values={"account": ACCOUNT.lower(), "realm": ACCOUNT}),
    "paypal": Play(vendor=PayPal, secrets=_client("paypal")),
    "prometheus": Play(vendor=Prometheus, values={"promql": QUERY, "label": "account"}),
    "quickbooks": Play(
        vendor=QuickBooks,
        secrets=_client("quickbooks", refresh_token=REFRESH),
        values={"realm": REALM},
        token_path="/oauth2/v1/tokens/bearer",  # noqa: S106 - a path
        limit=500,
    ),
    "razorpay": Play(vendor=Razorpay, secret=f"{KEY}:{credential('razorpay')}"),
    "recurly": Play(vendor=Recurly, secret=credential("recurly")),
    "salesforce": Play(
        vendor=Salesforce,
        secrets=_client("salesforce"),
        values={"instance": "sandbox"},
        limit=100_000,
        period=timedelta(days=1),
    ),
    "statuspage": Play(vendor=Statuspage),
    "stripe": Play(vendor=Stripe, secret=credential("billing"), limit=100, period=timedelta(seconds=1)),
    "xero": Play(
        vendor=Xero,
        secrets=_client("xero", refresh_token=REFRESH),
        values={"tenant": TENANT},
        token_path="/connect/token",  # noqa: S106 - a path
        limit=60,
    ),
    "zuora": Play(vendor=Zuora, secrets=_client("zuora"), limit=50_000),
}
