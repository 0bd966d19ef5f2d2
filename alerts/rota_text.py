"""Reads who is on call out of a calendar's text (RFC 5545): events, repeated ones expanded, as shifts of people.

Repetition is by wall clock: a shift from 09:00 to 09:00 is that also after the clocks have changed. What repeats more
often than daily is refused, and so is more than can be wanted: nothing that a feed says keeps us busy for long.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr  # type: ignore[import-untyped] # it ships none
from icalendar import Calendar

from alerts.oncall import Feed
from alerts.override import Shift
from alerts.rotation import PersonId

MOST_EVENTS = 5_000
MOST_SHIFTS = 20_000
EARLIEST = 1990
NAMED = 20
LONGEST_NAME = 80
REPEATS = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})


class RotaError(ValueError):
    """The text is no calendar that says who is on call; the message says why, and repeats nothing of it but a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The shifts between two instants, and the summaries by which nobody is meant."""

    shifts: tuple[Shift, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    """When an event takes place, on the wall clock of a zone."""

    start: datetime
    length: timedelta
    zone: tzinfo

    def at(self, start: datetime) -> tuple[datetime, datetime]:
        """Return an occurrence of it in UTC; where clocks change, by RFC 5545's rules."""
        ends = start + self.length
        return start.replace(tzinfo=self.zone).astimezone(UTC), ends.replace(tzinfo=self.zone).astimezone(UTC)


def read_rota(text: bytes, feed: Feed, start: datetime, end: datetime) -> Reading:
    """Return what a calendar says between two instants.

    Raises:
        RotaError: it is no calendar, or more than can be wanted.
    """
    events = _events(text)
    home = ZoneInfo(feed.timezone)
    people = {name.casefold(): person for name, person in feed.people}
    moved = _moved(events, home)
    shifts: list[Shift] = []
    unknown: dict[str, None] = {}
    for event in events:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        spans = [span for span in _occurrences(event, moved, home, (start, end)) if span[0] < end and span[1] > start]
        who = _people(event, people) if spans else ()
        if spans and not who:
            unknown.setdefault(str(event.get("SUMMARY", ""))[:LONGEST_NAME] or "an event without a summary")
        shifts += [Shift(person=person, start=one, end=other) for one, other in spans for person in who]
        if len(shifts) > MOST_SHIFTS:
            raise RotaError(f"it has more than {MOST_SHIFTS} shifts")
    ordered = sorted(dict.fromkeys(shifts), key=lambda one: (one.start, one.end, one.person))
    return Reading(shifts=tuple(ordered), unknown=tuple(unknown)[:NAMED])


