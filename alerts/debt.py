"""Who was told that something began and has not been told yet how it ended: what is owed, until it is paid or waived.

A debt begins when a receiver accepts word of the beginning, and ends when the same one accepts word of the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.impact import Impact
from alerts.message import Stage
from alerts.oncall import PersonId
from probes.catalog import ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """Whom an end is owed: a person of ours, or one of a client's contacts."""

    recipient: str
    client: ClientId | None = None


Debts = Mapping[Debtor, datetime]


def told(debts: dict[Debtor, datetime], who: Debtor, stage: Stage, at: datetime) -> None:
    """Put down in a copy that a message was accepted: word of an end pays, any other is owed its end."""
    if stage.closes:
        debts.pop(who, None)
    else:
        debts.setdefault(who, at)


def taken(debts: Debts, people: Iterable[PersonId], impacts: Iterable[Impact], at: datetime) -> Debts:
    """Return what is owed once those whom another incident had told are told the end by this one."""
    staff = {Debtor(recipient=person): at for person in people}
    clients = {one: at for impact in impacts for one in _contacts(impact)}
    return {**staff, **clients, **debts}


def _contacts(impact: Impact) -> tuple[Debtor, ...]:
    if not impact.told or not impact.owed:
        return ()
    return tuple(Debtor(recipient=one.name, client=impact.terms.client) for one in impact.terms.contacts)


def without(debts: Debts, clients: Iterable[ClientId]) -> Debts:
    """Return what is owed without what is owed to clients that another incident has now."""
    gone = frozenset(clients)
    return {one: since for one, since in debts.items() if one.client not in gone}
