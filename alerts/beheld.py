"""Makes what one reader may see: out of everything that is known, their own facts under names for clients.

This is the one place that goes from incidents to a :class:`~alerts.client_view.ClientView`. What a client was not told
is not shown: an incident stands there from its first notice on, and what waits for somebody's consent does not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from alerts.alert import AlertKind, IncidentId
from alerts.calendar import Interval
from alerts.client_view import ClientView, Episode, Post, ServiceState, ServiceView, Work, worst_of
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Message, Stage
from alerts.month import hurt_in
from alerts.services import Provided, about
from alerts.uptime import METHOD, HourCount, by_day, days_of, last_days
from probes.catalog import Client, ClientId, NoticePolicy, SystemId

OUT = frozenset({AlertKind.AVAILABILITY, AlertKind.STAGNATION, AlertKind.BATCH_MISSED})
"""What stops a part of a service altogether; every other kind of alert degrades it."""

COURSE = (Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.MONITORING)

Say = Callable[[str], str]
"""Turns a sentence of ours into the reader's language."""


def in_english(text: str) -> str:
    """Return a sentence as it was written."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An incident as it concerns one reader: who is hurt from when to when, and what was told of it."""

    incident: Incident
    impact: Impact
    services: tuple[Provided, ...]

    @property
    def hurting(self) -> bool:
        """Whether it hurts the reader at this moment."""
        return self.incident.open and self.impact.recovered is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known that concerns one client. `home` finds the incident that goes on with another one.

    `hours` are the counts of the systems of its services, `unseen` those of them that cannot be seen, each with since
    when, `measured` since when each is looked at. With `untold`, days are disturbed by what the client was not told of
    as well.
    """

    client: Client
    title: str
    provided: tuple[Provided, ...]
    incidents: tuple[Incident, ...] = ()
    notices: tuple[Message, ...] = ()
    works: tuple[Work, ...] = ()
    hours: tuple[HourCount, ...] = ()
    unseen: Mapping[SystemId, datetime] = field(default_factory=dict)
    measured: Mapping[SystemId, datetime] = field(default_factory=dict)
    language: str = "en"
    untold: bool = False


def beheld(known: Known, say: Say, now: datetime) -> ClientView:
    """Return what a client may see."""
    zone = known.client.timezone
    happenings = tuple(happening(known.incidents, known.client.id, known.provided))
    episodes = tuple(_episodes(known, happenings, say))
    services = tuple(services_in(known, last_days(now, zone), say, now))
    moments = [at for one in episodes for at in (one.changed, one.ended) if at] + [one.changed for one in known.works]
    begun = min(known.measured.values(), default=now)
    return ClientView(
        id=opaque("page", known.client.id),
        title=known.title,
        reader=known.client.name,
        timezone=zone,
        language=known.language,
        services=services,
        episodes=episodes,
        works=known.works,
        changed=max(moments, default=begun),
        begun=begun,
        method=tuple(map(say, METHOD)),
    )


def opaque(kind: str, *names: str) -> str:
    """Return an id that is the same for the same thing for good, and from which nothing can be read."""
    return sha256("/".join((kind, *names)).encode()).hexdigest()[:16]


def service_id(client: str, service: str) -> str:
    """Return the id of a service on a reader's page."""
    return opaque("service", client, service)


def happening(
    incidents: Iterable[Incident], client: ClientId, provided: tuple[Provided, ...], *, untold: bool = False
) -> Iterator[Happening]:
    """Yield the incidents that a client may see, the newest first, with the services of its that each is about.

    With `untold` it is all that hurt it.
    """
    for incident in sorted(incidents, key=lambda one: (one.opened, one.id), reverse=True):
        impact = incident.impacts.get(client)
        if impact is not None and (untold or shown(incident, impact)):
            yield Happening(incident=incident, impact=impact, services=about(provided, incident, client))


def shown(incident: Incident, impact: Impact) -> bool:
    """Return whether a client may see an incident: once it was told of it, or where nobody had to be asked first."""
    if impact.queued:
        return True
    if impact.terms.client in incident.unnotified:
        return False
    terms = impact.terms
    return terms.notices is NoticePolicy.NONE or (terms.notices is NoticePolicy.AUTOMATIC and not terms.contacts)


def ended(one: Happening) -> datetime | None:
    """Return when it was over for the reader, None while it is not or while they are still to be told so."""
    impact = one.impact
    if one.hurting or impact.owed:
        return None
    last = impact.queued[-1][1] if impact.queued else None
    return impact.recovered or one.incident.resolved or last


def stage_of(one: Happening) -> Stage:
    """Return how far it has come, as the reader was told."""
    if ended(one) is not None:
        retracted = bool(one.impact.queued) and one.impact.queued[-1][0] is Stage.RETRACTED
        return Stage.RETRACTED if retracted else Stage.RESOLVED
    if one.impact.recovered is not None:
        return Stage.MONITORING
    return next((stage for stage, _ in reversed(one.impact.queued) if stage in COURSE), Stage.INVESTIGATING)


def _episodes(known: Known, happenings: tuple[Happening, ...], say: Say) -> Iterator[Episode]:
    told = _by_incident(known)
    for one in happenings:
        posts = tuple(posts_of(told.get(one.incident.id, ()), known.client.id))
        yield episode(one, known.client.id, posts, say)


