"""A story out of what a database remembers: looks are made again from when alerts began and ended.

The store keeps transitions and intentions, not looks. So a recorded story has systems that fail from onset to recovery,
flows on which nothing travels for the clients who were hurt, and what people did. What cannot be made again is said in
comments: how looks failed, the traffic, and alerts of other kinds.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import AlertKind, AlertState, IncidentId
from alerts.timeline import AlertsCleared, AlertsJoined, ClientsHurt, ClientsRecovered, Opened
from monitor.changes import Entry
from monitor.replay.recorded_acts import acts, overrides, stamp
from monitor.store.history import History
from probes.catalog import ClientId
from probes.failure import FailureClass

FAILING: Mapping[str, FailureClass] = {
    AlertKind.AVAILABILITY: FailureClass.SERVER,
    AlertKind.BURN_RATE: FailureClass.SERVER,
    AlertKind.CREDENTIAL: FailureClass.AUTH,
    AlertKind.DECLARED_OUTAGE: FailureClass.BUSINESS,
}
"""Alerts about systems whose looks fail again in a story, and how; of the first two, how they failed is not known."""

STOPPED = frozenset({AlertKind.SYNC_LATENCY, AlertKind.STAGNATION})
"""Alerts about flows on which nothing travels in a story."""

UNNOTICED = 0.01
"""A share of failed looks in an hour that is worth being told, where no alert says anything of it."""

HOUR = timedelta(hours=1)
SHORTEST = timedelta(seconds=1)

MADE_AGAIN = frozenset({*FAILING, *STOPPED, AlertKind.HEARTBEAT})

HEAD = (
    "# What Tierwatch has on record: when alerts began and ended, and what people did. Looks themselves are not kept:",
    "# this story lets systems fail and flows stand still between those instants. How looks failed is not on record;",
    "# `server` stands for it.",
)


@dataclass(slots=True)
class Trouble:
    """One alert, from when to when; `incident` is "" where it belongs to none."""

    key: str
    incident: str
    start: datetime
    end: datetime | None = None

    @property
    def kind(self) -> str:
        """What is wrong."""
        return self.key.split("/", 2)[0]

    @property
    def subject(self) -> str:
        """The system or flow that it is about."""
        return self.key.split("/", 2)[1]

    @property
    def client(self) -> ClientId | None:
        """Whom it hurts, None for everybody."""
        client = self.key.split("/", 2)[2:]
        return ClientId(client[0]) if client else None


def troubles(history: History) -> tuple[Trouble, ...]:
    """Return the alerts of the timelines and those that stand alone, each from its onset to its end."""
    found: dict[tuple[str, str], Trouble] = {}
    ended: list[Trouble] = []
    for entry in history.entries:
        event = entry.event
        if isinstance(event, AlertsJoined):
            for key in event.alerts:
                found.setdefault((entry.incident, key), Trouble(key, entry.incident, event.at))
        elif isinstance(event, AlertsCleared):
            known = [found.pop((entry.incident, key), None) for key in event.alerts]
            ended += [_ended(one, event.answered or event.at) for one in known if one is not None]
    every = [*ended, *found.values()]
    _date(every, history)
    return tuple(sorted([*every, *_alone(every, history)], key=lambda one: (one.start, one.key)))


def _ended(trouble: Trouble, at: datetime) -> Trouble:
    trouble.end = max(at, trouble.start + SHORTEST)
    return trouble


def _date(found: Sequence[Trouble], history: History) -> None:
    """Put alerts back to when the data went bad: an incident's first to its onset, a client's to its own instants."""
    opened = {one.incident: one.event for one in history.entries if isinstance(one.event, Opened)}
    hurt, drained = _of_clients(history.entries)
    for trouble in found:
        begun, client = opened.get(IncidentId(trouble.incident)), (trouble.incident, trouble.client)
        if begun is not None and trouble.start == begun.at:
            trouble.start = min(begun.onset, trouble.start)
        if trouble.kind in STOPPED:
            trouble.start = min(trouble.start, hurt.get(client, trouble.start))
            trouble.end = max(drained[client], trouble.start + SHORTEST) if client in drained else trouble.end


Instants = Mapping[tuple[str, ClientId | None], datetime]


def _of_clients(entries: Sequence[Entry]) -> tuple[Instants, Instants]:
    """When each client's data went bad in an incident, and when its backlog had drained."""
    hurt: dict[tuple[str, ClientId | None], datetime] = {}
    drained: dict[tuple[str, ClientId | None], datetime] = {}
    for entry in entries:
        if isinstance(entry.event, ClientsHurt):
            hurt |= {(entry.incident, one.terms.client): one.onset for one in entry.event.hurt}
        elif isinstance(entry.event, ClientsRecovered):
            drained |= {(entry.incident, one.client): one.drained for one in entry.event.recovered}
    return hurt, drained


