"""Reports over what is on record: how long things took, how many promises were kept, and how it is written as CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from alerts.clocks import Promise
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.report import Dimension, Line, Phase, cases, report, systems_of
from monitor.situation import Sight, Situation
from probes.catalog import SystemId

READ_AT_ONCE = 500
MOST_READ = 10_000
"""So many incidents are reported on at most: the newest."""


def doubt(situation: Situation) -> Callable[[Incident, Impact], timedelta]:
    """Return how long before its onset a client may have been hurt: the time between two looks at what failed."""
    every = {
        system: max((sight.interval for sight in _sights(situation, system)), default=timedelta())
        for system in situation.wants
    }

    def known(incident: Incident, impact: Impact) -> timedelta:
        del impact
        return max((every.get(SystemId(one), timedelta()) for one in systems_of(incident)), default=timedelta())

    return known


def _sights(situation: Situation, system: SystemId) -> Iterator[Sight]:
    wants = situation.wants.get(system, ())
    return (situation.sights[want.probe.id] for want in wants if want.probe.id in situation.sights)


def opened_in(incidents: Iterable[Incident], month: str | None) -> Iterator[Incident]:
    """Yield the incidents that were opened in a month of UTC, written like 2026-11; all without one."""
    return (one for one in incidents if month is None or f"{one.opened:%Y-%m}" == month)


def lines_of(
    incidents: Iterable[Incident], by: Dimension | None, month: str | None, situation: Situation
) -> tuple[Line, ...]:
    """Return the report on incidents, told apart by a dimension."""
    return report(cases(opened_in(incidents, month), doubt(situation)), by)


def over(incidents: Sequence[Incident], month: str | None) -> bool:
    """Return whether incidents, newest first, reach back beyond a month, so that no more need to be read."""
    return month is not None and bool(incidents) and f"{incidents[-1].opened:%Y-%m}" < month


COLUMNS = ("name", "incidents", "clients")


def as_csv(lines: Iterable[Line]) -> str:
    """Return a report as CSV: lengths in seconds, at least and at most; promises as how many of how many were kept."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    lengths = [f"{phase}_{end}_seconds" for phase in Phase for end in ("least", "most", "longest")]
    counts = [f"{promise}_{what}" for promise in Promise for what in ("kept", "made")]
    writer.writerow((*COLUMNS, *lengths, *counts))
    for line in lines:
        writer.writerow((_plain(line.name), line.incidents, line.cases, *_lengths(line), *_counts(line)))
    return text.getvalue()


def _plain(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name


def _lengths(line: Line) -> Iterator[float | str]:
    for phase in Phase:
        figure = line.figures.get(phase)
        if figure is None:
            yield from ("", "", "")
        else:
            yield from (one.total_seconds() for one in (figure.least, figure.most, figure.longest))


def _counts(line: Line) -> Iterator[int | str]:
    for promise in Promise:
        yield from line.kept.get(promise, ("", ""))


def month_of(now: datetime) -> str:
    """Return the month of UTC that an instant lies in, written like 2026-11."""
    return f"{now:%Y-%m}"
