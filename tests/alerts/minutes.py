"""Counts a calendar minute by minute, by another library and another way than the code that it checks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from probes.holiday import is_holiday
from probes.hours import Calendar

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def open_minutes(calendar: Calendar, start: datetime, end: datetime) -> set[datetime]:
    """Return the minutes from one whole minute up to another in which a calendar is open."""
    spans = _spans(calendar, start, end)
    found, minute = set(), start
    while minute < end:
        if calendar.always or any(begin <= minute < close for begin, close in spans):
            found.add(minute)
        minute += MINUTE
    return found


def _spans(calendar: Calendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    zone, spans = ZoneInfo(calendar.zone or "UTC"), []
    day = start.date() - 2 * DAY
    while day <= end.date() + 2 * DAY:
        spans += [_wall(day, opens, closes, zone) for opens, closes in _hours(calendar, day)]
        day += DAY
    return spans


def _hours(calendar: Calendar, day: date) -> list[tuple[time, time]]:
    holiday = calendar.country is not None and is_holiday(calendar.country, day)
    if holiday or str(day) in calendar.closed:
        return []
    if calendar.week is None:
        return [(time(), time())]
    return [(one.opens, one.closes) for one in calendar.week if day.weekday() in one.days]


def _wall(day: date, opens: time, closes: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    last = day if closes > opens else day + DAY
    begin, end = (datetime.combine(*pair, tzinfo=zone) for pair in ((day, opens), (last, closes)))
    return begin.astimezone(UTC), end.astimezone(UTC)