def _alone(known: Sequence[Trouble], history: History) -> Iterator[Trouble]:
    """Yield the alerts that opened no incident, as far as the store still has them."""
    told = {trouble.key for trouble in known}
    for alert in history.alerts:
        if str(alert.key) not in told and alert.state is not AlertState.PENDING:
            yield Trouble(str(alert.key), "", alert.onset, alert.cleared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What is to be told: the history of a time, on the clocks of a zone."""

    history: History
    start: datetime
    end: datetime
    zone: str

    def lines(self) -> Iterator[str]:
        """Yield the lines of a story file."""
        found = [one for one in troubles(self.history) if one.start < self.end and (one.end or self.end) > self.start]
        yield from HEAD
        yield f"title: What was seen from {stamp(self.start)} to {stamp(self.end)}"
        yield f"zone: {self.zone}"
        yield f"from: {stamp(self.start)}"
        yield f"until: {stamp(self.end)}"
        yield from self._traffic(found)
        yield from _section("failing", [*self._failing(found), *self._in_part(found)])
        yield from _section("stopped", self._stopped(found))
        yield from _section("missed", self._missed(found))
        yield from _section("overrides", overrides(self.history.overrides, self.start, self.end))
        yield from _section("acts", acts(self.history.entries, self.start, self.end))
        yield from self._left_out(found)

    def _span(self, trouble: Trouble) -> dict[str, object]:
        span: dict[str, object] = {"from": stamp(max(trouble.start, self.start))}
        if trouble.end is not None and trouble.end < self.end:
            span["until"] = stamp(max(trouble.end, self.start + SHORTEST))
        return span

    def _traffic(self, found: Sequence[Trouble]) -> Iterator[str]:
        flows = dict.fromkeys(one.subject for one in found if one.kind in STOPPED)
        if flows:
            yield "# Traffic is not on record: each client is given a record a minute."
        yield from _section("traffic", ({"flow": flow, "every": "1m", "takes": "10s"} for flow in flows))

    def _failing(self, found: Sequence[Trouble]) -> Iterator[dict[str, object]]:
        for one in found:
            if one.kind == AlertKind.DECLARED_OUTAGE:
                yield {"system": one.subject, **self._span(one), "declares": "outage"}
            elif one.kind in FAILING:
                yield {
                    "system": one.subject,
                    **self._span(one),
                    "fails": FAILING[one.kind].value,
                    "catches_up_in": "1s",
                }

    def _in_part(self, found: Sequence[Trouble]) -> Iterator[dict[str, object]]:
        """Yield the hours in which looks failed of which no alert says anything."""
        for looks in self.history.looks:
            judged = looks.good + looks.bad
            told = any(
                one.subject == looks.system and one.start < looks.hour + HOUR and (one.end or self.end) > looks.hour
                for one in found
            )
            if judged and looks.bad / judged >= UNNOTICED and not told:
                span = {"from": stamp(max(looks.hour, self.start)), "until": stamp(min(looks.hour + HOUR, self.end))}
                yield {"system": looks.system, **span, "fails": "server", "share": f"{looks.bad / judged:.1%}"}

    def _stopped(self, found: Sequence[Trouble]) -> Iterator[dict[str, object]]:
        for one in found:
            if one.kind in STOPPED:
                whose = {"clients": [one.client]} if one.client is not None else {}
                yield {"flow": one.subject, **whose, **self._span(one), "catches_up_in": "1s"}

    def _missed(self, found: Sequence[Trouble]) -> Iterator[dict[str, object]]:
        for one in found:
            if one.kind == AlertKind.HEARTBEAT:
                yield {"heartbeat": one.subject, **self._span(one)}

    def _left_out(self, found: Sequence[Trouble]) -> Iterator[str]:
        for one in found:
            if one.kind not in MADE_AGAIN:
                yield f"# Not made again: {one.key} from {stamp(one.start)}"
        yield from (f"# Not readable: {name}" for name in self.history.lost)


def _section(name: str, parts: Iterable[Mapping[str, object]]) -> Iterator[str]:
    found = list(parts)
    if found:
        yield f"{name}:"
    for part in found:
        yield f"  - {{{', '.join(f'{key}: {json.dumps(value, ensure_ascii=False)}' for key, value in part.items())}}}"
