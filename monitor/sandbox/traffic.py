"""What the clients do, as a function of the seed and the instant: invoices, charges, payments.

Every client does each of them once every five seconds or so, in turn with the others. Which of it reaches the ERP, and
what the faults make of it, is for `world`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.sandbox.chance import chance, label
from monitor.sandbox.clients import COMPANIES, Company
from monitor.sandbox.faults import Fault

ROUND = timedelta(seconds=5)
TURN = ROUND // len(COMPANIES)
MICROSECOND = timedelta(microseconds=1)


class Kind(StrEnum):
    """What a client does, with the prefix of its id."""

    INVOICE = "in"
    CHARGE = "ch"
    PAYMENT = "pay"


FAILS_EVERY = {Kind.CHARGE: 400, Kind.PAYMENT: 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One thing that a client did. `amount` is in the currency's smallest unit; `failed` says that it was declined.

    `befallen` are the faults that were on when it came to be and that strike it.
    """

    id: str
    kind: Kind
    client: Company
    created: datetime
    amount: int
    number: int
    failed: bool = False
    befallen: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The orders that follow from a seed, the first of them just after `origin`."""

    seed: int
    origin: datetime

    def between(self, kind: Kind, after: datetime, until: datetime) -> Iterator[Order]:
        """Yield the orders of a kind created later than `after` and no later than `until`, oldest first."""
        first = max(0, (after - self.origin) // TURN - 1)
        for turn in range(first, (until - self.origin) // TURN + 1):
            order = self._order(kind, turn)
            if after < order.created <= until:
                yield order

    def _order(self, kind: Kind, turn: int) -> Order:
        drawn = chance(self.seed, kind, turn)
        # Anywhere within its turn, so turns never overtake each other.
        into_turn = timedelta(microseconds=int.from_bytes(drawn[24:28]) % (TURN // MICROSECOND))
        return Order(
            id=f"{kind}_{label(24, drawn)}",
            kind=kind,
            # Seven shares no factor with the number of clients: neighbours in the table are not neighbours in time.
            client=COMPANIES[7 * turn % len(COMPANIES)],
            created=self.origin + TURN * turn + into_turn,
            amount=1_000 + int.from_bytes(drawn[28:32]) % 250_000,
            number=turn + 1,
            failed=_fails(kind, turn),
        )


def _fails(kind: Kind, turn: int) -> bool:
    """Return whether an order fails: for each client one of so many, evenly, so that calm traffic breaks no promise."""
    every = FAILS_EVERY.get(kind)
    if every is None:
        return False
    rounds, place = divmod(turn, len(COMPANIES))
    return rounds % every == every * place // len(COMPANIES)
