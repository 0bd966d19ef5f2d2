"""What is known of one contact beside the configuration: what its reader asked not to be sent, and whether it bounced.

A mark never keeps back what the contract owes: whoever is promised a notice is sent it, also after an unsubscription or
a bounce. Addresses are never here; a mark names its contact, and the reference of the channel that it was made for.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alerts.message import Stage
from probes.catalog import ClientId, Contact, SecretRef


class Fault(StrEnum):
    """How an address failed for good: its server refused it at once, or the mail came back."""

    REJECTED = "rejected"
    BOUNCED = "bounced"


class Withheld(StrEnum):
    """Why a message is not sent to a contact."""

    UNSUBSCRIBED = "its reader asked for no more than the contract owes"
    UNREACHABLE = "its address failed, and the contract does not owe this"


OWED = frozenset(
    {
        Stage.INVESTIGATING,
        Stage.UPDATE,
        Stage.RESOLVED,
        Stage.RETRACTED,
        Stage.SCHEDULED,
        Stage.MOVED,
        Stage.CANCELLED,
    }
)
"""What a contract promises: the first notice, updates at its cadence, the end; a maintenance and what becomes of it.

Not owed, so that a reader may do without them: news between two updates, reminders, and that a maintenance that was
announced begins and ends as it was announced.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMark:
    """What is marked of one contact of one client. It holds for one channel: another address begins without marks.

    `narrowed` is since when its reader is sent only what is owed, `narrowed_by` who asked for it (the reader, or one of
    ours). `fault` is how the address last failed for good, `failed` when and `reason` in a short class of words;
    `failures` counts. `cleared_by` took the last fault back.
    """

    client: ClientId
    contact: str
    channel: SecretRef
    narrowed: datetime | None = None
    narrowed_by: str = ""
    fault: Fault | None = None
    reason: str = ""
    failed: datetime | None = None
    failures: int = 0
    cleared: datetime | None = None
    cleared_by: str = ""

    @property
    def key(self) -> str:
        """By which it is kept."""
        return mark_key(self.client, self.contact)

    def withholds(self, stage: Stage) -> Withheld | None:
        """Return why a message of a stage is not to be sent to the contact, None where it is."""
        if stage in OWED:
            return None
        if self.narrowed is not None:
            return Withheld.UNSUBSCRIBED
        return Withheld.UNREACHABLE if self.fault is not None else None


def mark_key(client: ClientId, contact: str) -> str:
    """Return the key under which the mark of a client's contact is kept."""
    return f"{client}/{contact}"


def unmarked(client: ClientId, contact: Contact) -> ContactMark:
    """Return the mark of a contact of which nothing is known."""
    return ContactMark(client=client, contact=contact.name, channel=contact.channel)


def mark_of(known: ContactMark | None, client: ClientId, contact: Contact) -> ContactMark:
    """Return what is marked of a contact now: nothing, where what is known is of another channel of its."""
    return known if known is not None and known.channel == contact.channel else unmarked(client, contact)


def narrowed(mark: ContactMark, by: str, now: datetime) -> ContactMark:
    """Return the mark once its reader wants no more than is owed; asking again changes nothing."""
    return mark if mark.narrowed is not None else replace(mark, narrowed=now, narrowed_by=by)


def widened(mark: ContactMark) -> ContactMark:
    """Return the mark once its reader wants everything again."""
    return replace(mark, narrowed=None, narrowed_by="")


def failed(mark: ContactMark, fault: Fault, reason: str, now: datetime) -> ContactMark:
    """Return the mark once its address has failed for good, or has done so again."""
    return replace(
        mark, fault=fault, reason=reason, failed=now, failures=mark.failures + 1, cleared=None, cleared_by=""
    )


def cleared(mark: ContactMark, by: str, now: datetime) -> ContactMark:
    """Return the mark without its fault, which somebody has seen to."""
    return replace(mark, fault=None, reason="", failed=None, failures=0, cleared=now, cleared_by=by)
