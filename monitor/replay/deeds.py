"""What people do in a story, done at the desk as the pages and the commands do it."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.incident import Incident
from alerts.maintenance import Window
from alerts.merging import CannotBeDone
from alerts.orders import Merge
from alerts.silence import Silence, SilenceId
from monitor.application import Application
from monitor.changes import Changes
from monitor.clockwork import Word, mitigated, pause_clocks, resume_clocks
from monitor.duty import post_override, post_swap
from monitor.quieting import set_silence, set_window
from monitor.replay.story import Act, Deed, Overriding, Reporting, Silencing, Story, Swapping
from monitor.situation import Situation
from monitor.stepping import CannotStepError, pause, take
from monitor.web.office import Refused

Doing = Callable[[Application, Act, Incident, datetime], Awaitable[object]]


def _take(desk: Application, act: Act, incident: Incident, now: datetime) -> Awaitable[object]:
    if act.until is None:
        return desk.acknowledge(incident.id, act.by)
    return desk.decide(take(incident.id, act.by, act.until, now))


def _pause(desk: Application, act: Act, incident: Incident, now: datetime) -> Awaitable[object]:
    return desk.decide(pause(incident.id, act.by, act.until or now, act.why, now))


def _order(desk: Application, act: Act, incident: Incident, now: datetime) -> Awaitable[object]:
    del now
    if act.order is None:
        raise Refused(f"nothing says what to {act.does}")
    return desk.order(replace(act.order, incident=incident.id))


def _word(act: Act, incident: Incident) -> Word:
    return Word(incident=incident.id, by=act.by, why=act.why, clients=act.clients)


DEEDS: Mapping[Deed, Doing] = {
    Deed.ACKNOWLEDGE: _take,
    Deed.RESOLVE: lambda desk, act, one, _: desk.resolve(one.id, act.by, act.why),
    Deed.PAUSE: _pause,
    Deed.MERGE: _order,
    Deed.SPLIT: _order,
    Deed.REASSIGN: _order,
    Deed.SEVERITY: _order,
    Deed.REOPEN: _order,
    Deed.PAUSE_CLOCKS: lambda desk, act, one, now: desk.decide(
        pause_clocks(_word(act, one), act.cause, act.since, now)
    ),
    Deed.RESUME_CLOCKS: lambda desk, act, one, now: desk.decide(
        resume_clocks(_word(act, one), act.cause, act.since, now)
    ),
    Deed.MITIGATED: lambda desk, act, one, now: desk.decide(mitigated(_word(act, one), act.since, now)),
}
"""What is done about an incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a sender of alerts posts."""

    body: bytes


SetUp = Silencing | Window | Overriding | Swapping
"""What a person sets up that is about no incident."""

Happening = Act | Posting | SetUp


def planned(story: Story) -> Iterator[tuple[datetime, Happening]]:
    """Yield what people and senders are going to do, with when."""
    yield from ((story.start, window) for window in story.windows)
    yield from ((one.span.start, one) for one in story.silences)
    yield from ((one.at, one) for one in story.overrides)
    yield from ((one.at, one) for one in story.swaps)
    yield from ((act.at, act) for act in story.acts)
    for one in story.reported:
        yield from _posted(one, story.end)


def _posted(report: Reporting, end: datetime) -> Iterator[tuple[datetime, Posting]]:
    at = report.span.start
    while at < min(report.span.end, end):
        yield at, _posting(report)
        at += report.every
    if report.span.end < end:
        yield report.span.end, _posting(report, over=True)


def _posting(report: Reporting, *, over: bool = False) -> Posting:
    alert: dict[str, object] = {
        "labels": dict(report.labels),
        "annotations": dict(report.annotations),
        "startsAt": report.span.start.isoformat(),
    }
    if over:
        alert["endsAt"] = report.span.end.isoformat()
    return Posting(body=json.dumps([alert]).encode())


async def done(application: Application, deed: Happening, now: datetime) -> str:
    """Do what a person or a sender does; return what could not be done and why, "" where it was."""
    if isinstance(deed, Act):
        return await _acted(application, deed, now)
    if isinstance(deed, Posting):
        reply = await application.intake.take(deed.body, now)
        return f"a reported alert is not taken: {reply.value}" if reply is not None else ""
    try:
        await application.desk.decide(_decision(deed, now))
    except ValueError as error:
        return f"{deed.by} could not set this up: {error}"
    return ""


def _decision(deed: SetUp, now: datetime) -> Callable[[Situation], tuple[object, Changes]]:
    match deed:
        case Silencing():
            return set_silence(_silence(deed, now), now)
        case Window():
            return set_window(deed, now)
        case Overriding():
            return post_override(deed.wish, now)
        case Swapping():
            return post_swap(deed.schedule, deed.turns, deed.by, deed.why, now)


async def _acted(application: Application, act: Act, now: datetime) -> str:
    incident = _meant(application, act)
    if incident is None:
        return f"{act.by} could not {_spelled(act)}: no incident is {'over' if act.does is Deed.REOPEN else 'open'}"
    try:
        await DEEDS[act.does](application, act, incident, now)
    except (Refused, CannotBeDone, CannotStepError) as error:
        return f"{act.by} could not {_spelled(act)}: {error}"
    return ""


def _spelled(act: Act) -> str:
    return act.does.replace("_", " ")


def _meant(application: Application, act: Act) -> Incident | None:
    known = application.situation.incidents
    if act.incident is not None:
        return known.get(act.incident)
    if act.does is Deed.REOPEN:
        over = (one for one in known.values() if not one.open and one.merged is None)
        return max(over, key=lambda one: one.resolved or one.opened, default=None)
    other = act.order.other if isinstance(act.order, Merge) else None
    mine = (one for one in application.situation.open_incidents if one.id != other)
    return max(mine, key=lambda one: one.opened, default=None)


def _silence(deed: Silencing, now: datetime) -> Silence:
    return Silence(
        id=SilenceId(""),
        matchers=deed.matchers,
        starts=deed.span.start,
        ends=deed.span.end,
        by=deed.by,
        comment=deed.why,
        updated=now,
    )
