"""The hours in which promises count: weekly hours in a zone, without holidays, as values that a contract carries.

What a calendar comes to in instants is for `calendar` in the room above. A contract holds its calendars by value, so
that an edit of the configuration changes no clock that has run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from probes.holiday import is_holiday

EVERY_DAY = frozenset(range(7))
WORKING_DAYS = frozenset(range(5))

SETTLED_BEFORE = timedelta(days=45)
SETTLED_AFTER = timedelta(days=400)
"""How far around the instant at which a client is hurt the holidays are written into its calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """From when to when, by the wall clock, it is open on some weekdays (Monday is 0).

    Where it closes no later than it opens, it closes on the day after: 00:00 to 00:00 is the whole day.
    """

    days: frozenset[int]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a promise counts. Without `week` it always does; without `zone` the hours are those of each client's zone.

    It is closed on the holidays of `country` (like ES or ES-MD) and on the `closed` days (like 2026-12-24); what opens
    on such a day stays closed, also after midnight. From `settled[0]` to `settled[1]` the country's holidays have been
    written into `closed`, and a later edition of them changes nothing.
    """

    name: str
    zone: str | None = None
    week: tuple[Opening, ...] | None = None
    country: str | None = None
    closed: tuple[str, ...] = ()
    settled: tuple[str, str] | None = None

    @property
    def always(self) -> bool:
        """Whether it counts every minute."""
        return self.week is None and self.country is None and not self.closed


ALWAYS = Calendar(name="always")
BUILT_IN: Mapping[str, Calendar] = {
    calendar.name: calendar
    for calendar in (
        ALWAYS,
        Calendar(name="24x7"),
        Calendar(name="16x7", week=(Opening(days=EVERY_DAY, opens=time(6), closes=time(22)),)),
        Calendar(name="business", week=(Opening(days=WORKING_DAYS, opens=time(9), closes=time(17)),)),
    )
}
"""The calendars that need no definition."""


def is_closed(calendar: Calendar, day: date) -> bool:
    """Return whether nothing opens on a day because it is a holiday or was said to be closed."""
    if day.isoformat() in calendar.closed:
        return True
    if calendar.country is None or (
        calendar.settled is not None and calendar.settled[0] <= day.isoformat() <= calendar.settled[1]
    ):
        return False
    return is_holiday(calendar.country, day)


def at_home(calendar: Calendar, zone: str) -> Calendar:
    """Return a calendar with a zone: its own, or else that of a client."""
    return calendar if calendar.always or calendar.zone is not None else replace(calendar, zone=zone)


def settled(calendar: Calendar, day: date) -> Calendar:
    """Return a calendar with the holidays around a day written into it: what a contract is kept by."""
    if calendar.country is None or calendar.settled is not None:
        return calendar
    first, last = day - SETTLED_BEFORE, day + SETTLED_AFTER
    holidays = (day.isoformat() for day in _days(first, last) if is_holiday(calendar.country, day))
    closed = tuple(sorted({*calendar.closed, *holidays}))
    return replace(calendar, closed=closed, settled=(first.isoformat(), last.isoformat()))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
