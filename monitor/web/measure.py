"""How quantities are written for people: durations, shares, rates, counts, instants, references to secrets.

Pure text. `static/live.js` writes running countdowns in the same form.
"""

from datetime import UTC, datetime, timedelta

from probes.budget import Window
from probes.catalog import SecretRef

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
PERIODS = {SECOND: "s", MINUTE: "min", HOUR: "h", DAY: "d"}
FINE = timedelta(seconds=10)


def whole(length: timedelta) -> str:
    """Return a length in whole seconds with its two largest units: `42 s`, `4 min 05 s`, `2 h 05 min`, `3 d 4 h`."""
    seconds = int(max(timedelta(), length).total_seconds())
    if seconds < 60:  # noqa: PLR2004 - units of time
        return f"{seconds} s"
    if seconds < 3600:  # noqa: PLR2004
        return f"{seconds // 60} min {seconds % 60:02} s"
    if length < DAY:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"
    return f"{seconds // 86400} d {seconds % 86400 // 3600} h"


def duration(length: timedelta) -> str:
    """Return a measured length: finer than a second where it is short, `450 ms` or `2.4 s`."""
    if length < SECOND:
        return f"{max(0, length / timedelta(milliseconds=1)):.0f} ms"
    if length < FINE:
        return f"{length.total_seconds():.1f} s"
    return whole(length)


def target(length: timedelta) -> str:
    """Return a promised length without empty units: `5 min`, `1 h 30 min`, `20 s`."""
    seconds = int(length.total_seconds())
    parts = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or duration(length)


def left(due: datetime, now: datetime) -> str:
    """Return how far off a due instant is: `42 s left`, or `42 s late` once it has passed."""
    return f"{whole(due - now)} left" if due >= now else f"{whole(now - due)} late"


def share(value: float | None) -> str:
    """Return a share from 0 to 1 as a percentage, with as many digits as it needs; a dash where there is none."""
    if value is None:
        return "-"
    percent = value * 100
    digits = 0 if percent in {0, 100} else 3 if percent > 99 else 1 if percent >= 1 else 2  # noqa: PLR2004
    text = f"{percent:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def number(value: int) -> str:
    """Return a whole number with its thousands apart: `24`, `5,000`."""
    return f"{value:,}"


def count(value: int, one: str, many: str = "") -> str:
    """Return a number and its noun: `1 client`, `24 clients`, `5,000 records`."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def rate(window: Window) -> str:
    """Return a quota window as it is spoken of: `10 per s`, `100 per 10 s`, with its burst."""
    period = PERIODS.get(window.period) or target(window.period)
    burst = f", {window.burst:,} at once" if window.burst else ""
    return f"{window.limit:,} per {period}{burst}"


def per_second(requests: float) -> str:
    """Return a rate of requests with the unit that keeps it readable: `2.5 requests/s`, `12 requests/min`."""
    if requests >= 1:
        return f"{requests:.3g} requests/s"
    if requests * 60 >= 1:
        return f"{requests * 60:.3g} requests/min"
    return f"{requests * 3600:.3g} requests/h"


def instant(at: datetime) -> str:
    """Return an instant as ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_time(at: datetime, now: datetime) -> str:
    """Return an instant in UTC for reading: the time of day, with the date unless it is today's."""
    here = at.astimezone(UTC)
    form = "%H:%M:%S UTC" if here.date() == now.astimezone(UTC).date() else "%a %d %b %Y, %H:%M:%S UTC"
    return here.strftime(form)


def reference(ref: SecretRef) -> str:
    """Return where a secret is found, never what it is: the variable's name, or the file's name without its folder."""
    kind, _, name = ref.partition(":")
    return f"{kind}:{name.rpartition('/')[2]}"
