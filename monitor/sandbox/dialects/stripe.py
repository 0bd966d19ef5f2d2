"""The billing API as the contract tests see it: some endpoint has not taken every tenth of its events."""

from monitor.sandbox.billing import Billing
from monitor.sandbox.traffic import Order

UNDELIVERED_EVERY = 10


def undelivered(order: Order) -> bool:
    """Tell whether some endpoint has not taken the event of an order."""
    return order.number % UNDELIVERED_EVERY == 0


class Stripe(Billing):
    """Invoices, charges, customers and events of one account."""

    def undelivered(self, order: Order) -> bool:
        """Tell whether some endpoint has not taken the event of an invoice."""
        return undelivered(order)
