"""Gauges of who is on call: how many, until when, where nobody will be, and how old what calendars tell is.

No person is named: a schedule's name and a tier's are all that stands in a label.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.oncall import next_change, on_call
from monitor.situation import Situation


def oncall_gauges(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield what is known of each schedule; of what is not known, nothing."""
    people = _family("oncall_people", "How many people are on call; 0 where the catch-all is paged.")
    handover = _family("oncall_next_handover_timestamp_seconds", "When others are next on call, in Unix time.")
    overrides = _family("oncall_overrides_active", "Overrides that are in force.")
    board = situation.board
    for name, schedule in situation.config.roster.schedules.items():
        people.add_metric([name], len(on_call(schedule, board, now)))
        overrides.add_metric([name], sum(one.holds(now) for one in board.of(name)))
        change = next_change(schedule, board, now)
        if change is not None:
            handover.add_metric([name], change.timestamp())
    yield from (family for family in (people, handover, overrides) if family.samples)
    yield from _gaps(situation, now)
    yield from _calendars(situation, now)


def _gaps(situation: Situation, now: datetime) -> Iterator[Metric]:
    total = _family("oncall_gap_seconds", "How long nobody is on call in contract hours of the next 12 months.", "tier")
    first = _family(
        "oncall_gap_next_timestamp_seconds",
        "When the next such gap begins, in Unix time; 0 where there is none.",
        "tier",
    )
    for name in situation.config.roster.schedules:
        for tier in situation.config.catalog.tiers:
            own = [gap for gap in situation.gaps if gap.schedule == name and tier in gap.tiers and gap.end > now]
            total.add_metric([name, tier], sum((gap.length for gap in own), timedelta()).total_seconds())
            first.add_metric([name, tier], min((gap.start.timestamp() for gap in own), default=0))
    yield from (family for family in (total, first) if family.samples)


def _calendars(situation: Situation, now: datetime) -> Iterator[Metric]:
    stale = _family("oncall_calendar_stale", "1 where what a schedule's calendar told is too old, or was never read.")
    read = _family("oncall_calendar_read_timestamp_seconds", "When a schedule's calendar was last read well.")
    for name, schedule in situation.config.roster.schedules.items():
        if schedule.feed is not None:
            rota = situation.rotas.get(name)
            stale.add_metric([name], float(rota is None or rota.stale(schedule.feed, now)))
            if rota is not None and rota.read is not None:
                read.add_metric([name], rota.read.timestamp())
    yield from (family for family in (stale, read) if family.samples)


def _family(name: str, text: str, *more: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"tierwatch_{name}", text, labels=("schedule", *more))