def _by_incident(known: Known) -> Mapping[IncidentId, list[Message]]:
    """Return the notices by the incident that has the client now: what was told of another stands with its heir."""
    incidents = {one.id: one for one in known.incidents}
    found: dict[IncidentId, list[Message]] = defaultdict(list)
    for notice in known.notices:
        identity, seen = notice.incident, set[IncidentId]()
        while identity is not None and identity in incidents and identity not in seen:
            seen.add(identity)
            heir = incidents[identity].heir(known.client.id)
            if heir is None:
                break
            identity = heir
        if identity is not None:
            found[identity].append(notice)
    return found


def posts_of(notices: Iterable[Message], client: ClientId) -> Iterator[Post]:
    """Yield notices as posts, the newest first; what several contacts were told at once is one, the first one's."""
    said: dict[tuple[datetime, Stage], Message] = {}
    for notice in sorted(notices, key=lambda one: (one.created, one.key)):
        said.setdefault((notice.created, notice.stage), notice)
    for (at, stage), notice in reversed(said.items()):
        identity = opaque("post", client, notice.key)
        yield Post(id=identity, stage=stage, at=at, subject=notice.subject, body=notice.body)


def episode(one: Happening, client: ClientId, posts: tuple[Post, ...], say: Say) -> Episode:
    """Return an incident as its reader sees it."""
    impact, over = one.impact, ended(one)
    told = impact.queued[0][1] if impact.queued else impact.joined
    moments = [at for at in (told, over, *(at for _, at in impact.queued), *(post.at for post in posts)) if at]
    monitored = next((at for stage, at in impact.queued if stage is Stage.MONITORING), None)
    return Episode(
        id=opaque("incident", client, one.incident.id),
        reference=one.incident.id,
        title=title_of(one.services, say),
        stage=stage_of(one),
        worst=worst_of(severity(each, one.incident.alerts) for each in one.services),
        began=impact.onset,
        told=told,
        changed=max(moments),
        monitored=monitored,
        ended=over,
        services=tuple(service_id(client, each.id) for each in one.services),
        posts=posts,
    )


def title_of(services: tuple[Provided, ...], say: Say) -> str:
    """Return the title of an incident: which services it disturbs."""
    return say("Disturbance: {services}").format(services=", ".join(name_of(one, say) for one in services))


def name_of(service: Provided, say: Say) -> str:
    """Return what a service is called; what has no name of its own is the whole integration."""
    return service.name or say("Your integration")


def severity(service: Provided, alerts: Iterable[str]) -> ServiceState:
    """Return how bad alerts are for a service: an outage only where nothing of it works."""
    out = {subject for kind, subject in (key.split("/", 2)[:2] for key in alerts) if kind in OUT}
    parts = [
        *(flow.id in out or any(end.system in out for end in flow.ends) for flow in service.flows),
        *(system in out for system in service.systems),
    ]
    if any(parts):
        return ServiceState.OUTAGE if all(parts) else ServiceState.PARTIAL_OUTAGE
    return ServiceState.DEGRADED


def services_in(known: Known, wanted: tuple[date, ...], say: Say, now: datetime) -> Iterator[ServiceView]:
    """Yield a client's services as they are at an instant, with the days that are wanted."""
    zone, counts = known.client.timezone, by_day(known.hours, known.client.timezone)
    happenings = tuple(happening(known.incidents, known.client.id, known.provided, untold=known.untold))
    for one in known.provided:
        own = tuple(each for each in happenings if one in each.services)
        identity = service_id(known.client.id, one.id)
        state, since = _state(known, one, identity, own, now)
        days = tuple(days_of(counts, one.needs, disturbances(own, now), wanted, zone))
        yield ServiceView(
            id=identity,
            name=name_of(one, say),
            description=one.description,
            state=state,
            since=since,
            days=days,
            measured=_measured(known, one, zone),
        )


def _measured(known: Known, service: Provided, zone: str) -> date | None:
    first = min((at for system, at in known.measured.items() if system in service.needs), default=None)
    return None if first is None else last_days(first, zone, 1)[0]


def disturbances(own: Iterable[Happening], now: datetime) -> tuple[Interval, ...]:
    """Return when incidents hurt a reader, without the time in which that was agreed."""
    return tuple(part for one in own for part in hurt_in(one.incident, one.impact, now))


def _state(
    known: Known, service: Provided, identity: str, own: tuple[Happening, ...], now: datetime
) -> tuple[ServiceState, datetime | None]:
    hurting = [one for one in own if one.hurting]
    if hurting:
        state = worst_of(severity(service, one.incident.active) for one in hurting)
        return state, min(one.impact.spells[-1].start if one.impact.spells else one.impact.onset for one in hurting)
    works = [one for one in known.works if identity in one.services and one.stage is Stage.IN_PROGRESS]
    if works:
        return ServiceState.MAINTENANCE, min(one.starts for one in works)
    unseen = [since for system, since in known.unseen.items() if system in service.needs]
    if unseen:
        return ServiceState.UNKNOWN, min(unseen)
    del now
    return ServiceState.OPERATIONAL, max((one.impact.recovered for one in own if one.impact.recovered), default=None)
