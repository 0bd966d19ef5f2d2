"""Writes what one reader may see as a page, in their language and on their clock.

It is handed a :class:`~alerts.client_view.ClientView` and words, and nothing else of what we know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_decimal
from markupsafe import Markup
from whenever import Instant

from alerts.account import length
from alerts.beheld import Say
from alerts.client_view import ClientView, Day, DayState, Episode, ServiceState, ServiceView, Work, summed
from alerts.instants import NARROW, locale_of
from alerts.message import Stage
from monitor.web.render import ENVIRONMENT

STATES = {
    ServiceState.OUTAGE: ("bad", "✕", "Outage"),
    ServiceState.PARTIAL_OUTAGE: ("bad", "✕", "Partial outage"),
    ServiceState.DEGRADED: ("warn", "!", "Degraded"),
    ServiceState.MAINTENANCE: ("calm", "⚙", "In maintenance"),
    ServiceState.UNKNOWN: ("blind", "?", "Not known at the moment"),
    ServiceState.OPERATIONAL: ("good", "✓", "Works"),
}
HEADLINES = {
    ServiceState.OUTAGE: "A service is not available to you",
    ServiceState.PARTIAL_OUTAGE: "A part of a service is not available to you",
    ServiceState.DEGRADED: "A service does not work as it should",
    ServiceState.MAINTENANCE: "A service is in maintenance",
    ServiceState.UNKNOWN: "We cannot see all of your services at the moment",
    ServiceState.OPERATIONAL: "All of your services work",
}
STAGES = {
    Stage.INVESTIGATING: ("bad", "✕", "Investigating"),
    Stage.IDENTIFIED: ("warn", "!", "Identified"),
    Stage.MONITORING: ("warn", "…", "Monitoring"),
    Stage.UPDATE: ("warn", "…", "Update"),
    Stage.RESOLVED: ("good", "✓", "Resolved"),
    Stage.RETRACTED: ("good", "✓", "Retracted"),
    Stage.SCHEDULED: ("calm", "○", "Scheduled"),
    Stage.REMINDER: ("calm", "○", "Reminder"),
    Stage.MOVED: ("warn", "!", "Moved"),
    Stage.IN_PROGRESS: ("calm", "⚙", "In progress"),
    Stage.COMPLETED: ("good", "✓", "Completed"),
    Stage.CANCELLED: ("calm", "✕", "Cancelled"),
}
DAYS = {
    DayState.GOOD: ("good", "✓", "good"),
    DayState.DISTURBED: ("warn", "!", "disturbed"),
    DayState.FAILING: ("bad", "✕", "failing"),
    DayState.MAINTENANCE: ("calm", "⚙", "maintenance only"),
    DayState.UNSEEN: ("blind", "?", "not seen"),
    DayState.NO_DATA: ("none", "-", "no data"),
}
Shape = Literal["short", "long"]


# A page has thousands of days and numbers, the same ones again and again, and Babel takes long for each. In an incident
# every client looks at once, beside what pages.
@lru_cache(maxsize=16_384)
def _day(day: date, language: str) -> str:
    return str(format_date(day, "medium", locale_of(language)))


@lru_cache(maxsize=65_536)
def _number(value: float, language: str) -> str:
    return str(format_decimal(value, locale=locale_of(language)))


@lru_cache(maxsize=65_536)
def _share(thousandths: int, language: str) -> str:
    return f"{format_decimal(thousandths / 1000, '#,##0.000', locale_of(language))} %"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """Writes words, instants, days and numbers for one reader."""

    say: Say
    timezone: str
    language: str

    def text(self, sentence: str, **filling: object) -> str:
        """Return a sentence in the reader's language."""
        return self.say(sentence).format(**filling)

    def at(self, at: datetime) -> Markup:
        """Return an instant as a `time` element: on the reader's clock with its zone, in UTC on hover."""
        return Markup('<time datetime="{}" title="{}">{}</time>').format(_iso(at), _utc(at), self.local(at))

    def local(self, at: datetime) -> str:
        """Return an instant on the reader's clock, with its zone."""
        there, locale = Instant(at).to_tz(self.timezone).to_stdlib(), locale_of(self.language)
        clock = format_time(there, "short", tzinfo=there.tzinfo, locale=locale).replace(NARROW, " ")
        return f"{format_date(there, 'medium', locale)}, {clock} {self.zone(at)}"

    def to_the_second(self, at: datetime) -> Markup:
        """Return an instant as evidence needs it: to the second on the reader's clock, with its zone; UTC on hover."""
        return Markup('<time datetime="{}" title="{}">{}</time>').format(_iso(at), _utc(at), self.second(at))

    def second(self, at: datetime) -> str:
        """Return an instant to the second on the reader's clock, with its zone."""
        there, locale = Instant(at).to_tz(self.timezone).to_stdlib(), locale_of(self.language)
        return f"{format_date(there, 'medium', locale)}, {there:%H:%M:%S} {self.zone(at)}"

    def exact(self, time: timedelta) -> str:
        """Return a length of time to the second."""
        return length(time)

    def zone(self, at: datetime) -> str:
        """Return the short name of the reader's zone at an instant."""
        there = Instant(at).to_tz(self.timezone).to_stdlib()
        return str(get_timezone_name(there, "short", locale=locale_of(self.language)))

    def day(self, day: date) -> str:
        """Return a day."""
        return _day(day, self.language)

    def number(self, value: float) -> str:
        """Return a whole number."""
        return _number(value, self.language)

    def share(self, value: float | None) -> str:
        """Return a share as a percentage that is never rounded up to all of it; a dash where there is none."""
        if value is None:
            return "-"
        return _share(int(value * 100_000), self.language)

    def length(self, time: timedelta) -> str:
        """Return a length of time to the minute, in hours and minutes; "0 min" where there was none."""
        minutes = -(-time // timedelta(minutes=1))
        return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004 - an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A service with what its days add up to."""

    view: ServiceView
    total: Day | None


def service(view: ServiceView) -> Whole:
    """Return a service with the sum of its days."""
    return Whole(view=view, total=summed(view.days) if view.days else None)


def index_page(view: ClientView, address: str, say: Say, now: datetime) -> str:
    """Return the page itself. `address` is where it lies, with a slash at its end; "" where it is a preview."""
    context = {
        "services": [service(one) for one in view.services],
        "open": view.open_episodes,
        "closed": [one for one in view.episodes if one.ended is not None],
        "coming": [one for one in reversed(view.works) if not one.over],
        "done": [one for one in view.works if one.over],
        "headline": HEADLINES[view.worst],
    }
    return _write("status.html", view, address, say, now, context)


def episode_page(view: ClientView, episode: Episode, address: str, say: Say, now: datetime) -> str:
    """Return the page of one incident."""
    return _write("status_item.html", view, address, say, now, {"episode": episode, "work": None})


def work_page(view: ClientView, work: Work, address: str, say: Say, now: datetime) -> str:
    """Return the page of one maintenance."""
    return _write("status_item.html", view, address, say, now, {"episode": None, "work": work})


def _write(  # noqa: PLR0913, PLR0917 - what every page of a reader is given
    template: str, view: ClientView, address: str, say: Say, now: datetime, context: Mapping[str, object]
) -> str:
    pen = Pen(say=say, timezone=view.timezone, language=view.language)
    _: Callable[..., str] = pen.text
    shared = {
        "view": view,
        "address": address,
        "pen": pen,
        "_": _,
        "now": now,
        "states": STATES,
        "stages": STAGES,
        "day_states": DAYS,
    }
    return ENVIRONMENT.get_template(template).render(**shared, **context)
