"""What readers and people decide of a client's contacts: to be sent less, everything again, that an address is right.

Each function returns a decision for `Desk.decide`. What a mark keeps back is for `alerts.contact_mark`.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from alerts.contact_mark import ContactMark, Fault, cleared, failed, mark_key, mark_of, narrowed, widened
from monitor.aftermath import marked
from monitor.changes import Act, Changes
from monitor.quieting import Decision
from monitor.situation import Situation
from probes.catalog import ClientId, Contact

READER = "the reader"


class Choice(StrEnum):
    """What somebody decides of a contact."""

    CLEAR = "clear"
    NARROW = "narrow"
    WIDEN = "widen"


class UnknownContactError(LookupError):
    """The client has no contact of this name."""


def contact_of(situation: Situation, client: ClientId, name: str) -> Contact:
    """Return a contact of a client.

    Raises:
        UnknownContactError: there is none of this name.
    """
    known = situation.config.catalog.clients.get(client)
    found = next((one for one in known.contacts if one.name == name), None) if known is not None else None
    if found is None:
        raise UnknownContactError(f"{client} has no contact {name}")
    return found


def mark(situation: Situation, client: ClientId, contact: Contact) -> ContactMark:
    """Return what is marked of a contact now."""
    return mark_of(situation.contact_marks.get(mark_key(client, contact.name)), client, contact)


def narrow(client: ClientId, contact: str, by: str, now: datetime) -> Decision[ContactMark]:
    """Return the decision that a contact is sent no more than the contract owes; again, it changes nothing."""
    return _decision(client, contact, _act("narrow", client, contact, by, now), _narrow)


def widen(client: ClientId, contact: str, by: str, now: datetime) -> Decision[ContactMark]:
    """Return the decision that a contact is sent everything again."""
    return _decision(client, contact, _act("widen", client, contact, by, now), _widen)


def clear(client: ClientId, contact: str, by: str, now: datetime) -> Decision[ContactMark]:
    """Return the decision that a contact's address is right after all."""
    return _decision(client, contact, _act("clear", client, contact, by, now), _clear)


def come_back(client: ClientId, contact: str, reason: str, now: datetime) -> Decision[ContactMark]:
    """Return the decision that marks a contact whose mail came back, and tells the owner of the client's account."""

    def decision(situation: Situation) -> tuple[ContactMark, Changes]:
        before = mark(situation, client, contact_of(situation, client, contact))
        after = failed(before, Fault.BOUNCED, reason, now)
        return after, marked(situation, before, after)

    return decision


def _act(action: str, client: ClientId, contact: str, by: str, now: datetime) -> Act:
    return Act(at=now, actor=by, action=action, subject=mark_key(client, contact))


def _decision(
    client: ClientId, contact: str, act: Act, change: Callable[[ContactMark, Act], ContactMark]
) -> Decision[ContactMark]:
    def decision(situation: Situation) -> tuple[ContactMark, Changes]:
        before = mark(situation, client, contact_of(situation, client, contact))
        after = change(before, act)
        changes = Changes(contact_marks={after.key: after}, acts=(act,)) if after != before else Changes()
        return after, changes

    return decision


def _narrow(known: ContactMark, act: Act) -> ContactMark:
    return narrowed(known, act.actor, act.at)


def _widen(known: ContactMark, act: Act) -> ContactMark:
    del act
    return widened(known)


def _clear(known: ContactMark, act: Act) -> ContactMark:
    return cleared(known, act.actor, act.at) if known.fault is not None else known


DECISIONS = {Choice.CLEAR: clear, Choice.NARROW: narrow, Choice.WIDEN: widen}
