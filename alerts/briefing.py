"""What a page says: what happens, why this person, what breaks first, since when, on what evidence, what to do next.

Every instant in it is told on its reader's own clock, with the offset, and in UTC. A page may name systems and clients.
"""

from collections.abc import Iterator
from datetime import datetime
from heapq import nlargest

from whenever import Instant

from alerts.draft import Context
from alerts.escalation import PageReason
from alerts.evaluate import span
from alerts.hurry import MOST_CLIENTS
from alerts.incident import Incident
from alerts.ladder import RungState, ladder
from alerts.oncall import Person
from alerts.sla import Timer, TimerState, timers_of
from alerts.stake import lines, stake
from alerts.wording import REASONS, evidence_of, headline, kind_of


def clock(at: datetime, zone: str) -> str:
    """Return an instant on a reader's clock with its offset and zone, and in UTC, with the day where that differs."""
    there = Instant(at).to_tz(zone).to_stdlib()
    offset = there.strftime("%z")
    utc = f"{at:%H:%M:%S}" if there.date() == at.date() else f"{at:%Y-%m-%d %H:%M:%S}"
    return f"{there:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:5]} ({zone}), {utc} UTC"


def briefing(  # noqa: PLR0913, PLR0917 - who is told what of which incident, why, and when
    incident: Incident, person: Person, reason: PageReason, context: Context, now: datetime, why: str = ""
) -> str:
    """Return the text of a page to one person; `why` is why it comes at this moment, in words."""
    return "\n".join(_lines(incident, person, f"{REASONS[reason]}{f' {_sentence(why)}' if why else ''}", context, now))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _lines(incident: Incident, person: Person, why: str, context: Context, now: datetime) -> Iterator[str]:
    zone, kind, links = person.timezone, kind_of(incident), context.links
    yield headline(incident)
    yield why
    first = first_to_break(incident, now)
    if first is not None:
        name = incident.impacts[first.client].terms.name
        promise, left = first.promise.replace("_", " "), span(first.due - now)
        yield f"Breaks first: {promise} for {name} ({first.tier}) at {clock(first.due, zone)}, in {left}."
    yield from context.spent.lines(incident, now)
    yield f"Since {clock(incident.onset, zone)}; opened {clock(incident.opened, zone)}."
    yield from lines(stake(incident, context.catalog, now), now)
    yield f"Evidence: {evidence_of(incident)}"
    yield f"Acknowledge: {links.incident(incident)}{_or_else(incident, zone, context, now)}"
    yield f"Runbook: {links.runbook(kind)}"
    yield from (
        f"{name.replace('_url', '').capitalize()} of the alert: {address}" for name, address in incident.references
    )


def first_to_break(incident: Incident, now: datetime) -> Timer | None:
    """Return the running promise that can still be kept and breaks first, of the heaviest tiers' clients."""
    hurt = (one for one in incident.impacts.values() if one.recovered is None)
    heaviest = nlargest(MOST_CLIENTS, hurt, key=lambda one: one.terms.weight)
    timers = (timer for impact in heaviest for timer in timers_of(incident, impact, now))
    running = (one for one in timers if one.state is TimerState.RUNNING and one.stopped is None and one.due > now)
    return min(running, key=lambda one: (one.due, one.client, one.promise), default=None)


def _or_else(incident: Incident, zone: str, context: Context, now: datetime) -> str:
    """Return who is paged next, and when, if nobody acknowledges."""
    upcoming = (one for one in ladder(incident, (), context.board, now) if one.state is RungState.NEXT)
    rung = next(upcoming, None)
    if rung is None:
        return ""
    return f" (or else {', '.join(rung.people)} is paged at {clock(rung.at, zone)}, in {span(rung.at - now)})"


def ended(incident: Incident, person: Person, context: Context, now: datetime) -> str:
    """Return the text that tells somebody who was paged how it ended."""
    return "\n".join(
        (
            f"{incident.id} is resolved: {incident.resolved_why}.",
            f"It lasted {span(now - incident.onset)}, from {clock(incident.onset, person.timezone)}.",
            f"Record: {context.links.incident(incident)}",
        )
    )
