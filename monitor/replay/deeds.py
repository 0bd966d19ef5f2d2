"""What people do in a story, done at the desk as the pages and the commands do it."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.incident import Incident
from alerts.maintenance import Window
from alerts.silence import Silence, SilenceId
from monitor.application import Application
from monitor.quieting import set_silence, set_window
from monitor.replay.story import Act, Deed, Reporting, Silencing, Story
from monitor.web.office import Refused

Doing = Callable[[Application, Act, Incident], Awaitable[object]]

DEEDS: Mapping[Deed, Doing] = {
    Deed.ACKNOWLEDGE: lambda desk, act, incident: desk.acknowledge(incident.id, act.by),
    Deed.RESOLVE: lambda desk, act, incident: desk.resolve(incident.id, act.by, act.why),
}
"""What is done about an incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a sender of alerts posts."""

    body: bytes


Happening = Act | Silencing | Window | Posting


def planned(story: Story) -> Iterator[tuple[datetime, Happening]]:
    """Yield what people and senders are going to do, with when."""
    yield from ((story.start, window) for window in story.windows)
    yield from ((one.span.start, one) for one in story.silences)
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
        return await _acted(application, deed)
    if isinstance(deed, Posting):
        reply = await application.intake.take(deed.body, now)
        return f"a reported alert is not taken: {reply.value}" if reply is not None else ""
    try:
        if isinstance(deed, Silencing):
            await application.desk.decide(set_silence(_silence(deed, now), now))
        else:
            await application.desk.decide(set_window(deed, now))
    except ValueError as error:
        return f"{deed.by} could not set this up: {error}"
    return ""


async def _acted(application: Application, act: Act) -> str:
    incident = _meant(application, act)
    if incident is None:
        return f"{act.by} could not {act.does}: no incident is open"
    try:
        await DEEDS[act.does](application, act, incident)
    except Refused as error:
        return f"{act.by} could not {act.does}: {error}"
    return ""


def _meant(application: Application, act: Act) -> Incident | None:
    if act.incident is not None:
        return application.situation.incidents.get(act.incident)
    return max(application.situation.open_incidents, key=lambda one: one.opened, default=None)


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
