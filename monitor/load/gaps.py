"""Where a schedule has nobody on call although contracts that depend on it count, over the coming year, as findings.

Overrides are not looked at: what somebody posted for a week mends no schedule. The calendar of a feed is not read here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.coverage import Gap, all_gaps, by_schedule, months_after
from alerts.oncall import Board
from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from monitor.units import spelled

MONTHS = 12
MINUTE = timedelta(minutes=1)


def uncovered(config: Config, sections: Sections, now: datetime) -> Iterator[Problem]:
    """Yield a finding for each schedule with gaps; one that no tier promises anything for is minor.

    A schedule that has nobody at all is told of elsewhere.
    """
    found = all_gaps(config.catalog, config.roster, Board(), now, months_after(now, MONTHS))
    for name, gaps in by_schedule(found).items():
        schedule = config.roster.schedules[name]
        if schedule.members and schedule.feed is None:
            severe = any(gap.promised for gap in gaps)
            yield sections.parts["schedules"][name].problem(_words(gaps), (), Grade.SEVERE if severe else Grade.MINOR)


def _words(gaps: tuple[Gap, ...]) -> str:
    first, total = gaps[0], sum((gap.length for gap in gaps), timedelta())
    tiers = ", ".join(sorted({tier for gap in gaps for tier in gap.tiers}))
    number = "one gap" if len(gaps) == 1 else f"{len(gaps)} gaps"
    return (
        f"has nobody on call for {spelled(total // MINUTE * MINUTE)} of the coming 12 months in the hours of {tiers} "
        f"({number}, the first from {first.start:%Y-%m-%d %H:%M} to {first.end:%Y-%m-%d %H:%M} UTC): the catch-all is "
        "paged instead; add a layer, or see `tierwatch oncall coverage`"
    )
