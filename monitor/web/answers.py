"""The signed links of pages: who may take which incident with one, and until when.

A link is its reader's alone: it names them and the incident, is void after a week, and all are void with another access
token.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature

from alerts.alert import IncidentId
from alerts.oncall import PersonId
from monitor.web.access import Doors, Keys

LASTS = timedelta(days=7)
PURPOSE = "tierwatch answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a link says: who answers, of which incident, and until when it holds."""

    incident: IncidentId
    person: PersonId
    until: datetime


def answer_link(doors: Doors, keys: Keys, incident: IncidentId, person: PersonId, sent: datetime) -> str:
    """Return the link by which a person takes an incident: the same for each attempt at a page."""
    token = keys.signer(PURPOSE).dumps([incident, person, int((sent + LASTS).timestamp())])
    return f"{doors.address}/answer/{token}"


def answer_of(keys: Keys, token: str) -> Answer | None:
    """Return what a link says, None where it is none of ours; whether it still holds is for who asks."""
    try:
        incident, person, until = keys.signer(PURPOSE).loads(token)
        return Answer(IncidentId(str(incident)), PersonId(str(person)), datetime.fromtimestamp(until, UTC))
    except (BadSignature, ValueError, TypeError, OverflowError):
        return None
