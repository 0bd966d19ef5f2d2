"""What everybody may see: services, and incidents that hurt several clients at once, in general words.

No fact of a single client is in it. An incident stands there from when so many clients have been told of it that none
can be told from it, and no stage of it before that many were told that stage.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.beheld import COURSE, Say, name_of, opaque, service_id, severity, title_of
from alerts.calendar import Interval
from alerts.client_view import ClientView, Episode, Post, ServiceState, ServiceView, Work, worst_of
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Stage
from alerts.services import PUBLIC, Provided, PublicPage, subjects_of
from alerts.uptime import METHOD, HourCount, by_day, day_of, days_of, last_days
from probes.catalog import SystemId

SENTENCES = {
    Stage.INVESTIGATING: "We are investigating a disturbance of {services}. We write to the clients whom it affects.",
    Stage.IDENTIFIED: "We know the cause of the disturbance and are mending it.",
    Stage.MONITORING: "A remedy is in place, and we are watching it.",
    Stage.RESOLVED: "The disturbance is over.",
    Stage.RETRACTED: "There was no disturbance: our monitoring was wrong.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What is known that everybody may know."""

    page: PublicPage
    title: str
    provided: tuple[Provided, ...]
    incidents: tuple[Incident, ...] = ()
    works: tuple[Work, ...] = ()
    hours: tuple[HourCount, ...] = ()
    unseen: Mapping[SystemId, datetime] = field(default_factory=dict)
    measured: Mapping[SystemId, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Widespread:
    """An incident that several clients were told of, with the instants at which enough of them were told each stage."""

    incident: Incident
    services: tuple[Provided, ...]
    stages: tuple[tuple[Stage, datetime], ...]
    began: datetime
    ended: datetime | None
    hurting: bool


def public_view(known: Open, say: Say, now: datetime) -> ClientView:
    """Return what everybody may see."""
    spread = tuple(_widespread(known))
    episodes = tuple(_episode(one, say) for one in spread)
    moments = [*(one.changed for one in episodes), *(one.changed for one in known.works)]
    begun = min(known.measured.values(), default=now)
    return ClientView(
        id=opaque("page", PUBLIC),
        title=known.title,
        reader="",
        timezone=known.page.timezone,
        language=known.page.language,
        services=tuple(_services(known, spread, say, now)),
        episodes=episodes,
        works=known.works,
        changed=max(moments, default=begun),
        begun=begun,
        method=tuple(map(say, METHOD)),
    )


def _widespread(known: Open) -> Iterator[Widespread]:
    for incident in sorted(known.incidents, key=lambda one: (one.opened, one.id), reverse=True):
        subjects = subjects_of(incident)
        services = tuple(one for one in known.provided if any(map(one.contains, subjects)))
        told = [one for one in incident.impacts.values() if one.queued]
        if services and len(told) >= known.page.clients:
            yield _spread(incident, services, told, known.page.clients)


def _spread(incident: Incident, services: tuple[Provided, ...], told: list[Impact], enough: int) -> Widespread:
    stages = [(stage, at) for stage in COURSE if (at := _when(told, stage, enough)) is not None]
    over = None if any(one.owed or _hurts(incident, one) for one in told) else max(map(_last, told))
    if over is not None:
        retracted = all(one.queued[-1][0] is Stage.RETRACTED for one in told)
        stages.append((Stage.RETRACTED if retracted else Stage.RESOLVED, over))
    return Widespread(
        incident=incident,
        services=services,
        stages=tuple(stages),
        began=sorted(one.onset for one in told)[enough - 1],
        ended=over,
        hurting=sum(_hurts(incident, one) for one in told) >= enough,
    )


def _hurts(incident: Incident, impact: Impact) -> bool:
    return incident.open and impact.recovered is None


def _last(impact: Impact) -> datetime:
    return impact.queued[-1][1]


def _when(told: list[Impact], stage: Stage, enough: int) -> datetime | None:
    """Return when enough clients had been told a stage, or one that comes after it."""
    later = COURSE[COURSE.index(stage) :]
    first = ([at for known, at in one.queued if known in later or stage is Stage.INVESTIGATING] for one in told)
    instants = sorted(found[0] for found in first if found)
    return instants[enough - 1] if len(instants) >= enough else None


def _episode(one: Widespread, say: Say) -> Episode:
    posts = tuple(_posts(one, say))
    (_, told), (stage, changed) = one.stages[0], one.stages[-1]
    return Episode(
        id=opaque("incident", PUBLIC, one.incident.id),
        reference="",
        title=title_of(one.services, say),
        stage=stage,
        worst=worst_of(severity(each, one.incident.alerts) for each in one.services),
        began=one.began,
        told=told,
        changed=changed,
        monitored=next((at for known, at in one.stages if known is Stage.MONITORING), None),
        ended=one.ended,
        services=tuple(service_id(PUBLIC, each.id) for each in one.services),
        posts=posts,
    )


def _posts(one: Widespread, say: Say) -> Iterator[Post]:
    names = ", ".join(name_of(each, say) for each in one.services)
    for stage, at in reversed(one.stages):
        identity = opaque("post", PUBLIC, one.incident.id, stage)
        text = say(SENTENCES[stage]).format(services=names)
        yield Post(id=identity, stage=stage, at=at, subject=title_of(one.services, say), body=text)


def _services(known: Open, spread: tuple[Widespread, ...], say: Say, now: datetime) -> Iterator[ServiceView]:
    zone, counts = known.page.timezone, by_day(known.hours, known.page.timezone)
    for one in known.provided:
        own = [each for each in spread if one in each.services]
        state, since = _state(known, one, own)
        disturbed = tuple(Interval(start=each.began, end=max(each.began, each.ended or now)) for each in own)
        first = min((at for system, at in known.measured.items() if system in one.needs), default=None)
        yield ServiceView(
            id=service_id(PUBLIC, one.id),
            name=name_of(one, say),
            description=one.description,
            state=state,
            since=since,
            days=tuple(days_of(counts, one.needs, disturbed, last_days(now, zone), zone)),
            measured=None if first is None else day_of(first, zone),
        )


def _state(known: Open, one: Provided, own: Iterable[Widespread]) -> tuple[ServiceState, datetime | None]:
    hurting = [each for each in own if each.hurting]
    if hurting:
        return worst_of(severity(one, each.incident.active) for each in hurting), min(each.began for each in hurting)
    identity = service_id(PUBLIC, one.id)
    works = [each.starts for each in known.works if each.stage is Stage.IN_PROGRESS and identity in each.services]
    if works:
        return ServiceState.MAINTENANCE, min(works)
    unseen = [since for system, since in known.unseen.items() if system in one.needs]
    return (ServiceState.UNKNOWN, min(unseen)) if unseen else (ServiceState.OPERATIONAL, None)
