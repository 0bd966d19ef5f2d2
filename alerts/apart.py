"""Incidents decided apart from each other: one that cannot be decided takes no other with it, and is itself a page.

What is caught is whatever a decision raises: a fault of ours, of which nothing is known but which incident it met.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.draft import Context, Draft, Failure
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.oncall import Person
from alerts.wording import Links

HEAVIEST = 1_000_000
"""It goes before every other page: nobody is told of that incident by anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Since when a pass of one kind has not been able to decide an incident."""

    failure: Failure
    since: datetime


def each_apart(drafts: Iterable[Draft], decide: Callable[[Draft], object]) -> tuple[Failure, ...]:
    """Decide each draft; return those that failed, which are left as they were before."""
    return tuple(_failures(drafts, decide))


def _failures(drafts: Iterable[Draft], decide: Callable[[Draft], object]) -> Iterator[Failure]:
    for draft in drafts:
        incident, notices = draft.incident, dict(draft.notices)
        listed: tuple[list[Any], ...] = (draft.events, draft.messages, draft.suppressed)
        lengths = [len(one) for one in listed]
        try:
            decide(draft)
        except Exception as error:  # noqa: BLE001 - it is handed on, and the others are decided
            draft.incident, draft.notices = incident, notices
            for one, length in zip(listed, lengths, strict=True):
                del one[length:]
            yield Failure(incident=incident.id, error=error)


def soonest(incidents: Iterable[Incident], ask: Callable[[Incident], datetime | None]) -> datetime | None:
    """Return the earliest instant that any incident asks for; one that cannot be asked is left out."""
    return min((at for one in incidents if (at := _asked(one, ask)) is not None), default=None)


def _asked(incident: Incident, ask: Callable[[Incident], datetime | None]) -> datetime | None:
    try:
        return ask(incident)
    except Exception:  # noqa: BLE001 - the pass that decides it tells of it
        return None


def newly(known: Mapping[str, Undecided], kind: str, failed: Iterable[Failure], now: datetime) -> dict[str, Undecided]:
    """Return what a kind of pass could not decide, by `KIND/INCIDENT`, and could when it was last asked."""
    found = {f"{kind}/{one.incident}": Undecided(failure=one, since=now) for one in failed}
    return {key: one for key, one in found.items() if key not in known}


def pages(new: Iterable[Undecided], known: Mapping[str, Undecided], context: Context) -> tuple[Message, ...]:
    """Return the pages to the catch-all: one for each incident, whichever pass it fails first."""
    told = {one.failure.incident for one in known.values()}
    first = {one.failure.incident: one for one in new if one.failure.incident not in told}
    return tuple(_page(one, context.roster.catch_all, context.links) for one in first.values())


def _page(one: Undecided, person: Person, links: Links) -> Message:
    incident = one.failure.incident
    return Message(
        key=f"undecided/{incident}/{one.since:%Y%m%dT%H}Z",
        kind=MessageKind.PAGE,
        lane=Lane.URGENT,
        stage=Stage.INVESTIGATING,
        recipient=person.id,
        channels=person.channels,
        subject=f"[{incident}] Tierwatch cannot decide this incident: nobody else is told of it",
        body="\n".join(
            (
                f"A fault of Tierwatch itself ({type(one.failure.error).__name__}) keeps it from deciding {incident}.",
                "All other incidents go on. You are paged as the catch-all: in this one nothing is done any more.",
                f"Take it yourself, and tell those who are hurt by hand: {links.external}/incidents/{incident}",
                "Then look into the log, which says what happened, and report it to Tierwatch's makers.",
            )
        ),
        created=one.since,
        severity=MessageSeverity.FAILURE,
        weight=HEAVIEST,
        incident=incident,
    )
