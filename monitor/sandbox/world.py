"""The world behind the vendors: what there is at an instant, brought up to date whenever somebody looks.

No task runs in the background and nothing waits, so the world works alike under a real and under a settable clock. How
a vendor presents its part of it is the vendor's business.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import sin, tau

from monitor.sandbox.clients import COMPANIES, Company
from monitor.sandbox.faults import Fault, Faults
from monitor.sandbox.ledger import Ledger
from monitor.sandbox.traffic import Kind, Order, Traffic

HISTORY = timedelta(minutes=5)
KEEP = timedelta(hours=1)
DRAIN = timedelta(milliseconds=50)
LATE = timedelta(seconds=40)
TENTH = 10
SPOILS = {0: Fault.SYNC_LOSES, 3: Fault.SYNC_ALTERS, 6: Fault.SYNC_INVENTS}
"""Which of ten invoices in a row a broken sync spoils."""


# What each fault strikes, and whose; everybody's for None. No client has two of them, so that they are told apart.
STRIKES: Mapping[Fault, tuple[Kind, Company | None]] = {
    Fault.CARDS_STOLEN: (Kind.CHARGE, COMPANIES[0]),
    Fault.RETRIES_RUN_OUT: (Kind.INVOICE, COMPANIES[1]),
    Fault.DUNNING_IN_VAIN: (Kind.INVOICE, COMPANIES[2]),
    Fault.WEBHOOKS_NOT_TAKEN: (Kind.INVOICE, COMPANIES[3]),
    Fault.PAYMENTS_REJECTED: (Kind.PAYMENT, COMPANIES[4]),
    Fault.ENTRIES_EMPTY: (Kind.INVOICE, None),
    Fault.AMOUNTS_DRIFT: (Kind.INVOICE, COMPANIES[5]),
}
DECLINED = frozenset({Fault.CARDS_STOLEN, Fault.PAYMENTS_REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An invoice as the ERP holds it: a number of its own, and `created`, the instant at which the ERP took it."""

    id: str
    created: datetime
    invoice: Order


def transit(created: datetime, started: datetime) -> timedelta:
    """Return how long the sync takes in good times: 1.2 to 3.8 s, a wave so slow that no invoice overtakes another."""
    return timedelta(seconds=2.5 + 1.3 * sin(tau * ((created - started) / timedelta(seconds=97))))


class World:
    """Everything the vendors hold: the traffic up to now, and what the faults make of it.

    It begins five minutes before `started` and holds the last hour. `now` is called at every access.
    """

    def __init__(self, *, now: Callable[[], datetime], started: datetime, seed: int = 1) -> None:
        self.faults = Faults()
        self.started = started
        self._now = now
        self._traffic = Traffic(seed=seed, origin=started - HISTORY)
        self._made_until = started - HISTORY
        self._orders: dict[Kind, Ledger[Order]] = {kind: Ledger() for kind in Kind}
        self._entries: Ledger[Entry] = Ledger()
        self._waiting: deque[Order] = deque()
        self._last_taken = self._made_until
        self._documents = 0
        self._spoilt: dict[Fault, list[Order]] = {fault: [] for fault in SPOILS.values()}

    def now(self) -> datetime:
        """Return the world's clock, which is also the vendors'."""
        return self._now()

    def orders(self, kind: Kind) -> Ledger[Order]:
        """Return what the clients have done up to now."""
        self._catch_up()
        return self._orders[kind]

    def entries(self) -> Ledger[Entry]:
        """Return the invoices that the ERP has taken up to now."""
        self._catch_up()
        return self._entries

    def waiting(self) -> int:
        """Return how many invoices have not reached the ERP yet."""
        self._catch_up()
        return len(self._waiting)

    def switch(self, fault: Fault, *, on: bool | None = None) -> bool:
        """Switch a fault from now on (None: over) and return whether it is on; what was before now stays as it was."""
        self._catch_up()
        return self.faults.switch(fault, self.now(), on=on)

    def on(self, fault: Fault) -> bool:
        """Return whether a fault is on now."""
        return self.faults.on(fault, self.now())

    def _catch_up(self) -> None:
        now = self.now()
        if now <= self._made_until:
            return
        after = max(self._made_until, now - KEEP)
        for kind in Kind:
            self._make(kind, after, now)
        self._deliver(now)
        self._forget(now - KEEP)
        self._made_until = now

    def _make(self, kind: Kind, after: datetime, now: datetime) -> None:
        for order in self._traffic.between(kind, after, now):
            struck = self._declined(self._struck(order))
            self._orders[kind].add(struck)
            if kind is Kind.INVOICE:
                self._waiting.append(struck)

    def _declined(self, order: Order) -> Order:
        if order.kind is Kind.PAYMENT and self.faults.on(Fault.GATEWAY_DECLINES, order.created):
            return replace(order, failed=True)
        return order

    def _struck(self, order: Order) -> Order:
        on = tuple(
            fault
            for fault, (kind, client) in STRIKES.items()
            if kind is order.kind and client in (None, order.client) and self.faults.on(fault, order.created)
        )
        return replace(order, befallen=on, failed=order.failed or bool(DECLINED.intersection(on))) if on else order

    def _deliver(self, now: datetime) -> None:
        while self._waiting:
            taken = self._taken(self._waiting[0])
            if taken is None or taken > now:
                break
            self._take(self._waiting.popleft(), taken)
        self._mend(now)

    def _take(self, invoice: Order, taken: datetime) -> None:
        """Let the ERP take an invoice as the sync brings it, which spoils every tenth while it is broken."""
        self._last_taken = taken
        spoils = SPOILS.get(invoice.number % TENTH)
        fault = spoils if spoils is not None and self.faults.on(spoils, taken) else None
        if fault is not None:
            self._spoilt[fault].append(invoice)
        if fault is Fault.SYNC_ALTERS:
            invoice = replace(invoice, amount=invoice.amount + 1)
        if fault is not Fault.SYNC_LOSES:
            self._enter(invoice, taken)
        if fault is Fault.SYNC_INVENTS:
            self._enter(replace(invoice, id=f"{invoice.id}-again"), taken)

    def _enter(self, invoice: Order, taken: datetime) -> None:
        self._documents += 1
        self._entries.add(Entry(id=f"ERP-{700_000 + self._documents}", created=taken, invoice=invoice))

    def _mend(self, now: datetime) -> None:
        """Bring again what the sync spoilt, once it no longer does."""
        for fault, invoices in self._spoilt.items():
            if not self.faults.on(fault, now):
                for invoice in invoices if fault is not Fault.SYNC_INVENTS else ():
                    self._last_taken = max(now, self._last_taken)
                    self._enter(invoice, self._last_taken)
                invoices.clear()

    def _taken(self, invoice: Order) -> datetime | None:
        """Return when the ERP takes the invoice at the head of the queue, None while no end of a fault is in sight."""
        due = max(self._due(invoice), self._last_taken + DRAIN)
        return self.faults.over(Fault.ERP_STOPPED, due)

    def _due(self, invoice: Order) -> datetime:
        due = invoice.created + transit(invoice.created, self.started)
        if not self.faults.on(Fault.ERP_SLOW, due):
            return due
        over, late = self.faults.over(Fault.ERP_SLOW, due), invoice.created + LATE
        return late if over is None else min(over, late)

    def _forget(self, before: datetime) -> None:
        for orders in self._orders.values():
            orders.forget(before)
        self._entries.forget(before)
        while self._waiting and self._waiting[0].created < before:
            self._waiting.popleft()
