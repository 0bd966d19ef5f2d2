"""Judges the calendars that schedules come from: one that could not be read for too long is a ticket.

What it told last stays in force meanwhile. How a calendar is read is for `rota_text`, when for the shell.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.alert import AlertKey, AlertKind, Move
from alerts.evaluate import STAY, About, Verdict, span
from alerts.oncall import Feed
from alerts.rota import Rota
from alerts.weigh import Assessment, Before

NEVER_READ = timedelta(hours=1)
"""So long after a start at most it is said that a calendar was never read: what it would tell is not known at all."""


def about(schedule: str) -> About:
    """Return what the alert on a schedule's calendar is about: nothing but that calendar explains it."""
    key = AlertKey(kind=AlertKind.CALENDAR_STALE, subject=schedule)
    return About(key=key, nodes=frozenset({f"schedule:{schedule}"}))


def judge_calendar(feed: Feed, rota: Rota, since: datetime, now: datetime) -> Verdict:
    """Return what is to be thought of a calendar, given since when we run: only a good reading ends anything.

    While we did not run nobody tried to read it, so nothing is said before the first try after a start.
    """
    if rota.tried is None or rota.tried < since:
        return STAY
    if rota.read is not None and not rota.problem:
        return Verdict(move=Move.CLEAR, cleared=rota.read)
    if now < _stale_at(feed, rota, since):
        return STAY
    return Verdict(move=Move.CONFIRM, explanation=_sentence(rota, now), onset=rota.read or since)


def judge_calendars(assessment: Assessment, now: datetime) -> None:
    """Judge the calendar of every schedule that comes from one."""
    for name, feed, rota, since in _known(assessment.before):
        one, verdict = about(name), judge_calendar(feed, rota, since, now)
        if verdict.move is Move.CONFIRM or assessment.known(one) is not None:
            assessment.move(one, verdict, now)


def next_stale(before: Before, now: datetime) -> datetime | None:
    """Return the next instant at which time alone makes what a calendar told too old."""
    found = (_stale_at(feed, rota, since) for _, feed, rota, since in _known(before) if rota.problem)
    return min((at for at in found if at > now), default=None)


def still_fed(before: Before, key: AlertKey) -> bool:
    """Return whether the schedule of an alert still comes from a calendar."""
    schedule = before.schedules.get(key.subject)
    return schedule is not None and schedule.feed is not None


def _known(before: Before) -> Iterator[tuple[str, Feed, Rota, datetime]]:
    for name, schedule in before.schedules.items():
        rota = before.rotas.get(name)
        if schedule.feed is not None and rota is not None and before.since is not None:
            yield name, schedule.feed, rota, before.since


def _stale_at(feed: Feed, rota: Rota, since: datetime) -> datetime:
    return since + min(feed.stale_after, NEVER_READ) if rota.read is None else rota.read + feed.stale_after


def _sentence(rota: Rota, now: datetime) -> str:
    why = f" ({rota.problem})" if rota.problem else ""
    if rota.read is None:
        return f"the calendar of schedule {rota.schedule} was never read{why}; its rotations alone say who is on call"
    read = f"{rota.read:%Y-%m-%d %H:%M:%S} UTC, {span(now - rota.read)} ago"
    return f"the calendar of schedule {rota.schedule} was last read at {read}{why}; what it told then stays in force"
