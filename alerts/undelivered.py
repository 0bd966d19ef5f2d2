"""A message that nobody took in time is an incident of its own: about the recipient, and paged like any other.

How long a message may take follows from its tier: a first notice may take until the promise of it, a page five minutes.
The alert ends once its recipient takes a message again, or is no contact of a client's any more. A message about such
an incident makes no further alert: who is told that somebody cannot be reached is not watched in turn.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import AlertKey, AlertKind, AlertState, IncidentId, Move
from alerts.evaluate import About, Verdict, span
from alerts.incident import Incident
from alerts.message import MessageKind
from alerts.weigh import Assessment, Before
from probes.catalog import Catalog, ClientId

PAGE_TAKES = timedelta(minutes=5)
NOTICE_TAKES = timedelta(minutes=30)
"""Where no contract says within what time a notice is promised."""

SHORTEST = timedelta(minutes=1)
FEW = 5
"""Past so many recipients at once it is one incident about all of them: what they have in common fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaken:
    """A message that nobody has taken so far; `since` is when it could first be sent."""

    key: str
    kind: MessageKind
    recipient: str
    client: ClientId | None
    incident: IncidentId | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """When a recipient last took a message."""

    recipient: str
    client: ClientId | None
    at: datetime


def about(recipient: str, client: ClientId | None) -> About:
    """Return what the alert on a recipient is about: no client is hurt, and a client's contacts are one incident."""
    subject = recipient if client is None else f"{client}: {recipient}"
    node = f"recipient:{recipient}" if client is None else f"contacts:{client}"
    return About(key=AlertKey(kind=AlertKind.UNDELIVERED, subject=subject), nodes=frozenset({node}))


SEVERAL = about("several recipients", None)


def deadline(catalog: Catalog, kind: MessageKind, client: ClientId | None) -> timedelta:
    """Return how long a message may take until somebody takes it."""
    if kind is MessageKind.PAGE:
        return PAGE_TAKES
    known = catalog.clients.get(client) if client is not None else None
    promised = None if known is None else catalog.tier_of(known.id).sla.first_notice
    return NOTICE_TAKES if promised is None else max(SHORTEST, promised)


def watched_over(incidents: Mapping[IncidentId, Incident], incident: IncidentId | None) -> bool:
    """Return whether what is told of an incident is watched: not where it is about who cannot be reached."""
    known = incidents.get(incident) if incident is not None else None
    return known is None or not all(one.startswith(AlertKind.UNDELIVERED) for one in known.alerts)


def judge_undelivered(
    before: Before, untaken: Iterable[Untaken], reached: Iterable[Reached], now: datetime
) -> Assessment:
    """Return the alerts of recipients who took nothing in time, and the ends of those of who takes messages again."""
    assessment, late = Assessment(before), _late(before.catalog, untaken, now)
    if len(late) > FEW:
        assessment.move(SEVERAL, Verdict(move=Move.CONFIRM, explanation=_all(late), onset=late[0].since), now)
        return assessment
    for one in late:
        text = f"{_whom(one)} took nothing for {span(now - one.since)}: {one.key} is the oldest that nobody accepted"
        whom = about(one.recipient, one.client)
        assessment.move(whom, Verdict(move=Move.CONFIRM, explanation=text, onset=one.since), now)
    _clear(assessment, {about(one.recipient, one.client).name for one in late}, reached, now)
    return assessment


def _late(catalog: Catalog, untaken: Iterable[Untaken], now: datetime) -> list[Untaken]:
    """The oldest message of each recipient who took nothing in time, oldest first."""
    found: dict[str, Untaken] = {}
    for one in sorted(untaken, key=lambda each: (each.since, each.key)):
        if one.kind is not MessageKind.NOTE and now - one.since >= deadline(catalog, one.kind, one.client):
            found.setdefault(about(one.recipient, one.client).name, one)
    return list(found.values())


def _clear(assessment: Assessment, late: Container[str], reached: Iterable[Reached], now: datetime) -> None:
    if (several := assessment.known(SEVERAL)) is not None and several.state is not AlertState.RESOLVED:
        assessment.move(SEVERAL, Verdict(move=Move.CLEAR, cleared=now), now)
    for one in reached:
        whom = about(one.recipient, one.client)
        known = assessment.known(whom)
        if known is not None and whom.name not in late and one.at > known.onset:
            assessment.move(whom, Verdict(move=Move.CLEAR, cleared=one.at), now)
    for whom in _gone(assessment.before):
        if whom.name not in late:
            text = "no contact of this name is configured any more"
            assessment.move(whom, Verdict(move=Move.CLEAR, explanation=text, cleared=now), now)


def _gone(before: Before) -> Iterator[About]:
    """Yield the alerts on contacts who are none any more: nothing is sent that they could take."""
    for alert in before.alerts.values():
        name, colon, contact = alert.key.subject.partition(": ")
        if alert.key.kind is AlertKind.UNDELIVERED and alert.active and colon:
            client = before.catalog.clients.get(ClientId(name))
            if client is None or all(one.name != contact for one in client.contacts):
                yield about(contact, ClientId(name))


def _whom(one: Untaken) -> str:
    return one.recipient if one.client is None else f"contact {one.recipient} of {one.client}"


def _all(late: Sequence[Untaken]) -> str:
    named = ", ".join(_whom(one) for one in late[:FEW])
    return f"{len(late)} recipients took nothing in time, the first of them: {named}"


def still_told(_before: Before, _key: AlertKey) -> bool:
    """Return that the alert stays until its recipient is reached, whatever is configured meanwhile."""
    return True
