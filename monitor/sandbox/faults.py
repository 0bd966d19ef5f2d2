"""The faults that can be switched on and off, and the instants at which each was on.

What a fault does is the business of the vendor that it befalls; this file only remembers when.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Fault(StrEnum):
    """What can be made to go wrong."""

    ERP_STOPPED = "erp_stopped"
    ERP_SLOW = "erp_slow"
    GATEWAY_DECLINES = "gateway_declines"
    BILLING_THROTTLED = "billing_throttled"
    BILLING_ERROR_BODY = "billing_error_body"
    CREDENTIAL_REVOKED = "credential_revoked"
    SYNC_LOSES = "sync_loses"
    SYNC_ALTERS = "sync_alters"
    SYNC_INVENTS = "sync_invents"
    CREDENTIAL_ELSEWHERE = "credential_elsewhere"
    CHARGES_FORBIDDEN = "charges_forbidden"
    CHARGES_EMPTY = "charges_empty"
    CHARGES_CHANGED = "charges_changed"
    ERRORS_AT_TIMES = "errors_at_times"
    PAYMENTS_FROZEN = "payments_frozen"
    CLOCK_AHEAD = "clock_ahead"
    WEBHOOKS_LOST = "webhooks_lost"
    WEBHOOKS_FORGED = "webhooks_forged"
    CARDS_STOLEN = "cards_stolen"
    RETRIES_RUN_OUT = "retries_run_out"
    DUNNING_IN_VAIN = "dunning_in_vain"
    WEBHOOKS_NOT_TAKEN = "webhooks_not_taken"
    PAYMENTS_REJECTED = "payments_rejected"
    ERP_FORGETS = "erp_forgets"
    ENTRIES_EMPTY = "entries_empty"
    AMOUNTS_DRIFT = "amounts_drift"


TITLES: Mapping[Fault, str] = {
    Fault.ERP_STOPPED: "The ERP takes no invoices; its API still answers",
    Fault.ERP_SLOW: "The ERP takes invoices 40 s late and answers slowly",
    Fault.GATEWAY_DECLINES: "The gateway declines every payment",
    Fault.BILLING_THROTTLED: "The billing API answers 429",
    Fault.BILLING_ERROR_BODY: "The billing API answers 200 with an error inside",
    Fault.CREDENTIAL_REVOKED: "The billing API refuses our credential",
    Fault.SYNC_LOSES: "The sync loses every tenth invoice, until it is mended",
    Fault.SYNC_ALTERS: "The sync alters the amount of every tenth invoice, until it is mended",
    Fault.SYNC_INVENTS: "The ERP gets an invoice that nobody wrote with every tenth",
    Fault.CREDENTIAL_ELSEWHERE: "The billing API says that our credential is for test mode",
    Fault.CHARGES_FORBIDDEN: "Our credential may no longer read charges",
    Fault.CHARGES_EMPTY: "The billing API answers 200 with no charge in it",
    Fault.CHARGES_CHANGED: "Charges have their amount as text, and no customer",
    Fault.ERRORS_AT_TIMES: "One answer of the billing API in six is 200 with an error inside",
    Fault.PAYMENTS_FROZEN: "The gateway answers with an old copy of its payments",
    Fault.CLOCK_AHEAD: "The gateway's clock is 90 s ahead",
    Fault.WEBHOOKS_LOST: "The billing API's webhooks are lost on their way",
    Fault.WEBHOOKS_FORGED: "The billing API's webhooks carry a wrong signature",
    Fault.CARDS_STOLEN: "One client's charges are all with stolen cards",
    Fault.RETRIES_RUN_OUT: "One client's invoices are not paid, and have no retry left",
    Fault.DUNNING_IN_VAIN: "One client's invoices are uncollectible",
    Fault.WEBHOOKS_NOT_TAKEN: "One client's webhooks are not taken",
    Fault.PAYMENTS_REJECTED: "The gateway rejects one client's payments",
    Fault.ERP_FORGETS: "The ERP deletes every second invoice 20 s after it took it",
    Fault.ENTRIES_EMPTY: "The ERP takes invoices without their state",
    Fault.AMOUNTS_DRIFT: "The ERP takes one client's invoices without their cents",
}

REMEMBERED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One time for which a fault is on: from `start` up to, not including, `end` (None: until it is switched off)."""

    start: datetime
    end: datetime | None = None

    def covers(self, instant: datetime) -> bool:
        """Return whether the fault is on at an instant."""
        return self.start <= instant and (self.end is None or instant < self.end)


class Faults:
    """When each fault was, is and will be on."""

    def __init__(self) -> None:
        self._spells: dict[Fault, tuple[Spell, ...]] = dict.fromkeys(Fault, ())

    def plan(self, fault: Fault, start: datetime, lasting: timedelta) -> None:
        """Let a fault come by itself, and go by itself."""
        self._remember(fault, (*self._spells[fault], Spell(start=start, end=start + lasting)))

    def switch(self, fault: Fault, now: datetime, *, on: bool | None = None) -> bool:
        """Switch a fault on or off (None: over) and return whether it is on now."""
        is_on, wanted = self.on(fault, now), on
        if wanted is None:
            wanted = not is_on
        if wanted and not is_on:
            self._remember(fault, (*self._spells[fault], Spell(start=now)))
        elif is_on and not wanted:
            cut = (replace(spell, end=now) if spell.covers(now) else spell for spell in self._spells[fault])
            self._remember(fault, tuple(cut))
        return wanted

    def on(self, fault: Fault, now: datetime) -> bool:
        """Return whether a fault is on."""
        return any(spell.covers(now) for spell in self._spells[fault])

    def spells(self, fault: Fault) -> tuple[Spell, ...]:
        """Return the times for which a fault was, is or will be on, earliest first."""
        return self._spells[fault]

    def over(self, fault: Fault, instant: datetime) -> datetime | None:
        """Return the first instant, from this one on, at which the fault is off; None where no end is in sight."""
        for spell in self._spells[fault]:
            if spell.covers(instant):
                if spell.end is None:
                    return None
                instant = spell.end
        return instant

    def _remember(self, fault: Fault, spells: tuple[Spell, ...]) -> None:
        self._spells[fault] = tuple(sorted(spells, key=lambda spell: spell.start))[-REMEMBERED:]
