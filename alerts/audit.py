"""What should have been done by now and was not, read off timelines: a second pair of eyes on the escalation.

It decides nothing that the escalation decides; it only holds what is on record against the clock, and says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.alert import IncidentId
from alerts.evaluate import span
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.mute import Mute
from alerts.news import Why, next_update, outlook
from alerts.oncall import Person
from alerts.wording import Links
from probes.catalog import NoticePolicy

SLACK = timedelta(seconds=15)
"""By how much an instant may have passed before it is noticed: ticks are called every few seconds."""

PATIENCE = timedelta(minutes=1)
"""For how long something must have been noticed as overdue before it is a page."""

AGAIN = timedelta(hours=1)
"""After how long what is still overdue is told again."""


class What(StrEnum):
    """What is overdue."""

    STEP = "step"
    UPDATE = "update"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Something that was due at an instant: of an incident, or a message of that key that waits to be sent."""

    what: What
    due: datetime
    incident: IncidentId | None = None
    key: str = ""

    @property
    def name(self) -> str:
        """What tells it from everything else that is overdue."""
        return f"{self.incident or ''}/{self.what}/{self.key}/{self.due:%Y%m%dT%H%M%SZ}"


def overdue(incidents: Iterable[Incident], now: datetime) -> Iterator[Overdue]:
    """Yield the steps and updates whose instants have passed without an entry on their timelines.

    What something keeps back is not overdue, nor is the step of an incident in which nothing is wrong any more.
    """
    late = now - SLACK
    for incident in incidents:
        if not incident.open:
            continue
        wrong = incident.active or any(one.recovered is None for one in incident.impacts.values())
        if incident.next_due is not None and incident.next_due < late and wrong and not _kept(incident.muted, late):
            yield Overdue(what=What.STEP, due=incident.next_due, incident=incident.id)
        for update in _updates(incident, late):
            if update < late:
                yield Overdue(what=What.UPDATE, due=update, incident=incident.id)
                break


def _kept(mutes: tuple[Mute, ...], at: datetime) -> bool:
    """Whether what keeps messages back still does, as far as is on record: once one of its causes is over they are due.

    Where others have taken its place, that would be on record.
    """
    return bool(mutes) and all(one.until is None or one.until > at for one in mutes)


def _updates(incident: Incident, late: datetime) -> list[datetime]:
    """Return when updates to clients are due, the earliest first."""
    told = [
        one
        for client, one in incident.impacts.items()
        if one.terms.notices is NoticePolicy.AUTOMATIC
        and one.terms.contacts
        and not _kept(incident.unnotified.get(client, ()), late)
    ]
    past = [(one, at) for one in told if (at := next_update(one)) is not None and at < late]
    if not past:
        return []
    # Without news nothing is written by itself: somebody has a draft.
    asked = outlook(incident, late)
    return sorted(at for one, at in past if (due := asked.due(one)) is not None and due.why is not Why.NO_NEWS)


def message(one: Overdue, person: Person, links: Links, now: datetime) -> Message:
    """Return the page that tells the catch-all of something overdue; its key is its own, and another one in an hour."""
    turn = max(timedelta(), now - one.due) // AGAIN
    return Message(
        key=f"overdue{one.name}/{turn}",
        kind=MessageKind.PAGE,
        lane=Lane.URGENT,
        stage=Stage.INVESTIGATING,
        recipient=person.id,
        channels=person.channels,
        subject=f"{f'[{one.incident}] ' if one.incident else ''}Tierwatch has not done what was due: {WORDS[one.what]}",
        body="\n".join(_lines(one, links, now)),
        created=now,
        severity=MessageSeverity.FAILURE,
        weight=HEAVIEST,
        incident=one.incident,
    )


HEAVIEST = 1_000_000
"""It goes before every other page: those may be what is stuck."""

WORDS = {What.STEP: "the next page", What.UPDATE: "an update to a client", What.PAGE: "a page that waits to be sent"}


def _lines(one: Overdue, links: Links, now: datetime) -> Iterator[str]:
    yield f"{WORDS[one.what].capitalize()} was due at {one.due:%Y-%m-%d %H:%M:%S} UTC, {span(now - one.due)} ago."
    yield "You are paged as the catch-all: an audit of the record found it, and it may be that nobody was told."
    if one.incident is not None:
        yield f"Take the incident yourself, or page by hand: {links.external}/incidents/{one.incident}"
    yield f"Then look at the process and its log: {links.external}/readyz"