def _events(text: bytes) -> list[Any]:
    try:
        events = list(Calendar.from_ical(text).walk("VEVENT"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise RotaError("it is no iCalendar text") from None
    if len(events) > MOST_EVENTS:
        raise RotaError(f"it has more than {MOST_EVENTS} events")
    return events


def _people(event: Any, people: Mapping[str, PersonId]) -> tuple[PersonId, ...]:  # noqa: ANN401 - icalendar's component
    invited = event.get("ATTENDEE", ())
    invited = invited if isinstance(invited, list) else [invited] if invited else []
    coming = [one for one in invited if str(one.params.get("PARTSTAT", "")).upper() != "DECLINED"]
    names = [str(one).partition(":")[2] or str(one) for one in coming]
    known = [people[name.casefold()] for name in names if name.casefold() in people]
    summary = str(event.get("SUMMARY", "")).strip().casefold()
    if not known and summary in people:
        known = [people[summary]]
    return tuple(dict.fromkeys(known))


def _moved(events: Iterable[Any], home: tzinfo) -> Mapping[str, frozenset[datetime]]:
    """Return for each UID the occurrences that an event of their own stands for, by when they would have begun."""
    found: dict[str, set[datetime]] = {}
    for event in events:
        instead = event.get("RECURRENCE-ID")
        if instead is not None:
            found.setdefault(str(event.get("UID", "")), set()).add(_instant(instead.dt, home))
    return {uid: frozenset(starts) for uid, starts in found.items()}


def _instant(value: date | datetime, home: tzinfo) -> datetime:
    wall, zone = _wall(value, home)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _wall(value: date | datetime, home: tzinfo) -> tuple[datetime, tzinfo]:
    """Return a time on the wall and the zone of the wall; what has no zone, and whole days, are at home."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time()), home
    return value.replace(tzinfo=None), value.tzinfo or home


def _span(event: Any, home: tzinfo) -> _Span | None:  # noqa: ANN401 - icalendar's component
    if event.get("DTSTART") is None:
        return None
    begins = event["DTSTART"].dt
    start, zone = _wall(begins, home)
    if event.get("DTEND") is not None:
        other, other_zone = _wall(event["DTEND"].dt, home)
        end = other if other_zone == zone else other.replace(tzinfo=other_zone).astimezone(zone).replace(tzinfo=None)
        return _Span(start, end - start, zone)
    if event.get("DURATION") is not None:
        return _Span(start, event["DURATION"].dt, zone)
    return _Span(start, timedelta() if isinstance(begins, datetime) else timedelta(days=1), zone)


def _occurrences(
    event: Any,  # noqa: ANN401 - icalendar's component
    moved: Mapping[str, frozenset[datetime]],
    home: tzinfo,
    window: tuple[datetime, datetime],
) -> Iterator[tuple[datetime, datetime]]:
    try:
        span = _span(event, home)
        if span is None or span.length <= timedelta():
            return
        starts = _starts(event, span, home, window) if _repeats(event) else [span.start]
    except RotaError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise RotaError("an event's time or repetition cannot be read") from None
    own = event.get("RECURRENCE-ID") is not None
    taken = frozenset[datetime]() if own else moved.get(str(event.get("UID", "")), frozenset())
    yield from (at for at in map(span.at, starts) if at[0] not in taken)


def _repeats(event: Any) -> bool:  # noqa: ANN401 - icalendar's component
    return event.get("RECURRENCE-ID") is None and (event.get("RRULE") is not None or event.get("RDATE") is not None)


def _starts(
    event: Any,  # noqa: ANN401 - icalendar's component
    span: _Span,
    home: tzinfo,
    window: tuple[datetime, datetime],
) -> list[datetime]:
    first, last = (edge.astimezone(span.zone).replace(tzinfo=None) for edge in window)
    rules = rruleset()
    for rule in _several(event.get("RRULE")):
        rules.rrule(_rule(rule, span, last))
    rules.rdate(span.start)
    for at in _dates(event.get("RDATE"), span, home):
        rules.rdate(at)
    for at in _dates(event.get("EXDATE"), span, home):
        rules.exdate(at)
    day = timedelta(days=1)
    found: list[datetime] = []
    for at in rules.xafter(first - span.length - day, count=MOST_SHIFTS + 1):
        if at > last + day:
            break
        found.append(at)
    if len(found) > MOST_SHIFTS:
        raise RotaError(f"an event repeats more than {MOST_SHIFTS} times")
    return found


def _several(value: Any) -> list[Any]:  # noqa: ANN401 - one property, or several of one name
    return [] if value is None else value if isinstance(value, list) else [value]


def _rule(rule: Any, span: _Span, last: datetime) -> Any:  # noqa: ANN401 - icalendar's rule in, dateutil's out
    if span.start.year < EARLIEST:
        raise RotaError(f"an event repeats since before {EARLIEST}")
    if {str(one).upper() for one in rule.get("FREQ", ())} - REPEATS:
        raise RotaError("an event repeats more often than daily")
    until = [_until(one, span) for one in rule.get("UNTIL", ())]
    text = ";".join(part for part in rule.to_ical().decode().split(";") if not part.upper().startswith("UNTIL="))
    made = rrulestr(text, dtstart=span.start)
    return made if rule.get("COUNT") else made.replace(until=min([last + timedelta(days=1), *until]))


def _until(value: date | datetime, span: _Span) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time.max)
    return value if value.tzinfo is None else value.astimezone(span.zone).replace(tzinfo=None)


def _dates(value: Any, span: _Span, home: tzinfo) -> Iterator[datetime]:  # noqa: ANN401 - one list of dates, or several
    for listed in _several(value):
        for one in listed.dts:
            at = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            if not isinstance(at, datetime):
                yield datetime.combine(at, span.start.time())
            else:
                wall, zone = _wall(at, home)
                yield wall.replace(tzinfo=zone).astimezone(span.zone).replace(tzinfo=None)
