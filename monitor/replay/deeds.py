"""What people do in a story, done at the desk as the pages and the commands do it."""

from collections.abc import Awaitable, Callable, Mapping

from alerts.incident import Incident
from monitor.application import Application
from monitor.replay.story import Act, Deed
from monitor.web.office import Refused

Doing = Callable[[Application, Act, Incident], Awaitable[object]]

DEEDS: Mapping[Deed, Doing] = {
    Deed.ACKNOWLEDGE: lambda desk, act, incident: desk.acknowledge(incident.id, act.by),
    Deed.RESOLVE: lambda desk, act, incident: desk.resolve(incident.id, act.by, act.why),
}
"""What is done about an incident."""


async def done(desk: Application, act: Act) -> str:
    """Do what a person does; return why it could not be done, "" where it was."""
    incident = _meant(desk, act)
    if incident is None:
        return "no incident is open"
    try:
        await DEEDS[act.does](desk, act, incident)
    except Refused as error:
        return str(error)
    return ""


def _meant(desk: Application, act: Act) -> Incident | None:
    if act.incident is not None:
        return desk.situation.incidents.get(act.incident)
    return max(desk.situation.open_incidents, key=lambda one: one.opened, default=None)
