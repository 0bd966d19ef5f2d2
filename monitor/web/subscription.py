"""The addresses of calendars: unguessable, one for each person and schedule, void as soon as they are revoked.

An address is drawn from the access token and a number that grows with each revocation, so nothing secret is stored.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from alerts.published import DutyEvent, events_of
from alerts.rotation import PersonId
from monitor.situation import Situation
from monitor.web.access import Doors, Keys

PERSON, SCHEDULE = "person", "schedule"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose calendar it is: a person's, or a whole schedule's."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    def events(self, situation: Situation) -> Iterator[tuple[str, DutyEvent]]:
        """Yield its events, each with the schedule that it belongs to."""
        if self.kind == PERSON:
            yield from events_of(situation.published, PersonId(self.name))
        elif self.name in situation.published:
            yield from ((self.name, event) for event in situation.published[self.name].events)


def subjects(situation: Situation) -> Iterator[Subject]:
    """Yield everybody, and every schedule, that has a calendar."""
    yield from (Subject(PERSON, person) for person in situation.config.roster.people)
    yield from (Subject(SCHEDULE, name) for name in situation.config.roster.schedules)


def key_of(situation: Situation, keys: Keys, subject: Subject) -> str:
    """Return the part of an address that nobody can guess."""
    link = situation.calendar_links.get(str(subject))
    return keys.drawn(f"calendar {subject} {link.generation if link else 0}")


def address_of(situation: Situation, keys: Keys, doors: Doors, subject: Subject) -> str:
    """Return where the calendar of a subject lies."""
    return f"{doors.address}/calendar/{key_of(situation, keys, subject)}.ics"


def subject_of(situation: Situation, keys: Keys, offered: str) -> Subject | None:
    """Return whom an address was made for, None where it is nobody's."""
    given = hashlib.sha256(offered.encode()).digest()
    found = None
    for subject in subjects(situation):
        # Every one is compared, so that the time taken tells nothing.
        if hmac.compare_digest(hashlib.sha256(key_of(situation, keys, subject).encode()).digest(), given):
            found = subject
    return found
