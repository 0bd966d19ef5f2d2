"""localstripe as a running process, and what a merchant does with it: customers, invoices, charges that fail or not."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.real.process import ANSWER, ROOT, STOP, eventually
from tests.real_parts import free_port

KEY = "sk_test_made_up_for_this_test"
WEBHOOKS = "whsec_made_up_for_this_test"
GOOD_CARD = "4242424242424242"
FAILING_CARD = "4000000000000341"
"""It can be attached to a customer; charging it is declined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Localstripe:
    """A running localstripe."""

    address: str

    def post(self, path: str, **form: str) -> httpx.Response:
        """Return the answer to a POST."""
        headers = {"Authorization": f"Bearer {KEY}"}
        return httpx.post(f"{self.address}{path}", data=form, headers=headers, timeout=ANSWER, trust_env=False)

    def post_to(self, address: str) -> None:
        """Have webhooks of new invoices posted to an address; it posts none of charges."""
        told = {"url": address, "secret": WEBHOOKS, "events": ["invoice.created"]}
        answer = httpx.post(f"{self.address}/_config/webhooks/tierwatch", json=told, timeout=ANSWER, trust_env=False)
        answer.raise_for_status()

    def customer(self) -> str:
        """Return the id of a new customer."""
        return self._made("/v1/customers")

    def card(self, customer: str, number: str) -> str:
        """Return the id of a new card of a customer."""
        card = {"object": "card", "number": number, "exp_month": "12", "exp_year": "2040", "cvc": "123"}
        form = {f"source[{name}]": value for name, value in card.items()}
        return self._made(f"/v1/customers/{customer}/sources", **form)

    def plan(self) -> str:
        """Return the id of a new monthly plan."""
        plan = {"amount": "1200", "currency": "eur", "interval": "month", "product[name]": "Made up"}
        return self._made("/v1/plans", **plan)

    def subscribe(self, customer: str, plan: str) -> None:
        """Subscribe a customer: that makes one invoice, and one charge of the customer's first card."""
        self.post("/v1/subscriptions", customer=customer, **{"items[0][plan]": plan}).raise_for_status()

    def charge(self, customer: str, card: str) -> bool:
        """Charge a card of a customer and return whether that went well."""
        answer = self.post("/v1/charges", customer=customer, source=card, amount="1200", currency="eur")
        assert answer.status_code in {httpx.codes.OK, httpx.codes.PAYMENT_REQUIRED}, answer.text
        return answer.is_success

    def _made(self, path: str, **form: str) -> str:
        made: dict[str, Any] = self.post(path, **form).raise_for_status().json()
        return str(made["id"])


@contextmanager
def localstripe() -> Iterator[Localstripe]:
    """Run it until the end of the block."""
    port = free_port()
    command = (sys.executable, "-m", "tests.real.localstripe_server", str(port))
    with subprocess.Popen(command, cwd=ROOT) as process:
        running = Localstripe(address=f"http://127.0.0.1:{port}")
        try:
            eventually(lambda: httpx.get(running.address, trust_env=False).status_code, "localstripe answers")
            yield running
        finally:
            process.terminate()
            process.wait(STOP)
