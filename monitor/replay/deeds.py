"""What people do in a story, done at the desk as the pages and the commands do it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from alerts.incident import Incident
from alerts.maintenance import Window
from alerts.silence import Silence, SilenceId
from monitor.application import Application
from monitor.quieting import set_silence, set_window
from monitor.replay.story import Act, Deed, Silencing
from monitor.web.office import Refused

Doing = Callable[[Application, Act, Incident], Awaitable[object]]

DEEDS: Mapping[Deed, Doing] = {
    Deed.ACKNOWLEDGE: lambda desk, act, incident: desk.acknowledge(incident.id, act.by),
    Deed.RESOLVE: lambda desk, act, incident: desk.resolve(incident.id, act.by, act.why),
}
"""What is done about an incident."""


async def done(application: Application, deed: Act | Silencing | Window, now: datetime) -> str:
    """Do what a person does; return what could not be done and why, "" where it was."""
    if isinstance(deed, Act):
        return await _acted(application, deed)
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
